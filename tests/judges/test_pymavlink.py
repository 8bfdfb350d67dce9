"""pymavlink's own helpers, mavutil and mavwp, as a client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymavlink import mavutil, mavwp

from tests.judges.served import Served, served_drone

pytestmark = pytest.mark.slow

SPEED = 5.0
LAT_DEG, LON_DEG = 30.03, 120.87


@pytest.fixture
def drone(tmp_path: Path) -> Iterator[Served]:
    """A booted drone."""
    with served_drone(tmp_path, speed=SPEED) as served:
        yield served


@pytest.fixture
def link(drone: Served) -> Iterator[Any]:
    """A mavutil connection that has heard the drone."""
    connection = mavutil.mavlink_connection(f"tcp:{drone.address}", source_system=255, source_component=190)
    try:
        assert connection.wait_heartbeat(timeout=10) is not None
        yield connection
    finally:
        connection.close()


def answer(link: Any, kind: str, wall_s: float = 10.0) -> Any:
    """Return the next message of a type."""
    message = link.recv_match(type=kind, blocking=True, timeout=wall_s)
    assert message is not None, f"no {kind}"
    return message


def upload(link: Any, loader: mavwp.MAVWPLoader) -> int:
    """Send a mission as scripts with mavwp do; return the result."""
    link.waypoint_count_send(loader.count())
    while True:
        message = link.recv_match(
            type=["MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"], blocking=True, timeout=10
        )
        assert message is not None
        if message.get_type() == "MISSION_ACK":
            return int(message.type)
        link.mav.send(loader.wp(message.seq))


def test_a_script_with_mavutil_and_mavwp(drone: Served, link: Any) -> None:
    """Load a file with mavwp, send it, arm, take off, fly it and read parameters, as many a script does."""
    rows = [
        "QGC WPL 110",
        f"0\t1\t0\t16\t0\t0\t0\t0\t{LAT_DEG}\t{LON_DEG}\t10.1\t1",
        "1\t0\t3\t22\t0\t0\t0\t0\t0\t0\t12\t1",
        f"2\t0\t3\t16\t0\t0\t0\t0\t{LAT_DEG + 0.0005}\t{LON_DEG}\t12\t1",
        "3\t0\t3\t20\t0\t0\t0\t0\t0\t0\t0\t1",
    ]
    file = drone.folder / "mission.txt"
    file.write_text("\n".join(rows) + "\n")
    loader = mavwp.MAVWPLoader(target_system=1, target_component=1)
    assert loader.load(str(file)) == 4
    assert upload(link, loader) == 0
    drone.wait(lambda s: s["items"] == 4, "four items")

    link.param_fetch_one("RTL_ALT")
    value = answer(link, "PARAM_VALUE")
    while value.param_id != "RTL_ALT":  # MIS_TOTAL was announced during the upload
        value = answer(link, "PARAM_VALUE")
    assert value.param_value == 1500.0
    link.param_set_send("RTL_ALT", 1200)
    drone.wait(lambda s: s["rtl_alt"] == 1200.0, "RTL_ALT of 12 m")

    assert set(link.mode_mapping()) >= {"GUIDED", "AUTO", "RTL"}
    link.set_mode("GUIDED")
    drone.wait(lambda s: s["mode"] == "GUIDED", "GUIDED")
    link.arducopter_arm()
    link.motors_armed_wait()
    drone.wait(lambda s: s["armed"], "arming")
    link.mav.command_long_send(1, 1, mavutil.mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 0, 12)
    drone.wait(lambda s: s["up"] > 11.8, "take-off")
    link.set_mode("AUTO")
    far = drone.wait(lambda s: s["north"] > 50.0, "50 m north")
    assert far["mode"] == "AUTO"
    link.mav.request_data_stream_send(1, 1, mavutil.mavlink.MAV_DATA_STREAM_ALL, 4, 1)
    assert answer(link, "GLOBAL_POSITION_INT").relative_alt == pytest.approx(12000, abs=500)
    drone.wait(lambda s: not s["armed"], "landing", 60.0)
    end_s = time.monotonic() + 10.0
    while link.motors_armed() and time.monotonic() < end_s:
        link.recv_match(blocking=True, timeout=1)
    assert not link.motors_armed()
    assert abs(drone.now()["north"]) < 0.5


def test_parameters_are_fetched_whole(drone: Served, link: Any) -> None:
    """param_fetch_all brings every parameter once."""
    link.param_fetch_all()
    seen: set[str] = set()
    end_s = time.monotonic() + 20.0
    while len(seen) < 1333 and time.monotonic() < end_s:
        message = link.recv_match(type="PARAM_VALUE", blocking=True, timeout=2)
        if message is not None:
            seen.add(message.param_id)
    assert len(seen) == 1333
    assert not drone.now()["armed"]


def test_a_signed_link(drone: Served, link: Any) -> None:
    """After setup_signing the drone obeys this script and no other."""
    key = b"a secret of exactly 32 bytes ok!"
    now = int((time.time() - 1420070400.0) * 1e5)
    link.mav.setup_signing_send(1, 1, list(key), now)
    link.setup_signing(key, sign_outgoing=True, initial_timestamp=now)
    link.set_mode("GUIDED")
    drone.wait(lambda s: s["mode"] == "GUIDED", "GUIDED")
    assert answer(link, "HEARTBEAT")._signed
    link.disable_signing()
    link.set_mode("LOITER")
    time.sleep(1.0)
    assert drone.now()["mode"] == "GUIDED"
