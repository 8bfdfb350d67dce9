"""Jobs (a task in one of its windows) and the programs of sweeps that do them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dronepatrol.model.drone import DroneModel
from dronepatrol.model.plan import LegKind
from dronepatrol.model.task import Action, PhotoAction, Task
from dronepatrol.model.window import TimeWindow
from dronepatrol.planning.coverage import CoverageRoute
from dronepatrol.planning.flightpath import Point3, Step, step_energy_wh, step_times_s
from dronepatrol.planning.timing import Motion

PHOTO_HOLD_S = 5.0
"""Time over a photo point: coming to rest and taking one picture."""


@dataclass(frozen=True, slots=True)
class Job:
    """A task to be done once, in one of its windows.

    Attributes
    ----------
    index
        Place in the list of jobs.
    task
        What is watched.
    window
        When, or None for any time.
    """

    index: int
    task: Task
    window: TimeWindow | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of steps of a job's program, as one sortie flies it.

    Attributes
    ----------
    job
        Whose program it is.
    first, last
        Steps ``first`` to ``last - 1``; both ends are sweeps (or photo points).
    backward
        Whether it is flown from its last step to its first.
    """

    job: int
    first: int
    last: int
    backward: bool = False


class Program:
    """All passes over a task, one after the other, every second one backward.

    Parameters
    ----------
    task
        Whose passes they are.
    route
        One pass.
    altitude_home_m
        Height of the sweeps above the launch point.
    """

    def __init__(self, task: Task, route: CoverageRoute, altitude_home_m: float) -> None:
        self.task = task
        self.route = route
        self.altitude_home_m = altitude_home_m
        self.watching: list[int] = []
        self._points: list[tuple[Point3, Point3]] = []
        self._is_sweep: list[bool] = []
        self._pass: list[int] = []
        self._costs: dict[tuple[str, int, int], tuple[float, float]] = {}
        for number in range(1, task.passes + 1):
            self._add_pass(route if number % 2 else route.reversed(), number)
        self.watching = [i for i, sweeping in enumerate(self._is_sweep) if sweeping]

    def _add_pass(self, route: CoverageRoute, number: int) -> None:
        path: list[Point3] = [(float(e), float(n), self.altitude_home_m) for e, n in route.path_enu_m]
        if route.is_point:
            self._points.append((path[0], path[0]))
            self._is_sweep.append(True)
            self._pass.append(number)
            return
        self._points += list(pairwise(path))
        self._is_sweep += list(route.is_sweep)
        self._pass += [number] * len(route.is_sweep)

    def __len__(self) -> int:
        return len(self._points)

    @cached_property
    def _weights(self) -> npt.NDArray[np.float64]:
        """Sweep length of each step; photo points count alike."""
        if self.route.is_point:
            return np.ones(len(self))
        ends = np.array(self._points)[:, :, :2]
        return np.asarray(np.hypot(*(ends[:, 1] - ends[:, 0]).T) * np.array(self._is_sweep))

    def share(self, piece: Piece) -> float:
        """Return the share of the program's sweep length that a piece flies."""
        return float(self._weights[piece.first : piece.last].sum() / self._weights.sum())

    def entry(self, piece: Piece) -> Point3:
        """Return where a piece begins."""
        return self._points[piece.last - 1][1] if piece.backward else self._points[piece.first][0]

    def exit(self, piece: Piece) -> Point3:
        """Return where a piece ends."""
        return self._points[piece.first][0] if piece.backward else self._points[piece.last - 1][1]

    def steps(self, piece: Piece, model: DroneModel) -> list[Step]:
        """Return the steps of a piece in flying order."""
        speed_mps = sweep_speed_mps(self.task, model)
        steps = [self._step(i, speed_mps) for i in range(piece.first, piece.last)]
        if piece.backward:
            # Passes keep counting upward whichever way the program is flown.
            numbers = [step.pass_number for step in steps]
            steps = [
                replace(step, start=step.end, end=step.start, pass_number=number)
                for step, number in zip(reversed(steps), numbers, strict=True)
            ]
        return steps

    def _step(self, index: int, speed_mps: float) -> Step:
        start, end = self._points[index]
        sweep = self._is_sweep[index]
        actions: tuple[Action, ...] = self.task.actions if sweep else ()
        # Turns keep the sweeps' speed: a change for 25 m would cost a mission item and gain nothing.
        step = Step(LegKind.SWEEP if sweep else LegKind.TURN, start, end, speed_mps)
        if self.route.is_point:
            step = replace(step, kind=LegKind.HOLD, hold_s=PHOTO_HOLD_S, stop=True)
        return replace(step, task_id=self.task.id, pass_number=self._pass[index], actions=actions)

    def cost(self, piece: Piece, model: DroneModel) -> tuple[float, float]:
        """Return time and energy of a piece flown from rest to rest, seconds and watt hours."""
        key = (model.id, piece.first, piece.last)
        if key not in self._costs:
            motion = Motion(model)
            steps = self.steps(replace(piece, backward=False), model)
            times = step_times_s(steps, motion)
            energy = sum(step_energy_wh(s, t, motion) for s, t in zip(steps, times, strict=True))
            self._costs[key] = (sum(times), energy)
        return self._costs[key]


def sweep_speed_mps(task: Task, model: DroneModel) -> float:
    """Return the speed of sweeps: cruise, or slower if the camera needs time between pictures."""
    speed_mps = Motion(model).cruise_mps
    interval_s = model.camera(task.camera_id).min_interval_s
    for action in task.actions:
        if isinstance(action, PhotoAction) and interval_s > 0.0:
            speed_mps = min(speed_mps, action.spacing_m / interval_s)
    return speed_mps


def carries_camera(model: DroneModel, task: Task) -> bool:
    """Say whether a drone model has the camera that a task asks for."""
    if task.camera_id is None:
        return bool(model.cameras)
    return any(camera.id == task.camera_id for camera in model.cameras)
