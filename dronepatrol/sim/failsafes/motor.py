"""A motor that fails.

There is no recording of it. A quadrotor that loses a motor keeps roll and pitch only by throttling the
opposite one, so at most half of the lift is left and heading is lost; ArduCopter cannot hold height so and
goes down. The texts are those of its thrust-loss and crash checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

MOTORS = 4
SINKING_SHARE = 0.88
"""Most of hover lift that the rest gives with a motor gone: the spinning frame leans and loses the rest."""
THRUST_LOSS_S = 1.0
"""Full throttle and sinking for this long (THRUST_LOSS_CHECK_TRIGGER_SEC)."""
SINKING_MPS = 0.3
CRASH_S = 2.0
"""On the ground after a fall for this long (CRASH_CHECK_TRIGGER_SEC)."""
HARD_MPS = 2.0
"""Faster than this it tips over."""
TIPPED_DEG = 90.0


class MotorWatch:
    """Applies SIM_ENGINE_FAIL (a bit a motor) and SIM_ENGINE_MUL, and tells what ArduCopter would notice."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._sinking_since_s: float | None = None
        self._down_since_s: float | None = None
        self._told = False
        self._impact_mps = 0.0

    def step(self) -> None:
        """Look once."""
        value, pilot = self._autopilot.parameters, self._autopilot.pilot
        failed = int(value["SIM_ENGINE_FAIL"]) & ((1 << MOTORS) - 1)
        if not failed:
            pilot.thrust_share = 1.0
            self._told = False
            return
        left = min(max(value["SIM_ENGINE_MUL"], 0.0), 1.0)
        pilot.thrust_share = share_left(failed, left, pilot.airframe.hover_throttle)
        if pilot.armed:
            self._watch_thrust(failed)
            self._watch_ground()

    def _watch_thrust(self, failed: int) -> None:
        autopilot, pilot = self._autopilot, self._autopilot.pilot
        sinking = not pilot.landed and pilot.velocity[2] < -SINKING_MPS
        full = pilot.throttle >= 0.95 * pilot.thrust_share
        if not (sinking and full):
            self._sinking_since_s = None
            return
        self._impact_mps = -pilot.velocity[2]
        if self._sinking_since_s is None:
            self._sinking_since_s = autopilot.boot_s
        if not self._told and autopilot.boot_s - self._sinking_since_s >= THRUST_LOSS_S:
            self._told = True
            number = (failed & -failed).bit_length()
            autopilot.text(dialect.MAV_SEVERITY_EMERGENCY, f"Potential Thrust Loss ({number})")

    def _watch_ground(self) -> None:
        """Stop the motors of a drone that came down hard."""
        autopilot, pilot = self._autopilot, self._autopilot.pilot
        if not pilot.landed or self._impact_mps < HARD_MPS:
            self._down_since_s = None
            return
        if self._down_since_s is None:
            self._down_since_s = autopilot.boot_s
        elif autopilot.boot_s - self._down_since_s >= CRASH_S:
            self._impact_mps = 0.0
            text = f"Crash: Disarming: AngErr={TIPPED_DEG:.0f}>30, Accel=0.0<3.0"
            autopilot.text(dialect.MAV_SEVERITY_EMERGENCY, text)
            pilot.disarm(force=True)


def share_left(failed: int, left: float, hover_throttle: float) -> float:
    """Return the share of full thrust that a quadrotor has with some motors at a share of theirs.

    Parameters
    ----------
    failed
        One bit for each failed motor.
    left
        Share of its thrust that a failed motor still gives, 0 to 1.
    hover_throttle
        Share of full thrust that hovers.
    """
    count = bin(failed).count("1")
    if count > 2:
        return (1.0 - count / MOTORS) * left
    balanced = 0.5 + 0.5 * left
    if left > 0.5:
        return balanced
    return min(balanced, SINKING_SHARE * hover_throttle)
