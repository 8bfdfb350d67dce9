"""A plan as GeoJSON: legs, tasks, zones, stations and unseen ground in one file (RFC 7946)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.polygon import orient

from dronepatrol.errors import OutputError
from dronepatrol.model.plan import Leg, Plan, Remainder, Sortie, Waypoint
from dronepatrol.model.station import Station
from dronepatrol.model.task import Task
from dronepatrol.model.zone import Zone

DEGREE_DIGITS = 8
"""Decimals of degrees: about 1 mm."""
VALUE_DIGITS = 3
"""Decimals of metres, seconds and watt hours."""


def plan_to_geojson(plan: Plan) -> dict[str, Any]:
    """Return a plan as a FeatureCollection.

    Each feature has a ``role``: ``leg``, ``task``, ``zone``, ``station`` or ``remainder``. Positions of legs
    carry the height above the launch point as their third coordinate, in metres. The foreign members
    ``mission``, ``day``, ``time_zone``, ``seed`` and ``attribution`` say what it is a plan of and whose data
    lie under it.
    """
    mission = plan.mission
    features = [
        *(_station(station) for station in mission.stations),
        *(_zone(zone) for zone in mission.airspace.zones),
        *(_task(task) for task in mission.tasks),
        *(_remainder(r, r.polygon) for r in plan.remainders if r.polygon is not None),
        *(feature for sortie in plan.sorties for feature in _legs(sortie)),
    ]
    return {
        "type": "FeatureCollection",
        "mission": mission.name,
        "day": mission.day.isoformat(),
        "time_zone": mission.time_zone.key,
        "seed": plan.seed,
        "attribution": _attribution(mission.layers),
        "features": features,
    }


def write_plan(plan: Plan, path: Path) -> None:
    """Write a plan as GeoJSON, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    text = json.dumps(plan_to_geojson(plan), ensure_ascii=False, allow_nan=False, indent=None)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error


def _feature(role: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": {"role": role, **properties}}


def _legs(sortie: Sortie) -> Iterator[dict[str, Any]]:
    start_s = 0.0
    for index, leg in enumerate(sortie.legs):
        yield _leg(sortie, leg, index, sortie.launch + timedelta(seconds=start_s))
        start_s += leg.duration_s


def _leg(sortie: Sortie, leg: Leg, index: int, start: datetime) -> dict[str, Any]:
    return _feature(
        "leg",
        {"type": "LineString", "coordinates": [_position(leg.start), _position(leg.end)]},
        sortie=sortie.id,
        drone=sortie.drone_id,
        station=sortie.station_id,
        index=index,
        kind=leg.kind.value,
        task=leg.task_id,
        **{"pass": leg.pass_number},
        altitude_start_home_m=_value(leg.start.altitude_home_m),
        altitude_end_home_m=_value(leg.end.altitude_home_m),
        speed_mps=_value(leg.speed_mps),
        length_m=_value(leg.length_m),
        duration_s=_value(leg.duration_s),
        energy_wh=_value(leg.energy_wh),
        start_utc=_utc(start),
    )


def _task(task: Task) -> dict[str, Any]:
    return _feature(
        "task",
        _polygon(task.polygon),
        id=task.id,
        name=task.name,
        kind=task.kind.value,
        altitude_agl_m=_value(task.altitude_agl_m),
        track_spacing_m=_value(task.track_spacing_m),
        swath_m=_value(task.swath_m),
        passes=task.passes,
        windows=[[_utc(window.start), _utc(window.end)] for window in task.windows],
        priority=task.priority,
    )


def _zone(zone: Zone) -> dict[str, Any]:
    return _feature(
        "zone",
        _polygon(zone.polygon),
        id=zone.id,
        name=zone.name,
        kind=zone.kind.value,
        floor_agl_m=_value(zone.floor_agl_m),
        ceiling_agl_m=_value(zone.ceiling_agl_m) if isfinite(zone.ceiling_agl_m) else None,
        illustrative=zone.illustrative,
    )


def _station(station: Station) -> dict[str, Any]:
    lon, lat = station.position.lonlat
    return _feature(
        "station",
        {"type": "Point", "coordinates": [_degrees(lon), _degrees(lat)]},
        id=station.id,
        name=station.name,
        drones=[drone.id for drone in station.drones],
    )


def _remainder(remainder: Remainder, polygon: MultiPolygon) -> dict[str, Any]:
    return _feature(
        "remainder",
        _polygon(polygon),
        task=remainder.task_id,
        reason=remainder.reason,
        area_m2=_value(remainder.area_m2),
    )


def _polygon(shape: MultiPolygon) -> dict[str, Any]:
    """Return a polygon, outer rings counterclockwise (RFC 7946, section 3.1.6), single parts as Polygon."""
    parts = [
        [[[_degrees(x), _degrees(y)] for x, y in shapely.get_coordinates(ring).tolist()] for ring in rings]
        for rings in ([p.exterior, *p.interiors] for p in (orient(part) for part in shape.geoms))
    ]
    if len(parts) == 1:
        return {"type": "Polygon", "coordinates": parts[0]}
    return {"type": "MultiPolygon", "coordinates": parts}


def _position(waypoint: Waypoint) -> list[float]:
    lon, lat = waypoint.position.lonlat
    return [_degrees(lon), _degrees(lat), _value(waypoint.altitude_home_m)]


def _degrees(value: float) -> float:
    return round(float(value), DEGREE_DIGITS)


def _value(value: float) -> float:
    return round(float(value), VALUE_DIGITS)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _attribution(layers: Sequence[Path]) -> list[str]:
    """Return the attributions of the layers, each once; a layer that cannot be read has none to give."""
    found: dict[str, None] = {}
    for layer in layers:
        try:
            data = json.loads(layer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        value = data.get("attribution") if isinstance(data, dict) else None
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and text:
                found[text] = None
    return list(found)
