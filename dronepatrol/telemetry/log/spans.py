"""Stretches of a file that may overlap, of which some are true."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Offsets

Mask = npt.NDArray[np.bool_]


def without_overlap(starts: Offsets, ends: Offsets, apart: int) -> Mask:
    """Tell which spans to keep so that none overlaps another.

    What looks like a record within a record is none. Where two overlap, the one that begins exactly `apart`
    bytes after the end of the span before it is kept, else the first.

    Parameters
    ----------
    starts, ends
        Shape (n,), ordered by start.
    apart
        Bytes between the end of one record and the start of the next in an intact file.
    """
    keep = np.ones(starts.size, np.bool_)
    if not np.any(starts[1:] < ends[:-1]):
        return keep
    reach = np.maximum.accumulate(ends)
    # Clusters of spans that share bytes; spans outside of them are not looked at one by one.
    first = np.flatnonzero(np.concatenate([[True], starts[1:] >= reach[:-1]]))
    sizes = np.diff(np.append(first, starts.size))
    crowded = sizes > 1
    for at, size in zip(first[crowded].tolist(), sizes[crowded].tolist(), strict=True):
        part = slice(at, at + size)
        before = int(reach[at - 1]) if at else 0
        keep[part] = _chain(starts[part].tolist(), ends[part].tolist(), before, apart)
    return keep


def _chain(starts: list[int], ends: list[int], before: int, apart: int) -> Mask:
    """Walk one cluster from the end of the span before it."""
    keep = np.zeros(len(starts), np.bool_)
    place = {start: k for k, start in enumerate(starts)}
    end = before
    while (k := place.get(end + apart, bisect_left(starts, end))) < len(starts):
        keep[k] = True
        end = max(ends[k], starts[k] + 1)
    return keep


def gaps(starts: Offsets, ends: Offsets, size: int, longer_than: int) -> npt.NDArray[np.int64]:
    """Return start and stop of every stretch between spans that is longer than some bytes, shape (n, 2)."""
    before = np.concatenate([[0], ends]).astype(np.int64)
    after = np.concatenate([starts, [size]]).astype(np.int64)
    wide = after - before > longer_than
    return np.column_stack([before[wide], after[wide]])


def holds(ordered: Offsets, values: Offsets) -> Mask:
    """Tell which values are among ordered ones."""
    if ordered.size == 0:
        return np.zeros(values.size, np.bool_)
    at = np.minimum(np.searchsorted(ordered, values), ordered.size - 1)
    return np.asarray(ordered[at] == values)
