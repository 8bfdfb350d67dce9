"""The areas of an uploaded fence, and whether a place is outside of what they allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.sim.motion import LocalFrame

Corner = tuple[float, float]
"""North and east of the origin, m."""

_VERTICES = {
    dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION: True,
    dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION: False,
}
_CIRCLES = {
    dialect.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION: True,
    dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION: False,
}


@dataclass(frozen=True, slots=True)
class Polygon:
    """Corners in order; the last joins the first."""

    corners: tuple[Corner, ...]

    def contains(self, north: float, east: float) -> bool:
        """Whether a place is inside, by counting the edges that a ray to the east crosses."""
        inside = False
        n0, e0 = self.corners[-1]
        for n1, e1 in self.corners:
            if (n0 > north) != (n1 > north) and east < e0 + (north - n0) * (e1 - e0) / (n1 - n0):
                inside = not inside
            n0, e0 = n1, e1
        return inside


@dataclass(frozen=True, slots=True)
class Circle:
    """A centre and a radius in metres."""

    centre: Corner
    radius_m: float

    def contains(self, north: float, east: float) -> bool:
        """Whether a place is inside."""
        return hypot(north - self.centre[0], east - self.centre[1]) < self.radius_m


Shape = Polygon | Circle


@dataclass(frozen=True, slots=True)
class Shapes:
    """What must not be left and what must not be entered."""

    inclusions: tuple[Shape, ...] = ()
    exclusions: tuple[Shape, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.inclusions or self.exclusions)

    def breached(self, north: float, east: float, *, union: bool) -> bool:
        """Whether a place is outside of an inclusion or inside an exclusion.

        Parameters
        ----------
        union
            Being inside one inclusion is enough; else it must be inside all of them.
        """
        inside = [shape.contains(north, east) for shape in self.inclusions]
        if inside and not (any(inside) if union else all(inside)):
            return True
        return any(shape.contains(north, east) for shape in self.exclusions)


def read_shapes(items: Sequence[WireItem], frame: LocalFrame) -> Shapes:
    """Return the shapes of a fence that was accepted."""
    found: dict[bool, list[Shape]] = {True: [], False: []}
    corners: list[Corner] = []
    for item in items:
        place = frame.north_east_m(item.x, item.y)
        if item.command in _CIRCLES:
            found[_CIRCLES[item.command]].append(Circle(place, item.params[0]))
        elif item.command in _VERTICES:
            corners.append(place)
            if len(corners) == int(item.params[0]):
                found[_VERTICES[item.command]].append(Polygon(tuple(corners)))
                corners = []
    return Shapes(tuple(found[True]), tuple(found[False]))
