"""COMMAND_CANCEL, which pymavlink's ArduPilot dialect lacks.

Source: https://mavlink.io/en/messages/common.html#COMMAND_CANCEL (id 80). ArduPilot and the simulated drones
do not know it and pass it over.
"""

from __future__ import annotations

import struct
from typing import ClassVar

from dronepatrol.mavlink.dialect import Message, dialect

MAVLINK_MSG_ID_COMMAND_CANCEL = 80
MAV_RESULT_CANCELLED = 6
"""Missing from the dialect's MAV_RESULT as well."""


class CommandCancel(dialect.MAVLink_message):  # type: ignore[misc]
    """Asks a vehicle to stop carrying out a command.

    Attributes
    ----------
    command
        The MAV_CMD.
    """

    id = MAVLINK_MSG_ID_COMMAND_CANCEL
    msgname = "COMMAND_CANCEL"
    fieldnames: ClassVar[list[str]] = ["target_system", "target_component", "command"]
    ordered_fieldnames: ClassVar[list[str]] = ["command", "target_system", "target_component"]
    fieldtypes: ClassVar[list[str]] = ["uint8_t", "uint8_t", "uint16_t"]
    fielddisplays_by_name: ClassVar[dict[str, str]] = {}
    fieldenums_by_name: ClassVar[dict[str, str]] = {"command": "MAV_CMD"}
    fieldunits_by_name: ClassVar[dict[str, str]] = {}
    native_format = bytearray(b"<HBB")
    orders: ClassVar[list[int]] = [1, 2, 0]
    lengths: ClassVar[list[int]] = [1, 1, 1]
    array_lengths: ClassVar[list[int]] = [0, 0, 0]
    crc_extra = 14
    unpacker = struct.Struct("<HBB")
    instance_field = None
    instance_offset = -1

    def __init__(self, target_system: int, target_component: int, command: int) -> None:
        super().__init__(self.id, self.msgname)
        self._fieldnames = self.fieldnames
        self._instance_field = self.instance_field
        self._instance_offset = self.instance_offset
        self.target_system = target_system
        self.target_component = target_component
        self.command = command

    def pack(self, mav: Message, force_mavlink1: bool = False) -> bytes:
        """Return the frame."""
        payload = self.unpacker.pack(self.command, self.target_system, self.target_component)
        frame: bytes = self._pack(mav, self.crc_extra, payload, force_mavlink1=force_mavlink1)
        return frame
