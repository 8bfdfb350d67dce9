"""Missions around Helsinki, built in code."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from shapely.geometry import MultiPolygon, Point, Polygon, box

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import unproject
from dronepatrol.model import (
    Airspace,
    AreaTask,
    Battery,
    Camera,
    Drone,
    DroneModel,
    Mission,
    PhotoAction,
    Position,
    Station,
    TaskKind,
    TimeWindow,
    Zone,
    ZoneKind,
)

ZONE = ZoneInfo("Europe/Helsinki")
DAY = date(2026, 9, 14)
FRAME = LocalFrame(Position(24.945, 60.172))

CAMERA = Camera("wide", "Wide camera", 13.2, 8.8, 8.8, 5472, 3648, 0.7, "made for tests")


def model(**changes) -> DroneModel:
    """Return a drone like the reference ArduCopter: 10 m/s, 2.5 m/s up, 1.5 m/s down, about 25 minutes."""
    capacity_wh = changes.pop("capacity_wh", 150.0)
    values = {
        "id": "ref",
        "name": "Reference copter",
        "cruise_speed_mps": 10.0,
        "max_speed_mps": 15.0,
        "climb_mps": 2.5,
        "descent_mps": 1.5,
        "acceleration_mps2": 2.5,
        "wind_limit_mps": 10.0,
        "battery": Battery(capacity_wh, 354.0, 386.0, 386.0, True),
        "cameras": (CAMERA,),
        "source": "made for tests",
    }
    return DroneModel(**{**values, **changes})


def at(clock: str) -> datetime:
    """Return a local time of the day: ``at("07:40")``."""
    hour, minute = map(int, clock.split(":"))
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=ZONE)


def window(start: str, end: str) -> TimeWindow:
    """Return a window of the day."""
    return TimeWindow(at(start), at(end))


def place(east_m: float, north_m: float) -> Position:
    """Return a position by metres from the middle of the map."""
    return FRAME.position(east_m, north_m)


def area(*shapes: Polygon) -> MultiPolygon:
    """Return polygons in metres from the middle of the map as longitude and latitude."""
    return unproject(MultiPolygon(list(shapes)), FRAME)


def square(east_m: float, north_m: float, side_m: float) -> MultiPolygon:
    """Return a square by its middle and side."""
    half = side_m / 2.0
    return area(box(east_m - half, north_m - half, east_m + half, north_m + half))


def station(
    station_id: str, east_m: float, north_m: float, *drones: str, drone_model: DroneModel | None = None
):
    """Return a station with drones of one model."""
    own = drone_model or model()
    return Station(
        station_id,
        f"Station {station_id}",
        place(east_m, north_m),
        5.0,
        600.0,
        tuple(Drone(drone, own, station_id) for drone in drones),
    )


def task(task_id: str, polygon: MultiPolygon, *windows: TimeWindow, **changes) -> AreaTask:
    """Return an area task at 40 m with sweeps 25 m apart."""
    values = {
        "id": task_id,
        "name": task_id.title(),
        "kind": TaskKind.SCHOOL_ZONE,
        "polygon": polygon,
        "altitude_agl_m": 40.0,
        "track_spacing_m": 25.0,
        "swath_m": 30.0,
        "passes": 1,
        "windows": windows,
        "priority": 1,
        "camera_id": None,
        "actions": (PhotoAction(20.0),),
    }
    return AreaTask(**{**values, **changes})


def zone(zone_id: str, polygon: MultiPolygon, kind: ZoneKind = ZoneKind.KEEP_OUT, **changes) -> Zone:
    """Return a zone from the ground to 120 m, always active."""
    values = {
        "id": zone_id,
        "name": zone_id.title(),
        "kind": kind,
        "polygon": polygon,
        "floor_agl_m": 0.0,
        "ceiling_agl_m": 120.0,
        "active": (),
        "illustrative": True,
    }
    return Zone(**{**values, **changes})


def mission(
    *tasks: AreaTask, stations: tuple[Station, ...] | None = None, zones: tuple[Zone, ...] = (), **changes
):
    """Return a mission; by default with two stations, three drones and a ceiling of 120 m."""
    two = (station("north", 0.0, 900.0, "n1", "n2"), station("south", 0.0, -900.0, "s1"))
    values = {
        "name": "helsinki-test",
        "time_zone": ZONE,
        "day": DAY,
        "stations": two if stations is None else stations,
        "airspace": Airspace(changes.pop("ceiling_agl_m", 120.0), zones, changes.pop("zone_margin_m", 10.0)),
        "tasks": tasks,
        "reserve": 0.2,
        "transit_altitude_agl_m": 60.0,
        "source": None,
        "layers": (),
    }
    return Mission(**{**values, **changes})


def town() -> Mission:
    """Return a mission like the demonstration: three schools, two squares, a park, a zone in the way."""
    ring = Point(250.0, 150.0).buffer(120.0).difference(Point(250.0, 150.0).buffer(40.0))
    return mission(
        task("school-west", square(-400.0, 100.0, 220.0), window("07:40", "08:10"), priority=3),
        task("school-ring", area(ring), window("07:40", "08:10"), priority=3),
        task("school-south", square(100.0, -500.0, 200.0), window("07:30", "08:00"), priority=3),
        task("square-a", square(-100.0, -100.0, 120.0), window("08:00", "09:00"), passes=2),
        task("square-b", square(300.0, -250.0, 100.0), window("08:00", "09:00"), passes=2),
        task("park", square(-350.0, 480.0, 370.0), window("08:00", "10:00"), altitude_agl_m=60.0),
        zones=(zone("palace", square(60.0, 380.0, 160.0)),),
    )
