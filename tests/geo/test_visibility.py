from __future__ import annotations

from itertools import combinations, pairwise
from math import hypot, inf

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from dronepatrol.errors import PlanningError
from dronepatrol.geo.visibility import VisibilityGraph

WALL = box(-5.0, -50.0, 5.0, 50.0)
U_SHAPE = Polygon([(0, 0), (60, 0), (60, 60), (40, 60), (40, 20), (20, 20), (20, 60), (0, 60)])


def length(path) -> float:
    """Length of a list of points."""
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(path))


def brute_force(obstacles, start, end) -> float:
    """Shortest length over all vertices of all obstacles, every pair tested, nothing pruned."""
    solid = shapely.union_all(obstacles).buffer(-1e-6)
    points = [start, end, *(tuple(p) for p in shapely.get_coordinates(shapely.union_all(obstacles)))]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    for i, j in combinations(range(len(points)), 2):
        line = LineString([points[i], points[j]])
        if not solid.intersects(line):
            graph.add_edge(i, j, weight=line.length)
    try:
        return nx.dijkstra_path_length(graph, 0, 1)
    except nx.NetworkXNoPath:
        return inf


def grid_length(obstacles, start, end, step) -> float:
    """Length of a way over an 8-connected grid outside the obstacles: never shorter than the best."""
    solid = shapely.union_all(obstacles).buffer(0.05)
    shapely.prepare(solid)
    at = np.arange(-20.0, 121.0, step)
    graph = nx.Graph()
    nodes = {(i, j): (x, y) for i, x in enumerate(at) for j, y in enumerate(at)}
    moves = [
        (node, (node[0] + di, node[1] + dj))
        for node in nodes
        for di, dj in ((1, 0), (0, 1), (1, 1), (1, -1))
        if (node[0] + di, node[1] + dj) in nodes
    ]
    lines = shapely.linestrings([[nodes[a], nodes[b]] for a, b in moves])
    for (a, b), blocked, line in zip(moves, shapely.intersects(solid, lines), lines, strict=True):
        if not blocked:
            graph.add_edge(a, b, weight=line.length)
    ends = {}
    for name, point in (("start", start), ("end", end)):
        node = min(graph, key=lambda n, p=point: hypot(nodes[n][0] - p[0], nodes[n][1] - p[1]))
        ends[name] = node
    try:
        return nx.dijkstra_path_length(graph, ends["start"], ends["end"])
    except nx.NetworkXNoPath:
        return inf


