"""Ground speed over time."""

from __future__ import annotations

from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData, epoch_s
from dronepatrol.replay.figures.series import draw_series
from dronepatrol.replay.figures.style import axes_or_new, styled

BINS = 150
"""A line that turns more often than this over the width of a figure is a smear."""
SHORT_RUN_S = 900.0


@styled
def speed(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Draw the ground speed of each drone; in a long run, where turns are spikes, means over seconds."""
    ax = axes_or_new(ax, 8.0, 2.6)
    bin_s = _bin_s(data)
    draw_series(ax, data, lambda track: track.ground_speed_mps, bin_s=bin_s)
    ax.set_ylim(bottom=0.0)
    ax.set_ylabel("Ground speed (m/s)")
    ax.set_title(f"Ground speed (mean of {bin_s:g} s)" if bin_s else "Ground speed")
    return ax


def _bin_s(data: ReplayData) -> float:
    """Return the length of the means: 0 for a run short enough to show every sample."""
    ends = [float(epoch_s(track)[i]) for track in data.tracks if len(track) for i in (0, -1)]
    span_s = max(ends) - min(ends) if ends else 0.0
    if span_s < SHORT_RUN_S:
        return 0.0
    return next((step for step in (15.0, 30.0, 60.0, 120.0, 300.0, 600.0) if span_s / step <= BINS), 3600.0)
