"""How long a path with rounded corners takes: full stops at sharp corners, curves flown by their radius."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, ceil, cos, degrees, hypot, pi, radians, sin, sqrt, tan

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
XY = tuple[float, float]

STOP_TURN_DEG = 10.0
"""A waypoint where the course changes by more than this is a full stop."""
ARC_TURN_DEG = 9.5
"""Change of course at each vertex of a curve: below `STOP_TURN_DEG` by more than rounding can hide."""
STRAIGHT_TURN_DEG = 0.01
"""Smaller changes of course are no turn."""
LEAST_RADIUS_M = 0.4
"""Tighter corners are flown as a stop: the vertices of their curve would lie within centimetres."""
LEAST_STEP_M = 0.02
"""Nearer points of a path are one."""


@dataclass(frozen=True, slots=True)
class Turning:
    """What bounds the speed of an aircraft on a level path.

    Attributes
    ----------
    cruise_mps
        Speed on long straight legs.
    acceleration_mps2
        Greatest acceleration along the path, and across it in a curve (speed at radius R: sqrt(a R)).
    """

    cruise_mps: float = 10.0
    acceleration_mps2: float = 2.0

    @property
    def free_radius_m(self) -> float:
        """Radius from which curves are flown at cruise speed."""
        return self.cruise_mps**2 / self.acceleration_mps2


def flight_time_s(path_enu_m: npt.ArrayLike, turning: Turning) -> float:
    """Return the time of a path of shape (n, 2) from rest to rest.

    At a vertex where the course changes by more than `STOP_TURN_DEG` the aircraft stops. At smaller changes
    by an angle t its speed is at most ``sqrt(a R)`` with ``R = min(adjacent legs) / (2 tan(t / 2))``, the
    circle that touches both legs; on the steps of a curve it does not speed up beyond that.
    """
    points = np.asarray(path_enu_m, dtype=np.float64)
    steps = np.diff(points, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1]) if len(points) > 1 else np.zeros(0)
    keep = lengths > LEAST_STEP_M / 2.0
    steps, lengths = steps[keep], lengths[keep]
    if len(lengths) == 0:
        return 0.0
    caps, curved = _speed_caps(steps, lengths, turning)
    return _profile_time_s(lengths.tolist(), caps, curved, turning)


def _speed_caps(steps: Array, lengths: Array, turning: Turning) -> tuple[list[float], list[float]]:
    """Greatest speed at each vertex, and the length of the steps that are part of a curve there."""
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    turn = np.abs((np.diff(heading) + pi) % (2.0 * pi) - pi)
    shorter = np.minimum(lengths[:-1], lengths[1:])
    radius = shorter / (2.0 * np.tan(np.maximum(turn, 1e-12) / 2.0))
    cap = np.minimum(turning.cruise_mps, np.sqrt(turning.acceleration_mps2 * radius))
    cap[turn > radians(STOP_TURN_DEG)] = 0.0
    cap[turn <= radians(STRAIGHT_TURN_DEG)] = turning.cruise_mps
    in_curve = (turn <= radians(STOP_TURN_DEG)) & (cap < turning.cruise_mps)
    curved = np.where(in_curve, shorter, 0.0)
    return [0.0, *cap.tolist(), 0.0], [0.0, *curved.tolist(), 0.0]


def _profile_time_s(lengths: list[float], caps: list[float], curved: list[float], turning: Turning) -> float:
    """Fastest profile under speed caps at vertices: a sweep forward, one back, then each step's time."""
    accel, cruise = turning.acceleration_mps2, turning.cruise_mps
    speed = list(caps)
    for i, length in enumerate(lengths):
        speed[i + 1] = min(speed[i + 1], sqrt(speed[i] ** 2 + 2.0 * accel * length))
    for i in range(len(lengths) - 1, -1, -1):
        speed[i] = min(speed[i], sqrt(speed[i + 1] ** 2 + 2.0 * accel * lengths[i]))
    total = 0.0
    for i, length in enumerate(lengths):
        in_curve = length <= 1.5 * min(curved[i], curved[i + 1])
        peak = max(caps[i], caps[i + 1]) if in_curve else cruise
        total += step_time_s(length, speed[i] ** 2, speed[i + 1] ** 2, peak, accel)
    return total


def step_time_s(
    length_m: float, entry2: float, exit2: float, peak_mps: float, acceleration_mps2: float
) -> float:
    """Return the time of a straight step from the squares of its first and last speed and its top speed."""
    top2 = (entry2 + exit2) / 2.0 + acceleration_mps2 * length_m
    ends = sqrt(entry2) + sqrt(exit2)
    if top2 < peak_mps * peak_mps:
        return (2.0 * sqrt(top2) - ends) / acceleration_mps2 if top2 > 0.0 else 0.0
    ramps_m = (2.0 * peak_mps * peak_mps - entry2 - exit2) / (2.0 * acceleration_mps2)
    return (2.0 * peak_mps - ends) / acceleration_mps2 + max(length_m - ramps_m, 0.0) / max(peak_mps, 1e-9)


def turn_count(path_enu_m: npt.ArrayLike) -> int:
    """Return how often the course changes as a whole: runs of turning one way with no straight between."""
    steps = np.diff(np.asarray(path_enu_m, dtype=np.float64), axis=0)
    if len(steps) < 2:
        return 0
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    change = (np.diff(heading) + pi) % (2.0 * pi) - pi
    lengths = np.hypot(steps[:, 0], steps[:, 1])
    count, total, side = 0, 0.0, 0.0
    for i, turn in enumerate(change.tolist()):
        if turn * side < 0.0 or lengths[i] > 12.0:
            count += abs(total) > radians(30.0)
            total = 0.0
        total, side = total + turn, turn
    return count + (abs(total) > radians(30.0))


def curve_points(before: XY, corner: XY, after: XY, radius_m: float) -> list[XY]:
    """Return the vertices of a corner rounded by a circle, going round it on the outside.

    The chain touches the circle with each step, so that the scorer's circle through its steps has the same
    radius; steps next to the straight legs merge with them.

    Parameters
    ----------
    before, corner, after
        Three points of the path; the circle must touch both legs within them.
    radius_m
        Radius of the circle. Below `LEAST_RADIUS_M` the corner itself is returned.
    """
    ux, uy = _unit(before, corner)
    vx, vy = _unit(corner, after)
    cross, dot = ux * vy - uy * vx, ux * vx + uy * vy
    angle = atan2(cross, dot)
    count = ceil(abs(degrees(angle)) / ARC_TURN_DEG)
    if count <= 1 or radius_m < LEAST_RADIUS_M or abs(angle) > pi - 1e-6:
        return [corner]
    tangent = radius_m * tan(abs(angle) / 2.0)
    side = 1.0 if angle > 0.0 else -1.0
    x, y = corner[0] - ux * tangent, corner[1] - uy * tangent
    cx, cy = x - side * uy * radius_m, y + side * ux * radius_m
    out_m = radius_m / cos(angle / (2.0 * count))
    first = atan2(y - cy, x - cx)
    return [
        (
            cx + out_m * cos(first + angle * (k + 0.5) / count),
            cy + out_m * sin(first + angle * (k + 0.5) / count),
        )
        for k in range(count)
    ]


def _unit(a: XY, b: XY) -> XY:
    length = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    return (b[0] - a[0]) / length, (b[1] - a[1]) / length
