"""Time, identity, terrain, neighbours, remote identification, signing, reboot, texts."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.signing import Signing, setup_message, signing_timestamp
from dronepatrol.sim.autopilot.neighbours import introduce
from dronepatrol.sim.autopilot.terrain import ALL_BLOCKS
from tests.sim.autopilot.rig import EPOCH_UNIX_S, HOME, Client, Rig

ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4
KEY = bytes(range(32))


def test_time_questions_are_answered() -> None:
    """TIMESYNC is answered with the drone's clock and the client's stamp."""
    rig = Rig()
    rig.run(4.0)
    rig.client.send(dialect.MAVLink_timesync_message(0, 123456789))
    answer = rig.client.last("TIMESYNC")
    assert answer.ts1 == 123456789
    assert answer.tc1 == pytest.approx(4e9, abs=1e8)


def test_the_drone_asks_for_the_time() -> None:
    """Every 10 s there is a question; its answer gives the round trip."""
    rig = Rig()
    rig.run(21.0)
    asked = rig.client.of("TIMESYNC")
    assert [round(m.ts1 / 1e9) for m in asked] == [10, 20]
    rig.client.send(dialect.MAVLink_timesync_message(999, asked[-1].ts1))
    assert rig.autopilot.clock_sync.round_trip_s[0] == pytest.approx(1.0, abs=0.2)


def test_system_time_is_known_with_gps() -> None:
    """SYSTEM_TIME has no date before there is a fix, and then the simulation's."""
    rig = Rig()
    rig.run(5.0)
    assert rig.request("SYSTEM_TIME").time_unix_usec == 0
    rig.run(10.0)
    assert rig.request("SYSTEM_TIME").time_unix_usec / 1e6 == pytest.approx(EPOCH_UNIX_S + 15.0, abs=0.2)


def test_capabilities_are_those_that_work() -> None:
    """What AUTOPILOT_VERSION claims is a part of what the reference claims, without file transfer."""
    rig = Rig()
    assert rig.command(dialect.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES, 1) == ACCEPTED
    version = rig.client.last("AUTOPILOT_VERSION")
    assert version.capabilities & ~64495 == 0
    for absent in ("FTP", "SET_ATTITUDE_TARGET", "COMPASS_CALIBRATION"):
        assert not version.capabilities & getattr(dialect, f"MAV_PROTOCOL_CAPABILITY_{absent}")
    assert version.flight_sw_version == 67567616
    rig.client.send(dialect.MAVLink_autopilot_version_request_message(1, 1))
    assert len(rig.client.of("AUTOPILOT_VERSION")) == 2


def test_file_requests_are_refused_at_once() -> None:
    """A client that asks for a file hears at once that there is none."""
    rig = Rig()
    payload = [0, 0, 5, 4, 4, 0, 0, 0, 0, 0, 0, 0, *b"a.txt"]
    message = dialect.MAVLink_file_transfer_protocol_message(0, 1, 1, payload + [0] * (251 - len(payload)))
    rig.client.send(message)
    answer = rig.client.last("FILE_TRANSFER_PROTOCOL").payload
    assert (answer[0], answer[2], answer[3], answer[5]) == (1, 5, 129, 4)


def test_terrain_is_asked_for_and_used() -> None:
    """The recorded grid is asked for; heights that come are reported and no longer asked for."""
    rig = Rig()
    rig.boot()
    rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, dialect.MAVLINK_MSG_ID_TERRAIN_REQUEST, 250000)
    rig.run(10.0)
    asked = rig.client.of("TERRAIN_REQUEST")
    assert len(asked) == 5
    first = asked[0]
    assert (first.lat, first.grid_spacing, first.mask) == (300215596, 100, ALL_BLOCKS)
    assert first.lon == pytest.approx(1208423718, abs=20)
    for bit in range(56):
        rig.client.send(dialect.MAVLink_terrain_data_message(first.lat, first.lon, 100, bit, [250] * 16))
    rig.client.heard.clear()
    rig.run(5.0)
    assert not rig.client.of("TERRAIN_REQUEST")
    report = rig.request("TERRAIN_REPORT")
    assert (report.spacing, report.terrain_height, report.loaded) == (100, 250.0, 56)
    rig.client.send(dialect.MAVLink_terrain_check_message(HOME[0], HOME[1]))
    assert rig.client.last("TERRAIN_REPORT").terrain_height == 250.0


