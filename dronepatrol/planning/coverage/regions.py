"""Cutting an area into regions that are swept each in its own direction."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import polygonize

from dronepatrol.geo.polygon import polygons

Array = npt.NDArray[np.float64]

REFLEX_DEG = 12.0
"""Corners that turn inwards by less are not cut from."""
MOST_CUT_CORNERS = 24
"""Corners tried, those that turn most first."""
MOST_CUTS = 6
"""Cuts made, at most."""
LEAST_SHARE = 0.02
"""No region is a smaller share of the area."""


def edge_directions(area: Polygon, limit: int = 8) -> list[float]:
    """Return directions of the longest edges, in radians from 0 to pi, those within 3 degrees as one."""
    weights: dict[int, tuple[float, float]] = {}
    for ring in (area.exterior, *area.interiors):
        steps = np.diff(np.asarray(ring.coords)[:, :2], axis=0)
        for (dx, dy), length in zip(steps.tolist(), np.hypot(*steps.T).tolist(), strict=True):
            angle = float(np.arctan2(dy, dx) % np.pi)
            key = round(angle / np.radians(3.0)) % 60
            weights[key] = (weights.get(key, (0.0, 0.0))[0] + length, angle)
    return [angle for _, angle in sorted(weights.values(), key=lambda w: -w[0])[:limit]]


def strip_pieces(area: Polygon, direction: float, spacing_m: float) -> int:
    """Return the number of pieces of even strips over an area in a direction."""
    across = np.array([-np.sin(direction), np.cos(direction)])
    lows, highs = [], []
    for ring in (area.exterior, *area.interiors):
        offsets = np.asarray(ring.coords)[:, :2] @ across
        lows.append(np.minimum(offsets[:-1], offsets[1:]))
        highs.append(np.maximum(offsets[:-1], offsets[1:]))
    low, high = np.concatenate(lows), np.concatenate(highs)
    first, last = float(low.min()), float(high.max())
    count = max(1, int(np.ceil((last - first) / spacing_m - 0.05)))
    rows = first + (last - first) * (np.arange(count) + 0.5) / count
    crossings = ((low[None, :] <= rows[:, None]) & (rows[:, None] < high[None, :])).sum(axis=1)
    return int(np.maximum(crossings // 2, 1).sum())


def best_direction(area: Polygon, spacing_m: float) -> tuple[int, float]:
    """Return the least number of strip pieces over an area, and their direction in radians."""
    counted = [(strip_pieces(area, angle, spacing_m), angle) for angle in edge_directions(area)]
    return min(counted, key=lambda c: c[0], default=(1, 0.0))


def decompositions(area: Polygon, spacing_m: float) -> list[list[tuple[Polygon, float]]]:
    """Return ways to cut an area into regions with a sweep direction each, the finest last.

    Cuts run from corners that turn inwards, along one of their edges. Each is the one that saves most pieces
    of strips (turns); cutting ends when none saves any.
    """
    whole = best_direction(area, spacing_m)
    regions: list[tuple[Polygon, int, float]] = [(area, *whole)]
    found: list[list[tuple[Polygon, float]]] = []
    for _ in range(MOST_CUTS):
        best: tuple[int, int, list[tuple[Polygon, int, float]]] | None = None
        for index, (region, pieces, _angle) in enumerate(regions):
            for parts in _cuts(region, LEAST_SHARE * area.area):
                rated = [(part, *best_direction(part, spacing_m)) for part in parts]
                saved = pieces - sum(part[1] for part in rated)
                if best is None or saved > best[0]:
                    best = (saved, index, rated)
        if best is None or best[0] < (0 if not found else 1):
            break
        regions[best[1] : best[1] + 1] = best[2]
        found.append([(region, angle) for region, _, angle in regions])
    return found


def _cuts(area: Polygon, least_m2: float) -> list[list[Polygon]]:
    """Return the parts of an area after each of the cuts worth trying."""
    found = []
    west, south, east, north = area.bounds
    far = (east - west) + (north - south)
    shapely.prepare(area)
    for corner, directions in _reflex_corners(area):
        for direction in directions:
            line = LineString([corner - 1e-3 * direction, corner + far * direction])
            inner = [part for part in shapely.get_parts(line.intersection(area)) if part.length > 0.1]
            near = [part for part in inner if part.distance(shapely.Point(corner)) < 0.05]
            if not near:
                continue
            cut = _extended(near[0])
            parts = [p for p in polygonize(shapely.union_all([area.boundary, cut])) if _within(p, area)]
            if len(parts) == 2 and min(p.area for p in parts) >= least_m2:
                found.append(parts)
            elif len(parts) == 1 and area.interiors:
                found += _cut_through(area, corner, direction, far, least_m2)
    return found


def _cut_through(
    area: Polygon, corner: Array, direction: Array, far: float, least_m2: float
) -> list[list[Polygon]]:
    """Cut along a whole line through a corner of a hole."""
    line = LineString([corner - far * direction, corner + far * direction])
    parts = [p for p in polygonize(shapely.union_all([area.boundary, line])) if _within(p, area)]
    return [parts] if 1 < len(parts) <= 4 and min(p.area for p in parts) >= least_m2 else []


def _within(part: Polygon, area: Polygon) -> bool:
    return bool(area.contains(part.representative_point()))


def _extended(line: LineString) -> LineString:
    """Lengthen a cut by a hair at both ends, so that it reaches the edges it ends on."""
    points = np.asarray(line.coords)[:, :2]
    unit = (points[-1] - points[0]) / max(line.length, 1e-9)
    return LineString([points[0] - 1e-3 * unit, points[-1] + 1e-3 * unit])


def _reflex_corners(area: Polygon) -> list[tuple[Array, list[Array]]]:
    """Return inward corners, and the directions into the area along both of their edges."""
    found: list[tuple[float, Array, list[Array]]] = []
    for part in polygons(shapely.geometry.polygon.orient(area)):
        for ring in (part.exterior, *part.interiors):
            points = np.asarray(ring.coords)[:-1, :2]
            for before, (corner, after) in zip(
                np.roll(points, 1, axis=0), pairwise([*points, points[0]]), strict=True
            ):
                into, out = corner - before, after - corner
                into, out = into / max(np.hypot(*into), 1e-9), out / max(np.hypot(*out), 1e-9)
                turn = float(np.degrees(np.arctan2(into[0] * out[1] - into[1] * out[0], into @ out)))
                if turn < -REFLEX_DEG:
                    found.append((turn, corner, [into, -out]))
    found.sort(key=lambda f: f[0])
    return [(corner, directions) for _, corner, directions in found[:MOST_CUT_CORNERS]]
