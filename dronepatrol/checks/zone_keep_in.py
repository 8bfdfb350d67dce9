"""Every leg stays inside the keep-in zones."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import EDGE_M, flown_legs, local_frame, zone_enu
from dronepatrol.checks.rule import Rule
from dronepatrol.checks.spans import both, tidy, without
from dronepatrol.model import Finding, Plan, Severity, ZoneKind


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each leg outside all keep-in zones whose rule holds at its height and time."""
    frame = local_frame(plan.mission)
    zones = [zone for zone in plan.mission.airspace.zones if zone.kind is ZoneKind.KEEP_IN]
    areas = [(zone, zone_enu(zone, frame).buffer(EDGE_M)) for zone in zones]
    for flown in flown_legs(plan) if zones else ():
        ruled = {zone.id: flown.spans_ruled(zone) for zone in zones}
        inside = [span for zone, area in areas for span in both(ruled[zone.id], flown.spans_inside(area))]
        outside = without(tidy(span for spans in ruled.values() for span in spans), inside)
        if not outside:
            continue
        middle = sum(outside[0]) / 2.0
        names = ", ".join(zone.id for zone in zones if ruled[zone.id])
        yield RULE.finding(
            flown.where,
            f"leaves the keep-in zones ({names}) at {flown.altitude_at_m(middle):.0f} m",
            value=flown.extent(outside),
            limit="0 m",
            remedy="plan again, move the task, or widen the zone",
            position=flown.position_at(middle),
        )


RULE = Rule(
    id="zone-keep-in",
    title="Every leg stays inside the keep-in zones",
    severity=Severity.ERROR,
    source="mission file: airspace.zones",
    function=find,
)
