"""Energy predicted from assumed powers is said to be so."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Mission, Severity


def find(mission: Mission) -> Iterator[Finding]:
    """Give one remark for each drone model in use whose powers nobody has measured."""
    models = {drone.model.id: drone.model for drone in mission.drones}
    for model in models.values():
        if model.battery.assumed:
            yield RULE.finding(
                f"drone model {model.id}",
                "has powers derived from its quoted endurance, not measured",
                value=f"{model.battery.hover_power_w:.0f} W hovering",
                remedy=f"measure a flight and write drone_models.{model.id}.battery",
            )


RULE = Rule(
    id="energy-assumed",
    title="Energy is predicted from measured powers",
    severity=Severity.INFO,
    source="docs/mission-file.md, drone models",
    function=find,
)
