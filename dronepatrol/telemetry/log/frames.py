"""MAVLink frames as parallel columns: where they stand, and what their headers say."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from dronepatrol.mavlink.layouts import crc_extra_table
from dronepatrol.telemetry.log.crc import Bytes, Offsets, byte_table, checksums, over_byte

MAVLINK1, MAVLINK2 = 0xFE, 0xFD
_OVERHEAD_1, _OVERHEAD_2, _SIGNATURE = 8, 12, 13
_SIGNED = 0x01
SMALLEST_FRAME = _OVERHEAD_1

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]
Heads = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of a file, all columns of shape (n,).

    Attributes
    ----------
    starts
        Offset of the magic byte.
    payloads
        Bytes of payload.
    overheads
        Bytes around the payload: 8 (MAVLink 1), 12 (MAVLink 2) or 25 (MAVLink 2, signed).
    numbers
        Message ids.
    systems, components
        Who sent them.
    """

    starts: Offsets
    payloads: npt.NDArray[np.uint8]
    overheads: npt.NDArray[np.uint8]
    numbers: npt.NDArray[np.uint32]
    systems: npt.NDArray[np.uint8]
    components: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return int(self.starts.size)

    def __getitem__(self, chosen: Mask | Index | slice) -> Frames:
        if isinstance(chosen, np.ndarray) and chosen.dtype == np.bool_ and chosen.all():
            return self
        return Frames(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def ends(self) -> Offsets:
        """Offset of the byte after each frame."""
        return self.starts + (self.payloads.astype(np.int64) + self.overheads)

    @property
    def payload_starts(self) -> Offsets:
        """Offset of the first byte of each payload."""
        return self.starts + np.where(self.overheads == _OVERHEAD_1, 6, 10)

    @classmethod
    def join(cls, parts: list[Frames]) -> Frames:
        """Return the frames of all parts in the order of the file."""
        if not parts:
            none = np.zeros(0, np.uint8)
            return cls(none.astype(np.int64), none, none, none.astype(np.uint32), none, none)
        if len(parts) == 1:
            return parts[0]
        joined = cls(*(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls)))
        if np.all(joined.starts[1:] >= joined.starts[:-1]):
            return joined
        return joined[np.argsort(joined.starts, kind="stable")]


def magic_offsets(data: Bytes, start: int, stop: int) -> Offsets:
    """Return the offsets in ``[start, stop)`` at which a frame might begin."""
    stop = min(stop, data.size - SMALLEST_FRAME + 1)
    if stop <= start:
        return np.zeros(0, np.int64)
    return np.flatnonzero(is_magic(data[start:stop])) + start


def is_magic(byte: Bytes) -> Mask:
    """Tell which bytes are 0xFD or 0xFE."""
    # Unsigned wrap-around: one addition and one comparison instead of two comparisons and an "or".
    return (byte + np.uint8(3)) < 2


def heads_at(data: Bytes, offsets: Offsets) -> Heads:
    """Return the first eight bytes from each offset on, as one little-endian number each.

    Eight bytes must follow each offset.
    """
    if offsets.size == 0:
        return np.zeros(0, np.uint64)
    return np.ndarray((data.size - 7,), dtype="<u8", buffer=data, strides=(1,))[offsets]


def lengths_of(heads: Heads) -> Offsets:
    """Return the whole length of the frame that begins with each head, signature included."""
    second = (heads & np.uint64(0xFF)) == MAVLINK2
    payloads = ((heads >> np.uint64(8)) & np.uint64(0xFF)).view(np.int64)
    # In place and without branches: these are the busiest lines of reading a log.
    lengths = payloads + _OVERHEAD_1
    lengths += second.view(np.uint8) * np.uint8(_OVERHEAD_2 - _OVERHEAD_1)
    signed = second & ((heads & np.uint64(_SIGNED << 16)) != 0)
    if signed.any():
        lengths[signed] += _SIGNATURE
    return lengths


def frames_at(data: Bytes, offsets: Offsets, heads: Heads) -> Frames:
    """Return what the headers at these offsets say, of those whose frame fits in the file and makes sense.

    Frames with incompatibility flags other than "signed" are left out: nobody can know how to read them.
    """
    lengths = lengths_of(heads)
    head = heads.view(np.uint8).reshape(-1, 8)
    second = head[:, 0] == MAVLINK2
    sensible = (offsets + lengths <= data.size) & ~(second & (head[:, 2] > _SIGNED))
    if not sensible.all():
        offsets, head, second = offsets[sensible], head[sensible], second[sensible]
        lengths = lengths[sensible]
    first = ~second
    number = _either(head, 7, 5, first).astype(np.uint32)
    if second.any():
        at = offsets if second.all() else offsets[second]
        number[second] |= data[at + 8].astype(np.uint32) << 8 | data[at + 9].astype(np.uint32) << 16
    payloads = head[:, 1].copy()
    return Frames(
        starts=offsets,
        payloads=payloads,
        overheads=lengths.astype(np.uint16).astype(np.uint8) - payloads,
        numbers=number,
        systems=_either(head, 5, 3, first),
        components=_either(head, 6, 4, first),
    )


def _either(head: Bytes, second: int, first: int, is_first: Mask) -> Bytes:
    """Return a byte of each header: where it stands in MAVLink 2, or in MAVLink 1."""
    column = head[:, second].copy()
    if is_first.any():
        column[is_first] = head[is_first, first]
    return column


def known(frames: Frames) -> Mask:
    """Tell which frames are of messages that the dialect knows."""
    table = crc_extra_table()
    return np.asarray(table[np.minimum(frames.numbers, table.size - 1)] >= 0)


def valid(data: Bytes, frames: Frames) -> Mask:
    """Tell which frames of known messages have the right checksum."""
    table = crc_extra_table()
    extra = table[np.minimum(frames.numbers, table.size - 1)]
    state, received = checksums(data, frames.starts + 1, _covered(frames))
    return np.asarray((over_byte(state, extra.astype(np.uint8)) == received) & (extra >= 0))


def extra_bytes(data: Bytes, frames: Frames) -> npt.NDArray[np.int16]:
    """Return the extra byte with which each frame's checksum is right, -1 where none is.

    For 16 bits of checksum there is a fitting byte by chance in one of 256 wrong frames.
    """
    table = byte_table()
    order = np.argsort(table)
    state, received = checksums(data, frames.starts + 1, _covered(frames))
    wanted = received ^ (state >> 8)
    entry = order[np.minimum(np.searchsorted(table, wanted, sorter=order), 255)]
    fits = table[entry] == wanted
    extra = np.where(fits, entry ^ (state & 0xFF), -1)
    return np.asarray(extra, np.int16)


def _covered(frames: Frames) -> npt.NDArray[np.int16]:
    """Return how many bytes the checksum of each frame covers: the header but its first byte, the payload."""
    header = np.where(frames.overheads == _OVERHEAD_1, 5, 9)
    return (header + frames.payloads).astype(np.int16)
