"""Missions and plans put together by hand, in metres east and north of one station."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import hypot, inf
from zoneinfo import ZoneInfo

from shapely.geometry import MultiPolygon, box

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import unproject
from dronepatrol.model import (
    Airspace,
    AreaTask,
    Battery,
    Camera,
    Drone,
    DroneModel,
    Leg,
    LegKind,
    Mission,
    Plan,
    Position,
    Sortie,
    Station,
    TaskKind,
    TimeWindow,
    Visit,
    Waypoint,
    Zone,
    ZoneKind,
)

HOME = Position(24.94, 60.17)
FRAME = LocalFrame(HOME)
NOON = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
CAMERA = Camera("eye", "Eye", 6.0, 4.0, 6.0, 3000, 2000, 1.0, "made up")
BATTERY = Battery(100.0, 200.0, 200.0, 300.0, assumed=False)
MODEL = DroneModel("quad", "Quad", 10.0, 15.0, 2.5, 1.5, 2.5, 10.0, BATTERY, (CAMERA,), "made up")

Place = tuple[float, float, float]
"""East, north, height above the launch point."""


def rectangle(west: float, south: float, east: float, north: float) -> MultiPolygon:
    """Return a rectangle given in metres, in longitude and latitude."""
    return MultiPolygon([unproject(box(west, south, east, north), FRAME)])


def zone(
    west: float,
    south: float,
    east: float,
    north: float,
    *,
    kind: ZoneKind = ZoneKind.KEEP_OUT,
    floor_m: float = 0.0,
    ceiling_m: float = inf,
    active: tuple[TimeWindow, ...] = (),
    key: str = "z",
) -> Zone:
    """Return a rectangular zone."""
    return Zone(key, key, kind, rectangle(west, south, east, north), floor_m, ceiling_m, active, False)


def task(
    west: float = 100.0,
    south: float = 100.0,
    east: float = 200.0,
    north: float = 200.0,
    *,
    altitude_m: float = 50.0,
    windows: tuple[TimeWindow, ...] = (),
    key: str = "school",
) -> AreaTask:
    """Return a rectangular school zone."""
    polygon = rectangle(west, south, east, north)
    kind = TaskKind.SCHOOL_ZONE
    return AreaTask(key, key, kind, polygon, altitude_m, 40.0, 50.0, 1, windows, 0, None, ())


def window(begin_min: float, end_min: float) -> TimeWindow:
    """Return a window in minutes after noon."""
    return TimeWindow(NOON + timedelta(minutes=begin_min), NOON + timedelta(minutes=end_min))


def mission(
    *zones: Zone, tasks: tuple[AreaTask, ...] = (), ceiling_m: float = 120.0, margin_m: float = 10.0
) -> Mission:
    """Return a mission with one station, two drones, and the zones and tasks given."""
    drones = tuple(Drone(key, MODEL, "base") for key in ("d1", "d2"))
    return Mission(
        name="Test",
        time_zone=ZoneInfo("UTC"),
        day=date(2026, 9, 14),
        stations=(Station("base", "Base", HOME, 5.0, 600.0, drones),),
        airspace=Airspace(ceiling_m, tuple(zones), margin_m),
        tasks=tasks,
        reserve=0.2,
        transit_altitude_agl_m=60.0,
        source=None,
        layers=(),
    )


def leg(start: Place, end: Place, kind: LegKind = LegKind.TRANSIT, *, energy_wh: float = 1.0) -> Leg:
    """Return a leg at 10 m/s that takes as long as its length asks for."""
    length_m = hypot(hypot(end[0] - start[0], end[1] - start[1]), end[2] - start[2])
    waypoints = [Waypoint(FRAME.position(east, north), up) for east, north, up in (start, end)]
    return Leg(kind, waypoints[0], waypoints[1], 10.0, length_m / 10.0, length_m, energy_wh)


def sortie(
    *legs: Leg,
    key: str = "S1",
    drone: str = "d1",
    launch: datetime = NOON,
    visits: tuple[Visit, ...] = (),
) -> Sortie:
    """Return a sortie of just these legs."""
    energy_wh = sum(one.energy_wh for one in legs)
    return Sortie(key, drone, "base", launch, legs, visits, energy_wh, BATTERY.capacity_wh)


def flight(*places: Place, key: str = "S1", drone: str = "d1", launch: datetime = NOON) -> Sortie:
    """Return a whole flight: climb to the first place's height, the places, back, and down."""
    up = (0.0, 0.0, places[0][2])
    stops = [up, *places, (0.0, 0.0, places[-1][2])]
    legs = [leg((0.0, 0.0, 0.0), up, LegKind.CLIMB)]
    legs += [leg(a, b) for a, b in pairwise(stops) if a != b]
    legs.append(leg(stops[-1], (0.0, 0.0, 0.0), LegKind.DESCENT))
    return sortie(*legs, key=key, drone=drone, launch=launch)


def plan(of: Mission, *sorties: Sortie) -> Plan:
    """Return a plan of these sorties."""
    return Plan(of, tuple(sorties), (), (), 0)


def with_actions(one: Leg, *actions: object, task_id: str) -> Leg:
    """Return a sweep of a task on which the camera does something."""
    return replace(one, kind=LegKind.SWEEP, actions=actions, task_id=task_id)
