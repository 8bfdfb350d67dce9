"""Horizontal axes of local time."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, num2date

from dronepatrol.replay.data import ReplayData, epoch_s
from dronepatrol.telemetry.track import Track

Array = npt.NDArray[np.float64]

DAY_S = 86400.0
GAP_S = 10.0
"""Longer silence breaks a line: what lies between is not known."""
FLYING_M = 0.5
"""A drone this far above home is taken to be in the air."""


def days(track: Track) -> Array:
    """Return the track's times as matplotlib dates (days since 1970, UTC), shape (n,)."""
    return epoch_s(track) / DAY_S


def moment_days(moment: datetime) -> float:
    """Return a moment as a matplotlib date."""
    return moment.timestamp() / DAY_S


def broken_at_gaps(x_days: Array, values: Array, gap_s: float = GAP_S) -> tuple[Array, Array]:
    """Return the columns with a NaN row in each silence, so that lines break there."""
    gaps = np.flatnonzero(np.diff(x_days) * DAY_S > gap_s) + 1
    return np.insert(x_days, gaps, np.nan), np.insert(values, gaps, np.nan)


def flying_span(track: Track) -> slice:
    """Return the samples from shortly before take-off to shortly after landing; all if it never flew."""
    flying = np.flatnonzero(track.altitude_home_m > FLYING_M)
    if not flying.size:
        return slice(0, len(track))
    first = np.searchsorted(track.time_s, track.time_s[flying[0]] - 15.0)
    last = np.searchsorted(track.time_s, track.time_s[flying[-1]] + 15.0)
    return slice(int(first), int(last))


def label_clock(ax: Axes, data: ReplayData) -> None:
    """Show local times along x, and say which place's time it is and which day."""
    locator = AutoDateLocator(tz=data.time_zone, minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_locator(locator)
    low, high = ax.get_xlim()
    short = (high - low) * DAY_S < 8 * 60
    pattern = "%H:%M:%S" if short else "%H:%M"
    ax.xaxis.set_major_formatter(DateFormatter(pattern, tz=data.time_zone))  # type: ignore[no-untyped-call]
    day = num2date((low + high) / 2, tz=data.time_zone)  # type: ignore[no-untyped-call]
    ax.set_xlabel(f"Local time ({data.time_zone.key}), {day:%Y-%m-%d}")
    ax.tick_params(axis="x", rotation=0)
