"""Parameters, missions, modes, texts and tracks out of logs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import MissionType
from dronepatrol.telemetry.log import (
    Log,
    Sender,
    armed_spans,
    flights,
    mission_items,
    mode_changes,
    parameters,
    read_log,
    texts,
    tracks,
    vehicles,
)
from tests.telemetry.log.damage import packed, sender, text
from tests.telemetry.log.real_logs import DATA, real_log
from tests.telemetry.log.test_tlog import position, written

COPTER = (dialect.MAV_TYPE_QUADROTOR, dialect.MAV_AUTOPILOT_ARDUPILOTMEGA)
MODE = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
ARMED = MODE | dialect.MAV_MODE_FLAG_SAFETY_ARMED


def beat(armed: bool, mode: int = 4, kind: tuple[int, int] = COPTER) -> object:
    """A heartbeat, of a copter in GUIDED by default."""
    return dialect.MAVLink_heartbeat_message(*kind, ARMED if armed else MODE, mode, 4, 3)


def heard(path: Path, *messages: tuple[float, object], system: int = 1) -> Log:
    """A log of what one vehicle said."""
    mav = sender(system)
    return read_log(written(path / "a.tlog", [(at, packed(mav, message)) for at, message in messages]))


def test_ground_stations_and_cameras_are_no_vehicles(tmp_path: Path) -> None:
    """Vehicles are the senders of heartbeats with an autopilot."""
    frames = [
        (0.0, packed(sender(255, 190), beat(False, kind=(dialect.MAV_TYPE_GCS, 8)))),
        (0.1, packed(sender(3, 1), beat(False))),
        (0.2, packed(sender(3, 100), beat(False, kind=(dialect.MAV_TYPE_CAMERA, 8)))),
        (0.3, packed(sender(1, 1), beat(False))),
    ]
    assert vehicles(read_log(written(tmp_path / "a.tlog", frames))) == (Sender(1, 1), Sender(3, 1))


def test_modes_by_vehicle_type(tmp_path: Path) -> None:
    """The same number is another mode on a plane, and PX4's modes have two parts."""
    plane = (dialect.MAV_TYPE_FIXED_WING, dialect.MAV_AUTOPILOT_ARDUPILOTMEGA)
    px4 = (dialect.MAV_TYPE_QUADROTOR, dialect.MAV_AUTOPILOT_PX4)
    log = heard(
        tmp_path,
        (0.0, beat(False, 5)),
        (1.0, beat(False, 5)),
        (2.0, beat(False, 5, plane)),
        (3.0, beat(False, 4 << 16 | 4 << 24, px4)),
    )
    assert mode_changes(log) == [(0.0, "LOITER"), (2.0, "FLY_BY_WIRE_A"), (3.0, "AUTO.MISSION")]


def test_armed_spans(tmp_path: Path) -> None:
    """A span runs from the first armed heartbeat to the first disarmed one, or to the last heard."""
    states = [False, True, True, False, True, True]
    log = heard(tmp_path, *((float(k), beat(armed)) for k, armed in enumerate(states)))
    assert armed_spans(log) == [(1.0, 3.0), (4.0, 5.0)]


def test_long_texts_are_joined(tmp_path: Path) -> None:
    """Pieces of a text become one, also when another text comes in between."""
    words = b"0123456789" * 5
    log = heard(
        tmp_path,
        (0.0, text(words, 7, 0)),
        (0.1, text(b"short")),
        (0.2, text(words, 7, 1)),
        (0.3, text(b"end", 7, 2)),
        (0.4, text(b"new", 7, 0)),
    )
    assert [said.text for said in texts(log)] == [(words * 2 + b"end").decode(), "short", "new"]


