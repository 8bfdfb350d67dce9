"""Areas, zones and stations on the map."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import polygons, project
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.base_map import compound_path
from dronepatrol.replay.figures.labels import Labels
from dronepatrol.replay.figures.style import INK, WARN

TASK_STYLE: dict[str, Any] = {"facecolor": "#ffd75e38", "edgecolor": "#9a6b00", "linewidth": 1.1}
ZONE_STYLE: dict[str, dict[str, Any]] = {
    "keep_out": {"facecolor": "#b3261e1c", "edgecolor": WARN, "linewidth": 1.2, "hatch": "////"},
    "keep_in": {"facecolor": "none", "edgecolor": "#1b6e3c", "linewidth": 1.4, "linestyle": (0, (7, 3))},
}
REMAINDER_STYLE: dict[str, Any] = {
    "facecolor": "#3e4c5922",
    "edgecolor": "#3e4c59",
    "linewidth": 0.6,
    "hatch": "xxxx",
}


def draw_tasks(ax: Axes, data: ReplayData, frame: LocalFrame, labels: Labels) -> None:
    """Draw the areas to be seen, with their names."""
    for task in data.features("task"):
        area = _local(task, frame)
        _draw(ax, area, 2.0, TASK_STYLE)
        labels.add_area(
            area,
            wrapped(str(task["properties"].get("name") or task["properties"].get("id"))),
            colour=INK,
            bold=True,
        )


def draw_zones(ax: Axes, data: ReplayData, frame: LocalFrame, labels: Labels) -> None:
    """Draw zones, hatched where flying is forbidden, with name and altitude band."""
    for zone in data.features("zone"):
        properties = zone["properties"]
        area = _local(zone, frame)
        _draw(ax, area, 2.2, ZONE_STYLE.get(properties.get("kind", ""), ZONE_STYLE["keep_out"]))
        lines = [wrapped(str(properties.get("name") or properties.get("id")), 26), _band(properties)]
        if properties.get("illustrative") and "illustrative" not in lines[0].lower():
            lines.append("(illustrative)")
        labels.add_area(area, "\n".join(line for line in lines if line), colour="#8c1d18")


def draw_remainders(ax: Axes, data: ReplayData, frame: LocalFrame) -> None:
    """Draw the ground that no route can show."""
    for remainder in data.features("remainder"):
        _draw(ax, _local(remainder, frame), 2.4, REMAINDER_STYLE)


def draw_stations(ax: Axes, data: ReplayData, frame: LocalFrame, labels: Labels) -> None:
    """Draw stations as squares with their names."""
    for station in data.features("station"):
        east, north = frame.to_enu(np.asarray(station["geometry"]["coordinates"][:2]))
        ax.plot([east], [north], marker="s", markersize=9, color=INK, markeredgecolor="white", zorder=6)
        ax.plot([east], [north], marker="$H$", markersize=4.5, color="white", markeredgewidth=0, zorder=6.1)
        name = wrapped(str(station["properties"].get("name") or station["properties"].get("id")))
        labels.add_point((float(east), float(north)), name, colour=INK, bold=True)


def wrapped(name: str, width: int = 18) -> str:
    """Return a name broken into lines that fit into an area."""
    return "\n".join(textwrap.wrap(name, width)[:4]) or name


def _band(properties: Mapping[str, Any]) -> str:
    """Return ``"0-60 m"``; nothing for a zone without limits."""
    floor, ceiling = properties.get("floor_agl_m") or 0.0, properties.get("ceiling_agl_m")
    if ceiling is None:
        return f"above {floor:g} m" if floor else ""
    return f"{floor:g}–{ceiling:g} m"


def _local(feature: Mapping[str, Any], frame: LocalFrame) -> BaseGeometry:
    return project(shape(feature["geometry"]), frame)


def _draw(ax: Axes, area: BaseGeometry, zorder: float, style: Mapping[str, Any]) -> None:
    parts = [
        [np.asarray(ring.coords)[:, :2] for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in polygons(area)
    ]
    if parts:
        ax.add_patch(PathPatch(compound_path(parts), zorder=zorder, **style))
