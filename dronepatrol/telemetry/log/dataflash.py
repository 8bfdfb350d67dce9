"""Binary dataflash logs (`.BIN`) of ArduPilot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Bytes, Offsets, rows_at
from dronepatrol.telemetry.log.dataflash_format import (
    Format,
    Units,
    labels_of,
    multipliers_of,
    scales,
    text,
)
from dronepatrol.telemetry.log.dataflash_scan import scan_dataflash
from dronepatrol.telemetry.log.gps_time import gps_unix_s
from dronepatrol.telemetry.log.si import Scale
from dronepatrol.telemetry.log.table import Rows, Table, Window, has_numbers, has_text, integers

_HEADER_BYTES = 3
_TIME_BYTES = 8
_GPS_FIX_3D = 3


class DataflashFile:
    """The records of one dataflash log and their times.

    Attributes
    ----------
    data
        The file's bytes.
    scan
        Where its records are.
    boot_us
        Microseconds since the vehicle's start of each record, shape (n,); a record that does not tell has
        the time of the one before it.
    start_us
        That of the first record that tells.
    backward_us
        By how much time stepped back, each time it did.
    """

    def __init__(self, data: Bytes) -> None:
        self.data = data
        self.scan = scan_dataflash(data)
        self.boot_us = self._boot_us()
        self.start_us = int(self.boot_us[0]) if self.boot_us.size else 0
        steps = np.diff(self.boot_us)
        self.backward_us = -steps[steps < 0]

    def _boot_us(self) -> npt.NDArray[np.int64]:
        columns = [_time_column(form) for form in self.scan.formats]
        kinds, starts = self.scan.kinds, self.scan.starts
        times = np.zeros(starts.size, np.int64)
        told = np.zeros(starts.size, np.bool_)
        for size, per_unit in ((8, 1), (4, 1000)):
            timed = np.array([column == (size, per_unit) for column in columns], np.bool_)[kinds]
            raw = rows_at(self.data, starts[timed] + _HEADER_BYTES, size).reshape(-1)
            times[timed] = raw.view(f"<u{size}").astype(np.int64) * per_unit
            told |= timed
        if not told.any():
            return times
        last = np.maximum.accumulate(np.where(told, np.arange(starts.size), -1))
        last[last < 0] = np.flatnonzero(told)[0]
        return np.asarray(times[last])

    def tables(self) -> dict[str, DataflashTable]:
        """Return one table per message type, by name, in the order of their descriptions."""
        order = np.argsort(self.scan.kinds, kind="stable")
        counts = np.bincount(self.scan.kinds, minlength=len(self.scan.formats))
        stops = np.cumsum(counts)
        plain = {}
        for kind in np.flatnonzero(counts).tolist():
            form = self.scan.formats[kind]
            index = order[stops[kind] - counts[kind] : stops[kind]]
            # Two descriptions of one name differ in their columns: two flights, two firmwares.
            name = form.name
            while name in plain:
                name += "~"
            plain[name] = DataflashTable(self, name, form, index, {}, None)
        return _with_units(plain)


def _time_column(form: Format) -> tuple[int, int] | None:
    """Return size and microseconds per unit of the time that begins a message."""
    if form.columns[:1] == ("TimeUS",) and form.characters[0] in "Qq":
        return 8, 1
    # In old logs the accelerometers' and gyroscopes' TimeMS is not the vehicle's clock.
    own_clock = form.name.startswith(("ACC", "GYR"))
    if form.columns[:1] == ("TimeMS",) and form.characters[0] in "Ii" and not own_clock:
        return 4, 1000
    return None


def _tells(rows: Rows, number: str, *others: str) -> bool:
    """Tell whether a description of units is one: a number, then texts, or the multiplier."""
    return integers(rows, number) and all(
        has_numbers(rows, other) if other == "Mult" else has_text(rows, other) for other in others
    )


def _with_units(tables: Mapping[str, DataflashTable]) -> dict[str, DataflashTable]:
    """Return the tables with what UNIT, MULT and FMTU say of them."""

    def records(name: str, *columns: str) -> list[Any]:
        table = tables.get(name)
        if table is None or not _tells(table.rows(), *columns):
            return []
        return list(zip(*(table.rows()[column].tolist() for column in columns), strict=True))

    labels = labels_of(records("UNIT", "Id", "Label"))
    multipliers = multipliers_of(records("MULT", "Id", "Mult"))
    units: dict[int, Units] = {
        number: Units(text(unit), text(multiplier))
        for number, unit, multiplier in records("FMTU", "FmtType", "UnitIds", "MultIds")
    }
    found = {}
    for name, table in tables.items():
        own = units.get(table.format.number, Units())
        found[name] = DataflashTable(
            table.file,
            name,
            table.format,
            table.index,
            scales(table.format, own, labels, multipliers),
            own.instance(table.format.columns),
        )
    return found


class DataflashTable(Table):
    """All records of one message type in a dataflash log."""

    def __init__(
        self,
        file: DataflashFile,
        name: str,
        form: Format,
        index: Offsets,
        scale: Mapping[str, Scale],
        instance_field: str | None,
    ) -> None:
        super().__init__(name, scale, instance_field)
        self.file = file
        self.format = form
        self.index = index

    def __len__(self) -> int:
        return int(self.index.size)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns."""
        return ("time_s", *self.format.columns)

    def time_s(self) -> npt.NDArray[np.float64]:
        """Return seconds since the start of the log, shape (n,)."""
        return (self.file.boot_us[self.index] - self.file.start_us) / 1e6

    def rows(self) -> Rows:
        """Decode the records: time, then the fields as they were written."""
        at = self.file.scan.starts[self.index] + _HEADER_BYTES - _TIME_BYTES
        width = _TIME_BYTES + self.format.length - _HEADER_BYTES
        # Rows begin some bytes before the first field; the time is written over what stood there.
        decoded = rows_at(self.file.data, at, width).reshape(-1).view(self._dtype())
        decoded["time_s"] = self.time_s()
        return decoded

    def _dtype(self) -> np.dtype[np.void]:
        fields = zip(self.format.columns, self.format.dtypes, strict=True)
        return np.dtype([("time_s", "<f8"), *fields])

    def within(self, window: Window) -> DataflashTable:
        """Return the table of the records in a window of time."""
        chosen = self.index[window.holds(self.time_s())]
        return DataflashTable(self.file, self.name, self.format, chosen, self.scales, self.instance_field)


def calendar_offset_us(tables: Mapping[str, Table]) -> int | None:
    """Return microseconds since 1970 at the vehicle's start, from the first GPS record with a fix."""
    table = tables.get("GPS")
    if table is None:
        return None
    rows = table.rows()
    if not has_numbers(rows, "TimeUS", "Status", "GMS", "GWk"):
        return None
    fixed = rows[(rows["Status"] >= _GPS_FIX_3D) & (rows["GWk"] > 0)]
    if fixed.size == 0:
        return None
    first = fixed[0]
    unix_s = gps_unix_s(int(first["GWk"]), float(first["GMS"]) / 1e3)
    return round(unix_s * 1e6) - int(first["TimeUS"])
