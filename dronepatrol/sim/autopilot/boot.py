"""What happens between power-on and the first take-off, and when.

Times in seconds since boot and texts as recorded from ArduCopter 4.7.
"""

from __future__ import annotations

from dronepatrol.mavlink.dialect import dialect

READY_S = 2.36
GPS_FOUND_S = 9.72
ORIGIN_S = 19.93
POSITION_S = 41.0

_INFO, _DEBUG = dialect.MAV_SEVERITY_INFO, dialect.MAV_SEVERITY_DEBUG

BOOT_TEXTS: tuple[tuple[float, int, str], ...] = (
    (0.05, _DEBUG, "RCInput: decoding UDP (Pulses)"),
    (0.10, _INFO, "Calibrating barometer"),
    (1.83, _INFO, "Barometer 1 calibration complete"),
    (1.83, _INFO, "Barometer 2 calibration complete"),
    (READY_S, _INFO, "ArduPilot Ready"),
    (READY_S, _INFO, "AHRS: DCM active"),
    (2.66, _INFO, "RC7: SaveWaypoint LOW"),
    (4.36, _INFO, "EKF3 IMU0 initialised"),
    (4.36, _INFO, "EKF3 IMU1 initialised"),
    (4.37, _INFO, "AHRS: EKF3 active"),
    (5.71, _INFO, "EKF3 IMU0 tilt alignment complete"),
    (5.71, _INFO, "EKF3 IMU1 tilt alignment complete"),
    (5.81, _INFO, "EKF3 IMU0 MAG0 initial yaw alignment complete"),
    (5.81, _INFO, "EKF3 IMU1 MAG0 initial yaw alignment complete"),
    (GPS_FOUND_S, _INFO, "GPS 1: probing for u-blox at 230400 baud"),
    (GPS_FOUND_S + 0.02, _INFO, "GPS 1: detected u-blox"),
    (ORIGIN_S, _INFO, "EKF3 IMU0 origin set"),
    (ORIGIN_S + 0.2, _INFO, "EKF3 IMU1 origin set"),
    (POSITION_S, _INFO, "EKF3 IMU0 is using GPS"),
    (POSITION_S + 0.2, _INFO, "EKF3 IMU1 is using GPS"),
)
