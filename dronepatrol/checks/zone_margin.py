"""Every leg keeps its distance from the edges of zones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from dronepatrol.checks.flown import EDGE_M, FlownLeg, flown_legs, local_frame, shrunk, zone_enu
from dronepatrol.checks.rule import Rule
from dronepatrol.checks.spans import Spans, both, tidy
from dronepatrol.model import Finding, Plan, Severity, Zone, ZoneKind

TOLERANCE_M = 0.1
"""Rounded corners of a grown zone are many-sided and lie this much within the true circle."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """The edge of a keep-out zone, or of all keep-in zones together.

    Attributes
    ----------
    area
        The zones in local metres.
    near
        Places nearer to the edge than the margin, and beyond it.
    allowed
        Places where one may be; keep-out zones leave out their inside.
    """

    name: str
    zones: tuple[Zone, ...]
    area: BaseGeometry
    near: BaseGeometry
    allowed: BaseGeometry


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each leg on the right side of an edge, but nearer than the margin."""
    margin_m = plan.mission.airspace.zone_margin_m
    if margin_m <= TOLERANCE_M:
        return
    edges = list(_edges(plan, margin_m - TOLERANCE_M))
    for flown in flown_legs(plan):
        for edge in edges:
            ruled = tidy(span for zone in edge.zones for span in flown.spans_ruled(zone))
            near = both(flown.spans_inside(edge.near), both(ruled, flown.spans_inside(edge.allowed)))
            crossing = edge.zones[0].kind is ZoneKind.KEEP_OUT and both(
                ruled, flown.spans_inside(shrunk(edge.area))
            )
            if not near or crossing:
                continue  # the crossing itself is another rule's finding
            yield RULE.finding(
                flown.where,
                f"passes {edge.name} nearer than the margin",
                value=f"{_distance_m(flown, near, edge.area):.1f} m",
                limit=f"{margin_m:g} m",
                remedy="plan again, or lower airspace.zone_margin_m",
                position=flown.position_at(sum(near[0]) / 2.0),
            )


def _edges(plan: Plan, margin_m: float) -> Iterator[_Edge]:
    frame = local_frame(plan.mission)
    bounds = []
    for zone in plan.mission.airspace.zones:
        area = zone_enu(zone, frame)
        if zone.kind is ZoneKind.KEEP_IN:
            bounds.append((zone, area))
            continue
        near = area.buffer(margin_m)
        yield _Edge(f"keep-out zone {zone.id}", (zone,), area, near, near.difference(shrunk(area)))
    if bounds:
        # Zones side by side are one area: their common edge is no limit.
        whole = shapely.union_all([area.buffer(EDGE_M) for _, area in bounds])
        zones = tuple(zone for zone, _ in bounds)
        name = f"the edge of keep-in zone {', '.join(zone.id for zone in zones)}"
        yield _Edge(name, zones, whole, whole.difference(whole.buffer(-margin_m - EDGE_M)), whole)


def _distance_m(flown: FlownLeg, near: Spans, area: BaseGeometry) -> float:
    """Return the least distance of the near stretches from the zone's edge."""
    (x0, y0), (x1, y1) = flown.start_enu_m, flown.end_enu_m
    lines = [
        LineString([(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in (begin, end)]) for begin, end in near
    ]
    return float(min(shapely.distance(line, area.boundary) for line in lines))


RULE = Rule(
    id="zone-margin",
    title="Every leg keeps its distance from zones",
    severity=Severity.WARNING,
    source="mission file: airspace.zone_margin_m",
    function=find,
)
