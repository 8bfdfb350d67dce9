"""A battery voltage that is not what the battery gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

GOOD_V = 12.6
"""Default of SIM_BATT_VOLTAGE; with it the battery's own model is heard."""


class SupplyFault:
    """Holds the voltage that is measured at SIM_BATT_VOLTAGE, as ArduPilot's simulator does."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._held = False

    def step(self) -> None:
        """Look once."""
        wanted_v = self._autopilot.parameters["SIM_BATT_VOLTAGE"]
        held = abs(wanted_v - GOOD_V) > 1e-3
        battery = self._autopilot.battery
        if held:
            true_v = battery.voltage_v - battery.voltage_offset_v
            battery.voltage_offset_v = wanted_v - true_v
        elif self._held:
            battery.voltage_offset_v = 0.0
        self._held = held
