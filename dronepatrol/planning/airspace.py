"""The zones of a mission in metres: which of them hold for a flight, and the ways around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import project
from dronepatrol.geo.visibility import VisibilityGraph
from dronepatrol.model.mission import Mission
from dronepatrol.model.window import TimeWindow
from dronepatrol.model.zone import Zone, ZoneKind

CORNER_CUT_M = 3.0
"""Kept from zones beyond their margin: corners are cut by 1.8 m, stops overshoot by 0.9 m (recorded)."""


MANY_CORNERS = 24
"""Zones with more corners are simplified to the safe side: every corner is a place where a way can bend."""
SIMPLER_BY_M = 1.0
"""Tolerance of that; the outline moves outward by at most twice as much."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The zones that hold for a stretch of flight.

    Attributes
    ----------
    keep_out
        Ids of the zones to stay out of, in mission order.
    keep_in
        Ids of the zones to stay inside the union of, or None if there are none.
    """

    keep_out: tuple[str, ...]
    keep_in: tuple[str, ...] | None


class AirspaceMap:
    """Zones, stations and tasks of a mission in one local frame.

    Parameters
    ----------
    mission
        Whose zones they are.
    """

    def __init__(self, mission: Mission) -> None:
        self.mission = mission
        points = [station.position.lonlat for station in mission.stations]
        points += [tuple(p) for task in mission.tasks for p in shapely.get_coordinates(task.polygon)]
        self.frame = LocalFrame.around(np.array(points))
        self.margin_m = mission.airspace.zone_margin_m + CORNER_CUT_M
        self._zones = {zone.id: zone for zone in mission.airspace.zones}
        self._shapes = {
            zone.id: _fewer_corners(project(zone.polygon, self.frame), zone.kind)
            for zone in mission.airspace.zones
        }
        self._graphs: dict[Rules, VisibilityGraph] = {}

    def rules(self, low_agl_m: float, high_agl_m: float, span: TimeWindow | None) -> Rules:
        """Return the zones that hold between two heights at any moment of a span (None: at any time at all).

        A keep-in zone gives room only if its band holds the whole flight, and if it is active all the time
        where any is; a keep-out zone forbids as soon as bands touch.
        """
        active = [z for z in self._zones.values() if span is None or z.is_active(span.start, span.end)]
        keep_out = tuple(
            z.id for z in active if z.kind is ZoneKind.KEEP_OUT and z.holds_at(low_agl_m, high_agl_m)
        )
        fences = [z for z in active if z.kind is ZoneKind.KEEP_IN]
        if not fences:
            return Rules(keep_out, None)
        lasting = [z for z in fences if _lasts(z, span)]
        room = [
            z.id for z in lasting or fences if z.floor_agl_m <= low_agl_m and high_agl_m <= z.ceiling_agl_m
        ]
        return Rules(keep_out, tuple(room))

    def graph(self, rules: Rules) -> VisibilityGraph:
        """Return the ways under these rules, with the margins of the mission."""
        if rules not in self._graphs:
            self._graphs[rules] = VisibilityGraph(
                self.obstacles(rules), keep_in=self.room(rules), margin_m=self.margin_m
            )
        return self._graphs[rules]

    def obstacles(self, rules: Rules) -> list[BaseGeometry]:
        """Return the keep-out polygons in metres, without margin."""
        return [self._shapes[zone_id] for zone_id in rules.keep_out]

    def room(self, rules: Rules) -> BaseGeometry | None:
        """Return the union of the keep-in polygons in metres, without margin, or None if nothing keeps in."""
        if rules.keep_in is None:
            return None
        return shapely.union_all([self._shapes[zone_id] for zone_id in rules.keep_in])


def _lasts(zone: Zone, span: TimeWindow | None) -> bool:
    """Say whether a zone is active throughout a span (None: always)."""
    if not zone.active or span is None:
        return not zone.active
    return any(window.start <= span.start and span.end <= window.end for window in zone.active)


def _fewer_corners(shape: BaseGeometry, kind: ZoneKind) -> BaseGeometry:
    """Replace the outline of a zone with very many corners by a stricter one with few.

    Growing (or shrinking, for a keep-in zone) by the tolerance before simplifying by it keeps the true
    outline on the safe side: Douglas and Peucker's outline is nowhere further away than the tolerance.
    """
    if shapely.get_num_coordinates(shape) <= MANY_CORNERS:
        return shape
    outward_m = SIMPLER_BY_M if kind is ZoneKind.KEEP_OUT else -SIMPLER_BY_M
    simpler = shape.buffer(outward_m).simplify(SIMPLER_BY_M)
    return shape if simpler.is_empty else simpler


def altitude_home_m(altitude_agl_m: float) -> float:
    """Return the height above the launch point of a height above ground.

    The ground is taken as level with the launch point; terrain comes in here.
    """
    return altitude_agl_m
