"""Message rates, single messages, time stamps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dronepatrol.mavlink.dialect import dialect
from tests.sim.autopilot.rig import Rig

ACCEPTED, DENIED, FAILED = 0, 2, 4


@pytest.fixture(scope="module")
def rig() -> Rig:
    """A drone in a hover after a dash north, so that values change."""
    rig = Rig()
    rig.take_off()
    rig.client.send(
        dialect.MAVLink_set_position_target_local_ned_message(
            0, 1, 1, dialect.MAV_FRAME_LOCAL_NED, 3527, 0, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0
        )
    )
    rig.run(2.0)
    return rig


def stop(rig: Rig) -> None:
    """Stop all streams and forget what was heard."""
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, 0, 0, 0))
    for number in list(rig.client.channel.intervals_s):
        rig.client.channel.set_interval(number, 0.0, 0.0)
    rig.client.heard.clear()


@pytest.mark.parametrize("rate_hz", [1, 3, 4, 7, 10, 20, 50])
def test_intervals_are_exact(rig: Rig, rate_hz: int) -> None:
    """A message asked for at a rate comes at that rate within 0.5 %, also above the simulation's own."""
    stop(rig)
    number = dialect.MAVLINK_MSG_ID_ATTITUDE
    assert rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, number, 1e6 / rate_hz) == ACCEPTED
    rig.run(40.0)
    stamps = [m.time_boot_ms for m in rig.client.of("ATTITUDE")]
    rate = (len(stamps) - 1) / (stamps[-1] - stamps[0]) * 1e3
    assert rate == pytest.approx(rate_hz, rel=0.005)
    gaps = {b - a for a, b in pairwise(stamps)}
    assert max(gaps) - min(gaps) <= 1


def test_values_between_steps_are_those_of_their_time_stamp() -> None:
    """At 50 Hz each position lies where the speed of the moment leads from the one before."""
    rig = Rig()
    rig.take_off()
    rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, dialect.MAVLINK_MSG_ID_LOCAL_POSITION_NED, 20000)
    for _ in range(40):
        rig.client.send(
            dialect.MAVLink_set_position_target_local_ned_message(
                0, 1, 1, dialect.MAV_FRAME_LOCAL_NED, 3527, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0
            )
        )
        rig.run(0.2)
    heard = rig.client.of("LOCAL_POSITION_NED")[-150:]
    for a, b in pairwise(heard):
        assert b.time_boot_ms - a.time_boot_ms == 20
        assert b.x - a.x == pytest.approx((a.vx + b.vx) / 2 * 0.02, abs=0.004)


def test_intervals_can_be_asked_for(rig: Rig) -> None:
    """GET_MESSAGE_INTERVAL tells the interval, -1 for a stopped stream, 0 for a message that does not
    exist.
    """
    stop(rig)
    rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, dialect.MAVLINK_MSG_ID_VFR_HUD, 125000)
    told = []
    for number in (dialect.MAVLINK_MSG_ID_VFR_HUD, dialect.MAVLINK_MSG_ID_ATTITUDE, 11111):
        rig.command(dialect.MAV_CMD_GET_MESSAGE_INTERVAL, number)
        told.append(rig.client.last("MESSAGE_INTERVAL").interval_us)
    assert told == [125000, -1, 0]


@pytest.mark.parametrize("number", [11111, dialect.MAVLINK_MSG_ID_RAW_PRESSURE, -1, float("nan")])
def test_an_unknown_message_has_no_interval(rig: Rig, number: float) -> None:
    """SET_MESSAGE_INTERVAL of a message that the vehicle does not have is denied."""
    assert rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, number, 1e6) == DENIED


def test_single_messages(rig: Rig) -> None:
    """REQUEST_MESSAGE sends a message once, and fails for one the vehicle does not have."""
    stop(rig)
    assert rig.request("ATTITUDE").time_boot_ms > 0
    assert rig.request("EXTENDED_SYS_STATE").landed_state == dialect.MAV_LANDED_STATE_IN_AIR
    assert rig.command(dialect.MAV_CMD_REQUEST_MESSAGE, 11111) == FAILED
    rig.run(2.0)
    assert len(rig.client.of("ATTITUDE")) == 1


def test_a_stream_group_alone(rig: Rig) -> None:
    """REQUEST_DATA_STREAM of one group starts the messages of that group and notes its rate as a
    parameter.
    """
    stop(rig)
    stream = dialect.MAV_DATA_STREAM_POSITION
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, stream, 5, 1))
    rig.run(4.0)
    assert len(rig.client.of("GLOBAL_POSITION_INT")) == len(rig.client.of("LOCAL_POSITION_NED")) == 20
    assert not rig.client.of("ATTITUDE")
    assert rig.autopilot.parameters["MAV1_POSITION"] == 5.0


def test_links_have_their_own_rates() -> None:
    """What one client asks for does not reach another."""
    rig = Rig()
    other = rig.connect(system=254)
    rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, dialect.MAVLINK_MSG_ID_ATTITUDE, 100000)
    rig.run(2.0)
    assert len(rig.client.of("ATTITUDE")) == 20
    assert not other.of("ATTITUDE")


def test_fence_status_comes_only_with_the_fence() -> None:
    """FENCE_STATUS is silent while the fence is off and streams when it is on."""
    rig = Rig()
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, 0, 4, 1))
    rig.run(2.0)
    assert not rig.client.of("FENCE_STATUS")
    assert rig.command(dialect.MAV_CMD_DO_FENCE_ENABLE, 1) == ACCEPTED
    rig.run(2.0)
    assert len(rig.client.of("FENCE_STATUS")) == 8


def test_a_long_pause_is_not_made_up_for() -> None:
    """After the simulation stood still for minutes there is no burst of old messages."""
    rig = Rig()
    rig.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, dialect.MAVLINK_MSG_ID_ATTITUDE, 20000)
    rig.run(1.0)
    rig.client.heard.clear()
    rig.steps += 6000
    rig.step()
    assert len(rig.client.of("ATTITUDE")) <= 25
