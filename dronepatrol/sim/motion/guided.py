"""GUIDED: fly to a place, at a velocity, or hold, as a ground station or companion computer asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .position import Vector
from .takeoff import TakeOff

if TYPE_CHECKING:
    from .pilot import Pilot


class GuidedFlight:
    """The GUIDED controller of one vehicle; holds until it is told something."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self._take_off: TakeOff | None = None
        self.target: Vector | None = None
        self._velocity: Vector = (0.0, 0.0, 0.0)
        self._since_s = 0.0
        self.paused = False
        self._started = False

    def take_off(self, top_u: float) -> None:
        """Climb to a height above the origin, from the ground or in the air."""
        self._begin()
        self._take_off = TakeOff(self._pilot, top_u)

    def go_to(self, target: Vector) -> None:
        """Fly to a position (north, east, up in metres)."""
        if self.target is None or self._take_off is not None:
            self._begin()
        self.target, self._take_off, self.paused = target, None, False

    def set_velocity(self, velocity: Vector) -> None:
        """Fly at a velocity (north, east, up) until GUID_TIMEOUT after the last call."""
        if self.target is not None or self._take_off is not None or not self._started:
            self._begin()
        self.target, self._take_off, self.paused = None, None, False
        self._velocity, self._since_s = velocity, 0.0

    def _begin(self) -> None:
        pilot = self._pilot
        self._started = True
        if pilot.landed:
            return
        pilot.control.set_limits(speed_mps=pilot.guided_speed_mps)
        pilot.take_control()

    @property
    def taking_off(self) -> bool:
        """Whether a take-off is under way."""
        return self._take_off is not None

    @property
    def velocity(self) -> Vector | None:
        """The velocity asked for (north, east, up), or None when a place is the target."""
        return None if self.target is not None or self._take_off is not None else self._velocity

    def set_speed(self, speed_mps: float) -> None:
        """Change the horizontal speed limit."""
        self._pilot.control.speed_mps = speed_mps

    def run(self) -> None:
        """Fly one step."""
        pilot, control = self._pilot, self._pilot.control
        if self._take_off is not None:
            if self._take_off.run():
                top = self._take_off.top_u
                self._take_off = None
                self._begin()
                control.n, control.e = pilot.position[0], pilot.position[1]
                self.target = (control.n, control.e, top)
            return
        if pilot.landed:
            pilot.idle()
            return
        if not self._started:
            self._begin()
        if self.paused:
            control.shape_velocity(0.0, 0.0)
            control.shape_climb(0.0)
        elif self.target is not None:
            control.shape_position(self.target)
        else:
            self._since_s += pilot.dt_s
            if self._since_s > pilot.parameters.raw("GUID_TIMEOUT"):
                self._velocity = (0.0, 0.0, 0.0)
            control.shape_velocity(self._velocity[0], self._velocity[1])
            control.shape_climb(self._velocity[2])
        pilot.fly()