def test_parameters_keep_the_last_value(tmp_path: Path) -> None:
    """A parameter told twice has its second value."""
    kind = dialect.MAVLink_param_value_message
    log = heard(
        tmp_path,
        (0.0, beat(False)),
        (0.1, kind(b"RTL_ALT", 1500.0, dialect.MAV_PARAM_TYPE_INT32, 2, 0)),
        (0.2, kind(b"WPNAV_SPEED_LONG", 1000.0, dialect.MAV_PARAM_TYPE_REAL32, 2, 1)),
        (0.3, kind(b"RTL_ALT", 3000.0, dialect.MAV_PARAM_TYPE_INT32, 2, 0)),
    )
    assert parameters(log) == {"RTL_ALT": 3000.0, "WPNAV_SPEED_LONG": 1000.0}


def test_px4_parameters_travel_as_bits(tmp_path: Path) -> None:
    """Integers of PX4's are the bits of the float that carries them."""
    px4 = (dialect.MAV_TYPE_QUADROTOR, dialect.MAV_AUTOPILOT_PX4)
    bits = float(np.array([-123456], "<i4").view("<f4")[0])
    message = dialect.MAVLink_param_value_message(b"COM_X", bits, dialect.MAV_PARAM_TYPE_INT32, 1, 0)
    assert parameters(heard(tmp_path, (0.0, beat(False, 0, px4)), (0.1, message))) == {"COM_X": -123456.0}


def item(seq: int, command: int = 16, mission_type: int = 0) -> object:
    """A mission item on its way to vehicle 1."""
    lat, lon = 603000000 + seq, 249000000
    return dialect.MAVLink_mission_item_int_message(
        1, 1, seq, 3, command, 0, 1, 0, 0, 0, 0, lat, lon, 20.0, mission_type
    )


def uploads(path: Path, *messages: object) -> Log:
    """A log of what a ground station sent to vehicle 1."""
    station = sender(255, 190)
    frames = [(0.0, packed(sender(), beat(False)))]
    frames += [(float(k + 1), packed(station, message)) for k, message in enumerate(messages)]
    return read_log(written(path / "a.tlog", frames))


def count(items: int, mission_type: int = 0) -> object:
    """The announcement of a list."""
    return dialect.MAVLink_mission_count_message(1, 1, items, mission_type)


def test_the_last_whole_mission(tmp_path: Path) -> None:
    """A second upload replaces the first; one that broke off replaces nothing; repeats do no harm."""
    log = uploads(
        tmp_path,
        count(2),
        item(0),
        item(1),
        count(3),
        item(0),
        item(1),
        item(1),
        item(2, 20),
        count(4),
        item(0),
    )
    assert [(i.seq, i.command) for i in mission_items(log)] == [(0, 16), (1, 16), (2, 20)]


def test_fence_and_mission_are_kept_apart(tmp_path: Path) -> None:
    """Lists of different kinds do not mix, even when their items alternate."""
    log = uploads(tmp_path, count(2), count(1, 1), item(0), item(0, 5003, 1), item(1))
    assert [i.command for i in mission_items(log)] == [16, 16]
    assert [i.command for i in mission_items(log, kind=MissionType.FENCE)] == [5003]
    assert mission_items(log, kind=MissionType.RALLY) == ()


def test_a_cleared_mission_is_empty(tmp_path: Path) -> None:
    """After MISSION_CLEAR_ALL there is no mission."""
    log = uploads(tmp_path, count(1), item(0), dialect.MAVLink_mission_clear_all_message(1, 1, 0))
    assert mission_items(log) == ()


def flight(start_s: float, boot_s: float = 0.0, length_s: int = 10) -> list[tuple[float, object]]:
    """What a vehicle says around one flight: disarmed, armed for some seconds, disarmed."""
    said: list[tuple[float, object]] = []
    for k in range(-3, length_s + 3):
        at = start_s + k
        said.append((at, beat(0 <= k < length_s)))
        said.append((at + 0.1, position(boot_s + at, 603000000 + k)))
    return said


