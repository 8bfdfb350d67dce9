"""Telemetry logs (`.tlog`): MAVLink frames, each after the time it was heard or sent at."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dronepatrol.mavlink.layouts import Layout, layout
from dronepatrol.telemetry.log.crc import Bytes, rows_at
from dronepatrol.telemetry.log.frames import Frames, Index
from dronepatrol.telemetry.log.si import mavlink_scale
from dronepatrol.telemetry.log.stamps import read_times
from dronepatrol.telemetry.log.table import Rows, Table, Window
from dronepatrol.telemetry.log.tlog_scan import Scan, scan

_PREFIX = (("time_s", "<f8", 0), ("system", "u1", 8), ("component", "u1", 9))
_PREFIX_BYTES = 10


class TlogFile:
    """The frames of one telemetry log and their times.

    Attributes
    ----------
    data
        The file's bytes, usually memory-mapped.
    frames
        Frames of known messages.
    unknown
        Frames of unknown messages.
    skipped
        Offset and length of each stretch that is neither frame nor stamp, shape (n, 2).
    start_us
        Microseconds since 1970 of the first frame.
    mended
        Stamps that were damaged or missing.
    backward_us
        By how much time stepped back, each time it did, shape (k,).
    """

    def __init__(self, data: Bytes) -> None:
        found: Scan = scan(data)
        self.data = data
        self.frames = found.frames
        self.unknown = found.unknown
        self.skipped = found.skipped
        both = Frames.join([found.frames, found.unknown]) if len(found.unknown) else found.frames
        times = read_times(data, both.starts, both.ends)
        self.mended = times.mended
        self.start_us = int(times.stamps_us[0]) if times.stamps_us.size else 0
        self.backward_us = times.backward_us
        at = np.searchsorted(both.starts, found.unknown.starts)
        self.stamps_us = np.delete(times.stamps_us, at) if at.size else times.stamps_us

    def tables(self) -> dict[str, TlogTable]:
        """Return one table per message type, by name, in the order of message numbers."""
        numbers = self.frames.numbers
        if numbers.size == 0:
            return {}
        # Known message numbers fit in 16 bits, for which numpy's stable sort is a radix sort.
        order = np.argsort(numbers.astype(np.uint16), kind="stable")
        counts = np.bincount(numbers)
        stops = np.cumsum(counts)
        tables = {}
        for number in np.flatnonzero(counts).tolist():
            kind = layout(number)
            tables[kind.name] = TlogTable(self, kind, order[stops[number] - counts[number] : stops[number]])
        return tables

    def raw(self, number: int) -> list[bytes]:
        """Return the frames of an unknown message."""
        chosen = self.unknown[self.unknown.numbers == number]
        return [
            self.data[start:end].tobytes()
            for start, end in zip(chosen.starts.tolist(), chosen.ends.tolist(), strict=True)
        ]


class TlogTable(Table):
    """All frames of one message type in a telemetry log.

    Parameters
    ----------
    file
        The log.
    kind
        How the message lies in a payload.
    index
        Which frames of the log they are, shape (n,), in the order of the file.
    """

    def __init__(self, file: TlogFile, kind: Layout, index: Index) -> None:
        scales = {field: mavlink_scale(unit) for field, unit in kind.units.items()}
        super().__init__(kind.name, scales, kind.instance_field)
        self.file = file
        self.layout = kind
        self.index = index

    def __len__(self) -> int:
        return int(self.index.size)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns."""
        return (*(name for name, *_ in _PREFIX), *self.layout.fields)

    def time_s(self) -> npt.NDArray[np.float64]:
        """Return seconds since the start of the log, shape (n,)."""
        return (self.file.stamps_us[self.index] - self.file.start_us) / 1e6

    def senders(self) -> set[tuple[int, int]]:
        """Return who sent the frames."""
        frames = self.file.frames
        pairs = frames.systems[self.index].astype(np.uint16) << 8 | frames.components[self.index]
        seen = np.flatnonzero(np.bincount(pairs)).tolist()
        return {(pair >> 8, pair & 0xFF) for pair in seen}

    def rows(self) -> Rows:
        """Decode the frames: time, sender, then the fields as they travelled."""
        frames = self.file.frames
        starts = frames.starts[self.index]
        header = np.where(frames.overheads[self.index] == 8, 6, 10)
        width = _PREFIX_BYTES + self.layout.size
        # Rows begin some bytes before the payload; time and sender are written over what stood there.
        at = starts + header - _PREFIX_BYTES
        return self._finished(rows_at(self.file.data, at, width))

    def _finished(self, rows: npt.NDArray[np.uint8]) -> Rows:
        lengths = self.file.frames.payloads[self.index]
        self._zero_what_was_not_sent(rows, lengths)
        decoded = rows.reshape(-1).view(self._dtype())
        decoded["time_s"] = self.time_s()
        decoded["system"] = self.file.frames.systems[self.index]
        decoded["component"] = self.file.frames.components[self.index]
        return decoded

    def _zero_what_was_not_sent(self, rows: npt.NDArray[np.uint8], lengths: npt.NDArray[np.uint8]) -> None:
        """MAVLink 2 leaves out zero bytes at the end of a payload, MAVLink 1 the extension fields."""
        counts = np.bincount(lengths, minlength=1)[: self.layout.size]
        for length in np.flatnonzero(counts).tolist():
            rows[lengths == length, _PREFIX_BYTES + length :] = 0

    def _dtype(self) -> np.dtype[np.void]:
        kind = self.layout
        return np.dtype(
            {
                "names": [*(name for name, *_ in _PREFIX), *kind.fields],
                "formats": [*(code for _, code, _ in _PREFIX), *kind.formats],
                "offsets": [*(at for *_, at in _PREFIX), *(_PREFIX_BYTES + at for at in kind.offsets)],
                "itemsize": _PREFIX_BYTES + kind.size,
            }
        )

    def within(self, window: Window) -> TlogTable:
        """Return the table of the frames in a window."""
        chosen = np.ones(self.index.size, np.bool_)
        if window.start_s is not None or window.end_s is not None:
            chosen &= window.holds(self.time_s())
        if window.system is not None:
            chosen &= self.file.frames.systems[self.index] == window.system
        if window.component is not None:
            chosen &= self.file.frames.components[self.index] == window.component
        return TlogTable(self.file, self.layout, self.index[chosen])
