"""The command line: exit codes, messages, and nothing half-made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dronepatrol.cli.main import main
from dronepatrol.replay.run import open_run
from tests.missions import YARD, write_yard

BAD_MISSIONS = {
    "broken YAML": ("stations:", "stations: [", "line"),
    "unknown key": ("altitude_agl_m: 40", "altitude_agl: 40", "altitude_agl_m"),
    "window backwards": ('end: "08:00"', 'end: "07:30"', "windows[0]"),
    "swapped coordinates": ("[24.9400, 60.1700]", "[60.1700, 24.9400]", "swap"),
    "position in metres": ("[24.9400, 60.1700]", "[385000, 6672000]", "stations[0].position"),
    "not a number": ("altitude_agl_m: 40", "altitude_agl_m: .nan", "altitude_agl_m"),
    "empty polygon": (
        "[[[24.9420, 60.1698], [24.9438, 60.1698], [24.9438, 60.1705], ",
        "[[[24.9420, 60.1698], ",
        "area",
    ),
    "self-crossing polygon": (
        "[24.9438, 60.1698], [24.9438, 60.1705], [24.9420, 60.1705]",
        "[24.9438, 60.1705], [24.9438, 60.1698], [24.9420, 60.1705]",
        "area",
    ),
    "station in a keep-out zone": ("[24.9400, 60.1700]", "[24.9414, 60.17005]", "tower"),
    "task outside the keep-in zone": ("kind: keep_out", "kind: keep_in", "tasks[0]"),
    "unknown drone model": ("model: quad-generic", "model: quad-genric", "quad-generic"),
}


@pytest.mark.parametrize("command", ["plan", "check", "fly"])
@pytest.mark.parametrize("fault", BAD_MISSIONS)
def test_a_bad_mission_is_one_clear_error(
    fault: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names file and place, the exit code is 2, and no file is made."""
    old, new, wanted = BAD_MISSIONS[fault]
    assert old in YARD
    path = write_yard(tmp_path, YARD.replace(old, new, 1))
    out = [] if command == "check" else ["--out", str(tmp_path / "out")]
    assert main([command, str(path), *out]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert str(path) in error.replace("\n", "")
    assert wanted in error
    assert "Traceback" not in error
    assert [entry.name for entry in tmp_path.iterdir()] == ["mission.yaml"]


def test_a_missing_mission_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there is named."""
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "fly"])
def test_an_output_folder_that_cannot_be_written(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file in the place of the folder is one clear error."""
    path = write_yard(tmp_path)
    (tmp_path / "taken").write_text("a file")
    assert main([command, str(path), "--out", str(tmp_path / "taken" / "run")]) == 2
    assert "taken" in capsys.readouterr().err


def test_schema_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`dronepatrol schema` prints a JSON Schema that names the format's keys."""
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["$schema"].startswith("https://json-schema.org/draft/2020-12")
    assert "stations" in schema["properties"]


def test_plan_writes_geojson_and_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`dronepatrol plan` prints the table and leaves two files."""
    assert main(["plan", str(write_yard(tmp_path)), "--out", str(tmp_path / "out")]) == 0
    printed = capsys.readouterr().out
    assert "yard" in printed
    assert "d1" in printed
    plan = json.loads((tmp_path / "out" / "plan.geojson").read_text("utf-8"))
    roles = {feature["properties"]["role"] for feature in plan["features"]}
    assert {"leg", "task", "zone", "station"} <= roles
    assert (tmp_path / "out" / "plan.png").read_bytes().startswith(b"\x89PNG")


def test_an_error_finding_exits_with_one_and_forbids_the_flight(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A task above the ceiling is found by `check`, and `fly` refuses it."""
    path = write_yard(tmp_path, YARD.replace("altitude_agl_m: 40", "altitude_agl_m: 130", 1))
    assert main(["check", str(path)]) == 1
    assert "120 m" in capsys.readouterr().out
    assert main(["fly", str(path), "--out", str(tmp_path / "run")]) == 1
    assert "not flown" in capsys.readouterr().out
    assert not (tmp_path / "run").exists()


def test_interrupt_leaves_a_readable_run_and_says_so(tmp_path: Path) -> None:
    """Ctrl-C in flight ends with code 130, a word about the logs, and logs that can be read."""
    text = YARD.replace("    actions:", "    passes: 60\n    actions:", 1).replace(
        'end: "08:00"', 'end: "09:30"'
    )
    run = tmp_path / "run"
    command = [sys.executable, "-c", "import sys; from dronepatrol.cli.main import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "fly", str(write_yard(tmp_path, text)), "--out", str(run)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline and process.poll() is None:
        events = run / "events.jsonl"
        if events.exists() and "task_started" in events.read_text("utf-8"):
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "can be read in" in output
    assert "Traceback" not in output
    kinds = [json.loads(line)["kind"] for line in (run / "events.jsonl").read_text("utf-8").splitlines()]
    assert "interrupted" in kinds
    assert json.loads((run / "summary.json").read_text("utf-8"))["status"] == "interrupted"
    tracks = open_run(run).tracks
    assert [track.vehicle for track in tracks] == ["d1"]
    assert len(tracks[0]) > 100
