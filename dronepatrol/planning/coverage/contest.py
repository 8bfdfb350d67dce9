"""The contest between patterns: all are routed, the promising are improved in turn, the best to the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import cos, inf, radians, sin

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import PlanningError
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning.coverage.corners import Corner, cut_by, pieces_of, profile, simplified
from dronepatrol.planning.coverage.flight import XY, Turning, curve_points, flight_time_s
from dronepatrol.planning.coverage.improve import Annealing, Path
from dronepatrol.planning.coverage.patches import patched
from dronepatrol.planning.coverage.patterns import Pattern, patterns
from dronepatrol.planning.coverage.routing import joined
from dronepatrol.planning.coverage.seen import Lattice
from dronepatrol.planning.coverage.strips import shown_by

Array = npt.NDArray[np.float64]

LATTICE_POINTS = 4000
"""Sample points on the ground while paths are improved."""
LEG_S = 6.0
"""Rough time of the turn after a leg, for ranking patterns before they are routed."""
ROUTED_SHARE = 0.25
"""Of the budget, spent on routing patterns."""
LEAST_ROUTED = 3
"""Patterns routed unless they take more than twice that share."""
ROUTING_ITERATIONS = 100
"""What routing one pattern counts as, where iterations are counted."""
RANK_GAP_WEIGHT = 8.0
"""When paths are compared, missing ground costs so many times what it takes to fly over it once, straight:
about what closing the last gaps takes."""
SPARE_SHARE = 0.0004
"""Coverage aimed at above what is wanted."""
CUT_DEPTHS = (0.14, 0.207, 0.32)
"""How far curves pass their corners, in swaths; 0.207 makes a half circle of a turn by one swath."""
KICKS, MANY_LEGS = 10, 80
"""Perturbations of the order of legs, where there are not too many of them."""
BATCH = 20
"""Changes judged between looks at the clock."""
LAST_ROUNDS = ((0.8, 0.3, 0.05), (0.88, 0.15, 0.03), (0.94, 0.06, 0.02), (0.98, 0.03, 0.01))
"""Of the winner: until which share of the budget, first and last temperature in seconds."""
SHORT_LAST_ROUNDS = ((0.75, 0.2, 0.04), (0.97, 0.06, 0.02))
"""The same where there is little time."""
ROUND_GAPS, LAST_GAPS, SHORT_GAPS, REPAIR_GAPS = (8.0, 40.0), (12.0, 60.0), (25.0, 60.0), (60.0, 120.0)
"""First and last weight of missing ground in the rounds of the contest, for its winner, and for repairs."""
TRIALS_PER_CORNER = 40
"""A path is not judged by fewer changes than this for each of its corners."""
TRIALS_PER_S = 1500
"""Changes judged in a second, roughly."""
REPAIRS = 20
"""Short rounds after the time limit that close the last gaps where the path still misses some."""
QUARTER_SEGMENTS = 32
"""Corners per quarter of a footprint when coverage is measured."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is to be seen, and where it may be flown.

    Attributes
    ----------
    area, coverable
        What is to be seen, and what of it can be.
    fly
        Where sweeps may run.
    free
        Where the path may run.
    graph
        Ways around obstacles.
    swath_m
        Width that is seen.
    """

    area: BaseGeometry
    coverable: BaseGeometry
    fly: BaseGeometry
    free: BaseGeometry
    graph: VisibilityGraph
    swath_m: float

    def covered_share(self, points: Sequence[XY]) -> float:
        """Return the share of what can be seen that a path shows."""
        path = np.array(points)
        steps = np.stack([path[:-1], path[1:]], axis=1)
        shown = shown_by(steps, self.swath_m / 2.0, QUARTER_SEGMENTS)
        return float(shown.intersection(self.coverable).area / self.coverable.area)


@dataclass(slots=True)
class Budget:
    """How much of the time limit, or of the allowed iterations, is used."""

    time_limit_s: float
    max_iterations: int | None = None
    iterations: int = 0
    began_s: float = field(default_factory=lambda: time.monotonic())

    def used(self) -> float:
        """Return the share that is used; 1 or more ends the search."""
        if self.max_iterations is not None:
            return self.iterations / max(self.max_iterations, 1)
        return (time.monotonic() - self.began_s) / self.time_limit_s


@dataclass(slots=True)
class Candidate:
    """A pattern on its way to a path.

    Attributes
    ----------
    pattern
        Where it comes from.
    corners
        Of the path.
    cost_s
        Time, and what is missing as time.
    covered
        Share of what can be seen that is.
    time_s
        Of the path.
    aim
        Share of the lattice that has to be seen for the true share to be as wanted.
    points
        The path; empty before it was improved once.
    """

    pattern: Pattern
    corners: list[Corner]
    cost_s: float
    covered: float
    time_s: float
    aim: float
    points: list[XY] = field(default_factory=list)

    @classmethod
    def of_point(cls, point: XY) -> Candidate:
        """Return a path of one point that shows everything."""
        return cls(Pattern("one photo point", (), 0.0), [(*point, 0.0)], 0.0, 1.0, 0.0, 1.0, [point])


class Contest:
    """The search for one ground; `run` returns the winner."""

    def __init__(
        self,
        ground: Ground,
        turning: Turning,
        wanted: float,
        home_enu_m: XY | None,
        budget: Budget,
        seed: int,
        tell: Callable[[str], None],
    ) -> None:
        self.ground, self.turning, self.wanted = ground, turning, wanted
        self.home, self.budget, self.seed, self.tell = home_enu_m, budget, seed, tell
        self.candidates: list[Candidate] = []
        self.best: Candidate | None = None
        self._views: dict[int, tuple[Lattice, BaseGeometry]] = {}

    def run(self) -> Candidate:
        """Route the patterns, improve the best of them in rounds, and return the fastest path that holds."""
        self._route()
        ranked = sorted(self.candidates, key=lambda c: c.cost_s)
        trials = 0.3 * self._effort_s() * TRIALS_PER_S
        size = int(np.clip(trials / (TRIALS_PER_CORNER * len(ranked[0].corners)), 1, 8))
        pool = ranked[:size]
        self._round(pool, 0.5 if size > 1 else 0.35, 0.4, 0.05)
        pool = sorted(pool, key=lambda c: c.cost_s)[: 1 + size // 4]
        if len(pool) > 1:
            self._round(pool, 0.65, 0.3, 0.04)
        winner = min(pool, key=lambda c: c.cost_s)
        for until, hot_s, cold_s in LAST_ROUNDS if self._effort_s() > 3.0 else SHORT_LAST_ROUNDS:
            if self.budget.used() < until:
                self._improve(
                    winner, until, hot_s, cold_s, LAST_GAPS if self._effort_s() > 3.0 else SHORT_GAPS
                )
        return self._repaired(winner)

    def others(self, winner: Candidate) -> list[Candidate]:
        """Return the best candidate of each other kind of pattern, fastest first."""
        best: dict[str, Candidate] = {}
        for candidate in sorted(self.candidates, key=lambda c: c.cost_s):
            if candidate.pattern.name != winner.pattern.name:
                best.setdefault(candidate.pattern.name, candidate)
        return list(best.values())

    def _effort_s(self) -> float:
        """Seconds of search that the budget is worth."""
        if self.budget.max_iterations is not None:
            return self.budget.max_iterations / TRIALS_PER_S
        return self.budget.time_limit_s

    def _repaired(self, winner: Candidate) -> Candidate:
        """Close the last gaps of the winner, where it still misses some, as long as that can win."""
        for number in range(REPAIRS):
            best = self.best
            done = best is not None and best.covered >= self.wanted
            if best is not None and done and (winner.covered >= self.wanted or winner.cost_s >= best.cost_s):
                break
            winner.aim = min(1.0, winner.aim + number * SPARE_SHARE)
            used = self.budget.used()
            self._improve(winner, used + max(0.02, 0.25 / self._effort_s()), 0.3, 0.05, REPAIR_GAPS)
        if self.best is None:
            raise PlanningError("no path was found over the area; lower the margin or widen the swath")
        if self.best.covered < self.wanted:
            self._patch(self.best)
        return self.best

    def _patch(self, candidate: Candidate) -> None:
        """Add detours along short sweeps over the gaps that local search did not close."""
        ground, points = self.ground, candidate.points
        steps = np.stack([points[:-1], points[1:]], axis=1)
        allowed_m2 = 0.99 * (1.0 - self.wanted) * ground.coverable.area
        every = patched(steps, ground.coverable, ground.fly, ground.swath_m / 2.0, allowed_m2)
        for start, end in every[len(steps) :].tolist():
            path = np.array(points)
            k = int(np.argmin(np.hypot(*(path[:-1] - start).T) + np.hypot(*(path[1:] - end).T)))
            try:
                there = ground.graph.path(points[k], (start[0], start[1]))
                back = ground.graph.path((end[0], end[1]), points[k + 1])
            except PlanningError:
                continue
            points = [*points[:k], *there, *back, *points[k + 2 :]]
        candidate.points = points
        candidate.time_s = flight_time_s(points, self.turning)
        candidate.covered = ground.covered_share(points)

    def _round(self, pool: Sequence[Candidate], until: float, hot_s: float, cold_s: float) -> None:
        for k, candidate in enumerate(pool):
            start = self.budget.used()
            if start < until:
                self._improve(candidate, start + (until - start) / (len(pool) - k), hot_s, cold_s, ROUND_GAPS)

    def _route(self) -> None:
        """Join the legs of patterns, the most promising first, until this share of the budget is used."""
        ranked = [(self._estimate_s(p), k, p) for k, p in enumerate(self._patterns())]
        for number, (_, _, pattern) in enumerate(_varied(ranked)):
            used = self.budget.used()
            if (number >= LEAST_ROUTED and used > ROUTED_SHARE) or (number and used > 2.0 * ROUTED_SHARE):
                break
            self._add(pattern)
            self.budget.iterations += ROUTING_ITERATIONS
        if not self.candidates:
            raise PlanningError("no leg fits inside the area; lower the margin or widen the swath")

    def _patterns(self) -> list[Pattern]:
        """Return patterns until a part of the budget is used; the first ones in any case."""
        found: list[Pattern] = []
        for pattern in patterns(self.ground.coverable, self.ground.fly, self.ground.swath_m):
            found.append(pattern)
            if self.budget.max_iterations is None and self.budget.used() > ROUTED_SHARE / 2.0:
                break
        return found

    def _estimate_s(self, pattern: Pattern) -> float:
        """Time of the legs, curved ones with rounded corners, and a turn after each."""
        total = LEG_S * len(pattern.legs)
        for leg in pattern.legs:
            corners = self._cut(simplified([(float(x), float(y)) for x, y in leg]), CUT_DEPTHS[1])
            if len(corners) > 2:
                total += sum(profile(pieces_of(corners, self.turning), self.turning)[2]) - 5.0
            elif len(corners) == 2:
                total += float(np.hypot(*(leg[-1] - leg[0]))) / self.turning.cruise_mps
        return total

    def _cut(self, corners: Sequence[Corner], depth: float) -> list[Corner]:
        return cut_by(corners, depth * self.ground.swath_m, 1.2 * self.turning.free_radius_m)

    def _add(self, pattern: Pattern) -> None:
        ground = self.ground
        points = joined(
            pattern.legs,
            ground.graph,
            ground.free,
            self.turning,
            ground.swath_m,
            self.seed,
            KICKS if len(pattern.legs) < MANY_LEGS else 0,
            self.home,
        )
        corners = simplified(points)
        if len(corners) < 2:
            return
        best: Candidate | None = None
        for depth in CUT_DEPTHS:
            fitted = _fitted(self._cut(corners, depth), ground.free, self.turning)
            path = self._path(pattern, fitted, self.wanted + SPARE_SHARE)
            path.gap_weight = RANK_GAP_WEIGHT
            if best is None or path.cost < best.cost_s:
                turned = _turned(path.corners, _view(pattern))
                best = Candidate(pattern, turned, path.cost, path.lattice.share, path.time_s, path.wanted)
        if best is not None:
            self.candidates.append(best)

    def _path(self, pattern: Pattern, corners: Sequence[Corner], aim: float) -> Path:
        """Return a path in its pattern's view: with most legs along east, what they show is quickly found."""
        key = _view(pattern)
        if key not in self._views:
            coverable, free = (
                affinity.rotate(shape, -key, origin=(0.0, 0.0))
                for shape in (self.ground.coverable, self.ground.free)
            )
            self._views[key] = Lattice(coverable, self.ground.swath_m / 2.0, LATTICE_POINTS), free
        home = None if self.home is None else _turned([(*self.home, 0.0)], -key)[0][:2]
        return Path(_turned(corners, -key), *self._views[key], self.turning, min(aim, 1.0), home)

    def _improve(
        self, candidate: Candidate, until: float, hot_s: float, cold_s: float, gaps: tuple[float, float]
    ) -> None:
        """Anneal a candidate until a share of the budget is used, then measure it."""
        budget = self.budget
        path = self._path(candidate.pattern, candidate.corners, candidate.aim)
        start = budget.used()

        def progress() -> float:
            budget.iterations += BATCH
            return (budget.used() - start) / max(until - start, 1e-9)

        Annealing(path, self.seed + budget.iterations % 1000 if budget.max_iterations else self.seed).run(
            progress, hot_s, cold_s, gaps, BATCH
        )
        key = _view(candidate.pattern)
        candidate.corners = _turned(path.corners, key)
        candidate.points = [p[:2] for p in _turned([(*p, 0.0) for p in path.points()], key)]
        candidate.covered = self.ground.covered_share(candidate.points)
        candidate.time_s = flight_time_s(candidate.points, self.turning)
        candidate.cost_s = self._cost_s(candidate) + path.home_s
        candidate.aim = min(1.0, self.wanted + SPARE_SHARE + path.lattice.share - candidate.covered)
        if self.best is None or self._rank(candidate) < self._rank(self.best):
            self.best = replace(candidate)
            self.tell(f"{candidate.time_s:.1f} s, {candidate.covered:.1%} by {candidate.pattern.name}")

    def _cost_s(self, candidate: Candidate) -> float:
        short_m2 = max(0.0, self.wanted - candidate.covered) * self.ground.coverable.area
        once_s = short_m2 / (self.ground.swath_m * self.turning.cruise_mps)
        return candidate.time_s + RANK_GAP_WEIGHT * once_s

    def _rank(self, candidate: Candidate) -> tuple[float, float]:
        """Missing coverage first, then cost, which then has no part for missing ground."""
        return max(0.0, self.wanted - candidate.covered), candidate.cost_s if candidate.points else inf


