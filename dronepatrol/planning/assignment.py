"""Who flies what: insertion of jobs into sorties, splitting, and a search that removes and reinserts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np

from dronepatrol.planning.program import Job, Piece
from dronepatrol.planning.schedule import STAGGER_S, Draft, Scheduler

UNSERVED_COST = 1e6
"""Cost of a whole job left out, per priority step; no saving of flight time is worth one."""
ROUNDS = 24
"""Times that some jobs are taken out and put back."""
REMOVED_SHARE = 0.3
"""Share of the jobs taken out at once."""
MAX_PIECES = 40
"""Pieces that one job may be split into."""


@dataclass(slots=True)
class Assignment:
    """The drafts of all drones and what is left out.

    Attributes
    ----------
    drafts
        For each drone its sorties in order of launch.
    flown
        For each job the share that is flown.
    """

    drafts: list[list[Draft]]
    flown: dict[int, float] = field(default_factory=dict)

    def copy(self) -> Assignment:
        """Return an assignment that can be changed without touching this one."""
        return Assignment([list(own) for own in self.drafts], dict(self.flown))

    def all(self) -> Iterator[Draft]:
        """Yield all drafts."""
        for own in self.drafts:
            yield from own

    def cost(self, jobs: Sequence[Job]) -> float:
        """Return flight time and delays, plus what is left out weighted by priority."""
        missing = sum((1.0 - self.flown.get(job.index, 0.0)) * _weight(job, jobs) for job in jobs)
        return sum(draft.cost for draft in self.all()) + UNSERVED_COST * missing


def _weight(job: Job, jobs: Sequence[Job]) -> float:
    return 1.0 + job.task.priority - min(other.task.priority for other in jobs)


def assign(
    scheduler: Scheduler,
    jobs: Sequence[Job],
    *,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> Assignment:
    """Return sorties for jobs: greedy insertion, then improvement by removing and reinserting.

    Jobs go in by priority, then window; each to the place where it adds least flight time and delay, whole if
    any place takes it whole, else in pieces split between sweeps.

    Parameters
    ----------
    scheduler
        The mission's ways and programs.
    jobs
        Those with a program.
    seed
        Of the search.
    progress
        Called with the share of the search that is done.
    """
    best = Assignment([[] for _ in scheduler.drones])
    for job in _in_turn(jobs):
        _insert(scheduler, best, job)
    best_cost = best.cost(jobs)
    rng = np.random.default_rng(seed)
    rounds = ROUNDS if len(jobs) > 1 else 0
    for number in range(rounds):
        count = max(2, round(REMOVED_SHARE * len(jobs)))
        chosen = rng.choice(len(jobs), size=min(count, len(jobs)), replace=False)
        trial = _without(scheduler, best, {jobs[int(i)].index for i in chosen})
        if trial is None:
            continue
        order = [jobs[int(i)] for i in chosen]
        for job in order if number % 2 else _in_turn(order):
            _insert(scheduler, trial, job)
        cost = trial.cost(jobs)
        if cost < best_cost - 1e-6:
            best, best_cost = trial, cost
        if progress is not None:
            progress((number + 1) / rounds)
    return best


def _in_turn(jobs: Sequence[Job]) -> list[Job]:
    """Order jobs: higher priority first, then the window that opens first, then the one that closes first."""

    def key(job: Job) -> tuple[int, float, float, int]:
        window = job.window
        times = (inf, inf) if window is None else (window.start.timestamp(), window.end.timestamp())
        return (-job.task.priority, *times, job.index)

    return sorted(jobs, key=key)


def _insert(scheduler: Scheduler, state: Assignment, job: Job) -> None:
    """Put a job in, whole at the cheapest place or in pieces."""
    whole = scheduler.whole(job)
    best = min(_options(scheduler, state, whole), key=_option_key, default=None)
    if best is not None:
        _apply(state, best)
        state.flown[job.index] = 1.0
        return
    state.flown[job.index] = _insert_pieces(scheduler, state, job)


@dataclass(frozen=True, slots=True)
class _Option:
    """A draft and the sortie it stands in for; None for a new one."""

    added: float
    draft: Draft
    replaces: int | None


def _option_key(option: _Option) -> tuple[float, int, float]:
    return (round(option.added, 6), option.draft.drone, option.draft.launch_s)


def _apply(state: Assignment, option: _Option) -> None:
    own = state.drafts[option.draft.drone]
    if option.replaces is not None:
        del own[option.replaces]
    own.append(option.draft)
    own.sort(key=lambda draft: draft.launch_s)


def _options(scheduler: Scheduler, state: Assignment, piece: Piece) -> Iterator[_Option]:
    """Yield every place that takes a piece: in a sortie or as a new one, flown either way."""
    seen: set[tuple[str, str]] = set()
    for drone, own in enumerate(state.drafts):
        who = scheduler.drones[drone]
        if not own and (who.station_id, who.model.id) in seen:
            continue
        if not own:
            seen.add((who.station_id, who.model.id))
        yield from _new_sorties(scheduler, state, drone, piece)
        for index, draft in enumerate(own):
            for place in range(len(draft.pieces) + 1):
                yield from _longer_sortie(scheduler, state, drone, index, place, piece)


def _new_sorties(scheduler: Scheduler, state: Assignment, drone: int, piece: Piece) -> Iterator[_Option]:
    for gap in range(len(state.drafts[drone]) + 1):
        for way in (piece, replace(piece, backward=not piece.backward)):
            draft = _fitted(scheduler, state, drone, (way,), gap, gap)
            if draft is not None:
                yield _Option(draft.cost, draft, None)


def _longer_sortie(
    scheduler: Scheduler, state: Assignment, drone: int, index: int, place: int, piece: Piece
) -> Iterator[_Option]:
    old = state.drafts[drone][index]
    for way in (piece, replace(piece, backward=not piece.backward)):
        pieces = (*old.pieces[:place], way, *old.pieces[place:])
        draft = _fitted(scheduler, state, drone, pieces, index, index + 1)
        if draft is not None:
            yield _Option(draft.cost - old.cost, draft, index)


def _fitted(
    scheduler: Scheduler, state: Assignment, drone: int, pieces: tuple[Piece, ...], before: int, after: int
) -> Draft | None:
    """Draft a sortie between a drone's sorties ``before - 1`` and ``after``, its launch clear of others."""
    own = state.drafts[drone]
    turnaround_s = scheduler.turnaround_s(scheduler.drones[drone])
    ready_s = own[before - 1].landing_s + turnaround_s if before else -inf
    latest_s = own[after].launch_s - turnaround_s if after < len(own) else inf
    station = scheduler.drones[drone].station_id
    launches = sorted(
        draft.launch_s
        for other, drafts in enumerate(state.drafts)
        if other != drone and scheduler.drones[other].station_id == station
        for draft in drafts
    )
    draft = scheduler.draft(drone, pieces, ready_s, latest_s)
    for launch_s in launches:
        if draft is None:
            return None
        if abs(draft.launch_s - launch_s) < STAGGER_S:
            draft = scheduler.draft(drone, pieces, launch_s + STAGGER_S, latest_s)
    return draft


