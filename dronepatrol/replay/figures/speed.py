"""Ground speed over time."""

from __future__ import annotations

from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.series import draw_series
from dronepatrol.replay.figures.style import axes_or_new, styled


@styled
def speed(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Draw the ground speed of each drone."""
    ax = axes_or_new(ax, 8.0, 2.6)
    draw_series(ax, data, lambda track: track.ground_speed_mps)
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel("Ground speed (m/s)")
    ax.set_title("Ground speed")
    return ax
