"""The order and directions in which sweeps are flown: local search over connections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.planning.timing import corner_loss_s

Array = npt.NDArray[np.float64]
Order = npt.NDArray[np.intp]

FAR_FACTOR = 1.5
"""Guess of the way around obstacles for ends that are not neighbours, where there are very many sweeps."""
EXACT_SWEEPS = 150
"""Up to so many sweeps every pair of ends is measured around the obstacles."""
DETOUR_LOSS_S = 2.0
"""Slowing down for each connection that bends around an obstacle."""


@dataclass(frozen=True, slots=True)
class Connections:
    """Times between directed sweeps.

    Sweep ``k`` flown forward is ``2 k``, backward ``2 k + 1``; ``x ^ 1`` is the same sweep the other way.

    Attributes
    ----------
    between_s
        Shape (2 n, 2 n): from the end of one directed sweep to the start of another, inf if there is no way.
    from_home_s, to_home_s
        Shape (2 n,): from home to the start, and from the end to home; zeros without a home.
    """

    between_s: Array
    from_home_s: Array
    to_home_s: Array

    def of(self, order: Order) -> float:
        """Return the time of all connections of an order of directed sweeps."""
        inner = float(self.between_s[order[:-1], order[1:]].sum())
        return float(self.from_home_s[order[0]]) + inner + float(self.to_home_s[order[-1]])


def connections(
    sweeps_enu_m: Array,
    graph: VisibilityGraph,
    cruise_mps: float,
    acceleration_mps2: float,
    home_enu_m: tuple[float, float] | None,
) -> Connections:
    """Return the times between sweeps of shape (n, 2, 2): way over speed, and braking at the corners."""
    count = len(sweeps_enu_m)
    ends = sweeps_enu_m.reshape(-1, 2)
    lengths = _lengths_m(ends, graph)
    directed = np.arange(2 * count)
    starts, stops = directed, directed ^ 1  # end 2k of the sweep is where 2k starts and 2k + 1 stops
    way_m = lengths[np.ix_(stops, starts)]
    straight = ends[starts][None, :, :] - ends[stops][:, None, :]
    course = ends[stops] - ends[starts]
    leave, enter = _turn_deg(course[:, None, :], straight), _turn_deg(straight, course[None, :, :])
    loss = corner_loss_s(leave, cruise_mps, acceleration_mps2) + corner_loss_s(
        enter, cruise_mps, acceleration_mps2
    )
    bent = way_m > np.hypot(straight[..., 0], straight[..., 1]) + 0.1
    between = way_m / cruise_mps + loss + DETOUR_LOSS_S * bent
    np.fill_diagonal(between, np.inf)
    between[directed, directed ^ 1] = np.inf
    home = np.zeros(2 * count)
    if home_enu_m is not None:
        home = np.hypot(*(ends - np.asarray(home_enu_m)).T) / cruise_mps
    return Connections(between, home[starts], home[stops])


def _lengths_m(ends: Array, graph: VisibilityGraph) -> Array:
    """Ways between all ends; for very many of them only neighbours are measured around obstacles."""
    if len(ends) <= 2 * EXACT_SWEEPS or graph.is_open:
        return graph.lengths_m(ends)
    return near_lengths_m(ends, graph)


def near_lengths_m(ends: Array, graph: VisibilityGraph) -> Array:
    """Return ways between points of shape (n, 2), shape (n, n): measured to neighbours, guessed to others."""
    direct: Array = np.hypot(*(ends[:, None, :] - ends[None, :, :]).transpose(2, 0, 1))
    near = np.argsort(direct, axis=1, kind="stable")[:, :24]
    rows = np.repeat(np.arange(len(ends)), near.shape[1])
    free: npt.NDArray[np.bool_] = graph.visible(ends[rows], ends[near.ravel()])
    guess = direct * FAR_FACTOR
    guess[rows[free], near.ravel()[free]] = direct[rows[free], near.ravel()[free]]
    return np.asarray(np.minimum(guess, guess.T))


def _turn_deg(before: Array, after: Array) -> Array:
    """Angles between vectors of shape (..., 2); 0 where one has no length."""
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    dot = before[..., 0] * after[..., 0] + before[..., 1] * after[..., 1]
    turn: Array = np.degrees(np.abs(np.arctan2(cross, dot)))
    return turn


def reachable(between_s: Array) -> npt.NDArray[np.intp]:
    """Return the sweeps of the largest group that can be flown without a break, in order of number."""
    count = len(between_s) // 2
    joined: npt.NDArray[np.bool_] = np.zeros((count, count), dtype=np.bool_)
    np.any(np.isfinite(between_s).reshape(count, 2, count, 2), axis=(1, 3), out=joined)
    left = set(range(count))
    best: list[int] = []
    while left:
        group, frontier = set[int](), [min(left)]
        while frontier:
            sweep = frontier.pop()
            if sweep not in group:
                group.add(sweep)
                frontier += [int(k) for k in np.flatnonzero(joined[sweep]) if int(k) not in group]
        left -= group
        best = max(best, sorted(group), key=len)
    return np.array(best, dtype=np.intp)


def best_order(times: Connections, seed: int = 0, kicks: int = 0) -> Order:
    """Return a short order of all sweeps, each once, in one of its directions.

    Nearest neighbour and back-and-forth starts, improved by reversing and moving pieces until nothing helps
    (2-opt and Or-opt of Lin and Or on directed sweeps), then by double-bridge kicks from the best.
    """
    count = len(times.between_s) // 2
    starts = [_nearest(times, first) for first in (0, 1, 2 * count - 2, 2 * count - 1)] + [
        _back_and_forth(count)
    ]
    orders = [_improved(order, times) for order in starts]
    best = min(orders, key=times.of)
    rng = np.random.default_rng(seed)
    for _ in range(kicks if count >= 8 else 0):
        cuts = np.sort(rng.choice(np.arange(1, count), size=3, replace=False))
        a, b, c, d = np.split(best, cuts)
        trial = _improved(np.concatenate([a, c, b, d]), times)
        if times.of(trial) < times.of(best) - 1e-9:
            best = trial
    return best


def _back_and_forth(count: int) -> Order:
    return np.array([2 * k + k % 2 for k in range(count)], dtype=np.intp)


def _nearest(times: Connections, first: int) -> Order:
    order = [first]
    between = times.between_s.copy()
    between[:, [first, first ^ 1]] = np.inf
    while len(order) < len(between) // 2:
        step = int(np.argmin(between[order[-1]]))
        if not np.isfinite(between[order[-1], step]):
            used = {sweep // 2 for sweep in order}
            step = next(2 * k for k in range(len(between) // 2) if k not in used)
        order.append(step)
        between[:, [step, step ^ 1]] = np.inf
    return np.array(order, dtype=np.intp)


def _improved(order: Order, times: Connections) -> Order:
    """Reverse pieces while that helps, then move one, until nothing helps."""
    # Unreachable pairs get a large finite time: differences of infinities would hide good moves.
    between = np.where(np.isfinite(times.between_s), times.between_s, 1e6)
    full = np.zeros((len(between) + 1, len(between) + 1))
    full[:-1, :-1] = between
    full[-1, :-1], full[:-1, -1] = times.from_home_s, times.to_home_s
    for _ in range(8 * len(order) + 20):
        gain, better = _best_reversal(order, full)
        if gain < 1e-9:
            gain, better = _best_move(order, full)
        if gain < 1e-9:
            break
        order = better
    return order


def _best_reversal(order: Order, full: Array) -> tuple[float, Order]:
    """Reverse the piece between two cuts and fly each of its sweeps the other way."""
    home = len(full) - 1
    before, after = np.append(home, order[:-1]), np.append(order[1:], home)
    removed = full[before, order][:, None] + full[order, after][None, :]
    added = full[np.ix_(before, order ^ 1)] + full[np.ix_(order ^ 1, after)]
    gain = np.triu(removed - added)
    i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
    better = order.copy()
    better[i : j + 1] = order[i : j + 1][::-1] ^ 1
    return float(gain[i, j]), better


def _best_move(order: Order, full: Array) -> tuple[float, Order]:
    """Take out a piece of one to three sweeps and put it, either way round, somewhere else."""
    home, count = len(full) - 1, len(order)
    best_gain, best = 0.0, order
    padded = np.concatenate([[home], order, [home]])
    for size in range(1, min(4, count)):
        first, last = padded[1 : count - size + 2], padded[size : count + 1]
        before, after = padded[: count - size + 1], padded[size + 1 :]
        taken = full[before, first] + full[last, after] - full[before, after]
        gap = full[padded[:-1], padded[1:]]
        for flip in (0, 1):
            head, tail = (last ^ 1, first ^ 1) if flip else (first, last)
            put = full[np.ix_(padded[:-1], head)] + full[np.ix_(tail, padded[1:])].T - gap[:, None]
            gain = taken[None, :] - put
            at, piece = np.arange(count + 1)[:, None], np.arange(len(first))[None, :]
            gain[(at >= piece) & (at <= piece + size)] = -np.inf
            slot, which = np.unravel_index(int(np.argmax(gain)), gain.shape)
            if gain[slot, which] > best_gain + 1e-12:
                best_gain, best = float(gain[slot, which]), _moved(order, int(which), size, int(slot), flip)
    return best_gain, best


def _moved(order: Order, which: int, size: int, slot: int, flip: int) -> Order:
    piece = order[which : which + size]
    piece = piece[::-1] ^ 1 if flip else piece
    rest = np.concatenate([order[:which], order[which + size :]])
    place = slot if slot <= which else slot - size
    return np.concatenate([rest[:place], piece, rest[place:]])
