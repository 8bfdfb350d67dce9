"""Find the frames of a telemetry log, intact or damaged.

A record is eight bytes of time and a frame, so the byte eight places after a frame's end is again a magic
byte. That gives two kinds of evidence, and three passes over the file, each in numpy:

1. Every magic byte whose frame *links* to another magic byte, or ends with the file, is a candidate; its
   checksum decides. In an intact log these are all frames, and they meet end to end. Long logs are followed
   from record to record as far as that goes (see `lanes`), so that not every byte needs to be looked at.
2. Where they do not meet, every magic byte in between is a candidate; again the checksum decides. Nothing is
   stepped through byte by byte, so damage costs little, and no valid frame is lost, stamped or not.
3. Frames of messages that the dialect does not know have an unknown byte in their checksum. They count where
   they fit exactly between records and the byte that makes their checksum right is the same for the message.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Bytes, Offsets
from dronepatrol.telemetry.log.frames import (
    Frames,
    Mask,
    extra_bytes,
    frames_at,
    heads_at,
    is_magic,
    known,
    lengths_of,
    magic_offsets,
    valid,
)
from dronepatrol.telemetry.log.lanes import follow
from dronepatrol.telemetry.log.spans import gaps, holds, without_overlap
from dronepatrol.telemetry.log.stamps import STAMP_BYTES

_BLOCK_BYTES = 1 << 18
_REGION_BYTES = 1 << 22
_STRETCH_BYTES = 1 << 26
"""Memory of the first pass stays a multiple of this, whatever the size of the file."""
_BLOCK = 1 << 13
_BATCH = 1 << 16
"""Frames per block and per batch; what a block holds stays in the second-level cache."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What stands in a telemetry log.

    Attributes
    ----------
    frames
        Valid frames of known messages, in the order of the file; none overlaps another.
    unknown
        Frames of unknown messages.
    skipped
        Offset and length of each stretch of bytes that is neither frame nor time stamp, shape (n, 2).
    """

    frames: Frames
    unknown: Frames
    skipped: npt.NDArray[np.int64]


def scan(data: Bytes) -> Scan:
    """Find the frames in a telemetry log.

    Parameters
    ----------
    data
        The whole file, shape (n,); it may be memory-mapped.
    """
    parts, strangers = [], []
    for start in range(0, data.size, _STRETCH_BYTES):
        offsets, left = follow(data, start, min(start + _STRETCH_BYTES, data.size))
        found = [_at_offsets(data, offsets[k : k + _BATCH]) for k in range(0, offsets.size, _BATCH)]
        found += [_linked(data, at, min(at + _REGION_BYTES, stop)) for at, stop in _regions(left)]
        for candidates in found:
            mask = known(candidates)
            ours = candidates[mask]
            parts.append(ours[valid(data, ours)])
            strangers.append(candidates[~mask])
    frames = Frames.join(parts)
    if _seamless(frames, data.size):
        return Scan(frames, Frames.join([]), np.zeros((0, 2), np.int64))
    frames = _without_overlap(frames)
    # A frame and its stamp need more than a stamp; anything shorter cannot hold one.
    free = gaps(frames.starts, frames.ends, data.size, longer_than=STAMP_BYTES)
    if free.size:
        between = _between(data, free)
        if len(between):
            frames = Frames.join([frames, _without_overlap(between)])
    unknown = _unknown(data, frames, Frames.join(strangers))
    both = Frames.join([frames, unknown]) if len(unknown) else frames
    return Scan(frames, unknown, _skipped(both, data.size))


def _seamless(frames: Frames, size: int) -> bool:
    """Tell whether frames and the stamps before them are the whole file."""
    if len(frames) == 0 or frames.starts[0] != STAMP_BYTES:
        return False
    ends = frames.ends
    return bool(ends[-1] == size and np.all(frames.starts[1:] - ends[:-1] == STAMP_BYTES))


def _regions(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut stretches of the file into regions: start of each, and stop of its stretch."""
    return [(at, stop) for start, stop in spans for at in range(start, stop, _REGION_BYTES)]


def _at_offsets(data: Bytes, offsets: Offsets) -> Frames:
    """Return what stands at offsets that a frame was followed to."""
    blocks = (offsets[k : k + _BLOCK] for k in range(0, offsets.size, _BLOCK))
    return Frames.join([frames_at(data, block, heads_at(data, block)) for block in blocks])


