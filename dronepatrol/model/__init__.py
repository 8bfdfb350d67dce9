"""The words of the house as frozen dataclasses: mission, station, task, zone, plan, sortie, leg, finding."""

from dronepatrol.model.drone import Battery, Camera, Drone, DroneModel
from dronepatrol.model.finding import Finding, Severity
from dronepatrol.model.mission import Airspace, Mission
from dronepatrol.model.plan import Leg, LegKind, Plan, Remainder, Sortie, Unserved, Visit, Waypoint
from dronepatrol.model.position import Position
from dronepatrol.model.station import Station
from dronepatrol.model.task import Action, AreaTask, PhotoAction, Task, TaskKind, VideoAction
from dronepatrol.model.window import TimeWindow
from dronepatrol.model.zone import Zone, ZoneKind

__all__ = [
    "Action",
    "Airspace",
    "AreaTask",
    "Battery",
    "Camera",
    "Drone",
    "DroneModel",
    "Finding",
    "Leg",
    "LegKind",
    "Mission",
    "PhotoAction",
    "Plan",
    "Position",
    "Remainder",
    "Severity",
    "Sortie",
    "Station",
    "Task",
    "TaskKind",
    "TimeWindow",
    "Unserved",
    "VideoAction",
    "Visit",
    "Waypoint",
    "Zone",
    "ZoneKind",
]
