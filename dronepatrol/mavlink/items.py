"""Mission items as they travel on the wire."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.model.position import Position


class MissionType(IntEnum):
    """Which list of items a transfer is about (`MAV_MISSION_TYPE`)."""

    MISSION = dialect.MAV_MISSION_TYPE_MISSION
    FENCE = dialect.MAV_MISSION_TYPE_FENCE
    RALLY = dialect.MAV_MISSION_TYPE_RALLY


def degrees_e7(angle_deg: float) -> int:
    """Return degrees as the nearest integer of 1e-7 degrees (1.1 cm at most)."""
    return round(angle_deg * 1e7)


@dataclass(frozen=True, slots=True)
class WireItem:
    """One mission, fence or rally item with the fields of MISSION_ITEM_INT.

    Attributes
    ----------
    seq, frame, command, current, autocontinue
        As in the MAVLink message.
    params
        ``param1`` to ``param4``.
    x, y
        Latitude and longitude in 1e-7 degrees where the command has a position.
    z
        Altitude in metres in the item's frame.
    """

    seq: int
    frame: int
    command: int
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    x: int = 0
    y: int = 0
    z: float = 0.0
    current: int = 0
    autocontinue: int = 1

    def message(self, system: int, component: int, mission_type: MissionType) -> Message:
        """Return the MISSION_ITEM_INT to a target."""
        return dialect.MAVLink_mission_item_int_message(
            system,
            component,
            self.seq,
            self.frame,
            self.command,
            self.current,
            self.autocontinue,
            *self.params,
            self.x,
            self.y,
            self.z,
            int(mission_type),
        )

    @classmethod
    def from_message(cls, message: Message) -> WireItem:
        """Return the item of a MISSION_ITEM_INT, or of a MISSION_ITEM whose degrees are floats."""
        scaled = message.get_msgId() == dialect.MAVLINK_MSG_ID_MISSION_ITEM
        return cls(
            seq=message.seq,
            frame=message.frame,
            command=message.command,
            params=(message.param1, message.param2, message.param3, message.param4),
            x=degrees_e7(message.x) if scaled and math.isfinite(message.x) else int(message.x),
            y=degrees_e7(message.y) if scaled and math.isfinite(message.y) else int(message.y),
            z=message.z,
            current=message.current,
            autocontinue=message.autocontinue,
        )

    def numbered(self, seq: int) -> WireItem:
        """Return the same item with another sequence number."""
        return replace(self, seq=seq)

    @property
    def position(self) -> Position:
        """The position, for commands that have one."""
        return Position(self.y / 1e7, self.x / 1e7)
