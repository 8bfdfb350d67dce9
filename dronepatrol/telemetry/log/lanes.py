"""Follow the records of a long log from many places at once.

From one record the next is known, and from nowhere else: followed one by one, records cost as much as a
turn of an interpreter's loop each. So the file is cut into lanes, each begins at the first record in it that
three links lead to, and all lanes step together. A lane counts only if it ends exactly where the next one
begins; the stretches of the others are left to the search for magic bytes, which trusts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Bytes, Offsets
from dronepatrol.telemetry.log.frames import heads_at, is_magic, lengths_of
from dronepatrol.telemetry.log.stamps import STAMP_BYTES

_LANE_BYTES = 1 << 14
_WINDOW_BYTES = 640
"""Longer than two of the longest records, so that a lane in an intact log finds its beginning."""
_FEWEST_LANES = 512
"""With fewer, a step costs more than looking for magic bytes."""
_LINKS = 3
_HEAD_BYTES = 8

Mask = npt.NDArray[np.bool_]


def follow(data: Bytes, start: int, stop: int) -> tuple[Offsets, list[tuple[int, int]]]:
    """Follow the records in a stretch of a file.

    Parameters
    ----------
    data
        The whole file.
    start, stop
        The stretch. A record may reach over its end.

    Returns
    -------
    offsets
        Where frames seem to begin, in order; their checksums are not looked at.
    left
        Start and stop of the stretches that could not be followed.
    """
    count = (stop - start) // _LANE_BYTES
    if count < _FEWEST_LANES:
        return np.zeros(0, np.int64), [(start, stop)]
    begins = _beginnings(data, np.linspace(start, stop, count, endpoint=False).astype(np.int64))
    if begins.size < count // 2:
        return np.zeros(0, np.int64), [(start, stop)]
    ends = np.append(begins[1:], stop)
    places, arrived = _step_together(data, begins, ends)
    if np.count_nonzero(arrived) < 3 * begins.size // 4:
        return np.zeros(0, np.int64), [(start, stop)]
    lanes = places.T[arrived]
    failed = np.flatnonzero(~arrived)
    left = [(start, int(begins[0])), *zip(begins[failed].tolist(), ends[failed].tolist(), strict=True)]
    return lanes[lanes >= 0], list(_merged(left))


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join stretches that touch one another and drop empty ones."""
    edges = [span for span in spans if span[0] < span[1]]
    if not edges:
        return
    begin = edges[0][0]
    for (_, end), (after, _) in pairwise([*edges, (-1, -1)]):
        if after != end:
            yield begin, end
            begin = after


def _beginnings(data: Bytes, lanes: Offsets) -> Offsets:
    """Return, for each lane that has one, the first place that three links from a magic byte lead to."""
    inside = lanes[lanes + _WINDOW_BYTES <= data.size]
    windows = np.ndarray((data.size - _WINDOW_BYTES + 1,), f"V{_WINDOW_BYTES}", buffer=data, strides=(1,))
    rows = windows[inside].view(np.uint8).reshape(-1, _WINDOW_BYTES)
    lane, column = np.nonzero(is_magic(rows))
    at = inside[lane] + column
    for _ in range(_LINKS):
        at, alive = _next(data, at)
        lane, at = lane[alive], at[alive]
    # What three links led to is a frame, even if what they began at was a byte in a payload.
    earliest = at[np.diff(lane, prepend=-1) > 0]
    # A frame longer than a lane could be the first of two.
    return np.asarray(earliest[np.diff(earliest, prepend=-1) > 0])


def _next(data: Bytes, at: Offsets) -> tuple[Offsets, Mask]:
    """Return where the next frame begins after each, and whether a magic byte stands there."""
    readable = at + _HEAD_BYTES <= data.size
    follows = np.full(at.size, data.size, np.int64)
    follows[readable] = at[readable] + lengths_of(heads_at(data, at[readable])) + STAMP_BYTES
    alive = follows < data.size
    alive[alive] = is_magic(data[follows[alive]])
    return follows, alive


def _step_together(data: Bytes, begins: Offsets, ends: Offsets) -> tuple[Offsets, Mask]:
    """Step all lanes from their beginning to the next one's.

    Returns
    -------
    places
        Where the frames of each lane begin, shape (steps, lanes), -1 after its last.
    arrived
        Which lanes ended exactly at their end; the last lane has to reach the end of the stretch.
    """
    lanes = np.arange(begins.size)
    at, limit = begins.copy(), ends.copy()
    arrived = np.zeros(begins.size, np.bool_)
    rows = []
    while lanes.size:
        row = np.full(begins.size, -1, np.int64)
        row[lanes] = at
        rows.append(row)
        at = at + lengths_of(heads_at(data, at)) + STAMP_BYTES
        running = at < limit
        # Whether a lane goes on is seen from the magic byte; past the end of the file there is none.
        running &= is_magic(data[np.minimum(at, data.size - _HEAD_BYTES)])
        if not running.all():
            over = ~running
            arrived[lanes[over]] = (at[over] == limit[over]) | (
                (lanes[over] == begins.size - 1) & (at[over] >= limit[over])
            )
            lanes, at, limit = lanes[running], at[running], limit[running]
    return np.stack(rows), arrived
