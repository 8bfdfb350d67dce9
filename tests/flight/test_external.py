"""Plans flown with vehicles that are not the built-in simulation: behind links, and ArduPilot's simulator."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dronepatrol import api
from dronepatrol.cli.main import main
from dronepatrol.errors import InputError
from dronepatrol.flight.connected import assign_urls
from dronepatrol.model.plan import Plan
from tests.missions import write_yard

ROOT = Path(__file__).resolve().parents[2]
SPEEDUP = "20"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """The plan of the test yard."""
    return api.plan_mission(api.load_mission(write_yard(tmp_path)))


@pytest.fixture
def arducopter(tmp_path: Path) -> Path:
    """An executable that takes the simulator's options: the real one if ARDUCOPTER names it."""
    real = os.environ.get("ARDUCOPTER")
    if real:
        return Path(real)
    script = tmp_path / "arducopter"
    stand_in = Path(__file__).with_name("fake_arducopter.py")
    script.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} {stand_in} "$@"\n')
    script.chmod(0o755)
    return script


def free_port() -> int:
    """A TCP port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def served() -> Iterator[str]:
    """The URL of a simulated drone at the base, served by `dronepatrol sim` in a process of its own."""
    port = free_port() // 10 * 10
    command = [
        sys.executable,
        "-m",
        "dronepatrol",
        "sim",
        "--base-port",
        str(port),
        "--speed",
        SPEEDUP,
        "--quiet",
    ]
    with subprocess.Popen([*command, "--home=60.17,24.94,12,0"]) as process:
        deadline = time.monotonic() + 20.0
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port + 2)) == 0:
                    break
            time.sleep(0.1)
        yield f"tcp://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def test_a_served_drone_flies_the_plan(served: str, tmp_path: Path) -> None:
    """`fly --connect URL --now` flies a drone in another process, over TCP, on the scaled clock."""
    run = tmp_path / "run"
    options = ["--connect", served, "--speedup", SPEEDUP, "--now", "--out", str(run)]
    assert main(["fly", str(write_yard(tmp_path)), *options]) == 0
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    assert summary["status"] == "complete"
    assert summary["tasks"][0]["seen"] >= 0.99


def test_sitl_is_started_flown_stopped_and_its_logs_are_kept(arducopter: Path, tmp_path: Path) -> None:
    """`fly --sitl` runs one process per drone in a folder of its own and copies its dataflash log."""
    run = tmp_path / "run"
    options = ["--sitl", str(arducopter), "--speedup", SPEEDUP, "--out", str(run)]
    assert main(["fly", str(write_yard(tmp_path)), *options]) == 0
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    assert summary["status"] == "complete"
    assert summary["tasks"][0]["seen"] >= 0.99
    assert (run / "sitl" / "d1-1.BIN").stat().st_size > 0
    assert "FRAME_CLASS 1" in (run / "sitl" / "d1" / "defaults.parm").read_text("utf-8")


def test_a_simulator_that_ends_at_once_is_told_with_its_last_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A binary that cannot run leaves one line that says what it printed."""
    broken = tmp_path / "arducopter"
    broken.write_text("#!/bin/sh\necho 'cannot open eeprom'\nexit 3\n")
    broken.chmod(0o755)
    run = tmp_path / "run"
    assert main(["fly", str(write_yard(tmp_path)), "--sitl", str(broken), "--out", str(run)]) == 1
    printed = capsys.readouterr().out.replace("\n", " ")
    assert "ended with code 3; it printed last: cannot open eeprom" in printed


def test_a_missing_simulator_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that is no executable is named, and no run is made."""
    run = tmp_path / "run"
    assert main(["fly", str(write_yard(tmp_path)), "--sitl", "/nowhere/arducopter", "--out", str(run)]) == 2
    assert "/nowhere/arducopter: no executable file" in capsys.readouterr().err
    assert not run.exists()


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (["--connect", "nonsense"], "nonsense"),
        (["--connect", "d9=tcp://127.0.0.1:5760"], "no drone d9 flies in this plan; use d1"),
        (["--connect", "tcp://127.0.0.1:5760", "--connect", "tcp://127.0.0.1:5770"], "flies only 1 drones"),
        (["--connect", "tcp://127.0.0.1:5760"], "the first launch, 2026-09-14"),
        (["--speedup", "10"], "--speedup is for --sitl and --connect"),
        (["--speedup", "0", "--sitl", "x"], "not above 0"),
        (["--sitl", "x", "--connect", "tcp://127.0.0.1:5760"], "exclude each other"),
    ],
)
def test_options_that_make_no_sense_are_one_clear_error(
    options: list[str], wanted: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each says what is wrong and what to write, and makes no run."""
    run = tmp_path / "run"
    assert main(["fly", str(write_yard(tmp_path)), *options, "--out", str(run)]) == 2
    assert wanted in capsys.readouterr().err
    assert not run.exists()


def test_nobody_there_is_said_per_drone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A link on which nothing answers ends the drone's part with what was tried."""
    run = tmp_path / "run"
    url = f"tcp://127.0.0.1:{free_port()}"
    options = ["--connect", url, "--now", "--speedup", "100", "--out", str(run)]
    assert main(["fly", str(write_yard(tmp_path)), *options]) == 1
    assert "nothing listens there; start the vehicle" in capsys.readouterr().out


def test_urls_go_to_drones_by_name_or_in_order(plan: Plan) -> None:
    """A plain URL goes to the next drone without one."""
    assert assign_urls(plan, ["udpin://0.0.0.0:14550"]) == {"d1": "udpin://0.0.0.0:14550"}
    assert assign_urls(plan, ["d1=tcp://127.0.0.1:5760"]) == {"d1": "tcp://127.0.0.1:5760"}
    with pytest.raises(InputError, match="no link for d1"):
        assign_urls(plan, [])
