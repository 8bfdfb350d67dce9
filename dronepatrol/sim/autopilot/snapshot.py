"""What the autopilot measures at one moment, in SI units."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Snapshot:
    """The vehicle as its own sensors and estimator see it.

    Attributes
    ----------
    boot_s, unix_s
        Seconds since boot and since 1970.
    lat_e7, lon_e7, altitude_amsl_m, altitude_home_m
        Estimated position.
    true_lat_e7, true_lon_e7
        Where the vehicle really is.
    ned_m
        Position from the estimator's origin.
    velocity_ned_mps, rpy_rad, rates_rps, acceleration_body_mps2
        Velocity, roll-pitch-yaw, body rates, and specific force along body axes.
    throttle
        Share of full thrust, 0 to 1.
    motors_us
        Pulse widths of the four motors in microseconds.
    battery_read
        Whether the battery monitor has measured anything yet.
    battery_v, battery_a, battery_mah, battery_wh, battery_percent
        Voltage, current, charge and energy used, charge left.
    wp_distance_m, wp_bearing_deg, nav_bearing_deg, altitude_error_m, cross_track_m
        Progress along the present leg.
    nav_roll_deg, nav_pitch_deg
        Lean angles asked for.
    ekf_flags, ekf_ratios
        EKF_STATUS_FLAGS, and test ratios of velocity, horizontal and vertical position, and compass.
    gps_lat_e7, gps_lon_e7, gps_altitude_m
        What the receiver says.
    charge_state
        MAV_BATTERY_CHARGE_STATE.
    vibration
        Level on each axis in m/s2, and clipped samples.
    sensors
        Bits of MAV_SYS_STATUS_SENSOR: present, enabled, healthy.
    ground_amsl_m
        Height of the terrain below, NaN where it is not known.
    terrain_pending, terrain_loaded
        Blocks of terrain wanted and held.
    target
        Latitude, longitude (1e-7 degrees) and altitude above mean sea level of the position target.
    inertial
        What the inertial sensors and the compass read, in the units of their messages; made when first
        asked for.
    """

    boot_s: float = 0.0
    unix_s: float = 0.0
    lat_e7: int = 0
    lon_e7: int = 0
    true_lat_e7: int = 0
    true_lon_e7: int = 0
    altitude_amsl_m: float = 0.0
    altitude_home_m: float = 0.0
    ned_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    velocity_ned_mps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rpy_rad: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rates_rps: tuple[float, float, float] = (0.0, 0.0, 0.0)
    acceleration_body_mps2: tuple[float, float, float] = (0.0, 0.0, -9.80665)
    throttle: float = 0.0
    motors_us: tuple[int, int, int, int] = (1000, 1000, 1000, 1000)
    battery_read: bool = False
    battery_v: float = 0.0
    battery_a: float = 0.0
    battery_mah: float = 0.0
    battery_wh: float = 0.0
    battery_percent: int = 100
    wp_distance_m: float = 0.0
    wp_bearing_deg: float = 0.0
    nav_bearing_deg: float = 0.0
    altitude_error_m: float = 0.0
    cross_track_m: float = 0.0
    nav_roll_deg: float = 0.0
    nav_pitch_deg: float = 0.0
    armed: bool = False
    flying: bool = False
    landed_state: int = 1
    custom_mode: int = 0
    mission_seq: int = 0
    mission_total: int = 0
    mission_state: int = 1
    mission_mode: int = 0
    gps_fix: int = 0
    satellites: int = 0
    gps_ok: bool = False
    position_ok: bool = False
    origin_set: bool = False
    ekf_flags: int = 0
    ekf_ratios: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    gps_lat_e7: int = 0
    gps_lon_e7: int = 0
    gps_altitude_m: float = 0.0
    charge_state: int = 1
    vibration: tuple[float, int] = (0.0, 0)
    sensors: tuple[int, int, int] = (0, 0, 0)
    terrain_spacing_m: int = 100
    terrain_height_m: float = 0.0
    terrain_pending: int = 0
    terrain_loaded: int = 0
    target: tuple[int, int, float] | None = None
    inertial: tuple[int, ...] | None = None
