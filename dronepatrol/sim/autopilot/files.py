"""MAVLink file transfer, which a simulated drone does not have: it says so, and clients go on without.

AUTOPILOT_VERSION does not claim the service, but MAVProxy asks all the same for the parameters as a file.
Refused at once it asks for them one by one; met with silence it would first wait for a quarter of a minute.
Source: https://mavlink.io/en/services/ftp.html.
"""

from __future__ import annotations

import struct

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel

_HEADER = struct.Struct("<HBBBBBBI")
"""Sequence, session, opcode, size, requested opcode, burst complete, padding, offset."""
_PAYLOAD_BYTES = 251
_ACK, _NAK = 128, 129
_TERMINATE, _RESET = 1, 2
_FILE_NOT_FOUND = 10


class NoFiles:
    """Refuses every file."""

    def __init__(self) -> None:
        self.handlers = {dialect.MAVLINK_MSG_ID_FILE_TRANSFER_PROTOCOL: self._refuse}

    def _refuse(self, channel: Channel, message: Message) -> None:
        sequence, session, opcode = _HEADER.unpack_from(bytes(message.payload))[:3]
        if opcode >= _ACK:
            return
        ends = opcode in (_TERMINATE, _RESET)
        answer, data = (_ACK, b"") if ends else (_NAK, bytes((_FILE_NOT_FOUND,)))
        head = _HEADER.pack((sequence + 1) & 0xFFFF, session, answer, len(data), opcode, 0, 0, 0)
        payload = (head + data).ljust(_PAYLOAD_BYTES, b"\0")
        to = (message.get_srcSystem(), message.get_srcComponent())
        channel.send(dialect.MAVLink_file_transfer_protocol_message(0, *to, list(payload)))
