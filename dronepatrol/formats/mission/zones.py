"""Zones of a mission file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from shapely.geometry import MultiPolygon

from dronepatrol.errors import GeometryError, InputError, MissionFileError
from dronepatrol.formats.mission.areas import AreaFiles, Feature, feature_id, read_area
from dronepatrol.formats.mission.document import Path_, dotted
from dronepatrol.formats.mission.messages import problems_of
from dronepatrol.formats.mission.problems import Problems
from dronepatrol.formats.mission.schema import WindowModel, ZoneModel
from dronepatrol.formats.mission.times import read_window
from dronepatrol.model import TimeWindow, Zone, ZoneKind


def read_zones(
    entries: Sequence[ZoneModel | str], areas: AreaFiles, day: date, zone: ZoneInfo, problems: Problems
) -> dict[Path_, Zone]:
    """Return the zones by their place in the file; what is wrong goes to ``problems``."""
    zones: dict[Path_, Zone] = {}
    for index, entry in enumerate(entries):
        path: Path_ = ("airspace", "zones", index)
        model = _referenced(entry, areas, path, problems) if isinstance(entry, str) else entry
        if model is None:
            continue
        inner: Path_ = path if isinstance(entry, str) else (*path, "area")
        polygon = area_of(model.area, areas, inner, problems)
        active = windows_of(model.active, (*path, "active"), day, zone, problems)
        if polygon is not None:
            zones[path] = _zone(model, polygon, active)
    return zones


def _zone(model: ZoneModel, polygon: MultiPolygon, active: tuple[TimeWindow, ...]) -> Zone:
    return Zone(
        id=model.id,
        name=model.name or model.id,
        kind=ZoneKind(model.kind),
        polygon=polygon,
        floor_agl_m=model.floor_agl_m,
        ceiling_agl_m=inf if model.ceiling_agl_m is None else model.ceiling_agl_m,
        active=active,
        illustrative=model.illustrative,
    )


def area_of(source: Any, areas: AreaFiles, path: Path_, problems: Problems) -> MultiPolygon | None:
    """Return the area that a geometry or a reference means; None, and a problem noted, if there is none."""
    about = source if isinstance(source, str) else ""
    try:
        if isinstance(source, str):
            source, _ = areas.feature(source)
        return read_area(source)
    except GeometryError as error:
        problems.add_error(path, error, about)
    except MissionFileError as error:
        problems.add_error(path, error)
    return None


def windows_of(
    models: Sequence[WindowModel], path: Path_, day: date, zone: ZoneInfo, problems: Problems
) -> tuple[TimeWindow, ...]:
    """Return the windows in order of start, without those that cannot be used, which are noted."""
    windows = []
    for index, model in enumerate(models):
        try:
            windows.append(read_window(model, day, zone))
        except InputError as error:
            place = (*path, index, error.place) if error.place else (*path, index)
            problems.add(place, error.message, error.remedy)
    return tuple(sorted(windows, key=lambda window: window.start))


def _referenced(reference: str, areas: AreaFiles, path: Path_, problems: Problems) -> ZoneModel | None:
    """Return the zone that a feature and its properties describe."""
    try:
        feature, _ = areas.feature(reference)
    except MissionFileError as error:
        problems.add_error(path, error)
        return None
    try:
        return ZoneModel.model_validate(_zone_values(feature))
    except ValidationError as error:
        for found in problems_of(error, ZoneModel):
            inside = f"{reference}: properties.{dotted(found.path)}: ".replace(
                "properties.: ", "properties: "
            )
            remedy = found.remedy or "write the zone out with id, kind and 'area: file.geojson#id'"
            problems.add(path, inside + found.message, remedy)
        return None


def _zone_values(feature: Feature) -> dict[str, Any]:
    """Return those properties of a feature that a zone has; other properties are none of our business."""
    properties = feature.get("properties")
    known = set(ZoneModel.model_fields) - {"id", "area"}
    own = (
        {key: value for key, value in (properties or {}).items() if key in known}
        if isinstance(properties, dict)
        else {}
    )
    return {**own, "id": feature_id(feature), "area": feature}
