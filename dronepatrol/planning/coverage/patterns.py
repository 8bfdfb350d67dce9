"""The portfolio: sets of legs that cover an area, each by another idea."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.polygon import polygons
from dronepatrol.planning.coverage.regions import decompositions, edge_directions
from dronepatrol.planning.coverage.rings import spirals
from dronepatrol.planning.coverage.strips import Swath, shown_by, strips

Array = npt.NDArray[np.float64]

STRETCHES = (1.0, 1.03, 0.95)
"""Widths that strips and laps are laid out for, against the swath: little ground may stay unseen."""
LEAST_LEG_M = 1.0
"""Shorter legs are not flown."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of legs that together cover an area.

    Attributes
    ----------
    name
        For people: ``"strips at 43°"``.
    legs
        Curves of shape (n, 2), each flown as a whole, either way.
    direction_rad
        Direction of most of them.
    """

    name: str
    legs: tuple[Array, ...]
    direction_rad: float

    @property
    def kind(self) -> str:
        """The name without figures that only vary it."""
        return self.name.split(" at ")[0]

    @property
    def length_m(self) -> float:
        """Length of all legs."""
        return float(sum(np.hypot(*np.diff(leg, axis=0).T).sum() for leg in self.legs))


def patterns(coverable: BaseGeometry, fly: BaseGeometry, swath_m: float) -> Iterator[Pattern]:
    """Yield sets of legs over an area: strips, spirals, laps around strips, and regions with own strips."""
    parts = polygons(coverable)
    directions = list(dict.fromkeys(angle for part in parts[:3] for angle in edge_directions(part, 10)))
    hull = polygons(coverable.convex_hull)
    directions += [a for part in hull for a in edge_directions(part, 6)]
    directions = _distinct(directions)
    longest = directions[0] if directions else 0.0
    for stretch in STRETCHES:
        for angle in directions:
            yield from _strips(coverable, fly, swath_m * stretch, angle)
    for stretch in STRETCHES:
        yield from _spiral(fly, swath_m * stretch, longest)
    for laps in (1, 2, 3):
        for angle in directions[:6]:
            yield from _laps_and_strips(coverable, fly, swath_m, laps, angle)
    for part in parts[:1] if len(parts) == 1 else []:
        for regions in decompositions(part, swath_m):
            for stretch in STRETCHES[:2]:
                yield from _regions(regions, fly, swath_m * stretch, longest)


def _distinct(angles: list[float]) -> list[float]:
    """Drop directions within 2 degrees of one before."""
    kept: list[float] = []
    for angle in angles:
        if all(abs((angle - k + np.pi / 2.0) % np.pi - np.pi / 2.0) > np.radians(2.0) for k in kept):
            kept.append(angle)
    return kept


def _legs(rows: Array) -> tuple[Array, ...]:
    return tuple(row for row in rows if np.hypot(*(row[1] - row[0])) >= LEAST_LEG_M)


def _strips(coverable: BaseGeometry, fly: BaseGeometry, width_m: float, angle: float) -> Iterator[Pattern]:
    rows = strips(coverable, fly, Swath(width_m, width_m), float(np.degrees(angle)))
    if legs := _legs(rows):
        yield Pattern(f"strips at {np.degrees(angle):.0f}°", legs, angle)


def _spiral(fly: BaseGeometry, width_m: float, angle: float) -> Iterator[Pattern]:
    curves = spirals(fly, width_m, 0.46 * width_m)
    if curves:
        yield Pattern("spiral", tuple(curves), angle)


def _laps_and_strips(
    coverable: BaseGeometry, fly: BaseGeometry, width_m: float, laps: int, angle: float
) -> Iterator[Pattern]:
    curves = spirals(fly, width_m, 0.46 * width_m, laps)
    if not curves:
        return
    steps = np.concatenate([np.stack([c[:-1], c[1:]], axis=1) for c in curves])
    inner = coverable.difference(shown_by(steps, width_m / 2.0, 4)).buffer(-0.02 * width_m)
    rows = [strips(part, fly, Swath(width_m, width_m), float(np.degrees(angle))) for part in polygons(inner)]
    legs = [leg for part in rows for leg in _legs(part)]
    if legs:
        name = f"{laps} lap{'s' if laps > 1 else ''} and strips at {np.degrees(angle):.0f}°"
        yield Pattern(name, (*curves, *legs), angle)


def _regions(
    regions: Sequence[tuple[Polygon, float]], fly: BaseGeometry, width_m: float, longest: float
) -> Iterator[Pattern]:
    legs = [
        leg
        for region, angle in regions
        for leg in _legs(strips(region, fly, Swath(width_m, width_m), float(np.degrees(angle))))
    ]
    if legs:
        yield Pattern(f"{len(regions)} regions with strips", tuple(legs), longest)
