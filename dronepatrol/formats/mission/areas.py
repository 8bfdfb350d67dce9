"""GeoJSON areas: written inline, or a feature of a file beside the mission file."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, NoReturn

import shapely
from shapely.geometry import MultiPolygon, Polygon

from dronepatrol.errors import GeometryError, MissionFileError
from dronepatrol.formats.mission.document import read_text
from dronepatrol.formats.mission.suggest import suggestion

MAX_BYTES = 64 << 20
MAX_VERTICES = 200_000

Feature = dict[str, Any]


def read_geojson(path: Path) -> dict[str, Any]:
    """Read a GeoJSON file's object; `MissionFileError` if it cannot be read or is no GeoJSON."""
    text = read_text(path, MAX_BYTES, "GeoJSON file")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MissionFileError(f"broken JSON: {error.msg}", file=path, place=place) from error
    except (RecursionError, ValueError) as error:
        raise MissionFileError(f"broken JSON: {error}", file=path) from error
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise MissionFileError("is not GeoJSON: no object with a 'type'", file=path)
    if value["type"] == "FeatureCollection" and not isinstance(value.get("features"), list):
        raise MissionFileError("is not GeoJSON: a FeatureCollection without a list of features", file=path)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def feature_id(feature: Feature) -> str | None:
    """Return a feature's id as text: its own, or the ``id`` of its properties."""
    properties = feature.get("properties")
    own = feature.get("id")
    if own is None and isinstance(properties, dict):
        own = properties.get("id")
    return None if own is None else str(own)


@dataclass(slots=True)
class AreaFiles:
    """The GeoJSON files that a mission file refers to, each read once.

    Parameters
    ----------
    folder
        The mission file's folder; references are relative to it.
    """

    folder: Path
    _read: dict[Path, list[Feature]] = field(default_factory=dict)

    def feature(self, reference: str) -> tuple[Feature, Path]:
        """Return the feature that ``file.geojson#id`` names, and its file.

        Raises
        ------
        MissionFileError
            If the reference has no ``#id``, the file cannot be read, or no feature or several have the id.
        """
        name, mark, wanted = reference.partition("#")
        if not (name and mark and wanted):
            raise MissionFileError(f"'{reference}' is no reference", remedy="write file.geojson#feature-id")
        path = self.folder / name
        found = [feature for feature in self.features(path) if feature_id(feature) == wanted]
        if len(found) == 1:
            return found[0], path
        if found:
            raise MissionFileError(
                f"{len(found)} features have the id '{wanted}'", file=path, remedy="keep one"
            )
        known = [key for key in map(feature_id, self.features(path)) if key is not None]
        raise MissionFileError(
            f"no feature has the id '{wanted}'", file=path, remedy=suggestion(wanted, known)
        )

    def features(self, path: Path) -> list[Feature]:
        """Return all features of a file; a bare feature counts as one."""
        if path not in self._read:
            value = read_geojson(path)
            listed = value["features"] if value["type"] == "FeatureCollection" else [value]
            self._read[path] = [feature for feature in listed if isinstance(feature, dict)]
        return self._read[path]


def read_area(geometry: object) -> MultiPolygon:
    """Return the area of a GeoJSON Polygon, MultiPolygon or a Feature of one.

    Heights in coordinates are left out; rings that are not closed are closed.

    Raises
    ------
    GeometryError
        If it is of another type, has no area, crosses itself, or its numbers are no degrees.
    """
    if not isinstance(geometry, dict):
        raise GeometryError("is no GeoJSON geometry", remedy="give a Polygon or a file.geojson#feature-id")
    if geometry.get("type") == "Feature":
        return read_area(geometry.get("geometry"))
    parts = _parts(geometry)
    count = sum(len(ring) for part in parts for ring in part)
    if count > MAX_VERTICES:
        raise GeometryError(f"has {count} vertices, more than {MAX_VERTICES}", remedy="simplify it")
    _check_degrees([point for part in parts for ring in part for point in ring])
    try:
        area = MultiPolygon([Polygon(part[0], part[1:]) for part in parts])
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise GeometryError(f"is no polygon: {error}") from error
    if not area.is_valid:
        raise GeometryError(_fault(area), remedy="draw it without crossings, holes inside their outline")
    if area.is_empty or area.area <= 0.0:
        raise GeometryError("has no area", remedy="give at least three corners that are not in line")
    return area


Ring = list[tuple[float, float]]


def _parts(geometry: dict[str, Any]) -> list[list[Ring]]:
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise GeometryError(f"is a {kind}", remedy="an area needs a Polygon or MultiPolygon")
    raw_parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(raw_parts, list) or not raw_parts or not all(raw_parts):
        raise GeometryError("is empty", remedy="give at least one ring of corners")
    return [_rings(part) for part in raw_parts]


def _rings(part: object) -> list[Ring]:
    if not isinstance(part, list):
        raise GeometryError("has a part that is no list of rings", remedy="see RFC 7946, section 3.1.6")
    return [_ring(ring) for ring in part]


def _ring(ring: object) -> Ring:
    if not isinstance(ring, list):
        raise GeometryError("has a ring that is no list of points", remedy="see RFC 7946, section 3.1.6")
    points = [_point(point) for point in ring]
    if len(set(points)) < 3:
        raise GeometryError(
            f"has a ring of {len(set(points))} different corners", remedy="give at least three"
        )
    return points


def _point(point: object) -> tuple[float, float]:
    if not isinstance(point, list) or not 2 <= len(point) <= 4:
        raise GeometryError(f"has a point that is not [lon, lat]: {str(point)[:40]}")
    for number in point:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise GeometryError(f"has a coordinate that is no number: {str(number)[:40]}")
        if abs(number) > 1e300 or not isfinite(number):
            raise GeometryError(f"has a coordinate that is not finite: {str(number)[:40]}")
    return float(point[0]), float(point[1])


def _check_degrees(points: Ring) -> None:
    for lon, lat in points:
        if abs(lon) <= 180.0 and abs(lat) <= 90.0:
            continue
        value = f"[{lon:g}, {lat:g}] is no longitude and latitude in degrees"
        if abs(lat) <= 180.0 and abs(lon) <= 90.0:
            raise GeometryError(value, remedy="swap the two numbers: GeoJSON has longitude first")
        raise GeometryError(f"{value}; it looks like metres", remedy="reproject it to WGS84 (EPSG:4326)")


def _fault(area: MultiPolygon) -> str:
    """Return what is wrong with an invalid polygon and where: ``crosses itself at 24.94, 60.17``."""
    reason, _, rest = shapely.is_valid_reason(area).partition("[")
    where = ", ".join(rest.rstrip("]").split())
    words = {
        "Self-intersection": "crosses itself",
        "Ring Self-intersection": "touches itself",
        "Hole lies outside shell": "has a hole outside its outline",
        "Nested shells": "has a part inside another part",
        "Holes are nested": "has a hole inside a hole",
        "Interior is disconnected": "is cut in two by its holes",
    }
    return words.get(reason, reason.lower()) + (f" at {where}" if where else "")
