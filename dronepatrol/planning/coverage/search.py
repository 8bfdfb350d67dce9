"""The search for a fast pass over an area: directions tried, gaps filled, the fastest order kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import GeometryError, PlanningError
from dronepatrol.geo.polygon import polygons
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning.coverage.ordering import best_order, connections, reachable
from dronepatrol.planning.coverage.patches import patched
from dronepatrol.planning.coverage.route import CoverageRoute
from dronepatrol.planning.coverage.strips import Swath, candidate_directions_deg, shown_by, strips
from dronepatrol.planning.timing import route_time_s

Array = npt.NDArray[np.float64]
XY = tuple[float, float]

GAP_SHARE = 0.002
"""Room left above the wanted coverage for the polygon that stands for a round footprint."""
ROUTED = 8
"""Most promising sets of sweeps that are put in order and timed."""
EXTRA_STRIPS = (0, 1)
"""Strips more than the spacing asks for, tried where slanted edges leave gaps."""
KICKS = 16
"""Perturbations of the order that the fastest route is tried to improve with."""
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

    @property
    def allowed_m2(self) -> float:
        """Area that may stay unseen."""
        return (1.0 - min(1.0, self.wanted + GAP_SHARE)) * self.coverable.area


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
    if not area.is_valid:
        raise GeometryError(f"the area is not a valid polygon ({shapely.is_valid_reason(area)})")
    if not polygons(area):
        raise GeometryError("the area is empty", remedy="give a polygon with at least three corners")
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
    """Put the most promising sets of sweeps in order, and improve the order of the fastest."""
    ranked: list[tuple[float, int, Array]] = []
    for angle in candidate_directions_deg(ground.area):
        for extra in EXTRA_STRIPS:
            sweeps = strips(ground.coverable, ground.fly, ground.swath, angle, extra)
            if len(sweeps):
                ranked.append((_estimate_s(sweeps, ground), len(ranked), sweeps))
    routes = [_route(ground, sweeps) for _, _, sweeps in sorted(ranked, key=lambda r: r[:2])[:ROUTED]]
    if not routes:
        raise PlanningError("no sweep fits between the obstacles; lower the margin or widen the swath")
    best = min(routes, key=lambda route: _rank(route, ground))
    kicked = _ordered(ground, best.sweeps_enu_m, KICKS)
    return min(best, kicked, key=lambda route: _rank(route, ground))


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


def _route(ground: _Ground, sweeps: Array) -> CoverageRoute:
    """Fill the gaps of a set of sweeps, drop what cannot be reached, and put the rest in order."""
    sweeps = patched(sweeps, ground.coverable, ground.fly, ground.swath.reach_m, ground.allowed_m2)
    return _ordered(ground, sweeps, 0)


def _ordered(ground: _Ground, sweeps: Array, kicks: int) -> CoverageRoute:
    motion = (ground.cruise_mps, ground.acceleration_mps2, ground.home_enu_m)
    times = connections(sweeps, ground.graph, *motion)
    group = reachable(times.between_s)
    if len(group) < len(sweeps):
        sweeps = sweeps[group]
        times = connections(sweeps, ground.graph, *motion)
    path, is_sweep = _joined(sweeps, best_order(times, ground.seed, kicks), ground.graph)
    remainder = MultiPolygon(polygons(ground.area.difference(shown_by(sweeps, ground.swath.reach_m))))
    course = sweeps[0, 1] - sweeps[0, 0]
    return CoverageRoute(
        path,
        is_sweep,
        1.0 - remainder.area / ground.area.area,
        remainder,
        float(np.degrees(np.arctan2(course[1], course[0])) % 180.0),
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
