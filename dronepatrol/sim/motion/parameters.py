"""The ArduCopter parameters that act on flight, read live from a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, pi, radians, tan
from types import MappingProxyType

FLIGHT_DEFAULTS: Mapping[str, float] = MappingProxyType(
    {
        "ANGLE_MAX": 3000.0,
        "ATC_ACCEL_Y_MAX": 27000.0,
        "ATC_INPUT_TC": 0.15,
        "ATC_SLEW_YAW": 6000.0,
        "AUTO_OPTIONS": 0.0,
        "CIRCLE_RADIUS": 1000.0,
        "CIRCLE_RATE": 20.0,
        "DISARM_DELAY": 10.0,
        "GUID_TIMEOUT": 3.0,
        "LAND_ALT_LOW": 1000.0,
        "LAND_SPEED": 50.0,
        "LAND_SPEED_HIGH": 0.0,
        "LOIT_ACC_MAX": 500.0,
        "LOIT_BRK_ACCEL": 250.0,
        "LOIT_BRK_DELAY": 1.0,
        "LOIT_BRK_JERK": 500.0,
        "LOIT_SPEED": 1250.0,
        "MIS_RESTART": 0.0,
        "PILOT_ACCEL_Z": 250.0,
        "PILOT_SPEED_DN": 0.0,
        "PILOT_SPEED_UP": 250.0,
        "PSC_JERK_XY": 5.0,
        "PSC_JERK_Z": 5.0,
        "RALLY_INCL_HOME": 1.0,
        "RALLY_LIMIT_KM": 0.3,
        "RTL_ALT": 1500.0,
        "RTL_ALT_FINAL": 0.0,
        "RTL_CLIMB_MIN": 0.0,
        "RTL_CONE_SLOPE": 3.0,
        "RTL_LOIT_TIME": 5000.0,
        "RTL_SPEED": 0.0,
        "TKOFF_SLEW_TIME": 2.0,
        "WPNAV_ACCEL": 250.0,
        "WPNAV_ACCEL_C": 0.0,
        "WPNAV_ACCEL_Z": 100.0,
        "WPNAV_JERK": 1.0,
        "WPNAV_RADIUS": 200.0,
        "WPNAV_SPEED": 1000.0,
        "WPNAV_SPEED_DN": 150.0,
        "WPNAV_SPEED_UP": 250.0,
        "WP_YAW_BEHAVIOR": 2.0,
    }
)
"""Names and defaults of ArduCopter 4.7 (its generated parameter list), in its own units."""


class FlightParameters:
    """SI view of flight parameters, read live from a mapping.

    A change acts as soon as :meth:`refresh` is called, which a pilot does five times a second and with each
    order.

    Parameters
    ----------
    values
        ArduCopter's name to value, in ArduCopter's units; a missing name has its default. It is kept, not
        copied.
    """

    __slots__ = ("_angle", "_lean_limit", "_seen", "_values")

    def __init__(self, values: Mapping[str, float] | None = None) -> None:
        self._values: Mapping[str, float] = {} if values is None else values
        self._seen: dict[str, float] = {}
        self._angle = self._lean_limit = 0.0

    def raw(self, name: str) -> float:
        """Return a parameter in ArduCopter's unit; a KeyError for a name that flight does not use."""
        value = self._seen.get(name)
        if value is None:
            given = self._values.get(name)
            value = FLIGHT_DEFAULTS[name] if given is None or not isfinite(given) else given
            self._seen[name] = value
        return value

    def refresh(self) -> None:
        """Look at the mapping again: values are remembered in between, because loops read often."""
        self._seen.clear()

    def si(self, name: str, *, minimum: float = 0.0, maximum: float = 1e4) -> float:
        """Return a parameter given in hundredths (cm, cm/s, cdeg) divided by 100 and held within limits."""
        return min(max(self.raw(name) * 0.01, minimum), maximum)

    @property
    def speed_mps(self) -> float:
        """WPNAV_SPEED in m/s."""
        return self.si("WPNAV_SPEED", minimum=0.1, maximum=100.0)

    @property
    def acceleration_mps2(self) -> float:
        """WPNAV_ACCEL in m/s2; zero means the default of 2.5."""
        return max(self.si("WPNAV_ACCEL", maximum=50.0) or 2.5, 0.1)

    @property
    def corner_acceleration_mps2(self) -> float:
        """WPNAV_ACCEL_C in m/s2; zero means twice WPNAV_ACCEL."""
        return self.si("WPNAV_ACCEL_C") or 2.0 * self.acceleration_mps2

    @property
    def jerk_mps3(self) -> float:
        """WPNAV_JERK in m/s3; zero means WPNAV_ACCEL."""
        jerk = self.raw("WPNAV_JERK")
        return min(max(jerk, 0.05), 200.0) if jerk > 0.0 else self.acceleration_mps2

    @property
    def snap_mps4(self) -> float:
        """Greatest snap of a leg: half of what the attitude input lag ATC_INPUT_TC allows for the jerk."""
        return 0.25 * pi * self.jerk_mps3 / min(max(self.raw("ATC_INPUT_TC"), 0.1), 1.0)

    @property
    def radius_m(self) -> float:
        """WPNAV_RADIUS in m."""
        return self.si("WPNAV_RADIUS", minimum=0.05)

    @property
    def climb_mps(self) -> float:
        """WPNAV_SPEED_UP in m/s."""
        return self.si("WPNAV_SPEED_UP", minimum=0.1, maximum=50.0)

    @property
    def descent_mps(self) -> float:
        """WPNAV_SPEED_DN in m/s, positive."""
        return self.si("WPNAV_SPEED_DN", minimum=0.1, maximum=50.0)

    @property
    def vertical_acceleration_mps2(self) -> float:
        """WPNAV_ACCEL_Z in m/s2."""
        return self.si("WPNAV_ACCEL_Z", minimum=0.1, maximum=50.0)

    @property
    def rtl_speed_mps(self) -> float:
        """RTL_SPEED in m/s; zero means WPNAV_SPEED."""
        speed = self.si("RTL_SPEED", maximum=100.0)
        return max(speed, 0.1) if speed > 0.0 else self.speed_mps

    @property
    def lean_limit(self) -> float:
        """Tangent of ANGLE_MAX, which is held between 10 and 80 degrees."""
        angle = self.raw("ANGLE_MAX")
        if angle != self._angle:
            self._angle = angle
            self._lean_limit = tan(radians(min(max(angle, 1000.0), 8000.0) * 0.01))
        return self._lean_limit

    @property
    def shaping_jerk_mps3(self) -> float:
        """PSC_JERK_XY in m/s3."""
        return min(max(self.raw("PSC_JERK_XY"), 0.5), 200.0)

    @property
    def shaping_jerk_z_mps3(self) -> float:
        """PSC_JERK_Z in m/s3."""
        return min(max(self.raw("PSC_JERK_Z"), 0.5), 200.0)

    @property
    def pilot_descent_mps(self) -> float:
        """PILOT_SPEED_DN in m/s, or PILOT_SPEED_UP where it is zero."""
        return max(self.si("PILOT_SPEED_DN", maximum=50.0) or self.si("PILOT_SPEED_UP", maximum=50.0), 0.1)
