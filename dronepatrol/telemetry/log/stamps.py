"""The time stamps before the frames of a telemetry log, damaged ones mended."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    stamps_us: Stamps
    mended: int


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
        return Times(np.zeros(0, np.int64), 0)
    free = np.diff(starts, prepend=0)
    free[1:] = starts[1:] - ends[:-1]
    free[0] = starts[0]
    at = starts - STAMP_BYTES
    stamped = free >= STAMP_BYTES
    records = np.ndarray((data.size - 7,), dtype=">u8", buffer=data, strides=(1,))
    # Beyond 2^63 becomes negative, which is out of range as well.
    stamps = records[np.maximum(at, 0)].astype(np.uint64).view(np.int64)
    good = stamped & (stamps > 0) & (stamps < _LATEST_US)
    good[_lonely(stamps, good)] = False
    mended = int(np.count_nonzero(~good))
    if mended:
        stamps = _filled(stamps, good)
    return Times(stamps, mended)


def _lonely(stamps: Stamps, good: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return the places of short runs that are more than a day off both their neighbours."""
    places = np.flatnonzero(good)
    if places.size <= 2 * _DAMAGED_RUN:
        return np.zeros(0, np.int64)
    jumps = np.flatnonzero(np.abs(np.diff(stamps[places])) > _JUMP_US) + 1
    if jumps.size == 0:
        return np.zeros(0, np.int64)
    edges = np.concatenate([[0], jumps, [places.size]])
    short = np.flatnonzero(np.diff(edges) <= _DAMAGED_RUN)
    runs = [places[edges[k] : edges[k + 1]] for k in short.tolist()]
    return np.concatenate([*runs, np.zeros(0, np.int64)]).astype(np.int64)


def _filled(stamps: Stamps, good: npt.NDArray[np.bool_]) -> Stamps:
    """Give each damaged stamp the value of the good one before it, or of the first good one."""
    if not good.any():
        return np.zeros_like(stamps)
    last_good = np.where(good, np.arange(stamps.size), -1)
    last_good = np.maximum.accumulate(last_good)
    last_good[last_good < 0] = np.flatnonzero(good)[0]
    return np.asarray(stamps[last_good])
