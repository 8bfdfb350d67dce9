"""Finds MAVLink frames in bytes, checks them, and makes messages only of those that somebody wants.

Source: https://mavlink.io/en/guide/serialization.html for both versions of the frame, its checksum
(CRC-16/MCRF4XX over the frame without its first byte, then the message's CRC_EXTRA) and the zeros that are
left out at the end of a payload.
"""

from __future__ import annotations

import operator
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pymavlink.generator import mavcrc

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import Message, dialect

MAVLINK1, MAVLINK2 = 0xFE, 0xFD
HEADER1_BYTES, HEADER2_BYTES = 6, 10
CHECKSUM_BYTES, SIGNATURE_BYTES = 2, 13
SIGNED = 0x01
"""Bit of the incompatibility flags; a frame with any other bit set must not be read."""
_HEADER1 = struct.Struct("<xBBBBB").unpack_from
_HEADER2 = struct.Struct("<xBBBBBBHB").unpack_from
_CRC_START = 0xFFFF
_STARTS = (MAVLINK2, MAVLINK1)
_Head = tuple[int, int, int, int, int, int]
"""Message id, sequence number, system, component, and where in the bytes payload and frame end."""


def _slow_checksum(data: bytes, crc: int) -> int:
    state = mavcrc.x25crc_slow()
    state.crc = crc
    state.accumulate(data)
    return int(state.crc)


_checksum: Callable[[bytes, int], int] = mavcrc.mcrf4xx or _slow_checksum
"""CRC-16/MCRF4XX; slow where fastcrc, which pymavlink asks for, is missing."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the payload of one message becomes the arguments of its class."""

    make: Callable[..., Message]
    unpack: Callable[[bytes], tuple[Any, ...]]
    size: int
    arrange: Callable[[tuple[Any, ...]], Sequence[Any]]
    crc_extra: bytes
    boot_offset: int
    """Where the payload holds ``time_boot_ms``; -1 where it does not."""


@cache
def _layout(number: int) -> _Layout | None:
    kind = dialect.mavlink_map.get(number)
    if kind is None:
        return None
    fields = [(sum(kind.lengths[:place]), kind.lengths[place]) for place in kind.orders]
    plain = all(length == 1 for _, length in fields) and b"s" not in kind.native_format
    arrange = _picked(fields) if plain and len(fields) > 1 else _gathered(fields)
    unpacker = kind.unpacker
    return _Layout(kind, unpacker.unpack, unpacker.size, arrange, bytes([kind.crc_extra]), _boot_offset(kind))


def _boot_offset(kind: type[Message]) -> int:
    if "time_boot_ms" not in kind.ordered_fieldnames:
        return -1
    codes = re.findall(r"\d*[a-zA-Z]", kind.unpacker.format)
    return struct.calcsize("<" + "".join(codes[: kind.ordered_fieldnames.index("time_boot_ms")]))


def _picked(fields: list[tuple[int, int]]) -> Callable[[tuple[Any, ...]], Sequence[Any]]:
    return operator.itemgetter(*(at for at, _ in fields))


def _gathered(fields: list[tuple[int, int]]) -> Callable[[tuple[Any, ...]], Sequence[Any]]:
    """Return what makes lists of arrays and takes the zeros off texts."""

    def arrange(values: tuple[Any, ...]) -> list[Any]:
        found: list[Any] = []
        for at, length in fields:
            value = values[at]
            if isinstance(value, bytes):
                found.append(value.rstrip(b"\0"))
            else:
                found.append(value if length == 1 else list(values[at : at + length]))
        return found

    return arrange


