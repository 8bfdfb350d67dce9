"""A drone is on the ground long enough between its sorties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Plan, Severity

TOLERANCE_S = 1.0


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each sortie that starts before its drone's turnaround is over."""
    for drone in plan.mission.drones:
        wanted_s = plan.mission.station(drone.station_id).turnaround_s
        sorties = sorted(plan.sorties_of(drone.id), key=lambda sortie: sortie.launch.timestamp())
        for earlier, later in pairwise(sorties):
            pause_s = later.launch.timestamp() - earlier.launch.timestamp() - earlier.duration_s
            if pause_s >= wanted_s - TOLERANCE_S:
                continue
            message = "overlaps" if pause_s < 0 else "starts too soon after"
            yield RULE.finding(
                f"sortie {later.id}",
                f"{message} sortie {earlier.id} of the same drone {drone.id}",
                value=f"{pause_s / 60.0:.1f} min",
                limit=f"{wanted_s / 60.0:g} min",
                remedy="plan again, add a drone, or shorten turnaround_min if batteries are swapped",
                position=plan.mission.station(drone.station_id).position,
            )


RULE = Rule(
    id="turnaround",
    title="A drone charges between its sorties",
    severity=Severity.ERROR,
    source="mission file: stations.turnaround_min",
    function=find,
)
