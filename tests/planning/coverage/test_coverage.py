from __future__ import annotations

from itertools import permutations, product
from math import cos, pi, sin

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from dronepatrol.errors import GeometryError, PlanningError
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning import plan_coverage, route_time_s
from dronepatrol.planning.coverage.ordering import best_order, connections
from dronepatrol.planning.coverage.strips import Swath, candidate_directions_deg, strip_offsets_m, strips

SQUARE = box(0.0, 0.0, 200.0, 100.0)
HOLED = box(0.0, 0.0, 200.0, 200.0).difference(box(60.0, 60.0, 140.0, 140.0))


def seen_share(area, route, swath_m) -> float:
    """Share of sample points of an area within reach of the sweeps, measured point by point."""
    rng = np.random.default_rng(1)
    west, south, east, north = area.bounds
    points = shapely.points(rng.uniform((west, south), (east, north), size=(6000, 2)))
    points = points[shapely.contains(area, points)]
    sweeps = route.sweeps_enu_m
    lines = shapely.linestrings(sweeps) if len(sweeps) else shapely.points(route.path_enu_m)
    return float(shapely.dwithin(points, shapely.multilinestrings(lines), swath_m / 2.0).mean())


@st.composite
def star_shapes(draw):
    """Return a simple polygon around the origin, convex or not, 40 to 300 m across."""
    count = draw(st.integers(3, 9))
    radii = draw(st.lists(st.floats(20.0, 150.0), min_size=count, max_size=count))
    turn = draw(st.floats(0.0, 2.0 * pi))
    angles = [turn + 2.0 * pi * i / count for i in range(count)]
    return Polygon([(r * cos(a), r * sin(a)) for r, a in zip(radii, angles, strict=True)])


def test_rectangle_is_swept_along_its_long_side():
    """A 200 m by 100 m rectangle with 25 m swath takes four sweeps along its long side."""
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0)
    assert route.direction_deg == pytest.approx(0.0)
    assert len(route.sweeps_enu_m) == 4
    assert route.covered_share > 0.99


def test_sweeps_are_evenly_spread():
    """Sweeps over a rectangle lie at equal distances, at half of that from the edges at most."""
    route = plan_coverage(SQUARE, spacing_m=30.0, swath_m=30.0)
    across = sorted(route.sweeps_enu_m[:, 0, 1])
    assert np.diff(across) == pytest.approx([25.0] * 3)
    assert across[0] == pytest.approx(12.5)


def test_strips_reach_both_edges_at_no_more_than_the_spacing():
    """For many widths the outer strips reach the edges and no two are further apart than asked."""
    for width_m in np.linspace(1.0, 500.0, 200):
        offsets, half_band_m = strip_offsets_m(float(width_m), Swath(30.0, 22.0))
        assert offsets[0] - half_band_m == pytest.approx(0.0, abs=1e-9)
        assert offsets[-1] + half_band_m == pytest.approx(width_m)
        assert half_band_m <= 15.0 or len(offsets) == 1
        assert np.all(np.diff(offsets) <= 22.0 + 1e-9)


def test_path_is_one_chain_of_sweeps_and_turns():
    """Every step is told to be a sweep or a turn, and both ends are sweeps."""
    route = plan_coverage(HOLED, spacing_m=25.0, swath_m=25.0, holes_are_obstacles=True)
    assert len(route.is_sweep) == len(route.path_enu_m) - 1
    assert route.is_sweep[0]
    assert route.is_sweep[-1]


def test_holes_may_be_flown_over():
    """A hole that is no obstacle is crossed, which is shorter than going around it."""
    over = plan_coverage(HOLED, spacing_m=25.0, swath_m=25.0)
    around = plan_coverage(HOLED, spacing_m=25.0, swath_m=25.0, holes_are_obstacles=True)
    assert over.duration_s <= around.duration_s


def test_holes_as_obstacles_are_not_entered():
    """With holes as obstacles no part of the path lies inside one."""
    route = plan_coverage(HOLED, spacing_m=25.0, swath_m=25.0, holes_are_obstacles=True)
    assert not LineString(route.path_enu_m).intersects(box(60.0, 60.0, 140.0, 140.0))


def test_obstacle_and_its_margin_are_not_entered():
    """A keep-out zone across the area is avoided with its margin by sweeps and turns alike."""
    zone = box(80.0, -50.0, 120.0, 60.0)
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0, obstacles_enu=[zone], margin_m=10.0)
    assert LineString(route.path_enu_m).distance(zone) >= 10.0


def test_remainder_is_what_the_sweeps_do_not_show():
    """Shown and unseen ground add up to the area, and the unseen lies inside the zone's margin."""
    zone = box(80.0, -50.0, 120.0, 160.0).intersection(SQUARE)
    wide = box(60.0, 20.0, 140.0, 80.0)
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0, obstacles_enu=[wide])
    assert route.remainder_enu.area == pytest.approx((1.0 - route.covered_share) * SQUARE.area)
    assert route.remainder_enu.intersection(wide).area > 0.95 * route.remainder_enu.area
    assert zone.area > 0.0


def test_ground_beside_a_zone_is_still_shown():
    """Only ground out of reach stays unseen: what can be seen from outside the zone is covered."""
    zone = box(60.0, 20.0, 140.0, 80.0)
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0, obstacles_enu=[zone])
    coverable = SQUARE.difference(zone).buffer(12.5).intersection(SQUARE)
    assert route.covered_share * SQUARE.area >= 0.99 * coverable.area


