"""What a coverage plan answers with."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from shapely.geometry import MultiPolygon

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CoverageRoute:
    """One pass over an area.

    Attributes
    ----------
    path_enu_m
        Shape (n, 2), in flying order; a single point where one picture shows everything.
    is_sweep
        For each of the n - 1 steps whether it watches (a sweep) or only connects (a turn).
    covered_share
        Share of the area that the sweeps show, 0 to 1.
    remainder_enu
        The rest of the area, metres.
    direction_deg
        Direction of the sweeps, 0 to 180 counterclockwise from east.
    duration_s
        Predicted time of the path from rest to rest.
    """

    path_enu_m: Array
    is_sweep: tuple[bool, ...]
    covered_share: float
    remainder_enu: MultiPolygon
    direction_deg: float
    duration_s: float

    @property
    def is_point(self) -> bool:
        """Whether the route is one photo point."""
        return len(self.path_enu_m) == 1

    @property
    def sweeps_enu_m(self) -> Array:
        """The watching steps, shape (m, 2, 2)."""
        steps = [
            step for step, watching in zip(pairwise(self.path_enu_m), self.is_sweep, strict=True) if watching
        ]
        return np.array(steps).reshape(-1, 2, 2)

    @property
    def sweep_length_m(self) -> float:
        """Length of all watching steps."""
        sweeps = self.sweeps_enu_m
        return float(np.hypot(*(sweeps[:, 1] - sweeps[:, 0]).T).sum())

    def reversed(self) -> CoverageRoute:
        """Return the same pass flown the other way."""
        return CoverageRoute(
            self.path_enu_m[::-1].copy(),
            self.is_sweep[::-1],
            self.covered_share,
            self.remainder_enu,
            self.direction_deg,
            self.duration_s,
        )
