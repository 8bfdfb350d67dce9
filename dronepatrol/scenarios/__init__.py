"""Run scenarios and judge what came of them."""

from __future__ import annotations

from dronepatrol.scenarios.expectations import Outcome
from dronepatrol.scenarios.run import ScenarioReport, run_scenario

__all__ = ["Outcome", "ScenarioReport", "run_scenario"]
