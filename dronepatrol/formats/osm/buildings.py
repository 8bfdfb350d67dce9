"""Buildings and how high they stand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import shapely

from dronepatrol.formats.osm.reading import OsmObject
from dronepatrol.formats.osm.tags import height_m, is_building, is_building_part


@dataclass(frozen=True, slots=True)
class Building:
    """An outline and the height of its highest known point.

    Attributes
    ----------
    height_m
        Above ground, or None if nothing is known.
    height_source
        ``tagged`` for a height from the map, ``levels`` for an estimate from storeys, with ``part_`` before
        it where a part of the building (a tower, say) decides; empty if nothing is known.
    """

    thing: OsmObject
    height_m: float | None
    height_source: str


def find_buildings(objects: Iterable[OsmObject]) -> list[Building]:
    """Return all buildings; a part with a height that stands in no outline is returned as one.

    The height is the greatest of the outline and its parts: an outline has the height of the whole
    (OpenStreetMap wiki, "Simple 3D Buildings"), and where mappers left that out, a drone still must not
    fly into the tower.
    """
    areas = [thing for thing in objects if thing.shape == "area"]
    outlines = [thing for thing in areas if is_building(thing.tags)]
    tree = shapely.STRtree([thing.geometry for thing in outlines])
    known = [[(*found, "")] if (found := height_m(thing.tags)) else [] for thing in outlines]
    lone: list[Building] = []
    for part in areas:
        found = height_m(part.tags) if is_building_part(part.tags) else None
        if found is None:
            continue
        around = tree.query(part.geometry.representative_point(), predicate="within")
        for index in around:
            if outlines[index] is not part:
                known[index].append((*found, "part_"))
        if len(around) == 0:
            lone.append(Building(part, *found))
    return [_highest(thing, heights) for thing, heights in zip(outlines, known, strict=True)] + lone


def _highest(thing: OsmObject, heights: list[tuple[float, str, str]]) -> Building:
    if not heights:
        return Building(thing, None, "")
    # On a tie the outline's own tag stands first in the list and wins.
    height, source, prefix = max(heights, key=lambda each: each[0])
    return Building(thing, height, prefix + source)
