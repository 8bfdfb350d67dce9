"""Names on a map, placed where they do not cover each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from shapely.geometry.base import BaseGeometry

Array = npt.NDArray[np.float64]
Candidate = tuple[float, float, Literal["left", "center", "right"], Literal["bottom", "center", "top"]]
"""x and y in pixels, horizontal and vertical alignment."""

GAP_PX = 7.0
LINE_SHARES = (0.5, 0.3, 0.7, 0.15, 0.85, 0.4, 0.6, 0.22, 0.78)
"""Places along a line that are tried for its name."""


def halo() -> list[patheffects.AbstractPathEffect]:
    """Return the light edge that keeps text readable over lines."""
    return [patheffects.withStroke(linewidth=2.6, foreground="white", alpha=0.9)]


@dataclass(frozen=True, slots=True)
class _Label:
    text: str
    colour: str
    bold: bool
    candidates: list[Candidate]


class Labels:
    """Collects names, then places each at its first candidate that is free.

    The axes' limits and size must be final before the first name is added.
    """

    def __init__(self, ax: Axes) -> None:
        self.ax = ax
        self._labels: list[_Label] = []
        self._taken: list[Bbox] = []

    def add_area(self, area_m: BaseGeometry, text: str, colour: str, bold: bool = False) -> None:
        """Name an area: beside its outline if there is room, else inside."""
        west, south, east, north = area_m.bounds
        inside = area_m.representative_point()
        (left, bottom), (right, top), (x, y) = self._pixels(
            [(west, south), (east, north), (inside.x, inside.y)]
        )
        middle = (left + right) / 2
        beside: list[Candidate] = [
            (middle, top + GAP_PX / 2, "center", "bottom"),
            (middle, bottom - GAP_PX / 2, "center", "top"),
            (right + GAP_PX / 2, (top + bottom) / 2, "left", "center"),
            (left - GAP_PX / 2, (top + bottom) / 2, "right", "center"),
        ]
        self._labels.append(_Label(text, colour, bold, [*beside, (x, y, "center", "center")]))

    def add_point(self, at_m: tuple[float, float], text: str, colour: str, bold: bool = False) -> None:
        """Name a point: right, left, above or below it."""
        ((x, y),) = self._pixels([at_m])
        d = GAP_PX + 2
        around: list[Candidate] = [
            (x + d, y, "left", "center"), (x - d, y, "right", "center"), (x, y + d, "center", "bottom"),
            (x, y - d, "center", "top"), (x + d, y + d, "left", "bottom"), (x - d, y - d, "right", "top"),
        ]  # fmt: skip
        self._taken.append(Bbox.from_extents(x - 6, y - 6, x + 6, y + 6))
        self._labels.append(_Label(text, colour, bold, around))

    def add_line(self, path_m: Array, text: str, colour: str) -> None:
        """Name a line somewhere along it."""
        pixels = self._pixels(path_m)
        places = [pixels[int(share * (len(pixels) - 1))] for share in LINE_SHARES]
        beside: list[Candidate] = []
        beside += [(float(x) + GAP_PX, float(y) + GAP_PX, "left", "bottom") for x, y in places]
        beside += [(float(x) - GAP_PX, float(y) - GAP_PX, "right", "top") for x, y in places]
        self._labels.append(_Label(text, colour, True, beside))

    def block_axes_box(self, left: float, bottom: float, right: float, top: float) -> None:
        """Keep names out of a box given as shares of the axes."""
        corners = self.ax.transAxes.transform([(left, bottom), (right, top)])
        self._taken.append(Bbox(corners))

    def place(self) -> None:
        """Write all names."""
        figure = self.ax.get_figure(root=True)
        assert figure is not None
        renderer: RendererBase = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
        frame = self.ax.get_window_extent()
        for label in self._labels:
            text = self._write(label)
            best = min(label.candidates, key=lambda c: self._cost(text, c, renderer, frame))
            self._taken.append(self._box(text, best, renderer))

    def _write(self, label: _Label) -> Text:
        return self.ax.text(
            0.0,
            0.0,
            label.text,
            transform=None,
            fontsize=8.0 if label.bold else 7.5,
            fontweight="bold" if label.bold else "normal",
            color=label.colour,
            linespacing=1.05,
            zorder=7,
            clip_on=True,
            path_effects=halo(),
        )

    def _cost(self, text: Text, candidate: Candidate, renderer: RendererBase, frame: Bbox) -> float:
        """Covered area, what lies outside the map counting most; the first of equals wins."""
        box = self._box(text, candidate, renderer)
        covered = sum(_overlap(box, other) for other in self._taken)
        outside = box.width * box.height - _overlap(box, frame)
        return covered + 3.0 * outside

    def _box(self, text: Text, candidate: Candidate, renderer: RendererBase) -> Bbox:
        x, y, horizontal, vertical = candidate
        text.set_transform(self.ax.transData)
        text.set_position(tuple(self.ax.transData.inverted().transform((x, y))))
        text.set_horizontalalignment(horizontal)
        text.set_verticalalignment(vertical)
        return text.get_window_extent(renderer).padded(1.5)

    def _pixels(self, points_m: object) -> Array:
        return cast(Array, self.ax.transData.transform(np.asarray(points_m, dtype=np.float64)))


def _overlap(a: Bbox, b: Bbox) -> float:
    width = min(a.x1, b.x1) - max(a.x0, b.x0)
    height = min(a.y1, b.y1) - max(a.y0, b.y0)
    return float(max(width, 0.0) * max(height, 0.0))
