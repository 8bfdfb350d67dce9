"""Take-off: motors spool up, thrust ramps, then a climb that stops at the wanted height."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .airframe import GRAVITY_MPS2

if TYPE_CHECKING:
    from .pilot import Pilot

MOTORS_READY_S = 2.5
"""From arming to full control of the motors: the arming delay of 2 s and MOT_SPOOL_TIME (recorded 2.50 s)."""

_DETECTED = 0.99

DETECTED_LIFT_MPS2 = 0.65
"""Acceleration felt when the take-off is noticed, from which the climb begins (recorded 0.63 to 0.68)."""


class TakeOff:
    """One take-off of one vehicle, on from wherever it is."""

    def __init__(self, pilot: Pilot, top_u: float) -> None:
        self._pilot = pilot
        self.top_u = max(top_u, pilot.position[2] + (0.1 if pilot.landed else 0.0))
        self._ramp_s = 0.0
        self._start_u = pilot.position[2]
        self._flying = not pilot.landed
        self.complete = False
        if self._flying:
            pilot.control.set_limits()
            pilot.take_control()

    @property
    def completion(self) -> tuple[float, float, float]:
        """Where the climb ends and the next leg begins."""
        return self._pilot.control.n, self._pilot.control.e, self.top_u

    def run(self) -> bool:
        """Fly one step; returns whether the wanted height is reached."""
        pilot, control = self._pilot, self._pilot.control
        if not self._flying:
            return self._ramp()
        control.shape_velocity(0.0, 0.0)
        control.shape_height(self.top_u)
        risen = control.u - self._start_u >= 0.999 * (self.top_u - self._start_u)
        if risen and abs(control.vu) < 0.1 * control.up_mps:
            self.complete = True
        pilot.fly()
        return self.complete

    def _ramp(self) -> bool:
        pilot = self._pilot
        if pilot.armed_s < MOTORS_READY_S:
            pilot.idle()
            return False
        self._ramp_s += pilot.dt_s
        share = self._ramp_s / max(pilot.parameters.raw("TKOFF_SLEW_TIME"), 0.1)
        thrust = GRAVITY_MPS2 * share / pilot.airframe.hover_throttle
        if thrust < _DETECTED * GRAVITY_MPS2:
            pilot.drive(thrust)
            return False
        self._flying = True
        pilot.leave_ground()
        pilot.control.set_limits()
        pilot.control.relax(pilot.position)
        pilot.control.au = DETECTED_LIFT_MPS2
        return self.run()
