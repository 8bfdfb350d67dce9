"""Straight steps in space, put together into a flight and timed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import hypot

import numpy as np

from dronepatrol.model.plan import LegKind
from dronepatrol.model.task import Action
from dronepatrol.planning.timing import (
    Motion,
    landing_time_s,
    path_times_s,
    takeoff_time_s,
    turns_deg,
    vertical_time_s,
)

Point3 = tuple[float, float, float]
"""East, north and height above the launch point, metres."""
XY = tuple[float, float]

SLOPE_SHARE = 0.8
"""Slopes are laid so that climbing or descending uses this share of the model's vertical speed at cruise."""
STILL_M = 1e-6
"""Shorter than this is no movement."""


@dataclass(frozen=True, slots=True)
class Step:
    """A straight stretch of flight before it has a place on the clock.

    Attributes
    ----------
    kind
        As of a leg.
    start, end
        Points in space; equal for a hold.
    speed_mps
        Asked for along the step.
    hold_s
        Time spent if it is a hold.
    stop
        Whether the aircraft comes to rest at its end.
    task_id, pass_number, actions
        As of a leg.
    """

    kind: LegKind
    start: Point3
    end: Point3
    speed_mps: float
    hold_s: float = 0.0
    stop: bool = False
    task_id: str | None = None
    pass_number: int = 0
    actions: tuple[Action, ...] = ()

    @property
    def horizontal_m(self) -> float:
        """Length over ground."""
        return hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    @property
    def rise_m(self) -> float:
        """Height gained, negative if lost."""
        return self.end[2] - self.start[2]

    @property
    def length_m(self) -> float:
        """Length in space."""
        return hypot(self.horizontal_m, self.rise_m)

    @property
    def moves_over_ground(self) -> bool:
        """Whether it is neither a hold nor vertical."""
        return self.horizontal_m > STILL_M


def step_times_s(steps: Sequence[Step], motion: Motion) -> list[float]:
    """Return the time of each step of a flight that starts and ends at rest.

    Steps over ground between two standstills are one run; a vertical step or a hold is a standstill itself.
    """
    times: list[float] = []
    run: list[Step] = []
    for step in steps:
        if step.moves_over_ground:
            run.append(step)
            continue
        times += _run_times_s(run, motion)
        run = []
        times.append(_standing_time_s(step, motion))
    return times + _run_times_s(run, motion)


def _run_times_s(run: Sequence[Step], motion: Motion) -> list[float]:
    if not run:
        return []
    path = np.array([run[0].start, *(step.end for step in run)])
    speeds = [motion.speed_along_mps(step.horizontal_m, step.rise_m, step.speed_mps) for step in run]
    return path_times_s(
        [step.length_m for step in run],
        turns_deg(path).tolist(),
        speeds,
        [step.stop for step in run[:-1]],
        motion.model.acceleration_mps2,
    )


def _standing_time_s(step: Step, motion: Motion) -> float:
    if step.kind is LegKind.CLIMB:
        return takeoff_time_s(step.rise_m, motion.model.climb_mps)
    if step.kind is LegKind.DESCENT:
        return landing_time_s(-step.rise_m, motion.model.descent_mps)
    return step.hold_s + vertical_time_s(step.rise_m, motion.model.climb_mps, motion.model.descent_mps)


def step_energy_wh(step: Step, duration_s: float, motion: Motion) -> float:
    """Return the energy of a step that takes a given time."""
    return motion.energy_wh(duration_s, step.horizontal_m, step.rise_m)


def transit_points(
    way: Sequence[XY], start_m: float, end_m: float, cruise_altitude_m: float, motion: Motion
) -> list[Point3]:
    """Return a way over ground as points in space, at the transit altitude where it is long enough for that.

    The way leaves ``start_m`` on a slope up or down to the transit altitude and reaches ``end_m`` on another.
    One that is too short for both slopes leads straight from the first height to the last, and one too short
    even for that climbs before it moves or descends after it.

    Parameters
    ----------
    way
        Points over ground.
    start_m, end_m, cruise_altitude_m
        Heights above the launch point: of its ends, and of the transit.
    motion
        Whose vertical speeds set the slopes.
    """
    length_m = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(way))
    leave_m = _slope_m(cruise_altitude_m - start_m, motion)
    arrive_m = _slope_m(end_m - cruise_altitude_m, motion)
    if leave_m + arrive_m <= length_m:
        knots = [(0.0, start_m), (leave_m, cruise_altitude_m), (length_m - arrive_m, cruise_altitude_m)]
        return _lifted(way, [*knots, (length_m, end_m)])
    if _slope_m(end_m - start_m, motion) <= length_m:
        return _lifted(way, [(0.0, start_m), (length_m, end_m)])
    high_m = max(start_m, end_m)
    level = _lifted(way, [(0.0, high_m), (length_m, high_m)]) if length_m > STILL_M else []
    return _without_repeats([(*way[0], start_m), *level, (*way[-1], end_m)])


def _slope_m(rise_m: float, motion: Motion) -> float:
    """Ground length over which a height is gained or lost without slowing down."""
    rate_mps = motion.model.climb_mps if rise_m > 0.0 else motion.model.descent_mps
    return abs(rise_m) * motion.cruise_mps / (SLOPE_SHARE * rate_mps)


def _lifted(way: Sequence[XY], knots: Sequence[tuple[float, float]]) -> list[Point3]:
    """Give a way heights, linear between knots of (distance along the way, height)."""
    points = np.asarray(way, dtype=np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at, heights = np.array(knots).T
    stations = np.unique(np.concatenate([along, at]))
    keep = np.concatenate([[True], np.diff(stations) > 0.01])
    keep[-1] = True
    stations = stations[keep]
    east, north = np.interp(stations, along, points[:, 0]), np.interp(stations, along, points[:, 1])
    height = np.interp(stations, at, heights)
    return [(float(e), float(n), float(h)) for e, n, h in zip(east, north, height, strict=True)]


def _without_repeats(points: Sequence[Point3]) -> list[Point3]:
    kept = [points[0]]
    kept += [b for a, b in pairwise(points) if max(abs(b[i] - a[i]) for i in range(3)) > STILL_M]
    return kept


def transit_steps(points: Sequence[Point3], motion: Motion, kind: LegKind = LegKind.TRANSIT) -> list[Step]:
    """Return the steps between points in space.

    The last step home is flown by the autopilot's return, which begins at rest: the step before it stops.
    """
    steps = [
        Step(
            kind,
            a,
            b,
            motion.speed_along_mps(hypot(b[0] - a[0], b[1] - a[1]), b[2] - a[2], motion.cruise_mps),
        )
        for a, b in pairwise(points)
    ]
    if kind is LegKind.RETURN and len(steps) > 1:
        steps[-2] = replace(steps[-2], stop=True)
    return steps
