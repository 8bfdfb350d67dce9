"""All rules, and the two calls that run them."""

from __future__ import annotations

from collections.abc import Iterable

from dronepatrol.checks import (
    altitude_ceiling,
    area_remainder,
    energy_assumed,
    energy_reserve,
    flat_ground,
    photo_interval,
    station_distance,
    takeoff_column,
    task_altitude,
    task_area,
    task_in_zone,
    task_unserved,
    turnaround,
    window_missed,
    zone_keep_in,
    zone_keep_out,
    zone_margin,
)
from dronepatrol.checks.rule import Rule
from dronepatrol.model import Finding, Mission, Plan, Severity

MISSION_RULES: tuple[Rule[Mission], ...] = (
    task_altitude.RULE,
    task_in_zone.RULE,
    task_area.RULE,
    station_distance.RULE,
    energy_assumed.RULE,
    flat_ground.RULE,
)
"""What can be said of a mission before it is planned."""

PLAN_RULES: tuple[Rule[Plan], ...] = (
    zone_keep_out.RULE,
    zone_keep_in.RULE,
    altitude_ceiling.RULE,
    takeoff_column.RULE,
    energy_reserve.RULE,
    turnaround.RULE,
    task_unserved.RULE,
    window_missed.RULE,
    zone_margin.RULE,
    area_remainder.RULE,
    photo_interval.RULE,
)
"""What can be said of a plan."""

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check_mission(mission: Mission) -> list[Finding]:
    """Return the findings on a mission alone, errors first."""
    return _sorted(finding for rule in MISSION_RULES for finding in rule.function(mission))


def check_plan(plan: Plan) -> list[Finding]:
    """Return the findings on a plan and on its mission, errors first."""
    on_plan = [finding for rule in PLAN_RULES for finding in rule.function(plan)]
    return _sorted([*on_plan, *check_mission(plan.mission)])


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings by severity, each severity in the order of the rules."""
    return sorted(findings, key=lambda finding: _ORDER[finding.severity])
