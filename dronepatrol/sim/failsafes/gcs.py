"""Lost ground station."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.failsafes.actions import (
    CONTINUE_AUTO_ON_GCS,
    CONTINUE_LANDING,
    CONTINUE_PILOTED_ON_GCS,
    Action,
    Reaction,
)
from dronepatrol.sim.motion import Mode, ModeReason

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

ACTIONS = (
    Action.NONE,
    Action.RTL,
    Action.RTL,
    Action.SMART_RTL_OR_RTL,
    Action.SMART_RTL_OR_LAND,
    Action.LAND,
    Action.AUTO_LAND_START_OR_RTL,
    Action.BRAKE_OR_LAND,
)
"""By the value of FS_GCS_ENABLE."""


class GroundStationFailsafe:
    """Acts when no heartbeat of MAV_GCS_SYSID came for FS_GCS_TIMEOUT; never before the first one.

    Attributes
    ----------
    active
        Whether the ground station is lost.
    """

    def __init__(self, autopilot: Autopilot, reaction: Reaction) -> None:
        self._autopilot = autopilot
        self._reaction = reaction
        self.active = False

    def step(self) -> None:
        """Look once."""
        autopilot = self._autopilot
        number = int(autopilot.parameters["FS_GCS_ENABLE"])
        heard_s = autopilot.gcs_heard_s
        if number == 0 or heard_s is None:
            return
        lost = autopilot.boot_s - heard_s > max(autopilot.parameters["FS_GCS_TIMEOUT"], 0.5)
        if lost and not self.active:
            self.active = True
            self._act(ACTIONS[number] if 0 <= number < len(ACTIONS) else Action.RTL)
        elif not lost and self.active:
            self.active = False
            autopilot.text(dialect.MAV_SEVERITY_WARNING, "GCS Failsafe Cleared")

    def _act(self, action: Action) -> None:
        reaction, mode = self._reaction, self._autopilot.pilot.mode
        if not self._autopilot.pilot.armed:
            reaction.announce("GCS")
        elif reaction.on_ground:
            reaction.disarm()
            reaction.announce("GCS", "Disarming")
        elif reaction.landing and reaction.option(CONTINUE_LANDING):
            reaction.announce("GCS", "Continuing Landing")
        elif mode is Mode.AUTO and reaction.option(CONTINUE_AUTO_ON_GCS):
            reaction.announce("GCS", "Continuing Auto Mode")
        elif reaction.piloted and reaction.option(CONTINUE_PILOTED_ON_GCS):
            reaction.announce("GCS", "Continuing Pilot Control")
        else:
            reaction.announce("GCS")
            reaction.take(action, ModeReason.GCS_FAILSAFE)
