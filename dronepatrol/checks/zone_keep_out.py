"""No leg crosses a keep-out zone."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import flown_legs, local_frame, shrunk, zone_enu
from dronepatrol.checks.rule import Rule
from dronepatrol.checks.spans import both
from dronepatrol.model import Finding, Plan, Severity, ZoneKind


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each leg that is inside a keep-out zone in its band while it is active."""
    frame = local_frame(plan.mission)
    zones = [zone for zone in plan.mission.airspace.zones if zone.kind is ZoneKind.KEEP_OUT]
    areas = [(zone, shrunk(zone_enu(zone, frame))) for zone in zones]
    for flown in flown_legs(plan):
        for zone, area in areas:
            inside = both(flown.spans_inside(area), flown.spans_ruled(zone))
            if not inside:
                continue
            middle = sum(inside[0]) / 2.0
            yield RULE.finding(
                flown.where,
                f"flies through keep-out zone {zone.id} at {flown.altitude_at_m(middle):.0f} m",
                value=flown.extent(inside),
                limit="0 m",
                remedy="plan again, move the task, or fly when the zone is not active",
                position=flown.position_at(middle),
            )


RULE = Rule(
    id="zone-keep-out",
    title="No leg crosses a keep-out zone",
    severity=Severity.ERROR,
    source="mission file: airspace.zones",
    function=find,
)
