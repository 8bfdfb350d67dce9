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

    make: type[Message]
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
    return _Layout(
        make=kind,
        unpack=unpacker.unpack,
        size=unpacker.size,
        arrange=arrange,
        crc_extra=bytes([kind.crc_extra]),
        boot_offset=_boot_offset(kind),
    )


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

    __slots__ = ("_layout", "_message", "component", "number", "raw", "seq", "system")

    def __init__(
        self, raw: bytes, number: int, seq: int, system: int, component: int, layout: _Layout | None
    ) -> None:
        self.raw = raw
        self.number = number
        self.seq = seq
        self.system = system
        self.component = component
        self._layout = layout
        self._message: Message = None

    @property
    def known(self) -> bool:
        """False for a message that the dialect does not know: its checksum could not be checked."""
        return self._layout is not None

    @property
    def payload(self) -> bytes:
        """What stands between header and checksum, without left-out zeros."""
        start = HEADER2_BYTES if self.raw[0] == MAVLINK2 else HEADER1_BYTES
        return self.raw[start : start + self.raw[1]]

    @property
    def boot_ms(self) -> int | None:
        """Milliseconds since the sender's start at which it measured, None where the message does not say."""
        layout = self._layout
        if layout is None or layout.boot_offset < 0:
            return None
        raw = self.raw
        start = HEADER2_BYTES if raw[0] == MAVLINK2 else HEADER1_BYTES
        at = start + layout.boot_offset
        # Zeros at the end of a payload are not sent.
        return int.from_bytes(raw[at : min(at + 4, start + raw[1])], "little")

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
        layout = self._layout
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
        header = message._header
        header.mlen, header.seq = length, self.seq
        header.srcSystem, header.srcComponent = self.system, self.component
        if newer:
            header.incompat_flags, header.compat_flags = raw[2], raw[3]
        message._msgbuf = raw
        message._payload = raw[6:end]
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
            first = data[at]
            if first not in _STARTS:
                start = _next_start(data, at)
                self.bad_bytes += start - at
                at = start
                continue
            newer = first == MAVLINK2
            header_bytes = HEADER2_BYTES if newer else HEADER1_BYTES
            if end - at < header_bytes + CHECKSUM_BYTES:
                break
            if newer:
                length, flags, _, seq, system, component, low, high = _HEADER2(data, at)
                number = low | high << 16
            else:
                length, seq, system, component, number = _HEADER1(data, at)
                flags = 0
            stop = at + header_bytes + length
            after = stop + CHECKSUM_BYTES + (SIGNATURE_BYTES if flags & SIGNED else 0)
            if after > end and not flags & ~SIGNED:
                break
            layout = _layout(number)
            frame = Frame(data[at:after], number, seq, system, component, layout)
            if not flags & ~SIGNED and self._is_valid(frame, layout, data, at, stop):
                found.append(frame)
                at = after
            else:
                self.bad_frames += 1
                self.bad_bytes += 1
                at += 1
        self._rest = data[at:]
        return found

    def _is_valid(self, frame: Frame, layout: _Layout | None, data: bytes, at: int, stop: int) -> bool:
        if layout is None:
            # Nothing vouches for it but what follows it.
            after = at + len(frame.raw)
            if after < len(data) and data[after] not in _STARTS:
                return False
            self.unknown_frames += 1
            return True
        crc = _checksum(layout.crc_extra, _checksum(data[at + 1 : stop], _CRC_START))
        if crc != data[stop] | data[stop + 1] << 8:
            return False
        if self._codec.signing_state.secret_key is not None:
            frame._message = self._codec.decode(frame.raw)
            return frame._message is not None
        return True


def _next_start(data: bytes, at: int) -> int:
    starts = [start for start in (data.find(b"\xfd", at), data.find(b"\xfe", at)) if start >= 0]
    return min(starts, default=len(data))
