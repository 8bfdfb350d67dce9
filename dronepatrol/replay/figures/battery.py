"""Battery over time."""

from __future__ import annotations

from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.series import draw_limit, draw_series
from dronepatrol.replay.figures.style import WARN, axes_or_new, styled


@styled
def battery(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Draw the charge left of each drone, with the reserve that must be left at landing."""
    ax = axes_or_new(ax, 8.0, 2.6)
    draw_series(ax, data, lambda track: track.battery_percent)
    if data.reserve is not None:
        draw_limit(ax, 100.0 * data.reserve, f"reserve {data.reserve:.0%}", WARN)
    ax.set_ylim(0.0, 104.0)
    ax.set_ylabel("Battery (%)")
    ax.set_title("Battery left")
    return ax
