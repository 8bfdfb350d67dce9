"""Make telemetry logs, damage them, and find their frames the slow way."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from functools import cache

import numpy as np

from dronepatrol.mavlink.dialect import dialect

T0_US = 1_750_000_000_000_000
STAMP = struct.Struct(">Q")


def record(stamp_us: int, frame: bytes) -> bytes:
    """One record of a telemetry log."""
    return STAMP.pack(stamp_us) + frame


def sender(system: int = 1, component: int = 1, *, key: bytes | None = None) -> dialect.MAVLink:
    """A pymavlink end that packs frames, signed where a key is given."""
    mav = dialect.MAVLink(None, srcSystem=system, srcComponent=component)
    if key is not None:
        mav.signing.secret_key = key
        mav.signing.sign_outgoing = True
    return mav


def packed(mav: dialect.MAVLink, message: object, *, version: int = 2) -> bytes:
    """A frame, with the next sequence number."""
    frame: bytes = message.pack(mav, force_mavlink1=version == 1)  # type: ignore[attr-defined]
    mav.seq = (mav.seq + 1) % 256
    return frame


def attitude(k: int) -> object:
    """An attitude at k tenths of a second."""
    return dialect.MAVLink_attitude_message(100 * k, 0.01 * k, -0.02 * k, 0.5, 0.0, 0.1, 0.0)


def text(words: bytes, number: int = 0, piece: int = 0) -> object:
    """A text."""
    return dialect.MAVLink_statustext_message(6, words, number, piece)


def small_log(count: int, *, version: int = 2) -> tuple[bytes, list[tuple[int, int]]]:
    """A log of attitudes and texts, and where each frame stands: offset and length."""
    mav, parts, places, at = sender(), [], [], 0
    for k in range(count):
        message = text(b"said %d" % k) if k % 5 == 4 else attitude(k)
        frame = packed(mav, message, version=version)
        parts.append(record(T0_US + 100_000 * k, frame))
        places.append((at + 8, len(frame)))
        at += 8 + len(frame)
    return b"".join(parts), places


@cache
def _extra() -> dict[int, int]:
    return {number: kind.crc_extra for number, kind in dialect.mavlink_map.items()}


def frame_at(data: bytes, at: int) -> int | None:
    """Length of the valid frame of a known message at an offset, by pymavlink's checksum; None if none."""
    if len(data) - at < 8 or data[at] not in (0xFD, 0xFE):
        return None
    payload = data[at + 1]
    if data[at] == 0xFE:
        header, number, length = 6, data[at + 5], 8 + payload
    else:
        if len(data) - at < 12 or data[at + 2] & ~1:
            return None
        header, number = 10, int.from_bytes(data[at + 7 : at + 10], "little")
        length = 12 + payload + (13 if data[at + 2] & 1 else 0)
    if number not in _extra() or at + length > len(data):
        return None
    end = at + header + payload
    crc = dialect.x25crc(data[at + 1 : end] + bytes([_extra()[number]])).crc
    return length if crc == int.from_bytes(data[end : end + 2], "little") else None


def every_valid_frame(data: bytes) -> list[tuple[int, int]]:
    """Offset and length of every valid frame, found by trying each byte; they may overlap."""
    found = ((at, frame_at(data, at)) for at in range(len(data)))
    return [(at, length) for at, length in found if length is not None]


def untouched(places: Iterable[tuple[int, int]], changed: Iterable[int]) -> list[tuple[int, int]]:
    """Frames of which no byte was changed."""
    at = np.array(sorted(changed), np.int64)
    return [
        (start, length)
        for start, length in places
        if np.searchsorted(at, start) == np.searchsorted(at, start + length)
    ]
