"""Reads an OpenStreetMap file into tagged geometries; the only importer of pyosmium."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from dronepatrol.errors import InputError, MissingExtraError
from dronepatrol.formats.osm.bounds import Bounds
from dronepatrol.formats.osm.tags import KEYS, OsmKind, is_building, is_building_part, line_kind, place_kind
from dronepatrol.model.position import Position

_REMEDY = "give an extract as .osm.pbf or .osm, for example from download.geofabrik.de or the Overpass API"
_SNIFFED_BYTES = 4096
# Added round the nodes, so that a single one has a box, too.
_GRAIN_DEG = 1e-7


@dataclass(frozen=True, slots=True)
class OsmObject:
    """One tagged object with its geometry in longitude and latitude.

    Attributes
    ----------
    osm
        Type and number, as in ``way/123``.
    shape
        ``line`` for a highway, whose geometry is one contiguous piece; ``area`` or ``node`` for the rest.
    relation
        True if an area comes from a multipolygon relation.
    """

    osm: str
    tags: dict[str, str]
    shape: Literal["node", "line", "area"]
    geometry: Point | LineString | Polygon | MultiPolygon
    relation: bool = False

    @property
    def outline(self) -> Polygon | MultiPolygon:
        """The geometry of an area."""
        if not isinstance(self.geometry, (Polygon, MultiPolygon)):
            raise TypeError(f"{self.osm} is a {self.shape} and has no outline")
        return self.geometry


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was found but could not be used, and why.

    Attributes
    ----------
    near
        A point of it, or None for a relation, whose members may all be missing.
    """

    osm: str
    name: str
    kind: OsmKind
    reason: str
    near: Position | None


@dataclass(frozen=True, slots=True)
class OsmData:
    """What an OpenStreetMap file holds of interest, and what of it is unusable."""

    objects: tuple[OsmObject, ...]
    skipped: tuple[Skipped, ...]


def read_osm(path: Path) -> OsmData:
    """Read the tagged nodes, highways and areas of a file.

    Areas are assembled by osmium from closed ways and multipolygon relations, with their holes. Ways
    whose nodes are missing (at the edge of an extract) give the pieces that are there.

    Raises
    ------
    InputError
        If the file is missing, not OpenStreetMap data, broken, or not sorted so that it can be read.
    MissingExtraError
        If pyosmium is not installed.
    """
    osmium = _load_osmium()
    source = osmium.io.File(str(path), _format(path))
    try:
        processor = osmium.FileProcessor(source).with_areas(osmium.filter.KeyFilter(*KEYS))
        if processor.header.has_multiple_object_versions:
            raise InputError("holds the history of its objects", file=path, remedy="give a plain extract")
        data = _collect(processor.with_filter(osmium.filter.KeyFilter(*KEYS)), osmium)
        if data.skipped and not _nodes_come_first(osmium, source):
            raise InputError(
                "has ways before the nodes that they are made of",
                file=path,
                remedy="sort it with 'osmium sort', or write '(._;>;); out meta;' in an Overpass query",
            )
    except (RuntimeError, ValueError) as error:
        message = f"cannot be read as OpenStreetMap data ({error})"
        raise InputError(message, file=path, remedy=_REMEDY) from error
    return data


def data_bounds(path: Path) -> Bounds | None:
    """Return the box that a file states or, if it states none, that of its nodes; None without any."""
    osmium = _load_osmium()
    source = osmium.io.File(str(path), _format(path))
    processor = osmium.FileProcessor(source)
    box = processor.header.box()
    if box.valid():
        return Bounds(box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
    nodes = [(node.lon, node.lat) for node in processor if node.is_node() and node.location.valid()]
    if not nodes:
        return None
    (west, south), (east, north) = np.min(nodes, axis=0) - _GRAIN_DEG, np.max(nodes, axis=0) + _GRAIN_DEG
    return Bounds(west, south, east, north)


def _load_osmium() -> Any:
    try:
        import osmium
        import osmium.filter
    except ImportError as error:
        raise MissingExtraError("osmium", "osm", "importing OpenStreetMap data") from error
    return osmium


def _format(path: Path) -> str:
    """Return osmium's name for the format, told by content, as downloads often lose their suffix."""
    head, packing = _head(path)
    if head[4:].startswith(b"\n\tOSMHeader"):
        return "pbf"
    if b"<osm" in head:
        return f"osm{packing}"
    start = head[:16].decode("latin-1")
    what = f"starts with {start!r}" if head else "is empty"
    raise InputError(f"is not an OpenStreetMap file: it {what}", file=path, remedy=_REMEDY)


def _head(path: Path) -> tuple[bytes, str]:
    """Return the first bytes, unpacked, and the suffix of the packing."""
    try:
        with path.open("rb") as file:
            magic = file.read(3)
        if magic.startswith(b"\x1f\x8b"):
            with gzip.open(path) as unpacked:
                return unpacked.read(_SNIFFED_BYTES), ".gz"
        if magic == b"BZh":
            with bz2.open(path) as unpacked_bz2:
                return unpacked_bz2.read(_SNIFFED_BYTES), ".bz2"
        with path.open("rb") as file:
            return file.read(_SNIFFED_BYTES), ""
    except FileNotFoundError:
        raise InputError("no such file", file=path, remedy=_REMEDY) from None
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"cannot be read ({error})", file=path, remedy=_REMEDY) from error


