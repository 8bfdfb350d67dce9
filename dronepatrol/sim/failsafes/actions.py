"""What the failsafes have in common: their announcements, and the modes they switch to."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.motion import LandedState, Mode, ModeReason

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

LAND_PAUSE_S = 4.0
"""A failsafe's landing hovers first (LAND_WITH_DELAY_MS)."""

(
    CONTINUE_AUTO_ON_RC,
    CONTINUE_AUTO_ON_GCS,
    CONTINUE_GUIDED_ON_RC,
    CONTINUE_LANDING,
    CONTINUE_PILOTED_ON_GCS,
) = (
    1,
    2,
    4,
    8,
    16,
)
"""Bits of FS_OPTIONS."""


class Action(Enum):
    """What a failsafe does."""

    NONE = "none"
    LAND = "land"
    RTL = "return"
    SMART_RTL_OR_RTL = "retrace or return"
    SMART_RTL_OR_LAND = "retrace or land"
    TERMINATE = "stop the motors"
    AUTO_LAND_START_OR_RTL = "jump to the landing part of the mission or return"
    BRAKE_OR_LAND = "brake or land"


class Reaction:
    """Announces a failsafe of one drone and acts on it.

    Parameters
    ----------
    autopilot
        Whose drone it is.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._pilot = autopilot.pilot

    def option(self, bit: int) -> bool:
        """Whether FS_OPTIONS has a bit set."""
        return bool(int(self._autopilot.parameters["FS_OPTIONS"]) & bit)

    def announce(self, kind: str, doing: str = "") -> None:
        """Tell of a failsafe, and of what is done instead of its action."""
        text = f"{kind} Failsafe - {doing}" if doing else f"{kind} Failsafe"
        self._autopilot.text(dialect.MAV_SEVERITY_WARNING, text)

    @property
    def on_ground(self) -> bool:
        """Whether the motors may be stopped at once."""
        return self._pilot.armed and self._pilot.landed

    @property
    def landing(self) -> bool:
        """Whether the vehicle descends to land already."""
        return self._pilot.landed_state is LandedState.LANDING

    @property
    def piloted(self) -> bool:
        """Whether a mode is flown that follows the sticks."""
        return self._pilot.mode in _STICK_MODES

    def disarm(self) -> None:
        """Stop the motors on the ground."""
        self._pilot.disarm(force=True)

    def take(self, action: Action, reason: ModeReason) -> None:
        """Switch to the mode that an action asks for, or to the next best."""
        if action is Action.NONE:
            return
        if action is Action.TERMINATE:
            self.disarm()
        elif action is Action.LAND:
            self._land(reason)
        elif action is Action.SMART_RTL_OR_RTL:
            if not self._try(Mode.SMART_RTL, reason):
                self._tell("SmartRTL Unavailable, Trying RTL Mode")
                self._return(reason)
        elif action is Action.SMART_RTL_OR_LAND:
            if not self._try(Mode.SMART_RTL, reason):
                self._tell("SmartRTL Unavailable, Using Land Mode")
                self._land(reason)
        elif action is Action.BRAKE_OR_LAND:
            if not self._try(Mode.BRAKE, reason):
                self._tell("Trying Land Mode")
                self._land(reason)
        else:
            if action is Action.AUTO_LAND_START_OR_RTL:
                self._tell("Trying RTL Mode")
            self._return(reason)

    def _return(self, reason: ModeReason) -> None:
        if not self._try(Mode.RTL, reason):
            self._land(reason)

    def _land(self, reason: ModeReason) -> None:
        self._pilot.land_pause_s = LAND_PAUSE_S
        self._try(Mode.LAND, reason)
        self._pilot.land_pause_s = 0.0

    def _try(self, mode: Mode, reason: ModeReason) -> bool:
        return self._pilot.set_mode(mode, reason)[0]

    def _tell(self, text: str) -> None:
        self._autopilot.text(dialect.MAV_SEVERITY_WARNING, text)


_STICK_MODES = frozenset({Mode.STABILIZE, Mode.ALT_HOLD, Mode.LOITER, Mode.POSHOLD})
