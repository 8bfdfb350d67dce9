"""Circles about a point, entered at the nearest place of the circle."""

from __future__ import annotations

from math import atan2, cos, hypot, pi, radians, sin, sqrt
from typing import TYPE_CHECKING

from .shaping import clamp
from .yaw import wrap_pi

if TYPE_CHECKING:
    from .pilot import Pilot


class CircleFlight:
    """One vehicle flying round a centre, clockwise for a positive rate.

    The turn starts at rest and accelerates; the speed is limited so that half the acceleration limit turns
    it.

    Attributes
    ----------
    turned_rad
        Angle flown so far, positive clockwise.
    """

    def __init__(
        self, pilot: Pilot, centre: tuple[float, float, float], radius_m: float, rate_radps: float
    ) -> None:
        self._pilot = pilot
        self.centre, self.radius_m = centre, radius_m
        control = pilot.control
        control.set_limits(speed_mps=pilot.nav.speed_mps)
        speed = rate_radps * radius_m
        top = min(pilot.nav.speed_mps, sqrt(0.5 * control.acceleration_mps2 * radius_m))
        self._rate_limit = clamp(speed, -top, top) / radius_m if radius_m > 0.0 else rate_radps
        self._push = max(control.acceleration_mps2 / max(radius_m, 0.1), radians(5.0))
        self._rate = 0.0
        self.turned_rad = 0.0
        dn, de = pilot.position[0] - centre[0], pilot.position[1] - centre[1]
        if hypot(dn, de) < 0.05:
            self._angle = wrap_pi(pilot.yaw.heading_rad - pi)
        else:
            self._angle = atan2(de, dn)

    def run(self) -> None:
        """Fly one step."""
        pilot, control, dt = self._pilot, self._pilot.control, self._pilot.dt_s
        step = self._push * dt
        self._rate += clamp(self._rate_limit - self._rate, -step, step)
        self._angle += self._rate * dt
        self.turned_rad += self._rate * dt
        n = self.centre[0] + self.radius_m * cos(self._angle)
        e = self.centre[1] + self.radius_m * sin(self._angle)
        control.shape_horizontal_position(n, e)
        control.shape_height(self.centre[2])
        pilot.fly()
