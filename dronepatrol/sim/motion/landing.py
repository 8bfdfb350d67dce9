"""Descent to the ground, and the return that leads to it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from .position import POSITION_GAIN, Vector
from .shaping import clamp, sqrt_correction
from .waypoints import Stop

if TYPE_CHECKING:
    from .pilot import Pilot

TOUCHED_S = 2.06
"""From touch-down to the motors' stop (recorded 2.0 to 2.1 s)."""

# Heights of the reference are measured ones in whole centimetres, so that a return always has some
# millimetres or centimetres to climb, which takes a while with limited snap (recorded 0.6 to 0.8 s). Flown
# as a leg, that time would depend on the noise of a gust.
_LEAST_CLIMB_M = 0.05
_NO_CLIMB_S = 0.68


class Descent:
    """A vertical landing over a point."""

    def __init__(self, pilot: Pilot, over: tuple[float, float] | None = None) -> None:
        self._pilot = pilot
        control = pilot.control
        if over is None:
            stop = control.stopping_point(pilot.position, pilot.velocity)
            over = (stop[0], stop[1])
        self.over = over
        self._down_s = 0.0

    @property
    def over_and_down(self) -> bool:
        """Whether the vehicle has stood on the ground for long enough to stop the motors."""
        return self._down_s >= TOUCHED_S

    def run(self, *, hover: bool = False) -> bool:
        """Fly one step, level without a position; returns whether the vehicle is down for good."""
        pilot, control = self._pilot, self._pilot.control
        if pilot.landed:
            self._down_s += pilot.dt_s
            pilot.idle()
            return self.over_and_down
        self._down_s = 0.0
        if pilot.position_ok:
            control.shape_horizontal_position(*self.over)
        else:
            control.n, control.e = pilot.position[0], pilot.position[1]
        control.shape_climb(0.0 if hover else -self._speed(pilot.height_above_ground_m))
        pilot.fly(level=not pilot.position_ok)
        return False

    def _speed(self, height_m: float) -> float:
        """Rate of descent: the fast one until near LAND_ALT_LOW, the slow one from there."""
        p, control = self._pilot.parameters, self._pilot.control
        slow = p.si("LAND_SPEED", minimum=0.1)
        fast = max(p.si("LAND_SPEED_HIGH") or control.down_mps, slow)
        low_m = max(p.si("LAND_ALT_LOW"), 1.0)
        rate = -sqrt_correction(
            low_m - height_m, POSITION_GAIN, control.acceleration_z_mps2, self._pilot.dt_s
        )
        return clamp(rate, slow, fast)


class ReturnStage(Enum):
    """Where a return stands."""

    CLIMB = "climb"
    RETURN = "return"
    WAIT = "wait"
    DESCEND = "descend"
    LAND = "land"


class ReturnHome:
    """Return to home or the nearest rally point: climb, fly there, wait, descend, land."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self.stage = ReturnStage.CLIMB
        p, control = pilot.parameters, pilot.control
        control.set_limits(speed_mps=p.rtl_speed_mps)
        pilot.take_control()
        stop = control.stopping_point(pilot.position, pilot.velocity)
        self.target = self._target(stop)
        pilot.nav.start(stop, p.rtl_speed_mps if p.raw("RTL_SPEED") > 0.0 else None)
        self._pause_s = _NO_CLIMB_S
        if self.target[2] - stop[2] > _LEAST_CLIMB_M:
            self._pause_s = 0.0
            pilot.nav.fly(Stop((stop[0], stop[1], self.target[2])), Stop(self.target))
        pilot.yaw_for_return()
        self._waited_s = 0.0
        self._descent: Descent | None = None

    def _target(self, stop: Vector) -> Vector:
        pilot = self._pilot
        p = pilot.parameters
        place = pilot.return_place()
        n, e, ground_u = place
        height = stop[2] - pilot.home_u
        wanted = max(height, p.si("RTL_ALT"), height + p.si("RTL_CLIMB_MIN"))
        slope = p.raw("RTL_CONE_SLOPE")
        if slope > 0.0:
            distance = ((stop[0] - n) ** 2 + (stop[1] - e) ** 2) ** 0.5
            cone = max(distance * max(slope, 0.5), 2.0)
            wanted = min(wanted, max(cone, height))
        top = pilot.home_u + max(wanted, height)
        return n, e, max(top, ground_u)

    @property
    def landing(self) -> bool:
        """Whether the vehicle descends to land."""
        return self.stage is ReturnStage.LAND

    @property
    def touched(self) -> bool:
        """Whether the landing is over and the motors may stop."""
        return self._descent is not None and self._descent.over_and_down

    def run(self) -> bool:
        """Fly one step; returns whether the motors have been stopped on the ground."""
        pilot = self._pilot
        if self._descent is not None:
            return self._descent.run()
        if self.stage is ReturnStage.DESCEND:
            return self._final_descent()
        if pilot.nav.advance(pilot.position, pilot.velocity):
            self._next()
        descent = self._landing_descent()
        if descent is not None:
            return descent.run()
        pilot.fly()
        return False

    def _landing_descent(self) -> Descent | None:
        return self._descent

    def _next(self) -> None:
        pilot = self._pilot
        if self.stage is ReturnStage.CLIMB:
            self._pause_s -= pilot.dt_s
            if self._pause_s <= 0.0:
                self.stage = ReturnStage.RETURN
                pilot.nav.fly(Stop(self.target))
        elif self.stage is ReturnStage.RETURN:
            self.stage = ReturnStage.WAIT
        else:
            self._waited_s += pilot.dt_s
            if self._waited_s * 1000.0 >= pilot.parameters.raw("RTL_LOIT_TIME"):
                self._leave_wait()

    def _leave_wait(self) -> None:
        pilot = self._pilot
        pilot.nav.active = False
        if pilot.parameters.raw("RTL_ALT_FINAL") > 0.0:
            self.stage = ReturnStage.DESCEND
            return
        self.stage = ReturnStage.LAND
        self._descent = Descent(pilot, (self.target[0], self.target[1]))

    def _final_descent(self) -> bool:
        pilot, control = self._pilot, self._pilot.control
        control.shape_horizontal_position(self.target[0], self.target[1])
        control.shape_height(pilot.home_u + pilot.parameters.si("RTL_ALT_FINAL"))
        pilot.fly()
        return False
