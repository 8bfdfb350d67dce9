"""Local search on a finished path: corners moved, added, dropped, reordered, judged by flight time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, hypot, inf
from random import Random

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from dronepatrol.planning.coverage.corners import Corner, Pieces, pieces_of, polyline, profile
from dronepatrol.planning.coverage.flight import XY, Turning, step_time_s
from dronepatrol.planning.coverage.seen import LEVELS, Arc, Box, Counts, Lattice, Patch, Straight

CONTEXT = 4
"""Corners on either side of a change whose pieces or speeds it can alter."""
GAP_WEIGHT = 8.0
"""Missing ground costs so many times what it takes to fly over it once, straight."""
FINAL_GAP_WEIGHT = 60.0
"""The same at the end of a search."""
WIDEST_RADIUS_M = 150.0
"""Radii wanted do not grow beyond this."""


@dataclass(slots=True)
class Trial:
    """A change that was judged: corners first to last - 1 give way to others."""

    first: int
    last: int
    begin: int
    block: list[Corner]
    pieces: Pieces
    box: Box
    counts: Counts
    won: int
    patches: dict[Straight | Arc, Patch]
    cost: float


class Path:
    """A rounded path over a ground, with its time and what it shows, quick to change.

    Parameters
    ----------
    corners
        At least two.
    lattice
        Sample points of the ground; this path becomes its only content.
    free_enu
        Where the path may run.
    turning
        What bounds the speed.
    wanted
        Share of the lattice to be seen.
    home_enu_m
        Where the aircraft comes from and returns to, or None.
    """

    def __init__(
        self,
        corners: Sequence[Corner],
        lattice: Lattice,
        free_enu: BaseGeometry,
        turning: Turning,
        wanted: float,
        home_enu_m: XY | None = None,
    ) -> None:
        self.lattice, self.free, self.turning = lattice, free_enu, turning
        self.wanted, self.home = wanted, home_enu_m
        self.gap_weight = GAP_WEIGHT
        self._point_s = lattice.step_m**2 / (LEVELS * 2.0 * lattice.reach_m * turning.cruise_mps)
        shapely.prepare(free_enu)
        self.reset(corners)

    def reset(self, corners: Sequence[Corner]) -> None:
        """Take other corners."""
        self.corners = list(corners)
        self.pieces = pieces_of(self.corners, self.turning)
        self._shown: dict[Straight | Arc, Patch] = {}
        self.lattice.clear()
        for piece in _present(self.pieces.straights, self.pieces.arcs):
            self._shown[piece] = self._patch(piece)
            self.lattice.add(self._shown[piece])
        self.lattice.measure()
        self._time()

    def _patch(self, piece: Straight | Arc) -> Patch:
        return self.lattice.straight(piece) if len(piece) == 4 else self.lattice.arc(piece)

    def _time(self) -> None:
        self.into2, self.out2, self.spent = profile(self.pieces, self.turning)
        self.home_s = self._home_s(self.corners[0]) + self._home_s(self.corners[-1])
        self.time_s = sum(self.spent) + self.home_s

    def _home_s(self, end: Corner) -> float:
        """Time between home and an end of the path, flown straight."""
        if self.home is None:
            return 0.0
        return hypot(end[0] - self.home[0], end[1] - self.home[1]) / self.turning.cruise_mps

    @property
    def second_per_point(self) -> float:
        """What a sample point costs that is missing."""
        return self.gap_weight * self._point_s

    @property
    def missing(self) -> int:
        """Sample points short of what is wanted."""
        lattice = self.lattice
        return max(0, int(np.ceil(self.wanted * lattice.total)) - lattice.covered)

    @property
    def cost(self) -> float:
        """Time and what missing ground costs."""
        return self.time_s + self.second_per_point * self.missing

    @property
    def final_cost(self) -> float:
        """Time and what missing ground costs in the end."""
        return self.time_s + FINAL_GAP_WEIGHT * self._point_s * self.missing

    def is_free(self) -> bool:
        """Whether the whole path runs where it may."""
        return bool(self.free.covers(LineString(self.points())))

    def points(self) -> list[XY]:
        """Return the vertices of the rounded path."""
        return polyline(self.corners, self.pieces)

    def trial(self, first: int, last: int, new: list[Corner], limit: float) -> Trial | None:
        """Judge a replacement of some corners; None if it costs more than a limit or leaves the free room."""
        count = len(self.corners)
        begin, end = max(0, first - CONTEXT), min(count, last + CONTEXT)
        block = self.corners[begin:first] + new + self.corners[last:end]
        if len(block) < 2:
            return None
        old = self.pieces
        head = (old.wanted[begin], old.tangents[begin]) if begin else (0.0, 0.0)
        tail = (old.wanted[end - 1], old.tangents[end - 1]) if end < count else (0.0, 0.0)
        pieces = pieces_of(block, self.turning, head, tail)
        entry2 = self.out2[begin] if begin else 0.0
        exit2 = self.into2[end - 1] if end < count else 0.0
        spent = sum(profile(pieces, self.turning, entry2, exit2)[2])
        was = sum(self.spent[begin : end - 1]) - (self._curve_s(end - 1) if end < count else 0.0)
        time_s = self.time_s + spent - was
        if self.home is not None and begin == 0:
            time_s += self._home_s(block[0]) - self._home_s(self.corners[0])
        if self.home is not None and end == count:
            time_s += self._home_s(block[-1]) - self._home_s(self.corners[-1])
        if time_s > limit:
            return None
        inner, outer = int(begin > 0), int(end < count)
        known = _present(old.straights[begin : end - 1], old.arcs[begin + inner : end - outer])
        now = _present(pieces.straights, pieces.arcs[inner : len(block) - outer])
        added = now - known
        if not added or any(piece in self._shown for piece in added):
            return None
        # Where a path doubles back, two equal pieces are counted once; the second is not there to remove.
        removed = [self._shown[p] for p in known - now if p in self._shown]
        patches = {p: self._patch(p) for p in added}
        union, counts, won = self.lattice.trial(removed, list(patches.values()))
        short = max(0, int(np.ceil(self.wanted * self.lattice.total)) - self.lattice.covered - won)
        cost = time_s + self.second_per_point * short
        if cost > limit or not self.free.covers(LineString(polyline(block, pieces))):
            return None
        return Trial(first, last, begin, block, pieces, union, counts, won, patches, cost)

    def _curve_s(self, index: int) -> float:
        """Time in the curve of a corner, which is counted with the leg before it."""
        return self.spent[index - 1] - self._leg_s(index - 1)

    def _leg_s(self, index: int) -> float:
        entry2, exit2 = self.out2[index], self.into2[index + 1]
        turning = self.turning
        return step_time_s(
            self.pieces.lengths[index], entry2, exit2, turning.cruise_mps, turning.acceleration_mps2
        )

    def commit(self, trial: Trial) -> None:
        """Make a judged change."""
        count, size = len(self.corners), len(trial.block)
        end = min(count, trial.last + CONTEXT)
        self.lattice.commit(trial.box, trial.counts, trial.won)
        old, new = self.pieces, trial.pieces
        low, high = trial.begin + (trial.begin > 0), end - (end < count)
        inner = slice(low - trial.begin, size - (end - high))
        gone = _present(old.straights[trial.begin : end - 1], old.arcs[low:high])
        for piece in gone - _present(new.straights, new.arcs[inner]):
            self._shown.pop(piece, None)
        self._shown.update(trial.patches)
        self.corners[trial.begin : end] = trial.block
        for name in ("wanted", "tangents", "radii", "arcs", "curve_lengths", "caps2"):
            getattr(old, name)[low:high] = getattr(new, name)[inner]
        old.straights[trial.begin : end - 1] = new.straights
        old.lengths[trial.begin : end - 1] = new.lengths
        self._time()


class Annealing:
    """Random changes of a path, kept by the rule of simulated annealing (Kirkpatrick et al. 1983).

    Parameters
    ----------
    path
        What is improved; it ends as the best one found.
    seed
        Of the random changes.
    """

    def __init__(self, path: Path, seed: int) -> None:
        self.path = path
        self.random = Random(seed)
        self.best = list(path.corners)
        self.best_cost = path.final_cost
        self.swath_m = 2.0 * path.lattice.reach_m
        self.moves: list[tuple[float, Callable[[float], tuple[int, int, list[Corner]] | None]]] = [
            (0.26, self._shift),
            (0.14, self._slide),
            (0.16, self._shift_leg),
            (0.14, self._radius),
            (0.08, self._insert),
            (0.09, self._drop),
            (0.04, self._drop_two),
            (0.05, self._toward_gap),
            (0.04, self._swap),
        ]
        self._weights = [weight for weight, _ in self.moves]

    def run(
        self,
        progress: Callable[[], float],
        hot_s: float,
        cold_s: float,
        gaps: tuple[float, float],
        batch: int,
    ) -> int:
        """Change the path until progress says 1; return the number of trials.

        Parameters
        ----------
        progress
            Share of the budget that is used, 0 to 1.
        hot_s, cold_s
            First and last temperature, in seconds of flight.
        gaps
            First and last weight of missing ground.
        batch
            Trials between looks at the progress.
        """
        path, rng, trials = self.path, self.random, 0
        functions = [move for _, move in self.moves]
        while (share := progress()) < 1.0:
            heat = hot_s * (cold_s / hot_s) ** share
            path.gap_weight = gaps[0] * (gaps[1] / gaps[0]) ** share
            for _ in range(batch):
                trials += 1
                scale = self.swath_m * (0.4 * (1.0 - share) + 0.04) * rng.random()
                move = rng.choices(functions, self._weights)[0]
                if path.missing and rng.random() < 0.3:
                    move = self._toward_gap
                change = move(scale)
                if change is None:
                    continue
                limit = path.cost - heat * _log(rng.random())
                trial = path.trial(*change, limit)
                if trial is None:
                    continue
                path.commit(trial)
                if path.final_cost < self.best_cost - 1e-9:
                    self.best, self.best_cost = list(path.corners), path.final_cost
        path.gap_weight = FINAL_GAP_WEIGHT
        path.reset(self.best)
        return trials

    def _shift(self, scale: float) -> tuple[int, int, list[Corner]]:
        corners, rng = self.path.corners, self.random
        i = rng.randrange(len(corners))
        x, y, r = corners[i]
        return i, i + 1, [(x + rng.gauss(0.0, scale), y + rng.gauss(0.0, scale), r)]

    def _slide(self, scale: float) -> tuple[int, int, list[Corner]]:
        """Lengthen or shorten a leg."""
        corners, rng = self.path.corners, self.random
        i = rng.randrange(len(corners))
        j = i - 1 if i and (i == len(corners) - 1 or rng.random() < 0.5) else i + 1
        x, y, r = corners[i]
        dx, dy = corners[j][0] - x, corners[j][1] - y
        share = rng.gauss(0.0, scale) / (hypot(dx, dy) or 1.0)
        return i, i + 1, [(x + share * dx, y + share * dy, r)]

    def _shift_leg(self, scale: float) -> tuple[int, int, list[Corner]]:
        """Shift a leg sideways, or a turn along."""
        corners, rng = self.path.corners, self.random
        i = rng.randrange(len(corners) - 1)
        (ax, ay, ar), (bx, by, br) = corners[i], corners[i + 1]
        length = hypot(bx - ax, by - ay) or 1.0
        nx, ny = -(by - ay) / length, (bx - ax) / length
        step = rng.gauss(0.0, scale)
        return i, i + 2, [(ax + step * nx, ay + step * ny, ar), (bx + step * nx, by + step * ny, br)]

    def _radius(self, _scale: float) -> tuple[int, int, list[Corner]]:
        corners, rng = self.path.corners, self.random
        i = rng.randrange(len(corners))
        x, y, r = corners[i]
        flown = self.path.pieces.radii[i]
        r = self.swath_m / 4.0 if r < 0.5 else min(r, 2.0 * flown + 2.0)
        return i, i + 1, [(x, y, min(WIDEST_RADIUS_M, max(0.5, r * exp(rng.gauss(0.0, 0.5)))))]

    def _insert(self, scale: float) -> tuple[int, int, list[Corner]]:
        corners, rng = self.path.corners, self.random
        i = rng.randrange(len(corners) - 1)
        (ax, ay, ar), (bx, by, br) = corners[i], corners[i + 1]
        share = rng.random()
        x, y = ax + share * (bx - ax), ay + share * (by - ay)
        new = (x + rng.gauss(0.0, scale), y + rng.gauss(0.0, scale), max(ar, br))
        return i + 1, i + 1, [new]

    def _drop(self, _scale: float) -> tuple[int, int, list[Corner]] | None:
        i = self.random.randrange(len(self.path.corners))
        return (i, i + 1, []) if len(self.path.corners) > 2 else None

    def _drop_two(self, _scale: float) -> tuple[int, int, list[Corner]] | None:
        count = len(self.path.corners)
        if count < 5:
            return None
        i = self.random.randrange(count - 1)
        (ax, ay, ar), (bx, by, _) = self.path.corners[i : i + 2]
        new = [((ax + bx) / 2.0, (ay + by) / 2.0, ar)] if self.random.random() < 0.5 else []
        return i, i + 2, new

    def _toward_gap(self, scale: float) -> tuple[int, int, list[Corner]] | None:
        """Draw the nearest leg towards ground that is not seen."""
        lattice, rng, corners = self.path.lattice, self.random, self.path.corners
        gaps = np.flatnonzero(2 * lattice.counts.ravel() < lattice.caps.ravel())
        if not len(gaps):
            return None
        k = int(gaps[rng.randrange(len(gaps))])
        x, y = float(lattice.east.flat[k]), float(lattice.north.flat[k])
        points = np.array(corners)[:, :2]
        a, d = points[:-1], np.diff(points, axis=0)
        t = np.clip(
            ((x - a[:, 0]) * d[:, 0] + (y - a[:, 1]) * d[:, 1]) / np.maximum((d**2).sum(1), 1e-9), 0, 1
        )
        foot = a + t[:, None] * d
        away = np.hypot(foot[:, 0] - x, foot[:, 1] - y)
        i = int(np.argmin(away))
        fx, fy = float(foot[i, 0]), float(foot[i, 1])
        pull = min(1.0, max(0.0, (float(away[i]) - 0.5 * self.swath_m + scale) / max(float(away[i]), 1e-9)))
        x, y = fx + pull * (x - fx), fy + pull * (y - fy)
        before_m, after_m = (float(share * np.hypot(*d[i])) for share in (t[i], 1.0 - t[i]))
        if min(before_m, after_m) < 0.5 * self.swath_m:
            return self._pulled_corner(i if before_m < after_m else i + 1, x - fx, y - fy)
        radius = max(corners[i][2], corners[i + 1][2])
        if rng.random() < 0.85:
            return i + 1, i + 1, [(x, y, radius)]
        # A bump keeps the rest of a long leg where it is.
        half_m = min(self.swath_m * (0.3 + 1.2 * rng.random()), before_m, after_m)
        ux, uy = (float(v) for v in d[i] / max(before_m + after_m, 1e-9))
        begin, end = (fx - half_m * ux, fy - half_m * uy), (fx + half_m * ux, fy + half_m * uy)
        return i + 1, i + 1, [(*begin, radius), (x, y, radius), (*end, radius)]

    def _pulled_corner(self, i: int, dx: float, dy: float) -> tuple[int, int, list[Corner]]:
        """Draw a corner towards a gap, or round it less."""
        x, y, radius = self.path.corners[i]
        if self.random.random() < 0.4:
            flown = self.path.pieces.radii[i]
            return i, i + 1, [(x, y, 0.7 * min(radius, flown or radius))]
        return i, i + 1, [(x + dx, y + dy, radius)]

    def _swap(self, _scale: float) -> tuple[int, int, list[Corner]] | None:
        """Fly a few legs in another order: reverse a short run of corners."""
        count = len(self.path.corners)
        if count < 6:
            return None
        size = self.random.randrange(2, min(9, count))
        i = self.random.randrange(count - size + 1)
        return i, i + size, self.path.corners[i : i + size][::-1]


def _log(value: float) -> float:
    return float(np.log(value)) if value > 0.0 else -inf


def _present(straights: Sequence[Straight], arcs: Sequence[Arc | None]) -> set[Straight | Arc]:
    pieces: set[Straight | Arc] = set(straights)
    pieces.update(arc for arc in arcs if arc is not None)
    return pieces
