"""A curved leg: a cubic Hermite curve flown at the speed that its bends allow.

The curve, the share of the acceleration limit for turning and for changing speed, and the scaling of the end
tangents are those that ArduPilot publishes for spline waypoints.
"""

from __future__ import annotations

from math import sqrt

from .shaping import clamp, direction_limit

_SHARE = 0.5
_LONGEST_TANGENTS = 4.0

Vector = tuple[float, float, float]


def _length(v: Vector) -> float:
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


class SplineLeg:
    """The motion along one curved leg.

    Parameters
    ----------
    origin, destination
        North, east and up in metres.
    leave, arrive
        Tangents at the ends, in metres per unit of the curve's parameter; a zero `arrive` is a stop.
    speeds
        Horizontal, climb and descent limits in m/s.
    accelerations
        Horizontal and vertical limits in m/s2.
    """

    def __init__(
        self,
        origin: Vector,
        destination: Vector,
        leave: Vector,
        arrive: Vector,
        speeds: tuple[float, float, float],
        accelerations: tuple[float, float],
    ) -> None:
        self.leave, self.arrive = leave, arrive
        self._destination = destination
        self._speeds, self._accelerations = speeds, accelerations
        span = _length((destination[0] - origin[0], destination[1] - origin[1], destination[2] - origin[2]))
        tangents = _length(leave) + _length(arrive)
        scale = min(1.0, span * _LONGEST_TANGENTS / tangents) if tangents else 1.0
        self._coefficients = tuple(
            _hermite(origin[i], destination[i], leave[i] * scale, arrive[i] * scale) for i in range(3)
        )
        self._place = 1.0 if span == 0.0 else 0.0
        self.finished = span == 0.0
        self.origin_speed_mps = self.destination_speed_mps = 0.0
        if not self.finished:
            stop = _length(arrive) == 0.0
            self.destination_speed_mps = 0.0 if stop else self._limits(1.0)[2]
            self.origin_speed_mps = self._limits(0.0)[2]

    def set_speeds(self, speeds: tuple[float, float, float]) -> None:
        """Change the speed limits."""
        self._speeds = speeds

    def set_destination_speed(self, speed_mps: float) -> None:
        """Lower the speed at which the end is passed."""
        self.destination_speed_mps = min(self.destination_speed_mps, speed_mps)

    def advance(self, dt_s: float, speed_mps: float) -> tuple[Vector, Vector, Vector]:
        """Move along the curve for a step; returns position, velocity and (zero) acceleration."""
        if self.finished:
            return self._destination, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
        point, unit, top, push, rate = self._limits_along(self._place, speed_mps * dt_s)
        speed = clamp(top, speed_mps - push * dt_s, speed_mps + push * dt_s)
        self._place += rate
        if self._place >= 1.0:
            self._place, self.finished = 1.0, True
        return point, (unit[0] * speed, unit[1] * speed, unit[2] * speed), (0.0, 0.0, 0.0)

    def _limits(self, place: float) -> tuple[Vector, Vector, float, float, float]:
        return self._limits_along(place, 0.0)

    def _limits_along(self, place: float, step_m: float) -> tuple[Vector, Vector, float, float, float]:
        """Point, direction, greatest speed and along-track acceleration, and the step of the parameter."""
        (x, dx, ddx, jx), (y, dy, ddy, jy), (z, dz, ddz, jz) = (
            _derivatives(c, place) for c in self._coefficients
        )
        tangent = sqrt(dx * dx + dy * dy + dz * dz)
        if tangent > 0.0:
            unit = (dx / tangent, dy / tangent, dz / tangent)
            rate = step_m / tangent
        else:
            bend = sqrt(ddx * ddx + ddy * ddy + ddz * ddz)
            if bend > 0.0:
                unit, rate = (ddx / bend, ddy / bend, ddz / bend), sqrt(2.0 * step_m / bend)
            else:
                twist = sqrt(jx * jx + jy * jy + jz * jz) or 1.0
                unit, rate = (jx / twist, jy / twist, jz / twist), (6.0 * step_m / twist) ** (1.0 / 3.0)
        speed = direction_limit(*unit, *self._speeds)
        along = ddx * unit[0] + ddy * unit[1] + ddz * unit[2]
        nx, ny, nz = ddx - unit[0] * along, ddy - unit[1] * along, ddz - unit[2] * along
        across = sqrt(nx * nx + ny * ny + nz * nz)
        flat, steep = self._accelerations
        if across > 0.0 and tangent > 0.0:
            turn = _SHARE * direction_limit(nx, ny, nz, flat, steep, steep)
            speed = min(speed, tangent * sqrt(turn / across))
        push = _SHARE * direction_limit(*unit, flat, steep, steep)
        rest = _length((self._destination[0] - x, self._destination[1] - y, self._destination[2] - z))
        speed = min(speed, sqrt(2.0 * push * rest + self.destination_speed_mps**2)) if place < 1.0 else speed
        return (x, y, z), unit, speed, push, rate


def _hermite(origin: float, destination: float, leave: float, arrive: float) -> tuple[float, ...]:
    span = destination - origin
    return origin, leave, 3.0 * span - 2.0 * leave - arrive, leave + arrive - 2.0 * span


def _derivatives(c: tuple[float, ...], t: float) -> tuple[float, float, float, float]:
    c0, c1, c2, c3 = c
    return (
        c0 + t * (c1 + t * (c2 + t * c3)),
        c1 + t * (2.0 * c2 + 3.0 * t * c3),
        2.0 * c2 + 6.0 * t * c3,
        6.0 * c3,
    )
