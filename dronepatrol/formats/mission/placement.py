"""Whether the places of a mission file make sense together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from shapely.geometry import MultiPolygon, Point

from dronepatrol.formats.mission.document import Path_
from dronepatrol.formats.mission.problems import Problems
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.model import AreaTask, Position, Station, Zone, ZoneKind

FAR_M = 500_000.0
"""No small drone comes this far: the coordinates are wrong."""
SWAP = "swap the two numbers of each point: longitude comes first"
SWAP_EITHER = "swap the two numbers of each point, or of the station: longitude comes first"


def check_placement(
    stations: Sequence[Station],
    zones: Mapping[Path_, Zone],
    tasks: Mapping[Path_, AreaTask],
    transit_altitude_m: float,
    problems: Problems,
) -> None:
    """Note tasks far from every station, swapped numbers, stations in keep-out zones, tasks out of bounds."""
    for path, zone in zones.items():
        _check_zone_not_swapped(path, zone, stations, problems)
    for path, task in tasks.items():
        if _check_near(path, task, stations, problems):
            _check_inside(path, task, list(zones.values()), problems)
    for index, station in enumerate(stations):
        _check_station(("stations", index, "position"), station, zones.values(), transit_altitude_m, problems)


def _check_near(path: Path_, task: AreaTask, stations: Sequence[Station], problems: Problems) -> bool:
    corners = _corners(task.polygon)
    station, distance_m = _farthest(corners, stations)
    if distance_m <= FAR_M:
        return True
    if _all_near(_swapped(corners), stations):
        remedy = SWAP if len(stations) > 1 else SWAP_EITHER
    else:
        remedy = "check both positions"
    distance = f"{distance_m / 1000.0:.0f} km from station {station.id}"
    problems.add((*path, "area"), f"lies {distance}, more than {FAR_M / 1000.0:.0f} km", remedy)
    return False


def _check_zone_not_swapped(path: Path_, zone: Zone, stations: Sequence[Station], problems: Problems) -> None:
    """Note a swapped zone: far away it does no harm, but here its rule silently would not hold."""
    corners = _corners(zone.polygon)
    station, distance_m = _farthest(corners, stations)
    if distance_m > FAR_M and _all_near(_swapped(corners), stations):
        problems.add(
            path, f"zone {zone.id} lies {distance_m / 1000.0:.0f} km from station {station.id}", SWAP
        )


def _check_inside(path: Path_, task: AreaTask, zones: Sequence[Zone], problems: Problems) -> None:
    bounds = [zone for zone in zones if zone.kind is ZoneKind.KEEP_IN and _binds(zone, task)]
    if bounds and not any(zone.polygon.intersects(task.polygon) for zone in bounds):
        names = ", ".join(zone.id for zone in bounds)
        problems.add(
            (*path, "area"), f"lies outside every keep-in zone ({names})", "move the task or widen a zone"
        )


def _binds(zone: Zone, task: AreaTask) -> bool:
    """Say whether a zone's rule holds where and whenever the task is flown."""
    if not zone.holds_at(task.altitude_agl_m, task.altitude_agl_m):
        return False
    if not zone.active:
        return True
    return bool(task.windows) and all(zone.is_active(window.start, window.end) for window in task.windows)


def _check_station(
    path: Path_, station: Station, zones: Collection[Zone], altitude_m: float, problems: Problems
) -> None:
    point = Point(station.position.lonlat)
    column = [zone for zone in zones if not zone.active and zone.holds_at(0.0, altitude_m)]
    for zone in column:
        if zone.kind is ZoneKind.KEEP_OUT and zone.polygon.covers(point):
            problems.add(path, f"station {station.id} stands in keep-out zone {zone.id}", "move one of them")
    bounds = [zone for zone in column if zone.kind is ZoneKind.KEEP_IN]
    if bounds and not any(zone.polygon.covers(point) for zone in bounds):
        names = ", ".join(zone.id for zone in bounds)
        problems.add(
            path, f"station {station.id} stands outside every keep-in zone ({names})", "move one of them"
        )


def _corners(polygon: MultiPolygon) -> list[Position]:
    west, south, east, north = polygon.bounds
    return [Position(lon, lat) for lon in (west, east) for lat in (south, north)]


def _swapped(corners: Sequence[Position]) -> list[Position] | None:
    """Return the corners with longitude and latitude exchanged, None if that gives no latitude."""
    if any(abs(corner.lon_deg) > 90.0 for corner in corners):
        return None
    return [Position(corner.lat_deg, corner.lon_deg) for corner in corners]


def _farthest(corners: Sequence[Position], stations: Sequence[Station]) -> tuple[Station, float]:
    """Return the distance of the corner that is farthest from its nearest station, and that station."""
    nearest = [
        min(((great_circle_m(station.position, corner), i) for i, station in enumerate(stations)))
        for corner in corners
    ]
    distance_m, index = max(nearest)
    return stations[index], distance_m


def _all_near(corners: Sequence[Position] | None, stations: Sequence[Station]) -> bool:
    return corners is not None and _farthest(corners, stations)[1] <= FAR_M
