"""No task, and no way to one, asks for more height than the ceiling allows."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.flown import point_on
from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Mission, Severity


def find(mission: Mission) -> Iterator[Finding]:
    """Give a finding for each task, and for the transit altitude, above the ceiling."""
    ceiling_m = mission.airspace.ceiling_agl_m
    for task in mission.tasks:
        if task.altitude_agl_m > ceiling_m:
            yield RULE.finding(
                f"task {task.id}",
                "asks for sweeps above the ceiling",
                value=f"{task.altitude_agl_m:.1f} m",
                limit=f"{ceiling_m:g} m",
                remedy="lower altitude_agl_m, or ask for a finer ground_sampling_distance_cm",
                position=point_on(task.polygon),
            )
    if mission.transit_altitude_agl_m > ceiling_m:
        yield RULE.finding(
            "transit",
            "is asked for above the ceiling",
            value=f"{mission.transit_altitude_agl_m:g} m",
            limit=f"{ceiling_m:g} m",
            remedy="lower transit_altitude_agl_m",
        )


RULE = Rule(
    id="task-altitude",
    title="Tasks and transit are asked for below the ceiling",
    severity=Severity.ERROR,
    source="mission file: airspace.ceiling_agl_m",
    function=find,
)
