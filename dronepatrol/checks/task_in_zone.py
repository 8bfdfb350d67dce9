"""No task lies in a keep-out zone."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import local_frame, zone_enu
from dronepatrol.checks.rule import Rule
from dronepatrol.geo.polygon import project, unproject
from dronepatrol.model import AreaTask, Finding, Mission, Position, Severity, Zone, ZoneKind

WHOLE = 0.999
NOTHING_M2 = 1.0


def find(mission: Mission) -> Iterator[Finding]:
    """Give a finding for each task that a keep-out zone with its margin hides, an error if it hides all."""
    frame, margin_m = local_frame(mission), mission.airspace.zone_margin_m
    for task in mission.tasks:
        ground = project(task.polygon, frame)
        for zone in mission.airspace.zones:
            if zone.kind is not ZoneKind.KEEP_OUT or not _meet(zone, task):
                continue
            hidden = ground.intersection(zone_enu(zone, frame).buffer(margin_m))
            if hidden.area < NOTHING_M2:
                continue
            share = hidden.area / ground.area
            point = unproject(hidden.representative_point(), frame)
            yield RULE.finding(
                f"task {task.id}",
                f"lies {'wholly' if share > WHOLE else 'partly'} in keep-out zone {zone.id} with its margin",
                value=f"{hidden.area:.0f} m2 ({100 * share:.1f} %)",
                limit="0 m2",
                remedy="move the task's edge, or fly it when the zone is not active",
                position=Position(float(point.x), float(point.y)),
                severity=Severity.ERROR if share > WHOLE else Severity.WARNING,
            )


def _meet(zone: Zone, task: AreaTask) -> bool:
    """Say whether the zone's rule holds at the task's height, some time in its windows."""
    if not zone.holds_at(task.altitude_agl_m, task.altitude_agl_m):
        return False
    return not task.windows or any(zone.is_active(window.start, window.end) for window in task.windows)


RULE = Rule(
    id="task-in-zone",
    title="No task lies in a keep-out zone",
    severity=Severity.WARNING,
    source="mission file: airspace.zones",
    function=find,
)
