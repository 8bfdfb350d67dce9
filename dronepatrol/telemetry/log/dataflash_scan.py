"""Find the records of a binary dataflash log, intact or damaged.

A record is the bytes A3 95, a type, and as many bytes as the type's FMT record says; there is no checksum.
What can be known is whether records meet end to end. Those that do are taken first; what looks like a
record in between is taken where it fits. A damaged header loses its own record and no other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Bytes, Offsets, rows_at
from dronepatrol.telemetry.log.dataflash_format import FMT, FMT_LENGTH, FMT_TYPE, Format, parse_format
from dronepatrol.telemetry.log.spans import gaps, holds, without_overlap

MAGIC = (0xA3, 0x95)
_BLOCK_BYTES = 1 << 18
_HEADER_BYTES = 3


@dataclass(frozen=True, slots=True)
class DataflashScan:
    """What stands in a binary dataflash log.

    Attributes
    ----------
    starts
        Offset of each record, shape (n,).
    kinds
        Which of `formats` each record has, shape (n,).
    formats
        Every description in the log, in order; a later one of the same number counts from there on.
    skipped
        Offset and length of bytes that are no record, shape (k, 2).
    unknown
        Records seen whose type has no description, by type.
    """

    starts: Offsets
    kinds: npt.NDArray[np.uint16]
    formats: tuple[Format, ...]
    skipped: npt.NDArray[np.int64]
    unknown: dict[int, int]


def scan_dataflash(data: Bytes) -> DataflashScan:
    """Find the records of a binary dataflash log in a file's bytes, shape (n,)."""
    starts = _headers(data)
    types = data[starts + 2]
    formats, since = _formats(data, starts[types == FMT_TYPE])
    kinds = _kinds(starts, types, formats, since)
    lengths = np.array([form.length for form in formats])
    described = kinds >= 0
    ends = starts + np.where(described, lengths[kinds], _HEADER_BYTES)
    fits = described & (ends <= data.size)
    chosen = _choose(starts[fits], ends[fits], data.size)
    records = np.flatnonzero(fits)[chosen]
    skipped = gaps(starts[records], ends[records], data.size, longer_than=0)
    skipped[:, 1] -= skipped[:, 0]
    return DataflashScan(
        starts[records],
        kinds[records].astype(np.uint16),
        tuple(formats),
        skipped,
        _unknown(starts, types, described, skipped),
    )


def _headers(data: Bytes) -> Offsets:
    """Return the offsets of the two magic bytes that have a type after them."""
    found = []
    for at in range(0, data.size - 2, _BLOCK_BYTES):
        part = data[at : min(at + _BLOCK_BYTES + 1, data.size - 1)]
        first = np.flatnonzero(part[:-1] == MAGIC[0])
        found.append(first[part[first + 1] == MAGIC[1]] + at)
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _formats(data: Bytes, starts: Offsets) -> tuple[list[Format], list[int]]:
    """Return the descriptions in a log and the offset from which each counts."""
    formats, since = [FMT], [0]
    latest = {FMT_TYPE: FMT}
    whole = starts[starts + FMT_LENGTH <= data.size]
    for start, body in zip(whole.tolist(), rows_at(data, whole + 3, FMT_LENGTH - 3), strict=True):
        form = parse_format(body.tobytes())
        # One that makes no sense does not replace one that does; FMT itself is what it always was.
        if form.number == FMT_TYPE or not form.readable or latest.get(form.number) == form:
            continue
        latest[form.number] = form
        formats.append(form)
        since.append(start)
    return formats, since


def _kinds(starts: Offsets, types: Bytes, formats: list[Format], since: list[int]) -> npt.NDArray[np.int64]:
    """Return which description holds for each header, -1 where none does."""
    kinds = np.full(starts.size, -1, np.int64)
    seen: set[int] = set()
    for kind, (form, offset) in enumerate(zip(formats, since, strict=True)):
        own = types == form.number
        # The first description also holds for what stands before it, as after a cut-off beginning.
        kinds[own & (starts >= offset) if form.number in seen else own] = kind
        seen.add(form.number)
    return kinds


def _choose(starts: Offsets, ends: Offsets, size: int) -> npt.NDArray[np.int64]:
    """Return the records to keep: those that meet another first, then what fits between."""
    meets = holds(starts, ends) | (ends == size)
    linked = np.flatnonzero(meets)
    linked = linked[without_overlap(starts[linked], ends[linked], 0)]
    free = gaps(starts[linked], ends[linked], size, longer_than=_HEADER_BYTES)
    if free.size == 0:
        return linked
    gap = np.searchsorted(free[:, 0], starts, side="right") - 1
    inside = (gap >= 0) & (starts < free[gap, 1]) & (ends <= free[gap, 1])
    rest = np.flatnonzero(inside)
    rest = rest[without_overlap(starts[rest], ends[rest], 0)]
    return np.sort(np.concatenate([linked, rest]))


def _unknown(
    starts: Offsets, types: Bytes, described: npt.NDArray[np.bool_], skipped: npt.NDArray[np.int64]
) -> dict[int, int]:
    """Count the headers within skipped bytes whose type nothing describes."""
    lost = starts[~described]
    if lost.size == 0 or skipped.size == 0:
        return {}
    at = np.searchsorted(skipped[:, 0], lost, side="right") - 1
    within = (at >= 0) & (lost < skipped[at].sum(axis=1))
    numbers, counts = np.unique(types[~described][within], return_counts=True)
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))
