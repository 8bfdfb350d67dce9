"""Dataflash logs as text (`.log`): a line per record, the name first, values after commas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.crc import Bytes
from dronepatrol.telemetry.log.dataflash_format import (
    FMT,
    TEXT,
    Format,
    Units,
    columns_of,
    labels_of,
    multipliers_of,
    scales,
    text,
)
from dronepatrol.telemetry.log.si import Scale
from dronepatrol.telemetry.log.table import RowsTable, Table

_Line = tuple[int, bytes]
"""Line number and what stands after the name."""


class DataflashText:
    """The records of a text dataflash log.

    Attributes
    ----------
    skipped
        Offset and length of each line that is no record, shape (n, 2).
    start_us
        Microseconds since the vehicle's start of the first record that tells.
    backward_us
        By how much time stepped back, each time it did.
    """

    def __init__(self, data: Bytes) -> None:
        lines = data.tobytes().split(b"\n")
        lengths = np.array([len(line) + 1 for line in lines], np.int64)
        self._offsets = np.cumsum(lengths) - lengths
        self._lengths = np.array([len(line) for line in lines], np.int64)
        self._bad: list[int] = []
        self._times = np.zeros(len(lines), np.int64)
        self._told = np.zeros(len(lines), np.bool_)
        self._formats: dict[str, Format] = {"FMT": FMT}
        columns = {
            name: self._columns(self._formats[name], own) for name, own in self._by_name(lines).items()
        }
        self._times = self._filled()
        used = np.sort(np.concatenate([at for at, _ in columns.values()] or [np.zeros(0, np.int64)]))
        self.start_us = int(self._times[used[0]]) if used.size else 0
        steps = np.diff(self._times[used])
        self.backward_us = -steps[steps < 0]
        self._tables = self._made(columns)
        bad = np.array(sorted(set(self._bad)), np.int64)
        self.skipped = np.column_stack([self._offsets[bad], self._lengths[bad]])

    def tables(self) -> dict[str, Table]:
        """Return one table per message type, by name."""
        return dict(self._tables)

    def _by_name(self, lines: list[bytes]) -> dict[str, list[_Line]]:
        """Sort the lines by what they begin with; learn formats on the way."""
        found: dict[str, list[_Line]] = {}
        for number, line in enumerate(lines):
            head, comma, rest = line.partition(b",")
            name = head.strip().decode("utf-8", "replace")
            if name == "FMT" and comma:
                self._learn(rest)
            if comma and name in self._formats:
                found.setdefault(name, []).append((number, rest.strip()))
            elif line.strip():
                self._bad.append(number)
        return found

    def _learn(self, rest: bytes) -> None:
        parts = [part.strip() for part in rest.decode("utf-8", "replace").split(",")]
        if len(parts) < 4 or not parts[0].isdigit() or not parts[1].isdigit() or parts[2] == "FMT":
            return
        columns = columns_of(",".join(parts[4:]), parts[3])
        form = Format(int(parts[0]), int(parts[1]), parts[2], parts[3], columns)
        if form.name and form.known_characters:
            self._formats[form.name] = form

    def _columns(
        self, form: Format, lines: list[_Line]
    ) -> tuple[npt.NDArray[np.int64], list[npt.NDArray[np.generic]]]:
        """Return the line numbers of the good records of a type, and its columns."""
        count = len(form.columns)
        # Only the last value may hold commas: a text.
        split = [(number, rest.split(b",", max(count - 1, 0))) for number, rest in lines]
        good = [(number, values) for number, values in split if len(values) == count]
        self._bad.extend(number for number, values in split if len(values) != count)
        try:
            columns = _converted(form, [values for _, values in good])
        except (ValueError, OverflowError):
            kept = [(number, values) for number, values in good if self._converts(form, number, values)]
            good = kept
            columns = _converted(form, [values for _, values in good])
        at = np.array([number for number, _ in good], np.int64)
        if form.columns[:1] in (("TimeUS",), ("TimeMS",)) and form.characters[0] in "QqIi":
            self._times[at] = columns[0].astype(np.int64) * (1 if form.columns[0] == "TimeUS" else 1000)
            self._told[at] = True
        return at, columns

    def _converts(self, form: Format, number: int, values: list[bytes]) -> bool:
        try:
            _converted(form, [values])
        except (ValueError, OverflowError):
            self._bad.append(number)
            return False
        return True

    def _filled(self) -> npt.NDArray[np.int64]:
        """Give each line that tells no time that of the line before."""
        if not self._told.any():
            return self._times
        last = np.maximum.accumulate(np.where(self._told, np.arange(self._told.size), -1))
        last[last < 0] = np.flatnonzero(self._told)[0]
        return np.asarray(self._times[last])

    def _made(
        self, columns: Mapping[str, tuple[npt.NDArray[np.int64], list[npt.NDArray[np.generic]]]]
    ) -> dict[str, Table]:
        labels, multipliers, units = self._units(columns)
        numbers = {form.name: form.number for form in self._formats.values()}
        tables: dict[str, Table] = {}
        for name, (at, values) in columns.items():
            if at.size == 0:
                continue
            form = self._formats[name]
            own = units.get(numbers[name], Units())
            rows = np.empty(
                at.size,
                [("time_s", "<f8"), *((c, v.dtype) for c, v in zip(form.columns, values, strict=True))],
            )
            rows["time_s"] = (self._times[at] - self.start_us) / 1e6
            for column, value in zip(form.columns, values, strict=True):
                rows[column] = value
            scaled = _without_factors(form, scales(form, own, labels, multipliers))
            tables[name] = RowsTable(name, rows, scaled, own.instance(form.columns))
        return tables

    def _units(
        self, columns: Mapping[str, tuple[npt.NDArray[np.int64], list[npt.NDArray[np.generic]]]]
    ) -> tuple[dict[str, str], dict[str, float], dict[int, Units]]:
        def records(name: str, number: str, *texts: str) -> list[Any]:
            form = self._formats.get(name)
            if name not in columns or form is None or not {number, *texts} <= set(form.columns):
                return []
            own = [columns[name][1][form.columns.index(column)] for column in (number, *texts)]
            kinds = ["iu", *("f" if column == "Mult" else "S" for column in texts)]
            if any(values.dtype.kind not in kind for values, kind in zip(own, kinds, strict=True)):
                return []
            return list(zip(*(values.tolist() for values in own), strict=True))

        labels = labels_of(records("UNIT", "Id", "Label"))
        multipliers = multipliers_of((k, float(m)) for k, m in records("MULT", "Id", "Mult"))
        units = {
            number: Units(text(unit), text(factor))
            for number, unit, factor in records("FMTU", "FmtType", "UnitIds", "MultIds")
        }
        return labels, multipliers, units


def _converted(form: Format, values: list[list[bytes]]) -> list[npt.NDArray[np.generic]]:
    """Return the columns of records with the right number of values.

    Raises
    ------
    ValueError, OverflowError
        A value is no number, or does not fit its type.
    """
    columns: list[npt.NDArray[np.generic]] = []
    for k, (character, dtype) in enumerate(zip(form.characters, form.dtypes, strict=True)):
        own = [value[k].strip() for value in values]
        if character in TEXT or character == "a":
            columns.append(np.array(own, dtype="S"))
        elif form.factor(k) is not None or dtype.kind == "f":
            columns.append(np.array([float(value) for value in own], np.float64))
        else:
            columns.append(np.array([_integer(value) for value in own], dtype))
    return columns


def _integer(value: bytes) -> int:
    try:
        return int(value)
    except ValueError:
        # Modes are written by name in some logs; numbers with a decimal point occur too.
        return int(float(value))


def _without_factors(form: Format, found: Mapping[str, Scale]) -> dict[str, Scale]:
    """Drop the factors that are part of a type: text logs hold the values with them applied."""
    own = {column for k, column in enumerate(form.columns) if form.factor(k) is not None}
    return {column: Scale(1.0, scale.unit) if column in own else scale for column, scale in found.items()}
