"""The mission that ships may be flown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dronepatrol.checks import check_plan
from dronepatrol.formats.mission import load_mission
from dronepatrol.model import Plan, Severity
from dronepatrol.planning import plan_mission

DEMO = Path(__file__).parents[2] / "missions" / "helsinki-centre" / "mission.yaml"


@pytest.fixture(scope="module")
def demo() -> Plan:
    """Give the plan of the demo mission."""
    return plan_mission(load_mission(DEMO))


def test_demo_has_no_error_and_no_warning(demo):
    """The planner keeps every rule on the mission that a new user tries first."""
    worse = [finding for finding in check_plan(demo) if finding.severity is not Severity.INFO]
    assert worse == []


def test_demo_is_about_an_hour_with_three_drones(demo):
    """All three drones fly, and together for about an hour."""
    assert {sortie.drone_id for sortie in demo.sorties} == {"k1", "k2", "p1"}
    assert 50.0 < sum(sortie.duration_s for sortie in demo.sorties) / 60.0 < 70.0


def test_without_its_zone_the_plan_would_cross_it(demo):
    """The keep-out zone is in the way: a plan that does not know it is caught crossing it."""
    mission = demo.mission
    free = replace(mission, airspace=replace(mission.airspace, zones=()))
    naive = replace(plan_mission(free), mission=mission)
    assert "zone-keep-out" in {finding.rule for finding in check_plan(naive)}