@st.composite
def blocks(draw):
    """Return one to five turned boxes within 0 to 100 m, apart or overlapping."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        x, y = draw(st.integers(10, 90)), draw(st.integers(10, 90))
        width, height = draw(st.integers(4, 40)), draw(st.integers(4, 40))
        shape = box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        found.append(shapely.affinity.rotate(shape, draw(st.integers(0, 89)), origin="center"))
    return found


def test_straight_where_nothing_is_in_the_way():
    """Two points that see each other are joined by the straight line alone."""
    graph = VisibilityGraph([WALL])
    assert graph.path((-20.0, 80.0), (20.0, 80.0)) == [(-20.0, 80.0), (20.0, 80.0)]


def test_without_obstacles_every_way_is_straight():
    """An empty graph answers with the two points."""
    assert VisibilityGraph().path((0.0, 0.0), (3.0, 4.0)) == [(0.0, 0.0), (3.0, 4.0)]
    assert VisibilityGraph().length_m((0.0, 0.0), (3.0, 4.0)) == pytest.approx(5.0)


def test_bends_at_the_corners_of_a_wall():
    """The way behind a wall touches two of its corners and has the length of a taut string."""
    path = VisibilityGraph([WALL]).path((-30.0, 0.0), (30.0, 0.0))
    assert len(path) == 4
    assert length(path) == pytest.approx(2 * hypot(25.0, 50.0) + 10.0, abs=0.2)


def test_margin_is_kept():
    """With a margin the way keeps that distance from the obstacle all along."""
    path = VisibilityGraph([WALL], margin_m=12.0).path((-30.0, 0.0), (30.0, 0.0))
    assert LineString(path).distance(WALL) >= 12.0


def test_start_inside_the_margin_leaves_it_by_the_shortest_way():
    """A pad beside a zone is left straight away from the zone before the way goes on."""
    path = VisibilityGraph([WALL], margin_m=12.0).path((-8.0, 0.0), (-60.0, 0.0))
    assert path[0] == (-8.0, 0.0)
    assert path[1] == pytest.approx((-17.02, 0.0), abs=0.01)
    assert not WALL.intersects(LineString(path))


def test_end_inside_the_margin_is_reached():
    """A goal in the margin is entered by its nearest border, from the far side too."""
    path = VisibilityGraph([WALL], margin_m=12.0).path((60.0, 0.0), (-8.0, 0.0))
    assert path[-1] == (-8.0, 0.0)
    assert not WALL.intersects(LineString(path))


def test_point_inside_an_obstacle_is_refused():
    """A start within an obstacle has no way and says where it is."""
    with pytest.raises(PlanningError, match=r"1\.0 m east, 2\.0 m north lies inside an obstacle"):
        VisibilityGraph([WALL], margin_m=5.0).path((1.0, 2.0), (60.0, 0.0))


def test_point_deep_inside_an_obstacle_without_margin_is_refused():
    """The same holds for obstacles without a margin."""
    with pytest.raises(PlanningError, match="lies inside an obstacle"):
        VisibilityGraph([WALL]).path((0.0, 0.0), (60.0, 0.0))


def test_enclosed_point_is_unreachable():
    """A courtyard closed on all sides has no way out."""
    court = box(-50.0, -50.0, 50.0, 50.0).difference(box(-20.0, -20.0, 20.0, 20.0))
    with pytest.raises(PlanningError, match="no way from"):
        VisibilityGraph([court]).path((0.0, 0.0), (90.0, 0.0))


def test_stays_inside_the_keep_in_area():
    """A way through a U-shaped area follows its bend."""
    graph = VisibilityGraph(keep_in=U_SHAPE)
    path = graph.path((10.0, 50.0), (50.0, 50.0))
    assert U_SHAPE.covers(LineString(path))
    assert length(path) == pytest.approx(2 * hypot(10.0, 30.0) + 20.0, abs=0.2)


def test_keep_in_margin_is_kept():
    """The margin holds for the edge of the keep-in area as well."""
    path = VisibilityGraph(keep_in=U_SHAPE, margin_m=4.0).path((10.0, 50.0), (50.0, 50.0))
    assert LineString(path).distance(U_SHAPE.exterior) >= 4.0


def test_outside_the_keep_in_area_is_refused():
    """A goal outside the area to stay in is refused."""
    with pytest.raises(PlanningError, match="outside the area to stay in"):
        VisibilityGraph(keep_in=U_SHAPE, margin_m=2.0).path((10.0, 10.0), (200.0, 10.0))


def test_separate_keep_in_areas_are_not_joined():
    """Two areas apart have no way between them."""
    apart = MultiPolygon([box(0, 0, 50, 50), box(100, 0, 150, 50)])
    with pytest.raises(PlanningError, match="no way"):
        VisibilityGraph(keep_in=apart).path((25.0, 25.0), (125.0, 25.0))


def test_hole_of_an_obstacle_is_free_inside():
    """Two points in the same courtyard see each other."""
    court = box(-50.0, -50.0, 50.0, 50.0).difference(box(-20.0, -20.0, 20.0, 20.0))
    assert len(VisibilityGraph([court]).path((-10.0, 0.0), (10.0, 0.0))) == 2


def test_clear_leaves_what_may_be_flown():
    """Clearing a shape removes the obstacle and its margin from it."""
    left = VisibilityGraph([WALL], margin_m=5.0).clear(box(-100.0, -10.0, 100.0, 10.0))
    assert left.distance(WALL) >= 5.0
    assert left.area == pytest.approx(200.0 * 20.0 - 20.0 * 20.0, rel=0.01)


def test_all_lengths_agree_with_single_ways():
    """The matrix of lengths holds the lengths of the ways asked for one by one."""
    graph = VisibilityGraph([WALL, box(20.0, -30.0, 40.0, 90.0)])
    points = [(-30.0, 0.0), (12.0, 0.0), (60.0, 10.0), (0.0, 80.0)]
    expected = [[graph.length_m(a, b) if a != b else 0.0 for b in points] for a in points]
    np.testing.assert_allclose(graph.lengths_m(points), expected, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    blocks(),
    st.tuples(st.integers(0, 100), st.integers(0, 100)),
    st.tuples(st.integers(0, 100), st.integers(0, 100)),
)
def test_as_short_as_brute_force_and_never_through(obstacles, start, end):
    """Every way is as short as one found by testing all pairs of corners, and touches no obstacle."""
    solid = shapely.union_all(obstacles)
    graph = VisibilityGraph(obstacles)
    if min(solid.distance(Point(start)), solid.distance(Point(end))) < 0.1:
        return
    best = brute_force(obstacles, start, end)
    if best == inf:
        with pytest.raises(PlanningError):
            graph.path(start, end)
        return
    path = graph.path(start, end)
    assert not solid.intersects(LineString(path)) or start == end
    assert best - 1e-6 <= length(path) <= best + 0.2 * len(path)


@settings(max_examples=8, deadline=None)
@given(blocks())
def test_between_the_straight_line_and_a_grid(obstacles):
    """A way is never longer than one over a fine grid, nor shorter than the grid's detours explain."""
    start, end = (-10.0, -10.0), (110.0, 110.0)
    found = VisibilityGraph(obstacles).length_m(start, end)
    over_grid = grid_length(obstacles, start, end, 2.0)
    assert found <= over_grid + 0.5
    # Eight directions cost at most 1 / cos(pi / 8) = 1.0824; a gap narrower than the grid is not seen by it.
    solid = shapely.union_all(obstacles)
    if solid.buffer(3.0).buffer(-3.0).area < solid.area * 1.001:
        assert over_grid <= 1.0824 * found + 25.0


@settings(max_examples=40, deadline=None)
@given(blocks(), st.integers(1, 8))
def test_margins_hold_for_any_obstacles(obstacles, margin):
    """Any way between free points keeps the margin from every obstacle."""
    graph = VisibilityGraph(obstacles, margin_m=float(margin))
    try:
        path = graph.path((-20.0, -20.0), (120.0, 120.0))
    except PlanningError:
        return
    assert LineString(path).distance(shapely.union_all(obstacles)) >= margin
