"""Fixed bases."""

from __future__ import annotations

from dataclasses import dataclass

from dronepatrol.model.drone import Drone
from dronepatrol.model.position import Position


@dataclass(frozen=True, slots=True)
class Station:
    """A dock or police station with drones and a launch point.

    Attributes
    ----------
    position
        The launch point.
    elevation_amsl_m
        Height of the launch point above mean sea level.
    turnaround_s
        Time from landing until the same drone can launch again with a full battery.
    drones
        The drones that live here.
    """

    id: str
    name: str
    position: Position
    elevation_amsl_m: float
    turnaround_s: float
    drones: tuple[Drone, ...]
