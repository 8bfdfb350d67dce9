"""The fence as clients switch and see it; what a breach does is a monitor's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.snapshot import Snapshot

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

OFF, ON, FLOOR_OFF = 0, 1, 2
"""First parameter of MAV_CMD_DO_FENCE_ENABLE."""


@dataclass(slots=True)
class Breach:
    """What FENCE_STATUS tells.

    Attributes
    ----------
    outside
        Whether the vehicle is outside now.
    count
        Breaches since power-on.
    kind
        FENCE_BREACH of the last one.
    since_boot_s
        When it was.
    """

    outside: bool = False
    count: int = 0
    kind: int = 0
    since_boot_s: float = 0.0


class FenceSwitch:
    """Switches the fence of one drone by parameter, command or mission item.

    Attributes
    ----------
    breach
        Written by whoever watches the fence.
    floor
        Whether the lowest altitude counts too.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.breach = Breach()
        self.floor = True
        self._on = bool(autopilot.parameters["FENCE_ENABLE"])
        autopilot.parameters.watch("FENCE_ENABLE", self._parameter)

    @property
    def enabled(self) -> bool:
        """Whether the fence is on."""
        return self._on

    def switch(self, setting: int) -> bool:
        """Switch as MAV_CMD_DO_FENCE_ENABLE asks; say whether that is possible."""
        if setting == FLOOR_OFF:
            self.floor = False
        elif setting in (OFF, ON):
            if setting == ON and not self._has_fence():
                return False
            self._on = setting == ON
            self.floor = True
        else:
            return False
        return True

    def _has_fence(self) -> bool:
        """Say whether FENCE_TYPE asks for any kind: a fence of none cannot be switched on."""
        return int(self._autopilot.parameters["FENCE_TYPE"]) != 0

    def _parameter(self, value: float) -> None:
        self._on, self.floor = value != 0.0, True

    def status(self, s: Snapshot) -> Message | None:
        """Return FENCE_STATUS, or None while the fence is off."""
        if not self._on:
            return None
        breach = self.breach
        return dialect.MAVLink_fence_status_message(
            int(breach.outside),
            min(breach.count, 65535),
            breach.kind,
            round(breach.since_boot_s * 1e3),
            dialect.FENCE_MITIGATE_NONE,
        )
