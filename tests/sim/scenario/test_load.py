"""Scenario files: what is read, and what is said about mistakes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from dronepatrol.errors import MissionFileError
from dronepatrol.sim.scenario import load_scenario
from dronepatrol.sim.scenario.schema import ScenarioModel

GOOD = """\
dronepatrol: 1
name: Test
fleet: [{id: a, position: [24.93, 60.18]}]
seed: 3
parameters: {FS_GCS_ENABLE: 1}
weather:
  wind: [{speed_mps: 2, from_deg: 90}, {at_s: 60, speed_mps: 6, from_deg: 90, gust_mps: 3}]
faults:
  - {drone: a, kind: gps_loss, at_s: 10, for_s: 5}
  - {kind: motor_loss, motor: 3, airborne_s: 4}
  - {kind: gps_glitch, near: {position: [24.93, 60.18], radius_m: 9}, north_m: 40}
links:
  - {drone: a, direction: to_ground, loss: 0.2, outages: [{from_s: 5}]}
actions:
  - {drone: a, do: takeoff, altitude_m: 20}
expect:
  - {kind: lands, near_home_m: 2}
  - {kind: mode, drone: a, mode: RTL, within_s: 3}
"""


def written(folder: Path, text: str) -> Path:
    """Write a scenario file."""
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_everything(tmp_path: Path) -> None:
    """Fleet, weather, faults, links, actions and expectations arrive."""
    scenario = load_scenario(written(tmp_path, GOOD))
    conditions = scenario.conditions
    assert [drone.id for drone in scenario.mission.drones] == ["a"]
    assert conditions.weather is not None
    assert conditions.weather.breeze_at(30.0).speed_mps == pytest.approx(4.0)
    assert [fault.kind for fault in conditions.faults] == ["gps_loss", "motor_loss", "gps_glitch"]
    assert conditions.faults[1].settings == {"SIM_ENGINE_FAIL": 4.0, "SIM_ENGINE_MUL": 0.0}
    assert conditions.links[0].to_ground.loss == 0.2
    assert conditions.links[0].to_ground.outages_s == ((5.0, math.inf),)
    assert conditions.links[0].to_drone.loss == 0.0
    assert conditions.parameters["*"] == {"FS_GCS_ENABLE": 1}
    assert scenario.actions[0].figures == {"altitude_m": 20}
    assert scenario.expectations[1].figures["within_s"] == 3


def test_seed_from_outside_comes_first(tmp_path: Path) -> None:
    """A seed given to the reader replaces the file's."""
    assert load_scenario(written(tmp_path, GOOD), seed=9).conditions.seed == 9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 3", "sead: 3", r"line 4: sead: unknown key 'sead'; did you mean 'seed'\?"),
        (
            "kind: gps_loss",
            "kind: gps_lost",
            r"faults\[0\].kind: \"gps_lost\" is not .*did you mean 'gps_loss'",
        ),
        ("at_s: 10, for_s: 5", "for_s: 5", r"faults\[0\]: needs exactly one moment.*give one of at_s"),
        ("motor: 3", "motor: 7", r"faults\[1\].motor: 7 is out of range: must be at most 4"),
        ("loss: 0.2", "loss: 1.2", r"links\[0\].loss: 1.2 is out of range: must be at most 1"),
        (
            "drone: a, kind: gps_loss",
            "drone: b, kind: gps_loss",
            r"faults\[0\].drone: drone 'b' is not known",
        ),
        ("FS_GCS_ENABLE", "FS_GSC_ENABLE", r"FS_GSC_ENABLE.*is not known; did you mean 'FS_GCS_ENABLE'"),
        ("mode: RTL", "mode: RTX", r"expect\[1\].mode: mode 'RTX' is not known; did you mean 'RTL'"),
        (", altitude_m: 20", "", r"actions\[0\]: 'takeoff' needs altitude_m; add 'altitude_m:'"),
        ("at_s: 60", "at_s: 0", r"weather.wind\[1\].at_s: time 0.* is not after"),
        ("near_home_m: 2", "near_home_n: 2", r"expect\[0\].near_home_n: unknown key.*'near_home_m'"),
        ("kind: lands", "kind: landed", r"expect\[0\].kind: \"landed\""),
        ("id: a, position", "id: a, model: m9, position", r"fleet\[0\].model: drone model 'm9' is not known"),
        ("fleet: [{id: a, position: [24.93, 60.18]}]", "", "needs a mission or a fleet"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Each mistake is told with its place, its value and what to do."""
    assert old in GOOD
    with pytest.raises(MissionFileError, match=message):
        load_scenario(written(tmp_path, GOOD.replace(old, new)))


def test_missing_file(tmp_path: Path) -> None:
    """A file that does not exist is named."""
    with pytest.raises(MissionFileError, match=r"nowhere.yaml: does not exist"):
        load_scenario(tmp_path / "nowhere.yaml")


def test_missing_mission(tmp_path: Path) -> None:
    """So is the mission that a scenario names."""
    text = "dronepatrol: 1\nname: x\nmission: nowhere.yaml\n"
    with pytest.raises(MissionFileError, match=r"nowhere.yaml: does not exist"):
        load_scenario(written(tmp_path, text))


def test_example_of_the_guide(tmp_path: Path) -> None:
    """The example in docs/scenarios.md can be read."""
    guide = (Path(__file__).resolve().parents[3] / "docs" / "scenarios.md").read_text("utf-8")
    example = guide.split("```yaml\n")[1].split("```")[0]
    assert load_scenario(written(tmp_path, example)).name == "Lost link and back"


def test_every_kind_is_in_the_guide() -> None:
    """docs/scenarios.md names each kind of fault and expectation."""
    guide = (Path(__file__).resolve().parents[3] / "docs" / "scenarios.md").read_text("utf-8")
    schema = ScenarioModel.model_json_schema()["$defs"]
    entries = [entry.get("properties", {}) for entry in schema.values()]
    kinds = {entry["kind"]["const"] for entry in entries if "kind" in entry}
    assert len(kinds) == 21
    assert not [kind for kind in kinds if f"`{kind}`" not in guide]
