"""The box of longitudes and latitudes that an import is limited to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import InputError

Array = npt.NDArray[np.float64]

_ORDER = "give west,south,east,north in degrees, such as 24.93,60.16,24.96,60.18"


@dataclass(frozen=True, slots=True)
class Bounds:
    """A box that does not cross the antimeridian, all four in degrees."""

    west_deg: float
    south_deg: float
    east_deg: float
    north_deg: float

    def __post_init__(self) -> None:
        values = self.as_tuple()
        if not all(isfinite(value) for value in values):
            raise _refusal(values, "has a value that is not a finite number")
        if not (-180.0 <= self.west_deg <= 180.0 and -180.0 <= self.east_deg <= 180.0):
            raise _refusal(values, "has a longitude outside -180 to 180")
        if not (-90.0 <= self.south_deg <= 90.0 and -90.0 <= self.north_deg <= 90.0):
            raise _refusal(values, "has a latitude outside -90 to 90")
        if self.west_deg >= self.east_deg:
            raise _refusal(values, f"has its west {self.west_deg:g} not west of its east {self.east_deg:g}")
        if self.south_deg >= self.north_deg:
            raise _refusal(values, f"has its south {self.south_deg:g} not below its north {self.north_deg:g}")

    @classmethod
    def of(cls, value: Bounds | str | Sequence[float]) -> Bounds:
        """Return bounds from ``"W,S,E,N"`` or four numbers; raise ``InputError`` for anything else."""
        if isinstance(value, Bounds):
            return value
        parts: Sequence[str | float] = value.split(",") if isinstance(value, str) else value
        try:
            west, south, east, north = (float(part) for part in parts)
        except ValueError:
            raise InputError(f"{value!r} is not four numbers", place="bbox", remedy=_ORDER) from None
        return cls(west, south, east, north)

    def as_tuple(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, the order of a GeoJSON ``bbox`` (RFC 7946, section 5)."""
        return (self.west_deg, self.south_deg, self.east_deg, self.north_deg)

    def meets(self, geometry_lonlat: BaseGeometry) -> bool:
        """Say whether a longitude-latitude geometry has a point in the box or on its edge."""
        return bool(shapely.intersects(self._polygon(), geometry_lonlat))

    def clip(self, path_lonlat_deg: Array) -> list[Array]:
        """Cut a line of shape (n, 2) at the edges of the box, keeping its direction.

        Each segment is cut by the parametric method of Liang and Barsky (ACM Transactions on Graphics
        3(1), 1984). An overlay of polygons would be shorter to write, but may turn a line round, and the
        direction of a one-way street is its meaning.
        """
        pieces: list[list[Array]] = []
        for start, end in pairwise(path_lonlat_deg):
            span = self._inside(start, end)
            if span is None:
                continue
            first, last = (_between(start, end, share) for share in span)
            if pieces and np.array_equal(pieces[-1][-1], first):
                pieces[-1].append(last)
            else:
                pieces.append([first, last])
        return [np.array(piece) for piece in pieces]

    def _inside(self, start: Array, end: Array) -> tuple[float, float] | None:
        """Return the shares of a segment at which it enters and leaves the box."""
        low = np.array([self.west_deg, self.south_deg])
        high = np.array([self.east_deg, self.north_deg])
        enter, leave = 0.0, 1.0
        for axis in (0, 1):
            step = end[axis] - start[axis]
            if step == 0.0:
                if not low[axis] <= start[axis] <= high[axis]:
                    return None
                continue
            shares = sorted(((low[axis] - start[axis]) / step, (high[axis] - start[axis]) / step))
            enter, leave = max(enter, shares[0]), min(leave, shares[1])
        return (float(enter), float(leave)) if enter < leave else None

    def _polygon(self) -> Polygon:
        return shapely.box(*self.as_tuple())

    def __str__(self) -> str:
        return ",".join(f"{value:.7f}".rstrip("0").rstrip(".") for value in self.as_tuple())


def _between(start: Array, end: Array, share: float) -> Array:
    """Return a point of a segment; its ends exactly, so that pieces and junctions still meet."""
    if share <= 0.0:
        return start
    return end if share >= 1.0 else start + share * (end - start)


def _refusal(values: tuple[float, ...], what: str) -> InputError:
    text = ",".join(f"{value:g}" for value in values)
    return InputError(f"{text} {what}", place="bbox", remedy=_ORDER)
