"""Short sweeps over the gaps that parallel strips leave."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points

from dronepatrol.geo.polygon import polygons
from dronepatrol.planning.coverage.strips import LEAST_SWEEP_M, shown_by

Array = npt.NDArray[np.float64]

MAX_PATCHES = 60
"""Short sweeps added to fill gaps, at most."""
EDGES_TRIED = 6
"""Longest edges near a gap that are tried as sweeps."""
USELESS_SHARE = 0.02
"""A sweep that shows less of its gap is not flown; the gap is given up."""


def patched(
    sweeps: Array, coverable: BaseGeometry, fly: BaseGeometry, reach_m: float, allowed_m2: float
) -> Array:
    """Add short sweeps over the largest gaps until little enough is missing.

    Parameters
    ----------
    sweeps
        Shape (n, 2, 2), metres.
    coverable
        What is to be seen.
    fly
        Where sweeps may run.
    reach_m
        Half the width a sweep shows.
    allowed_m2
        Area that may stay unseen.

    Returns
    -------
    Array
        The sweeps and the added ones, shape (m, 2, 2).
    """
    gaps = polygons(coverable.difference(shown_by(sweeps, reach_m)))
    missing_m2 = sum(gap.area for gap in gaps)
    for _ in range(MAX_PATCHES):
        if missing_m2 <= allowed_m2 or not gaps:
            break
        sweep = _best_sweep(gaps[0], fly, reach_m)
        if sweep is None:
            del gaps[0]
            continue
        sweeps = np.concatenate([sweeps, sweep[None]])
        left = _without(gaps, shown_by(sweep[None], reach_m))
        missing_m2 -= sum(gap.area for gap in gaps) - sum(gap.area for gap in left)
        gaps = left
    return sweeps


def _without(gaps: list[Polygon], shown: BaseGeometry) -> list[Polygon]:
    """Take shown ground out of gaps, touching only those it meets; the largest first."""
    left: list[Polygon] = []
    for gap, met in zip(gaps, shapely.intersects(gaps, shown), strict=True):
        left += polygons(gap.difference(shown)) if met else [gap]
    return sorted(left, key=lambda gap: -gap.area)


def _best_sweep(gap: Polygon, fly: BaseGeometry, reach_m: float) -> Array | None:
    """Return the sweep that shows most of a gap, or None if none shows much; shape (2, 2)."""
    best, best_m2 = None, USELESS_SHARE * gap.area
    for sweep in _candidates(gap, fly, reach_m):
        shown_m2 = shown_by(sweep[None], reach_m).intersection(gap).area
        if shown_m2 > 1.01 * best_m2:
            best, best_m2 = sweep, shown_m2
    return best


def _candidates(gap: Polygon, fly: BaseGeometry, reach_m: float) -> Iterator[Array]:
    """Yield the long axis of a gap where it may be flown, else edges of the flyable ground beside it."""
    axis = _axis(gap, reach_m)
    if fly.covers(axis):
        yield from _lengthened([axis], fly)
        return
    near = gap.buffer(0.9 * reach_m, quad_segs=4)
    edges = [
        LineString(pair)
        for part in polygons(fly.intersection(shapely.box(*near.bounds).buffer(1.0)))
        for ring in (part.exterior, *part.interiors)
        for pair in zip(ring.coords[:-1], ring.coords[1:], strict=True)
    ]
    pieces = [*shapely.get_parts(axis.intersection(fly)), *(edge.intersection(near) for edge in edges)]
    lines = [piece for piece in pieces if isinstance(piece, LineString) and piece.length > 0.0]
    lines.sort(key=lambda line: -line.length)
    lines = [line for line in lines if fly.buffer(1e-6).covers(line)][:EDGES_TRIED]
    spot = nearest_points(fly, gap.representative_point())[0]
    yield from _lengthened([*lines, LineString([spot, spot])], fly)


def _axis(gap: Polygon, reach_m: float) -> LineString:
    """Return the middle line of a gap's box, without the ends that are seen from further in."""
    box = shapely.minimum_rotated_rectangle(gap)
    if not isinstance(box, Polygon):
        return LineString([gap.centroid, gap.centroid])
    corners = np.asarray(box.exterior.coords)[:4, :2]
    if np.hypot(*(corners[1] - corners[0])) < np.hypot(*(corners[2] - corners[1])):
        corners = np.roll(corners, -1, axis=0)
    start, end = (corners[0] + corners[3]) / 2.0, (corners[1] + corners[2]) / 2.0
    length_m, across_m = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1]))
    spare_m = np.sqrt(max(reach_m**2 - (across_m / 2.0) ** 2, 0.0))
    inset = (end - start) * min(spare_m / max(length_m, 1e-9), 0.5)
    return LineString([start + inset, end - inset])


def _lengthened(lines: list[LineString], fly: BaseGeometry) -> Iterator[Array]:
    """Yield lines as sweeps; those too short to fly along are stretched to where there is room."""
    for line in lines:
        if line.length >= LEAST_SWEEP_M:
            yield np.asarray(line.coords)[:, :2]
            continue
        middle = np.asarray(line.interpolate(0.5, normalized=True).coords)[0, :2]
        for turn in np.arange(8) * np.pi / 4.0:
            end = middle + LEAST_SWEEP_M * np.array([np.cos(turn), np.sin(turn)])
            if fly.covers(LineString([middle, end])) or (
                fly.distance(Point(middle)) < 1e-6 and fly.covers(Point(end))
            ):
                yield np.array([middle, end])
                break
