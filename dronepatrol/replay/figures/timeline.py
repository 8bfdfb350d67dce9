"""Who was where when: a Gantt chart."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from matplotlib.axes import Axes

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.clock_axis import DAY_S, FLYING_M, days, label_clock, moment_days
from dronepatrol.replay.figures.style import DroneStyle, axes_or_new, drone_styles, styled
from dronepatrol.replay.visits import flown_visits, planned_visits, task_names

CHARACTER_IN = 0.058
"""Mean width of a character of the labels, to cut names to their bars."""


@styled
def timeline(data: ReplayData, *, ax: Axes | None = None) -> Axes:
    """Draw one lane for each drone: thin while in the air, thick and named at a task.

    Flown times are shown where there are tracks, planned times otherwise.
    """
    ax = axes_or_new(ax, 8.0, 2.0)
    styles = drone_styles(data)
    lanes = {drone: lane for lane, drone in enumerate(styles)}
    for drone, begin, end in _airborne(data):
        ax.barh(lanes[drone], end - begin, left=begin, height=0.18, color=styles[drone].colour, alpha=0.55)
    visits = (flown_visits(data) if data.tracks else []) or planned_visits(data)
    names = task_names(data)
    bars = [
        (v.drone, moment_days(v.begin), moment_days(v.end), names.get(v.task_id, v.task_id)) for v in visits
    ]
    for drone, begin, end, _ in bars:
        _bar(ax, styles[drone], lanes[drone], begin, end)
    ax.set_yticks(list(lanes.values()), list(lanes))
    ax.set_ylim(len(lanes) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    label_clock(ax, data)
    for drone, begin, end, name in bars:
        _name(ax, lanes[drone], begin, end, name)
    ax.set_title("Who was where" if data.tracks else "Who will be where")
    return ax


def _bar(ax: Axes, style: DroneStyle, lane: int, begin: float, end: float) -> None:
    ax.barh(lane, end - begin, left=begin, height=0.72, color=style.colour, edgecolor="white", linewidth=1.0)


def _name(ax: Axes, lane: int, begin: float, end: float, name: str) -> None:
    """Write a name into its bar, cut to fit."""
    figure = ax.get_figure(root=True)
    low, high = ax.get_xlim()
    width_in = (
        ax.get_position().width * (figure.get_figwidth() if figure else 8.0) * (end - begin) / (high - low)
    )
    room = int(width_in / CHARACTER_IN)
    wide = sum(2 if ord(character) > 0x2E80 else 1 for character in name)
    if wide > room:
        room = room // 2 if any(ord(character) > 0x2E80 for character in name) else room
        name = name[: room - 1].rstrip() + "…" if room >= 4 else ""
    ax.text(
        (begin + end) / 2, lane, name, ha="center", va="center", color="white", fontsize=7.2, clip_on=True
    )


def _airborne(data: ReplayData) -> list[tuple[str, float, float]]:
    """Drone, begin and end of each time in the air, as matplotlib dates."""
    if not data.tracks:
        return _planned_airborne(data)
    spans: list[tuple[str, float, float]] = []
    for track in data.tracks:
        flying = np.concatenate([[False], track.altitude_home_m > FLYING_M, [False]])
        x = days(track)
        begins, ends = (
            np.flatnonzero(np.diff(flying.astype(np.int8)) == 1),
            np.flatnonzero(np.diff(flying.astype(np.int8)) == -1),
        )
        spans += [(track.vehicle, float(x[i]), float(x[j - 1])) for i, j in zip(begins, ends, strict=True)]
    return spans


def _planned_airborne(data: ReplayData) -> list[tuple[str, float, float]]:
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for leg in data.features("leg"):
        properties = leg["properties"]
        begin = datetime.fromisoformat(properties["start_utc"])
        end = begin + timedelta(seconds=float(properties["duration_s"]))
        key = (str(properties["drone"]), str(properties["sortie"]))
        low, high = found.get(key, (np.inf, -np.inf))
        found[key] = (min(low, begin.timestamp() / DAY_S), max(high, end.timestamp() / DAY_S))
    return [(drone, low, high) for (drone, _), (low, high) in found.items()]
