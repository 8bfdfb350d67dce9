"""Scenario files: a fleet or a mission, with its weather, faults, links and expectations."""

from __future__ import annotations

from dronepatrol.sim.scenario.conditions import Conditions, LinkRule, Rehearsal, apply_conditions
from dronepatrol.sim.scenario.load import load_scenario
from dronepatrol.sim.scenario.scenario import Action, Expectation, Scenario

__all__ = [
    "Action",
    "Conditions",
    "Expectation",
    "LinkRule",
    "Rehearsal",
    "Scenario",
    "apply_conditions",
    "load_scenario",
]