class Frame:
    """One frame whose checksum is right, and its message once somebody asks for it.

    Attributes
    ----------
    raw
        As it travelled.
    number
        Message id.
    system, component
        Who sent it.
    seq
        Counts the frames of that sender on that link, modulo 256.
    """

    __slots__ = ("_message", "component", "number", "raw", "seq", "system")

    def __init__(
        self, raw: bytes, number: int, seq: int, system: int, component: int, message: Message = None
    ) -> None:
        self.raw = raw
        self.number = number
        self.seq = seq
        self.system = system
        self.component = component
        self._message = message

    @property
    def known(self) -> bool:
        """False for a message that the dialect does not know: its checksum could not be checked."""
        return _layout(self.number) is not None

    @property
    def payload(self) -> bytes:
        """What stands between header and checksum, without left-out zeros."""
        start = HEADER2_BYTES if self.raw[0] == MAVLINK2 else HEADER1_BYTES
        return self.raw[start : start + self.raw[1]]

    @property
    def boot_ms(self) -> int | None:
        """Milliseconds since the sender's start at which it measured, None where the message does not say."""
        layout = _layout(self.number)
        if layout is None or layout.boot_offset < 0:
            return None
        at = layout.boot_offset
        return int.from_bytes(self.payload[at : at + 4], "little")

    @property
    def message(self) -> Message:
        """The message, made when first asked for.

        Raises
        ------
        ValueError
            The dialect does not know it.
        """
        if self._message is None:
            self._message = self._decode()
        return self._message

    def _decode(self) -> Message:
        layout = _layout(self.number)
        if layout is None:
            raise ValueError(f"message {self.number} is not in the dialect")
        raw, size = self.raw, layout.size
        length = raw[1]
        newer = raw[0] == MAVLINK2
        start = HEADER2_BYTES if newer else HEADER1_BYTES
        end = start + length
        payload = raw[start:end]
        if length != size:
            payload = payload.ljust(size, b"\0")[:size]
        message = layout.make(*layout.arrange(layout.unpack(payload)))
        header = message.get_header()
        header.mlen, header.seq = length, self.seq
        header.srcSystem, header.srcComponent = self.system, self.component
        if newer:
            header.incompat_flags, header.compat_flags = raw[2], raw[3]
        message._msgbuf = bytearray(raw)
        message._payload = message._msgbuf[6:end]
        message._crc = raw[end] | raw[end + 1] << 8
        return message


class FrameReader:
    """Finds the frames in the bytes of one link.

    Where a checksum is wrong, the search goes on at the next byte, so that a damaged length takes no good
    frame along.

    Parameters
    ----------
    codec
        Knows the key of this link: while it has one, frames must be signed with it.

    Attributes
    ----------
    bad_bytes
        Bytes heard so far that belonged to no valid frame.
    bad_frames
        Frames so far whose checksum or signature was wrong.
    unknown_frames
        Frames heard so far of messages that the dialect does not know.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._rest = b""
        self.bad_bytes = 0
        self.bad_frames = 0
        self.unknown_frames = 0

    def feed(self, data: bytes) -> list[Frame]:
        """Return the valid frames that these bytes complete."""
        if self._rest:
            data = self._rest + data
        found: list[Frame] = []
        at, end = 0, len(data)
        while at < end:
            if data[at] not in _STARTS:
                start = _next_start(data, at)
                self.bad_bytes += start - at
                at = start
                continue
            head = _head(data, at, end)
            if head is None:
                break
            frame = self._checked(data, at, head)
            if frame is None:
                self.bad_frames += 1
                self.bad_bytes += 1
                at += 1
            else:
                found.append(frame)
                at = head[5]
        self._rest = data[at:]
        return found

    def _checked(self, data: bytes, at: int, head: _Head) -> Frame | None:
        number, seq, system, component, stop, after = head
        if after < stop:
            return None
        layout = _layout(number)
        if layout is None:
            # Nothing vouches for it but what follows it.
            if after < len(data) and data[after] not in _STARTS:
                return None
            self.unknown_frames += 1
            return Frame(data[at:after], number, seq, system, component)
        crc = _checksum(layout.crc_extra, _checksum(data[at + 1 : stop], _CRC_START))
        if crc != data[stop] | data[stop + 1] << 8:
            return None
        raw = data[at:after]
        if self._codec.signing_state.secret_key is None:
            return Frame(raw, number, seq, system, component)
        message = self._codec.decode(raw)
        return None if message is None else Frame(raw, number, seq, system, component, message)


def _head(data: bytes, at: int, end: int) -> _Head | None:
    """Read a header; None while the frame is not whole, and an end before its start where it is none."""
    if end - at < HEADER1_BYTES + CHECKSUM_BYTES:
        return None
    if data[at] == MAVLINK1:
        length, seq, system, component, number = _HEADER1(data, at)
        stop = at + HEADER1_BYTES + length
        after = stop + CHECKSUM_BYTES
    else:
        if end - at < HEADER2_BYTES + CHECKSUM_BYTES:
            return None
        length, flags, _, seq, system, component, low, high = _HEADER2(data, at)
        number = low | high << 16
        stop = at + HEADER2_BYTES + length
        if flags & ~SIGNED:
            return number, seq, system, component, stop, -1
        after = stop + CHECKSUM_BYTES + (SIGNATURE_BYTES if flags else 0)
    return None if after > end else (number, seq, system, component, stop, after)


def _next_start(data: bytes, at: int) -> int:
    starts = [start for start in (data.find(b"\xfd", at), data.find(b"\xfe", at)) if start >= 0]
    return min(starts, default=len(data))
