"""The fastest path over an area: a portfolio of patterns, then local search, until the time limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import GeometryError, PlanningError
from dronepatrol.geo.polygon import polygons
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning.coverage.answer import Contender, FastCoverage, bound_s
from dronepatrol.planning.coverage.contest import Budget, Candidate, Contest, Ground
from dronepatrol.planning.coverage.flight import XY, Turning
from dronepatrol.planning.coverage.strips import shown_by

Array = npt.NDArray[np.float64]

HAIR_M = 0.01
"""The path keeps this distance from the edges of what may be flown, for rounding in files; legs and ways
around obstacles are laid out at twice that."""
ROUND_QUARTER_SEGMENTS = 32
"""Corners per quarter of a footprint when the final coverage is measured."""
RUNNERS_UP = 3
"""Patterns named besides the winner."""


def fastest_coverage(
    area_enu: Polygon | MultiPolygon,
    *,
    swath_m: float,
    obstacles_enu: Iterable[BaseGeometry] = (),
    holes_are_obstacles: bool = True,
    stay_inside: bool = True,
    margin_m: float = 0.0,
    coverage: float = 0.99,
    turning: Turning | None = None,
    home_enu_m: XY | None = None,
    time_limit_s: float = 5.0,
    max_iterations: int | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> FastCoverage:
    """Search for the fastest path that shows an area, for an aircraft that rounds its corners.

    Parameters
    ----------
    area_enu
        What is to be seen, metres; what lies in its holes need not be.
    swath_m
        Diameter of the disc that is seen around the aircraft.
    obstacles_enu
        Polygons that the path does not enter.
    holes_are_obstacles
        Whether the path stays out of the area's holes.
    stay_inside
        Whether the path stays inside the area's outline. An area of several parts is left between them.
    margin_m
        Distance kept from obstacles, holes and the outline.
    coverage
        Share of what can be seen at all that the path must show, 0 to 1.
    turning
        Speed and acceleration; 10 m/s and 2 m/s2 by default.
    home_enu_m
        Where the aircraft comes from and returns to; the time of both ways is then part of the search.
    time_limit_s
        The search ends after this long on the wall clock. A first path is made in any case.
    max_iterations
        Instead of the time limit: number of changes judged. The same number and seed give the same path.
    seed
        Of the search.
    tell
        Called with a line for each step of the search.

    Raises
    ------
    GeometryError
        If the area is empty or invalid, a figure is not above 0, or home lies in an obstacle.
    PlanningError
        If nothing of the area can be flown over.
    """
    turning = turning or Turning()
    _validate(area_enu, swath_m, turning, time_limit_s, coverage)
    budget = Budget(time_limit_s, max_iterations)
    ground = _ground(area_enu, swath_m, obstacles_enu, holes_are_obstacles, stay_inside, margin_m)
    _check_home(home_enu_m, ground)
    wanted_m2 = coverage * ground.coverable.area
    bound = bound_s(wanted_m2, ground.coverable, swath_m, turning)
    point = _photo_point(ground)
    if point is not None:
        candidate, others, iterations = point, [], 0
    else:
        contest = Contest(ground, turning, coverage, home_enu_m, budget, seed, tell)
        candidate = contest.run()
        others, iterations = contest.others(candidate), budget.iterations
    path = np.array(candidate.points)
    remainder = _remainder(path, ground)
    transit_s = 0.0
    if home_enu_m is not None:
        ends = path[[0, -1]] - np.asarray(home_enu_m)
        transit_s = float(np.hypot(ends[:, 0], ends[:, 1]).sum() / turning.cruise_mps)
    return FastCoverage(
        path,
        candidate.time_s,
        1.0 - remainder.area / area_enu.area,
        ground.coverable.area / area_enu.area,
        remainder,
        candidate.pattern.name,
        tuple(Contender(c.pattern.name, c.time_s, c.covered) for c in others[:RUNNERS_UP]),
        min(bound, candidate.time_s),
        transit_s,
        iterations,
    )


def _validate(
    area: BaseGeometry, swath_m: float, turning: Turning, time_limit_s: float, coverage: float
) -> None:
    if not area.is_valid:
        raise GeometryError(f"the area is not a valid polygon ({shapely.is_valid_reason(area)})")
    if not polygons(area):
        raise GeometryError("the area is empty", remedy="give a polygon with at least three corners")
    figures = (
        ("swath", swath_m, "m"),
        ("speed", turning.cruise_mps, "m/s"),
        ("acceleration", turning.acceleration_mps2, "m/s2"),
        ("time limit", time_limit_s, "s"),
        ("wanted coverage", coverage, "of 1"),
    )
    for name, value, unit in figures:
        if not (np.isfinite(value) and value > 0.0):
            raise GeometryError(f"a {name} of {value:g} {unit} is not above 0")
    if coverage > 1.0:
        raise GeometryError(f"a wanted coverage of {coverage:g} is above 1")


def _ground(
    area: Polygon | MultiPolygon,
    swath_m: float,
    obstacles_enu: Iterable[BaseGeometry],
    holes_are_obstacles: bool,
    stay_inside: bool,
    margin_m: float,
) -> Ground:
    """Return what is to be seen, and where it may be flown."""
    obstacles = [part for obstacle in obstacles_enu for part in polygons(obstacle)]
    if holes_are_obstacles:
        obstacles += [Polygon(ring) for part in polygons(area) for ring in part.interiors]
    outlines = [Polygon(part.exterior) for part in polygons(area)]
    keep_in = outlines[0] if stay_inside and len(outlines) == 1 else None
    graph = VisibilityGraph(obstacles, keep_in=keep_in, margin_m=margin_m)
    room: BaseGeometry = keep_in or shapely.union_all(outlines).convex_hull.buffer(swath_m)
    free = room.difference(shapely.union_all(obstacles)) if obstacles else room
    # Sharp corners keep the room from growing thousands of vertices.
    free = shapely.make_valid(free.buffer(-(margin_m + HAIR_M), join_style="mitre"))
    fly = shapely.make_valid(free.buffer(-HAIR_M, join_style="mitre"))
    fly = fly if keep_in is not None else fly.intersection(area)
    if not polygons(fly):
        raise PlanningError("nothing of the area is left to fly over inside its outline and margins")
    seen = fly.buffer(swath_m / 2.0, quad_segs=ROUND_QUARTER_SEGMENTS)
    coverable = shapely.make_valid(seen.intersection(area))
    coverable = area if coverable.area > 0.9999 * area.area else coverable
    return Ground(area, coverable, fly, free, graph, swath_m)


def _check_home(home: XY | None, ground: Ground) -> None:
    if home is None:
        return
    spot = Point(home)
    holes = shapely.union_all([Polygon(r) for p in polygons(ground.area) for r in p.interiors])
    if holes.contains(spot):
        raise GeometryError(
            "home lies inside a hole of the area, where nothing may fly",
            place="home",
            remedy="move it out of the hole",
        )


def _photo_point(ground: Ground) -> Candidate | None:
    """Return the one point from which everything is seen, if there is one that may be flown."""
    radius_m = shapely.minimum_bounding_radius(ground.coverable)
    centre = shapely.minimum_bounding_circle(ground.coverable).centroid
    if radius_m > ground.swath_m / 2.0 or not ground.free.covers(centre):
        return None
    return Candidate.of_point((centre.x, centre.y))


def _remainder(path: Array, ground: Ground) -> MultiPolygon:
    """Return what of the area a path does not show."""
    steps = np.stack([path[:-1], path[1:]], axis=1) if len(path) > 1 else np.array([[path[0], path[0]]])
    shown = shown_by(steps, ground.swath_m / 2.0, ROUND_QUARTER_SEGMENTS)
    return MultiPolygon(polygons(ground.area.difference(shown)))
