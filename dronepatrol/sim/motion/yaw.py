"""Where the nose points: along the course, at a point, at a fixed heading, or turning at a rate."""

from __future__ import annotations

from enum import Enum
from math import atan2, hypot, pi, radians

from .parameters import FlightParameters
from .shaping import clamp, sqrt_correction


class YawMode(Enum):
    """What the heading follows."""

    HOLD = "hold"
    COURSE = "course"
    FIXED = "fixed"
    POINT = "point"
    RATE = "rate"


def wrap_pi(angle_rad: float) -> float:
    """Return the angle between -pi and pi."""
    return (angle_rad + pi) % (2.0 * pi) - pi


class YawControl:
    """Turns the heading with limits on rate and acceleration.

    Attributes
    ----------
    heading_rad
        Shaped heading, not wrapped.
    rate_radps
        Its rate of change.
    """

    def __init__(self, parameters: FlightParameters, heading_rad: float, dt_s: float) -> None:
        self._parameters = parameters
        self._dt_s = dt_s
        self.mode = YawMode.HOLD
        self.heading_rad = heading_rad
        self.rate_radps = 0.0
        self.target_rad = heading_rad
        self._left_rad = 0.0
        self._fixed_rad = heading_rad
        self._slew_radps = 0.0
        self._turn_radps = 0.0
        self.point: tuple[float, float] | None = None

    def hold(self) -> None:
        """Keep the present heading."""
        self.mode = YawMode.HOLD
        self.target_rad = self.heading_rad

    def follow_course(self) -> None:
        """Point along the velocity wanted by guidance."""
        self.mode = YawMode.COURSE
        self.target_rad = self.heading_rad

    def look_at(self, north_m: float, east_m: float) -> None:
        """Point at a place."""
        self.point = (north_m, east_m)
        self.mode = YawMode.POINT

    def turn_to(
        self, heading_rad: float, rate_radps: float = 0.0, direction: int = 0, *, relative: bool = False
    ) -> None:
        """Turn to a heading, at ATC_SLEW_YAW where no rate is given.

        Parameters
        ----------
        heading_rad
            Heading from north, or change of it when `relative`.
        rate_radps
            Greatest rate; 0 for the parameter's.
        direction
            1 clockwise, -1 counter-clockwise, 0 the shorter way (relative: the angle's sign).
        relative
            Whether the heading counts from the present one.
        """
        if relative:
            change = heading_rad * direction if direction else heading_rad
        else:
            change = wrap_pi(heading_rad - self.heading_rad)
            if direction > 0 and change < 0.0:
                change += 2.0 * pi
            elif direction < 0 and change > 0.0:
                change -= 2.0 * pi
        self.mode = YawMode.FIXED
        self._fixed_rad = self.heading_rad
        self._left_rad = change
        self._slew_radps = rate_radps if rate_radps > 0.0 else self.slew_radps

    def turn_at(self, rate_radps: float) -> None:
        """Turn at a constant rate."""
        self.mode = YawMode.RATE
        self._turn_radps = rate_radps

    @property
    def slew_radps(self) -> float:
        """ATC_SLEW_YAW in rad/s."""
        return max(radians(self._parameters.raw("ATC_SLEW_YAW") * 0.01), 0.05)

    @property
    def done(self) -> bool:
        """Whether a turn to a fixed heading is complete within 2 degrees."""
        return self._left_rad == 0.0 and abs(self._fixed_rad - self.heading_rad) < radians(2.0)

    def resume_fixed(self) -> None:
        """Go on turning to the heading of the last :meth:`turn_to`, whatever took the nose since."""
        self.mode = YawMode.FIXED

    def step(self, position: tuple[float, float], course: tuple[float, float], speed_mps: float) -> None:
        """Shape the heading for one step.

        Parameters
        ----------
        position
            North and east, m.
        course
            Wanted velocity to north and east, m/s.
        speed_mps
            The speed limit; below a twentieth of it the course says nothing and the heading is kept.
        """
        mode, dt = self.mode, self._dt_s
        forward = 0.0
        if mode is YawMode.COURSE:
            if hypot(*course) > 0.05 * speed_mps:
                self.target_rad = atan2(course[1], course[0])
        elif mode is YawMode.FIXED:
            step = clamp(self._left_rad, -self._slew_radps * dt, self._slew_radps * dt)
            self._left_rad -= step
            self._fixed_rad += step
            self.target_rad = self._fixed_rad
            forward = step / dt
        elif mode is YawMode.POINT and self.point is not None:
            dn, de = self.point[0] - position[0], self.point[1] - position[1]
            if dn * dn + de * de > 1.0:
                self.target_rad = atan2(de, dn)
        elif mode is YawMode.RATE:
            self.target_rad += self._turn_radps * dt
            forward = self._turn_radps
        self._shape(forward)

    def _shape(self, forward: float) -> None:
        error = self.target_rad - self.heading_rad
        if self.mode is not YawMode.FIXED and self.mode is not YawMode.RATE:
            error = wrap_pi(error)
        if error == 0.0 and self.rate_radps == 0.0:
            return
        p = self._parameters
        gain = 1.0 / max(p.raw("ATC_INPUT_TC"), 0.05)
        push = max(radians(p.raw("ATC_ACCEL_Y_MAX") * 0.01), 0.1)
        limit = max(self.slew_radps, abs(forward))
        wanted = clamp(sqrt_correction(error, gain, push, self._dt_s), -limit, limit)
        step = push * self._dt_s
        self.rate_radps += clamp(wanted - self.rate_radps, -step, step)
        self.heading_rad += self.rate_radps * self._dt_s
