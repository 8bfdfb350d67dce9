"""Take-off and landing are straight up and down over the launch point, with room to drift."""

from __future__ import annotations

from collections.abc import Iterator
from math import hypot

from dronepatrol.checks.flown import EDGE_M, FlownLeg, flown_legs, local_frame, shrunk, zone_enu
from dronepatrol.checks.rule import Rule
from dronepatrol.checks.spans import both
from dronepatrol.geo.frame import LocalFrame
from dronepatrol.model import Finding, LegKind, Plan, Severity, ZoneKind

DRIFT_M = 5.0
"""Room around the column; with satellite navigation alone a multirotor holds its place to a few metres."""
OFFSET_M = 1.0
"""Between the launch point and the first or last waypoint."""
GROUND_M = 0.5


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each sortie whose first or last leg is no free column over its station."""
    legs = list(flown_legs(plan))
    for sortie in plan.sorties:
        own = [flown for flown in legs if flown.sortie is sortie]
        if not own:
            continue
        yield from _end(plan, own[0], LegKind.CLIMB)
        yield from _end(plan, own[-1], LegKind.DESCENT)
    yield from _crowded(plan, [flown for flown in legs if flown.leg.kind in (LegKind.CLIMB, LegKind.DESCENT)])


def _end(plan: Plan, flown: FlownLeg, wanted: LegKind) -> Iterator[Finding]:
    """Give a finding if a sortie does not begin with a climb, or end with a descent, over its station."""
    leg, word = flown.leg, "begin" if wanted is LegKind.CLIMB else "end"
    if leg.kind is not wanted or flown.ground_length_m > OFFSET_M:
        yield RULE.finding(
            flown.where,
            f"does not {word} the sortie with a vertical {wanted.value}",
            value=f"{flown.ground_length_m:.1f} m sideways",
            limit=f"{OFFSET_M:g} m",
            remedy="plan again",
            position=leg.start.position,
        )
        return
    ground = leg.start if wanted is LegKind.CLIMB else leg.end
    launch = LocalFrame(plan.mission.station(flown.sortie.station_id).position)
    distance_m = hypot(*launch.enu(ground.position))
    if distance_m > OFFSET_M or abs(ground.altitude_home_m) > GROUND_M:
        yield RULE.finding(
            flown.where,
            f"does not {word} on the ground at station {flown.sortie.station_id}",
            value=f"{distance_m:.1f} m away, {ground.altitude_home_m:.1f} m up",
            limit=f"{OFFSET_M:g} m away, {GROUND_M:g} m up",
            remedy="plan again",
            position=ground.position,
        )


def _crowded(plan: Plan, columns: list[FlownLeg]) -> Iterator[Finding]:
    """Give a warning for each station whose column is free, but not by the drifting distance."""
    frame = local_frame(plan.mission)
    seen: set[tuple[str, str]] = set()
    for zone in plan.mission.airspace.zones:
        if zone.kind is not ZoneKind.KEEP_OUT:
            continue
        area = zone_enu(zone, frame)
        around, inner = area.buffer(DRIFT_M - EDGE_M), shrunk(area)
        for flown in columns:
            key = (zone.id, flown.sortie.station_id)
            if (
                key in seen
                or flown.spans_inside(inner)
                or not both(flown.spans_inside(around), flown.spans_ruled(zone))
            ):
                continue
            seen.add(key)
            yield RULE.finding(
                flown.where,
                f"has keep-out zone {zone.id} within drifting distance",
                limit=f"{DRIFT_M:g} m",
                remedy=f"move station {flown.sortie.station_id}",
                position=flown.leg.start.position,
                severity=Severity.WARNING,
            )


RULE = Rule(
    id="takeoff-column",
    title="Take-off and landing are a free column over the launch point",
    severity=Severity.ERROR,
    source="good practice: multirotors climb clear before they leave",
    function=find,
)
