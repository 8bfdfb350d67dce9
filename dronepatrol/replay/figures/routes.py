"""Planned legs and flown tracks on the map."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.decimation import needed_samples
from dronepatrol.replay.figures.clock_axis import GAP_S, flying_span
from dronepatrol.replay.figures.labels import Labels
from dronepatrol.replay.figures.style import INK, DroneStyle, drone_styles

Array = npt.NDArray[np.float64]

ARROW_IN = 0.075
"""Length of the arrowheads on legs."""
PATH_TOLERANCE_M = 0.5


def draw_plan(ax: Axes, data: ReplayData, frame: LocalFrame, labels: Labels) -> None:
    """Draw planned legs: thin and grey under a flight, else by drone with arrows and the order of tasks."""
    styles = drone_styles(data)
    for (sortie, drone), group in groupby(
        data.features("leg"), key=lambda leg: (leg["properties"]["sortie"], leg["properties"]["drone"])
    ):
        legs = [leg for leg in group if _length_m(leg, frame) > 0.1]
        lines = [_path(leg, frame) for leg in legs]
        if data.tracks:
            grey = LineCollection(
                lines, colors=INK, linewidths=0.6, linestyles=[(0, (2, 2))], zorder=4, alpha=0.75
            )
            ax.add_collection(grey, autolim=False)
        elif lines:
            _draw_sortie(ax, legs, lines, styles[drone])
            _number_tasks(ax, sortie, legs, lines, styles[drone], labels)


def draw_tracks(ax: Axes, data: ReplayData, frame: LocalFrame, labels: Labels) -> None:
    """Draw what was flown, each drone in its colour, line and mark, named beside its track."""
    for drone, style in drone_styles(data).items():
        for track in (track for track in data.tracks if track.vehicle == drone):
            span = flying_span(track)
            path, time_s = frame.to_enu(track.lonlat_deg[span]), track.time_s[span]
            finite = np.isfinite(path).all(axis=1)
            path, time_s = path[finite], time_s[finite]
            if not len(path):
                continue
            pieces = np.split(np.arange(len(path)), np.flatnonzero(np.diff(time_s) > GAP_S) + 1)
            for piece in pieces:
                _draw_track(ax, path[piece], style)
            labels.add_line(path, drone, style.colour)


def _draw_track(ax: Axes, path: Array, style: DroneStyle) -> None:
    distance = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    # marks by distance flown: a drone that waits must not pile them up
    wanted = np.arange(0.06, 1.0, 0.11) * distance[-1]
    marks = np.unique(np.searchsorted(distance, wanted)) if distance[-1] > 1.0 else np.array([], dtype=int)
    kept = np.union1d(needed_samples(np.arange(len(path), dtype=np.float64), path / PATH_TOLERANCE_M), marks)
    (line,) = ax.plot(*path[kept].T, color=style.colour, linewidth=1.6, zorder=5)
    line.set_linestyle(style.line)
    line.set_path_effects(
        [patheffects.Stroke(linewidth=3.2, foreground="white", alpha=0.8), patheffects.Normal()]
    )
    ax.plot(*path[marks].T, linestyle="", marker=style.mark, color=style.colour, markersize=5.5,
            markeredgecolor="white", markeredgewidth=0.8, zorder=5.2)  # fmt: skip


def _draw_sortie(ax: Axes, legs: list[Mapping[str, Any]], lines: list[Array], style: DroneStyle) -> None:
    """Sweeps in full width, the way between them thinner, an arrowhead on each leg that has room."""
    watching = [leg["properties"]["kind"] == "sweep" for leg in legs]
    for wanted, width, alpha in ((True, 1.9, 1.0), (False, 1.0, 0.9)):
        chosen = [line for line, sweep in zip(lines, watching, strict=True) if sweep == wanted]
        ax.add_collection(
            LineCollection(
                chosen, colors=style.colour, linewidths=width, alpha=alpha, linestyles=[style.line], zorder=5
            ),
            autolim=False,
        )
    size_m = ARROW_IN * _metres_per_inch(ax)
    # later passes go the same lines to and fro: arrows of all of them would say nothing
    first_pass = [
        line for leg, line in zip(legs, lines, strict=True) if (leg["properties"].get("pass") or 1) == 1
    ]
    heads = [
        _arrowhead(line, size_m) for line in first_pass if np.hypot(*(line[-1] - line[0])) > 3.0 * size_m
    ]
    ax.add_collection(
        PolyCollection(heads, facecolors=style.colour, edgecolors="white", linewidths=0.4, zorder=5.3),
        autolim=False,
    )


def _number_tasks(
    ax: Axes,
    sortie: str,
    legs: list[Mapping[str, Any]],
    lines: list[Array],
    style: DroneStyle,
    labels: Labels,
) -> None:
    """Write sortie, order and passes where each task's first sweep begins: ``S1·2 ×6``."""
    passes: dict[str, int] = {}
    starts: dict[str, tuple[float, float]] = {}
    for leg, line in zip(legs, lines, strict=True):
        if leg["properties"]["kind"] == "sweep":
            task = str(leg["properties"]["task"])
            starts.setdefault(task, (float(line[0][0]), float(line[0][1])))
            passes[task] = max(passes.get(task, 1), int(leg["properties"].get("pass") or 1))
    for order, (task, start) in enumerate(starts.items(), start=1):
        ax.plot(
            *start, marker=style.mark, markersize=8, color=style.colour, markeredgecolor="white", zorder=5.5
        )
        times = f" ×{passes[task]}" if passes[task] > 1 else ""
        labels.add_point(start, f"{sortie}·{order}{times}", style.colour, bold=True)


def _path(leg: Mapping[str, Any], frame: LocalFrame) -> Array:
    return frame.to_enu(np.asarray(leg["geometry"]["coordinates"], dtype=np.float64)[:, :2])


def _length_m(leg: Mapping[str, Any], frame: LocalFrame) -> float:
    """Length on the ground: climbs, descents and holds have none."""
    return float(np.hypot(*np.diff(_path(leg, frame), axis=0).T).sum())


def _metres_per_inch(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    width_in = ax.get_position().width * (figure.get_figwidth() if figure else 8.0)
    low, high = ax.get_xlim()
    return float((high - low) / width_in)


def _arrowhead(line: Array, size_m: float) -> Array:
    along = (line[-1] - line[0]) / np.hypot(*(line[-1] - line[0]))
    across = np.array([-along[1], along[0]])
    tip = (line[0] + line[-1]) / 2.0 + along * size_m / 2.0
    foot = tip - along * size_m
    return np.array([tip, foot + 0.45 * size_m * across, foot - 0.45 * size_m * across])
