"""What the page is given: geometry in decimetres, columns as base64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from math import cos, isfinite, radians, sin, sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry import shape

from dronepatrol.geo.frame import WGS84_A_M, WGS84_E2
from dronepatrol.replay.columns import drone_columns
from dronepatrol.replay.data import ReplayData, event_times_s
from dronepatrol.replay.layers import by_class, extent_lonlat, rings
from dronepatrol.replay.visits import flown_visits, planned_visits

Array = npt.NDArray[np.float64]

POINT_BUDGET = 120_000
"""Samples in the page over all drones: 32 bytes each, 5 MB of base64."""


class PageFrame:
    """Longitude and latitude stretched to metres around an origin; the page undoes it exactly.

    Lengths of one degree on WGS84 at the origin (Snyder, Map Projections: A Working Manual, 1987,
    equations 4-18 and 4-19). True at the origin, and within 0.3 % 10 km north or south of it at 60 degrees.
    """

    def __init__(self, lon_deg: float, lat_deg: float) -> None:
        self.origin = (lon_deg, lat_deg)
        lat = radians(lat_deg)
        root = sqrt(1.0 - WGS84_E2 * sin(lat) ** 2)
        self.scale = (
            radians(1.0) * WGS84_A_M * max(cos(lat), 1e-6) / root,
            radians(1.0) * WGS84_A_M * (1.0 - WGS84_E2) / root**3,
        )

    def to_metres(self, lonlat_deg: npt.ArrayLike) -> Array:
        """Return metres east and north of the origin, shape (n, 2); the date line is no edge."""
        points = np.asarray(lonlat_deg, dtype=np.float64)
        east_deg = (points[..., 0] - self.origin[0] + 180.0) % 360.0 - 180.0
        return np.stack(
            [east_deg * self.scale[0], (points[..., 1] - self.origin[1]) * self.scale[1]], axis=-1
        )


def payload(data: ReplayData) -> dict[str, Any]:
    """Return the page's content as what JSON can hold."""
    west, south, east, north = extent_lonlat(data)
    frame = PageFrame((west + east) / 2.0, (south + north) / 2.0)
    start = data.start_utc
    drones = drone_columns(data, frame.to_metres, POINT_BUDGET)
    events = _events(data)
    legs = [_leg(leg, frame, start) for leg in data.features("leg")]
    duration_s = max(
        [
            1.0,
            *(d.time_s[-1] for d in drones if len(d.time_s)),
            *(e["t"] for e in events),
            *(g["end"] for g in legs),
        ]
    )
    low, high = frame.to_metres([[west, south], [east, north]]).tolist()
    return {
        "title": data.title,
        "zone": data.time_zone.key,
        "start_ms": round(start.timestamp() * 1000.0),
        "duration_s": round(float(duration_s), 3),
        "offsets": utc_offsets(data, start, float(duration_s)),
        "origin": frame.origin,
        "scale": frame.scale,
        "extent": [*low, *high],
        "ceiling_m": data.ceiling_m,
        "reserve": data.reserve,
        "attribution": data.attribution,
        "base": _base(data, frame),
        "tasks": [_area(f, frame, "altitude_agl_m") for f in data.features("task")],
        "zones": [
            _area(f, frame, "floor_agl_m", "ceiling_agl_m", "illustrative") for f in data.features("zone")
        ],
        "remainders": [_area(f, frame, "reason") for f in data.features("remainder")],
        "stations": [_station(f, frame) for f in data.features("station")],
        "legs": legs,
        "drones": [drone.encoded() for drone in drones],
        "visits": _visits(data, start),
        "events": events,
        "summary": [{k: _plain(v) for k, v in asdict(row).items()} for row in data.summary],
    }


