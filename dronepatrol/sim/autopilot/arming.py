"""Arming, disarming and the checks before.

Checks, their order and texts as in ArduCopter 4.7's `AP_Arming_Copter` and the recordings: an attempt that
fails tells why with "Arm: ..."; while disarmed a failing check is told with "PreArm: ..." every 30 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.motion import Mode

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

FORCE_ARM = 2989
"""Second parameter of MAV_CMD_COMPONENT_ARM_DISARM that arms whatever the checks say."""
FORCE_DISARM = 21196
"""Second parameter that disarms in the air."""
FIRST_DISPLAY_S, DISPLAY_S = 30.3, 30.0
CHECK_ALL, CHECK_PARAMETERS, CHECK_RC, CHECK_BATTERY = 1, 1 << 5, 1 << 6, 1 << 8
"""Bits of ARMING_CHECK."""
AUTO_MAY_ARM = 1
"""Bit of AUTO_OPTIONS."""

NEED_POSITION = frozenset(
    {
        Mode.AUTO,
        Mode.GUIDED,
        Mode.LOITER,
        Mode.RTL,
        Mode.CIRCLE,
        Mode.POSHOLD,
        Mode.BRAKE,
        Mode.SMART_RTL,
    }
)
"""Modes that need a position; LAND does not."""
_NOT_ARMABLE = frozenset({Mode.RTL, Mode.CIRCLE, Mode.LAND, Mode.BRAKE, Mode.SMART_RTL})


def mode_title(mode: Mode) -> str:
    """Return a mode's name as texts give it."""
    return mode.name.replace("SMART_RTL", "SMARTRTL")


class Arming:
    """Decides whether the motors may turn."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._display_s = FIRST_DISPLAY_S

    def restart(self) -> None:
        """Begin again after a reboot."""
        self._display_s = FIRST_DISPLAY_S

    @property
    def ok(self) -> bool:
        """Whether the pre-arm checks pass."""
        return not self.problems()

    def problems(self) -> list[str]:
        """Return what the pre-arm checks find now."""
        return self._optional() + self._mandatory()

    def _checks(self, bit: int) -> bool:
        return bool(int(self._autopilot.parameters["ARMING_CHECK"]) & (CHECK_ALL | bit))

    def _optional(self) -> list[str]:
        autopilot, found = self._autopilot, []
        value = autopilot.parameters
        if not autopilot.health.ready:
            found.append("Waiting for system initialisation")
        if self._checks(CHECK_BATTERY) and autopilot.battery.voltage_v < value["BATT_ARM_VOLT"]:
            found.append("Battery 1 below minimum arming voltage")
        if self._checks(CHECK_RC) and autopilot.faults.rc_lost and value["FS_THR_ENABLE"] > 0:
            found.append("Radio failsafe on")
        if self._checks(CHECK_PARAMETERS):
            if not 1000.0 <= value["ANGLE_MAX"] <= 8000.0:
                found.append("Check ANGLE_MAX")
            if value["FS_THR_ENABLE"] > 0 and not 910.0 <= value["FS_THR_VALUE"] <= value["RC3_MIN"] - 10.0:
                found.append("Check FS_THR_VALUE")
            if value["PILOT_SPEED_UP"] <= 0.0:
                found.append("Check PILOT_SPEED_UP")
        return found

    def _mandatory(self) -> list[str]:
        autopilot = self._autopilot
        if autopilot.health.position_ok:
            return []
        if autopilot.pilot.mode in NEED_POSITION:
            return ["Need Position Estimate"]
        if autopilot.fence.enabled:
            return ["Fence enabled, need position estimate"]
        return []

    def _at_arming(self) -> list[str]:
        pilot, found = self._autopilot.pilot, []
        mode = pilot.mode
        auto_barred = mode is Mode.AUTO and not int(self._autopilot.parameters["AUTO_OPTIONS"]) & AUTO_MAY_ARM
        if mode in _NOT_ARMABLE or auto_barred:
            found.append(f"{mode_title(mode)} mode not armable")
        if pilot.throttle_stick > 0.05 and mode is Mode.STABILIZE:
            found.append("Throttle too high")
        return found

    def arm(self, *, force: bool = False) -> bool:
        """Arm if the checks pass; the reasons against are told as texts."""
        autopilot = self._autopilot
        if autopilot.pilot.armed:
            return True
        found = self._mandatory() if force else self.problems() or self._at_arming()
        self._tell("Arm", found)
        if found or not autopilot.pilot.arm():
            return False
        if not force and not int(autopilot.parameters["ARMING_CHECK"]):
            autopilot.text(dialect.MAV_SEVERITY_WARNING, "Warning: Arming Checks Disabled")
        return True

    def disarm(self, *, force: bool = False) -> bool:
        """Disarm if landed, or in any case if forced."""
        return bool(self._autopilot.pilot.disarm(force=force))

    def report(self) -> None:
        """Tell what the pre-arm checks find now."""
        self._tell("PreArm", self.problems())

    def step(self) -> None:
        """Tell a failing check every 30 s while disarmed."""
        autopilot = self._autopilot
        if autopilot.boot_s >= self._display_s:
            self._display_s += DISPLAY_S
            if not autopilot.pilot.armed:
                self.report()

    def _tell(self, prefix: str, found: list[str]) -> None:
        for problem in found:
            self._autopilot.text(dialect.MAV_SEVERITY_CRITICAL, f"{prefix}: {problem}")
