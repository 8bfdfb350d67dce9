"""MAVProxy as a client, driven by commands on its standard input, compared with what the drone did."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judges.served import Served, served_drone

pytestmark = pytest.mark.slow

MAVPROXY = shutil.which("mavproxy.py", path=str(Path(sys.executable).parent)) or shutil.which("mavproxy.py")
SPEED = 5.0
LAT_DEG, LON_DEG = 30.03, 120.87
Row = tuple[float, ...]
"""Frame, command, parameters 1 to 4, latitude, longitude, altitude."""
MISSION: list[Row] = [
    (0, 16, 0, 0, 0, 0, LAT_DEG, LON_DEG, 10.1),
    (3, 22, 0, 0, 0, 0, 0.0, 0.0, 15.0),
    (3, 16, 0, 0, 0, 0, LAT_DEG + 0.0006, LON_DEG, 15.0),
    (3, 20, 0, 0, 0, 0, 0.0, 0.0, 0.0),
]
FENCE: list[Row] = [
    (0, 5001, 4, 0, 0, 0, LAT_DEG + a, LON_DEG + b, 0.0)
    for a, b in ((-0.001, -0.001), (-0.001, 0.001), (0.001, 0.001), (0.001, -0.001))
]
RALLY: list[Row] = [(3, 5100, 0, 0, 0, 0, LAT_DEG + 0.0002, LON_DEG + 0.0002, 15.0)]


def write_rows(path: Path, rows: list[Row]) -> None:
    """Write items in the text format of waypoint files."""
    lines = ["QGC WPL 110"]
    for seq, (frame, command, *rest) in enumerate(rows):
        lines.append("\t".join(map(str, (seq, int(seq == 0), int(frame), int(command), *rest, 1))))
    path.write_text("\n".join(lines) + "\n")


class Console:
    """MAVProxy's terminal."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.lines: list[str] = []
        self._seen = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip())

    def say(self, command: str, answer: str, wall_s: float = 30.0) -> str:
        """Type a command and return the line after it that matches a pattern."""
        assert self._process.stdin is not None
        self._seen = len(self.lines)
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self.expect(answer, wall_s)

    def expect(self, answer: str, wall_s: float = 30.0) -> str:
        """Return the next line that matches a pattern."""
        end_s = time.monotonic() + wall_s
        while time.monotonic() < end_s:
            for line in self.lines[self._seen :]:
                if re.search(answer, line):
                    return line
            time.sleep(0.05)
        raise AssertionError(f"MAVProxy did not say {answer!r} but {self.lines[self._seen :]}")


@pytest.fixture(scope="module")
def drone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A booted drone."""
    with served_drone(tmp_path_factory.mktemp("drone"), speed=SPEED) as served:
        yield served


@pytest.fixture(scope="module")
def console(drone: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """MAVProxy connected to the drone, with all parameters fetched."""
    if MAVPROXY is None:
        pytest.skip("MAVProxy is not installed")
    folder = tmp_path_factory.mktemp("mavproxy")
    write_rows(folder / "mission.txt", MISSION)
    write_rows(folder / "fence.txt", FENCE)
    write_rows(folder / "rally.txt", RALLY)
    command = [sys.executable, "-u", MAVPROXY, f"--master=tcp:{drone.address}", "--nowait"]
    command += ["--state-basedir", str(folder), "--aircraft", "judge"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            session = Console(process)
            session.expect(r"Received \d+ parameters", 60.0)
            yield session
        finally:
            # MAVProxy has a child of its own that holds the pipe open.
            os.killpg(process.pid, signal.SIGKILL)


def test_no_parameter_is_missing(console: Console, drone: Served) -> None:
    """All parameters are fetched; a changed one reaches the drone."""
    assert any("Received 1333 parameters" in line for line in console.lines)
    assert "1500" in console.say("param show RTL_ALT", r"RTL_ALT\s")
    console.say("param set RTL_ALT 2000", ".*")
    drone.wait(lambda s: s["rtl_alt"] == 2000.0, "RTL_ALT of 20 m")
    assert "2000" in console.say("param show RTL_ALT", r"RTL_ALT\s")


def test_waypoints_are_loaded_and_listed(console: Console, drone: Served) -> None:
    """The drone keeps the mission, and lists it as it was sent."""
    console.say("wp load mission.txt", "MISSION_ACK: TYPE_MISSION: ACCEPTED")
    drone.wait(lambda s: s["items"] == 4, "four items")
    console.say("wp list", "Saved waypoints")
    listed = [line for line in console.lines if re.match(r"^(16|22|20) [03] ", line)]
    assert [line.split()[0] for line in listed[-4:]] == ["16", "22", "16", "20"]
    assert f"{LAT_DEG + 0.0006:.6f}" in listed[-2]


def test_fence_and_rally_points(console: Console, drone: Served) -> None:
    """Fence and rally points are kept by the drone and listed."""
    console.say("fence load fence.txt", "MISSION_ACK: TYPE_FENCE: ACCEPTED")
    console.say("rally load rally.txt", "MISSION_ACK: TYPE_RALLY: ACCEPTED")
    kept = drone.wait(lambda s: s["fence_items"] == 4 and s["rally_items"] == 1, "fence and rally")
    assert not kept["fence_on"]
    console.say("fence list", "Saved fence items")
    assert sum(line.startswith("5001 ") for line in console.lines) >= 4
    console.say("rally list", "Saved rally items")
    assert any(line.startswith("5100 3 ") for line in console.lines)
    console.say("rally clear", ".*")
    drone.wait(lambda s: s["rally_items"] == 0, "no rally point")


def test_arming_modes_and_status(console: Console, drone: Served) -> None:
    """The drone follows modes, arms, takes off, flies the mission and comes back, and status counts
    messages.
    """
    console.say("mode GUIDED", "Mode GUIDED")
    drone.wait(lambda s: s["mode"] == "GUIDED", "GUIDED")
    console.say("arm throttle", "ARMED")
    console.say("takeoff 12", "NAV_TAKEOFF: ACCEPTED")
    drone.wait(lambda s: s["up"] > 11.8, "take-off to 12 m")
    console.say("mode AUTO", "Mode AUTO")
    drone.wait(lambda s: s["mode"] == "AUTO" and s["seq"] >= 2, "the first leg")
    far = drone.wait(lambda s: s["north"] > 60.0, "60 m north")
    assert far["up"] == pytest.approx(15.0, abs=0.5)
    console.say("mode BRAKE", "Mode BRAKE")
    drone.wait(lambda s: s["mode"] == "BRAKE" and s["speed"] < 0.3, "a halt")
    assert "MasterIn" in console.say("status", "Counters")
    console.say("mode RTL", "Mode RTL")
    drone.wait(lambda s: not s["armed"], "landing", 60.0)
    assert abs(drone.now()["north"]) < 0.5
    console.expect("DISARMED")
