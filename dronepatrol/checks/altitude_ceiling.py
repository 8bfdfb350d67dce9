"""No leg is flown above the ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from dronepatrol.checks.flown import FlownLeg, flown_legs
from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Plan, Severity

TOLERANCE_M = 0.05


def find(plan: Plan) -> Iterator[Finding]:
    """Give a finding for each sortie with legs above the ceiling, at the highest of them."""
    ceiling_m = plan.mission.airspace.ceiling_agl_m
    over = [flown for flown in flown_legs(plan) if _top_m(flown) > ceiling_m + TOLERANCE_M]
    for _, group in groupby(over, key=lambda flown: flown.sortie.id):
        legs = list(group)
        highest = max(legs, key=_top_m)
        others = f", as {len(legs) - 1} more of its legs" if len(legs) > 1 else ""
        rising = highest.leg.end.altitude_home_m >= highest.leg.start.altitude_home_m
        yield RULE.finding(
            highest.where,
            f"is flown above the ceiling{others}",
            value=f"{_top_m(highest):.0f} m",
            limit=f"{ceiling_m:g} m",
            remedy="lower the task or transit altitude, or raise airspace.ceiling_agl_m if you may",
            position=highest.position_at(1.0 if rising else 0.0),
        )


def _top_m(flown: FlownLeg) -> float:
    return max(flown.leg.start.altitude_home_m, flown.leg.end.altitude_home_m)


RULE = Rule(
    id="altitude-ceiling",
    title="No leg is flown above the ceiling",
    severity=Severity.ERROR,
    source="mission file: airspace.ceiling_agl_m",
    function=find,
)