def test_two_flights_are_two_tracks(tmp_path: Path) -> None:
    """Each armed span is a flight, and a track that begins at zero."""
    log = heard(tmp_path, *flight(5.0), *flight(30.0, length_s=6))
    found = tracks(log)
    assert [len(track) for track in found] == [10, 6]
    assert all(track.time_s[0] == 0.0 and track.armed.all() for track in found)
    assert (found[1].start_utc - found[0].start_utc).total_seconds() == 25.0


def test_a_reboot_in_flight_ends_it(tmp_path: Path) -> None:
    """Two logs joined in the middle of flights are told apart by the vehicle's clock."""
    first = [(float(k), m) for k in range(10) for m in (beat(True), position(100.0 + k))]
    second = [(20.0 + k, m) for k in range(10) for m in (beat(True), position(5.0 + k))]
    log = heard(tmp_path, *first, *second)
    assert len(flights(log, Sender(1, 1))) == 2
    assert [len(track) for track in tracks(log)] == [10, 10]


def test_each_vehicle_has_its_own_track(tmp_path: Path) -> None:
    """Two vehicles in one file do not mix."""
    frames = [
        (at, packed(sender(system), message)) for system in (1, 2) for at, message in flight(5.0 * system)
    ]
    found = tracks(read_log(written(tmp_path / "a.tlog", sorted(frames))))
    assert [track.vehicle for track in found] == ["system 1", "system 2"]


def test_a_vehicle_never_armed_has_one_track(tmp_path: Path) -> None:
    """Positions on the ground are not lost."""
    log = heard(tmp_path, *((float(k), m) for k in range(5) for m in (beat(False), position(float(k)))))
    assert [len(track) for track in tracks(log)] == [5]


def test_one_flight_in_two_formats() -> None:
    """The ground station's log and the vehicle's own tell of the same flight."""
    heard_log, own = (read_log(real_log(f"arducopter/flight.{suffix}")) for suffix in ("tlog", "BIN"))
    (first,), (second,) = tracks(heard_log), tracks(own)
    # Both know the vehicle's clock; on it the tracks agree.
    boot_heard = heard_log.vehicle_time_s("GLOBAL_POSITION_INT")
    boot_own = own.vehicle_time_s("POS")
    inside = (boot_heard >= boot_own[0]) & (boot_heard <= boot_own[-1])
    for theirs, ours in (("Lat", "lat"), ("Lng", "lon")):
        expected = np.interp(boot_heard[inside], boot_own, own["POS"][theirs].astype(np.float64))
        # Half a metre: one interpolates between positions a tenth of a second apart, at 8 m/s.
        assert np.abs(heard_log["GLOBAL_POSITION_INT"][ours][inside] - expected).max() < 50
    assert first.altitude_home_m.max() == pytest.approx(second.altitude_home_m.max(), abs=0.05)
    assert first.ground_speed_mps.max() == pytest.approx(second.ground_speed_mps.max(), abs=0.1)
    assert first.battery_percent[-1] == pytest.approx(second.battery_percent[-1], abs=1.0)
    assert first.time_s[-1] == pytest.approx(second.time_s[-1], abs=1.5)
    assert [i.command for i in mission_items(heard_log)] == [i.command for i in mission_items(own)]


@pytest.mark.parametrize("name", ["survey", "square-stop", "rtl-high"])
def test_missions_as_they_were_uploaded(name: str) -> None:
    """The mission in a recording is the file that was uploaded."""
    log = read_log(real_log(f"arducopter/{name}.tlog"))
    lines = (DATA / "arducopter" / f"{name}.waypoints").read_text().splitlines()[1:]
    wanted = [line.split("\t") for line in lines]
    found = mission_items(log)
    assert [i.command for i in found] == [int(row[3]) for row in wanted]
    for ours, row in zip(found[1:], wanted[1:], strict=True):
        assert ours.z == pytest.approx(float(row[10]))
        assert ours.x == pytest.approx(float(row[8]) * 1e7, abs=1)
