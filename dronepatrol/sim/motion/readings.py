"""What can be read of a simulated flight, in SI units and the frames of MAVLink."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, hypot, sin, sqrt
from typing import TYPE_CHECKING

from .airframe import GRAVITY_MPS2, Airframe
from .position import PositionControl, Vector
from .yaw import YawControl

if TYPE_CHECKING:
    from .frame import LocalFrame
    from .waypoints import WaypointNavigation


class Readings:
    """Reads the physical state of one drone and the guidance that flies it."""

    airframe: Airframe
    control: PositionControl
    frame: LocalFrame
    nav: WaypointNavigation
    yaw: YawControl
    origin_amsl_m: float
    home_u: float
    ground_u: float
    armed: bool
    landed: bool
    dt_s: float
    _state: tuple[float, ...]
    position: Vector = (0.0, 0.0, 0.0)
    """Estimated north, east and up of the origin, m."""
    velocity: Vector = (0.0, 0.0, 0.0)
    """Towards north, east and up, m/s."""
    acceleration: Vector = (0.0, 0.0, 0.0)
    """Towards north, east and up, m/s2 (zero at rest)."""
    wind: Vector = (0.0, 0.0, 0.0)
    """Velocity of the air towards north, east and up, m/s."""

    @property
    def true_position(self) -> Vector:
        """Where the vehicle really is: north, east and up of the origin, m."""
        s = self._state
        return s[0], s[1], s[2]

    @property
    def true_lat_lon_e7(self) -> tuple[int, int]:
        """Where the vehicle really is: latitude and longitude in 1e-7 degree."""
        return self.frame.lat_lon_e7(self._state[0], self._state[1])

    @property
    def position_ned_m(self) -> Vector:
        """North, east and down of the origin."""
        n, e, u = self.position
        return n, e, -u

    @property
    def velocity_ned_mps(self) -> Vector:
        """Velocity to north, east and down."""
        n, e, u = self.velocity
        return n, e, -u

    @property
    def acceleration_ned_mps2(self) -> Vector:
        """Acceleration to north, east and down (gravity not included: zero at rest)."""
        s = self._state
        return s[13], s[14], -s[15]

    @property
    def lat_lon_e7(self) -> tuple[int, int]:
        """Latitude and longitude in 1e-7 degree."""
        return self.frame.lat_lon_e7(self.position[0], self.position[1])

    @property
    def altitude_amsl_m(self) -> float:
        """Height above mean sea level."""
        return self.origin_amsl_m + self.position[2]

    @property
    def altitude_home_m(self) -> float:
        """Height above home."""
        return self.position[2] - self.home_u

    @property
    def height_above_ground_m(self) -> float:
        """Height above the ground below."""
        return self.position[2] - self.ground_u

    @property
    def rpy_rad(self) -> Vector:
        """Roll, pitch and yaw (yaw from -pi to pi)."""
        s = self._state
        return _roll_pitch_yaw(s[8], s[9], s[10])

    @property
    def rates_radps(self) -> Vector:
        """Body rates about the forward, right and down axes."""
        s = self._state
        roll, pitch, _ = _roll_pitch_yaw(s[8], s[9], s[10])
        # The shaped lean is what the lean moves to, so its distance gives the rate.
        roll_to, pitch_to, _ = _roll_pitch_yaw(s[6], s[7], s[10])
        lag = max(self.airframe.attitude_lag_s, self.dt_s)
        yaw_rate = self.yaw_rate_radps
        p, q = (roll_to - roll) / lag, (pitch_to - pitch) / lag
        return (
            p - yaw_rate * sin(pitch),
            q * cos(roll) + yaw_rate * sin(roll) * cos(pitch),
            yaw_rate * cos(roll) * cos(pitch) - q * sin(roll),
        )

    @property
    def yaw_rate_radps(self) -> float:
        """Rate of change of the heading."""
        return self.yaw.rate_radps

    @property
    def specific_force_mps2(self) -> Vector:
        """What an accelerometer feels along the forward, right and down axes (about -g down at rest)."""
        s = self._state
        roll, pitch, yaw = self.rpy_rad
        if s[16]:
            an, ae, ad = 0.0, 0.0, -GRAVITY_MPS2
        else:
            an, ae, ad = s[13], s[14], -s[15] - GRAVITY_MPS2
        forward, right = an * cos(yaw) + ae * sin(yaw), ae * cos(yaw) - an * sin(yaw)
        x = forward * cos(pitch) - ad * sin(pitch)
        rest = forward * sin(pitch) + ad * cos(pitch)
        return x, right * cos(roll) + rest * sin(roll), rest * cos(roll) - right * sin(roll)

    @property
    def ground_speed_mps(self) -> float:
        """Horizontal speed over ground."""
        return hypot(self.velocity[0], self.velocity[1])

    @property
    def air_speed_mps(self) -> float:
        """Speed through the air."""
        return sqrt(sum((v - w) ** 2 for v, w in zip(self.velocity, self.wind, strict=True)))

    @property
    def throttle(self) -> float:
        """Share of full throttle, 0 to 1."""
        if not self.armed:
            return 0.0
        return min(self._state[12] / GRAVITY_MPS2 * self.airframe.hover_throttle, 1.0)

    @property
    def motor_outputs_us(self) -> tuple[int, int, int, int]:
        """Pulse widths of the four motors (right, left, front, back of a "+" frame)."""
        if not self.armed:
            return (1000, 1000, 1000, 1000)
        throttle = 0.15 + 0.8 * sqrt(max(self.throttle, 0.0))
        base = 1000 + 1000 * min(throttle, 1.0) if self.throttle > 0.0 else 1100
        p, q, _ = self.rates_radps
        side, front = 20.0 * max(min(p, 2.0), -2.0), 20.0 * max(min(q, 2.0), -2.0)
        return tuple(  # type: ignore[return-value]
            round(min(max(base + part, 1000.0), 2000.0)) for part in (-side, side, front, -front)
        )

    @property
    def power_w(self) -> float:
        """Electrical power that the motors draw; a hundredth of hover when they idle."""
        if not self.armed:
            return 0.0
        if self.landed:
            return 0.01 * self.airframe.hover_power_w
        air = hypot(self.velocity[0] - self.wind[0], self.velocity[1] - self.wind[1])
        return self.airframe.power_w(air, self.velocity[2])

    @property
    def wp_distance_m(self) -> float:
        """Horizontal distance to the present target."""
        n, e, _ = self._target()
        return hypot(n - self.position[0], e - self.position[1])

    @property
    def target_bearing_deg(self) -> float:
        """Bearing from the vehicle to the present target, 0 to 360."""
        n, e, _ = self._target()
        return degrees(atan2(e - self.position[1], n - self.position[0])) % 360.0

    @property
    def nav_bearing_deg(self) -> float:
        """Bearing of the velocity that guidance wants, 0 to 360 (the target's where it wants none)."""
        if hypot(self.control.vn, self.control.ve) < 0.01:
            return self.target_bearing_deg
        return degrees(atan2(self.control.ve, self.control.vn)) % 360.0

    @property
    def cross_track_m(self) -> float:
        """Distance right of the present leg."""
        return self.nav.cross_track_m(self.position) if self.nav.active else 0.0

    @property
    def altitude_error_m(self) -> float:
        """Wanted minus present height."""
        return 0.0 if self.landed else self.control.u - self.position[2]

    @property
    def target_ned_m(self) -> Vector:
        """North, east and down of the desired position."""
        return self.control.n, self.control.e, -self.control.u

    def _target(self) -> Vector:
        if self.nav.active:
            return self.nav.destination
        return self._guided_target() or (self.control.n, self.control.e, self.control.u)

    def _guided_target(self) -> Vector | None:
        return None


def _roll_pitch_yaw(lean_n: float, lean_e: float, heading_rad: float) -> Vector:
    """Return the Euler angles of a heading that is then tilted; the tilt turns the nose a little as well."""
    slope = sqrt(1.0 + lean_n * lean_n + lean_e * lean_e)
    tilt_n, tilt_e, upright = lean_n / slope, lean_e / slope, 1.0 / slope
    c, s = cos(heading_rad), sin(heading_rad)
    ahead, right = tilt_n * c + tilt_e * s, tilt_e * c - tilt_n * s
    pitch = -asin(ahead)
    roll = asin(max(min(right / cos(pitch), 1.0), -1.0))
    bend = ahead / (1.0 + upright)
    return roll, pitch, atan2(s - bend * tilt_e, c - bend * tilt_n)
