"""What OpenStreetMap tags mean to a patrol: kinds of place, classes of road, heights and widths.

The meaning of keys and values is that of the OpenStreetMap wiki ("Map features").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from math import isfinite

Tags = Mapping[str, str]

KEYS = ("amenity", "place", "leisure", "landuse", "highway", "building", "building:part")
"""The keys that an object must carry at least one of to be looked at."""

LEVEL_HEIGHT_M = 3.0
"""Height taken for a storey where none is tagged (OpenStreetMap wiki, "Key:building:levels")."""

FOOT_M = 0.3048
"""International foot."""

MAX_HEIGHT_M = 1000.0
"""No building stands higher (the highest has 828 m), so a larger number is a slip of the pen."""


class OsmKind(StrEnum):
    """The kinds of feature that an import makes, places first."""

    SCHOOL_ZONE = "school_zone"
    KINDERGARTEN_ZONE = "kindergarten_zone"
    UNIVERSITY = "university"
    MARKET = "market"
    STADIUM = "stadium"
    SQUARE = "square"
    PARK = "park"
    ROAD = "road"
    PATH = "path"
    BUILDING = "building"


ZONE_KINDS = frozenset({OsmKind.SCHOOL_ZONE, OsmKind.KINDERGARTEN_ZONE})

# The first rule that fits decides, so that a market hall in a square is a market.
_PLACES: tuple[tuple[str, frozenset[str], OsmKind], ...] = (
    ("amenity", frozenset({"school"}), OsmKind.SCHOOL_ZONE),
    ("amenity", frozenset({"kindergarten"}), OsmKind.KINDERGARTEN_ZONE),
    ("amenity", frozenset({"university", "college"}), OsmKind.UNIVERSITY),
    ("amenity", frozenset({"marketplace"}), OsmKind.MARKET),
    ("leisure", frozenset({"stadium", "sports_centre", "track", "pitch"}), OsmKind.STADIUM),
    ("landuse", frozenset({"recreation_ground"}), OsmKind.STADIUM),
    ("building", frozenset({"stadium"}), OsmKind.STADIUM),
    ("place", frozenset({"square"}), OsmKind.SQUARE),
    ("leisure", frozenset({"park"}), OsmKind.PARK),
)

_TRUNK_ROADS = frozenset(
    f"{level}{link}"
    for level in ("motorway", "trunk", "primary", "secondary", "tertiary")
    for link in ("", "_link")
)
_STREETS = frozenset(
    ("unclassified", "residential", "living_street", "service", "pedestrian", "track", "busway", "road")
)
_ROADS = _TRUNK_ROADS | _STREETS
# "trail" is not in the wiki's list, yet it is drawn in some towns.
_PATHS = frozenset(("footway", "path", "cycleway", "bridleway", "steps", "trail"))

_OTHER_USES = ("amenity", "shop", "office", "tourism", "disused", "abandoned")


def place_kind(tags: Tags, *, multipolygon: bool = False) -> tuple[OsmKind, str] | None:
    """Return the kind of place that an outline or node is, and the tag that says so.

    Parameters
    ----------
    multipolygon
        True for a multipolygon relation, whose ``highway=pedestrian`` means a surface; a closed way
        means one only with ``area=yes``, as it may be a footpath round a block.
    """
    for key, values, kind in _PLACES:
        if tags.get(key) in values:
            return kind, f"{key}={tags[key]}"
    if tags.get("highway") == "pedestrian" and (multipolygon or tags.get("area") == "yes"):
        return OsmKind.SQUARE, "highway=pedestrian"
    # Unnamed gardens are mostly the private ones behind houses.
    if tags.get("leisure") == "garden" and "name" in tags:
        return OsmKind.PARK, "leisure=garden"
    return None


def line_kind(tags: Tags) -> OsmKind | None:
    """Return ``ROAD`` or ``PATH`` for a highway drawn as a line, None for anything else."""
    if tags.get("area") == "yes":
        return None
    highway = tags.get("highway")
    if highway in _ROADS:
        return OsmKind.ROAD
    return OsmKind.PATH if highway in _PATHS else None


def is_building(tags: Tags) -> bool:
    """Say whether an outline is a building above ground."""
    return tags.get("building", "no") != "no" and not is_hidden(tags)


def is_building_part(tags: Tags) -> bool:
    """Say whether an outline is a part of a building with a height of its own."""
    return tags.get("building:part", "no") != "no" and not is_hidden(tags)


def built_as(tags: Tags) -> OsmKind | None:
    """Return the kind of zone that a building was built as, unless its tags tell of another use."""
    built = {"school": OsmKind.SCHOOL_ZONE, "kindergarten": OsmKind.KINDERGARTEN_ZONE}
    in_other_use = any(key in tags for key in _OTHER_USES)
    return None if in_other_use else built.get(tags.get("building", ""))


def is_hidden(tags: Tags) -> bool:
    """Say whether something lies under ground or indoors, where no drone can see it."""
    return (
        tags.get("location") in ("underground", "indoor")
        or tags.get("tunnel", "no") != "no"
        or tags.get("indoor", "no") != "no"
    )


def height_m(tags: Tags) -> tuple[float, str] | None:
    """Return the height of a building above ground in metres and where it is from.

    ``tagged`` is the tag ``height``; ``levels`` is an estimate of 3 m for each storey, those in the roof
    included. A value that cannot be read counts as none.
    """
    tagged = parse_metres(tags.get("height", ""))
    if tagged is not None and 0.0 < tagged <= MAX_HEIGHT_M:
        return tagged, "tagged"
    levels = _number(tags.get("building:levels", ""))
    roof_levels = _number(tags.get("roof:levels", "")) or 0.0
    if levels is None or not 0.0 < (levels + roof_levels) * LEVEL_HEIGHT_M <= MAX_HEIGHT_M:
        return None
    return (levels + roof_levels) * LEVEL_HEIGHT_M, "levels"


def road_properties(tags: Tags) -> dict[str, object]:
    """Return class, one-way rule, lanes and width of a road; a key without a readable value is left out."""
    properties: dict[str, object] = {"class": tags["highway"]}
    if runs_one_way(tags):
        properties["oneway"] = True
    lanes = _number(tags.get("lanes", ""))
    if lanes is not None and lanes >= 1.0:
        properties["lanes"] = int(lanes)
    width_m = parse_metres(tags.get("width", ""))
    if width_m is not None and 0.0 < width_m <= 100.0:
        properties["width_m"] = width_m
    if is_hidden(tags):
        properties["tunnel"] = True
    return properties


def runs_one_way(tags: Tags) -> bool:
    """Say whether traffic runs one way, by tag or as motorways and roundabouts do without one."""
    implied = tags.get("junction") == "roundabout" or tags.get("highway") == "motorway"
    return tags.get("oneway", "yes" if implied else "no") in ("yes", "true", "1", "-1", "reverse")


def runs_backwards(tags: Tags) -> bool:
    """Say whether traffic runs against the direction in which the line is drawn."""
    return tags.get("oneway") in ("-1", "reverse")


def parse_metres(text: str) -> float | None:
    """Return metres of ``12``, ``12.5 m``, ``12,5``, ``40 ft``, ``40'`` or ``6'4"``; None for other text.

    Metres are the default unit (OpenStreetMap wiki, "Map features/Units").
    """
    metres = re.fullmatch(r"\s*(\d+(?:[.,]\d{1,3})?)\s*(m|metres|meters)?\s*", text)
    if metres:
        return float(metres[1].replace(",", "."))
    feet = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:ft|feet|')\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|in))?\s*", text)
    if feet:
        return (float(feet[1]) + float(feet[2] or 0.0) / 12.0) * FOOT_M
    return None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0.0 else None
