"""Every visit begins and ends inside its window."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import point_on
from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Plan, Severity

TOLERANCE_S = 1.0


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each visit that begins before or ends after its window."""
    for sortie in plan.sorties:
        for visit in sortie.visits:
            if visit.window is None:
                continue
            early_s = visit.window.start.timestamp() - visit.begin.timestamp()
            late_s = visit.end.timestamp() - visit.window.end.timestamp()
            if max(early_s, late_s) <= TOLERANCE_S:
                continue
            late = late_s > TOLERANCE_S
            yield RULE.finding(
                f"sortie {sortie.id}, task {visit.task_id}",
                "ends after its window" if late else "begins before its window",
                value=f"{visit.end if late else visit.begin:%H:%M:%S}",
                limit=f"{visit.window.end if late else visit.window.start:%H:%M:%S}",
                remedy="widen the window, lower passes, or add a drone" if late else "plan again",
                position=point_on(plan.mission.task(visit.task_id).polygon),
            )


RULE = Rule(
    id="window-missed",
    title="Every visit lies inside its window",
    severity=Severity.ERROR,
    source="mission file: tasks.windows",
    function=find,
)
