"""Polygons between longitude-latitude and local metres."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.frame import LocalFrame

GeometryT = TypeVar("GeometryT", bound=BaseGeometry)


def project(geometry: GeometryT, frame: LocalFrame) -> GeometryT:
    """Return a longitude-latitude geometry in the metres of a frame."""
    return shapely.transform(geometry, frame.to_enu)


def unproject(geometry: GeometryT, frame: LocalFrame) -> GeometryT:
    """Return a geometry in the metres of a frame in longitude and latitude."""
    return shapely.transform(geometry, frame.to_lonlat)


def polygons(geometry: BaseGeometry) -> list[Polygon]:
    """Return the polygon parts of any geometry that have an area, largest first."""
    parts = [part for part in shapely.get_parts(geometry) if isinstance(part, (Polygon, MultiPolygon))]
    flat: list[Polygon] = []
    for part in parts:
        flat += list(part.geoms) if isinstance(part, MultiPolygon) else [part]
    return sorted((p for p in flat if p.area > 0.0), key=lambda p: -p.area)


def area_m2(geometry_lonlat: BaseGeometry) -> float:
    """Return the area in square metres of a longitude-latitude geometry of town size."""
    if geometry_lonlat.is_empty:
        return 0.0
    frame = LocalFrame.around(shapely.get_coordinates(geometry_lonlat))
    return float(project(geometry_lonlat, frame).area)


def coordinates_lonlat(geometry_lonlat: BaseGeometry) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return all vertices, shape (n, 2), degrees."""
    return shapely.get_coordinates(geometry_lonlat)