def test_drones_of_a_fleet_hear_of_each_other() -> None:
    """ADSB_VEHICLE tells of the others, in turn, and never of the drone itself."""
    rig = Rig(drones=3)
    rig.boot()
    introduce(rig.autopilots)
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
    rig.run(2.0)
    told = rig.client.of("ADSB_VEHICLE")
    assert {m.callsign for m in told} == {"DRONE002", "DRONE003"}
    second = next(m for m in told if m.callsign == "DRONE002")
    assert second.lat == pytest.approx(HOME[0] + 1000, abs=2)
    assert second.altitude == pytest.approx(10100, abs=50)
    assert len(told) == 8


def test_remote_identification_is_sent_where_enabled() -> None:
    """With DID_ENABLE there are identity and location, once a second; without, none."""
    rig = Rig(parameters={"DID_ENABLE": 1.0})
    rig.boot()
    rig.client.heard.clear()
    rig.run(10.0)
    assert len(rig.client.of("OPEN_DRONE_ID_LOCATION")) == pytest.approx(10, abs=1)
    identity = rig.client.last("OPEN_DRONE_ID_BASIC_ID")
    assert bytes(identity.uas_id).rstrip(b"\0") == b"SIMU9DRONE0001"
    location = rig.client.last("OPEN_DRONE_ID_LOCATION")
    assert (location.latitude, location.longitude, location.status) == (HOME[0], HOME[1], 1)
    quiet = Rig()
    quiet.boot()
    assert not quiet.client.of("OPEN_DRONE_ID_LOCATION")


def test_long_texts_come_in_chunks() -> None:
    """A text of 120 bytes is sent as three STATUSTEXT with one id."""
    rig = Rig()
    text = "x" * 50 + "y" * 50 + "z" * 20
    rig.autopilot.text(6, text)
    rig.step()
    chunks = rig.client.of("STATUSTEXT")[-3:]
    assert "".join(m.text for m in chunks) == text
    assert [m.chunk_seq for m in chunks] == [0, 1, 2]
    assert len({m.id for m in chunks}) == 1
    assert chunks[0].id > 0


def test_calibration() -> None:
    """Sensors that need no handling are calibrated, armed drones and radios are not."""
    rig = Rig()
    rig.boot()
    calibrate = dialect.MAV_CMD_PREFLIGHT_CALIBRATION
    assert rig.command(calibrate, 0, 0, 1) == ACCEPTED
    assert rig.client.texts[-1] == "Barometer calibration complete"
    assert rig.command(calibrate, 0, 0, 0, 1) == UNSUPPORTED
    rig.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    assert rig.command(calibrate, 1) == FAILED


def test_a_calibration_in_progress() -> None:
    """Gyroscopes take two seconds: IN_PROGRESS at once, and one final acknowledgement."""
    rig = Rig()
    rig.boot()
    calibrate = dialect.MAV_CMD_PREFLIGHT_CALIBRATION
    assert rig.command(calibrate, 1) == dialect.MAV_RESULT_IN_PROGRESS
    assert rig.command(calibrate, 1, confirmation=1) == dialect.MAV_RESULT_IN_PROGRESS
    rig.run(5.0)
    assert [m.result for m in rig.client.of("COMMAND_ACK")] == [5, 5, ACCEPTED]
    assert rig.client.last("COMMAND_ACK").progress == 100