def _insert_pieces(scheduler: Scheduler, state: Assignment, job: Job) -> float:
    """Put a job in piece by piece, each time the longest run that any place takes; return the share."""
    program = scheduler.programs[job.index]
    done, flown = 0, 0.0
    for _ in range(MAX_PIECES):
        left = program.watching[done:]
        if not left:
            return 1.0
        count, option = _longest_run(scheduler, state, job, left)
        if option is None:
            break
        _apply(state, option)
        flown += program.share(Piece(job.index, left[0], left[count - 1] + 1))
        done += count
    return flown


def _longest_run(
    scheduler: Scheduler, state: Assignment, job: Job, left: Sequence[int]
) -> tuple[int, _Option | None]:
    """Return how many of the next sweeps fit at once, by bisection, and the cheapest place for them."""
    best: _Option | None = None
    low, high = 0, len(left)
    while low < high:
        count = (low + high + 1) // 2
        piece = Piece(job.index, left[0], left[count - 1] + 1)
        option = min(_options(scheduler, state, piece), key=_option_key, default=None)
        if option is None:
            high = count - 1
        else:
            low, best = count, option
    return low, best


def _without(scheduler: Scheduler, state: Assignment, removed: set[int]) -> Assignment | None:
    """Take jobs out; None if a sortie cannot be flown without them (rare: it only gets shorter)."""
    result = Assignment(
        [[] for _ in state.drafts], {j: s for j, s in state.flown.items() if j not in removed}
    )
    for drone, own in enumerate(state.drafts):
        for draft in own:
            kept = tuple(piece for piece in draft.pieces if piece.job not in removed)
            if len(kept) == len(draft.pieces):
                result.drafts[drone].append(draft)
            elif kept:
                place = len(result.drafts[drone])
                shorter = _fitted(scheduler, result, drone, kept, place, place)
                if shorter is None:
                    return None
                result.drafts[drone].append(shorter)
    return result
