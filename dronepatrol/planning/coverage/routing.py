"""Joining legs (straight or curved) to one path, for an aircraft that rounds its corners."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import PlanningError
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning.coverage.flight import XY, Turning
from dronepatrol.planning.coverage.ordering import Connections, best_order, near_lengths_m, reachable

Array = npt.NDArray[np.float64]

LARGE_NODES = 250
"""Grounds with more corners to bend around are searched for ways only near both ends."""
BENT_S = 2.5
"""Slowing down for a connection that bends around an obstacle."""


def corner_loss_s(turn: Array, tangent_m: Array | float, turning: Turning) -> Array:
    """Return the time that rounded corners lose against flying both legs to the corner at cruise speed.

    Parameters
    ----------
    turn
        Changes of course in radians.
    tangent_m
        How far the curves may reach into both legs.
    turning
        What bounds the speed.
    """
    cruise, accel = turning.cruise_mps, turning.acceleration_mps2
    radius = np.asarray(tangent_m) / np.tan(np.clip(turn, 1e-3, np.pi - 1e-3) / 2.0)
    radius = np.minimum(radius, 1.2 * turning.free_radius_m)
    speed = np.clip(np.sqrt(accel * radius), 0.5, cruise)
    reach = radius * np.tan(np.clip(turn, 1e-3, np.pi - 1e-3) / 2.0)
    loss = radius * turn / speed - 2.0 * reach / cruise + (cruise - speed) ** 2 / (accel * cruise)
    return np.asarray(np.minimum(loss, cruise / accel))


def joined(
    legs: Sequence[Array],
    graph: VisibilityGraph,
    free: BaseGeometry,
    turning: Turning,
    swath_m: float,
    seed: int,
    kicks: int,
    home_enu_m: XY | None = None,
) -> list[XY]:
    """Return the points of a fast path along all legs that can be reached."""
    times = _connections(legs, graph, turning, swath_m, home_enu_m)
    group = reachable(times.between_s)
    if len(group) < len(legs):
        legs = [legs[k] for k in group]
        times = _connections(legs, graph, turning, swath_m, home_enu_m)
    order = best_order(times, seed, kicks)
    points: list[XY] = []
    for directed in order.tolist():
        leg = legs[directed // 2][:: -1 if directed % 2 else 1]
        run = [(float(x), float(y)) for x, y in leg]
        if points and np.hypot(run[0][0] - points[-1][0], run[0][1] - points[-1][1]) > 1e-6:
            points += _way(points[-1], run[0], graph, free)[1:-1]
        points += run
    return points


def is_large(graph: VisibilityGraph) -> bool:
    """Say whether ways between all pairs of nodes would take too long."""
    return len(graph.nodes_enu_m) > LARGE_NODES


def _way(start: XY, end: XY, graph: VisibilityGraph, free: BaseGeometry) -> list[XY]:
    """Return a way around obstacles; in large grounds it is looked for nearby first."""
    if not is_large(graph):
        return graph.path(start, end)
    if graph.visible(np.array([start]), np.array([end]))[0]:
        return [start, end]
    around_m = 50.0 + float(np.hypot(end[0] - start[0], end[1] - start[1]))
    for _ in range(3):
        low, high = np.minimum(start, end) - around_m, np.maximum(start, end) + around_m
        nearby = shapely.clip_by_rect(free, *low.tolist(), *high.tolist())
        try:
            return VisibilityGraph(keep_in=nearby).path(start, end)
        except PlanningError:
            around_m *= 2.0
    return graph.path(start, end)


def _connections(
    legs: Sequence[Array], graph: VisibilityGraph, turning: Turning, swath_m: float, home: XY | None
) -> Connections:
    count = len(legs)
    ends = np.array([[leg[0], leg[-1]] for leg in legs]).reshape(-1, 2)
    outward = np.array([[leg[0] - leg[1], leg[-1] - leg[-2]] for leg in legs]).reshape(-1, 2)
    directed = np.arange(2 * count)
    starts, stops = directed, directed ^ 1
    lengths = near_lengths_m(ends, graph) if is_large(graph) else graph.lengths_m(ends)
    hop = ends[starts][None, :, :] - ends[stops][:, None, :]
    direct = np.hypot(hop[..., 0], hop[..., 1])
    leave, enter = outward[stops][:, None, :], -outward[starts][None, :, :]
    way_m = lengths[np.ix_(stops, starts)]
    room = np.minimum(direct, swath_m) / 2.0
    two = corner_loss_s(_turn(leave, hop), room, turning) + corner_loss_s(_turn(hop, enter), room, turning)
    one = corner_loss_s(_turn(leave, enter), swath_m / 2.0, turning) + np.where(
        direct > 0.6 * swath_m, 99.0, 0.0
    )
    bent = way_m > direct + 0.1
    between = way_m / turning.cruise_mps + np.minimum(two, one) + BENT_S * bent
    np.fill_diagonal(between, np.inf)
    between[directed, directed ^ 1] = np.inf
    from_home = np.zeros(2 * count)
    if home is not None:
        from_home = np.hypot(*(ends - np.asarray(home)).T) / turning.cruise_mps
    return Connections(between, from_home[starts], from_home[stops])


def _turn(before: Array, after: Array) -> Array:
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    dot = before[..., 0] * after[..., 0] + before[..., 1] * after[..., 1]
    return np.asarray(np.abs(np.arctan2(cross, dot)))
