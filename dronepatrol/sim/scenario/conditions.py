"""Weather, faults, links and parameters, and how they come into a simulation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from dronepatrol.link.impaired import PERFECT, ImpairedLink, Impairment
from dronepatrol.link.transport import Transport
from dronepatrol.sim.faults.fault import Fault
from dronepatrol.sim.faults.player import FaultPlayer
from dronepatrol.sim.scenario.witness import Witness
from dronepatrol.sim.simulation import Simulation
from dronepatrol.sim.weather import Weather

ALL = "*"
"""Stands for every drone in `Conditions.parameters`."""


@dataclass(frozen=True, slots=True)
class LinkRule:
    """What the links of a drone do to frames.

    Attributes
    ----------
    drone
        Its id; None for every drone.
    to_drone, to_ground
        Each direction.
    """

    drone: str | None = None
    to_drone: Impairment = PERFECT
    to_ground: Impairment = PERFECT


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a simulated day is like.

    Attributes
    ----------
    weather
        None for calm.
    faults, links
        What breaks and what the links do; the first rule that fits a drone holds.
    parameters
        ArduCopter parameters by drone id, and under ``"*"`` for all.
    seed
        Of links.
    """

    weather: Weather | None = None
    faults: tuple[Fault, ...] = ()
    links: tuple[LinkRule, ...] = ()
    parameters: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    seed: int = 0

    def outage_begins_s(self, drone: str) -> float:
        """Return when the first outage of a drone's links begins; infinite if there is none."""
        starts = [
            start_s
            for rule in self.links
            if rule.drone in (None, drone)
            for impairment in (rule.to_drone, rule.to_ground)
            for start_s, _ in impairment.outages_s
        ]
        return min(starts, default=inf)


class Rehearsal:
    """Conditions at work in a simulation.

    Attributes
    ----------
    witnesses
        What really happened to each drone, by id.
    """

    def __init__(self, conditions: Conditions, drones: Sequence[str]) -> None:
        self.witnesses = {drone: Witness() for drone in drones}
        self._players = {
            drone: FaultPlayer(
                [fault for fault in conditions.faults if fault.drone in (None, drone)],
                self.witnesses[drone].fault_began,
            )
            for drone in drones
        }

    def monitors(self, drone: str) -> tuple[FaultPlayer, Witness]:
        """Return what is stepped with a drone: before its failsafes, and after them."""
        return self._players[drone], self.witnesses[drone]

    def note(self, event: Mapping[str, Any]) -> None:
        """Take an event of a flight; faults may wait for a task to start."""
        if event.get("kind") == "task_started" and event.get("drone") in self._players:
            self._players[event["drone"]].task_started(str(event.get("task")))


def apply_conditions(simulation: Simulation, conditions: Conditions, drones: Sequence[str]) -> Rehearsal:
    """Bring weather, faults, links and parameters into a simulation, before or while it runs.

    Links that were attached before stay as they are.

    Parameters
    ----------
    drones
        Ids of the simulation's drones, in its order.
    """
    rehearsal = Rehearsal(conditions, drones)
    if conditions.weather is not None:
        simulation.air.weather = conditions.weather
    for drone, autopilot in zip(drones, simulation.autopilots, strict=True):
        for scope in (ALL, drone):
            for name, value in conditions.parameters.get(scope, {}).items():
                autopilot.parameters.set(name, value)
        before, after = rehearsal.monitors(drone)
        autopilot.monitors.insert(0, before)
        autopilot.monitors.append(after)
        autopilot.outbox.listeners.append(after.heard)
    if conditions.links:
        simulation.links.append(_Impairing(conditions, drones))
    return rehearsal


class _Impairing:
    """Makes a drone's new links as bad as their rule."""

    def __init__(self, conditions: Conditions, drones: Sequence[str]) -> None:
        self._conditions = conditions
        self._drones = drones

    def __call__(self, index: int, transport: Transport) -> Transport:
        for rule in self._conditions.links:
            if rule.drone in (None, self._drones[index]):
                return ImpairedLink(
                    transport,
                    outgoing=rule.to_ground,
                    incoming=rule.to_drone,
                    seed=self._conditions.seed * 1000 + index,
                )
        return transport
