"""Drone models and cameras: the shipped tables and what a mission file changes or adds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from dronepatrol.formats.mission.document import Document, Path_, parse_document
from dronepatrol.formats.mission.problems import Problems
from dronepatrol.formats.mission.schema import CameraModel, DroneModelModel, Strict
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.model import Battery, Camera, DroneModel

NOMINAL_CAPACITY_WH = 100.0
"""Stands in where a model states its endurance alone; only shares of the battery mean something then."""
CLIMB_FACTOR = 1.5
"""Assumed power of a climb over that of hovering (lifting 1.2 kg at 2.5 m/s adds some 50 W to 120 W)."""

Figures = dict[str, Any]
EntryT = TypeVar("EntryT", bound=Strict)


@dataclass(frozen=True, slots=True)
class Tables:
    """Cameras and drone models by id."""

    cameras: Mapping[str, Camera]
    drone_models: Mapping[str, DroneModel]


@cache
def shipped_tables() -> Tables:
    """Return the tables that ship with the package."""
    problems = Problems(Path("drones.yaml"), Document({}, {}))
    tables = _build(problems, {}, {})
    problems.raise_if_any()
    return tables


def extended_tables(
    problems: Problems, cameras: Mapping[str, CameraModel], drone_models: Mapping[str, DroneModelModel]
) -> Tables:
    """Return the shipped tables with a mission file's changes; what is wrong goes to ``problems``."""
    return _build(problems, cameras, drone_models)


@cache
def _shipped(name: str, kind: type[EntryT]) -> dict[str, EntryT]:
    resource = files("dronepatrol.formats.mission") / name
    document = parse_document(resource.read_text(encoding="utf-8"), Path(name))
    return {key: kind.model_validate(value) for key, value in document.value.items()}


def _build(
    problems: Problems, own_cameras: Mapping[str, CameraModel], own_models: Mapping[str, DroneModelModel]
) -> Tables:
    camera_figures = {key: _given(entry) for key, entry in _shipped("cameras.yaml", CameraModel).items()}
    for key, camera in own_cameras.items():
        camera_figures[key] = {**camera_figures.get(key, {}), **_given(camera)}
    cameras = {
        key: Camera(id=key, **_complete(figures, key))
        for key, figures in camera_figures.items()
        if _is_complete(
            problems, ("cameras", key), figures, CameraModel, {"min_interval_s", "name", "source"}
        )
    }
    model_figures = {key: _given(entry) for key, entry in _shipped("drones.yaml", DroneModelModel).items()}
    for key, model in own_models.items():
        if model.extends is not None and model.extends not in model_figures:
            message = f"drone model '{model.extends}' is not known"
            remedy = suggestion(model.extends, model_figures)
            problems.add(("drone_models", key, "extends"), message, remedy)
            continue
        model_figures[key] = _extended(key, model, model_figures)
    models = {}
    for key, figures in model_figures.items():
        built = _drone_model(problems, key, figures, cameras)
        if built is not None:
            models[key] = built
    return Tables(cameras, models)


def _given(entry: Strict) -> Figures:
    """Return what an entry says, without what it leaves open."""
    return {key: getattr(entry, key) for key in entry.model_fields_set if getattr(entry, key) is not None}


def _complete(figures: Figures, key: str) -> Figures:
    return {"name": key, "source": "the mission file", "min_interval_s": 1.0, **figures}


def _is_complete(
    problems: Problems, path: Path_, figures: Figures, kind: type[Strict], optional: set[str]
) -> bool:
    missing = [key for key in kind.model_fields if key not in figures and key not in optional]
    if missing:
        problems.add(path, f"'{path[-1]}' is not in the shipped table and leaves open: {', '.join(missing)}")
    return not missing


def _extended(key: str, model: DroneModelModel, known: Mapping[str, Figures]) -> Figures:
    """Return a model's figures over those it extends: the named model, or the shipped one of the same id."""
    own = _given(model)
    base_id = own.pop("extends", key)
    base = dict(known.get(base_id, {}))
    if base_id != key:
        base.pop("name", None)
    if "battery" in own:
        if own["battery"].hover_power_w is not None:
            base.pop("endurance_min", None)
        if own["battery"].capacity_wh is None and "battery" in base:
            own["battery"] = own["battery"].model_copy(update={"capacity_wh": base["battery"].capacity_wh})
    elif "endurance_min" in own and "battery" in base:
        base["battery"] = type(base["battery"])(capacity_wh=base["battery"].capacity_wh)
    return {**base, **own}


def _drone_model(
    problems: Problems, key: str, figures: Figures, cameras: Mapping[str, Camera]
) -> DroneModel | None:
    path: Path_ = ("drone_models", key)
    optional = {"extends", "name", "source", "endurance_min", "battery"}
    if not _is_complete(problems, path, figures, DroneModelModel, optional):
        return None
    battery = _battery(figures)
    if battery is None:
        problems.add(path, f"'{key}' says nothing of its energy", "give endurance_min or battery")
        return None
    unknown = [name for name in figures["cameras"] if name not in cameras]
    for name in unknown:
        problems.add((*path, "cameras"), f"camera '{name}' is not known", suggestion(name, cameras))
    if figures["cruise_speed_mps"] > figures["max_speed_mps"]:
        problems.add(
            path,
            f"cruise_speed_mps {figures['cruise_speed_mps']:g} is more than max_speed_mps "
            f"{figures['max_speed_mps']:g}",
            "lower the one or raise the other",
        )
        return None
    if unknown:
        return None
    rest = {
        name: value for name, value in figures.items() if name not in ("endurance_min", "battery", "cameras")
    }
    named = {"name": key, "source": "the mission file", **rest}
    return DroneModel(
        id=key, battery=battery, cameras=tuple(cameras[name] for name in figures["cameras"]), **named
    )


def _battery(figures: Figures) -> Battery | None:
    """Return the battery by the rule of docs/mission-file.md, None if nothing is said of it."""
    stated = figures.get("battery")
    endurance_min = figures.get("endurance_min")
    capacity_wh = (stated.capacity_wh if stated else None) or NOMINAL_CAPACITY_WH
    if stated is not None and stated.hover_power_w is not None:
        hover_w = stated.hover_power_w
        powers = stated.cruise_power_w, stated.climb_power_w
    elif endurance_min is not None:
        hover_w = capacity_wh / (endurance_min / 60.0)
        powers = None, None
    else:
        return None
    return Battery(
        capacity_wh=float(capacity_wh),
        hover_power_w=float(hover_w),
        cruise_power_w=float(powers[0] or hover_w),
        climb_power_w=float(powers[1] or CLIMB_FACTOR * hover_w),
        assumed=None in powers or stated is None or stated.capacity_wh is None,
    )
