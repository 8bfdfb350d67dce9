"""Shortest paths around polygons: a visibility graph on networkx."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import hypot

import networkx as nx
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.geometry.polygon import orient

from dronepatrol.errors import PlanningError
from dronepatrol.geo.polygon import polygons

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
XY = tuple[float, float]

NUDGE_M = 0.02
"""Graph nodes stand this far off the blocked region, so that a path along an edge does not touch it."""
MITRE_LIMIT = 1.5
"""Corners of a margin reach out to this many margins before they are cut off."""
WORLD_M = 100_000.0
"""Half the side of the square that stands for everywhere, in the complement of a keep-in area."""


class VisibilityGraph:
    """Shortest paths that stay out of polygons and, if asked, inside others.

    The vertices of the blocked region at which a taut string can bend are the nodes; two are joined when the
    straight line between them is free and touches the region's corners without cutting into it (Lozano-Perez
    and Wesley 1979; only bitangent edges can be part of a shortest path). The nodes are joined once, when the
    first query needs them; what a query point sees and the paths found are remembered.

    Parameters
    ----------
    obstacles
        Polygons to stay out of, metres. Anything without an area is ignored.
    keep_in
        Stay inside these polygons, or None.
    margin_m
        Distance kept from obstacles and from the edge of ``keep_in``.
    """

    def __init__(
        self,
        obstacles: Iterable[BaseGeometry] = (),
        *,
        keep_in: BaseGeometry | None = None,
        margin_m: float = 0.0,
    ) -> None:
        self.margin_m = margin_m
        hard = [part for obstacle in obstacles for part in polygons(obstacle)]
        if keep_in is not None:
            world = shapely.box(-WORLD_M, -WORLD_M, WORLD_M, WORLD_M)
            hard += polygons(world.difference(shapely.union_all(polygons(keep_in))))
        self._hard: BaseGeometry = shapely.union_all(hard)
        self.blocked: BaseGeometry = _grown(self._hard, margin_m)
        self._ring: BaseGeometry = _grown(self.blocked, NUDGE_M)
        shapely.prepare(self._hard)
        shapely.prepare(self.blocked)
        self.nodes_enu_m, self._before_m, self._after_m = _bending_vertices(self._ring)
        self._graph: nx.Graph[int] | None = None
        self._lengths_m: Array | None = None
        self._seen: dict[XY, Array] = {}
        self._paths: dict[tuple[XY, XY], list[XY]] = {}

    @property
    def is_open(self) -> bool:
        """Whether nothing blocks anything."""
        return self.blocked.is_empty

    def clear(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return the part of a geometry that may be flown, off the blocked region by a hair."""
        return geometry if self.is_open else geometry.difference(self._ring)

    def is_free(self, line_enu_m: npt.ArrayLike) -> bool:
        """Say whether a path of shape (n, 2) stays clear of the blocked region."""
        points = np.asarray(line_enu_m, dtype=np.float64)
        line = LineString(points) if len(points) > 1 else Point(points[0])
        return self.is_open or not self.blocked.intersects(line)

    def visible(self, starts_enu_m: Array, ends_enu_m: Array) -> Mask:
        """Say for each pair of points, shapes (n, 2), whether the straight line between them is free."""
        if self.is_open or len(starts_enu_m) == 0:
            return np.ones(len(starts_enu_m), dtype=np.bool_)
        lines = shapely.linestrings(np.stack([starts_enu_m, ends_enu_m], axis=1))
        return np.asarray(~np.asarray(shapely.intersects(self.blocked, lines)))

    def path(self, start: XY, end: XY) -> list[XY]:
        """Return the points of the shortest path from start to end, both included.

        A point inside the margin of an obstacle (a launch pad beside a zone) first leaves the margin by the
        shortest way.

        Raises
        ------
        PlanningError
            If a point lies inside an obstacle or outside the keep-in area, or no path exists.
        """
        start, end = (float(start[0]), float(start[1])), (float(end[0]), float(end[1]))
        key = (start, end)
        if key not in self._paths:
            self._paths[key] = self._find(start, end)
        return list(self._paths[key])

    def length_m(self, start: XY, end: XY) -> float:
        """Return the length of the shortest path; raises as `path` does."""
        return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(self.path(start, end)))

    def lengths_m(self, points_enu_m: npt.ArrayLike) -> Array:
        """Return the lengths of the shortest paths between all pairs of points, shape (n, n), inf where none.

        Points inside the blocked region reach nothing.
        """
        points = np.asarray(points_enu_m, dtype=np.float64).reshape(-1, 2)
        direct: Array = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
        if self.is_open:
            return direct
        rows, columns = np.triu_indices(len(points), 1)
        free = self.visible(points[rows], points[columns])
        result = np.full_like(direct, np.inf)
        np.fill_diagonal(result, 0.0)
        result[rows[free], columns[free]] = direct[rows[free], columns[free]]
        result = np.minimum(result, result.T)
        if free.all() or len(self.nodes_enu_m) == 0:
            return result
        to_nodes = np.stack([self._sight(point) for point in points])
        through = _min_plus(to_nodes, self._node_lengths())
        return np.minimum(result, _min_plus(through, to_nodes.T))

    def _find(self, start: XY, end: XY) -> list[XY]:
        head, tail = self._escape(start), self._escape(end)
        middle = self._between(head[-1], tail[-1])
        return _without_repeats([*head[:-1], *middle, *reversed(tail[:-1])])

    def _escape(self, point: XY) -> list[XY]:
        """Return the way from a point to the nearest free one: the point alone if it is free itself."""
        spot = Point(point)
        if self.is_open or not self.blocked.intersects(spot):
            return [point]
        inside = self._hard.intersects(spot) and self.margin_m > 0.0
        if inside or self.blocked.boundary.distance(spot) > 2.0 * self.margin_m + NUDGE_M:
            raise PlanningError(
                f"the point {point[0]:.1f} m east, {point[1]:.1f} m north lies inside an obstacle "
                "or outside the area to stay in; move it"
            )
        border = self._ring.boundary
        exits = [border.interpolate(border.project(spot)).coords[0], *map(tuple, self.nodes_enu_m)]
        exits[1:] = sorted(exits[1:], key=lambda e: hypot(e[0] - point[0], e[1] - point[1]))[:8]
        for exit_ in exits:
            if self.margin_m == 0.0 or not self._hard.intersects(LineString([point, exit_])):
                return [point, (float(exit_[0]), float(exit_[1]))]
        raise PlanningError(f"no way out of the margin at {point[0]:.1f} m east, {point[1]:.1f} m north")

    def _between(self, start: XY, end: XY) -> list[XY]:
        if self.visible(np.array([start]), np.array([end]))[0]:
            return [start, end]
        graph = self._joined()
        source, target = -1, -2
        for name, point in ((source, start), (target, end)):
            sight = self._sight(point)
            graph.add_node(name)
            graph.add_weighted_edges_from(
                (name, int(i), sight[i]) for i in np.flatnonzero(np.isfinite(sight))
            )
        try:
            found = nx.dijkstra_path(graph, source, target)
        except nx.NetworkXNoPath:
            raise PlanningError(
                f"no way from {start[0]:.1f} m east, {start[1]:.1f} m north to {end[0]:.1f} m east, "
                f"{end[1]:.1f} m north around the obstacles; the zones enclose one of them"
            ) from None
        finally:
            graph.remove_nodes_from((source, target))
        inner = [(float(x), float(y)) for x, y in self.nodes_enu_m[found[1:-1]]]
        return [start, *inner, end]

    def _sight(self, point: npt.ArrayLike) -> Array:
        """Distances from a point to the nodes it sees along a tangent, inf for the others; shape (nodes,)."""
        spot = np.asarray(point, dtype=np.float64)
        key = (float(spot[0]), float(spot[1]))
        if key not in self._seen:
            useful = np.flatnonzero(self._tangent(spot, np.arange(len(self.nodes_enu_m))))
            ends = self.nodes_enu_m[useful]
            free = useful[self.visible(np.broadcast_to(spot, ends.shape), ends)]
            row = np.full(len(self.nodes_enu_m), np.inf)
            row[free] = np.hypot(*(self.nodes_enu_m[free] - spot).T)
            self._seen[key] = row
        return self._seen[key]

    def _tangent(self, origins: Array, nodes: npt.NDArray[np.intp]) -> Mask:
        """Say whether the lines from origins to nodes leave both neighbours of each node on one side."""
        corner = self.nodes_enu_m[nodes]
        along = corner - origins
        before, after = self._before_m[nodes] - corner, self._after_m[nodes] - corner
        side_before = along[:, 0] * before[:, 1] - along[:, 1] * before[:, 0]
        side_after = along[:, 0] * after[:, 1] - along[:, 1] * after[:, 0]
        tolerance = 1e-6 * np.hypot(along[:, 0], along[:, 1]) + 1e-12
        one_side = (side_before >= -tolerance) & (side_after >= -tolerance)
        other_side = (side_before <= tolerance) & (side_after <= tolerance)
        return np.asarray(one_side | other_side)

    def _joined(self) -> nx.Graph[int]:
        """Return the graph of the nodes, built when first needed."""
        if self._graph is None:
            rows, columns = np.triu_indices(len(self.nodes_enu_m), 1)
            keep = self._tangent(self.nodes_enu_m[rows], columns) & self._tangent(
                self.nodes_enu_m[columns], rows
            )
            rows, columns = rows[keep], columns[keep]
            free = self.visible(self.nodes_enu_m[rows], self.nodes_enu_m[columns])
            rows, columns = rows[free], columns[free]
            lengths = np.hypot(*(self.nodes_enu_m[rows] - self.nodes_enu_m[columns]).T)
            self._graph = nx.Graph()
            self._graph.add_nodes_from(range(len(self.nodes_enu_m)))
            self._graph.add_weighted_edges_from(
                zip(rows.tolist(), columns.tolist(), lengths.tolist(), strict=True)
            )
        return self._graph

    def _node_lengths(self) -> Array:
        """Shortest lengths between all nodes (Floyd and Warshall), shape (nodes, nodes)."""
        if self._lengths_m is None:
            graph = self._joined()
            lengths: Array = nx.to_numpy_array(graph, nodelist=range(len(graph)), nonedge=np.inf)
            np.fill_diagonal(lengths, 0.0)
            for k in range(len(lengths)):
                np.minimum(lengths, lengths[:, k, None] + lengths[None, k, :], out=lengths)
            self._lengths_m = lengths
        return self._lengths_m


