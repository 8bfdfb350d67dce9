"""Schools, squares, parks and the like: which outline counts, and the zone around a school."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.formats.osm.reading import OsmObject, Skipped
from dronepatrol.formats.osm.tags import ZONE_KINDS, OsmKind, built_as, is_building, is_hidden, place_kind
from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import area_m2, project, unproject
from dronepatrol.model.position import Position

NODE_GROUND_RADIUS_M = 40.0
"""Radius taken for the ground of a school drawn as a mere node: that of a circle of half a hectare."""

_EDUCATION = frozenset({OsmKind.SCHOOL_ZONE, OsmKind.KINDERGARTEN_ZONE, OsmKind.UNIVERSITY})
_REPEAT_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a mission may watch.

    Attributes
    ----------
    ground
        Its outline in longitude and latitude.
    tag
        What made it a place of this kind, as ``amenity=school``.
    drawn_as
        ``area``, ``building`` or ``node``: how good the outline is.
    """

    osm: str
    name: str
    kind: OsmKind
    tag: str
    ground: Polygon | MultiPolygon
    ground_m2: float
    drawn_as: str


def find_places(objects: Iterable[OsmObject]) -> tuple[list[Place], list[Skipped]]:
    """Return the places, those that come first by kind and size in front, and what could not be one.

    A school that is tagged on its ground, on its building and on a node is one place: the smaller outline
    gives way if it has no name of its own. A building that was built as a school counts if nothing says
    that it is used otherwise and no ground of a school, kindergarten or university reaches it.
    """
    objects = list(objects)
    places: list[Place] = []
    skipped: list[Skipped] = []
    for thing in objects:
        found = None if thing.shape == "line" else place_kind(thing.tags, multipolygon=thing.relation)
        if found is None:
            continue
        kind, tag = found
        if is_hidden(thing.tags):
            skipped.append(_skip(thing, kind, "lies under ground or indoors"))
        elif isinstance(thing.geometry, Point) and kind not in ZONE_KINDS:
            skipped.append(_skip(thing, kind, "is a node without an outline"))
        else:
            places.append(_place(thing, kind, tag))
    places += _built_places(objects, [place for place in places if place.kind in _EDUCATION])
    places, repeats = _without_repeats(places)
    order = list(OsmKind)
    places.sort(key=lambda place: (order.index(place.kind), -place.ground_m2, place.osm))
    return places, skipped + repeats


def zone_around(ground: Polygon | MultiPolygon, margin_m: float) -> Polygon | MultiPolygon:
    """Return the ground with everything within ``margin_m`` of it, courtyards closed if they are narrow."""
    frame = LocalFrame.around(shapely.get_coordinates(ground))
    zone: Polygon | MultiPolygon = unproject(project(ground, frame).buffer(margin_m), frame)
    return zone


def _place(thing: OsmObject, kind: OsmKind, tag: str) -> Place:
    if isinstance(thing.geometry, Point):
        frame = LocalFrame.around(shapely.get_coordinates(thing.geometry))
        ground: Polygon | MultiPolygon = unproject(Point(0.0, 0.0).buffer(NODE_GROUND_RADIUS_M), frame)
        drawn_as = "node"
    else:
        ground = thing.outline
        drawn_as = "building" if is_building(thing.tags) else "area"
    return Place(thing.osm, thing.tags.get("name", ""), kind, tag, ground, area_m2(ground), drawn_as)


def _built_places(objects: list[OsmObject], grounds: list[Place]) -> list[Place]:
    tree = shapely.STRtree([place.ground for place in grounds])
    places = []
    for thing in objects:
        kind = built_as(thing.tags) if thing.shape == "area" else None
        if kind is None or is_hidden(thing.tags) or len(tree.query(thing.geometry, predicate="intersects")):
            continue
        places.append(_place(thing, kind, f"building={thing.tags['building']}"))
    return places


def _without_repeats(places: list[Place]) -> tuple[list[Place], list[Skipped]]:
    """Drop places of education that lie in a larger one of their kind and have no other name."""
    others = [place for place in places if place.kind not in _EDUCATION]
    education = [place for place in places if place.kind in _EDUCATION]
    kept: list[Place] = []
    repeats: list[Skipped] = []
    # Nodes last, as their ground is only a guess.
    for place in sorted(education, key=lambda each: (each.drawn_as == "node", -each.ground_m2)):
        original = next((each for each in kept if _repeats(place, each)), None)
        if original is None:
            kept.append(place)
        else:
            reason = f"repeats {original.osm}"
            repeats.append(Skipped(place.osm, place.name, place.kind, reason, _near(place.ground)))
    return others + kept, repeats


def _repeats(place: Place, other: Place) -> bool:
    if place.kind is not other.kind or place.name not in ("", other.name):
        return False
    if place.drawn_as == "node":
        return bool(other.ground.intersects(place.ground.centroid))
    # A ratio of areas in square degrees: both are scaled alike, so no metres are needed.
    return bool(place.ground.intersection(other.ground).area >= _REPEAT_SHARE * place.ground.area)


def _skip(thing: OsmObject, kind: OsmKind, reason: str) -> Skipped:
    return Skipped(thing.osm, thing.tags.get("name", ""), kind, reason, _near(thing.geometry))


def _near(geometry: BaseGeometry) -> Position:
    lon_deg, lat_deg = shapely.get_coordinates(geometry)[0]
    return Position(float(lon_deg), float(lat_deg))
