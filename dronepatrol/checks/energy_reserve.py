"""Every sortie lands with the reserve in its battery."""

from __future__ import annotations

from collections.abc import Iterator

from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Plan, Severity, Sortie

CLOSE = 0.03
"""Share of the battery above the reserve that is still worth a warning."""
SUM_TOLERANCE = 0.01
"""Between a sortie's energy and the sum over its legs."""


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each sortie that eats into the reserve, comes close to it, or does not add up."""
    reserve = plan.mission.reserve
    for sortie in plan.sorties:
        of_legs_wh = sum(leg.energy_wh for leg in sortie.legs)
        if abs(of_legs_wh - sortie.energy_wh) > SUM_TOLERANCE * max(of_legs_wh, 1.0):
            yield RULE.finding(
                f"sortie {sortie.id}",
                "states another energy than its legs add up to",
                value=f"{sortie.energy_wh:.1f} Wh",
                limit=f"{of_legs_wh:.1f} Wh",
                remedy="plan again",
            )
        left = 1.0 - max(of_legs_wh, sortie.energy_wh) / sortie.capacity_wh
        if left < reserve - 1e-9:
            yield _short(sortie, left, reserve, "lands with less than the reserve", Severity.ERROR)
        elif left < reserve + CLOSE:
            yield _short(sortie, left, reserve, "lands with hardly more than the reserve", Severity.WARNING)


def _short(sortie: Sortie, left: float, reserve: float, message: str, severity: Severity) -> Finding:
    return RULE.finding(
        f"sortie {sortie.id}",
        f"{message} (drone {sortie.drone_id})",
        value=f"{100 * left:.1f} % left",
        limit=f"{100 * reserve:.0f} %",
        remedy="split its tasks, lower passes, or fly them from a nearer station",
        position=sortie.legs[-1].end.position if sortie.legs else None,
        severity=severity,
    )


RULE = Rule(
    id="energy-reserve",
    title="Every sortie lands with the reserve in its battery",
    severity=Severity.ERROR,
    source="mission file: reserve",
    function=find,
)