def _grown(geometry: BaseGeometry, margin_m: float) -> BaseGeometry:
    """Grow a region with sharp corners, so that it keeps few vertices."""
    if geometry.is_empty or margin_m <= 0.0:
        return geometry
    return geometry.buffer(margin_m, join_style="mitre", mitre_limit=MITRE_LIMIT)


def _bending_vertices(region: BaseGeometry) -> tuple[Array, Array, Array]:
    """Return the convex vertices of a region with their neighbours before and after, each of shape (n, 2)."""
    found: list[Array] = []
    for part in polygons(region):
        solid = orient(part)
        found += [
            _convex_of_ring(np.asarray(ring.coords)[:-1, :2]) for ring in (solid.exterior, *solid.interiors)
        ]
    rows = np.concatenate(found) if found else np.empty((0, 3, 2))
    rows = rows[np.abs(rows[:, 0]).max(axis=1) < WORLD_M / 2.0]
    return rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy()


def _convex_of_ring(ring: Array) -> Array:
    """Vertices of a ring, region to its left, where the region is convex; shape (n, 3, 2)."""
    before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
    into, out = ring - before, after - ring
    convex = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0] > 0.0
    return np.stack([ring, before, after], axis=1)[convex]


def _min_plus(a: Array, b: Array) -> Array:
    """Return ``min over k of a[i, k] + b[k, j]``, row by row to keep memory small."""
    return (
        np.stack([(row[:, None] + b).min(axis=0) for row in a])
        if a.shape[1]
        else np.full((len(a), b.shape[1]), np.inf)
    )


def _without_repeats(points: list[XY]) -> list[XY]:
    """Drop points that repeat the one before, keeping both ends of a path."""
    kept = [points[0]]
    for point in points[1:]:
        if hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) > 1e-9:
            kept.append(point)
    return kept if len(kept) > 1 else [points[0], points[-1]]
