"""Which ground a path shows, on a lattice of sample points that is quick to update."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int16]
Straight = tuple[float, float, float, float]
"""East and north of both ends."""
Arc = tuple[float, float, float, float, float, float, float]
"""Centre, radius, ways from the centre to both ends, counterclockwise; a radius of 0 is a disc."""
Box = tuple[int, int, int, int]
"""First and last row, first and last column of the lattice; the last ones are excluded."""
Patch = tuple[Box, Counts]
"""How much of the cells around the sample points one piece of a path shows, in `LEVELS`."""

LEVELS = 16
"""A sample point within half a step of the edge of what is seen counts in part. The parts of two neighbouring
tracks add up to one when the tracks just touch, so even the thinnest gap between them is measured."""
GOLDEN = 0.6180339887498949
"""Rows and columns of the lattice are shifted by multiples of the golden ratio, so that no thin gap hides
between them."""


class Lattice:
    """Sample points of the ground, and how much of each pieces of a path show.

    Parameters
    ----------
    ground_enu
        What is to be seen.
    reach_m
        Half the width that a path shows.
    points
        Number of sample points aimed at.
    """

    def __init__(self, ground_enu: BaseGeometry, reach_m: float, points: int) -> None:
        self.reach_m = reach_m
        self.step_m = max(sqrt(ground_enu.area / points), reach_m / 10.0)
        west, south, east, north = ground_enu.bounds
        columns = ceil((east - west) / self.step_m) + 3
        rows = ceil((north - south) / self.step_m) + 3
        self._west, self._south = west - 1.5 * self.step_m, south - 1.5 * self.step_m
        column, row = np.arange(columns), np.arange(rows)
        xs = self._west + self.step_m * (column[None, :] + (row * GOLDEN)[:, None] % 1.0)
        ys = self._south + self.step_m * (row[:, None] + (column * GOLDEN)[None, :] % 1.0)
        self.east, self.north = xs.astype(np.float32), ys.astype(np.float32)
        self.caps = self._caps(ground_enu)
        self.total = max(int(self.caps.sum()), 1)
        self._slope = LEVELS / self.step_m
        self._rise = (self.reach_m + self.step_m / 2.0) * self._slope + 0.5
        self.counts: Counts = np.zeros((rows, columns), dtype=np.int16)
        self.covered = 0

    def _caps(self, ground: BaseGeometry) -> Counts:
        """Return how much of each point is ground: points within half a step of the edge count in part.

        A track whose edge lies on that of the ground then shows all of it, no more and no less.
        """
        east, north = self.east.astype(np.float64), self.north.astype(np.float64)
        shapely.prepare(ground)
        inside = shapely.contains_xy(ground, east, north)
        points, edge = np.asarray(shapely.points(east, north)), ground.boundary
        shapely.prepare(edge)
        near = shapely.dwithin(edge, points, self.step_m / 2.0)
        share = inside.astype(np.float64)
        depth_m = shapely.distance(edge, points[near]) * np.where(inside[near], 1.0, -1.0)
        share[near] = 0.5 + depth_m / self.step_m
        caps: Counts = np.rint(LEVELS * share).astype(np.int16)
        return caps

    @property
    def share(self) -> float:
        """Share of the ground that is seen."""
        return self.covered / self.total

    def box(self, west: float, south: float, east: float, north: float) -> Box:
        """Return rows and columns of the points within reach of a rectangle."""
        rows, columns = self.counts.shape
        reach, step = self.reach_m + self.step_m / 2.0, self.step_m
        return (
            min(max(int((south - reach - self._south) / step) - 1, 0), rows),
            max(min(int((north + reach - self._south) / step) + 2, rows), 0),
            min(max(int((west - reach - self._west) / step) - 1, 0), columns),
            max(min(int((east + reach - self._west) / step) + 2, columns), 0),
        )

    def straight(self, piece: Straight) -> Patch:
        """Return what is seen beside a segment, not beyond its ends: curves or discs join there."""
        ax, ay, bx, by = piece
        box = self.box(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
        part = np.s_[box[0] : box[1], box[2] : box[3]]
        dx, dy = bx - ax, by - ay
        length = sqrt(dx * dx + dy * dy) or 1e-9
        ux, uy = dx / length, dy / length
        east, north = self.east[part], self.north[part]
        mx, my = (ax + bx) / 2.0, (ay + by) / 2.0
        along = east * ux
        along += north * uy - (mx * ux + my * uy)
        across = north * ux
        across -= east * uy + (my * ux - mx * uy)
        np.abs(along, out=along)
        np.abs(across, out=across)
        across *= -self._slope
        across += self._rise
        np.clip(across, 0.0, LEVELS, out=across)
        across *= along <= length / 2.0
        return box, across.astype(np.int16)

    def arc(self, piece: Arc) -> Patch:
        """Return what is seen from an arc within its sector."""
        cx, cy, radius, ax, ay, bx, by = piece
        # The arc lies within the triangle of its ends and the corner that it rounds.
        far = 1.0 / (1.0 + (ax * bx + ay * by) / (radius * radius)) if radius else 0.0
        px, py = (ax + bx) * far, (ay + by) * far
        box = self.box(cx + min(ax, bx, px), cy + min(ay, by, py), cx + max(ax, bx, px), cy + max(ay, by, py))
        part = np.s_[box[0] : box[1], box[2] : box[3]]
        dx, dy = self.east[part] - cx, self.north[part] - cy
        sector: Mask = ax * dy >= ay * dx
        sector &= bx * dy <= by * dx
        dx *= dx
        dy *= dy
        dx += dy
        np.sqrt(dx, out=dx)
        dx -= radius
        np.abs(dx, out=dx)
        dx *= -self._slope
        dx += self._rise
        np.clip(dx, 0.0, LEVELS, out=dx)
        dx *= sector
        return box, dx.astype(np.int16)

    def trial(self, removed: Sequence[Patch], added: Sequence[Patch]) -> tuple[Box, Counts, int]:
        """Return the counts of a box after some patches are taken away and others added, and what is won."""
        boxes = [patch[0] for patch in (*removed, *added)]
        r0, c0 = min(b[0] for b in boxes), min(b[2] for b in boxes)
        union = (r0, max(b[1] for b in boxes), c0, max(b[3] for b in boxes))
        before = self.counts[union[0] : union[1], union[2] : union[3]]
        after = before.copy()
        for (top, bottom, left, right), mask in removed:
            after[top - r0 : bottom - r0, left - c0 : right - c0] -= mask
        for (top, bottom, left, right), mask in added:
            after[top - r0 : bottom - r0, left - c0 : right - c0] += mask
        caps = self.caps[union[0] : union[1], union[2] : union[3]]
        won = int(np.minimum(after, caps).sum()) - int(np.minimum(before, caps).sum())
        return union, after, won

    def commit(self, box: Box, counts: Counts, won: int) -> None:
        """Take over the counts of a trial."""
        self.counts[box[0] : box[1], box[2] : box[3]] = counts
        self.covered += won

    def add(self, patch: Patch) -> None:
        """Add a patch; `measure` has to follow."""
        (top, bottom, left, right), shown = patch
        self.counts[top:bottom, left:right] += shown

    def measure(self) -> None:
        """Bring what is covered in line with what was added."""
        self.covered = int(np.minimum(self.counts, self.caps).sum())

    def clear(self) -> None:
        """Forget everything that was seen."""
        self.counts[:] = 0
        self.covered = 0

    def unseen_enu_m(self) -> Array:
        """Return the points that nothing shows, shape (n, 2)."""
        gaps = 2 * self.counts < self.caps
        return np.stack([self.east[gaps], self.north[gaps]], axis=1).astype(np.float64)
