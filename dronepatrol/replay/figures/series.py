"""One value of all drones over time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.clock_axis import (
    DAY_S,
    GAP_S,
    broken_at_gaps,
    days,
    flying_span,
    label_clock,
)
from dronepatrol.replay.figures.style import drone_styles
from dronepatrol.telemetry.track import Track

Array = npt.NDArray[np.float64]
MARKS_PER_LINE = 7
"""Enough to tell lines apart in print, few enough to keep them light."""


def draw_series(ax: Axes, data: ReplayData, column: Callable[[Track], Array], *, bin_s: float = 0.0) -> None:
    """Draw one column of each track over local time, or its means over bins of some seconds."""
    styles = drone_styles(data)
    for track in data.tracks:
        span = flying_span(track)
        x, y = days(track)[span], column(track)[span]
        if bin_s:
            x, y = _means(x, y, bin_s)
        x, y = broken_at_gaps(x, y, max(GAP_S, 1.5 * bin_s))
        style = styles[track.vehicle]
        ax.plot(
            x,
            y,
            color=style.colour,
            linestyle=style.line,
            linewidth=1.3,
            marker=style.mark,
            markersize=3.6,
            markeredgecolor="white",
            markeredgewidth=0.5,
            markevery=max(len(x) // MARKS_PER_LINE, 1),
            label=track.vehicle,
        )
    label_clock(ax, data)


def _means(x_days: Array, values: Array, bin_s: float) -> tuple[Array, Array]:
    """Return the middle of each bin of time that has values, and their mean."""
    known = np.isfinite(values)
    if not known.any():
        return x_days, values
    x_days, values = x_days[known], values[known]
    bins = np.floor(x_days * DAY_S / bin_s)
    first = np.flatnonzero(np.diff(bins, prepend=-1.0))
    return (bins[first] + 0.5) * bin_s / DAY_S, np.add.reduceat(values, first) / np.diff(
        first, append=len(bins)
    )


def draw_limit(ax: Axes, value: float, text: str, colour: str, *, below: bool = False) -> None:
    """Draw a limit as a horizontal line with its name on it."""
    ax.axhline(value, color=colour, linewidth=1.1, linestyle=(0, (8, 3)), zorder=1.5)
    ax.annotate(
        text,
        xy=(0.005, value),
        xycoords=("axes fraction", "data"),
        xytext=(0, -2 if below else 2),
        textcoords="offset points",
        va="top" if below else "bottom",
        ha="left",
        fontsize=7.5,
        color=colour,
    )
