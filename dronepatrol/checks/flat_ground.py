"""Heights above the launch point are heights above ground only where the ground is flat."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Mission, Severity


def find(mission: Mission) -> Iterator[Finding]:
    """Give one remark for the mission, with what its stations tell of the ground."""
    elevations_m = [station.elevation_amsl_m for station in mission.stations]
    spread_m = max(elevations_m) - min(elevations_m)
    yield RULE.finding(
        "mission",
        "takes the ground as flat at each station's height: hills and buildings are not looked at",
        value=f"stations differ by {spread_m:.0f} m",
        remedy="compare transit and task altitudes with the highest ground and roofs on the way",
    )


RULE = Rule(
    id="flat-ground",
    title="The ground is taken as flat",
    severity=Severity.INFO,
    source="no height model in the mission",
    function=find,
)
