"""Run and flight time, kept as parameters and told every half minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.sim.autopilot.parameters import NO_INDEX

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

FIRST_S, PERIOD_S = 30.35, 30.5
"""As recorded: at 30.4, 60.4, 91.4, 122.4 s since boot."""


class Statistics:
    """Counts seconds of one autopilot."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._due_s = FIRST_S
        self._run_s = self._flown_s = 0.0
        self._airborne_s: float | None = None

    def restart(self) -> None:
        """Count a boot; the totals go on."""
        store = self._autopilot.parameters
        store.set("STAT_BOOTCNT", store["STAT_BOOTCNT"] + 1.0)
        self._run_s = store["STAT_RUNTIME"]
        self._due_s = FIRST_S
        self._airborne_s = None

    def took_off(self) -> None:
        """Note the start of a flight."""
        self._airborne_s = self._autopilot.boot_s

    def touched_down(self) -> None:
        """Note the end of a flight and tell the totals."""
        if self._airborne_s is not None:
            self._flown_s += self._autopilot.boot_s - self._airborne_s
            self._airborne_s = None
        self._tell()

    def step(self) -> None:
        """Tell the totals when it is time."""
        if self._autopilot.boot_s >= self._due_s:
            self._due_s += PERIOD_S
            self._tell()

    def _tell(self) -> None:
        autopilot, store = self._autopilot, self._autopilot.parameters
        flown_s = self._flown_s
        if self._airborne_s is not None:
            flown_s += autopilot.boot_s - self._airborne_s
        if store.set("STAT_FLTTIME", flown_s):
            autopilot.broadcast(store.message("STAT_FLTTIME", index=NO_INDEX))
        store.set("STAT_RUNTIME", self._run_s + int(autopilot.boot_s))
        autopilot.broadcast(store.message("STAT_RUNTIME", index=NO_INDEX))
