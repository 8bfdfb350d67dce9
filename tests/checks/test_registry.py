"""All rules together."""

from __future__ import annotations

from pathlib import Path

from dronepatrol.checks import MISSION_RULES, PLAN_RULES, check_mission, check_plan
from dronepatrol.model import Severity
from tests.checks.building import flight, leg, mission, plan, sortie, task, zone

CHECKS = Path(__file__).parents[2] / "dronepatrol" / "checks"
ORDER = [Severity.ERROR, Severity.WARNING, Severity.INFO]


def test_every_rule_file_is_registered():
    """A file with a RULE that nobody runs would be a silent gap."""
    with_rule = {
        path.stem.replace("_", "-") for path in CHECKS.glob("*.py") if "\nRULE = " in path.read_text()
    }
    assert {rule.id for rule in (*MISSION_RULES, *PLAN_RULES)} == with_rule


def test_every_rule_is_in_the_manual():
    """docs/checks.md leaves out no rule."""
    text = (CHECKS.parents[1] / "docs" / "checks.md").read_text(encoding="utf-8")
    assert [rule.id for rule in (*MISSION_RULES, *PLAN_RULES) if f"`{rule.id}`" not in text] == []


def test_findings_come_errors_first():
    """A bad plan's findings are sorted by severity and each says what to do."""
    of = mission(zone(100, -50, 120, 50), tasks=(task(1, 1, 4, 4, altitude_m=140.0),))
    findings = check_plan(plan(of, sortie(leg((0, 0, 60), (300, 0, 60))), flight((90, 0, 130), key="S2")))
    ranks = [ORDER.index(finding.severity) for finding in findings]
    assert ranks == sorted(ranks)
    assert set(ranks) == {0, 1, 2}
    assert all(finding.remedy and finding.source and finding.where for finding in findings)


def test_good_plan_has_no_error():
    """A sound flight to no task in particular draws remarks only."""
    assert {finding.severity for finding in check_plan(plan(mission(), flight((100, 0, 60))))} == {
        Severity.INFO
    }


def test_mission_is_checked_with_its_plan():
    """What is wrong with the mission is told with the plan too."""
    of = mission(tasks=(task(altitude_m=140.0),))
    assert set(check_mission(of)) <= set(check_plan(plan(of)))
