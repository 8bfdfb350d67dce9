"""A small valid mission that tests spoil in one place."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dronepatrol.formats.mission import load_mission
from dronepatrol.model import Mission


def square(west: float, south: float, side_deg: float = 0.004) -> dict[str, Any]:
    """Return a GeoJSON square."""
    east, north = west + side_deg, south + side_deg
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def small_mission() -> dict[str, Any]:
    """Return the values of a mission file with one station, one drone and one task."""
    return {
        "dronepatrol": 1,
        "name": "Test",
        "time_zone": "Europe/Helsinki",
        "date": "2026-09-14",
        "stations": [
            {"id": "north", "position": [24.94, 60.17], "drones": [{"id": "n1", "model": "m4td"}]},
        ],
        "tasks": [
            {
                "id": "school",
                "kind": "school_zone",
                "area": square(24.945, 60.171),
                "altitude_agl_m": 60,
                "windows": [{"start": "07:40", "end": "08:20"}],
            },
        ],
    }


@pytest.fixture
def values() -> dict[str, Any]:
    """Give the values of a valid mission file to change."""
    return small_mission()


@pytest.fixture
def load(tmp_path: Path) -> Callable[[Any], Mission]:
    """Give a function that writes values or text to a mission file and loads it."""

    def write_and_load(content: Any) -> Mission:
        path = tmp_path / "mission.yaml"
        text = (
            content
            if isinstance(content, str)
            else yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        )
        path.write_text(text, encoding="utf-8")
        return load_mission(path)

    return write_and_load


@pytest.fixture
def areas(tmp_path: Path) -> Callable[..., Path]:
    """Give a function that writes a GeoJSON file of features beside the mission file."""

    def write(*features: dict[str, Any], name: str = "areas.geojson") -> Path:
        path = tmp_path / name
        path.write_text(
            json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8"
        )
        return path

    return write


def feature(key: str, geometry: dict[str, Any], **properties: Any) -> dict[str, Any]:
    """Return a GeoJSON feature."""
    return {"type": "Feature", "id": key, "properties": properties, "geometry": geometry}