def utc_offsets(data: ReplayData, start: datetime, duration_s: float) -> list[list[float]]:
    """Return local time's distance from UTC as ``[from_s, offset_s]`` rows, one for each change of clocks.

    Changes fall on quarter hours of UTC, so looking at each quarter hour misses none.
    """
    rows: list[list[float]] = []
    until_quarter_s = 900.0 - start.timestamp() % 900.0
    for at_s in (0.0, *np.arange(until_quarter_s, duration_s, 900.0).tolist()):
        offset = (start + timedelta(seconds=at_s)).astimezone(data.time_zone).utcoffset() or timedelta()
        if not rows or rows[-1][1] != offset.total_seconds():
            rows.append([at_s, offset.total_seconds()])
    return rows


def _decimetres(path_m: Array) -> list[int]:
    """Flatten to whole decimetres: half the bytes, and nobody sees less."""
    return np.rint(path_m * 10.0).astype(np.int64).ravel().tolist()


def _base(data: ReplayData, frame: PageFrame) -> dict[str, list[list[int]]]:
    found: dict[str, list[list[int]]] = {}
    for kind, features in by_class(data.layers).items():
        flat: list[list[int]] = []
        for parts in features:
            for number, ring in enumerate(parts):
                flat.append(_decimetres(_wound(frame.to_metres(ring), outer=number == 0)))
        if flat:
            found[kind.value] = flat
    return found


def _wound(ring: Array, *, outer: bool) -> Array:
    """Turn closed rings so that holes stay open under the non-zero rule; lines stay as they are."""
    if len(ring) < 4 or not np.array_equal(ring[0], ring[-1]):
        return ring
    x, y = ring[:, 0], ring[:, 1]
    positive = float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) > 0.0
    return ring if positive == outer else ring[::-1]


def _area(feature: Mapping[str, Any], frame: PageFrame, *extra: str) -> dict[str, Any]:
    properties = feature["properties"]
    outline = [_decimetres(frame.to_metres(ring)) for ring in rings(feature["geometry"])]
    inside = shape(feature["geometry"]).representative_point()
    x, y = frame.to_metres([inside.x, inside.y]).tolist()
    named = {key: _plain(properties.get(key)) for key in ("id", "name", "kind", "task", *extra)}
    return {
        "rings": outline,
        "x": round(x, 1),
        "y": round(y, 1),
        **{k: v for k, v in named.items() if v is not None},
    }


def _station(feature: Mapping[str, Any], frame: PageFrame) -> dict[str, Any]:
    x, y = frame.to_metres(feature["geometry"]["coordinates"][:2]).tolist()
    return {"id": feature["properties"].get("id"), "name": feature["properties"].get("name"), "x": x, "y": y}


def _leg(feature: Mapping[str, Any], frame: PageFrame, start: datetime) -> dict[str, Any]:
    properties = feature["properties"]
    path = np.asarray(feature["geometry"]["coordinates"], dtype=np.float64)
    begin_s = (datetime.fromisoformat(properties["start_utc"]) - start).total_seconds()
    return {
        "path": _decimetres(frame.to_metres(path[:, :2])),
        "drone": properties.get("drone"),
        "kind": properties.get("kind"),
        "begin": round(begin_s, 1),
        "end": round(begin_s + float(properties["duration_s"]), 1),
    }


def _visits(data: ReplayData, start: datetime) -> list[dict[str, Any]]:
    visits = (flown_visits(data) if data.tracks else []) or planned_visits(data)
    return [
        {
            "task": visit.task_id,
            "drone": visit.drone,
            "begin": round((visit.begin - start).total_seconds(), 1),
            "end": round((visit.end - start).total_seconds(), 1),
        }
        for visit in visits
    ]


def _events(data: ReplayData) -> list[dict[str, Any]]:
    """Return events in order of time, with what the page shows."""
    rows = [
        {
            "t": round(t_s, 3),
            **{
                k: _plain(event[k]) for k in ("drone", "kind", "text", "lon", "lat", "severity") if k in event
            },
        }
        for event, t_s in zip(data.events, event_times_s(data), strict=True)
    ]
    return sorted(rows, key=lambda row: row["t"])


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: no NaN, no infinity, no numpy."""
    if isinstance(value, (bool, str)) or value is None:
        return value
    if isinstance(value, (int, float, np.floating, np.integer)):
        return float(value) if isfinite(value) else None
    return str(value)
