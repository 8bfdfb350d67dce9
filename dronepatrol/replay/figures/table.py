"""The table of tasks as a figure."""

from __future__ import annotations

from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData, SummaryRow
from dronepatrol.replay.figures.style import FAINT, INK, MUTED, axes_or_new, styled

_COLUMNS = (
    ("Task", 0.0, "left"),
    ("Drone", 0.38, "left"),
    ("Length planned → flown", 0.69, "right"),
    ("Time at it", 0.81, "right"),
    ("Seen", 0.90, "right"),
    ("Battery", 1.0, "right"),
)


@styled
def summary_table(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Write the table of tasks: length and time, planned and flown, share seen and battery left."""
    ax = axes_or_new(ax, 6.0, 0.4 + 0.22 * len(data.summary))
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    rows = [[name for name, _, _ in _COLUMNS], *map(_cells, data.summary)]
    ax.set_ylim(len(rows), 0)
    for line, row in enumerate(rows):
        for text, (_, x, align) in zip(row, _COLUMNS, strict=True):
            ax.text(x, line + 0.5, text, ha=align, va="center", fontsize=8, color=INK if line else MUTED)
        ax.plot([0, 1], [line + 1] * 2, color=MUTED if line == 0 else FAINT, linewidth=0.7, clip_on=False)
    return ax


def _cells(row: SummaryRow) -> list[str]:
    return [
        row.task if len(row.task) <= 32 else row.task[:31] + "…",
        row.drone,
        f"{_length(row.planned_length_m)} → {_length(row.flown_length_m)}",
        minutes(row.flown_s if row.flown_s is not None else row.planned_s),
        "–" if row.seen is None else f"{100.0 * row.seen:.1f} %",
        "–" if row.battery_left is None else f"{100.0 * row.battery_left:.0f} %",
    ]


def _length(value_m: float | None) -> str:
    if value_m is None:
        return "–"
    return f"{value_m:.0f} m" if value_m < 1000.0 else f"{value_m / 1000.0:.2f} km"


def minutes(value_s: float | None) -> str:
    """Return a duration as ``m:ss``, or a dash."""
    if value_s is None:
        return "–"
    whole = round(value_s)
    return f"{whole // 60}:{whole % 60:02d} min"
