"""The two pictures that a run and a plan leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dronepatrol.replay.data import GeoJson, ReplayData
from dronepatrol.replay.figures.altitude import altitude
from dronepatrol.replay.figures.battery import battery
from dronepatrol.replay.figures.map import aspect_ratio, map_figure, map_legend
from dronepatrol.replay.figures.speed import speed
from dronepatrol.replay.figures.style import MUTED, styled
from dronepatrol.replay.figures.table import summary_table
from dronepatrol.replay.figures.timeline import timeline

WIDTH_IN, HEIGHT_IN = 16.0, 10.0
HEADING_IN, FOOT_IN = 0.95, 0.25
CHART_LEFT_IN, CHART_WIDTH_IN = 10.2, 5.55
GAP_IN = 0.36
"""Between charts: room for a title."""
CLOCK_IN = 0.5
"""Under the last chart: room for the clock."""
LEGEND_ENTRY_IN = 1.14
PLAN_MAP_IN = 7.2
"""Height of the map on the sheet of a plan; its width follows the place's shape."""


@styled
def replay_figure(data: ReplayData) -> Figure:
    """Draw a run on one sheet: the map, who was where, altitude, speed, battery, and the table of tasks."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN))
    lanes_in = 0.22 * min(max(len(data.drones), 2), 10)
    table_in = 0.21 * (len(data.summary) + 1) if data.summary else 0.0
    top_in = HEIGHT_IN - HEADING_IN
    curve_in = (
        top_in - FOOT_IN - table_in - (0.35 if data.summary else 0.0) - CLOCK_IN - lanes_in - 4 * GAP_IN
    ) / 3.0
    charts: list[Axes] = []
    for draw, height_in in (
        (timeline, lanes_in),
        (altitude, curve_in),
        (speed, curve_in),
        (battery, curve_in),
    ):
        top_in -= GAP_IN + height_in
        charts.append(
            draw(data, ax=figure.add_axes(_box(figure, CHART_LEFT_IN, top_in, CHART_WIDTH_IN, height_in)))
        )
    _share_clock(charts)
    if data.summary:
        table_box = _box(figure, CHART_LEFT_IN - 0.5, FOOT_IN, CHART_WIDTH_IN + 0.5, table_in)
        summary_table(data, ax=figure.add_axes(table_box))
    _map_part(figure, data, 0.3, 9.15)
    return figure


@styled
def plan_figure(plan: GeoJson, layers: Sequence[GeoJson] = (), *, data: ReplayData | None = None) -> Figure:
    """Draw a plan on one sheet: the map with direction and order, and who will be where.

    Parameters
    ----------
    plan
        The content of ``plan.geojson``.
    layers
        Map layers under the plan.
    data
        Taken instead of plan and layers where given; its tracks are left out.
    """
    zone = ZoneInfo(str(plan.get("time_zone", "UTC")))
    shown = data or ReplayData(str(plan.get("mission", "Plan")), zone, layers=layers, plan=plan)
    width_in = float(np.clip(PLAN_MAP_IN * aspect_ratio(shown), 7.4, 12.0))
    figure = Figure(figsize=(width_in + 0.6, 10.0))
    lanes_in = 0.3 + 0.24 * min(max(len(shown.drones), 2), 10)
    _map_part(figure, shown, 0.3, width_in, foot_in=lanes_in + 0.9)
    timeline(shown, ax=figure.add_axes(_box(figure, 0.75, 0.5, width_in - 0.45, lanes_in)))
    return figure


def _map_part(figure: Figure, data: ReplayData, left: float, width: float, foot_in: float = FOOT_IN) -> None:
    """Draw heading, map and legend."""
    width_all, height = figure.get_figwidth(), figure.get_figheight()
    handles = map_legend(data)
    columns = int(width / LEGEND_ENTRY_IN)
    legend_rows = -(-len(handles) // columns)
    legend_in = 0.2 + 0.2 * legend_rows
    ax = figure.add_axes(
        _box(figure, left, foot_in + legend_in, width, height - HEADING_IN - foot_in - legend_in)
    )
    map_figure(data, ax=ax)
    ax.set_title("")
    start = data.start_utc.astimezone(data.time_zone)
    state = "Flown" if data.tracks else "Planned"
    subtitle = f"{state} on {start:%Y-%m-%d}, from {start:%H:%M} ({data.time_zone.key})"
    figure.text(left / width_all, 1 - 0.42 / height, data.title, fontsize=15, fontweight="bold", va="center")
    figure.text(left / width_all, 1 - 0.72 / height, subtitle, fontsize=9, color=MUTED, va="center")
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.005, -0.008),
        ncols=columns,
        handlelength=2.6,
        columnspacing=1.3,
        borderaxespad=0.3,
    )


def _share_clock(charts: Sequence[Axes]) -> None:
    """Give all charts the same span of time, and only the lowest one its labels."""
    limits = [ax.get_xlim() for ax in charts]
    low, high = min(pair[0] for pair in limits), max(pair[1] for pair in limits)
    for ax in charts:
        ax.set_xlim(low, high)
    for ax in charts[:-1]:
        ax.set_xlabel("")
        ax.tick_params(axis="x", labelbottom=False)


def _box(
    figure: Figure, left: float, bottom: float, width: float, height: float
) -> tuple[float, float, float, float]:
    """Return a box in inches as shares of the figure."""
    w, h = figure.get_figwidth(), figure.get_figheight()
    return (left / w, bottom / h, width / w, height / h)
