"""A mission: what a station wants watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from dronepatrol.model.drone import Drone
from dronepatrol.model.station import Station
from dronepatrol.model.task import Task
from dronepatrol.model.zone import Zone


@dataclass(frozen=True, slots=True)
class Airspace:
    """Rules that hold for the whole mission.

    Attributes
    ----------
    ceiling_agl_m
        No leg is flown higher above ground.
    zones
        Keep-out and keep-in zones.
    zone_margin_m
        Distance kept from the edge of every zone.
    """

    ceiling_agl_m: float
    zones: tuple[Zone, ...]
    zone_margin_m: float


@dataclass(frozen=True, slots=True)
class Mission:
    """Places, time windows, drones and rules, read and validated.

    Attributes
    ----------
    day
        The local date the windows refer to.
    reserve
        Share of the battery that must be left at landing, 0 to 1.
    transit_altitude_agl_m
        Height flown between station and tasks.
    source
        The mission file, if it came from one.
    layers
        GeoJSON files drawn under plans and replays, in order.
    """

    name: str
    time_zone: ZoneInfo
    day: date
    stations: tuple[Station, ...]
    airspace: Airspace
    tasks: tuple[Task, ...]
    reserve: float
    transit_altitude_agl_m: float
    source: Path | None
    layers: tuple[Path, ...]

    @property
    def drones(self) -> tuple[Drone, ...]:
        """All drones of all stations, in file order."""
        return tuple(drone for station in self.stations for drone in station.drones)

    def station(self, station_id: str) -> Station:
        """Return a station by id."""
        return next(station for station in self.stations if station.id == station_id)

    def task(self, task_id: str) -> Task:
        """Return a task by id."""
        return next(task for task in self.tasks if task.id == task_id)

    def drone(self, drone_id: str) -> Drone:
        """Return a drone by id."""
        return next(drone for drone in self.drones if drone.id == drone_id)
