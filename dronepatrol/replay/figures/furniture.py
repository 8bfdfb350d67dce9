"""Scale bar, north arrow and attribution of a map."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

from matplotlib.axes import Axes
from matplotlib.patches import Polygon, Rectangle

from dronepatrol.replay.figures.labels import Labels, halo
from dronepatrol.replay.figures.style import INK, MUTED

SCALE_SHARE = 0.2
"""Greatest share of the map's width that the scale bar takes."""


def round_length_m(limit_m: float) -> float:
    """Return the longest of 1, 2 and 5 times a power of ten that is not above a limit."""
    power = 10.0 ** floor(log10(limit_m))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= limit_m * (1.0 + 1e-9))


def draw_scale_bar(ax: Axes, labels: Labels) -> None:
    """Draw a bar of a round length in the lower left corner; the axes must be in metres."""
    low, high = ax.get_xlim()
    width_m = high - low
    length_m = round_length_m(SCALE_SHARE * width_m)
    share = length_m / width_m
    x, y, height = 0.025, 0.03, 0.008
    for half, colour in ((0, INK), (1, "white")):
        ax.add_patch(
            Rectangle((x + half * share / 2, y), share / 2, height, transform=ax.transAxes, facecolor=colour,
                      edgecolor=INK, linewidth=0.7, zorder=8)
        )  # fmt: skip
    text = f"{length_m:g} m" if length_m < 1000.0 else f"{length_m / 1000.0:g} km"
    for place, word in ((x, "0"), (x + share, text)):
        ax.text(place, y + height + 0.006, word, transform=ax.transAxes, ha="center", va="bottom",
                fontsize=7.5, zorder=8, path_effects=halo())  # fmt: skip
    labels.block_axes_box(0.0, 0.0, x + share + 0.05, y + height + 0.04)


def draw_north_arrow(ax: Axes, labels: Labels) -> None:
    """Draw an arrow to the north in the upper right corner; up is north in the local frame."""
    x, y = 0.968, 0.925
    box = ax.get_window_extent()
    aspect = box.width / box.height
    for side, colour in ((-1, INK), (1, "white")):
        ax.add_patch(
            Polygon([(x, y + 0.025 * aspect), (x + side * 0.01, y - 0.012 * aspect), (x, y - 0.004 * aspect)],
                    transform=ax.transAxes, facecolor=colour, edgecolor=INK, linewidth=0.7, zorder=8)
        )  # fmt: skip
    ax.text(x, y - 0.016 * aspect, "N", transform=ax.transAxes, ha="center", va="top", fontsize=9,
            fontweight="bold", zorder=8, path_effects=halo())  # fmt: skip
    labels.block_axes_box(x - 0.03, y - 0.06 * aspect, 1.0, 1.0)


def draw_attribution(ax: Axes, names: Sequence[str]) -> None:
    """Write who made the map data, as the licences of open data ask."""
    if names:
        ax.text(0.994, 0.008, "Map data: " + "; ".join(names), transform=ax.transAxes, ha="right",
                va="bottom", fontsize=6.5, color=MUTED, zorder=8, path_effects=halo())  # fmt: skip
