"""All messages of one type in a log, decoded when asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.si import UNSCALED, Scale

Rows = npt.NDArray[np.void]
"""A structured array, one row per message; `time_s` is its first field."""
Column = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Window:
    """Which messages are wanted; None is all.

    Attributes
    ----------
    system, component
        Who sent them.
    start_s, end_s
        Seconds since the log's start; the start is included, the end is not.
    """

    system: int | None = None
    component: int | None = None
    start_s: float | None = None
    end_s: float | None = None

    def holds(self, time_s: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Tell which times lie within."""
        chosen = np.ones(time_s.size, np.bool_)
        if self.start_s is not None:
            chosen &= time_s >= self.start_s
        if self.end_s is not None:
            chosen &= time_s < self.end_s
        return chosen


class Table(ABC):
    """All messages of one type.

    Attributes
    ----------
    name
        Name of the message type.
    scales
        How to get SI values, for the fields that have a unit or a multiplier.
    instance_field
        The field that tells several sensors apart, if there is one.
    """

    def __init__(self, name: str, scales: Mapping[str, Scale], instance_field: str | None = None) -> None:
        self.name = name
        self.scales = scales
        self.instance_field = instance_field

    @property
    @abstractmethod
    def fields(self) -> tuple[str, ...]:
        """Names of the columns, without decoding them."""

    @abstractmethod
    def __len__(self) -> int:
        """Return how many messages there are, without decoding them."""

    @abstractmethod
    def rows(self) -> Rows:
        """Decode them."""

    @abstractmethod
    def within(self, window: Window) -> Table:
        """Return the table of the messages in a window."""

    @abstractmethod
    def time_s(self) -> npt.NDArray[np.float64]:
        """Return seconds since the log's start of each message, shape (n,)."""

    def span_s(self) -> tuple[float, float]:
        """Return the earliest and the latest time; the table must not be empty."""
        time_s = self.time_s()
        return float(time_s.min()), float(time_s.max())

    def senders(self) -> set[tuple[int, int]]:
        """Return system and component of everyone who sent one, if the format tells."""
        return set()

    def scale(self, field: str) -> Scale:
        """Return the scale of a field."""
        return self.scales.get(field, UNSCALED)


class RowsTable(Table):
    """A table whose rows are decoded already."""

    def __init__(
        self, name: str, decoded: Rows, scales: Mapping[str, Scale], instance_field: str | None = None
    ) -> None:
        super().__init__(name, scales, instance_field)
        self.decoded = decoded

    def __len__(self) -> int:
        return int(self.decoded.size)

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self.decoded.dtype.names or ()

    def rows(self) -> Rows:
        """Return the rows."""
        return self.decoded

    def time_s(self) -> npt.NDArray[np.float64]:
        """Return the rows' times."""
        return np.asarray(self.decoded["time_s"])

    def within(self, window: Window) -> RowsTable:
        """Return the table of the rows in a window of time."""
        chosen = window.holds(self.decoded["time_s"])
        return RowsTable(self.name, self.decoded[chosen], self.scales, self.instance_field)


def quiet() -> np.errstate:
    """Return a context in which numbers that are none, as damage makes them, give no warnings."""
    return np.errstate(invalid="ignore", over="ignore")


def si_column(values: Column, scale: Scale) -> Column:
    """Return a column in SI units; numbers without a scale stay as they are, text is decoded."""
    if values.dtype.kind == "S":
        return decoded_text(values)
    if scale.factor == 1.0 or values.dtype.kind not in "iuf":
        return np.ascontiguousarray(values)
    factor = scale.factor
    with quiet():
        wide = values.astype(np.float64)
        # One over a power of ten is exact as a divisor and not as a factor.
        return wide / round(1.0 / factor) if _is_inverse(factor) else wide * factor


def _is_inverse(factor: float) -> bool:
    return 1e-12 <= factor < 1.0 and abs(round(1.0 / factor) * factor - 1.0) < 1e-12


def decoded_text(values: Column) -> npt.NDArray[np.str_]:
    """Return texts as far as their first zero byte, as UTF-8; bytes that are none become U+FFFD."""
    texts = [bytes(value).split(b"\0", 1)[0].decode("utf-8", "replace") for value in values.ravel().tolist()]
    return np.array(texts, dtype=np.str_).reshape(values.shape)


def has_numbers(rows: Rows | None, *fields: str) -> bool:
    """Tell whether rows have columns of these names with one number each.

    What a log calls by a known name need not be what is known by it.
    """
    return rows is not None and all(
        field in (rows.dtype.names or ()) and rows.dtype[field].kind in "biuf" and not rows.dtype[field].shape
        for field in fields
    )


def has_text(rows: Rows | None, field: str) -> bool:
    """Tell whether rows have a column of this name with texts."""
    return rows is not None and field in (rows.dtype.names or ()) and rows.dtype[field].kind == "S"


def integers(rows: Rows | None, field: str) -> bool:
    """Tell whether rows have a column of this name with one whole number each."""
    return rows is not None and has_numbers(rows, field) and rows.dtype[field].kind in "iu"
