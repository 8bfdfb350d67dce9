"""Parallel strips over an area in one direction, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, cos, radians, sin

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.polygon import polygons

Array = npt.NDArray[np.float64]

LEAST_SWEEP_M = 1.0
"""No sweep is shorter where there is room: a point cannot be flown along."""
LEAST_ROOM_M = 0.05
"""Shorter crossings of a strip with the area are left to the neighbours."""
CIRCLE_QUARTER_SEGMENTS = 16
"""Corners per quarter of a footprint; the polygon lies inside the disc and understates it by 0.2 %."""


@dataclass(frozen=True, slots=True)
class Swath:
    """What the camera sees across the track and how far apart tracks are wanted.

    The footprint is taken as a disc of the swath's diameter: it does not depend on the heading, and it looks
    no further ahead than to the side.
    """

    width_m: float
    spacing_m: float

    @property
    def reach_m(self) -> float:
        """Half the width."""
        return self.width_m / 2.0


def candidate_directions_deg(area_enu: BaseGeometry, limit: int = 12) -> list[float]:
    """Return sweep directions worth trying, 0 to 180 degrees counterclockwise from east.

    Directions of edges of the area, its holes and its convex hull, gathered into bins of 3 degrees; those
    with the greatest length of edge come first.
    """
    weight: dict[int, float] = {}
    direction: dict[int, float] = {}
    rings = [ring for p in polygons(area_enu) for ring in (p.exterior, *p.interiors)]
    rings += [part.exterior for part in polygons(area_enu.convex_hull)]
    for ring in rings:
        steps = np.diff(np.asarray(ring.coords)[:, :2], axis=0)
        for east_m, north_m in steps:
            angle = float(np.degrees(np.arctan2(north_m, east_m)) % 180.0)
            key = round(angle / 3.0) % 60
            length_m = float(np.hypot(east_m, north_m))
            if length_m > weight.get(key, 0.0):
                direction[key] = angle
            weight[key] = weight.get(key, 0.0) + length_m
    ranked = sorted(weight, key=lambda k: (-weight[k], k))
    return [direction[key] for key in ranked[:limit]]


def strips(
    area_enu: BaseGeometry, fly_enu: BaseGeometry, swath: Swath, angle_deg: float, extra: int = 0
) -> Array:
    """Return sweeps over an area in one direction.

    Parameters
    ----------
    area_enu
        What is to be seen.
    fly_enu
        Where sweeps may run.
    swath
        Width and spacing of the tracks.
    angle_deg
        Direction, counterclockwise from east.
    extra
        Strips more than the spacing asks for, on each part of the area.

    Returns
    -------
    Array
        Shape (n, 2, 2): n sweeps, each from one point to another (east, north).
    """
    found: list[tuple[float, float, float]] = []
    level_fly = affinity.rotate(fly_enu, -angle_deg, origin=(0.0, 0.0))
    shapely.prepare(level_fly)
    for part in polygons(area_enu):
        level = affinity.rotate(part, -angle_deg, origin=(0.0, 0.0))
        found += _level_strips(level, level_fly, swath, extra)
    if not found:
        return np.empty((0, 2, 2))
    rows = np.array(found)
    ends = np.stack([rows[:, [1, 0]], rows[:, [2, 0]]], axis=1)
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    turned: Array = ends @ np.array([[c, s], [-s, c]])
    return turned


def strip_offsets_m(width_m: float, swath: Swath, extra: int = 0) -> tuple[Array, float]:
    """Return the distances of evenly spread strips from an edge, and half the band each has to show.

    ``n`` is the least number of strips that reach both edges at no more than the wanted spacing; all
    distances are then shrunk alike so that they fit the width exactly.
    """
    count = max(1, ceil((width_m - swath.width_m) / swath.spacing_m - 1e-6) + 1) + extra
    scale = width_m / (swath.width_m + (count - 1) * swath.spacing_m)
    offsets = np.asarray(scale * (swath.reach_m + swath.spacing_m * np.arange(count)), dtype=np.float64)
    return offsets, scale * swath.reach_m


def _level_strips(
    level: Polygon, fly: BaseGeometry, swath: Swath, extra: int
) -> list[tuple[float, float, float]]:
    """Sweeps along east over one part, as (north, west end, east end)."""
    west, south, east, north = level.bounds
    offsets, half_band_m = strip_offsets_m(north - south, swath, extra)
    rows = south + offsets
    lines = shapely.linestrings([[(west - 1.0, y), (east + 1.0, y)] for y in rows])
    bands = [shapely.box(west - 1.0, y - half_band_m, east + 1.0, y + half_band_m) for y in rows.tolist()]
    flown = shapely.intersection(lines, fly.intersection(level.convex_hull))
    shown = shapely.intersection(bands, level)
    found: list[tuple[float, float, float]] = []
    for y, line, band in zip(rows.tolist(), flown, shown, strict=True):
        pieces = polygons(band)
        for start, end in _intervals(line):
            trimmed = _trimmed(y, start, end, pieces, swath.reach_m)
            if trimmed is not None:
                found.append((y, *trimmed))
    return found


def _intervals(line: BaseGeometry) -> list[tuple[float, float]]:
    """East-west extents of the pieces of a level line."""
    parts = [part for part in shapely.get_parts(line) if part.length > LEAST_ROOM_M]
    return sorted((float(part.bounds[0]), float(part.bounds[2])) for part in parts)


def _trimmed(
    y: float, start: float, end: float, pieces: list[Polygon], reach_m: float
) -> tuple[float, float] | None:
    """Shorten a sweep to what it needs to show the pieces of its band that it meets.

    A footprint at the sweep's end shows a point at a distance d beside the track as far ahead as
    sqrt(reach^2 - d^2); along an edge of the band the need is a convex function, so its vertices decide.
    """
    first, last = np.inf, -np.inf
    for piece in pieces:
        x0, _, x1, _ = piece.bounds
        if x1 < start or x0 > end:
            continue
        x, across = np.asarray(piece.exterior.coords)[:, :2].T
        ahead = np.sqrt(np.maximum(reach_m**2 - (across - y) ** 2, 0.0))
        first, last = min(first, float((x + ahead).min())), max(last, float((x - ahead).max()))
    if not np.isfinite(first):
        return None
    if last - first < LEAST_SWEEP_M:
        middle = (first + last) / 2.0
        first, last = middle - LEAST_SWEEP_M / 2.0, middle + LEAST_SWEEP_M / 2.0
    west = min(max(first, start), max(start, end - LEAST_SWEEP_M))
    return west, max(min(last, end), min(end, start + LEAST_SWEEP_M))


def shown_by(segments_enu_m: Array, reach_m: float, quad_segs: int = CIRCLE_QUARTER_SEGMENTS) -> BaseGeometry:
    """Return the ground within reach of segments of shape (n, 2, 2).

    One capsule per segment, then their union: buffering a whole path at once can fill gaps between
    neighbouring tracks.
    """
    if len(segments_enu_m) == 0:
        return Polygon()
    still = np.all(segments_enu_m[:, 0] == segments_enu_m[:, 1], axis=1)
    capsules = [
        *shapely.buffer(shapely.linestrings(segments_enu_m[~still]), reach_m, quad_segs=quad_segs),
        *shapely.buffer(shapely.points(segments_enu_m[still, 0]), reach_m, quad_segs=quad_segs),
    ]
    return shapely.make_valid(shapely.union_all(capsules))
