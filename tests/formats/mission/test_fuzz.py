"""Whatever a mission file holds, reading it gives a Mission or a MissionFileError."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dronepatrol.errors import MissionFileError
from dronepatrol.formats.mission import load_mission
from dronepatrol.formats.mission.schema import MissionModel, mission_schema
from dronepatrol.model import Mission
from tests.formats.mission.conftest import small_mission, square

FAST = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
WORDS = st.sampled_from(
    sorted(MissionModel.model_fields)
    + sorted(key for part in mission_schema()["$defs"].values() for key in part.get("properties", {}))
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | WORDS
    | st.sampled_from(
        ["07:40", "24:00", "2026-03-29T03:30", "areas.geojson#x", ".#x", "m4td", "school_zone", "photo"]
    )
    | st.sampled_from([-1, 0, 91, 181, 10**40, 1e308, 5e-324])
)
VALUES = st.recursive(
    LEAVES | st.just(square(24.94, 60.17)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=6), inner, max_size=5)
    ),
    max_leaves=12,
)


def full_mission() -> dict[str, Any]:
    """Return a mission that uses every part of the format."""
    values = small_mission()
    values["airspace"] = {
        "zones": [
            {
                "id": "z",
                "kind": "keep_out",
                "area": square(24.95, 60.18),
                "active": [{"start": "01:00", "end": "02:00"}],
            }
        ]
    }
    values["drone_models"] = {"mine": {"extends": "m4t", "battery": {"capacity_wh": 90}, "cameras": ["eye"]}}
    values["cameras"] = {"eye": {"sensor_width_mm": 6, "sensor_height_mm": 4, "focal_length_mm": 5}}
    values["cameras"]["eye"] |= {"image_width_px": 4000, "image_height_px": 3000}
    values["stations"][0]["drones"].append({"id": "n2", "model": "mine"})
    values["tasks"][0]["actions"] = ["video", {"photo": {"front_overlap": 0.5}}]
    return values


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """Return the paths of all values inside a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [deeper for key, child in items for deeper in places(child, (*path, key))]


def outcome(path: Path, text: str) -> Mission | MissionFileError:
    """Load a text and return what came of it; any other exception fails the test."""
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        return load_mission(path)
    except MissionFileError as error:
        return error


def test_full_mission_is_valid(load):
    """The mission that the fuzzing starts from is a good one."""
    assert load(full_mission()).drone("n2").model.cameras[0].id == "eye"


@FAST
@given(place=st.sampled_from(places(full_mission())), value=VALUES)
def test_any_value_in_any_place(tmp_path, place, value):
    """One value of a good mission replaced by anything."""
    values = copy.deepcopy(full_mission())
    at: Any = values
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    outcome(tmp_path / "mission.yaml", yaml.safe_dump(values, allow_unicode=True))


@FAST
@given(values=st.dictionaries(WORDS | st.text(max_size=8), VALUES, max_size=8))
def test_any_mapping(tmp_path, values):
    """A mapping of anything to anything."""
    outcome(tmp_path / "mission.yaml", yaml.safe_dump(values, allow_unicode=True))


@FAST
@given(start=st.integers(0, 700), length=st.integers(0, 40), text=st.text(max_size=8))
def test_any_cut_and_insertion_in_the_text(tmp_path, start, length, text):
    """The text of a good mission with a piece cut out and another put in."""
    whole = yaml.safe_dump(full_mission())
    outcome(tmp_path / "mission.yaml", whole[:start] + text + whole[start + length :])


@FAST
@given(data=st.binary(max_size=200))
def test_any_bytes(tmp_path, data):
    """Bytes that are no text at all."""
    path = tmp_path / "mission.yaml"
    path.write_bytes(data)
    with pytest.raises(MissionFileError):
        load_mission(path)
