"""What a vehicle says of itself, in SI units: one frozen dataclass per subject.

Each knows when it was heard, on the clock of the loop. NaN stands where the vehicle leaves a value out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.modes import mode_name
from dronepatrol.model.position import Position

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """Something heard.

    Attributes
    ----------
    heard_s
        Loop time at which it was heard.
    """

    heard_s: float

    def age_s(self, now_s: float) -> float:
        """Return how old it is at a loop time."""
        return now_s - self.heard_s


@dataclass(frozen=True, slots=True)
class StatusReading(Reading):
    """HEARTBEAT: the flight mode by name and number, whether motors may turn, MAV_STATE."""

    mode: str
    custom_mode: int
    armed: bool
    system_status: int


@dataclass(frozen=True, slots=True)
class PositionReading(Reading):
    """GLOBAL_POSITION_INT: where the vehicle is and how it moves.

    Attributes
    ----------
    altitude_amsl_m, altitude_home_m
        Above mean sea level and above home.
    velocity_ned_mps
        North, east, down.
    heading_deg
        Clockwise from north, 0 to 360.
    boot_s
        Seconds since the autopilot's start at which this was measured.
    """

    position: Position
    altitude_amsl_m: float
    altitude_home_m: float
    velocity_ned_mps: Triple
    heading_deg: float
    boot_s: float


@dataclass(frozen=True, slots=True)
class AttitudeReading(Reading):
    """ATTITUDE: roll, pitch, yaw (rad), their rates (rad/s)."""

    rpy_rad: Triple
    rates_radps: Triple
    boot_s: float


@dataclass(frozen=True, slots=True)
class BatteryReading(Reading):
    """SYS_STATUS: charge left (0 to 1), voltage, current."""

    left: float
    voltage_v: float
    current_a: float


@dataclass(frozen=True, slots=True)
class HealthReading(Reading):
    """SYS_STATUS: whether pre-arm checks pass, sensors by bit, processor load (0 to 1)."""

    prearm_ok: bool
    present: int
    enabled: int
    healthy: int
    load: float


@dataclass(frozen=True, slots=True)
class PackReading(Reading):
    """BATTERY_STATUS: charge (A h) and energy (W h) used, temperature (deg C) of one battery."""

    battery: int
    used_ah: float
    used_wh: float
    temperature_c: float


@dataclass(frozen=True, slots=True)
class GpsReading(Reading):
    """GPS_RAW_INT: GPS_FIX_TYPE, satellites, dilution of precision, accuracies (m)."""

    fix: int
    satellites: int
    hdop: float
    horizontal_accuracy_m: float
    vertical_accuracy_m: float


@dataclass(frozen=True, slots=True)
class EstimatorReading(Reading):
    """EKF_STATUS_REPORT: flags, and whether there is an absolute position that is not held constant."""

    flags: int
    position_ok: bool


@dataclass(frozen=True, slots=True)
class MissionReading(Reading):
    """MISSION_CURRENT: item being flown, how many there are (0 if not told), MISSION_STATE."""

    seq: int
    total: int
    state: int


@dataclass(frozen=True, slots=True)
class HomeReading(Reading):
    """HOME_POSITION: where home is."""

    position: Position
    altitude_amsl_m: float


@dataclass(frozen=True, slots=True)
class AirReading(Reading):
    """VFR_HUD: speeds (m/s) and throttle (0 to 1)."""

    airspeed_mps: float
    ground_speed_mps: float
    climb_mps: float
    throttle: float


@dataclass(frozen=True, slots=True)
class WindReading(Reading):
    """WIND: where it comes from (deg), how fast (m/s), as the vehicle estimates it."""

    from_deg: float
    speed_mps: float


@dataclass(frozen=True, slots=True)
class TargetReading(Reading):
    """POSITION_TARGET_GLOBAL_INT: where the vehicle is flying to, in GUIDED and AUTO."""

    position: Position
    altitude_m: float
    frame: int


@dataclass(frozen=True, slots=True)
class ClockReading(Reading):
    """SYSTEM_TIME: seconds since the autopilot's start, and since 1970 (0 without GPS)."""

    boot_s: float
    unix_s: float


def _unless(missing: bool, value: float) -> float:
    return math.nan if missing else value


def _place(lat_e7: int, lon_e7: int) -> Position:
    return Position(lon_e7 / 1e7, lat_e7 / 1e7)


