"""Low and critical battery."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.failsafes.actions import CONTINUE_LANDING, Action, Reaction
from dronepatrol.sim.motion import ModeReason

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

ACTIONS = (
    Action.NONE,
    Action.LAND,
    Action.RTL,
    Action.SMART_RTL_OR_RTL,
    Action.SMART_RTL_OR_LAND,
    Action.TERMINATE,
    Action.AUTO_LAND_START_OR_RTL,
    Action.BRAKE_OR_LAND,
)
"""By the value of BATT_FS_LOW_ACT and BATT_FS_CRT_ACT."""
_PRIORITY = (5, 1, 6, 3, 4, 2, 7, 0)
"""Action numbers from the most to the least serious; a less serious one never follows a more serious one."""


class Level(IntEnum):
    """How bad it is."""

    FINE = 0
    LOW = 1
    CRITICAL = 2


_LIMITS = (
    (Level.CRITICAL, "BATT_CRT_VOLT", "BATT_CRT_MAH", "BATT_FS_CRT_ACT"),
    (Level.LOW, "BATT_LOW_VOLT", "BATT_LOW_MAH", "BATT_FS_LOW_ACT"),
)
"""Parameters of each level, the worse one first."""


class BatteryFailsafe:
    """Watches voltage and charge while armed.

    A voltage below BATT_LOW_VOLT (BATT_CRT_VOLT) for BATT_LOW_TIMER seconds, or less charge than BATT_LOW_MAH
    (BATT_CRT_MAH) left of BATT_CAPACITY, raises it; only another battery ends it.

    Attributes
    ----------
    level
        The worst so far.
    """

    def __init__(self, autopilot: Autopilot, reaction: Reaction) -> None:
        self._autopilot = autopilot
        self._reaction = reaction
        self._battery = autopilot.battery
        self.level = Level.FINE
        self._since_s: dict[Level, float] = {}
        self._done = len(_PRIORITY)

    def step(self) -> None:
        """Look once."""
        autopilot = self._autopilot
        if autopilot.battery is not self._battery:
            self._battery, self.level = autopilot.battery, Level.FINE
            self._since_s.clear()
            self._done = len(_PRIORITY)
        if not autopilot.pilot.armed:
            self._since_s.clear()
            return
        for level, volt, charge, action in _LIMITS:
            if level > self.level and self._reached(level, volt, charge):
                self._raise(level, int(autopilot.parameters[action]))
                return

    def _reached(self, level: Level, volt: str, charge: str) -> bool:
        value = self._autopilot.parameters
        least_v, least_mah = value[volt], value[charge]
        if least_mah > 0.0 and value["BATT_CAPACITY"] - self._battery.used_mah < least_mah:
            return True
        if least_v <= 0.0 or self._battery.voltage_v >= least_v:
            self._since_s.pop(level, None)
            return False
        since_s = self._since_s.setdefault(level, self._autopilot.boot_s)
        return self._autopilot.boot_s - since_s > value["BATT_LOW_TIMER"]

    def _raise(self, level: Level, number: int) -> None:
        self.level = level
        word = "low" if level is Level.LOW else "critical"
        battery = self._battery
        self._autopilot.text(
            dialect.MAV_SEVERITY_WARNING,
            f"Battery 1 is {word} {battery.voltage_v:.2f}V used {battery.used_mah:.0f} mAh",
        )
        number = number if 0 <= number < len(ACTIONS) else 0
        rank = _PRIORITY.index(number)
        if rank <= self._done:
            self._done = rank
            self._act(ACTIONS[number])

    def _act(self, action: Action) -> None:
        reaction = self._reaction
        if reaction.on_ground:
            reaction.disarm()
            reaction.announce("Battery", "Disarming")
        elif reaction.landing and reaction.option(CONTINUE_LANDING) and action is not Action.NONE:
            reaction.announce("Battery", "Continuing Landing")
        else:
            reaction.announce("Battery")
            reaction.take(action, ModeReason.BATTERY_FAILSAFE)
