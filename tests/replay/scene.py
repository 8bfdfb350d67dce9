"""A made-up patrol over central Helsinki, with tracks as a simulated drone would leave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, mapping

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import project, unproject
from dronepatrol.model.position import Position
from dronepatrol.model.task import AreaTask, TaskKind
from dronepatrol.replay.data import ReplayData, SummaryRow
from dronepatrol.telemetry.track import Track

FRAME = LocalFrame(Position(24.9450, 60.1715))
START = datetime(2026, 9, 14, 4, 40, tzinfo=UTC)
HELSINKI = ZoneInfo("Europe/Helsinki")


def area_task(
    task_id: str, name: str, outline_enu_m: Any, altitude_m: float = 40.0, **changes: Any
) -> AreaTask:
    """Return a task over an outline in local metres (a ring, or a polygon with holes)."""
    outline = outline_enu_m if isinstance(outline_enu_m, Polygon) else Polygon(outline_enu_m)
    values: dict[str, Any] = {
        "id": task_id, "name": name, "kind": TaskKind.SCHOOL_ZONE,
        "polygon": unproject(MultiPolygon([outline]), FRAME), "altitude_agl_m": altitude_m,
        "track_spacing_m": 0.85 * altitude_m, "swath_m": 1.2 * altitude_m, "passes": 1, "windows": (),
        "priority": 1, "camera_id": None, "actions": (),
    }  # fmt: skip
    return AreaTask(**(values | changes))


def track_through(
    drone: str,
    points: Any,
    *,
    start: datetime = START,
    rate_hz: float = 4.0,
    noise_m: float = 0.0,
    seed: int = 1,
) -> Track:
    """Return a track through ``(time_s, east_m, north_m, altitude_m)`` rows, sampled at a steady rate."""
    rows = np.asarray(points, dtype=np.float64)
    time_s = np.arange(rows[0, 0], rows[-1, 0] + 1e-9, 1.0 / rate_hz)
    east, north, up = (np.interp(time_s, rows[:, 0], rows[:, k]) for k in (1, 2, 3))
    rng = np.random.default_rng(seed)
    wobble = np.cumsum(rng.normal(0.0, 0.02, (len(time_s), 2)), axis=0) * noise_m
    lonlat = FRAME.to_lonlat(np.column_stack([east, north]) + wobble)
    step = max(len(time_s) - 1, 1)
    ve, vn = (np.gradient(column, time_s) if step > 1 else np.zeros_like(column) for column in (east, north))
    vz = np.gradient(up, time_s) if step > 1 else np.zeros_like(up)
    speed = np.hypot(ve, vn) + (rng.normal(0.0, 0.05, len(time_s)) if noise_m else 0.0)
    power = np.where(up > 0.5, 0.055 + 0.02 * np.maximum(vz, 0.0), 0.0)
    nan = np.full(len(time_s), np.nan)
    return Track(
        vehicle=drone, start_utc=start, time_s=time_s, lon_deg=lonlat[:, 0], lat_deg=lonlat[:, 1],
        altitude_amsl_m=up + 12.0, altitude_home_m=up, ground_speed_mps=np.abs(speed), climb_mps=vz,
        roll_deg=nan, pitch_deg=nan, yaw_deg=np.degrees(np.arctan2(ve, vn)) % 360.0,
        battery_percent=100.0 - np.cumsum(power) / rate_hz, battery_v=nan, battery_a=nan,
        mode=np.where(up > 0.5, "AUTO", "STABILIZE"), armed=up > 0.05,
    )  # fmt: skip


@dataclass
class _Flight:
    """Builds one sortie: plan legs, the rows of the track, and events."""

    drone: str
    station: str
    sortie: str
    at: tuple[float, float]
    time_s: float

    def __post_init__(self) -> None:
        self.altitude_m = 0.0
        self.rows = [(self.time_s, *self.at, 0.0)]
        self.legs: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.home = self.at

    def event(self, kind: str, text: str, **extra: Any) -> None:
        """Note something that happens now."""
        moment = (
            (START + timedelta(seconds=self.time_s)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
        self.events.append(
            {"t_s": self.time_s, "t_utc": moment, "drone": self.drone, "sortie": self.sortie, "kind": kind,
             "text": text, **extra}
        )  # fmt: skip

    def go(
        self, kind: str, to: tuple[float, float], altitude_m: float, speed: float, task: str | None = None
    ) -> None:
        """Fly one leg."""
        length = float(
            np.hypot(np.hypot(to[0] - self.at[0], to[1] - self.at[1]), altitude_m - self.altitude_m)
        )
        duration = length / speed + (2.0 if kind in ("sweep", "turn") else 4.0)
        ends = FRAME.to_lonlat(np.array([self.at, to]))
        heights = (self.altitude_m, altitude_m)
        coordinates = [[*map(float, p), h] for p, h in zip(ends, heights, strict=True)]
        self.legs.append(
            {"type": "Feature", "geometry": {"type": "LineString", "coordinates": coordinates},
             "properties": {
                "role": "leg", "sortie": self.sortie, "drone": self.drone, "station": self.station,
                "index": len(self.legs), "kind": kind, "task": task, "pass": 1 if task else 0,
                "altitude_start_home_m": heights[0], "altitude_end_home_m": heights[1], "speed_mps": speed,
                "length_m": length, "duration_s": duration, "energy_wh": duration * 0.1,
                "start_utc": (START + timedelta(seconds=self.time_s)).isoformat()}}
        )  # fmt: skip
        self.time_s += duration
        self.at, self.altitude_m = to, altitude_m
        self.rows.append((self.time_s, *to, altitude_m))

    def serve(self, task: AreaTask) -> None:
        """Fly to a task and sweep it."""
        outline = project(task.polygon, FRAME)
        west, south, east, north = outline.bounds
        begun = False
        for number, y in enumerate(np.arange(south + task.track_spacing_m / 2, north, task.track_spacing_m)):
            cut = shapely.intersection(shapely.LineString([(west - 1, y), (east + 1, y)]), outline)
            if cut.is_empty:
                continue
            left, _, right, _ = cut.bounds
            ends = [(left, float(y)), (right, float(y))][:: -1 if number % 2 else 1]
            self.go(
                "turn" if begun else "transit", ends[0], task.altitude_agl_m, 10.0, task.id if begun else None
            )
            if not begun:
                self.event("task_started", f"{self.drone} begins {task.name}", task=task.id, **{"pass": 1})
                begun = True
            self.go("sweep", ends[1], task.altitude_agl_m, 8.0, task.id)
            place = FRAME.to_lonlat(np.array([ends[1]]))[0]
            self.event("photo", f"{self.drone} takes a photo", lon=float(place[0]), lat=float(place[1]))
        self.event("task_finished", f"{self.drone} finishes {task.name}", task=task.id, **{"pass": 1})

    def fly(self, tasks: list[AreaTask], wait_s: float) -> None:
        """Take off, serve tasks, come home."""
        self.event("armed", f"{self.drone} is armed")
        self.go("climb", self.at, 60.0, 3.0)
        self.event("airborne", f"{self.drone} is airborne")
        if wait_s:
            self.go("hold", self.at, 60.0, 10.0)
            self.time_s += wait_s
            self.rows.append((self.time_s, *self.at, 60.0))
        for task in tasks:
            self.serve(task)
        self.event("returning", f"{self.drone} returns to {self.station}")
        self.go("return", self.home, 60.0, 10.0)
        self.go("descent", self.home, 0.0, 1.5)
        self.event("landed", f"{self.drone} has landed at {self.station}")


def tasks() -> list[AreaTask]:
    """Return the made-up tasks."""
    ell = [(-260, 80), (-60, 80), (-60, 170), (-150, 170), (-150, 260), (-260, 260)]
    return [
        area_task("ressun-lukio", "Ressun lukio", [(-620, -260), (-430, -260), (-430, -90), (-620, -120)]),
        area_task(
            "kruununhaka", "Kruununhaan yläasteen koulu", [(520, 120), (700, 90), (730, 260), (540, 290)]
        ),
        area_task(
            "kaisaniemi-school",
            "Kaisaniemen ala-aste",
            [(330, 330), (480, 310), (490, 450), (340, 460)],
            45.0,
        ),
        area_task("senaatintori", "Senaatintori", [(280, -60), (420, -60), (420, 70), (280, 70)], 50.0),
        area_task("rautatientori", "Rautatientori", ell, 50.0),
        area_task(
            "kaisaniemi", "Kaisaniemi park", [(-60, 260), (280, 180), (330, 480), (60, 600), (-80, 500)], 60.0
        ),
    ]


def scene(
    *, chinese: bool = False, title: str = "Helsinki centre: school mornings and squares"
) -> ReplayData:
    """Return a run of three drones from two stations, about half an hour long."""
    areas = tasks()
    if chinese:
        names = ["雷苏高中", "克鲁努哈卡中学", "凯萨涅米小学", "参议院广场", "火车站广场", "凯萨涅米公园"]
        areas = [area_task(t.id, n, project(t.polygon, FRAME).geoms[0], t.altitude_agl_m)
                 for t, n in zip(areas, names, strict=True)]  # fmt: skip
        title = "赫尔辛基市中心：学校早晨与广场"
    flights = [
        _Flight("k1", "kamppi", "S1", (-380.0, -60.0), 10.0),
        _Flight("k2", "kamppi", "S2", (-374.0, -54.0), 40.0),
        _Flight("h1", "harbour", "S3", (640.0, -180.0), 25.0),
    ]
    flights[0].fly([areas[0], areas[4]], 60.0)
    flights[1].fly([areas[5]], 0.0)
    flights[2].fly([areas[3], areas[1], areas[2]], 0.0)
    tracks = [track_through(f.drone, f.rows, noise_m=1.0, seed=i) for i, f in enumerate(flights)]
    events = sorted((event for f in flights for event in f.events), key=lambda event: event["t_s"])
    start = START.isoformat().replace("+00:00", "Z")
    events.insert(0, {"t_s": 0.0, "t_utc": start, "drone": None, "sortie": None, "kind": "run_started",
                      "text": "Run of 3 sorties started"})  # fmt: skip
    features = [leg for f in flights for leg in f.legs] + [_task_feature(t) for t in areas] + _fixtures()
    plan = {"type": "FeatureCollection", "mission": title, "day": "2026-09-14", "seed": 1,
            "time_zone": "Europe/Helsinki", "attribution": ["© OpenStreetMap contributors, ODbL 1.0"],
            "features": features}  # fmt: skip
    summary = [
        SummaryRow(t.id, t.name, d, 1234.0, 1251.5, 190.0, 196.0, share, 0.62, 0)
        for t, d, share in zip(
            areas, ["k1", "h1", "h1", "h1", "k1", "k2"], [1, 0.998, 1, 0.97, 0.99, 0.86], strict=True
        )
    ]
    return ReplayData(
        title=title, time_zone=HELSINKI, layers=[streets()], plan=plan, tracks=tracks, events=events,
        ceiling_m=120.0, reserve=0.2, summary=summary,
    )  # fmt: skip


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": mapping(unproject(geometry, FRAME)), "properties": properties}


def _task_feature(task: AreaTask) -> dict[str, Any]:
    return {"type": "Feature", "geometry": mapping(task.polygon), "properties": {
        "role": "task", "id": task.id, "name": task.name, "kind": str(task.kind),
        "altitude_agl_m": task.altitude_agl_m, "track_spacing_m": task.track_spacing_m,
        "swath_m": task.swath_m, "passes": task.passes, "windows": [], "priority": 1}}  # fmt: skip


def _fixtures() -> list[dict[str, Any]]:
    keep_out = shapely.box(60, -160, 220, 20)
    remainder = shapely.box(-60, 470, -30, 500)
    return [
        _feature(keep_out, role="zone", id="palace", name="Palace", kind="keep_out", floor_agl_m=0.0,
                 ceiling_agl_m=None, illustrative=True),
        _feature(shapely.Point(-380, -60), role="station", id="kamppi", name="Kamppi", drones=["k1", "k2"]),
        _feature(shapely.Point(640, -180), role="station", id="harbour", name="Harbour", drones=["h1"]),
        _feature(remainder, role="remainder", task="kaisaniemi", reason="keep-out zone", area_m2=900.0),
    ]  # fmt: skip


def streets() -> dict[str, Any]:
    """Return a made-up street grid with blocks of houses."""
    rng = np.random.default_rng(7)
    features = []
    for k, x in enumerate(range(-800, 900, 110)):
        line = shapely.LineString([(x, -420), (x + 40, 700)])
        features.append(_feature(line, kind="road", highway="primary" if k % 5 == 2 else "residential"))
    for k, y in enumerate(range(-400, 700, 100)):
        line = shapely.LineString([(-800, y), (900, y + 30)])
        features.append(_feature(line, kind="road", highway="secondary" if k % 4 == 1 else "footway"))
    for x in range(-785, 850, 110):
        for y in range(-380, 650, 100):
            if rng.random() < 0.75:
                house = shapely.box(x, y, x + rng.uniform(30, 75), y + rng.uniform(25, 65))
                features.append(_feature(house, kind="building", height_m=18.0))
    features.append(_feature(shapely.box(-70, 200, 330, 600), kind="park", name="Kaisaniemi"))
    features.append(_feature(shapely.box(760, -420, 900, 700), kind="water"))
    return {
        "type": "FeatureCollection",
        "attribution": "© OpenStreetMap contributors, ODbL 1.0",
        "features": features,
    }
