"""An estimator that cannot be trusted any more."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.failsafes.actions import Action, Reaction
from dronepatrol.sim.motion import Mode, ModeReason

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot
    from dronepatrol.sim.faults.estimate import Estimate

LOOK_S = 0.1
"""The check runs at 10 Hz (EKF_CHECK)."""
PATIENCE = 10
"""Bad looks in a row before it acts (EKF_CHECK_ITERATIONS_MAX)."""
WARN_AGAIN_S = 30.0
TRAIL_S = 15.0
"""SMART_RTL is given up after this long without a position (SMARTRTL_TIMEOUT)."""

LAND, ALT_HOLD, LAND_ALWAYS = 1, 2, 3
"""Values of FS_EKF_ACTION; 0 only tells."""
_CRITICAL = dialect.MAV_SEVERITY_CRITICAL


class EstimatorFailsafe:
    """Acts when the position is lost, or two of the test ratios reach FS_EKF_THRESH, for a second.

    Attributes
    ----------
    active
        Whether it has acted and the estimator is still bad.
    """

    def __init__(self, autopilot: Autopilot, reaction: Reaction, estimate: Estimate) -> None:
        self._autopilot = autopilot
        self._reaction = reaction
        self._estimate = estimate
        self.active = False
        self._bad = False
        self._count = 0
        self._next_s = 0.0
        self._warned_s = -inf
        self._no_position_s: float | None = None

    @property
    def calm(self) -> bool:
        """Whether nothing is counted, and nothing goes on."""
        return not (self.active or self._bad or self._count or self._no_position_s is not None)

    def step(self) -> None:
        """Look once in a tenth of a second."""
        now_s = self._autopilot.boot_s
        if now_s < self._next_s - 1e-9:
            return
        self._next_s = now_s + LOOK_S
        pilot = self._autopilot.pilot
        threshold = self._autopilot.parameters["FS_EKF_THRESH"]
        self._watch_trail(now_s)
        if not pilot.armed or threshold <= 0.0:
            self._count, self._bad = 0, False
            if pilot.position_ok:
                self._end()
            return
        if self._over(threshold) or not pilot.position_ok:
            self._worse(now_s)
        elif self._count:
            self._count -= 1
            if self._count == 0:
                self._bad = False
                self._end()

    def _over(self, threshold: float) -> bool:
        """Whether enough of the test ratios are too large."""
        ratios = self._estimate.variances
        points = int(ratios.compass >= threshold)
        points += 2 if ratios.velocity >= 2.0 * threshold else int(ratios.velocity >= threshold)
        return points >= 2 or (ratios.position >= threshold and points >= 1)

    def _worse(self, now_s: float) -> None:
        if self._count < PATIENCE:
            self._count += 1
        if self._count < PATIENCE or self._bad:
            return
        self._bad = True
        if now_s - self._warned_s > WARN_AGAIN_S:
            self._autopilot.text(_CRITICAL, "EKF variance")
            self._warned_s = now_s
        self._act()

    def _act(self) -> None:
        pilot = self._autopilot.pilot
        wanted = int(self._autopilot.parameters["FS_EKF_ACTION"])
        if wanted == 0:
            return
        self.active = True
        needs_position = pilot.mode not in (Mode.STABILIZE, Mode.ALT_HOLD)
        if not needs_position and wanted != LAND_ALWAYS:
            return
        if pilot.mode is not Mode.LAND:
            if wanted == ALT_HOLD:
                pilot.set_mode(Mode.ALT_HOLD, ModeReason.EKF_FAILSAFE)
            else:
                self._reaction.take(Action.LAND, ModeReason.EKF_FAILSAFE)
        self._autopilot.text(_CRITICAL, f"EKF Failsafe: changed to {pilot.mode.name} Mode")

    def _end(self) -> None:
        if self.active:
            self.active = False
            self._autopilot.text(_CRITICAL, "EKF Failsafe Cleared")

    def _watch_trail(self, now_s: float) -> None:
        """Give up the way home after too long without a position."""
        pilot = self._autopilot.pilot
        if pilot.position_ok or not pilot.armed:
            self._no_position_s = None
            return
        if self._no_position_s is None:
            self._no_position_s = now_s
        elif pilot.trail.usable and now_s - self._no_position_s >= TRAIL_S:
            pilot.trail.usable = False
            self._autopilot.text(dialect.MAV_SEVERITY_WARNING, "SmartRTL deactivated: bad position")