def _collect(processor: Any, osmium: Any) -> OsmData:
    objects: list[OsmObject] = []
    awaited: dict[str, Skipped] = {}
    to_wkb = osmium.geom.WKBFactory()
    for thing in processor:
        tags = dict(thing.tags)
        if thing.is_area():
            osm = f"{'way' if thing.from_way() else 'relation'}/{thing.orig_id()}"
            if awaited.pop(osm, None) is not None:
                geometry = _plain(shapely.from_wkb(to_wkb.create_multipolygon(thing)))
                objects.append(OsmObject(osm, tags, "area", geometry, relation=not thing.from_way()))
        elif thing.is_node():
            if place_kind(tags) is not None and thing.location.valid():
                point = Point(thing.lon, thing.lat)
                objects.append(OsmObject(f"node/{thing.id}", tags, "node", point))
        elif thing.is_way():
            osm = f"way/{thing.id}"
            if (kind := _area_kind(tags, relation=False)) is not None:
                awaited[osm] = Skipped(osm, tags.get("name", ""), kind, _why_no_area(thing), _near(thing))
            if line_kind(tags) is not None:
                objects += [OsmObject(osm, tags, "line", line) for line in _lines(thing)]
        elif (kind := _area_kind(tags, relation=True)) is not None:
            osm = f"relation/{thing.id}"
            awaited[osm] = Skipped(osm, tags.get("name", ""), kind, _why_no_relation(tags), None)
    return OsmData(tuple(objects), tuple(awaited.values()))


def _area_kind(tags: dict[str, str], *, relation: bool) -> OsmKind | None:
    """Return what an outline would be if it can be assembled."""
    place = place_kind(tags, multipolygon=relation)
    if place is not None:
        return place[0]
    return OsmKind.BUILDING if is_building(tags) or is_building_part(tags) else None


def _near(way: Any) -> Position | None:
    places = (Position(node.lon, node.lat) for node in way.nodes if node.location.valid())
    return next(places, None)


def _why_no_area(way: Any) -> str:
    if not all(node.location.valid() for node in way.nodes):
        return "part of its outline lies outside the extract"
    return "its outline crosses itself" if way.is_closed() else "its outline is not closed"


def _why_no_relation(tags: dict[str, str]) -> str:
    if tags.get("type") not in ("multipolygon", "boundary"):
        return f"a relation of type {tags.get('type', 'unknown')} has no outline"
    return "part of its outline lies outside the extract, or crosses itself"


def _lines(way: Any) -> Iterator[LineString]:
    """Yield the stretches of a way whose nodes are in the file."""
    stretch: list[tuple[float, float]] = []
    for node in way.nodes:
        if node.location.valid():
            stretch.append((node.location.lon, node.location.lat))
            continue
        if len(stretch) > 1:
            yield LineString(np.array(stretch))
        stretch = []
    if len(stretch) > 1:
        yield LineString(np.array(stretch))


def _plain(geometry: MultiPolygon) -> Polygon | MultiPolygon:
    return geometry.geoms[0] if len(geometry.geoms) == 1 else geometry


def _nodes_come_first(osmium: Any, source: Any) -> bool:
    """Say whether all nodes stand before all ways, which osmium needs to place the ways."""
    way_seen = False
    for thing in osmium.FileProcessor(source):
        if way_seen and thing.is_node():
            return False
        way_seen = way_seen or thing.is_way()
    return True
