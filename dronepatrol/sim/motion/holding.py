"""Modes without a route: stop and hold, drift, circle, sticks at rest."""

from __future__ import annotations

from math import atan, cos, hypot, radians, sin, tan
from typing import TYPE_CHECKING

from .airframe import GRAVITY_MPS2
from .circle import CircleFlight
from .landing import Descent, ReturnHome
from .position import SPEED_P
from .shaping import sqrt_correction

if TYPE_CHECKING:
    from .pilot import Pilot

BRAKE_MPS2 = 7.5
"""Deceleration of BRAKE (BRAKE_MODE_DECEL_RATE)."""
BRAKE_CLIMB_MPS = 2.5
"""Greatest vertical speed of BRAKE (BRAKE_MODE_SPEED_Z)."""
_LOITER_LEAN_SHARE = 2.0 / 3.0


class Braking:
    """BRAKE: stop as fast as the lean allows and hold there."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        pilot.control.set_limits(
            acceleration_mps2=BRAKE_MPS2, up_mps=BRAKE_CLIMB_MPS, down_mps=BRAKE_CLIMB_MPS
        )
        pilot.take_control()

    def run(self) -> None:
        """Fly one step."""
        pilot = self._pilot
        if pilot.landed:
            pilot.idle()
            return
        pilot.control.shape_velocity(0.0, 0.0)
        pilot.control.shape_climb(0.0)
        pilot.fly()


class Sticks:
    """LOITER, POSHOLD, ALT_HOLD and STABILIZE with roll, pitch and yaw sticks at rest.

    The throttle stick is `pilot.throttle_stick` from 0 (the simulator's rest) to 1, with 0.5 to hold the
    height.
    """

    def __init__(self, pilot: Pilot, *, holds_place: bool, holds_height: bool) -> None:
        self._pilot = pilot
        self._holds_place, self._holds_height = holds_place, holds_height
        p = pilot.parameters
        pilot.control.set_limits(
            acceleration_mps2=max(p.si("LOIT_ACC_MAX"), 1.0),
            up_mps=p.si("PILOT_SPEED_UP", minimum=0.1),
            down_mps=p.pilot_descent_mps,
            acceleration_z_mps2=p.si("PILOT_ACCEL_Z", minimum=0.1),
        )
        pilot.take_control()
        self._brake = 0.0

    def run(self) -> None:
        """Fly one step."""
        pilot, control = self._pilot, self._pilot.control
        stick = pilot.throttle_stick
        if not self._holds_height:
            pilot.drive(GRAVITY_MPS2 * stick / pilot.airframe.hover_throttle)
            return
        if pilot.landed and stick <= 0.5:
            pilot.idle()
            return
        p = pilot.parameters
        if stick >= 0.5:
            climb = (stick - 0.5) * 2.0 * p.si("PILOT_SPEED_UP", minimum=0.1)
        else:
            climb = (stick - 0.5) * 2.0 * p.pilot_descent_mps
        if pilot.landed:
            pilot.leave_ground()
        control.shape_climb(climb)
        if self._holds_place:
            self._slow_down()
        else:
            control.n, control.e = pilot.position[0], pilot.position[1]
        pilot.fly(level=not self._holds_place)

    def _slow_down(self) -> None:
        """Let the wanted speed decay as in ArduPilot's loiter, by a drag and a brake.

        LOIT_BRK_DELAY counts from the last move of a stick, and these sticks never move.
        """
        pilot, control, dt = self._pilot, self._pilot.control, self._pilot.dt_s
        p = pilot.parameters
        speed = hypot(control.vn, control.ve)
        control.n += control.vn * dt
        control.e += control.ve * dt
        control.an = control.ae = 0.0
        if speed <= 0.0:
            return
        lean = _LOITER_LEAN_SHARE * atan(p.lean_limit)
        drag = GRAVITY_MPS2 * tan(lean) * speed / p.si("LOIT_SPEED", minimum=0.2)
        jerk = p.si("LOIT_BRK_JERK", minimum=0.5)
        wanted = min(sqrt_correction(speed, 0.5 * SPEED_P, jerk, dt), p.si("LOIT_BRK_ACCEL", minimum=0.25))
        self._brake += min(max(wanted - self._brake, -jerk * dt), jerk * dt)
        slower = max(speed - (drag + self._brake) * dt, 0.0)
        share = slower / speed
        control.an, control.ae = control.vn * (share - 1.0) / dt, control.ve * (share - 1.0) / dt
        control.vn *= share
        control.ve *= share


class CircleMode:
    """CIRCLE: circle about a point one radius ahead of the nose."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        p = pilot.parameters
        radius = p.si("CIRCLE_RADIUS")
        heading = pilot.yaw.heading_rad
        pilot.take_control()
        pilot.nav.speed_mps = p.speed_mps
        stop = pilot.control.stopping_point(pilot.position, pilot.velocity)
        centre = (stop[0] + radius * cos(heading), stop[1] + radius * sin(heading), stop[2])
        self.flight = CircleFlight(pilot, centre, radius, radians(p.raw("CIRCLE_RATE")))
        pilot.yaw.look_at(centre[0], centre[1])

    def run(self) -> None:
        """Fly one step."""
        if self._pilot.landed:
            self._pilot.idle()
        else:
            self.flight.run()


class Landing:
    """LAND: descend where the vehicle can stop, or level with the wind, then stop the motors."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        pilot.control.set_limits()
        pilot.take_control()
        self._pause_s, pilot.land_pause_s = pilot.land_pause_s, 0.0
        self._descent = Descent(pilot)

    def run(self) -> None:
        """Fly one step."""
        self._pause_s -= self._pilot.dt_s
        if self._descent.run(hover=self._pause_s > 0.0):
            self._pilot.disarm(force=True, forced_event=False)


class Returning:
    """RTL: return, land, stop the motors."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self.flight = ReturnHome(pilot)

    def run(self) -> None:
        """Fly one step."""
        if self.flight.run():
            self._pilot.disarm(force=True, forced_event=False)
