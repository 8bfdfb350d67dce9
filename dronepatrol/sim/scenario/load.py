"""A scenario file, read and validated, as a `Scenario`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from math import inf
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from dronepatrol.errors import InputError
from dronepatrol.formats.mission import load_mission, shipped_tables
from dronepatrol.formats.mission.document import MAX_BYTES, Path_, parse_document, read_text
from dronepatrol.formats.mission.messages import problems_of
from dronepatrol.formats.mission.problems import Problems
from dronepatrol.formats.mission.schema import Strict
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.formats.mission.times import read_day
from dronepatrol.link.impaired import PERFECT, Impairment
from dronepatrol.model import Airspace, Drone, Mission, Position, Station
from dronepatrol.sim.autopilot.parameters import definitions
from dronepatrol.sim.failsafes.compass import USUAL_OFFSET
from dronepatrol.sim.faults.fault import SETTINGS, Fault, Near, Trigger, glitch_settings
from dronepatrol.sim.motion import Mode
from dronepatrol.sim.scenario import schema
from dronepatrol.sim.scenario import schema_faults as faulty
from dronepatrol.sim.scenario.conditions import ALL, Conditions, LinkRule
from dronepatrol.sim.scenario.scenario import Action, Expectation, Scenario
from dronepatrol.sim.weather import Breeze, Profile, Weather

FLEET_DAY = date(2026, 1, 1)
"""Day of a fleet without a mission."""


def load_scenario(path: str | Path, *, seed: int | None = None) -> Scenario:
    """Read a scenario file and the mission it names.

    Parameters
    ----------
    path
        The YAML file.
    seed
        In place of the file's own.

    Raises
    ------
    MissionFileError
        If anything in it cannot be used; everything found is told at once, with line, place, value and
        remedy.
    """
    file = Path(path)
    document = parse_document(read_text(file, MAX_BYTES, "scenario file"), file)
    problems = Problems(file, document)
    try:
        model = schema.ScenarioModel.model_validate(document.value)
    except ValidationError as error:
        problems.found += problems_of(error, schema.ScenarioModel)
        problems.raise_if_any()
        raise
    day = _day(model, problems)
    mission = _mission(model, file, day, problems)
    problems.raise_if_any()
    seed = model.seed if seed is None else seed
    conditions = Conditions(
        weather=_weather(model.weather, seed, problems),
        faults=tuple(_fault(entry, mission) for entry in model.faults),
        links=_links(model.links),
        parameters={ALL: model.parameters, **model.drone_parameters},
        seed=seed,
    )
    _check_words(model, mission, problems)
    problems.raise_if_any()
    return Scenario(
        name=model.name,
        description=model.description,
        source=file,
        mission=mission,
        conditions=conditions,
        actions=tuple(
            Action(entry.drone, entry.do, _figures(entry, ("drone", "do"))) for entry in model.actions
        ),
        expectations=tuple(Expectation(entry.kind, _figures(entry, ("kind",))) for entry in model.expect),
        seed=seed,
        speed={"virtual": None, "wall": 1.0}[model.clock] if isinstance(model.clock, str) else model.clock,
        limit_s=model.limit_min * 60.0,
    )


# Mission or fleet


def _day(model: schema.ScenarioModel, problems: Problems) -> date | None:
    if model.date is None:
        return None
    try:
        return read_day(model.date)
    except InputError as error:
        problems.add(("date",), error.message, error.remedy)
        return None


def _mission(model: schema.ScenarioModel, file: Path, day: date | None, problems: Problems) -> Mission:
    if model.mission is not None:
        return load_mission(file.parent / model.mission, day=day)
    assert model.fleet is not None
    known = shipped_tables().drone_models
    stations: list[Station] = []
    for index, entry in enumerate(model.fleet):
        kind = known.get(entry.model)
        if kind is None:
            path = ("fleet", index, "model")
            problems.add(path, f"drone model '{entry.model}' is not known", suggestion(entry.model, known))
            continue
        if any(station.id == entry.id for station in stations):
            problems.add(
                ("fleet", index, "id"), f"another drone has the id '{entry.id}'", "give each its own"
            )
        position = Position(entry.position.lon, entry.position.lat)
        drone = Drone(entry.id, kind, entry.id)
        stations.append(Station(entry.id, entry.id, position, entry.elevation_amsl_m, 0.0, (drone,)))
    return Mission(
        name=model.name,
        time_zone=ZoneInfo("UTC"),
        day=day or FLEET_DAY,
        stations=tuple(stations),
        airspace=Airspace(inf, (), 0.0),
        tasks=(),
        reserve=0.0,
        transit_altitude_agl_m=0.0,
        source=None,
        layers=(),
    )


# Conditions


def _weather(model: schema.WeatherModel | None, seed: int, problems: Problems) -> Weather | None:
    if model is None:
        return None
    breezes = [Breeze(entry.at_s, entry.speed_mps, entry.from_deg, entry.gust_mps) for entry in model.wind]
    try:
        return Weather(breezes, profile=Profile(model.profile), reference_m=model.reference_m, seed=seed)
    except InputError as error:
        index = next(i for i in range(1, len(breezes)) if breezes[i].time_s <= breezes[i - 1].time_s)
        problems.add(("weather", "wind", index, "at_s"), error.message, error.remedy)
        return None


def _fault(entry: Any, mission: Mission) -> Fault:
    near = None
    if entry.near is not None:
        place = entry.near.position
        near = Near(Position(place.lon, place.lat), entry.near.radius_m)
    return Fault(
        kind=entry.kind,
        trigger=Trigger(entry.at_s, entry.airborne_s, near, entry.task, entry.after_s),
        drone=entry.drone,
        settings=_settings(entry, mission),
        remaining=entry.remaining if entry.kind == "battery_charge" else None,
        for_s=entry.for_s,
    )


def _settings(entry: Any, mission: Mission) -> Mapping[str, float]:
    """Return the SIM_ parameters of one fault."""
    match entry:
        case faulty.GpsGlitchModel():
            lat_deg = mission.stations[0].position.lat_deg
            return glitch_settings(entry.north_m, entry.east_m, entry.up_m, lat_deg)
        case faulty.GpsNoiseModel():
            return {"SIM_GPS1_NOISE": entry.sigma_m}
        case faulty.BaroDriftModel():
            return {"SIM_BARO_DRIFT": entry.rate_mps}
        case faulty.BatteryVoltageModel():
            return {"SIM_BATT_VOLTAGE": entry.voltage_v}
        case faulty.MotorLossModel():
            return {"SIM_ENGINE_FAIL": float(1 << (entry.motor - 1)), "SIM_ENGINE_MUL": entry.thrust_left}
        case faulty.CompassModel():
            return _compass(entry)
        case faulty.VibrationModel():
            return {"SIM_ACC1_RND": entry.level_mps2}
        case faulty.ParameterFaultModel():
            return {entry.name: entry.value}
        case _:
            return SETTINGS.get(entry.kind, {})


def _compass(entry: faulty.CompassModel) -> Mapping[str, float]:
    if entry.disturbance_mgauss is None:
        return {f"SIM_MAG{number}_FAIL": 1.0 for number in entry.compasses}
    x = USUAL_OFFSET[0] + entry.disturbance_mgauss
    return {f"SIM_MAG{number}_OFS_X": x for number in entry.compasses}


def _links(entries: Iterable[schema.LinkModel]) -> tuple[LinkRule, ...]:
    rules = []
    for entry in entries:
        impairment = Impairment(
            loss=entry.loss,
            duplicate=entry.duplicate,
            reorder=entry.reorder,
            corrupt=entry.corrupt,
            delay_s=entry.delay_s,
            jitter_s=entry.jitter_s,
            rate_bytes_per_s=entry.rate_bytes_per_s or inf,
            outages_s=tuple(
                (outage.from_s, inf if outage.for_s is None else outage.from_s + outage.for_s)
                for outage in entry.outages
            ),
        )
        to_drone = impairment if entry.direction != "to_ground" else PERFECT
        to_ground = impairment if entry.direction != "to_drone" else PERFECT
        rules.append(LinkRule(entry.drone, to_drone, to_ground))
    return tuple(rules)


def _figures(entry: Strict, without: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = entry.model_dump(exclude_none=True, exclude=set(without))
    for key in ("position", "path"):
        if key in values:
            given = values[key]
            places = [Position(p["lon"], p["lat"]) for p in (given if key == "path" else [given])]
            values[key] = places if key == "path" else places[0]
    return values


# Words that refer to something


def _check_words(model: schema.ScenarioModel, mission: Mission, problems: Problems) -> None:
    drones = [drone.id for drone in mission.drones]
    tasks = [task.id for task in mission.tasks]
    for section in ("faults", "links", "actions", "expect"):
        for index, entry in enumerate(getattr(model, section)):
            at: Path_ = (section, index)
            _known(entry.drone, drones, (*at, "drone"), "drone", problems)
            _known(getattr(entry, "task", None), tasks, (*at, "task"), "task", problems)
            _known(getattr(entry, "mode", None), [m.name for m in Mode], (*at, "mode"), "mode", problems)
            if section in ("faults", "actions"):
                name = getattr(entry, "name", None)
                _known(name, definitions(), (*at, "name"), "parameter", problems)
    for name in model.parameters:
        _known(name, definitions(), ("parameters", name), "parameter", problems)
    for drone, values in model.drone_parameters.items():
        _known(drone, drones, ("drone_parameters", drone), "drone", problems)
        for name in values:
            _known(name, definitions(), ("drone_parameters", drone, name), "parameter", problems)


def _known(word: str | None, known: Iterable[str], path: Path_, what: str, problems: Problems) -> None:
    if word is not None and word not in known:
        problems.add(path, f"{what} '{word}' is not known", suggestion(word, known))
