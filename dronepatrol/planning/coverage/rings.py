"""Laps along the edges of an area, wound into spirals."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LinearRing, LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.polygon import polygons

Array = npt.NDArray[np.float64]

MOST_LAPS = 60
"""Laps one inside the other, at most."""
LANE_CHANGE = 2.0
"""A lap gives way to the next one over so many spacings."""
SPARE_LAP = 0.3
"""A lap ends so many spacings before it closes."""


def spirals(fly: BaseGeometry, spacing_m: float, first_m: float, laps: int = MOST_LAPS) -> list[Array]:
    """Return curves of shape (n, 2) along all edges of the ground, one lap inside the other.

    Parameters
    ----------
    fly
        Where the laps may run.
    spacing_m
        Distance between laps.
    first_m
        Distance of the first lap from the edge.
    laps
        How many, at most.
    """
    chains: list[list[Polygon]] = []
    open_chains: list[tuple[list[Polygon], bool]] = []
    for lap in range(laps):
        inset = fly.buffer(-(first_m + lap * spacing_m), join_style="mitre", mitre_limit=3.0)
        rings = [(Polygon(p.exterior), True) for p in polygons(inset)]
        rings += [(Polygon(hole), False) for p in polygons(inset) for hole in p.interiors]
        rings = [(ring, outer) for ring, outer in rings if ring.exterior.length > 2.0 * spacing_m]
        if not rings:
            break
        open_chains = _linked(open_chains, rings, chains)
    return [_wound(chain, spacing_m) for chain in chains]


def _linked(
    open_chains: list[tuple[list[Polygon], bool]],
    rings: list[tuple[Polygon, bool]],
    chains: list[list[Polygon]],
) -> list[tuple[list[Polygon], bool]]:
    """Append each ring to the one chain it continues, or start a chain with it."""
    parents: list[list[int]] = []
    for ring, outer in rings:
        fits = [
            k
            for k, (chain, was_outer) in enumerate(open_chains)
            if was_outer == outer and (chain[-1].contains(ring) if outer else ring.contains(chain[-1]))
        ]
        parents.append(fits)
    uses = [k for fits in parents if len(fits) == 1 for k in fits]
    result: list[tuple[list[Polygon], bool]] = []
    for (ring, outer), fits in zip(rings, parents, strict=True):
        if len(fits) == 1 and uses.count(fits[0]) == 1:
            chain = open_chains[fits[0]][0]
            chain.append(ring)
        else:
            chain = [ring]
            chains.append(chain)
        result.append((chain, outer))
    return result


def _wound(chain: list[Polygon], spacing_m: float) -> Array:
    """Join laps into one curve: each is left a little before it closes."""
    rings = [LinearRing(_smoothed(ring, 0.05 * spacing_m)) for ring in chain]
    rings = [ring if ring.is_ccw else LinearRing(list(ring.coords)[::-1]) for ring in rings]
    start = _longest_edge_start(np.asarray(rings[0].coords)[:, :2])
    points: list[Array] = []
    for ring in rings:
        begin_m = ring.project(Point(start))
        points.append(_from(ring, begin_m, ring.length - SPARE_LAP * spacing_m))
        # What a lane change passes by was seen when the lap began.
        change_m = min(LANE_CHANGE * spacing_m, 0.25 * ring.length)
        start = tuple(_from(ring, begin_m, change_m)[-1])
    return np.concatenate(points)


def _smoothed(ring: Polygon, tolerance_m: float) -> Array:
    return shapely.get_coordinates(ring.exterior.simplify(tolerance_m))


def _longest_edge_start(ring: Array) -> tuple[float, float]:
    """Return where the longest edge begins: lane changes are then on it."""
    steps = np.diff(ring, axis=0)
    k = int(np.argmax(np.hypot(steps[:, 0], steps[:, 1])))
    return float(ring[k, 0]), float(ring[k, 1])


def _from(ring: LinearRing, begin_m: float, length_m: float) -> Array:
    """Return a run of a ring from a place on it."""
    points = np.asarray(ring.coords)[:, :2]
    ends = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    twice = LineString(np.concatenate([points, points[1:]]))
    at = np.concatenate([ends, ring.length + ends[1:]])
    last_m = begin_m + max(length_m, 0.1)
    inner = at[(at > begin_m + 0.01) & (at < last_m - 0.01)]
    places = np.concatenate([[begin_m], inner, [last_m]])
    return np.array([np.asarray(p.coords)[0, :2] for p in shapely.line_interpolate_point(twice, places)])
