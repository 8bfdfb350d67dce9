"""What works on board at a moment: the course of a boot as recorded, and faults on top of it."""

from __future__ import annotations

from dataclasses import dataclass

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.boot import GPS_FOUND_S, ORIGIN_S, POSITION_S, READY_S

AHRS_S = 22.3
PREARM_S = 23.3
EKF_STARTED_S, EKF_ALIGNED_S = 5.3, 5.8
BATTERY_READ_S = 2.6

EKF_UNINITIALISED = dialect.EKF_UNINITIALIZED
EKF_WAITING = 167
"""Attitude, velocity, height and constant-position mode: no absolute position yet."""
EKF_READY = 831
"""Everything, with an absolute position."""

_GPS = dialect.MAV_SYS_STATUS_SENSOR_GPS
_AHRS = dialect.MAV_SYS_STATUS_AHRS
_BATTERY = dialect.MAV_SYS_STATUS_SENSOR_BATTERY | dialect.MAV_SYS_STATUS_SENSOR_3D_MAG
_TERRAIN = dialect.MAV_SYS_STATUS_TERRAIN
_FENCE = dialect.MAV_SYS_STATUS_GEOFENCE
_PREARM = dialect.MAV_SYS_STATUS_PREARM_CHECK
_LOGGING = dialect.MAV_SYS_STATUS_LOGGING
_POSITION_CONTROL = (
    dialect.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL | dialect.MAV_SYS_STATUS_SENSOR_Z_ALTITUDE_CONTROL
)
_PRESENT, _ENABLED, _HEALTHY = 0x5331FC0F, 0x52019C0F, 0x45119C0B
"""As recorded before the battery, the terrain data base and the GPS answer."""


@dataclass(slots=True)
class Faults:
    """What a scenario has broken; everything works by default.

    Attributes
    ----------
    gps_lost
        The receiver has no fix.
    position_lost
        The estimator has no position to navigate by.
    ekf_flags
        Overrides the estimator's flags.
    rc_lost
        The radio control link is lost.
    critical
        A failsafe is active: the heartbeat says MAV_STATE_CRITICAL.
    unhealthy
        Bits of MAV_SYS_STATUS_SENSOR that SYS_STATUS gives as not healthy.
    charge_state
        MAV_BATTERY_CHARGE_STATE.
    gps_offset_m
        What the receiver's position is wrong by, to north, east and up.
    variances
        Test ratios of EKF_STATUS_REPORT: velocity, horizontal and vertical position, compass.
    vibration
        Level on each axis in m/s2, and clipped samples.
    """

    gps_lost: bool = False
    position_lost: bool = False
    ekf_flags: int | None = None
    rc_lost: bool = False
    critical: bool = False
    unhealthy: int = 0
    charge_state: int = dialect.MAV_BATTERY_CHARGE_STATE_OK
    gps_offset_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    variances: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    vibration: tuple[float, int] = (0.0, 0)


@dataclass(slots=True)
class Health:
    """What works, by the time since boot and the faults."""

    faults: Faults
    boot_s: float = 0.0

    @property
    def ready(self) -> bool:
        """Whether the autopilot has started ("ArduPilot Ready")."""
        return self.boot_s >= READY_S

    @property
    def gps_found(self) -> bool:
        """Whether the receiver answers."""
        return self.boot_s >= GPS_FOUND_S

    @property
    def gps_ok(self) -> bool:
        """Whether the receiver has a fix."""
        return self.gps_found and not self.faults.gps_lost

    @property
    def origin_set(self) -> bool:
        """Whether origin and home are known."""
        return self.boot_s >= ORIGIN_S

    @property
    def position_set(self) -> bool:
        """Whether the estimator has found its position once."""
        return self.boot_s >= POSITION_S

    @property
    def position_ok(self) -> bool:
        """Whether the estimator's position is good enough to navigate."""
        return self.boot_s >= POSITION_S and not self.faults.position_lost

    @property
    def ekf_flags(self) -> int:
        """EKF_STATUS_FLAGS as EKF_STATUS_REPORT gives them."""
        if self.faults.ekf_flags is not None:
            return self.faults.ekf_flags
        if self.boot_s < EKF_STARTED_S:
            return int(EKF_UNINITIALISED)
        if self.boot_s < EKF_ALIGNED_S:
            return 0
        return EKF_READY if self.position_ok else EKF_WAITING

    def sensors(
        self, *, prearm_ok: bool, position_control: bool, logging: bool, fence: bool
    ) -> tuple[int, int, int]:
        """Return MAV_SYS_STATUS_SENSOR bits: present, enabled, healthy."""
        present, enabled, healthy = _PRESENT, _ENABLED, _HEALTHY
        if self.boot_s >= BATTERY_READ_S:
            present, enabled, healthy = present | _TERRAIN, enabled | _TERRAIN, healthy | _TERRAIN | _BATTERY
        if self.gps_found:
            present, enabled = present | _GPS, enabled | _GPS
            healthy |= _GPS  # a receiver without a fix still answers
        if self.boot_s >= AHRS_S:
            enabled, healthy = enabled | _AHRS, healthy | _AHRS
        if position_control:
            enabled, healthy = enabled | _POSITION_CONTROL, healthy | _POSITION_CONTROL
        if logging:
            enabled |= _LOGGING
        if fence:
            enabled |= _FENCE
        if prearm_ok and self.boot_s >= PREARM_S:
            healthy |= _PREARM
        return present, enabled, healthy & ~self.faults.unhealthy
