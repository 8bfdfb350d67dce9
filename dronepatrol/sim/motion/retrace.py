"""SMART_RTL: fly home the way that was flown out."""

from __future__ import annotations

from math import dist, sqrt
from typing import TYPE_CHECKING

from .landing import Descent
from .position import Vector
from .waypoints import Stop

if TYPE_CHECKING:
    from .pilot import Pilot

ACCURACY_M = 2.0
"""SRTL_ACCURACY: distance between remembered points."""
MAXIMUM_POINTS = 300
"""SRTL_POINTS."""
FINAL_HEIGHT_M = 2.0
"""Height above the first point at which the way ends and the landing begins."""

_CHECK_EVERY = 4


class Trail:
    """The way flown since arming, as points at least two metres apart with loops cut off."""

    def __init__(self) -> None:
        self.points: list[Vector] = []
        self.usable = False
        self._since_check = 0

    def restart(self, position: Vector) -> None:
        """Begin at a point (home)."""
        self.points = [position]
        self.usable = True

    def add(self, position: Vector) -> None:
        """Remember a position, or forget the loop that it closes."""
        if not self.usable or dist(self.points[-1], position) < ACCURACY_M:
            return
        self._since_check += 1
        if self._since_check >= _CHECK_EVERY:
            self._since_check = 0
            for index in range(len(self.points) - 2):
                if dist(self.points[index], position) < _CHECK_EVERY * ACCURACY_M:
                    del self.points[index + 1 :]
                    break
        if len(self.points) >= MAXIMUM_POINTS:
            self.thin()
        if len(self.points) >= MAXIMUM_POINTS:
            self.usable = False
            return
        self.points.append(position)

    def thin(self) -> None:
        """Drop points that lie on the line between their neighbours."""
        kept = self.points[:1]
        for here, after in zip(self.points[1:-1], self.points[2:], strict=True):
            if _off_line(kept[-1], here, after) > 0.5 * ACCURACY_M:
                kept.append(here)
        self.points = [*kept, self.points[-1]]


def _off_line(start: Vector, point: Vector, end: Vector) -> float:
    length = dist(start, end)
    if length == 0.0:
        return dist(start, point)
    along = sum((point[i] - start[i]) * (end[i] - start[i]) for i in range(3)) / length
    return sqrt(max(dist(start, point) ** 2 - along * along, 0.0))


class Retracing:
    """The SMART_RTL mode of one vehicle."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        control = pilot.control
        control.set_limits()
        pilot.take_control()
        stop = control.stopping_point(pilot.position, pilot.velocity)
        pilot.nav.start(stop)
        pilot.trail.thin()
        first = pilot.trail.points[0]
        self._left: list[Vector] = [*pilot.trail.points[1:]]
        self._left.insert(
            0, (first[0], first[1], max(first[2] + FINAL_HEIGHT_M, pilot.home_u + FINAL_HEIGHT_M))
        )
        self._descent: Descent | None = None
        self._next()

    def _next(self) -> None:
        target = self._left.pop()
        following = Stop(self._left[-1]) if self._left else None
        self._pilot.nav.fly(Stop(target), following)

    def run(self) -> None:
        """Fly one step."""
        pilot = self._pilot
        if self._descent is not None:
            if self._descent.run():
                pilot.disarm(force=True, forced_event=False)
            return
        if pilot.nav.advance(pilot.position, pilot.velocity):
            if self._left:
                self._next()
            else:
                pilot.nav.active = False
                self._descent = Descent(pilot, pilot.nav.destination[:2])
        pilot.fly()
