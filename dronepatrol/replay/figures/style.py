"""How figures look: one colour, line and mark for each drone, told apart without colour too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.fonts import FAMILIES, register_fonts

P = ParamSpec("P")
R = TypeVar("R")

INK = "#1f2933"
MUTED = "#616e7c"
FAINT = "#cbd2d9"
WARN = "#b3261e"

DRONE_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#aa3c85", "#8c6d00", "#3f8fc4", "#7a4b2a", "#4b4b4b")
"""Okabe and Ito (2008), "Color Universal Design", darkened where a thin line on white would be too faint."""
LineStyle = Literal["-"] | tuple[float, Sequence[float]]
DRONE_LINES: tuple[LineStyle, ...] = (
    "-",
    (0, (6, 1.6)),
    (0, (5, 1.5, 1.2, 1.5)),
    (0, (1.6, 1.2)),
)
DRONE_MARKS = ("o", "^", "s", "D", "v", "P", "X", "p")

_RC: dict[Any, Any] = {
    "font.family": list(FAMILIES),
    "font.size": 8.5,
    "text.color": INK,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e7eb",
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.hashsalt": "dronepatrol",
}


def styled(draw: Callable[P, R]) -> Callable[P, R]:
    """Run a figure function under our settings without changing matplotlib's for others."""

    @wraps(draw)
    def with_style(*args: P.args, **kwargs: P.kwargs) -> R:
        register_fonts()
        with mpl.rc_context(_RC):
            return draw(*args, **kwargs)

    return with_style


@dataclass(frozen=True, slots=True)
class DroneStyle:
    """Colour, line and mark of one drone."""

    colour: str
    line: LineStyle
    mark: str


def drone_styles(data: ReplayData) -> dict[str, DroneStyle]:
    """Return the style of each drone of a run."""
    return {
        drone: DroneStyle(
            DRONE_COLOURS[i % len(DRONE_COLOURS)],
            DRONE_LINES[i % len(DRONE_LINES)],
            DRONE_MARKS[i % len(DRONE_MARKS)],
        )
        for i, drone in enumerate(data.drones)
    }


def axes_or_new(ax: Axes | None, width_in: float, height_in: float) -> Axes:
    """Return the axes given, or new ones in a figure of their own (no pyplot, so nothing to close)."""
    return Figure(figsize=(width_in, height_in), layout="constrained").add_subplot() if ax is None else ax
