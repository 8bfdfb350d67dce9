"""The scenarios that ship with the product, each run on the virtual clock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dronepatrol.scenarios import run_scenario
from dronepatrol.sim.scenario import load_scenario

FOLDER = Path(__file__).resolve().parents[2] / "simulations"
SLOW = {"calm-day"}
SHIPPED = [
    pytest.param(path, id=path.stem, marks=pytest.mark.slow if path.stem in SLOW else ())
    for path in sorted(FOLDER.glob("*.yaml"))
]


@pytest.mark.parametrize("path", SHIPPED)
def test_holds(path: Path, tmp_path: Path) -> None:
    """Every expectation of the scenario holds, and the run says so."""
    report = run_scenario(load_scenario(path), tmp_path / "run")
    assert [outcome for outcome in report.outcomes if not outcome.held] == []
    assert report.outcomes
    written = json.loads((tmp_path / "run" / "scenario.json").read_text("utf-8"))
    assert written["held"] is True


def test_there_are_enough() -> None:
    """Weather, battery, links, GPS, motor and fence are all rehearsed."""
    assert len(SHIPPED) >= 10


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """A run under faults, loss and jitter leaves the same log again."""
    scenario = load_scenario(FOLDER / "lost-link-and-back.yaml")
    logs = []
    for name in ("a", "b"):
        run_scenario(scenario, tmp_path / name)
        logs.append((tmp_path / name / "d1.tlog").read_bytes())
    assert logs[0] == logs[1]


def test_another_seed_another_log(tmp_path: Path) -> None:
    """The seed matters."""
    logs = []
    for seed in (1, 2):
        scenario = load_scenario(FOLDER / "lost-link-and-back.yaml", seed=seed)
        run_scenario(scenario, tmp_path / str(seed))
        logs.append((tmp_path / str(seed) / "d1.tlog").read_bytes())
    assert logs[0] != logs[1]


def test_task_starts_a_fault(tmp_path: Path) -> None:
    """A fault may wait for a task; what fails is told with what was found and wanted."""
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f"""\
dronepatrol: 1
name: Radio at the task
mission: {FOLDER / "missions" / "park.yaml"}
faults: [{{drone: d1, kind: rc_loss, task: park, after_s: 5}}]
expect:
  - {{kind: text, drone: d1, text: Radio Failsafe, within_s: 2}}
  - {{kind: event, event: task_started, drone: d1}}
  - {{kind: task_seen, task: park}}
  - {{kind: no_text, text: Radio}}
  - {{kind: all_sorties_complete}}
""",
        encoding="utf-8",
    )
    report = run_scenario(load_scenario(path), tmp_path / "run")
    assert [outcome.held for outcome in report.outcomes] == [True, True, False, False, False]
    assert report.outcomes[2].wanted == "at least 95 %"
    assert report.outcomes[3].found.startswith("d1 at ")
    assert "flown on in RTL" in report.outcomes[4].found
