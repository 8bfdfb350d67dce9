"""The time stamps before the frames of a telemetry log, damaged ones mended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Bytes, Offsets

STAMP_BYTES = 8
_LATEST_US = 4_102_444_800_000_000
"""The year 2100: later stamps are damaged."""
_JUMP_US = 86_400_000_000
"""A day: a few frames further off than this from what comes before and after have damaged stamps."""
_DAMAGED_RUN = 3

Stamps = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Times:
    """When the frames of a log were heard or sent.

    Attributes
    ----------
    stamps_us
        Microseconds since 1970, shape (n,); a damaged or missing stamp is that of the frame before.
    mended
        How many were damaged or missing.
    backward_us
        By how much time steps back, each time it does, shape (k,).
    """

    stamps_us: Stamps
    mended: int
    backward_us: Stamps


def read_times(data: Bytes, starts: Offsets, ends: Offsets) -> Times:
    """Read the stamp before each frame.

    Parameters
    ----------
    data
        The file.
    starts, ends
        Where each frame begins and ends, shape (n,), in the order of the file.
    """
    if starts.size == 0:
        return Times(np.zeros(0, np.int64), 0, np.zeros(0, np.int64))
    free = starts.copy()
    free[1:] -= ends[:-1]
    records = np.ndarray((data.size - 7,), dtype="<i8", buffer=data, strides=(1,))
    # Beyond 2^63 becomes negative, which is out of range as well.
    stamps = records[np.maximum(starts - STAMP_BYTES, 0)].byteswap(inplace=True)
    good = (free >= STAMP_BYTES) & (stamps > 0) & (stamps < _LATEST_US)
    steps = np.diff(stamps)
    mended = 0
    if not good.all() or np.any(np.abs(steps) > _JUMP_US):
        good[_lonely(stamps, good)] = False
        mended = int(np.count_nonzero(~good))
        stamps = _filled(stamps, good)
        steps = np.diff(stamps)
    return Times(stamps, mended, -steps[steps < 0])


def _lonely(stamps: Stamps, good: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the places of short runs that are more than a day off both their neighbours."""
    places = np.flatnonzero(good)
    if places.size <= 2 * _DAMAGED_RUN:
        return np.zeros(0, np.int64)
    jumps = np.flatnonzero(np.abs(np.diff(stamps[places])) > _JUMP_US) + 1
    if jumps.size == 0:
        return np.zeros(0, np.int64)
    edges = np.concatenate([[0], jumps, [places.size]]).tolist()
    runs = [places[low:high] for low, high in pairwise(edges)]
    bad = [run for k, run in enumerate(runs) if run.size <= _DAMAGED_RUN and _strays(stamps, runs, k)]
    return np.concatenate([*bad, np.zeros(0, np.int64)]).astype(np.int64)


def _strays(stamps: Stamps, runs: list[npt.NDArray[np.int64]], k: int) -> bool:
    """Tell whether the nearest longer runs on both sides agree with one another and not with this one."""
    before = next((run for run in reversed(runs[max(k - 3, 0) : k]) if run.size > _DAMAGED_RUN), None)
    after = next((run for run in runs[k + 1 : k + 4] if run.size > _DAMAGED_RUN), None)
    own = int(stamps[runs[k][0]])
    if before is None and after is None:
        return False
    times = [int(stamps[before[-1]])] if before is not None else []
    times += [int(stamps[after[0]])] if after is not None else []
    return max(times) - min(times) <= _JUMP_US and all(abs(own - time) > _JUMP_US for time in times)


def _filled(stamps: Stamps, good: npt.NDArray[np.bool_]) -> Stamps:
    """Give each damaged stamp the value of the good one before it, or of the first good one."""
    if good.all():
        return stamps
    if not good.any():
        return np.zeros_like(stamps)
    last_good = np.maximum.accumulate(np.where(good, np.arange(stamps.size), -1))
    last_good[last_good < 0] = np.flatnonzero(good)[0]
    return np.asarray(stamps[last_good])
