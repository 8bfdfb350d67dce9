"""The command ``dronepatrol scenario``."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from dronepatrol.cli.main import main
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from tests.cli.test_sim import read_until, serving
from tests.sim.ports import free_base_port

SCENARIO = """\
dronepatrol: 1
name: Up and down
fleet: [{id: a, position: [24.93, 60.18]}]
actions:
  - {drone: a, do: takeoff, altitude_m: 5}
  - {drone: a, do: land}
expect:
  - {kind: lands, near_home_m: 1}
"""


def written(folder: Path, text: str = SCENARIO) -> Path:
    """Write a scenario file."""
    path = folder / "scenario.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_table_and_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What held is printed as a table, and the exit code is 0."""
    assert main(["scenario", str(written(tmp_path)), "--out", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    assert "1 of 1 expectations held" in out
    assert (tmp_path / "run" / "events.jsonl").is_file()


def test_failed_expectation_exits_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One that does not hold makes the exit code 1; JSON says which."""
    path = written(tmp_path, SCENARIO + "  - {kind: text, text: Battery Failsafe}\n")
    assert main(["scenario", str(path), "--out", str(tmp_path / "run"), "--json", "--seed", "4"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["seed"] == 4
    assert [entry["held"] for entry in report["expectations"]] == [True, False]
    assert report["expectations"][1]["found"] == "never"


def test_broken_file_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake in the file is told with its line, and the exit code is 2."""
    path = written(tmp_path, SCENARIO.replace("altitude_m: 5", "altitude_m: -5"))
    assert main(["scenario", str(path)]) == 2
    assert "line 5: actions[0].altitude_m: -5 is out of range" in capsys.readouterr().err


def test_run_folder_in_use_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run folder that holds something is refused."""
    assert main(["scenario", str(written(tmp_path)), "--out", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err


def test_sim_serves_a_scenario(tmp_path: Path) -> None:
    """``dronepatrol sim --scenario`` serves the scenario's drone with its parameters and faults."""
    text = SCENARIO + "parameters: {FENCE_RADIUS: 77}\n"
    text += "faults: [{drone: a, kind: parameter, name: FENCE_ALT_MAX, value: 55, at_s: 0}]\n"
    base = free_base_port(1)
    with serving("--scenario", str(written(tmp_path, text)), "--base-port", str(base)) as process:
        assert "home 60.180000, 24.930000" in read_until(process, "drone 1: TCP.*\n")
        with socket.create_connection(("127.0.0.1", base), timeout=10.0) as client:
            codec, values = Codec(255, 190), {}
            for name in (b"FENCE_RADIUS", b"FENCE_ALT_MAX"):
                client.sendall(codec.pack(dialect.MAVLink_param_request_read_message(1, 1, name, -1)))
            while len(values) < 2:
                for message in codec.parse(client.recv(4096)):
                    if message.get_type() == "PARAM_VALUE" and message.param_id.startswith("FENCE_"):
                        values[message.param_id] = message.param_value
    assert values == {"FENCE_RADIUS": 77.0, "FENCE_ALT_MAX": 55.0}


def test_scaled_clock(tmp_path: Path) -> None:
    """A scenario may run on the wall clock, here forty times faster."""
    path = written(tmp_path, SCENARIO + "clock: 40\n")
    assert main(["scenario", str(path), "--out", str(tmp_path / "run")]) == 0
