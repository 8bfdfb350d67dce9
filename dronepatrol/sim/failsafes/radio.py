"""Lost radio control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.failsafes.actions import (
    CONTINUE_AUTO_ON_RC,
    CONTINUE_GUIDED_ON_RC,
    CONTINUE_LANDING,
    Action,
    Reaction,
)
from dronepatrol.sim.motion import Mode, ModeReason

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

SILENT_S = 1.0
"""Without pulses for this long the radio counts as lost (RC_FS_TIMEOUT)."""
LOW_THROTTLE_S = 0.15
"""A receiver that gives low throttle instead is found out after three readings."""

ACTIONS = (
    Action.NONE,
    Action.RTL,
    Action.RTL,
    Action.LAND,
    Action.SMART_RTL_OR_RTL,
    Action.SMART_RTL_OR_LAND,
    Action.AUTO_LAND_START_OR_RTL,
    Action.BRAKE_OR_LAND,
)
"""By the value of FS_THR_ENABLE."""


class RadioFailsafe:
    """Acts when the radio falls silent (SIM_RC_FAIL 1) or gives low throttle (SIM_RC_FAIL 2).

    Attributes
    ----------
    active
        Whether the radio is lost.
    """

    def __init__(self, autopilot: Autopilot, reaction: Reaction) -> None:
        self._autopilot = autopilot
        self._reaction = reaction
        self.active = False
        self._since_s: float | None = None

    def step(self) -> None:
        """Look once."""
        autopilot = self._autopilot
        failure = autopilot.parameters["SIM_RC_FAIL"]
        if failure == 0.0:
            self._since_s = None
            self._end()
            return
        if self._since_s is None:
            self._since_s = autopilot.boot_s
        wait_s = SILENT_S if failure == 1.0 else LOW_THROTTLE_S
        number = int(autopilot.parameters["FS_THR_ENABLE"])
        if self.active or number == 0 or autopilot.boot_s - self._since_s < wait_s:
            return
        self.active = autopilot.faults.rc_lost = True
        if autopilot.pilot.armed:
            self._act(ACTIONS[number] if 0 <= number < len(ACTIONS) else Action.LAND)

    def _end(self) -> None:
        if self.active:
            self.active = self._autopilot.faults.rc_lost = False
            self._autopilot.text(dialect.MAV_SEVERITY_WARNING, "Radio Failsafe Cleared")

    def _act(self, action: Action) -> None:
        reaction, mode = self._reaction, self._autopilot.pilot.mode
        if reaction.on_ground:
            reaction.disarm()
            reaction.announce("Radio", "Disarming")
        elif reaction.landing and reaction.option(CONTINUE_LANDING):
            reaction.announce("Radio", "Continuing Landing")
        elif mode is Mode.AUTO and reaction.option(CONTINUE_AUTO_ON_RC):
            reaction.announce("Radio", "Continuing Auto")
        elif mode is Mode.GUIDED and reaction.option(CONTINUE_GUIDED_ON_RC):
            reaction.announce("Radio", "Continuing Guided Mode")
        else:
            reaction.announce("Radio")
            reaction.take(action, ModeReason.RADIO_FAILSAFE)
