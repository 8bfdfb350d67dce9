"""Areas to cover from GeoJSON files, and paths back to them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import GeometryError, OutputError
from dronepatrol.geo.frame import WGS84_A_M, WGS84_E2
from dronepatrol.geo.polygon import polygons
from dronepatrol.model.finding import Finding, Severity
from dronepatrol.model.position import Position

Array = npt.NDArray[np.float64]

LARGEST_M = 100_000.0
"""Areas that reach further than this across are a mistake in the coordinates."""
DECIMALS = 10
"""Of degrees in files: a hundredth of a millimetre."""


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of a point, linear in longitude and latitude.

    Lines that are straight in GeoJSON (RFC 7946, section 3.1.1) stay straight, so a path inside a polygon is
    inside it in either. The scale is that of the WGS84 ellipsoid at the middle (radii of curvature: EPSG
    guidance note 7-2, section 4.1.1).

    Attributes
    ----------
    middle
        Where east and north are zero.
    """

    middle: Position

    @property
    def scale_m(self) -> Array:
        """Metres per degree of longitude and of latitude."""
        lat = radians(self.middle.lat_deg)
        w = sqrt(1.0 - WGS84_E2 * sin(lat) ** 2)
        east = WGS84_A_M / w * cos(lat)
        scale: Array = np.radians(np.array([east, WGS84_A_M * (1.0 - WGS84_E2) / w**3]))
        return scale

    def to_enu(self, lonlat_deg: npt.ArrayLike) -> Array:
        """Return east and north in metres, shape (n, 2)."""
        return np.asarray((np.asarray(lonlat_deg, dtype=np.float64) - self.middle.lonlat) * self.scale_m)

    def to_lonlat(self, path_enu_m: npt.ArrayLike) -> Array:
        """Return longitude and latitude in degrees, shape (n, 2)."""
        return np.asarray(np.asarray(path_enu_m, dtype=np.float64) / self.scale_m + self.middle.lonlat)


@dataclass(frozen=True, slots=True)
class AreaFile:
    """An area read from a file.

    Attributes
    ----------
    area_enu
        In the metres of ``plane``.
    plane
        Between metres and degrees.
    properties
        Of the feature.
    findings
        What was assumed about it.
    """

    area_enu: Polygon | MultiPolygon
    plane: Plane
    properties: Mapping[str, Any]
    findings: tuple[Finding, ...]

    @property
    def swath_m(self) -> float | None:
        """The feature's ``swath_m``, if it has one."""
        value = self.properties.get("swath_m")
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def read_area(path: Path) -> AreaFile:
    """Read the first polygon or multipolygon of a GeoJSON file.

    Raises
    ------
    GeometryError
        If the file has none, or it has no area, or its coordinates are no degrees.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GeometryError(f"cannot be read ({error.strerror})", file=path) from None
    except (ValueError, RecursionError) as error:
        raise GeometryError(f"is no JSON ({error})", file=path) from None
    try:
        geometry, properties = _polygon_of(document)
        return area_of(geometry, properties)
    except GeometryError as error:
        raise error.located(file=path) from None


def _polygon_of(document: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    features = [document]
    if isinstance(document, dict) and isinstance(document.get("features"), list):
        features = document["features"]
    for feature in features:
        if not isinstance(feature, dict):
            continue
        geometry = feature.get("geometry", feature) if feature.get("type") == "Feature" else feature
        if isinstance(geometry, dict) and geometry.get("type") in ("Polygon", "MultiPolygon"):
            return geometry, feature.get("properties") or {}
    raise GeometryError("has no polygon", remedy="give a Feature whose geometry is a Polygon or MultiPolygon")


def area_of(geometry: Mapping[str, Any], properties: Mapping[str, Any] | None = None) -> AreaFile:
    """Return the area of a GeoJSON geometry in metres; one that crosses itself is mended with a finding."""
    try:
        drawn: BaseGeometry = shapely.force_2d(shape(dict(geometry)))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise GeometryError(f"the polygon cannot be read ({error})", place="geometry") from None
    lonlat = shapely.get_coordinates(drawn)
    _check_degrees(lonlat)
    mid = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2.0
    plane = Plane(Position(float(mid[0]), float(mid[1])))
    enu = shapely.transform(drawn, plane.to_enu)
    findings: list[Finding] = []
    if not enu.is_valid:
        findings.append(_mended(enu, plane))
    parts = polygons(shapely.make_valid(shapely.remove_repeated_points(enu, 1e-3)))
    parts = [part for part in parts if part.area > 1.0]
    if not parts:
        raise GeometryError("the polygon has no area", place="geometry", remedy="give at least three corners")
    whole = shapely.make_valid(shapely.union_all(parts))
    pieces = polygons(whole)
    area = pieces[0] if len(pieces) == 1 else MultiPolygon(pieces)
    return AreaFile(area, plane, properties or {}, tuple(findings))


def _check_degrees(lonlat: Array) -> None:
    if len(lonlat) == 0:
        raise GeometryError("the polygon is empty", place="geometry")
    for index, (lon, lat) in enumerate(lonlat.tolist()):
        if not (np.isfinite(lon) and np.isfinite(lat)) or abs(lon) > 180.0 or abs(lat) > 90.0:
            raise GeometryError(
                f"longitude {lon:g}, latitude {lat:g} are no degrees",
                place=f"geometry, point {index}",
                remedy="GeoJSON takes longitude (-180 to 180), then latitude (-90 to 90), on WGS84",
            )
    if abs(float(lonlat[:, 1].mean())) > 85.0:
        raise GeometryError(
            "lies within 5 degrees of a pole, where this plane does not hold", place="geometry"
        )
    size_m = float(np.max(np.ptp(lonlat, axis=0)) * 111_000.0)
    if size_m > LARGEST_M:
        raise GeometryError(
            f"the polygon is {size_m / 1000.0:.0f} km across, at most {LARGEST_M / 1000.0:.0f} km can be",
            place="geometry",
            remedy="check for a wrong point, or longitude and latitude swapped in some",
        )


def _mended(enu: BaseGeometry, plane: Plane) -> Finding:
    parts = polygons(shapely.make_valid(enu))
    total_ha = sum(part.area for part in parts) / 1e4
    reason = shapely.is_valid_reason(enu)
    spot = None
    if "[" in reason:
        xy = [float(word) for word in reason.split("[")[1].rstrip("]").split()]
        lon, lat = plane.to_lonlat(np.array([xy[:2]]))[0]
        spot = Position(float(lon), float(lat))
    return Finding(
        "area-valid",
        Severity.WARNING,
        "area",
        f"the outline is not a valid polygon ({reason.split('[')[0].lower()}); read by the even-odd rule as "
        f"{len(parts)} part{'s' if len(parts) != 1 else ''} of {total_ha:.2f} ha",
        "invalid",
        "valid",
        "OGC 06-103r4, section 6.1.11",
        "draw the outline without crossings",
        spot,
    )


def write_route(path: Path, lonlat_deg: Array, properties: Mapping[str, Any]) -> None:
    """Write a path as one GeoJSON Feature with a LineString in flying order.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    coordinates = [[round(float(lon), DECIMALS), round(float(lat), DECIMALS)] for lon, lat in lonlat_deg]
    if len(coordinates) == 1:
        # A LineString needs two points; this one hovers.
        coordinates *= 2
    feature = {
        "type": "Feature",
        "properties": dict(properties),
        "geometry": {"type": "LineString", "coordinates": coordinates},
    }
    try:
        path.write_text(json.dumps(feature) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from None
