"""Every task's area can be seen whole."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import point_on
from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Plan, Severity

NEGLIGIBLE = 0.001
"""Share of a task below which a remainder is a remark."""


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each piece of ground that its task's route cannot show."""
    for remainder in plan.remainders:
        yield RULE.finding(
            f"task {remainder.task_id}",
            f"leaves ground unseen: {remainder.reason}",
            value=f"{remainder.area_m2:.0f} m2 ({100 * remainder.share:.2f} %)",
            limit="0 m2",
            remedy="move the task's edge, or accept that this ground is not watched",
            position=point_on(plan.mission.task(remainder.task_id).polygon),
            severity=Severity.WARNING if remainder.share > NEGLIGIBLE else Severity.INFO,
        )


RULE = Rule(
    id="area-remainder",
    title="Every task's area can be seen whole",
    severity=Severity.WARNING,
    source="mission file: tasks.area",
    function=find,
)
