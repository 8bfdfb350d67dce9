"""A scenario as the rest of the library sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dronepatrol.model.mission import Mission
from dronepatrol.sim.scenario.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a drone of a fleet without a mission is told to do; figures by their name in the file."""

    drone: str
    do: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that is to hold after the run; figures by their name in the file."""

    kind: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def drone(self) -> str | None:
        """The drone it is about; None for all."""
        drone = self.figures.get("drone")
        return None if drone is None else str(drone)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A rehearsal: who flies what under which conditions, and what is expected.

    Attributes
    ----------
    mission
        The mission to fly, or one without tasks that holds the fleet for the actions.
    actions
        What the fleet is told, drone by drone in order; empty with a mission of tasks.
    speed
        Times the wall clock; None for the virtual clock.
    limit_s
        Longest time the actions may take.
    """

    name: str
    source: Path
    mission: Mission
    conditions: Conditions
    actions: tuple[Action, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    seed: int = 0
    speed: float | None = None
    limit_s: float = 1800.0
    description: str = ""
