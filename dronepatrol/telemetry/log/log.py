"""A log in memory: its messages as columns, decoded when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dronepatrol.errors import InputError
from dronepatrol.telemetry.log.integrity import Integrity
from dronepatrol.telemetry.log.table import Column, Rows, Table, Window, has_numbers, has_text, si_column
from dronepatrol.telemetry.log.vehicle_time import BootClock, tells_boot_time

_LATEST_US = 253_402_300_799_000_000
"""The last second of the year 9999, which is the last that `datetime` knows."""

Seconds = npt.NDArray[np.float64]


class Sender(NamedTuple):
    """Who sends messages: a MAVLink system and one of its components."""

    system: int
    component: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader of one format hands to `Log`.

    Attributes
    ----------
    format
        ``"tlog"``, ``"dataflash"``, ``"dataflash text"`` or ``"ulog"``.
    tables
        One per message type.
    start_us
        Microseconds since 1970 of ``time_s == 0``.
    integrity
        What was skipped and mended.
    raw
        Gives the bytes of the messages of an unknown type.
    """

    format: str
    tables: Mapping[str, Table]
    start_us: int
    integrity: Integrity
    raw: Callable[[int], list[bytes]] = lambda number: []


class Log:
    """The messages of a log file, by type.

    ``log["ATTITUDE"]`` is a structured array, one row per message: ``time_s``, for telemetry logs ``system``
    and ``component``, then the fields as they were sent. `si` gives the same as columns in SI units. A type
    is decoded when first asked for, and kept.
    """

    def __init__(self, path: Path, contents: Contents) -> None:
        self.path = path
        self._contents = contents
        self._rows: dict[str, Rows] = {}

    def __repr__(self) -> str:
        return f"<Log {self.path.name}: {self.format}, {len(self)} messages of {len(self.types)} types>"

    def __len__(self) -> int:
        return sum(self.types.values())

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents.tables)

    def __contains__(self, name: object) -> bool:
        return name in self._contents.tables

    def __getitem__(self, name: str) -> Rows:
        """Return the messages of a type, decoded, shape (n,).

        Raises
        ------
        KeyError
            The log holds no message of this type.
        """
        if name not in self._rows:
            rows = self._table(name).rows()
            rows.flags.writeable = False
            self._rows[name] = rows
        return self._rows[name]

    def _table(self, name: str) -> Table:
        try:
            return self._contents.tables[name]
        except KeyError:
            near = get_close_matches(name, self, n=3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise KeyError(f"the log holds no {name}{hint}") from None

    @property
    def format(self) -> str:
        """``"tlog"``, ``"dataflash"``, ``"dataflash text"`` or ``"ulog"``."""
        return self._contents.format

    @property
    def integrity(self) -> Integrity:
        """What of the file was skipped, unknown or mended."""
        return self._contents.integrity

    @property
    def skipped(self) -> tuple[tuple[int, int], ...]:
        """Offset and length of each stretch of the file that is no message."""
        return self.integrity.skipped

    @property
    def unknown(self) -> Mapping[int, int]:
        """How many messages there are of each unknown type, by its number."""
        return self.integrity.unknown

    def raw(self, number: int) -> list[bytes]:
        """Return the messages of an unknown type as they stand in the file."""
        return self._contents.raw(number)

    @property
    def types(self) -> dict[str, int]:
        """How many messages there are of each type; nothing is decoded for it."""
        return {name: len(table) for name, table in self._contents.tables.items()}

    @property
    def start_us(self) -> int:
        """Microseconds since 1970 of ``time_s == 0``."""
        return self._contents.start_us

    @property
    def start_utc(self) -> datetime:
        """The moment of ``time_s == 0``."""
        return self.moment(0.0)

    def moment(self, time_s: float) -> datetime:
        """Return the moment of a time; one that no calendar holds becomes the nearest it does."""
        unix_us = self.start_us + round(time_s * 1e6)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=min(max(unix_us, 0), _LATEST_US))

    @cached_property
    def duration_s(self) -> float:
        """Seconds from the first to the last message."""
        ends = [table.span_s() for table in self._contents.tables.values() if len(table)]
        return max(last for _, last in ends) - min(first for first, _ in ends) if ends else 0.0

    @cached_property
    def end_s(self) -> float:
        """Seconds since the start of the latest message."""
        return max((table.span_s()[1] for table in self._contents.tables.values() if len(table)), default=0.0)

    def si(self, name: str) -> dict[str, Column]:
        """Return the messages of a type as columns in SI units, by field.

        Scaled columns are float64, texts ``str``; everything else has its own type. See `units`.

        Raises
        ------
        KeyError
            The log holds no message of this type.
        """
        rows, table = self[name], self._table(name)
        names = rows.dtype.names or ()
        return {field: si_column(rows[field], table.scale(field)) for field in names}

    def units(self, name: str) -> dict[str, str]:
        """Return the units of the columns that `si` gives, of those that have one."""
        scales = self._table(name).scales
        return {"time_s": "s"} | {field: scale.unit for field, scale in scales.items() if scale.unit}

    def utc(self, name: str) -> npt.NDArray[np.datetime64]:
        """Return when each message of a type was recorded, ``datetime64[us]``."""
        time_us = np.round(self[name]["time_s"] * 1e6).astype(np.int64)
        return (time_us + self.start_us).view("datetime64[us]")

    def vehicle_time_s(self, name: str) -> Seconds:
        """Return seconds since the vehicle's start of each message of a type, NaN where nothing tells.

        A telemetry log is stamped by the ground station: a simulation at ten times its speed spans a tenth of
        the time there. This is the vehicle's own clock: the message's ``time_boot_ms``, or between the
        messages of the same system that have one.
        """
        return self._boot_clock.at(self[name])

    @cached_property
    def _boot_clock(self) -> BootClock:
        tables = self._contents.tables
        return BootClock([self[name] for name in tables if tells_boot_time(tables[name].fields)])

    @cached_property
    def systems(self) -> tuple[Sender, ...]:
        """Who sent messages, in order; empty for logs that a vehicle wrote itself."""
        senders = set()
        for table in self._contents.tables.values():
            senders.update(table.senders())
        return tuple(Sender(*pair) for pair in sorted(senders))

    def instances(self, name: str) -> dict[int | str, Rows]:
        """Return the messages of a type by sensor, for types that number or name their sensors.

        A type that does not is one instance, 0.
        """
        rows, field = self[name], self._table(name).instance_field
        if field is None or not (has_numbers(rows, field) or has_text(rows, field)):
            return {0: rows}
        values = si_column(rows[field], self._table(name).scale(""))
        return {value: rows[values == value] for value in np.unique(values).tolist()}

    def select(
        self,
        *,
        system: int | None = None,
        component: int | None = None,
        types: Iterable[str] | None = None,
        start_s: float | None = None,
        end_s: float | None = None,
    ) -> Log:
        """Return a log of some of the messages; None is all. Times keep their zero.

        Parameters
        ----------
        system, component
            Who sent them. Logs that a vehicle wrote itself name no sender and are not narrowed.
        types
            Names of message types; those that the log does not hold are left out.
        start_s, end_s
            Seconds since `start_utc`; the start is included, the end is not.
        """
        window = Window(system, component, start_s, end_s)
        wanted = None if types is None else frozenset(types)
        tables = {
            name: table if window == Window() else table.within(window)
            for name, table in self._contents.tables.items()
            if wanted is None or name in wanted
        }
        some = {name: table for name, table in tables.items() if len(table)}
        return Log(self.path, replace(self._contents, tables=some))

    def require(self, name: str) -> Rows:
        """Return the messages of a type, or say which file lacks it.

        Raises
        ------
        InputError
            The log holds no message of this type.
        """
        if name not in self:
            raise InputError(f"the log holds no {name}", file=self.path)
        return self[name]
