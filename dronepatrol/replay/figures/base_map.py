"""Roads, buildings, water and green under the mission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.replay.data import GeoJson
from dronepatrol.replay.layers import MapClass, by_class

Array = npt.NDArray[np.float64]

_FILLS: dict[MapClass, dict[str, Any]] = {
    MapClass.WATER: {"facecolor": "#d3e5ef", "edgecolor": "none"},
    MapClass.GREEN: {"facecolor": "#e3eedb", "edgecolor": "none"},
    MapClass.SQUARE: {"facecolor": "#f3efe4", "edgecolor": "#dcd5c2", "linewidth": 0.4},
    MapClass.AREA: {"facecolor": "none", "edgecolor": "#c3c9d0", "linewidth": 0.5, "linestyle": ":"},
    MapClass.BUILDING: {"facecolor": "#e2e0dc", "edgecolor": "#cfccc6", "linewidth": 0.3},
}
# casing below, road above: (width in points, casing colour, road colour)
_LINES: dict[MapClass, tuple[float, str, str]] = {
    MapClass.PATH: (0.5, "none", "#d5cfc4"),
    MapClass.MINOR_ROAD: (1.5, "#d3d6da", "#ffffff"),
    MapClass.MAJOR_ROAD: (2.6, "#c9c4b4", "#fbf6e6"),
    MapClass.RAIL: (0.8, "none", "#b9bec5"),
}


def draw_layers(ax: Axes, layers: Sequence[GeoJson], frame: LocalFrame) -> None:
    """Draw map layers in local metres, quiet enough to carry lines and labels."""
    ax.set_facecolor("#f8f8f6" if layers else "white")
    for kind, features in by_class(layers).items():
        if not features:
            continue
        parts = [[frame.to_enu(ring) for ring in rings] for rings in features]
        if kind in _FILLS:
            ax.add_patch(PathPatch(compound_path(parts), zorder=0.5, **_FILLS[kind]))
        else:
            _draw_lines(ax, [line for lines in parts for line in lines], *_LINES[kind])


def compound_path(polygons: Sequence[Sequence[Array]]) -> Path:
    """Return one path of many polygons; holes are the rings that run the other way.

    Agg fills by the non-zero rule, so outer rings are turned counter-clockwise and inner ones clockwise.
    """
    paths = []
    for rings in polygons:
        for number, ring in enumerate(rings):
            outer = number == 0
            paths.append(Path(ring if (_signed_area(ring) > 0) == outer else ring[::-1], closed=True))
    return Path.make_compound_path(*paths)


def _signed_area(ring: Array) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return float(0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))


def _draw_lines(ax: Axes, lines: Sequence[Array], width: float, casing: str, colour: str) -> None:
    if casing != "none":
        ax.add_collection(
            LineCollection(lines, colors=casing, linewidths=width + 0.8, zorder=0.8, capstyle="round"),
            autolim=False,
        )
    ax.add_collection(
        LineCollection(lines, colors=colour, linewidths=width, zorder=0.9, capstyle="round"), autolim=False
    )
