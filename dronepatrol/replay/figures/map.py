"""The map: layers, areas, zones, plan and flight."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.model.position import Position
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.base_map import draw_layers
from dronepatrol.replay.figures.furniture import draw_attribution, draw_north_arrow, draw_scale_bar
from dronepatrol.replay.figures.labels import Labels
from dronepatrol.replay.figures.mission_map import (
    REMAINDER_STYLE,
    TASK_STYLE,
    ZONE_STYLE,
    draw_remainders,
    draw_stations,
    draw_tasks,
    draw_zones,
)
from dronepatrol.replay.figures.routes import draw_plan, draw_tracks
from dronepatrol.replay.figures.style import INK, MUTED, drone_styles, styled
from dronepatrol.replay.layers import extent_lonlat

MARGIN = 0.09
"""Share of the extent left free around it."""
SMALLEST_EXTENT_M = 100.0


@styled
def map_figure(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Draw the map of a run, or of a plan if nothing was flown.

    The axes are local metres, east and north of the middle of plan and tracks. Planned legs lie under the
    flight as thin grey lines; without tracks they are drawn by drone with arrows and numbers.
    """
    ax = Figure(figsize=(9.0, 7.5)).add_axes((0.02, 0.02, 0.96, 0.93)) if ax is None else ax
    west, south, east, north = extent_lonlat(data)
    frame = LocalFrame(Position((west + east) / 2.0, (south + north) / 2.0))
    _frame_axes(ax, frame, (west, south, east, north))
    draw_layers(ax, data.layers, frame)
    labels = Labels(ax)
    draw_zones(ax, data, frame, labels)
    draw_tasks(ax, data, frame, labels)
    draw_remainders(ax, data, frame)
    draw_plan(ax, data, frame, labels)
    draw_tracks(ax, data, frame, labels)
    draw_stations(ax, data, frame, labels)
    draw_scale_bar(ax, labels)
    draw_north_arrow(ax, labels)
    draw_attribution(ax, data.attribution)
    labels.place()
    ax.set_title(data.title)
    return ax


def map_legend(data: ReplayData) -> list[Line2D | Patch]:
    """Return the entries of the map's legend: only what the map shows."""
    handles: list[Line2D | Patch] = []
    for drone, style in drone_styles(data).items():
        line = Line2D(
            [], [], color=style.colour, linestyle=style.line, marker=style.mark, markersize=5, linewidth=1.8
        )
        line.set_label(f"{drone}, {'flown' if data.tracks else 'planned'}")
        handles.append(line)
    if data.tracks and data.features("leg"):
        handles.append(Line2D([], [], color=INK, linewidth=0.7, linestyle=(0, (2, 2)), label="planned leg"))
    if data.features("station"):
        handles.append(Line2D([], [], color=INK, marker="s", linestyle="", markersize=7, label="station"))
    kinds = {zone["properties"].get("kind") for zone in data.features("zone")}
    if data.features("task"):
        handles.append(Patch(label="area to be seen", **TASK_STYLE))
    if "keep_out" in kinds:
        handles.append(Patch(label="keep-out zone", **ZONE_STYLE["keep_out"]))
    if "keep_in" in kinds:
        handles.append(Patch(label="keep-in zone", **ZONE_STYLE["keep_in"]))
    if data.features("remainder"):
        handles.append(Patch(label="cannot be seen", **REMAINDER_STYLE))
    return handles


def aspect_ratio(data: ReplayData) -> float:
    """Return how much wider than high the place of a run is, margins included."""
    west, south, east, north = extent_lonlat(data)
    frame = LocalFrame(Position((west + east) / 2.0, (south + north) / 2.0))
    half = _half_extent_m(frame, (west, south, east, north))
    return float(half[0] / half[1])


def _half_extent_m(frame: LocalFrame, box: tuple[float, float, float, float]) -> npt.NDArray[np.float64]:
    low, high = frame.to_enu([[box[0], box[1]], [box[2], box[3]]])
    half = (high - low) / 2.0
    wide: npt.NDArray[np.float64] = np.maximum(half + MARGIN * half.max(), SMALLEST_EXTENT_M / 2.0)
    return wide


def _frame_axes(ax: Axes, frame: LocalFrame, box: tuple[float, float, float, float]) -> None:
    """Fix the limits before anything is drawn, so that sizes and labels can rely on them."""
    half = _half_extent_m(frame, box)
    # the box of the axes is filled: the direction with room to spare shows more of the surroundings
    box_px = ax.get_window_extent()
    metres_per_px = max(half[0] / box_px.width, half[1] / box_px.height)
    ax.set_xlim(-metres_per_px * box_px.width, metres_per_px * box_px.width)
    ax.set_ylim(-metres_per_px * box_px.height, metres_per_px * box_px.height)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(visible=False)
    for spine in ax.spines.values():
        spine.set_visible(True)
        spine.set_color(MUTED)
