"""A mission file, read and validated, as a `Mission`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from dronepatrol.errors import InputError, MissionFileError
from dronepatrol.formats.mission.areas import AreaFiles
from dronepatrol.formats.mission.document import Document, Path_, read_document
from dronepatrol.formats.mission.messages import problems_of
from dronepatrol.formats.mission.placement import check_placement
from dronepatrol.formats.mission.problems import Problems
from dronepatrol.formats.mission.schema import MissionModel, StationModel
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.formats.mission.tables import Tables, extended_tables
from dronepatrol.formats.mission.tasks import read_tasks
from dronepatrol.formats.mission.times import read_day, read_time_zone, today
from dronepatrol.formats.mission.zones import read_zones
from dronepatrol.model import Airspace, Drone, Mission, Position, Station


def load_mission(path: str | Path, *, day: date | None = None) -> Mission:
    """Read a mission file and everything it refers to.

    Parameters
    ----------
    path
        The YAML file; GeoJSON files it names are looked for relative to its folder.
    day
        The local day its windows refer to; the file's own ``date`` if None, and today if it has none.

    Raises
    ------
    MissionFileError
        If anything in the file or a file it refers to cannot be used. Everything found is told at once, each
        with line, place, value, limit and remedy.
    """
    file = Path(path)
    document = read_document(file)
    problems = Problems(file, document)
    model = _validated(document, problems)
    try:
        mission = _mission(model, file, day, problems)
    except MissionFileError:
        raise
    except InputError as error:
        raise MissionFileError(
            error.message, file=error.file or file, place=error.place, remedy=error.remedy
        ) from error
    problems.raise_if_any()
    return mission


def _validated(document: Document, problems: Problems) -> MissionModel:
    try:
        return MissionModel.model_validate(document.value)
    except ValidationError as error:
        problems.found += problems_of(error, MissionModel)
        problems.raise_if_any()
        raise


def _mission(model: MissionModel, file: Path, day: date | None, problems: Problems) -> Mission:
    zone = _time_zone(model, problems)
    local_day = day or _day(model, zone, problems)
    problems.raise_if_any()  # without zone and day no window means anything
    areas = AreaFiles(file.parent)
    tables = extended_tables(problems, model.cameras, model.drone_models)
    problems.raise_if_any()  # a faulty model would be reported again as unknown
    stations = _stations(model.stations, tables, problems)
    problems.raise_if_any()  # without drones no altitude or swath follows
    zones = read_zones(model.airspace.zones, areas, local_day, zone, problems)
    drones = [drone for station in stations for drone in station.drones]
    tasks = read_tasks(model.tasks, drones, tables.cameras, areas, local_day, zone, problems)
    _check_unique(model, [found.id for found in zones.values()], problems)
    check_placement(stations, zones, tasks, model.transit_altitude_agl_m, problems)
    mission = Mission(
        name=model.name,
        time_zone=zone,
        day=local_day,
        stations=stations,
        airspace=Airspace(model.airspace.ceiling_agl_m, tuple(zones.values()), model.airspace.zone_margin_m),
        tasks=tuple(tasks.values()),
        reserve=model.reserve,
        transit_altitude_agl_m=model.transit_altitude_agl_m,
        source=file,
        layers=_layers(model.layers, areas, problems),
    )
    problems.raise_if_any()
    return mission


def _time_zone(model: MissionModel, problems: Problems) -> ZoneInfo:
    try:
        return read_time_zone(model.time_zone)
    except InputError as error:
        problems.add(("time_zone",), error.message, error.remedy)
        return ZoneInfo("UTC")


def _day(model: MissionModel, zone: ZoneInfo, problems: Problems) -> date:
    if model.date is None:
        return today(zone)
    try:
        return read_day(model.date)
    except InputError as error:
        problems.add(("date",), error.message, error.remedy)
        return today(zone)


def _stations(entries: Sequence[StationModel], tables: Tables, problems: Problems) -> tuple[Station, ...]:
    stations = []
    for index, entry in enumerate(entries):
        drones = []
        for number, drone in enumerate(entry.drones):
            model = tables.drone_models.get(drone.model)
            if model is None:
                path = ("stations", index, "drones", number, "model")
                remedy = suggestion(drone.model, tables.drone_models)
                problems.add(path, f"drone model '{drone.model}' is not known", remedy)
                continue
            drones.append(Drone(drone.id, model, entry.id))
        stations.append(
            Station(
                id=entry.id,
                name=entry.name or entry.id,
                position=Position(entry.position.lon, entry.position.lat),
                elevation_amsl_m=entry.elevation_amsl_m,
                turnaround_s=entry.turnaround_min * 60.0,
                drones=tuple(drones),
            )
        )
    return tuple(stations)


def _check_unique(model: MissionModel, zone_ids: Sequence[str], problems: Problems) -> None:
    stations = [(("stations", i, "id"), entry.id) for i, entry in enumerate(model.stations)]
    drones = [
        (("stations", i, "drones", k, "id"), drone.id)
        for i, entry in enumerate(model.stations)
        for k, drone in enumerate(entry.drones)
    ]
    tasks = [(("tasks", i, "id"), entry.id) for i, entry in enumerate(model.tasks)]
    zones = [(("airspace", "zones", i), key) for i, key in enumerate(zone_ids)]
    for what, listed in (("station", stations), ("drone", drones), ("task", tasks), ("zone", zones)):
        _report_repeats(what, listed, problems)


def _report_repeats(what: str, listed: Iterable[tuple[Path_, str]], problems: Problems) -> None:
    seen: set[str] = set()
    for path, key in listed:
        if key in seen:
            problems.add(path, f"another {what} has the id '{key}'", "give each its own")
        seen.add(key)


def _layers(names: Sequence[str], areas: AreaFiles, problems: Problems) -> tuple[Path, ...]:
    layers = []
    for index, name in enumerate(names):
        layer = areas.folder / name
        try:
            areas.features(layer)
        except InputError as error:
            problems.add_error(("layers", index), error)
            continue
        layers.append(layer)
    return tuple(layers)
