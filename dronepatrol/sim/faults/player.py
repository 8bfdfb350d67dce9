"""Breaks things on one drone when their time comes, and mends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import TYPE_CHECKING

from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.sim.faults.fault import Fault, Trigger

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

Started = Callable[[Fault, float], None]
"""Takes a fault and the seconds since the simulation began."""


@dataclass(slots=True)
class _Pending:
    fault: Fault
    due_s: float | None = None
    began_s: float | None = None
    done: bool = False
    before: dict[str, float] = field(default_factory=dict)


class FaultPlayer:
    """A monitor that raises the faults of one drone.

    Parameters
    ----------
    faults
        Those that concern it.
    started
        Told of each as it begins.
    """

    def __init__(self, faults: Sequence[Fault], started: Started = lambda _fault, _time_s: None) -> None:
        self._pending = [_Pending(fault) for fault in faults]
        self._started = started
        self._zero_s: float | None = None
        self._airborne_s: float | None = None
        self._tasks: set[str] = set()

    def task_started(self, task: str) -> None:
        """Note that the drone starts a task."""
        self._tasks.add(task)

    def step(self, autopilot: Autopilot) -> None:
        """Look once."""
        if self._zero_s is None:
            self._zero_s = autopilot.now_s
        now_s = autopilot.now_s - self._zero_s
        if self._airborne_s is None and autopilot.pilot.armed and not autopilot.pilot.landed:
            self._airborne_s = now_s
        for entry in self._pending:
            if entry.done:
                continue
            if entry.began_s is None:
                self._maybe_begin(entry, autopilot, now_s)
            elif entry.fault.for_s is not None and now_s >= entry.began_s + entry.fault.for_s - 1e-9:
                self._end(entry, autopilot)

    def _maybe_begin(self, entry: _Pending, autopilot: Autopilot, now_s: float) -> None:
        if entry.due_s is None:
            entry.due_s = self._due_s(entry.fault.trigger, autopilot, now_s)
        if entry.due_s is None or now_s < entry.due_s - 1e-9:
            return
        entry.began_s = now_s
        for name, value in entry.fault.settings.items():
            entry.before[name] = autopilot.parameters[name]
            autopilot.parameters.set(name, value)
        if entry.fault.remaining is not None:
            autopilot.battery.set_remaining(entry.fault.remaining)
        self._started(entry.fault, now_s)

    def _due_s(self, trigger: Trigger, autopilot: Autopilot, now_s: float) -> float | None:
        """Return when a fault begins, or None as long as nobody knows."""
        if trigger.at_s is not None:
            return trigger.at_s
        if trigger.airborne_s is not None:
            return None if self._airborne_s is None else self._airborne_s + trigger.airborne_s
        if trigger.task is not None:
            return now_s + trigger.after_s if trigger.task in self._tasks else None
        if trigger.near is not None:
            lon_deg, lat_deg = trigger.near.position.lonlat
            north, east = autopilot.pilot.frame.north_east_m(degrees_e7(lat_deg), degrees_e7(lon_deg))
            true_n, true_e, _ = autopilot.pilot.true_position
            if hypot(true_n - north, true_e - east) <= trigger.near.radius_m:
                return now_s + trigger.after_s
        return None

    def _end(self, entry: _Pending, autopilot: Autopilot) -> None:
        entry.done = True
        for name, value in entry.before.items():
            autopilot.parameters.set(name, value)