def test_a_reboot_starts_over_and_keeps_the_mission() -> None:
    """After a reboot the clock begins at 0, links are silent until the client speaks, items are kept."""
    rig = Rig()
    rig.boot()
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
    rig.client.send(dialect.MAVLink_mission_count_message(1, 1, 0, 0))
    calls: list[int] = []
    rig.autopilot.on_reboot.append(lambda: calls.append(1))
    reboot = dialect.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN
    assert rig.command(reboot, 0) == UNSUPPORTED
    assert rig.command(reboot, 1) == ACCEPTED
    rig.run(0.5)
    assert calls == [1]
    rig.client.heard.clear()
    rig.run(2.0)
    assert {m.get_type() for m in rig.client.heard} == {"HEARTBEAT"}
    rig.client.send(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
    rig.run(1.0)
    assert "ArduPilot Ready" in rig.client.texts
    assert rig.request("SYSTEM_TIME").time_boot_ms < 4000
    assert rig.autopilot.parameters["STAT_BOOTCNT"] == 2.0


def test_an_armed_drone_does_not_reboot() -> None:
    """Reboot fails while armed, unless forced."""
    rig = Rig()
    rig.take_off()
    reboot = dialect.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN
    assert rig.command(reboot, 1) == FAILED
    assert rig.command(reboot, 1, 0, 0, 0, 0, 20190226) == ACCEPTED


# Signing


def signed(rig: Rig) -> Signing:
    """Give the drone a key and let the client sign with it."""
    rig.boot()
    rig.client.send(setup_message(1, 1, KEY, EPOCH_UNIX_S + rig.time_s))
    signing = Signing(rig.client.codec, 3)
    signing.set_key(KEY, EPOCH_UNIX_S + rig.time_s)
    return signing


def ask(client: Client) -> list[Any]:
    """Ask for a parameter and return the answers."""
    client.heard.clear()
    client.send(dialect.MAVLink_param_request_read_message(1, 1, b"RTL_ALT", -1))
    return client.of("PARAM_VALUE")


def test_signed_frames_are_accepted_and_answers_are_signed() -> None:
    """With the key the client is heard, and pymavlink accepts the drone's signatures."""
    rig = Rig()
    signing = signed(rig)
    rig.run(1.5)
    answers = ask(rig.client)
    assert len(answers) == 1
    assert answers[0]._signed
    assert signing.refused == 0


def test_unsigned_frames_are_refused() -> None:
    """A client without the key is not answered, and counted."""
    rig = Rig()
    signed(rig)
    stranger = rig.connect(system=77)
    before = stranger.channel.signing.refused
    stranger.codec.signing_state.secret_key = None
    assert ask(stranger) == []
    assert stranger.channel.signing.refused == before + 1


def test_frames_signed_with_another_key_are_refused() -> None:
    """A wrong key is no key, and does not lock out the right one."""
    rig = Rig()
    signed(rig)
    forger = rig.connect(system=255)
    wrong = Signing(forger.codec, 3)
    wrong.set_key(bytes(range(1, 33)), EPOCH_UNIX_S + 1e6)
    assert ask(forger) == []
    right = Signing(forger.codec, 3)
    forger.codec.signing_state.timestamp = 0
    right.set_key(KEY, EPOCH_UNIX_S + rig.time_s + 1.0)
    assert len(ask(forger)) == 1


def test_replayed_frames_are_refused() -> None:
    """The same bytes a second time are not obeyed."""
    rig = Rig()
    signed(rig)
    order = dialect.MAVLink_command_long_message(1, 1, dialect.MAV_CMD_DO_SET_MODE, 0, 1, 5, 0, 0, 0, 0, 0)
    frame = rig.client.codec.pack(order)
    rig.client.raw(frame)
    assert rig.pilot.mode == dialect.COPTER_MODE_LOITER
    rig.pilot.set_mode(type(rig.pilot.mode)(0))
    rig.client.heard.clear()
    before = rig.client.channel.signing.refused
    rig.client.raw(frame)
    assert rig.pilot.mode == dialect.COPTER_MODE_STABILIZE
    assert not rig.client.of("COMMAND_ACK")
    assert rig.client.channel.signing.refused == before + 1


def test_an_armed_drone_takes_no_key() -> None:
    """SETUP_SIGNING in flight is refused with a text."""
    rig = Rig()
    rig.take_off()
    rig.client.send(setup_message(1, 1, KEY, EPOCH_UNIX_S))
    assert not rig.autopilot.security.on
    assert rig.client.texts[-1] == "ERROR: Won't setup signing when armed"


def test_a_key_of_zeros_ends_signing() -> None:
    """After a signed SETUP_SIGNING with zeros, unsigned clients are heard again."""
    rig = Rig()
    signing = signed(rig)
    rig.client.send(setup_message(1, 1, bytes(32), EPOCH_UNIX_S))
    signing.set_key(None, 0.0)
    assert len(ask(rig.client)) == 1


def test_signature_stamps_count_from_2015() -> None:
    """One day is 8.64 thousand million steps of 10 microseconds."""
    day = signing_timestamp(1420070400.0 + 86400.0)
    assert day == 8_640_000_000
    assert signing_timestamp(0.0) == 1
    assert math.isclose(day / 1e5, 86400.0)
