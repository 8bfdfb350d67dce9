"""Stream messages of a simulated autopilot, one builder each, and the groups they belong to.

Content and groups follow ArduCopter 4.7 as recorded: 26 types under REQUEST_DATA_STREAM ALL.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.snapshot import Snapshot

Builder = Callable[[Snapshot], Message | None]
"""Makes a message, or None while the vehicle has nothing to say of that kind."""

GRAVITY_MPS2 = 9.80665
SEA_LEVEL_HPA = 1013.25
HORIZONTAL_FIELD_MGAUSS, VERTICAL_FIELD_MGAUSS = 351.0, 334.0
"""Earth's field at the recordings' place."""
_UNUSED_CELLS = [65535] * 9
_EKF_READY, _EKF_WAITING = 831, 1024 | 165
"""EKF_STATUS_FLAGS: all good with absolute position; uninitialised."""
_SENSORS_PRESENT, _SENSORS_ENABLED, _SENSORS_HEALTHY = 1399979055, 1398930479, 1198652463
_SENSOR_GPS = dialect.MAV_SYS_STATUS_SENSOR_GPS
_PREARM = dialect.MAV_SYS_STATUS_PREARM_CHECK


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
    return dialect.MAVLink_ahrs2_message(*s.rpy_rad, s.altitude_amsl_m, s.lat_e7, s.lon_e7)


def _attitude(s: Snapshot) -> Message:
    return dialect.MAVLink_attitude_message(_ms(s), *s.rpy_rad, *s.rates_rps)


def _battery(s: Snapshot) -> Message:
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
        dialect.MAV_BATTERY_CHARGE_STATE_OK,
    )


def _estimator(s: Snapshot) -> Message:
    flags = _EKF_READY if s.position_ok else _EKF_WAITING
    return dialect.MAVLink_ekf_status_report_message(flags, 0.005, 0.003, 0.002, 0.003, 0.0)


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
    altitude_mm = round(s.altitude_amsl_m * 1e3)
    fixed = s.gps_fix >= dialect.GPS_FIX_TYPE_2D_FIX
    return dialect.MAVLink_gps_raw_int_message(
        _us(s) if fixed else 0,
        s.gps_fix,
        s.lat_e7 if fixed else 0,
        s.lon_e7 if fixed else 0,
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
    if not s.origin_set:
        return None
    return dialect.MAVLink_local_position_ned_message(_ms(s), *s.ned_m, *s.velocity_ned_mps)


def _memory(_s: Snapshot) -> Message:
    return dialect.MAVLink_meminfo_message(0, 65535, 524288)


def _mission_current(s: Snapshot) -> Message:
    return dialect.MAVLink_mission_current_message(
        s.mission_seq, s.mission_total, s.mission_state, s.mission_mode
    )


def _navigation(s: Snapshot) -> Message:
    return dialect.MAVLink_nav_controller_output_message(
        s.nav_roll_deg,
        s.nav_pitch_deg,
        round(s.nav_bearing_deg),
        round(s.wp_bearing_deg),
        min(65535, round(s.wp_distance_m)),
        s.altitude_error_m,
        0.0,
        s.cross_track_m,
    )


def _power(_s: Snapshot) -> Message:
    return dialect.MAVLink_power_status_message(5000, 0, 0)


def _body(s: Snapshot) -> list[int]:
    """Accelerations in mg, rates in mrad/s, magnetic field in mgauss."""
    x, y, z = s.acceleration_body_mps2
    yaw = s.rpy_rad[2]
    return [
        *(_clip16(value * 1000.0 / GRAVITY_MPS2) for value in (x, y, z)),
        *(_clip16(rate * 1000.0) for rate in s.rates_rps),
        _clip16(HORIZONTAL_FIELD_MGAUSS * math.cos(yaw)),
        _clip16(-HORIZONTAL_FIELD_MGAUSS * math.sin(yaw)),
        _clip16(VERTICAL_FIELD_MGAUSS),
    ]


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


def _radio_control(s: Snapshot) -> Message:
    sticks = [1500, 1500, 1000, 1500, 1800, 1000, 1000, 1800]
    return dialect.MAVLink_rc_channels_message(_ms(s), len(sticks), *sticks, *([0] * 10), 255)


def _servos(s: Snapshot) -> Message:
    return dialect.MAVLink_servo_output_raw_message(_us(s) & 0xFFFFFFFF, 0, *s.motors_us, *([0] * 12))


def _simulation(s: Snapshot) -> Message:
    return dialect.MAVLink_simstate_message(
        *s.rpy_rad, *s.acceleration_body_mps2, *s.rates_rps, s.lat_e7, s.lon_e7
    )


def _system_time(s: Snapshot) -> Message:
    return dialect.MAVLink_system_time_message(round(s.unix_s * 1e6) if s.gps_ok else 0, _ms(s))


def _system_status(s: Snapshot) -> Message:
    health = _SENSORS_HEALTHY | (_PREARM if s.prearm_ok else 0)
    if not s.gps_ok:
        health &= ~_SENSOR_GPS
    return dialect.MAVLink_sys_status_message(
        _SENSORS_PRESENT,
        _SENSORS_ENABLED,
        health,
        0,
        round(s.battery_v * 1e3),
        _clip16(s.battery_a * 100.0),
        s.battery_percent,
        0,
        0,
        0,
        0,
        0,
        0,
    )


def _terrain(s: Snapshot) -> Message:
    return dialect.MAVLink_terrain_report_message(s.lat_e7, s.lon_e7, 0, 0.0, s.altitude_amsl_m, 336, 0)


def _hud(s: Snapshot) -> Message:
    north, east, down = s.velocity_ned_mps
    speed = math.hypot(north, east)
    heading = _heading_cdeg(s.rpy_rad[2]) // 100
    return dialect.MAVLink_vfr_hud_message(
        speed, speed, heading, round(s.throttle * 100.0), s.altitude_amsl_m, -down
    )


def _vibration(s: Snapshot) -> Message:
    level = 0.02 if s.flying else 0.001
    return dialect.MAVLink_vibration_message(_us(s), level, level, level, 0, 0, 0)


def _wind(_s: Snapshot) -> Message:
    # Without drag parameters ArduCopter does not estimate wind and reports zero from the south.
    return dialect.MAVLink_wind_message(-180.0, 0.0, 0.0)


def _position_target(s: Snapshot) -> Message | None:
    if s.target is None:
        return None
    zeros = [0.0] * 8
    return dialect.MAVLink_position_target_global_int_message(_ms(s), 0, 65016, *s.target, *zeros)


def _extended_state(s: Snapshot) -> Message:
    return dialect.MAVLink_extended_sys_state_message(0, s.landed_state)


BUILDERS: Mapping[int, Builder] = {
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
    dialect.MAVLINK_MSG_ID_RC_CHANNELS: _radio_control,
    dialect.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: _servos,
    dialect.MAVLINK_MSG_ID_SIMSTATE: _simulation,
    dialect.MAVLINK_MSG_ID_SYSTEM_TIME: _system_time,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: _system_status,
    dialect.MAVLINK_MSG_ID_TERRAIN_REPORT: _terrain,
    dialect.MAVLINK_MSG_ID_VFR_HUD: _hud,
    dialect.MAVLINK_MSG_ID_VIBRATION: _vibration,
    dialect.MAVLINK_MSG_ID_WIND: _wind,
    dialect.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: _position_target,
    dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: _extended_state,
}

_EXTRA_ONLY_ON_REQUEST = {dialect.MAVLINK_MSG_ID_EXTENDED_SYS_STATE}
ALL_STREAM = tuple(number for number in BUILDERS if number not in _EXTRA_ONLY_ON_REQUEST)

STREAM_GROUPS: Mapping[int, tuple[int, ...]] = {
    dialect.MAV_DATA_STREAM_ALL: ALL_STREAM,
    dialect.MAV_DATA_STREAM_RAW_SENSORS: (
        dialect.MAVLINK_MSG_ID_RAW_IMU,
        dialect.MAVLINK_MSG_ID_SCALED_IMU2,
        dialect.MAVLINK_MSG_ID_SCALED_IMU3,
        dialect.MAVLINK_MSG_ID_SCALED_PRESSURE,
        dialect.MAVLINK_MSG_ID_SCALED_PRESSURE2,
    ),
    dialect.MAV_DATA_STREAM_EXTENDED_STATUS: (
        dialect.MAVLINK_MSG_ID_SYS_STATUS,
        dialect.MAVLINK_MSG_ID_POWER_STATUS,
        dialect.MAVLINK_MSG_ID_MEMINFO,
        dialect.MAVLINK_MSG_ID_MISSION_CURRENT,
        dialect.MAVLINK_MSG_ID_GPS_RAW_INT,
        dialect.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT,
        dialect.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT,
    ),
    dialect.MAV_DATA_STREAM_RC_CHANNELS: (
        dialect.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW,
        dialect.MAVLINK_MSG_ID_RC_CHANNELS,
    ),
    dialect.MAV_DATA_STREAM_POSITION: (
        dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
        dialect.MAVLINK_MSG_ID_LOCAL_POSITION_NED,
    ),
    dialect.MAV_DATA_STREAM_EXTRA1: (
        dialect.MAVLINK_MSG_ID_ATTITUDE,
        dialect.MAVLINK_MSG_ID_SIMSTATE,
        dialect.MAVLINK_MSG_ID_AHRS2,
    ),
    dialect.MAV_DATA_STREAM_EXTRA2: (dialect.MAVLINK_MSG_ID_VFR_HUD,),
    dialect.MAV_DATA_STREAM_EXTRA3: (
        dialect.MAVLINK_MSG_ID_AHRS,
        dialect.MAVLINK_MSG_ID_WIND,
        dialect.MAVLINK_MSG_ID_SYSTEM_TIME,
        dialect.MAVLINK_MSG_ID_TERRAIN_REPORT,
        dialect.MAVLINK_MSG_ID_BATTERY_STATUS,
        dialect.MAVLINK_MSG_ID_VIBRATION,
        dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
    ),
}
"""Message ids by MAV_DATA_STREAM."""
