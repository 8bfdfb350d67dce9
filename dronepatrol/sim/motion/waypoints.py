"""Waypoint navigation: legs one after the other, their corners blended within the waypoint radius.

A leg is flown by its S-curve. Where the next leg follows without a stop, it starts while this one still
brakes, and the two motions add up: early enough that the corner stays within WPNAV_RADIUS, the speeds of
both and the corner acceleration.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

from .position import POSITION_GAIN, PositionControl, Vector
from .scurve import SCurveLeg
from .shaping import clamp, shaped_acceleration
from .spline import SplineLeg

_TIME_SCALE_BUFFER = 0.05

_FOLLOW_EVERY = 4

# Lag is looked at from this speed on; below it the reference sees noise.
_NOTICED_MPS = 0.004

Leg = SCurveLeg | SplineLeg


@dataclass(frozen=True, slots=True)
class Stop:
    """A place to fly to.

    Attributes
    ----------
    position
        North, east and up in metres.
    curve
        Whether the way there is a spline and not straight.
    """

    position: Vector
    curve: bool = False


class WaypointNavigation:
    """Moves the desired position of a :class:`PositionControl` along legs.

    Attributes
    ----------
    origin, destination
        North, east and up of the leg under way, in metres.
    reached
        Whether the destination has been reached (for a fast waypoint: its corner passed).
    """

    def __init__(self, control: PositionControl) -> None:
        self.control = control
        self.parameters = control.parameters
        self.origin: Vector = (0.0, 0.0, 0.0)
        self.destination: Vector = (0.0, 0.0, 0.0)
        self.reached = True
        self.active = False
        self.paused = False
        self.speed_mps = self.parameters.speed_mps
        self.up_mps = self.parameters.climb_mps
        self.down_mps = self.parameters.descent_mps
        self._follows_parameter = True
        self._vertical = (self.up_mps, self.down_mps)
        self._steps = 0
        self._previous: SCurveLeg | None = None
        self._leg: Leg | None = None
        self._next: Leg | None = None
        self._following: Stop | None = None
        self._time_scale = 1.0
        self._pace_mps = self.speed_mps
        self._pace_acceleration = 0.0

    def start(self, stopping_point: Vector | None, speed_mps: float | None = None) -> None:
        """Take over from another controller, from a point where the vehicle can stop."""
        p, control = self.parameters, self.control
        self._follows_parameter = speed_mps is None
        self.speed_mps = p.speed_mps if speed_mps is None else speed_mps
        self.up_mps, self.down_mps = self._vertical = (p.climb_mps, p.descent_mps)
        control.set_limits(speed_mps=self.speed_mps)
        if stopping_point is None:
            stopping_point = (control.n, control.e, control.u)
        self.origin = self.destination = stopping_point
        self._previous = self._leg = self._next = None
        self._following = None
        self._time_scale = 1.0
        self._pace_mps, self._pace_acceleration = self.speed_mps, 0.0
        self.reached, self.paused, self.active = True, False, True

    def set_speed(self, speed_mps: float) -> None:
        """Change the horizontal speed of this leg and those to come."""
        if speed_mps < 0.1:
            return
        self._pace_mps *= speed_mps / self.speed_mps
        self.speed_mps = speed_mps
        self._follows_parameter = False
        self._apply_speeds()

    def set_vertical_speeds(self, *, up_mps: float | None = None, down_mps: float | None = None) -> None:
        """Change the climb or descent speed of this leg and those to come."""
        self.up_mps = self.up_mps if up_mps is None else up_mps
        self.down_mps = self.down_mps if down_mps is None else down_mps
        self._apply_speeds()

    def _follow_parameters(self) -> None:
        """Take over speeds whose parameters have changed, as long as no command has set them since."""
        p = self.parameters
        if self._follows_parameter and p.speed_mps != self.speed_mps:
            self.set_speed(p.speed_mps)
            self._follows_parameter = True
        vertical = (p.climb_mps, p.descent_mps)
        if vertical != self._vertical:
            self._vertical = vertical
            self.set_vertical_speeds(up_mps=vertical[0], down_mps=vertical[1])

    def _apply_speeds(self) -> None:
        self.control.set_limits(speed_mps=self.speed_mps, up_mps=self.up_mps, down_mps=self.down_mps)
        for leg in (self._leg, self._next):
            if leg is not None:
                leg.set_speeds((self.speed_mps, self.up_mps, self.down_mps))

    def fly(self, stop: Stop, following: Stop | None = None, beyond: Stop | None = None) -> None:
        """Fly to `stop`; with `following` given do not halt there but go on to it.

        Parameters
        ----------
        stop
            Where to fly.
        following
            Where to go on to, or None to halt.
        beyond
            What comes after `following`; it only bends a curved following leg.
        """
        fast = self.reached and self._leg is not None and self._following is not None
        origin = self.destination
        if fast and self._next is not None and self._following == stop:
            leg = self._next
        else:
            leg = self._make(origin, stop, following, self._tangent() if fast else (0.0, 0.0, 0.0))
        self._previous = self._leg if fast and isinstance(self._leg, SCurveLeg) else None
        if isinstance(leg, SplineLeg):
            self._previous = None
        self.origin, self.destination = origin, stop.position
        self._leg, self._next, self._following = leg, None, following
        self.reached = False
        if following is not None:
            self._next = self._make(stop.position, following, beyond, self._tangent())
            _couple(leg, self._next)

    def _make(self, origin: Vector, stop: Stop, following: Stop | None, leave: Vector) -> Leg:
        p, end = self.parameters, stop.position
        speeds = (self.speed_mps, self.up_mps, self.down_mps)
        accelerations = (p.acceleration_mps2, p.vertical_acceleration_mps2)
        if not stop.curve:
            return SCurveLeg(origin, end, speeds, accelerations, p.jerk_mps3, p.snap_mps4)
        arrive = (0.0, 0.0, 0.0)
        if following is not None:
            # A curve that leads into a curve passes its end parallel to the chord between its neighbours.
            start, goal = (origin if following.curve else end), following.position
            arrive = (goal[0] - start[0], goal[1] - start[1], goal[2] - start[2])
        return SplineLeg(origin, end, leave, arrive, speeds, accelerations)

    def _tangent(self) -> Vector:
        """Direction in which the present leg arrives."""
        if isinstance(self._leg, SplineLeg):
            return self._leg.arrive
        start, end = self.origin, self.destination
        return (end[0] - start[0], end[1] - start[1], end[2] - start[2])

    def control_speed(self) -> float:
        """Return the size of the desired velocity in m/s."""
        c = self.control
        return sqrt(c.vn * c.vn + c.ve * c.ve + c.vu * c.vu)

    def advance(self, position: Vector, velocity: Vector) -> bool:
        """Move the desired position on by one step; returns whether the destination is reached."""
        control, dt = self.control, self.control.dt_s
        self._steps += 1
        if self._steps % _FOLLOW_EVERY == 0:
            self._follow_parameters()
        scale = self._pace(dt)
        self._lag(velocity, dt)
        leg = self._leg
        step = self._time_scale * scale * dt
        if leg is None:
            control.hold(self.destination, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
            return self.reached
        if isinstance(leg, SplineLeg):
            place, speed, push = leg.advance(step, self.control_speed())
            finished = leg.finished
        else:
            place, speed, push, finished = self._advance_straight(leg, step)
        if scale != 1.0 or self._pace_acceleration:
            speed, push = self._scaled(speed, push, scale)
        control.hold(place, speed, push)
        if not self.reached and finished:
            self.reached = self._following is not None or self._near(position)
        return self.reached

    def _advance_straight(self, leg: SCurveLeg, step: float) -> tuple[Vector, Vector, Vector, bool]:
        ox, oy, oz = self.origin
        n, e, u, vn, ve, vu, an, ae, au = ox, oy, oz, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        following = self._next if isinstance(self._next, SCurveLeg) else None
        if self._previous is None and (
            following is None or (following.time_s == 0.0 and leg.time_s + step < leg.decelerate_at_s)
        ):
            leg.advance(step)
            s, v, a = leg.at(leg.time_s)
            ux, uy, uz = leg.ux, leg.uy, leg.uz
            place = (ox + ux * s, oy + uy * s, oz + uz * s)
            return place, (ux * v, uy * v, uz * v), (ux * a, uy * a, uz * a), leg.time_s >= leg.end_s
        for part, back in ((self._previous, True), (leg, False)):
            if part is None:
                continue
            part.advance(step)
            if back and part.finished:
                self._previous = None
                continue
            s, v, a = part.at(part.time_s)
            if back:
                s -= part.length_m
            n, e, u = n + part.ux * s, e + part.uy * s, u + part.uz * s
            vn, ve, vu = vn + part.ux * v, ve + part.uy * v, vu + part.uz * v
            an, ae, au = an + part.ux * a, ae + part.uy * a, au + part.uz * a
        finished = leg.finished
        if following is not None:
            lead = step
            if following.time_s == 0.0:
                lead = self._turn_lead(leg, following, step)
            if lead > 0.0:
                following.advance(lead)
                s, v, a = following.at(following.time_s)
                n, e, u = n + following.ux * s, e + following.uy * s, u + following.uz * s
                vn, ve, vu = vn + following.ux * v, ve + following.uy * v, vu + following.uz * v
                an, ae, au = an + following.ux * a, ae + following.uy * a, au + following.uz * a
                if following.time_s >= leg.remaining_s:
                    finished = True
        return (n, e, u), (vn, ve, vu), (an, ae, au), finished

    def _turn_lead(self, leg: SCurveLeg, following: SCurveLeg, step: float) -> float:
        """How long ago within this step the next leg could start; 0 if it may not yet."""
        now = leg.time_s
        if now < leg.decelerate_at_s or not self._may_turn(leg, following, now):
            return 0.0
        early, late = 0.0, step
        for _ in range(4):
            middle = 0.5 * (early + late)
            at = now - middle
            if at >= leg.decelerate_at_s and self._may_turn(leg, following, at):
                early = middle
            else:
                late = middle
        return max(0.5 * (early + late), 1e-6)

    def _may_turn(self, leg: SCurveLeg, following: SCurveLeg, time_s: float) -> bool:
        """Whether the next leg may start at a time: judged at the middle of the turn it would make."""
        remaining = leg.end_s - time_s
        if remaining > following.settled_s:
            return False
        s, v, a = leg.at(time_s + 0.5 * remaining)
        s2, v2, a2 = following.at(0.5 * remaining)
        s -= leg.length_m
        x, y, z = (
            leg.ux * s + following.ux * s2,
            leg.uy * s + following.uy * s2,
            leg.uz * s + following.uz * s2,
        )
        if sqrt(x * x + y * y + z * z) >= self.parameters.radius_m:
            return False
        vx, vy = leg.ux * v + following.ux * v2, leg.uy * v + following.uy * v2
        vz = leg.uz * v + following.uz * v2
        if sqrt(vx * vx + vy * vy + vz * vz) >= min(leg.speed_mps, following.speed_mps):
            return False
        ax, ay = leg.ux * a + following.ux * a2, leg.uy * a + following.uy * a2
        az = leg.uz * a + following.uz * a2
        p = self.parameters
        if abs(az) > p.vertical_acceleration_mps2 - 1e-6:
            return False
        return hypot(ax, ay) < p.corner_acceleration_mps2

    def _pace(self, dt: float) -> float:
        """Slow the whole motion down for a pause and up again, without a jump in acceleration."""
        wanted = 0.0 if self.paused else self.speed_mps
        self._pace_mps += self._pace_acceleration * dt
        if self._pace_mps == wanted and self._pace_acceleration == 0.0:
            return self._pace_mps / self.speed_mps
        a = self.parameters.acceleration_mps2
        self._pace_acceleration = shaped_acceleration(
            wanted - self._pace_mps,
            self._pace_acceleration,
            0.0,
            (-a, a),
            self.parameters.shaping_jerk_mps3,
            dt,
        )
        if abs(wanted - self._pace_mps) < 1e-6 and abs(self._pace_acceleration) < 1e-6:
            self._pace_mps, self._pace_acceleration = wanted, 0.0
        return self._pace_mps / self.speed_mps

    def _scaled(self, speed: Vector, push: Vector, scale: float) -> tuple[Vector, Vector]:
        change = self._pace_acceleration / self.speed_mps
        return (
            (speed[0] * scale, speed[1] * scale, speed[2] * scale),
            (push[0] + speed[0] * change, push[1] + speed[1] * change, push[2] + speed[2] * change),
        )

    def _lag(self, velocity: Vector, dt: float) -> None:
        """Let the leg's clock run slower while the vehicle stays behind its target."""
        control = self.control
        size = self.control_speed()
        scale = 1.0
        if size > _NOTICED_MPS:
            ux, uy, uz = control.vn / size, control.ve / size, control.vu / size
            lag = control.position_error
            error = lag[0] * ux + lag[1] * uy + lag[2] * uz
            speed = velocity[0] * ux + velocity[1] * uy + velocity[2] * uz
            scale = clamp(_TIME_SCALE_BUFFER + (speed - POSITION_GAIN * error) / size, 0.0, 1.0)
        p = self.parameters
        self._time_scale += (scale - self._time_scale) * dt * p.jerk_mps3 / p.acceleration_mps2

    def _near(self, position: Vector) -> bool:
        x, y, z = (self.destination[i] - position[i] for i in range(3))
        return x * x + y * y + z * z <= self.parameters.radius_m**2

    def distance_m(self, position: Vector) -> float:
        """Return the horizontal distance to the destination."""
        return hypot(self.destination[0] - position[0], self.destination[1] - position[1])

    def cross_track_m(self, position: Vector) -> float:
        """Return the distance right of the line from origin to destination (left is negative)."""
        dn, de = self.destination[0] - self.origin[0], self.destination[1] - self.origin[1]
        length = hypot(dn, de)
        if length == 0.0:
            return 0.0
        n, e = position[0] - self.origin[0], position[1] - self.origin[1]
        return (dn * e - de * n) / length


def _couple(leg: Leg, following: Leg) -> None:
    """Let a curve and its neighbour pass their common point at one speed; straight legs blend instead."""
    if isinstance(leg, SplineLeg):
        if isinstance(following, SplineLeg):
            leg.set_destination_speed(following.origin_speed_mps)
        else:
            leg.set_destination_speed(following.set_origin_speed(leg.destination_speed_mps))
    elif isinstance(following, SplineLeg):
        leg.set_destination_speed(following.origin_speed_mps)
