"""One value of all drones over time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.clock_axis import broken_at_gaps, days, flying_span, label_clock
from dronepatrol.replay.figures.style import drone_styles
from dronepatrol.telemetry.track import Track

Array = npt.NDArray[np.float64]
MARKS_PER_LINE = 7
"""Enough to tell lines apart in print, few enough to keep them light."""


def draw_series(ax: Axes, data: ReplayData, column: Callable[[Track], Array]) -> None:
    """Draw one column of each track over local time, named at its end."""
    styles = drone_styles(data)
    for track in data.tracks:
        span = flying_span(track)
        x, y = broken_at_gaps(days(track)[span], column(track)[span])
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
