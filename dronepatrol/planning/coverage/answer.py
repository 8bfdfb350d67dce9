"""What the search for the fastest path answers: the path, why it is this one, how good it can get."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
import numpy.typing as npt
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.planning.coverage.flight import Turning, turn_count

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contender:
    """A pattern that was tried.

    Attributes
    ----------
    pattern
        For people: ``"strips at 43°"``.
    duration_s
        Time of its path as far as it was improved.
    covered_share
        Share of what can be covered that it shows.
    """

    pattern: str
    duration_s: float
    covered_share: float


@dataclass(frozen=True, slots=True)
class FastCoverage:
    """A path over an area, searched for the least flight time.

    Attributes
    ----------
    path_enu_m
        Shape (n, 2), in flying order; one point where a single picture shows everything.
    duration_s
        Time from rest to rest.
    covered_share
        Share of the area that is shown, 0 to 1.
    coverable_share
        Share of the area that can be shown at all from where the aircraft may fly.
    remainder_enu
        What is not shown, metres.
    pattern
        What the path grew from.
    runners_up
        The best of the other patterns, fastest first.
    bound_s
        No path with this coverage is faster.
    transit_s
        From home to the start and from the end back, flown straight; 0 without a home.
    iterations
        Changes that were judged.
    """

    path_enu_m: Array
    duration_s: float
    covered_share: float
    coverable_share: float
    remainder_enu: MultiPolygon
    pattern: str
    runners_up: tuple[Contender, ...]
    bound_s: float
    transit_s: float
    iterations: int

    @property
    def length_m(self) -> float:
        """Length of the path."""
        return float(np.hypot(*np.diff(self.path_enu_m, axis=0).T).sum())

    @property
    def turns(self) -> int:
        """How often the course changes as a whole."""
        return turn_count(self.path_enu_m)

    @property
    def gap(self) -> float:
        """How much longer than the bound the path takes, as a share of the bound."""
        return self.duration_s / self.bound_s - 1.0 if self.bound_s > 0.0 else 0.0


def bound_s(wanted_m2: float, ground: BaseGeometry, swath_m: float, turning: Turning) -> float:
    """Return a time that no path which shows so much ground can beat.

    A path of length L shows at most ``L w + pi w^2 / 4`` with a disc of diameter w. It is flown at cruise
    speed at most, and speeding up and braking at its ends cost cruise speed over acceleration once.
    """
    length_m = max((wanted_m2 - pi * swath_m**2 / 4.0) / swath_m, 0.0)
    cruise, accel = turning.cruise_mps, turning.acceleration_mps2
    if length_m < cruise**2 / accel:
        return 2.0 * float(np.sqrt(length_m / accel))
    return length_m / cruise + cruise / accel
