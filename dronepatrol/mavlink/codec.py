"""Messages to MAVLink 2 frames and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.packing import pack_numbers

BAD_DATA = -1
"""Message id pymavlink gives to bytes that are no frame."""
UNKNOWN = -2
"""Message id pymavlink gives to a frame of a message that the dialect does not know."""


class Codec:
    """One end of one link: numbers outgoing frames, finds frames in incoming bytes.

    Parameters
    ----------
    system, component
        Who sends.

    Attributes
    ----------
    bad_bytes
        Bytes heard so far that belonged to no valid frame.
    unknown_frames
        Frames heard so far of messages that the dialect does not know.
    """

    def __init__(self, system: int, component: int) -> None:
        self._mavlink = dialect.MAVLink(None, srcSystem=system, srcComponent=component)
        self._mavlink.robust_parsing = True
        self.bad_bytes = 0
        self.unknown_frames = 0

    @property
    def system(self) -> int:
        """System id of outgoing frames."""
        return int(self._mavlink.srcSystem)

    @system.setter
    def system(self, system: int) -> None:
        self._mavlink.srcSystem = system

    @property
    def signing_state(self) -> Any:
        """Signing state of this end, pymavlink's; see `dronepatrol.mavlink.signing`."""
        return self._mavlink.signing

    @property
    def check_signature(self) -> Callable[[bytearray, int, int], bool]:
        """How the signature of a frame from a system and component is checked."""
        check: Callable[[bytearray, int, int], bool] = self._mavlink.check_signature
        return check

    def replace_check(self, check: Callable[[bytearray, int, int], bool]) -> None:
        """Check signatures in another way from now on."""
        self._mavlink.check_signature = check

    def pack(self, message: Message) -> bytes:
        """Return the frame of a message, with the next sequence number of this link."""
        mavlink = self._mavlink
        frame: bytes | None = None
        if not mavlink.signing.sign_outgoing:
            frame = pack_numbers(message, mavlink.seq, mavlink.srcSystem, mavlink.srcComponent)
        if frame is None:
            frame = bytes(message.pack(mavlink))
        mavlink.seq = (mavlink.seq + 1) % 256
        return frame

    def parse(self, data: bytes) -> list[Message]:
        """Return the valid messages that these bytes complete; count what is none."""
        messages = self._mavlink.parse_buffer(data)
        if messages is None:
            return []
        valid = []
        for message in messages:
            number = message.get_msgId()
            if number >= 0:
                valid.append(message)
            elif number == UNKNOWN:
                self.unknown_frames += 1
            else:
                self.bad_bytes += len(message.data)
        return valid

    def decode(self, frame: bytes) -> Message | None:
        """Return the message of one whole frame, None if it is none or not signed as it must be."""
        try:
            message = self._mavlink.decode(bytearray(frame))
        except dialect.MAVError:
            return None
        return message if message.get_msgId() >= 0 else None
