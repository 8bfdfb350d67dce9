"""Turns an OpenStreetMap extract into areas, roads and buildings for missions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import LineString, Point

from dronepatrol.errors import InputError
from dronepatrol.formats.osm.bounds import Bounds
from dronepatrol.formats.osm.buildings import Building, find_buildings
from dronepatrol.formats.osm.features import MapFeature, OsmMap, bounds_parameter
from dronepatrol.formats.osm.naming import Ids
from dronepatrol.formats.osm.places import Place, find_places, zone_around
from dronepatrol.formats.osm.reading import OsmObject, Skipped, data_bounds, read_osm
from dronepatrol.formats.osm.tags import (
    ZONE_KINDS,
    OsmKind,
    line_kind,
    road_properties,
    runs_backwards,
)
from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import area_m2, project

DEFAULT_SCHOOL_MARGIN_M = 80.0
"""Gates, crossings and stops lie within a short block of the ground, and matter more than the roof."""
MAX_SCHOOL_MARGIN_M = 1000.0


def import_osm(
    path: str | Path,
    *,
    bbox: Bounds | str | Sequence[float] | None = None,
    school_margin_m: float = DEFAULT_SCHOOL_MARGIN_M,
    kinds: Collection[str] | None = None,
    only: Collection[str] | None = None,
) -> OsmMap:
    """Find places, roads and buildings in an OpenStreetMap extract.

    Parameters
    ----------
    path
        An ``.osm.pbf`` or ``.osm`` file, the latter also packed with gzip or bzip2; told by content.
    bbox
        West, south, east, north in degrees, or a text ``"W,S,E,N"``. Roads are cut at it. Places and
        buildings that touch it are kept whole, a school if its ground does. Without it all is taken.
    school_margin_m
        Width of the ring around the ground of a school or kindergarten, 0 to 1000 m.
    kinds
        Names of ``OsmKind`` to return; all if None.
    only
        Ids, names or references such as ``way/123`` of the features to return; all if None.

    Raises
    ------
    InputError
        If the file cannot be used, an argument is out of range, or nothing is found.
    MissingExtraError
        If pyosmium is not installed.
    """
    bounds = None if bbox is None else Bounds.of(bbox)
    wanted = _checked_kinds(kinds)
    _check_margin(school_margin_m)
    source = Path(path)
    data = read_osm(source)
    # Ids are given before kinds are sorted out, so that they do not depend on the kinds asked for.
    features, skipped = _features(data.objects, bounds, school_margin_m)
    found = [feature for feature in features if feature.kind in wanted]
    if not found:
        raise _nothing_found(source, bounds, wanted, data.skipped)
    if only is not None:
        found = _select(found, only, source)
    parameters: dict[str, Any] = {
        "source": source.name,
        "bbox": bounds_parameter(bounds),
        "school_margin_m": school_margin_m,
        "kinds": None if kinds is None else [kind.value for kind in OsmKind if kind in wanted],
        "only": None if only is None else list(only),
    }
    # Where a relation lies is unknown if its members are missing; better named in vain than left out.
    told = [
        each
        for each in (*data.skipped, *skipped)
        if each.kind in wanted and (each.near is None or _is_in(bounds, Point(each.near.lonlat)))
    ]
    return OsmMap(tuple(found), tuple(told), parameters)


def _features(
    objects: Sequence[OsmObject], bounds: Bounds | None, margin_m: float
) -> tuple[list[MapFeature], list[Skipped]]:
    places, skipped = find_places(objects)
    ids = Ids()
    features = [_place_feature(place, margin_m, ids) for place in places if _is_in(bounds, place.ground)]
    features += _road_features(objects, bounds, ids)
    buildings = [each for each in find_buildings(objects) if _is_in(bounds, each.thing.geometry)]
    features += [_building_feature(building, ids) for building in buildings]
    return features, skipped


def _is_in(bounds: Bounds | None, geometry: Any) -> bool:
    return bounds is None or bounds.meets(geometry)


def _place_feature(place: Place, margin_m: float, ids: Ids) -> MapFeature:
    stem = place.kind.value.removesuffix("_zone")
    properties: dict[str, Any] = {"class": place.tag}
    geometry = place.ground
    if place.kind in ZONE_KINDS:
        geometry = zone_around(place.ground, margin_m)
        properties |= {"ground": place.drawn_as, "ground_ha": _hectares(place.ground_m2)}
        properties["margin_m"] = margin_m
    properties["area_ha"] = _hectares(area_m2(geometry))
    feature_id = ids.place(place.name, stem, place.osm)
    return MapFeature(feature_id, place.kind, place.name, place.osm, geometry, properties)


def _road_features(objects: Iterable[OsmObject], bounds: Bounds | None, ids: Ids) -> Iterator[MapFeature]:
    for thing in objects:
        kind = line_kind(thing.tags) if thing.shape == "line" else None
        if kind is None:
            continue
        for piece in _pieces(thing, bounds):
            name = thing.tags.get("name", "")
            properties = road_properties(thing.tags) | {"length_m": round(_length_m(piece), 1)}
            feature_id = ids.numbered(name, kind.value, thing.osm)
            yield MapFeature(feature_id, kind, name, thing.osm, piece, properties)


def _pieces(thing: OsmObject, bounds: Bounds | None) -> list[LineString]:
    """Return the stretches of a road inside the bounds, drawn the way that one-way traffic runs."""
    path_lonlat_deg = shapely.get_coordinates(thing.geometry)
    if runs_backwards(thing.tags):
        path_lonlat_deg = path_lonlat_deg[::-1]
    stretches = [path_lonlat_deg] if bounds is None else bounds.clip(path_lonlat_deg)
    return [LineString(stretch) for stretch in stretches]


def _building_feature(building: Building, ids: Ids) -> MapFeature:
    thing = building.thing
    key = "building" if thing.tags.get("building", "no") != "no" else "building:part"
    properties: dict[str, Any] = {"class": f"{key}={thing.tags[key]}"}
    if building.height_m is not None:
        properties |= {"height_m": round(building.height_m, 2), "height_source": building.height_source}
    properties["area_ha"] = _hectares(area_m2(thing.outline))
    name = thing.tags.get("name", "")
    feature_id = ids.numbered("", "building", thing.osm)
    return MapFeature(feature_id, OsmKind.BUILDING, name, thing.osm, thing.outline, properties)


def _hectares(area: float) -> float:
    return round(area / 10_000.0, 4)


def _length_m(line: LineString) -> float:
    frame = LocalFrame.around(shapely.get_coordinates(line))
    return float(project(line, frame).length)


def _checked_kinds(kinds: Collection[str] | None) -> frozenset[OsmKind]:
    if kinds is None:
        return frozenset(OsmKind)
    known = [kind.value for kind in OsmKind]
    for kind in kinds:
        if kind not in known:
            near = get_close_matches(str(kind), known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"choose from {', '.join(known)}"
            raise InputError(f"{kind!r} is not a kind", place="kinds", remedy=remedy)
    if not kinds:
        raise InputError("is empty", place="kinds", remedy=f"choose from {', '.join(known)}")
    return frozenset(OsmKind(kind) for kind in kinds)


def _check_margin(margin_m: float) -> None:
    if not (isfinite(margin_m) and 0.0 <= margin_m <= MAX_SCHOOL_MARGIN_M):
        raise InputError(
            f"{margin_m:g} m is outside 0 to {MAX_SCHOOL_MARGIN_M:g} m",
            place="school_margin_m",
            remedy=f"{DEFAULT_SCHOOL_MARGIN_M:g} m suits most schools",
        )


def _select(features: list[MapFeature], only: Collection[str], source: Path) -> list[MapFeature]:
    names = {text for each in features for text in (each.id, each.name, each.osm) if text}
    for text in only:
        if text not in names:
            near = get_close_matches(text, sorted(names), n=1)
            remedy = f"did you mean {near[0]!r}?" if near else "leave the selection out to see what there is"
            raise InputError(f"{text!r} is not in the extract", file=source, place="only", remedy=remedy)
    chosen = set(only)
    return [each for each in features if chosen & {each.id, each.name, each.osm}]


def _nothing_found(
    source: Path, bounds: Bounds | None, wanted: frozenset[OsmKind], skipped: Sequence[Skipped]
) -> InputError:
    held = data_bounds(source)
    what = "nothing of interest" if wanted == frozenset(OsmKind) else "no " + " or ".join(sorted(wanted))
    where = "" if bounds is None else f" in the bbox {bounds}"
    holds = "the file holds no nodes" if held is None else f"the data covers {held}"
    broken = f"; {len(skipped)} outlines are incomplete" if skipped else ""
    remedy = "give a bbox inside it" if bounds is not None and held is not None else "give another extract"
    return InputError(f"{what} found{where}; {holds}{broken}", file=source, remedy=remedy)
