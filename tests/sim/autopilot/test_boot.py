"""From power-on to the first take-off, as a client sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.telemetry.reader import messages
from tests.sim.autopilot.rig import Rig

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "arducopter" / "flight.tlog"


def recorded() -> list[Any]:
    """Return the autopilot's messages of a recorded flight."""
    if not RECORDED.exists():
        pytest.skip("the recordings are not here")
    everything = messages(RECORDED, dialect.mavlink_map.keys())
    return [message for _, message in everything if message.get_srcSystem() == 1]


@pytest.fixture(scope="module")
def flight() -> Rig:
    """A drone that booted with a client asking for everything at 4 Hz, armed and took off in GUIDED."""
    rig = Rig()
    rig.run(0.85)
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
    rig.run(0.1)
    assert rig.set_mode(dialect.COPTER_MODE_GUIDED) == 0
    rig.take_off()
    return rig


def changes(messages: list[Any], kind: str, *fields: str) -> list[tuple[Any, ...]]:
    """Return the values that some fields take, one after the other."""
    seen: list[tuple[Any, ...]] = []
    for message in messages:
        if message.get_type() == kind:
            value = tuple(getattr(message, field) for field in fields)
            if not seen or seen[-1] != value:
                seen.append(value)
    return seen


def test_texts_of_the_boot_are_the_recorded_ones(flight: Rig) -> None:
    """Every text up to the take-off comes in the recorded order."""
    wanted = [m.text for m in recorded() if m.get_type() == "STATUSTEXT"]
    wanted = wanted[: wanted.index("EKF3 IMU1 MAG0 in-flight yaw alignment complete") + 1]
    wanted.remove("Flight plan received")
    told = flight.client.texts
    assert sorted(told) == sorted(wanted)
    assert [t for t in told if "EKF3" not in t] == [t for t in wanted if "EKF3" not in t]


def test_estimator_flags_pass_the_recorded_stages(flight: Rig) -> None:
    """EKF_STATUS_REPORT goes from uninitialised through waiting to an absolute position."""
    wanted = changes(recorded(), "EKF_STATUS_REPORT", "flags")
    assert changes(flight.client.heard, "EKF_STATUS_REPORT", "flags") == wanted


def test_sensor_bits_pass_the_recorded_stages(flight: Rig) -> None:
    """SYS_STATUS shows battery, GPS, estimator, pre-arm checks and logging come up as recorded."""
    fields = [f"onboard_control_sensors_{part}" for part in ("present", "enabled", "health")]
    wanted = changes(recorded(), "SYS_STATUS", *fields)[:6]
    mine = changes(flight.client.heard, "SYS_STATUS", *fields)
    assert [v for v in mine if v in wanted] == [v for v in wanted if v in mine]
    assert wanted[-1] in mine
    assert len(set(wanted) - set(mine)) <= 1


def test_types_of_messages_are_the_recorded_ones(flight: Rig) -> None:
    """A client that asks for everything gets the recorded types and no other."""
    answers = {"MISSION_ACK", "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_REQUEST", "MISSION_ITEM_REACHED"}
    wanted = {m.get_type() for m in recorded()} - answers - {"AUTOPILOT_VERSION"}
    assert {m.get_type() for m in flight.client.heard} == wanted


def test_heartbeats_follow_the_recorded_states(flight: Rig) -> None:
    """Base mode and status go through boot, standby, armed on the ground and active as recorded."""
    fields = ("base_mode", "custom_mode", "system_status")
    wanted = changes(recorded(), "HEARTBEAT", *fields)
    wanted = wanted[: wanted.index((217, 4, 4)) + 1]
    assert changes(flight.client.heard, "HEARTBEAT", *fields) == wanted


def test_position_appears_when_the_estimator_has_one(flight: Rig) -> None:
    """GPS, global position and local position come up one after the other, as recorded."""
    first = {}
    for kind, field in (("GPS_RAW_INT", "lat"), ("GLOBAL_POSITION_INT", "lat")):
        first[kind] = next(m for m in flight.client.of(kind) if getattr(m, field))
    assert flight.client.of("GPS_RAW_INT")[0].fix_type == 0
    assert first["GPS_RAW_INT"].fix_type == 6
    assert 9.7 < first["GPS_RAW_INT"].time_usec / 1e6 < 10.1
    assert 41.0 <= flight.client.of("LOCAL_POSITION_NED")[0].time_boot_ms / 1e3 < 41.6


def test_home_is_told_when_known_and_at_arming(flight: Rig) -> None:
    """GPS_GLOBAL_ORIGIN and HOME_POSITION come twice without having been asked for."""
    assert len(flight.client.of("GPS_GLOBAL_ORIGIN")) == len(flight.client.of("HOME_POSITION")) == 2
    assert flight.client.of("HOME_POSITION")[0].time_usec / 1e6 == pytest.approx(19.95, abs=0.06)
    totals = [m.param_value for m in flight.client.of("PARAM_VALUE") if m.param_id == "MIS_TOTAL"]
    assert totals == [1.0]


def test_a_silent_client_hears_little() -> None:
    """Without a word from the client there are heartbeats, TIMESYNC, origin and home, and no text."""
    rig = Rig()
    quiet = rig.connect()
    rig.run(25.0)
    kinds = {m.get_type() for m in quiet.heard}
    assert kinds == {"HEARTBEAT", "TIMESYNC", "GPS_GLOBAL_ORIGIN", "HOME_POSITION", "PARAM_VALUE"}
    assert len(quiet.of("HEARTBEAT")) == 25
    assert len(quiet.of("TIMESYNC")) == 2


def test_a_mode_set_before_the_boot_is_over_is_undone() -> None:
    """The radio's mode switch is read at 2.36 s and puts STABILIZE back."""
    rig = Rig()
    assert rig.set_mode(dialect.COPTER_MODE_GUIDED) == 0
    rig.run(3.0)
    assert rig.pilot.mode == dialect.COPTER_MODE_STABILIZE
    assert rig.client.last("HEARTBEAT").custom_mode == dialect.COPTER_MODE_STABILIZE


def test_run_time_is_told_every_half_minute() -> None:
    """STAT_RUNTIME comes by itself at 30 and 61 s, with the seconds since boot."""
    rig = Rig()
    rig.run(70.0)
    told = [m for m in rig.client.of("PARAM_VALUE") if m.param_id == "STAT_RUNTIME"]
    assert [m.param_value for m in told] == [30.0, 60.0]
    assert all(m.param_index == 65535 for m in told)
