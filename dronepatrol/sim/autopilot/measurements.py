"""Messages about what one drone measures, one builder each, with the content that ArduCopter 4.7 was
recorded to send.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.snapshot import Snapshot

Builder = Callable[[Snapshot], Message | None]
"""Makes a message, or None while the vehicle has nothing to say of that kind."""

GRAVITY_MPS2 = 9.80665
SEA_LEVEL_HPA = 1013.25
HORIZONTAL_FIELD_MGAUSS, VERTICAL_FIELD_MGAUSS = 351.0, 334.0
"""Earth's field at the recordings' place."""
_UNUSED_CELLS = [65535] * 9
_NO_CELLS = [65535] * 10


def _ms(s: Snapshot) -> int:
    return int(s.boot_s * 1e3 + 0.5)


def _us(s: Snapshot) -> int:
    return int(s.boot_s * 1e6 + 0.5)


def _clip16(value: float) -> int:
    return max(-32768, min(32767, round(value)))


def _centi(values: tuple[float, float, float]) -> tuple[int, int, int]:
    return (_clip16(values[0] * 100.0), _clip16(values[1] * 100.0), _clip16(values[2] * 100.0))


def _heading_cdeg(yaw_rad: float) -> int:
    return round(math.degrees(yaw_rad) * 100.0) % 36000


def _ahrs(_s: Snapshot) -> Message:
    return dialect.MAVLink_ahrs_message(0.0, 0.0, 0.0, 0.0, 0.0, 0.006, 0.007)


def _ahrs2(s: Snapshot) -> Message | None:
    altitude_m = s.altitude_amsl_m if s.origin_set else 0.0
    return dialect.MAVLink_ahrs2_message(*s.rpy_rad, altitude_m, s.lat_e7, s.lon_e7)


def _attitude(s: Snapshot) -> Message:
    return dialect.MAVLink_attitude_message(_ms(s), *s.rpy_rad, *s.rates_rps)


def _battery(s: Snapshot) -> Message:
    if not s.battery_read:
        unknown = dialect.MAV_BATTERY_CHARGE_STATE_UNHEALTHY
        return dialect.MAVLink_battery_status_message(0, 0, 0, 32767, _NO_CELLS, 0, 0, 0, -1, 0, unknown)
    return dialect.MAVLink_battery_status_message(
        0,
        0,
        0,
        32767,
        [round(s.battery_v * 1e3), *_UNUSED_CELLS],
        _clip16(s.battery_a * 100.0),
        round(s.battery_mah),
        round(s.battery_wh * 36.0),  # hectojoule
        s.battery_percent,
        0,
        s.charge_state,
    )


def _estimator(s: Snapshot) -> Message:
    velocity, place, height, compass = s.ekf_ratios
    return dialect.MAVLink_ekf_status_report_message(
        s.ekf_flags, 0.005 + velocity, 0.003 + place, 0.002 + height, 0.003 + compass, 0.0
    )


def _global_position(s: Snapshot) -> Message:
    return dialect.MAVLink_global_position_int_message(
        _ms(s),
        s.lat_e7,
        s.lon_e7,
        round(s.altitude_amsl_m * 1e3),
        round(s.altitude_home_m * 1e3),
        *_centi(s.velocity_ned_mps),
        _heading_cdeg(s.rpy_rad[2]),
    )


def _gps(s: Snapshot) -> Message:
    north, east, _ = s.velocity_ned_mps
    altitude_mm = round(s.gps_altitude_m * 1e3)
    # A receiver that lost its fix goes on with the last place, as recorded.
    fixed = s.gps_fix >= dialect.GPS_FIX_TYPE_2D_FIX or s.satellites > 0
    return dialect.MAVLink_gps_raw_int_message(
        _us(s) if fixed else 0,
        s.gps_fix,
        s.gps_lat_e7 if fixed else 0,
        s.gps_lon_e7 if fixed else 0,
        altitude_mm if fixed else 0,
        121 if fixed else 9999,
        200 if fixed else 65535,
        round(math.hypot(north, east) * 100.0),
        round(math.degrees(math.atan2(east, north)) * 100.0) % 36000,
        s.satellites,
        altitude_mm if fixed else 0,
        300,
        300,
        0,
        0,
        0,
    )


def _local_position(s: Snapshot) -> Message | None:
    if not s.position_ok:
        return None
    return dialect.MAVLink_local_position_ned_message(_ms(s), *s.ned_m, *s.velocity_ned_mps)


def _memory(_s: Snapshot) -> Message:
    return dialect.MAVLink_meminfo_message(0, 65535, 524288)


def _mission_current(s: Snapshot) -> Message:
    return dialect.MAVLink_mission_current_message(
        s.mission_seq, s.mission_total, s.mission_state, s.mission_mode
    )


def _quaternion(s: Snapshot) -> Message:
    w, x, y, z = quaternion(*s.rpy_rad)
    return dialect.MAVLink_attitude_quaternion_message(_ms(s), w, x, y, z, *s.rates_rps)


def quaternion(roll: float, pitch: float, yaw: float) -> tuple[float, float, float, float]:
    """Return the rotation w, x, y, z of Euler angles in radians, turned about z, then y, then x."""
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    return (
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )


def _navigation(s: Snapshot) -> Message:
    return dialect.MAVLink_nav_controller_output_message(
        s.nav_roll_deg,
        s.nav_pitch_deg,
        _bearing(s.nav_bearing_deg),
        _bearing(s.wp_bearing_deg),
        min(65535, round(s.wp_distance_m)),
        s.altitude_error_m,
        0.0,
        s.cross_track_m,
    )


def _bearing(angle_deg: float) -> int:
    """Bearings are told from -180 to 180 degrees."""
    return round((angle_deg + 180.0) % 360.0 - 180.0)


def _power(_s: Snapshot) -> Message:
    return dialect.MAVLink_power_status_message(5000, 0, 0)


def _body(s: Snapshot) -> tuple[int, ...]:
    """Return accelerations in mg, rates in mrad/s, magnetic field in mgauss; three messages carry them."""
    if s.inertial is None:
        s.inertial = _felt(s)
    return s.inertial


def _felt(s: Snapshot) -> tuple[int, ...]:
    x, y, z = s.acceleration_body_mps2
    yaw = s.rpy_rad[2]
    p, q, r = s.rates_rps
    milli = 1000.0 / GRAVITY_MPS2
    return (
        _clip16(x * milli),
        _clip16(y * milli),
        _clip16(z * milli),
        _clip16(p * 1000.0),
        _clip16(q * 1000.0),
        _clip16(r * 1000.0),
        round(HORIZONTAL_FIELD_MGAUSS * math.cos(yaw)),
        round(-HORIZONTAL_FIELD_MGAUSS * math.sin(yaw)),
        round(VERTICAL_FIELD_MGAUSS),
    )


def _raw_imu(s: Snapshot) -> Message:
    return dialect.MAVLink_raw_imu_message(_us(s), *_body(s), 0, 2936)


def _scaled_imu2(s: Snapshot) -> Message:
    return dialect.MAVLink_scaled_imu2_message(_ms(s), *_body(s), 2936)


def _scaled_imu3(s: Snapshot) -> Message:
    return dialect.MAVLink_scaled_imu3_message(_ms(s), 0, 0, 0, 0, 0, 0, *_body(s)[6:], 0)


def _pressure_hpa(s: Snapshot) -> float:
    """International standard atmosphere below 11 km (ISO 2533, section 2.7)."""
    return float(SEA_LEVEL_HPA * (1.0 - 2.25577e-5 * s.altitude_amsl_m) ** 5.25588)


def _pressure(s: Snapshot) -> Message:
    return dialect.MAVLink_scaled_pressure_message(_ms(s), _pressure_hpa(s), 0.0, 3401)


def _pressure2(s: Snapshot) -> Message:
    return dialect.MAVLink_scaled_pressure2_message(_ms(s), _pressure_hpa(s), 0.0, 3401)


def _simulation(s: Snapshot) -> Message:
    return dialect.MAVLink_simstate_message(
        *s.rpy_rad, *s.acceleration_body_mps2, *s.rates_rps, s.true_lat_e7, s.true_lon_e7
    )


def _system_time(s: Snapshot) -> Message:
    return dialect.MAVLink_system_time_message(round(s.unix_s * 1e6) if s.gps_ok else 0, _ms(s))


def _system_status(s: Snapshot) -> Message:
    voltage, current, remaining = 0, -1, -1
    if s.battery_read:
        voltage, current = round(s.battery_v * 1e3), _clip16(s.battery_a * 100.0)
        remaining = s.battery_percent
    return dialect.MAVLink_sys_status_message(*s.sensors, 0, voltage, current, remaining, 0, 0, 0, 0, 0, 0)


def _terrain(s: Snapshot) -> Message:
    return dialect.MAVLink_terrain_report_message(
        s.lat_e7,
        s.lon_e7,
        s.terrain_spacing_m,
        s.terrain_height_m,
        s.altitude_amsl_m - s.terrain_height_m,
        s.terrain_pending,
        s.terrain_loaded,
    )


def _hud(s: Snapshot) -> Message:
    north, east, down = s.velocity_ned_mps
    speed = math.hypot(north, east)
    heading = _heading_cdeg(s.rpy_rad[2]) // 100
    return dialect.MAVLink_vfr_hud_message(
        speed, speed, heading, round(s.throttle * 100.0), s.altitude_amsl_m, -down
    )


def _vibration(s: Snapshot) -> Message:
    shaken, clips = s.vibration
    level = (0.02 if s.flying else 0.001) + shaken
    return dialect.MAVLink_vibration_message(_us(s), level, level, level, clips, clips, 0)


def _wind(s: Snapshot) -> Message | None:
    if not s.position_ok:
        return None
    # Without drag parameters ArduCopter does not estimate wind and reports zero from the south.
    return dialect.MAVLink_wind_message(-180.0, 0.0, 0.0)


def _position_target(s: Snapshot) -> Message | None:
    if s.target is None:
        return None
    zeros = [0.0] * 8
    return dialect.MAVLink_position_target_global_int_message(_ms(s), 0, 65016, *s.target, *zeros)


def _extended_state(s: Snapshot) -> Message:
    return dialect.MAVLink_extended_sys_state_message(0, s.landed_state)


BUILDERS: dict[int, Builder] = {
    dialect.MAVLINK_MSG_ID_AHRS: _ahrs,
    dialect.MAVLINK_MSG_ID_AHRS2: _ahrs2,
    dialect.MAVLINK_MSG_ID_ATTITUDE: _attitude,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS: _battery,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: _estimator,
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: _global_position,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT: _gps,
    dialect.MAVLINK_MSG_ID_LOCAL_POSITION_NED: _local_position,
    dialect.MAVLINK_MSG_ID_MEMINFO: _memory,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT: _mission_current,
    dialect.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT: _navigation,
    dialect.MAVLINK_MSG_ID_POWER_STATUS: _power,
    dialect.MAVLINK_MSG_ID_RAW_IMU: _raw_imu,
    dialect.MAVLINK_MSG_ID_SCALED_IMU2: _scaled_imu2,
    dialect.MAVLINK_MSG_ID_SCALED_IMU3: _scaled_imu3,
    dialect.MAVLINK_MSG_ID_SCALED_PRESSURE: _pressure,
    dialect.MAVLINK_MSG_ID_SCALED_PRESSURE2: _pressure2,
    dialect.MAVLINK_MSG_ID_SIMSTATE: _simulation,
    dialect.MAVLINK_MSG_ID_SYSTEM_TIME: _system_time,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: _system_status,
    dialect.MAVLINK_MSG_ID_TERRAIN_REPORT: _terrain,
    dialect.MAVLINK_MSG_ID_VFR_HUD: _hud,
    dialect.MAVLINK_MSG_ID_VIBRATION: _vibration,
    dialect.MAVLINK_MSG_ID_WIND: _wind,
    dialect.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: _position_target,
    dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: _extended_state,
    dialect.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: _quaternion,
}
"""Builders by message id."""
