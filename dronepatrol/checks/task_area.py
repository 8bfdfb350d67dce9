"""The size of every task makes sense."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import point_on
from dronepatrol.checks.rule import Rule
from dronepatrol.geo.polygon import area_m2
from dronepatrol.model import Finding, Mission, Severity

TINY_M2 = 100.0
HUGE_M2 = 10e6


def find(mission: Mission) -> Iterator[Finding]:
    """Give a finding for each task smaller than a tennis court's half or larger than a town."""
    for task in mission.tasks:
        size_m2 = area_m2(task.polygon)
        if TINY_M2 <= size_m2 <= HUGE_M2:
            continue
        tiny = size_m2 < TINY_M2
        yield RULE.finding(
            f"task {task.id}",
            "is so small that one picture shows it" if tiny else "is larger than small drones can sweep",
            value=f"{size_m2:.0f} m2",
            limit=f"{TINY_M2 if tiny else HUGE_M2:.0f} m2",
            remedy="check the polygon" if tiny else "check the polygon, or split it into tasks",
            position=point_on(task.polygon),
        )


RULE = Rule(
    id="task-area",
    title="The size of every task makes sense",
    severity=Severity.WARNING,
    source="experience: smaller or larger areas are mostly drawing mistakes",
    function=find,
)