def status_reading(m: Message, at_s: float, name_mode: Callable[[int], str] = mode_name) -> StatusReading:
    """Return what a HEARTBEAT says, with the mode as this autopilot calls it."""
    armed = bool(m.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
    return StatusReading(at_s, name_mode(m.custom_mode), m.custom_mode, armed, m.system_status)


def _position(m: Message, at_s: float) -> PositionReading:
    return PositionReading(
        at_s,
        _place(m.lat, m.lon),
        m.alt / 1e3,
        m.relative_alt / 1e3,
        (m.vx / 1e2, m.vy / 1e2, m.vz / 1e2),
        _unless(m.hdg == 65535, m.hdg / 1e2),
        m.time_boot_ms / 1e3,
    )


def _attitude(m: Message, at_s: float) -> AttitudeReading:
    rates = (m.rollspeed, m.pitchspeed, m.yawspeed)
    return AttitudeReading(at_s, (m.roll, m.pitch, m.yaw), rates, m.time_boot_ms / 1e3)


def _battery(m: Message, at_s: float) -> BatteryReading:
    return BatteryReading(
        at_s,
        _unless(m.battery_remaining < 0, m.battery_remaining / 100.0),
        _unless(m.voltage_battery == 65535, m.voltage_battery / 1e3),
        _unless(m.current_battery < 0, m.current_battery / 1e2),
    )


def _health(m: Message, at_s: float) -> HealthReading:
    healthy = m.onboard_control_sensors_health
    return HealthReading(
        at_s,
        bool(healthy & dialect.MAV_SYS_STATUS_PREARM_CHECK),
        m.onboard_control_sensors_present,
        m.onboard_control_sensors_enabled,
        healthy,
        m.load / 1e3,
    )


def _pack(m: Message, at_s: float) -> PackReading:
    return PackReading(
        at_s,
        m.id,
        _unless(m.current_consumed < 0, m.current_consumed / 1e3),
        # hectojoules
        _unless(m.energy_consumed < 0, m.energy_consumed / 36.0),
        _unless(m.temperature == 32767, m.temperature / 1e2),
    )


def _gps(m: Message, at_s: float) -> GpsReading:
    return GpsReading(
        at_s,
        m.fix_type,
        0 if m.satellites_visible == 255 else m.satellites_visible,
        _unless(m.eph == 65535, m.eph / 1e2),
        m.h_acc / 1e3,
        m.v_acc / 1e3,
    )


def _estimator(m: Message, at_s: float) -> EstimatorReading:
    absolute = bool(m.flags & dialect.EKF_POS_HORIZ_ABS)
    constant = bool(m.flags & dialect.EKF_CONST_POS_MODE)
    return EstimatorReading(at_s, m.flags, absolute and not constant)


def _mission(m: Message, at_s: float) -> MissionReading:
    return MissionReading(at_s, m.seq, 0 if m.total == 65535 else m.total, m.mission_state)


def _home(m: Message, at_s: float) -> HomeReading:
    return HomeReading(at_s, _place(m.latitude, m.longitude), m.altitude / 1e3)


def _air(m: Message, at_s: float) -> AirReading:
    return AirReading(at_s, m.airspeed, m.groundspeed, m.climb, m.throttle / 100.0)


def _wind(m: Message, at_s: float) -> WindReading:
    return WindReading(at_s, m.direction % 360.0, m.speed)


def _target(m: Message, at_s: float) -> TargetReading:
    return TargetReading(at_s, _place(m.lat_int, m.lon_int), m.alt, m.coordinate_frame)


def _clock(m: Message, at_s: float) -> ClockReading:
    return ClockReading(at_s, m.time_boot_ms / 1e3, m.time_unix_usec / 1e6)


Maker = Callable[[Message, float], Reading]

MAKERS: dict[type[Reading], tuple[int, Maker]] = {
    StatusReading: (dialect.MAVLINK_MSG_ID_HEARTBEAT, status_reading),
    PositionReading: (dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT, _position),
    AttitudeReading: (dialect.MAVLINK_MSG_ID_ATTITUDE, _attitude),
    BatteryReading: (dialect.MAVLINK_MSG_ID_SYS_STATUS, _battery),
    HealthReading: (dialect.MAVLINK_MSG_ID_SYS_STATUS, _health),
    PackReading: (dialect.MAVLINK_MSG_ID_BATTERY_STATUS, _pack),
    GpsReading: (dialect.MAVLINK_MSG_ID_GPS_RAW_INT, _gps),
    EstimatorReading: (dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT, _estimator),
    MissionReading: (dialect.MAVLINK_MSG_ID_MISSION_CURRENT, _mission),
    HomeReading: (dialect.MAVLINK_MSG_ID_HOME_POSITION, _home),
    AirReading: (dialect.MAVLINK_MSG_ID_VFR_HUD, _air),
    WindReading: (dialect.MAVLINK_MSG_ID_WIND, _wind),
    TargetReading: (dialect.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT, _target),
    ClockReading: (dialect.MAVLINK_MSG_ID_SYSTEM_TIME, _clock),
}
"""The message each reading is made of, and how."""
