"""The published JSON Schema says the same as the reader."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from dronepatrol.formats.mission import load_mission, mission_schema
from dronepatrol.formats.mission.document import read_document
from tests.formats.mission.conftest import small_mission
from tests.formats.mission.test_fuzz import full_mission

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "missions" / "helsinki-centre" / "mission.yaml"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    """Give a validator of the published schema, itself checked."""
    schema = mission_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_schema_says_its_draft():
    """Editors choose their rules by the draft."""
    assert mission_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("values", [small_mission(), full_mission(), read_document(DEMO).value])
def test_good_missions_fit_the_schema(validator, values):
    """What the reader takes, the schema takes."""
    validator.validate(values)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("altitud",), 1),
        (("tasks", 0, "altitude_agl_m"), "high"),
        (("tasks", 0, "altitude_agl_m"), -1),
        (("tasks", 0, "kind"), "school"),
        (("tasks", 0, "actions"), ["vidoe"]),
        (("tasks", 0, "area"), "areas.geojson"),
        (("stations", 0, "position"), [1, 2, 3]),
        (("stations", 0, "position"), [24.9, 160.0]),
        (("airspace",), {"zones": ["areas.geojson"]}),
        (("dronepatrol",), 2),
        (("stations",), []),
    ],
)
def test_faulty_missions_do_not_fit(validator, path, value):
    """An editor underlines what the reader would refuse."""
    values: Any = copy.deepcopy(small_mission())
    at = values
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(values)


def test_every_key_is_described():
    """Each key of the schema has words for an editor to show."""
    schema = mission_schema()
    parts = [schema, *schema["$defs"].values()]
    parts += [choice for part in parts for choice in part.get("anyOf", ())]
    keys = [
        (part.get("title"), key, value) for part in parts for key, value in part.get("properties", {}).items()
    ]
    assert len(keys) > 60
    assert [(title, key) for title, key, value in keys if not value.get("description")] == []


def test_every_key_is_in_the_reference():
    """docs/mission-file.md leaves out no key."""
    text = (ROOT / "docs" / "mission-file.md").read_text(encoding="utf-8")
    schema = mission_schema()
    parts = [schema, *schema["$defs"].values()]
    parts += [choice for part in parts for choice in part.get("anyOf", ())]
    keys = {key for part in parts for key in part.get("properties", {})}
    assert sorted(key for key in keys if f"`{key}`" not in text) == []


def test_examples_of_the_reference_load(tmp_path):
    """The whole missions shown in docs/mission-file.md can be read."""
    text = (ROOT / "docs" / "mission-file.md").read_text(encoding="utf-8")
    blocks = [block.partition("```")[0] for block in text.split("```yaml\n")[1:]]
    whole = [block for block in blocks if block.startswith("dronepatrol:")]
    assert whole
    for block in whole:
        path = tmp_path / "mission.yaml"
        path.write_text(block, encoding="utf-8")
        assert load_mission(path).tasks
    for block in blocks:
        assert yaml.safe_load(block)


def test_demo_mission_loads():
    """The mission that ships has two stations, three drones, three schools and three event areas."""
    mission = load_mission(DEMO)
    assert (len(mission.stations), len(mission.drones)) == (2, 3)
    assert [task.kind.value for task in mission.tasks] == ["school_zone"] * 3 + ["event_area"] * 3
    assert mission.airspace.zones[0].illustrative
    assert mission.airspace.ceiling_agl_m == 120.0