def _varied(ranked: list[tuple[float, int, Pattern]]) -> list[tuple[float, int, Pattern]]:
    """Sort patterns by their estimates, but move the best of each kind up behind the first few.

    Estimates mislead between kinds more than within one.
    """
    ranked = sorted(ranked, key=lambda r: r[:2])
    head, tail = ranked[:LEAST_ROUTED], ranked[LEAST_ROUTED:]
    kinds = {pattern.kind for _, _, pattern in head}
    first: list[tuple[float, int, Pattern]] = []
    for entry in tail:
        if entry[2].kind not in kinds:
            kinds.add(entry[2].kind)
            first.append(entry)
    return head + first + [entry for entry in tail if entry not in first]


def _view(pattern: Pattern) -> int:
    """Whole degrees by which the ground is turned for a pattern."""
    return round(float(np.degrees(pattern.direction_rad))) % 180


def _turned(corners: Iterable[Corner], angle_deg: float) -> list[Corner]:
    c, s = cos(radians(angle_deg)), sin(radians(angle_deg))
    return [(c * x - s * y, s * x + c * y, r) for x, y, r in corners]


def _fitted(corners: Sequence[Corner], free: BaseGeometry, turning: Turning) -> list[Corner]:
    """Halve the radii of corners whose curve leaves the free room until none does."""
    fitted = list(corners)
    shapely.prepare(free)
    for _ in range(6):
        radii = pieces_of(fitted, turning).radii
        curves = [
            curve_points(fitted[i - 1][:2], fitted[i][:2], fitted[i + 1][:2], radii[i]) if radii[i] else []
            for i in range(1, len(fitted) - 1)
        ]
        rounded = [i for i, curve in enumerate(curves, 1) if len(curve) > 1]
        points = np.array([point for i in rounded for point in curves[i - 1]])
        owners = np.repeat(np.arange(len(rounded)), [len(curves[i - 1]) for i in rounded])
        lines = shapely.linestrings(points, indices=owners) if rounded else np.empty(0, dtype=object)
        leaving = [
            i
            for i, inside in zip(rounded, np.atleast_1d(shapely.covers(free, lines)), strict=True)
            if not inside
        ]
        if not leaving:
            return fitted
        for i in leaving:
            fitted[i] = (*fitted[i][:2], radii[i] / 2.0 if radii[i] > 2.0 else 0.0)
    return [(x, y, 0.0) for x, y, _ in corners]
