"""All failsafes of one drone, looked after in each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.failsafes.actions import Reaction
from dronepatrol.sim.failsafes.battery import BatteryFailsafe, Level
from dronepatrol.sim.failsafes.compass import COMPASSES, CompassWatch
from dronepatrol.sim.failsafes.ekf import EstimatorFailsafe
from dronepatrol.sim.failsafes.fence import FenceWatch
from dronepatrol.sim.failsafes.gcs import GroundStationFailsafe
from dronepatrol.sim.failsafes.glitch import GlitchReport
from dronepatrol.sim.failsafes.motor import MotorWatch
from dronepatrol.sim.failsafes.radio import RadioFailsafe
from dronepatrol.sim.failsafes.vibration import VibrationWatch
from dronepatrol.sim.faults.estimate import GPS_PARAMETERS, Estimate
from dronepatrol.sim.faults.supply import SupplyFault

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

_CHARGE_STATES = {
    Level.FINE: dialect.MAV_BATTERY_CHARGE_STATE_OK,
    Level.LOW: dialect.MAV_BATTERY_CHARGE_STATE_LOW,
    Level.CRITICAL: dialect.MAV_BATTERY_CHARGE_STATE_CRITICAL,
}

FAULT_PARAMETERS = (
    "SIM_BATT_VOLTAGE",
    "SIM_RC_FAIL",
    "SIM_ENGINE_FAIL",
    "SIM_ENGINE_MUL",
    "SIM_ACC1_RND",
    *GPS_PARAMETERS,
    *(f"SIM_MAG{number}_FAIL" for number in COMPASSES),
    *(f"SIM_MAG{number}_OFS_{axis}" for number in COMPASSES for axis in "XYZ"),
)
"""What a fault changes; the first values are those of a drone on which everything works."""


class Failsafes:
    """Applies what is broken to one drone and does what ArduCopter does then.

    Parameters
    ----------
    autopilot
        Whose drone it is.
    seed
        Of its sensors' noise.
    """

    def __init__(self, autopilot: Autopilot, *, seed: int = 0) -> None:
        self._autopilot = autopilot
        self._seed = seed
        self._usual = {name: autopilot.parameters[name] for name in FAULT_PARAMETERS}
        for name in FAULT_PARAMETERS:
            autopilot.parameters.watch(name, self._disturb)
        autopilot.guards.append(self._allowed)
        autopilot.on_reboot.append(self.restart)
        self.restart()

    def restart(self) -> None:
        """Begin as after power-on: what is broken is found out again."""
        autopilot = self._autopilot
        reaction = Reaction(autopilot)
        autopilot.pilot.position_ok = True
        self.estimate = Estimate(
            autopilot.pilot, autopilot.parameters, autopilot.text, (self._seed, autopilot.system)
        )
        self.supply = SupplyFault(autopilot)
        self.battery = BatteryFailsafe(autopilot, reaction)
        self.gcs = GroundStationFailsafe(autopilot, reaction)
        self.radio = RadioFailsafe(autopilot, reaction)
        self.ekf = EstimatorFailsafe(autopilot, reaction, self.estimate)
        self.glitch = GlitchReport(autopilot, self.estimate)
        self.fence = FenceWatch(autopilot, reaction)
        self.motor = MotorWatch(autopilot)
        self.compass = CompassWatch(autopilot, self.estimate)
        self.vibration = VibrationWatch(autopilot)
        self._last_s = 0.0
        self._shown: tuple[int, bool, int] = (0, False, 0)
        self._disturbed = True
        self._report()

    def _allowed(self, lat_e7: int, lon_e7: int, altitude_m: float, frame: int) -> bool:
        return self.fence.allows(lat_e7, lon_e7, altitude_m, frame)

    def step(self, autopilot: Autopilot) -> None:
        """Look once; while nothing is broken only at what may happen on any day."""
        now_s = autopilot.boot_s
        dt_s, self._last_s = max(now_s - self._last_s, 0.0), now_s
        if not autopilot.health.position_set:
            return
        if self._disturbed:
            self._look_at_faults(now_s, dt_s)
        self.battery.step()
        self.gcs.step()
        if autopilot.fence.enabled or self.fence.breached:
            self.fence.step()
        shown = (self.battery.level, self.gcs.active, self.fence.breached)
        if self._disturbed or shown != self._shown:
            self._shown = shown
            self._report()
            self._disturbed = not self._settled()

    def _disturb(self, _value: float) -> None:
        """Note that something was broken or mended."""
        self._disturbed = True

    def _look_at_faults(self, now_s: float, dt_s: float) -> None:
        self.estimate.step(now_s, dt_s)
        self.supply.step()
        self.motor.step()
        self.compass.step()
        self.vibration.step()
        self.glitch.step()
        self.radio.step()
        self.ekf.step()

    def _settled(self) -> bool:
        """Whether nothing is broken and nothing goes on from what was."""
        value = self._autopilot.parameters
        return (
            all(value[name] == usual for name, usual in self._usual.items())
            and self.estimate.quiet
            and not (self.radio.active or self.vibration.compensating or self.estimate.glitching)
            and self.ekf.calm
        )

    @property
    def critical(self) -> bool:
        """Whether the heartbeat says MAV_STATE_CRITICAL; a breached fence alone does not."""
        return bool(self.battery.level or self.gcs.active or self.radio.active or self.ekf.active)

    def _report(self) -> None:
        """Let the status messages show it."""
        faults, estimate = self._autopilot.faults, self.estimate
        faults.critical = self.critical
        faults.gps_lost = not estimate.gps_fixed
        faults.position_lost = not estimate.position_ok
        faults.ekf_flags = estimate.flags
        faults.unhealthy = self._unhealthy()
        faults.charge_state = _CHARGE_STATES[self.battery.level]
        faults.gps_offset_m = estimate.gps_offset_m
        faults.variances = estimate.variances.as_tuple
        faults.vibration = (self.vibration.level_mps2, self.vibration.clips)

    def _unhealthy(self) -> int:
        bits = 0
        if self.battery.level:
            bits |= dialect.MAV_SYS_STATUS_SENSOR_BATTERY
        if self.radio.active:
            bits |= dialect.MAV_SYS_STATUS_SENSOR_RC_RECEIVER
        if self.fence.breached:
            bits |= dialect.MAV_SYS_STATUS_GEOFENCE
        if not self.compass.healthy:
            bits |= dialect.MAV_SYS_STATUS_SENSOR_3D_MAG
        return bits
