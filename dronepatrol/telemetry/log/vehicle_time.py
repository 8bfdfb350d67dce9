"""The vehicle's own clock beside the ground station's."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.table import Rows, has_numbers, quiet

Seconds = npt.NDArray[np.float64]


_AUTOPILOT = 1
# Fields that hold time since the vehicle's start, and their units per second.
_BOOT_FIELDS = (("time_boot_ms", 1e3), ("time_boot_us", 1e6), ("TimeUS", 1e6), ("TimeMS", 1e3))


def tells_boot_time(fields: Iterable[str]) -> bool:
    """Tell whether messages with these fields hold the vehicle's time."""
    return not {field for field, _ in _BOOT_FIELDS}.isdisjoint(fields)


class BootClock:
    """Seconds since the start of each vehicle in a log.

    Parameters
    ----------
    tables
        The messages that hold the vehicle's time, by type.
    """

    def __init__(self, tables: Iterable[Rows]) -> None:
        told: dict[int, list[tuple[Seconds, Seconds]]] = {}
        for rows in tables:
            boot_s = _told(rows)
            if boot_s is None:
                continue
            # Cameras and gimbals of the same system count from their own start.
            autopilot = _column(rows, "component", _AUTOPILOT) == _AUTOPILOT
            systems = _column(rows, "system", 0)
            for system in np.unique(systems[autopilot]).tolist():
                own = autopilot & (systems == system)
                told.setdefault(system, []).append((rows["time_s"][own], boot_s[own]))
        self._clocks = {system: _ordered(parts) for system, parts in told.items()}

    def at(self, rows: Rows) -> Seconds:
        """Return the vehicle's time of each message, NaN where its system never tells."""
        boot_s = _told(rows)
        if boot_s is not None:
            return boot_s
        found = np.full(rows.size, np.nan)
        systems = _column(rows, "system", 0)
        for system, (time_s, clock_s) in self._clocks.items():
            own = systems == system
            found[own] = np.interp(rows["time_s"][own], time_s, clock_s)
        return found


def _told(rows: Rows) -> Seconds | None:
    """Return what the messages themselves tell of the vehicle's clock."""
    for field, per_second in _BOOT_FIELDS:
        if has_numbers(rows, field):
            with quiet():
                return np.asarray(rows[field].astype(np.float64) / per_second)
    return None


def _column(rows: Rows, field: str, otherwise: int) -> npt.NDArray[np.uint8]:
    """Return who sent the messages; logs that a vehicle wrote itself do not say."""
    if field in (rows.dtype.names or ()):
        return np.asarray(rows[field])
    return np.full(rows.size, otherwise, np.uint8)


def _ordered(parts: list[tuple[Seconds, Seconds]]) -> tuple[Seconds, Seconds]:
    time_s = np.concatenate([time for time, _ in parts])
    boot_s = np.concatenate([boot for _, boot in parts])
    order = np.argsort(time_s, kind="stable")
    return time_s[order], boot_s[order]