def _linked(data: Bytes, start: int, stop: int) -> Frames:
    """Return the frames in a region that another frame seems to follow."""
    parts = []
    for at in range(start, stop, _BLOCK_BYTES):
        found = magic_offsets(data, at, min(at + _BLOCK_BYTES, stop))
        heads = heads_at(data, found)
        follows = found + lengths_of(heads) + STAMP_BYTES
        linked = is_magic(data[np.minimum(follows, data.size - 1)]) | (follows >= data.size)
        parts.append(frames_at(data, found[linked], heads[linked]))
    return Frames.join(parts)


def _without_overlap(frames: Frames) -> Frames:
    return frames[without_overlap(frames.starts, frames.ends, STAMP_BYTES)]


def _between(data: Bytes, free: npt.NDArray[np.int64]) -> Frames:
    """Return the valid frames of known messages within the gaps."""
    found = []
    for start, stop in _pieces(free):
        offsets, limits = _magic_within(data, start, stop)
        frames = frames_at(data, offsets, heads_at(data, offsets))
        limits = limits[np.searchsorted(offsets, frames.starts)]
        candidates = frames[known(frames) & (frames.ends <= limits)]
        found.append(candidates[valid(data, candidates)])
    return Frames.join(found)


_Spans = npt.NDArray[np.int64]


def _pieces(free: _Spans) -> list[tuple[_Spans, _Spans]]:
    """Cut the gaps into batches of about a block: starts, and (stop, limit) of each span."""
    batches: list[tuple[_Spans, _Spans]] = []
    starts: list[int] = []
    stops: list[tuple[int, int]] = []
    total = 0
    for low, high in free.tolist():
        for at in range(low, high, _BLOCK_BYTES):
            starts.append(at)
            stops.append((min(at + _BLOCK_BYTES, high), high))
            total += stops[-1][0] - at
            if total >= _BLOCK_BYTES:
                batches.append((np.array(starts), np.array(stops)))
                starts, stops, total = [], [], 0
    if starts:
        batches.append((np.array(starts), np.array(stops)))
    return batches


def _magic_within(data: Bytes, starts: _Spans, stops: _Spans) -> tuple[Offsets, Offsets]:
    """Return the offsets of magic bytes within spans, and where the gap of each ends."""
    lengths = stops[:, 0] - starts
    shift = starts - np.concatenate([[0], np.cumsum(lengths)[:-1]])
    span = np.repeat(np.arange(starts.size), lengths)
    at = np.arange(span.size) + shift[span]
    chosen = is_magic(data[at]) & (at + STAMP_BYTES <= data.size)
    return at[chosen], stops[span[chosen], 1]


def _unknown(data: Bytes, frames: Frames, strangers: Frames) -> Frames:
    """Return the frames of unknown messages that fit between records and whose checksum can be right."""
    if len(strangers) == 0:
        return strangers
    before = np.searchsorted(frames.starts, strangers.starts)
    free_from = np.concatenate([[0], frames.ends])[before]
    free_to = np.concatenate([frames.starts, [data.size]])[before]
    strangers = strangers[(strangers.starts >= free_from + STAMP_BYTES) & (strangers.ends <= free_to)]
    before, after = strangers.starts - STAMP_BYTES, strangers.ends + STAMP_BYTES
    meets = holds(frames.ends, before) | holds(np.sort(strangers.ends), before) | (before == 0)
    meets &= holds(frames.starts, after) | holds(strangers.starts, after) | (strangers.ends == data.size)
    strangers = strangers[meets]
    if len(strangers) == 0:
        return strangers
    return _without_overlap(strangers[_agreeing(strangers.numbers, extra_bytes(data, strangers))])


def _agreeing(numbers: npt.NDArray[np.uint32], extra: npt.NDArray[np.int16]) -> Mask:
    """Tell which frames have the extra byte that is the commonest one of their message."""
    agree = np.zeros(numbers.size, np.bool_)
    for number in set(numbers.tolist()):
        own = (numbers == number) & (extra >= 0)
        if own.any():
            agree |= own & (extra == np.bincount(extra[own]).argmax())
    return agree


def _skipped(frames: Frames, size: int) -> npt.NDArray[np.int64]:
    """Return offset and length of what is neither frame nor the stamp before one."""
    if len(frames) == 0:
        return np.array([[0, size]], np.int64).reshape(-1, 2)[: int(size > 0)]
    before = np.concatenate([[0], frames.ends])
    after = np.concatenate([frames.starts, [size]])
    length = after - before
    # A stamp stands directly before its frame; shorter rests are no whole stamp and count as skipped.
    length[:-1] -= np.where(length[:-1] >= STAMP_BYTES, STAMP_BYTES, 0)
    some = length > 0
    return np.column_stack([before[some], length[some]])
