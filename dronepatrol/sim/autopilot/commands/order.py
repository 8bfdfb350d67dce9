"""A command with the differences of COMMAND_LONG and COMMAND_INT removed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.motion import MissionItem

ACCEPTED: int = dialect.MAV_RESULT_ACCEPTED
REJECTED: int = dialect.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = dialect.MAV_RESULT_DENIED
UNSUPPORTED: int = dialect.MAV_RESULT_UNSUPPORTED
FAILED: int = dialect.MAV_RESULT_FAILED
IN_PROGRESS: int = dialect.MAV_RESULT_IN_PROGRESS

_AMSL_COMMANDS = frozenset({dialect.MAV_CMD_DO_SET_HOME})
"""COMMAND_LONG carries no frame: these heights are above mean sea level, all others above home."""
MAX_LAT_E7, MAX_LON_E7 = 900_000_000, 1_800_000_000
ALTITUDE_LIMIT_M = 83_000.0
"""ArduPilot keeps altitudes in 24 bits of centimetres."""


@dataclass(frozen=True, slots=True)
class Order:
    """One command.

    Attributes
    ----------
    p
        Parameters 1 to 4.
    lat_e7, lon_e7, z
        Parameters 5 to 7 as a position, where the command has one; a COMMAND_LONG with degrees that are
        none gives a latitude beyond the poles.
    frame
        MAV_FRAME of the position.
    p5, p6
        Parameters 5 and 6 where they are no position.
    sender
        System and component that asked.
    """

    command: int
    p: tuple[float, float, float, float]
    lat_e7: int
    lon_e7: int
    z: float
    frame: int
    p5: float
    p6: float
    sender: tuple[int, int]

    @classmethod
    def from_message(cls, message: Message) -> Order:
        """Read either message."""
        p = (message.param1, message.param2, message.param3, message.param4)
        sender = (message.get_srcSystem(), message.get_srcComponent())
        command = message.command
        if message.get_msgId() == dialect.MAVLINK_MSG_ID_COMMAND_INT:
            x, y = message.x, message.y
            return cls(command, p, x, y, message.z, message.frame, float(x), float(y), sender)
        p5, p6, p7 = message.param5, message.param6, message.param7
        frame = dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT
        if command in _AMSL_COMMANDS:
            frame = dialect.MAV_FRAME_GLOBAL
        return cls(command, p, _e7(p5), _e7(p6), p7, frame, p5, p6, sender)

    @property
    def has_place(self) -> bool:
        """Whether latitude, longitude and altitude can be flown to."""
        return (
            abs(self.lat_e7) <= MAX_LAT_E7
            and abs(self.lon_e7) <= MAX_LON_E7
            and math.isfinite(self.z)
            and abs(self.z) < ALTITUDE_LIMIT_M
        )

    @property
    def finite(self) -> bool:
        """Whether all four parameters are numbers."""
        return all(math.isfinite(value) for value in self.p)

    def whole(self, index: int) -> int | None:
        """Return a parameter (1 to 4) cut to an integer, or None if it is none."""
        value = self.p[index - 1]
        return int(value) if math.isfinite(value) and abs(value) < 2**31 else None

    def item(self) -> MissionItem:
        """Return the same as an item that the pilot carries out."""
        p1, p2, p3, p4 = self.p
        return MissionItem(
            command=self.command,
            frame=self.frame,
            p1=p1,
            p2=p2,
            p3=p3,
            p4=p4,
            lat_e7=self.lat_e7,
            lon_e7=self.lon_e7,
            altitude_m=self.z,
            autocontinue=True,
        )


OrderHandler = Callable[[Channel, Order], int]
"""Carries out a command and returns its MAV_RESULT."""


def _e7(angle_deg: float) -> int:
    if not math.isfinite(angle_deg) or abs(angle_deg) > 200.0:
        return 2**31 - 1
    return degrees_e7(angle_deg)
