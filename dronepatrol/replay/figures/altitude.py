"""Altitude above home over time."""

from __future__ import annotations

from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.clock_axis import moment_days
from dronepatrol.replay.figures.series import draw_limit, draw_series
from dronepatrol.replay.figures.style import INK, WARN, axes_or_new, styled
from dronepatrol.replay.visits import flown_visits, planned_visits


@styled
def altitude(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Draw the altitude above home of each drone, with the ceiling and the altitude asked for at each task.

    A grey band lies where a drone was at a task, at the altitude that the mission asks for.
    """
    ax = axes_or_new(ax, 8.0, 3.0)
    asked_m = {t["properties"]["id"]: float(t["properties"]["altitude_agl_m"]) for t in data.features("task")}
    for visit in flown_visits(data) or planned_visits(data):
        if visit.task_id in asked_m:
            x = [moment_days(visit.begin), moment_days(visit.end)]
            ax.plot(
                x, [asked_m[visit.task_id]] * 2, color=INK, alpha=0.16, linewidth=7, solid_capstyle="butt"
            )
    draw_series(ax, data, lambda track: track.altitude_home_m)
    if data.ceiling_m is not None:
        draw_limit(ax, data.ceiling_m, f"ceiling {data.ceiling_m:g} m", WARN, below=True)
    ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0] if data.tracks else 0.0))
    ax.set_ylabel("Altitude above home (m)")
    ax.set_title("Altitude (grey: asked for at a task)")
    return ax
