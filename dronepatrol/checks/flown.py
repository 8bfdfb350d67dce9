"""The legs of a plan on the clock and in local metres, and where the rule of a zone meets them.

Between its ends a leg is taken as straight in the local plane, with height and time growing evenly along it.
Heights above the launch point are taken as heights above ground (see the rule ``flat-ground``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from dronepatrol.checks.spans import WHOLE, Spans, both, tidy, total
from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import project
from dronepatrol.model import Leg, Mission, Plan, Position, Sortie, Zone

EDGE_M = 0.05
"""A leg may run along an edge; deeper than this inside is inside."""


@dataclass(frozen=True, slots=True)
class FlownLeg:
    """A leg with the moments it begins and ends, and its ends in local metres (east, north)."""

    sortie: Sortie
    index: int
    leg: Leg
    begin: datetime
    end: datetime
    start_enu_m: tuple[float, float]
    end_enu_m: tuple[float, float]

    @property
    def where(self) -> str:
        """``"sortie S1 leg 7 (transit)"``; legs count from 0, as in plan.geojson."""
        return f"sortie {self.sortie.id} leg {self.index} ({self.leg.kind.value})"

    @property
    def ground_length_m(self) -> float:
        """Length over ground."""
        (x0, y0), (x1, y1) = self.start_enu_m, self.end_enu_m
        return float(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)

    def position_at(self, share: float) -> Position:
        """Return the place at a share of the leg, straight in degrees, which is straight at this length."""
        a, b = self.leg.start.position, self.leg.end.position
        return Position(
            a.lon_deg + share * (b.lon_deg - a.lon_deg), a.lat_deg + share * (b.lat_deg - a.lat_deg)
        )

    def altitude_at_m(self, share: float) -> float:
        """Return the height above the launch point at a share of the leg."""
        low, high = self.leg.start.altitude_home_m, self.leg.end.altitude_home_m
        return low + share * (high - low)

    def extent(self, spans: Spans) -> str:
        """Return how long stretches of the leg are: ``"40 m, 4 s"``."""
        share = total(spans)
        return f"{share * self.leg.length_m:.0f} m, {share * self.leg.duration_s:.0f} s"

    def spans_inside(self, area_enu: BaseGeometry) -> Spans:
        """Return where the leg lies over an area given in local metres."""
        if self.ground_length_m < 1e-6:
            return WHOLE if area_enu.covers(Point(self.start_enu_m)) else []
        line = LineString([self.start_enu_m, self.end_enu_m])
        pieces = [p for p in shapely.get_parts(line.intersection(area_enu)) if not p.is_empty]
        shares = [[line.project(Point(p), normalized=True) for p in piece.coords] for piece in pieces]
        return tidy((min(share), max(share)) for share in shares)

    def spans_in_band(self, floor_m: float, ceiling_m: float) -> Spans:
        """Return where the height is at or above the floor and below the ceiling."""
        low, high = self.leg.start.altitude_home_m, self.leg.end.altitude_home_m
        if low == high:
            return WHOLE if floor_m <= low < ceiling_m else []
        ends = sorted(((floor_m - low) / (high - low), (ceiling_m - low) / (high - low)))
        return tidy([(ends[0], ends[1])])

    def spans_active(self, zone: Zone) -> Spans:
        """Return where the leg is flown while a zone's rule holds."""
        if not zone.active:
            return WHOLE
        duration_s = (self.end - self.begin).total_seconds()
        if duration_s <= 0.0:
            return WHOLE if zone.is_active(self.begin, self.end) else []
        return tidy(
            (
                (window.start - self.begin).total_seconds() / duration_s,
                (window.end - self.begin).total_seconds() / duration_s,
            )
            for window in zone.active
        )

    def spans_ruled(self, zone: Zone) -> Spans:
        """Return where a zone's rule holds for the leg, by height and time."""
        return both(self.spans_in_band(zone.floor_agl_m, zone.ceiling_agl_m), self.spans_active(zone))


def local_frame(mission: Mission) -> LocalFrame:
    """Return the frame in which checks measure: around the first station."""
    return LocalFrame(mission.stations[0].position)


def flown_legs(plan: Plan) -> Iterator[FlownLeg]:
    """Give all legs of all sorties in flying order."""
    frame = local_frame(plan.mission)
    for sortie in plan.sorties:
        begin = sortie.launch.astimezone(UTC)
        for index, leg in enumerate(sortie.legs):
            end = begin + timedelta(seconds=leg.duration_s)
            yield FlownLeg(
                sortie, index, leg, begin, end, frame.enu(leg.start.position), frame.enu(leg.end.position)
            )
            begin = end


def shrunk(area_enu: BaseGeometry, by_m: float = EDGE_M) -> BaseGeometry:
    """Return an area without a rim, or the area itself if nothing would be left of it."""
    smaller = area_enu.buffer(-by_m)
    return area_enu if smaller.is_empty else smaller


def zone_enu(zone: Zone, frame: LocalFrame) -> MultiPolygon:
    """Return a zone's polygon in the metres of a frame."""
    return project(zone.polygon, frame)


def point_on(area_lonlat: BaseGeometry) -> Position:
    """Return a point inside an area, to show it on a map."""
    point = area_lonlat.representative_point()
    return Position(float(point.x), float(point.y))
