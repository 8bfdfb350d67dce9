"""The search for a fast pass over an area: directions tried, gaps filled, the fastest order kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import GeometryError, PlanningError
from dronepatrol.geo.polygon import polygons
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning.coverage.ordering import best_order, connections, reachable
from dronepatrol.planning.coverage.route import CoverageRoute
from dronepatrol.planning.coverage.strips import Swath, candidate_directions_deg, shown_by, strips
from dronepatrol.planning.timing import route_time_s

Array = npt.NDArray[np.float64]
XY = tuple[float, float]

GAP_SHARE = 0.002
"""Room left above the wanted coverage for the polygon that stands for a round footprint."""
ROUTED = 4
"""Most promising sets of sweeps that are put in order and timed."""
EXTRA_STRIPS = (0, 1, 2)
"""Strips more than the spacing asks for, tried where slanted edges leave gaps."""
MAX_PATCHES = 60
"""Short sweeps added to fill gaps, at most."""
TURN_S = 6.0
"""Rough time of a turn, for ranking sets of sweeps before they are put in order."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """What is to be seen, from where, and how fast."""

    area: BaseGeometry
    coverable: BaseGeometry
    fly: BaseGeometry
    graph: VisibilityGraph
    swath: Swath
    wanted: float
    cruise_mps: float
    acceleration_mps2: float
    home_enu_m: XY | None
    seed: int


def plan_coverage(
    area_enu: Polygon | MultiPolygon,
    *,
    spacing_m: float,
    swath_m: float,
    obstacles_enu: Iterable[BaseGeometry] = (),
    keep_in_enu: BaseGeometry | None = None,
    holes_are_obstacles: bool = False,
    margin_m: float = 0.0,
    coverage: float = 0.99,
    cruise_mps: float = 10.0,
    acceleration_mps2: float = 2.5,
    home_enu_m: XY | None = None,
    seed: int = 0,
) -> CoverageRoute:
    """Plan one pass of parallel sweeps that shows an area, by the least flight time found.

    Parameters
    ----------
    area_enu
        What is to be seen, metres; its holes need not be.
    spacing_m, swath_m
        Greatest distance between neighbouring sweeps, and the width that a sweep shows (the diameter of a
        disc around the aircraft).
    obstacles_enu
        Polygons that no part of the path enters. Ground inside them counts as covered where it is seen from
        outside.
    keep_in_enu
        Polygons that no part of the path leaves, or None.
    holes_are_obstacles
        Whether the holes of the area are obstacles too; otherwise they may be flown over.
    margin_m
        Distance kept from obstacles and from the edge of ``keep_in_enu``.
    coverage
        Share of what can be seen at all that the pass must show, 0 to 1.
    cruise_mps, acceleration_mps2
        Motion that flight time is judged by.
    home_enu_m
        Where the aircraft comes from and goes to, which decides at which end the pass starts; or None.
    seed
        Of the search; the same seed gives the same path.

    Raises
    ------
    GeometryError
        If the area is empty or invalid, or a width is not a positive number.
    PlanningError
        If no place to fly over the area is left outside the obstacles.
    """
    _validate(area_enu, spacing_m, swath_m)
    obstacles = [part for obstacle in obstacles_enu for part in polygons(obstacle)]
    if holes_are_obstacles:
        obstacles += [Polygon(ring) for part in polygons(area_enu) for ring in part.interiors]
    graph = VisibilityGraph(obstacles, keep_in=keep_in_enu, margin_m=margin_m)
    swath = Swath(swath_m, min(spacing_m, swath_m))
    fly = graph.clear(area_enu)
    if not polygons(fly):
        raise PlanningError("nothing of the area is left to fly over outside the obstacles and their margins")
    coverable = area_enu if graph.is_open else _seen_from(fly, area_enu, swath)
    ground = _Ground(
        area_enu, coverable, fly, graph, swath, coverage, cruise_mps, acceleration_mps2, home_enu_m, seed
    )
    return _photo_point(ground) or _fastest(ground)


def _validate(area: BaseGeometry, spacing_m: float, swath_m: float) -> None:
    if not polygons(area):
        raise GeometryError("the area is empty", remedy="give a polygon with at least three corners")
    if not area.is_valid:
        raise GeometryError(f"the area is not a valid polygon ({shapely.is_valid_reason(area)})")
    for name, value in (("track spacing", spacing_m), ("swath", swath_m)):
        if not (np.isfinite(value) and value > 0.0):
            raise GeometryError(f"a {name} of {value} m is not above 0")


def _seen_from(fly: BaseGeometry, area: BaseGeometry, swath: Swath) -> BaseGeometry:
    """Return what of the area lies within reach of places that may be flown."""
    return shapely.make_valid(fly.buffer(swath.reach_m).intersection(area))


def _photo_point(ground: _Ground) -> CoverageRoute | None:
    """Return the one point from which everything is seen, if there is one that may be flown."""
    circle = shapely.minimum_bounding_circle(ground.coverable)
    radius_m = shapely.minimum_bounding_radius(ground.coverable)
    centre: Point = circle.centroid
    if radius_m > ground.swath.reach_m or not ground.graph.is_free([(centre.x, centre.y)]):
        return None
    shown = centre.buffer(ground.swath.reach_m)
    remainder = MultiPolygon(polygons(ground.area.difference(shown)))
    share = 1.0 - remainder.area / ground.area.area
    return CoverageRoute(np.array([[centre.x, centre.y]]), (), share, remainder, 0.0, 0.0)


def _fastest(ground: _Ground) -> CoverageRoute:
    """Put the most promising sets of sweeps in order and return the fastest route."""
    ranked: list[tuple[float, int, float, int]] = []
    directions = candidate_directions_deg(ground.area)
    for index, angle in enumerate(directions):
        for extra in EXTRA_STRIPS[:2]:
            sweeps = strips(ground.coverable, ground.fly, ground.swath, angle, extra)
            ranked.append((_estimate_s(sweeps, ground), index, angle, extra))
    best: CoverageRoute | None = None
    for _, _, angle, extra in _shortlist(ranked):
        route = _route(ground, angle, extra)
        if route is not None and (best is None or _rank(route, ground) < _rank(best, ground)):
            best = route
    if best is None:
        raise PlanningError("no sweep fits between the obstacles; lower the margin or widen the swath")
    return best


def _shortlist(ranked: list[tuple[float, int, float, int]]) -> list[tuple[float, int, float, int]]:
    """Return the sets of sweeps with the least rough time."""
    return sorted(ranked)[: 2 * ROUTED]


def _rank(route: CoverageRoute, ground: _Ground) -> tuple[float, float]:
    """Missing coverage first, in steps that matter, then time."""
    seen = route.covered_share * ground.area.area / max(ground.coverable.area, 1e-9)
    return (round(max(0.0, ground.wanted - seen), 3), route.duration_s)


def _estimate_s(sweeps: Array, ground: _Ground) -> float:
    if len(sweeps) == 0:
        return np.inf
    length_m = float(np.hypot(*(sweeps[:, 1] - sweeps[:, 0]).T).sum())
    hops_m = ground.swath.spacing_m * len(sweeps)
    return (length_m + hops_m) / ground.cruise_mps + TURN_S * len(sweeps)


def _route(ground: _Ground, angle: float, extra: int) -> CoverageRoute | None:
    sweeps = strips(ground.coverable, ground.fly, ground.swath, angle, extra)
    if len(sweeps) == 0:
        return None
    sweeps = _patched(sweeps, ground)
    times = connections(sweeps, ground.graph, ground.cruise_mps, ground.acceleration_mps2, ground.home_enu_m)
    group = reachable(times.between_s)
    if len(group) < len(sweeps):
        sweeps = sweeps[group]
        times = connections(
            sweeps, ground.graph, ground.cruise_mps, ground.acceleration_mps2, ground.home_enu_m
        )
    order = best_order(times, ground.seed)
    path, is_sweep = _joined(sweeps, order, ground.graph)
    remainder = MultiPolygon(polygons(ground.area.difference(shown_by(sweeps, ground.swath.reach_m))))
    return CoverageRoute(
        path,
        is_sweep,
        1.0 - remainder.area / ground.area.area,
        remainder,
        angle,
        route_time_s(path, ground.cruise_mps, ground.acceleration_mps2),
    )


def _joined(
    sweeps: Array, order: npt.NDArray[np.intp], graph: VisibilityGraph
) -> tuple[Array, tuple[bool, ...]]:
    """Return the path through directed sweeps, and which of its steps are sweeps."""
    points: list[XY] = []
    is_sweep: list[bool] = []
    for directed in order.tolist():
        start, end = sweeps[directed // 2][:: -1 if directed % 2 else 1]
        first, last = (float(start[0]), float(start[1])), (float(end[0]), float(end[1]))
        if points:
            way = graph.path(points[-1], first)
            if np.hypot(first[0] - points[-1][0], first[1] - points[-1][1]) > 1e-6:
                points += way[1:]
                is_sweep += [False] * (len(way) - 1)
        else:
            points.append(first)
        if np.hypot(last[0] - first[0], last[1] - first[1]) > 1e-6:
            points.append(last)
            is_sweep.append(True)
    return np.array(points), tuple(is_sweep)


def _patched(sweeps: Array, ground: _Ground) -> Array:
    """Add short sweeps over the largest gaps until enough is covered."""
    reach_m = ground.swath.reach_m
    limit_m2 = (1.0 - min(1.0, ground.wanted + GAP_SHARE)) * ground.coverable.area
    gaps = ground.coverable.difference(shown_by(sweeps, reach_m))
    for _ in range(MAX_PATCHES):
        pieces = polygons(gaps)
        if not pieces or gaps.area <= limit_m2:
            break
        patch = _patch(pieces[0], ground)
        shown = shown_by(patch[None], reach_m)
        if shown.intersection(pieces[0]).area < 1e-3 * pieces[0].area:
            gaps = shapely.union_all(pieces[1:])
            limit_m2 = max(0.0, limit_m2 - pieces[0].area)
            continue
        sweeps = np.concatenate([sweeps, patch[None]])
        gaps = gaps.difference(shown)
    return sweeps


def _patch(gap: Polygon, ground: _Ground) -> Array:
    """Return a sweep along the longer axis of a gap, moved to where it may be flown; shape (2, 2)."""
    box = shapely.minimum_rotated_rectangle(gap)
    corners = (
        np.asarray(box.exterior.coords)[:4, :2]
        if isinstance(box, Polygon)
        else np.tile(gap.centroid.coords, (4, 1))
    )
    first, second = np.hypot(*(corners[1] - corners[0])), np.hypot(*(corners[2] - corners[1]))
    turned = corners if first >= second else np.roll(corners, -1, axis=0)
    start, end = (turned[0] + turned[3]) / 2.0, (turned[1] + turned[2]) / 2.0
    length, across = max(first, second), min(first, second)
    # The footprint looks ahead of both ends: leave out what it shows from further in.
    spare_m = np.sqrt(max(ground.swath.reach_m**2 - (across / 2.0) ** 2, 0.0))
    inset = (end - start) / max(length, 1e-9) * min(spare_m, length / 2.0)
    start, end = start + inset, end - inset
    flyable = _nearest_flyable(np.array([start, end]), ground)
    return flyable if ground.graph.is_free(flyable) else np.array([flyable[0], flyable[0]])


def _nearest_flyable(points: Array, ground: _Ground) -> Array:
    """Move points to the nearest places over the area that may be flown."""
    moved = []
    for spot in (Point(x, y) for x, y in points.tolist()):
        near = spot if ground.fly.covers(spot) else shapely.ops.nearest_points(ground.fly, spot)[0]
        moved.append((near.x, near.y))
    return np.array(moved)
