"""Every task is flown in each of its windows, and whole."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import point_on
from dronepatrol.checks.rule import Rule
from dronepatrol.model import AreaTask, Finding, Plan, Severity, TimeWindow

WHOLE = 0.999
"""Share of a task that counts as all of it."""


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each task and window that the plan gave up, forgot, or serves in part."""
    for unserved in plan.unserved:
        task = plan.mission.task(unserved.task_id)
        yield RULE.finding(
            _where(task, unserved.window),
            f"is not flown: {unserved.reason}",
            remedy=unserved.remedy,
            position=point_on(task.polygon),
        )
    given_up = {(unserved.task_id, unserved.window) for unserved in plan.unserved}
    for task in plan.mission.tasks:
        for window in task.windows or (None,):
            share = _share(plan, task.id, window)
            if share >= WHOLE or (task.id, window) in given_up or (task.id, None) in given_up:
                continue
            yield RULE.finding(
                _where(task, window),
                "is flown only in part" if share else "is in no sortie",
                value=f"{100 * share:.1f} %",
                limit="100 %",
                remedy="plan again, add a drone, or widen the window",
                position=point_on(task.polygon),
            )


def _share(plan: Plan, task_id: str, window: TimeWindow | None) -> float:
    visits = [visit for sortie in plan.sorties for visit in sortie.visits]
    return sum(visit.share for visit in visits if visit.task_id == task_id and visit.window == window)


def _where(task: AreaTask, window: TimeWindow | None) -> str:
    return f"task {task.id}" + (f", window {window.start:%H:%M}-{window.end:%H:%M}" if window else "")


RULE = Rule(
    id="task-unserved",
    title="Every task is flown in each of its windows",
    severity=Severity.ERROR,
    source="mission file: tasks.windows",
    function=find,
)
