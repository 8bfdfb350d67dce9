"""CRC-16/MCRF4XX of many frames at once.

The checksum of MAVLink (https://mavlink.io/en/guide/serialization.html#checksum): polynomial 0x1021 reflected
(0x8408), initial value 0xFFFF, no final inversion. Its state has as many bits as two bytes of input, so one
look-up in a table of 65,536 entries takes it over two bytes; frames of about equal length go through it
together, column by column.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int64]
Checksums = npt.NDArray[np.uint16]

_POLYNOMIAL = 0x8408
_CHUNK = 8192
"""Frames per pass: the columns of a chunk and the table stay in the processor's second-level cache."""


@cache
def byte_table() -> Checksums:
    """Return the table that takes the checksum over one byte, shape (256,)."""
    state = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        state = np.where(state & 1, (state >> 1) ^ np.uint16(_POLYNOMIAL), state >> 1)
    return state


@cache
def _word_table() -> Checksums:
    state, table = np.arange(65536, dtype=np.uint16), byte_table()
    for _ in range(2):
        state = (state >> 8) ^ table[state & 0xFF]
    return state


def over_byte(state: Checksums, byte: Bytes) -> Checksums:
    """Return the checksums after one more byte each."""
    changed: Checksums = (state >> 8) ^ byte_table()[(state ^ byte) & 0xFF]
    return changed


def rows_at(data: Bytes, starts: Offsets, width: int) -> Bytes:
    """Return ``data[start : start + width]`` of every start, shape (n, width); zeros outside of the file."""
    inside = data.size - width + 1
    if starts.size == 0:
        return np.empty((0, width), np.uint8)
    if int(starts.max()) < inside and int(starts.min()) >= 0:
        # Overlapping records of `width` bytes, one at each offset: indexing copies a whole row at once.
        records = np.ndarray((inside,), dtype=f"V{width}", buffer=data, strides=(1,))
        return records[starts].view(np.uint8).reshape(-1, width)
    rows = np.empty((starts.size, width), np.uint8)
    within = (starts >= 0) & (starts < inside)
    rows[within] = rows_at(data, starts[within], width)
    for k in np.flatnonzero(~within).tolist():
        rows[k] = _padded(data, int(starts[k]), width)
    return rows


def _padded(data: Bytes, start: int, width: int) -> Bytes:
    """Return one row that reaches over an end of the file."""
    row = np.zeros(width, np.uint8)
    part = data[max(start, 0) : max(start + width, 0)]
    at = max(-start, 0)
    row[at : at + part.size] = part
    return row


def checksums(data: Bytes, starts: Offsets, lengths: npt.NDArray[np.int16]) -> tuple[Checksums, Checksums]:
    """Return the checksum of each ``data[start : start + length]``, and the 16 bits after it.

    The checksum does not hold the message's extra byte yet; see `over_byte`.

    Parameters
    ----------
    data
        The file.
    starts, lengths
        Shape (n,); lengths of one or more.
    """
    computed = np.empty(starts.size, np.uint16)
    received = np.empty(starts.size, np.uint16)
    order = np.argsort(lengths, kind="stable")
    ordered = lengths[order]
    at = 0
    while at < order.size:
        # Shorter frames of a chunk are copied as wide as its longest: not too different in length, then.
        widest = int(ordered[at]) * 5 // 4 + 8
        stop = min(at + _CHUNK, int(np.searchsorted(ordered, widest, side="right")))
        part = order[at:stop]
        computed[part], received[part] = _chunk(data, starts[part], ordered[at:stop])
        at = stop
    return computed, received


def _chunk(data: Bytes, starts: Offsets, lengths: npt.NDArray[np.int16]) -> tuple[Checksums, Checksums]:
    """Return the checksums of frames in order of length, and what follows each."""
    longest = int(lengths[-1])
    rows = rows_at(data, starts, longest + 2 + longest % 2)
    words = np.ascontiguousarray(rows.view("<u2").T)
    table = _word_table()
    state = np.full(starts.size, 0xFFFF, np.uint16)
    mixed = np.empty_like(state)
    # Frames drop out from the front as their words end.
    begins = np.searchsorted(lengths // 2, np.arange(longest // 2), side="right").tolist()
    for column, begin in zip(words, begins, strict=False):
        np.bitwise_xor(state[begin:], column[begin:], out=mixed[begin:])
        table.take(mixed[begin:], out=state[begin:], mode="clip")
    each = np.arange(starts.size)
    odd = np.flatnonzero(lengths % 2)
    if odd.size:
        state[odd] = over_byte(state[odd], rows[odd, lengths[odd] - 1])
    received = rows[each, lengths] | rows[each, lengths + 1] * np.uint16(256)
    return state, received