def test_keep_in_area_is_not_left():
    """A concave area used as keep-in is never left by turns."""
    corner = Polygon([(0, 0), (300, 0), (300, 100), (100, 100), (100, 300), (0, 300)])
    route = plan_coverage(corner, spacing_m=30.0, swath_m=30.0, keep_in_enu=corner)
    assert corner.covers(LineString(route.path_enu_m))


def test_separate_parts_are_all_shown():
    """Each part of a multipolygon is covered."""
    parts = MultiPolygon([box(0, 0, 100, 80), box(160, 20, 220, 220)])
    route = plan_coverage(parts, spacing_m=20.0, swath_m=20.0)
    assert seen_share(parts, route, 20.0) >= 0.985


def test_small_area_takes_one_photo_point():
    """An area inside one footprint is a single point over its middle."""
    route = plan_coverage(box(0.0, 0.0, 20.0, 10.0), spacing_m=30.0, swath_m=40.0)
    assert route.is_point
    assert route.path_enu_m[0] == pytest.approx([10.0, 5.0])
    assert route.covered_share == pytest.approx(1.0, abs=1e-3)


def test_area_under_a_zone_cannot_be_flown():
    """An area that lies inside a zone with its margin has no route."""
    with pytest.raises(PlanningError, match="nothing of the area is left"):
        plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0, obstacles_enu=[SQUARE.buffer(5.0)])


def test_empty_area_is_refused():
    """An empty polygon is an input error."""
    with pytest.raises(GeometryError, match="the area is empty"):
        plan_coverage(Polygon(), spacing_m=25.0, swath_m=25.0)


def test_crossing_area_is_refused():
    """A self-crossing polygon is an input error that says where."""
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    with pytest.raises(GeometryError, match=r"Self-intersection"):
        plan_coverage(bow, spacing_m=25.0, swath_m=25.0)


@pytest.mark.parametrize("spacing_m", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_spacing_is_refused(spacing_m):
    """A spacing that is not a positive number is an input error."""
    with pytest.raises(GeometryError, match="track spacing"):
        plan_coverage(SQUARE, spacing_m=spacing_m, swath_m=25.0)


def test_same_seed_gives_the_same_path():
    """Planning twice gives the same points."""
    first, second = (plan_coverage(HOLED, spacing_m=15.0, swath_m=15.0, seed=3) for _ in range(2))
    assert np.array_equal(first.path_enu_m, second.path_enu_m)


def test_home_decides_where_the_pass_starts():
    """With a home in a corner the pass begins or ends near it."""
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0, home_enu_m=(200.0, 0.0))
    ends = np.hypot(*(route.path_enu_m[[0, -1]] - (200.0, 0.0)).T)
    assert ends.min() < 15.0


def test_backward_pass_flies_the_same_ground():
    """A reversed route has the same sweeps and ends where the route begins."""
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0)
    back = route.reversed()
    assert back.sweep_length_m == pytest.approx(route.sweep_length_m)
    assert np.array_equal(back.path_enu_m[-1], route.path_enu_m[0])


def test_predicted_time_is_that_of_the_path():
    """The route's duration is the time model's answer for its path."""
    route = plan_coverage(SQUARE, spacing_m=25.0, swath_m=25.0)
    assert route.duration_s == pytest.approx(route_time_s(route.path_enu_m, 10.0, 2.5))


def test_directions_come_from_edges_and_hull():
    """A turned rectangle with a notch offers its sides first and the hull's cut after them."""
    shape = Polygon([(0, 0), (200, 0), (200, 100), (0, 100), (60, 50)])
    directions = candidate_directions_deg(shape)
    assert directions[0] == pytest.approx(0.0)
    assert any(angle == pytest.approx(90.0) for angle in directions)


def test_order_of_few_sweeps_is_the_best_of_all_orders():
    """For five sweeps the local search finds the order that trying every order and direction finds."""
    area = Polygon([(0, 0), (130, 10), (120, 90), (60, 60), (10, 110)])
    sweeps = strips(area, area, Swath(20.0, 20.0), 0.0)[:5]
    times = connections(sweeps, VisibilityGraph(), 10.0, 2.5, None)
    best = min(
        times.of(np.array([2 * sweep + way for sweep, way in zip(order, ways, strict=True)]))
        for order in permutations(range(len(sweeps)))
        for ways in product((0, 1), repeat=len(sweeps))
    )
    assert times.of(best_order(times)) == pytest.approx(best)


@settings(max_examples=20, deadline=None)
@given(star_shapes(), st.floats(8.0, 40.0))
def test_any_shape_is_covered(area, swath_m):
    """Any simple polygon is shown to 99 %, sampled by points apart from the planner's own sums."""
    route = plan_coverage(area, spacing_m=swath_m, swath_m=swath_m)
    assert route.covered_share >= 0.99
    assert seen_share(area, route, swath_m) >= 0.98


@settings(max_examples=12, deadline=None)
@given(star_shapes(), st.integers(-60, 60), st.integers(-60, 60), st.integers(10, 60))
def test_no_metre_inside_any_zone(area, east, north, size):
    """Whatever the area and the zone, the path keeps the margin from the zone."""
    zone = Point(east, north).buffer(size, quad_segs=2)
    try:
        route = plan_coverage(area, spacing_m=20.0, swath_m=20.0, obstacles_enu=[zone], margin_m=5.0)
    except PlanningError:
        return
    path = LineString(route.path_enu_m) if len(route.path_enu_m) > 1 else Point(route.path_enu_m[0])
    assert path.distance(zone) >= 5.0
