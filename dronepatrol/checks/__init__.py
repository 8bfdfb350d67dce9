"""Checks: one rule per file, from mission and plan to findings."""

from dronepatrol.checks.registry import MISSION_RULES, PLAN_RULES, check_mission, check_plan
from dronepatrol.checks.rule import Rule

__all__ = ["MISSION_RULES", "PLAN_RULES", "Rule", "check_mission", "check_plan"]
