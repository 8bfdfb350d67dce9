"""Rates of messages, and the older way to ask for them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dronepatrol.errors import CommandRefusedError, ProtocolTimeoutError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.message_interval import STREAM_OF, MessageIntervals, StreamRequest, interval_us
from dronepatrol.sim.autopilot.streams import STREAM_GROUPS
from tests.mavlink.bad_link import BadLink

VEHICLE = Target(1, 1)
ATTITUDE, POSITION = dialect.MAVLINK_MSG_ID_ATTITUDE, dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT
ODD = 12_000
EXTRA1, POSITIONS = dialect.MAV_DATA_STREAM_EXTRA1, dialect.MAV_DATA_STREAM_POSITION


class Streamer:
    """A vehicle that sets rates, each by itself or, if it is old, by groups, and sends what was asked for."""

    def __init__(self, *, old: bool = False) -> None:
        self.old = old
        self.intervals: dict[int, float] = {}
        self.streams: dict[int, int] = {}

    @property
    def next_wakeup_s(self) -> float:
        """Messages go out together, ten times a second."""
        return self._due_s if self.streams else math.inf

    _due_s = 0.0

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Take a request."""
        if message.get_type() == "REQUEST_DATA_STREAM":
            self.streams[message.req_stream_id] = message.req_message_rate * message.start_stop
            return []
        if message.get_type() != "COMMAND_LONG":
            return []
        result = dialect.MAV_RESULT_ACCEPTED
        if self.old:
            result = dialect.MAV_RESULT_UNSUPPORTED
        elif message.param1 == ODD:
            result = dialect.MAV_RESULT_DENIED
        else:
            self.intervals[int(message.param1)] = message.param2
        return [dialect.MAVLink_command_ack_message(message.command, result, 0, 0, 255, 190)]

    def poll(self, now_s: float) -> list[Any]:
        """Send attitudes if their group is on."""
        if now_s < self._due_s or not self.streams:
            return []
        self._due_s = now_s + 0.1
        return [dialect.MAVLink_attitude_message(0, 0, 0, 0, 0, 0, 0)] if self.streams.get(EXTRA1) else []


def test_each_message_gets_its_interval() -> None:
    """Rates become intervals in microseconds, 0 stops, and one message each is enough."""
    vehicle = Streamer()
    link = BadLink(vehicle)
    request = MessageIntervals({ATTITUDE: 10.0, POSITION: 0.0}, VEHICLE)
    link.run(request)
    assert request.done
    assert vehicle.intervals == {ATTITUDE: 100_000.0, POSITION: -1.0}
    assert link.sent == 2


@pytest.mark.parametrize("seed", range(5))
def test_intervals_over_a_bad_link(seed: int) -> None:
    """With loss, repeats and reordering every message is set: no answer is taken for another's."""
    vehicle = Streamer()
    rates_hz = dict.fromkeys(sorted(STREAM_OF), 4.0)
    link = BadLink(vehicle, seed, loss=0.3, repeat=0.1, reorder=0.1, delay_s=0.2, jitter_s=0.1)
    request = MessageIntervals(rates_hz, VEHICLE)
    link.run(request)
    assert request.done
    assert vehicle.intervals == dict.fromkeys(rates_hz, 250_000.0)


def test_message_that_the_vehicle_lacks_is_noted() -> None:
    """A refused message does not keep the others from being set."""
    vehicle = Streamer()
    request = MessageIntervals({ODD: 1.0, ATTITUDE: 1.0}, VEHICLE)
    BadLink(vehicle).run(request)
    assert request.done
    assert request.missing == [ODD]
    assert ATTITUDE in vehicle.intervals


def test_message_that_must_be_there_is_an_error() -> None:
    """Where nothing may be missing, the refusal names the message."""
    request = MessageIntervals({ODD: 1.0}, VEHICLE, may_miss=False)
    BadLink(Streamer()).run(request)
    assert isinstance(request.error, CommandRefusedError)
    assert str(request.error).endswith(": DENIED (for message 12000)")


def test_old_autopilot_is_asked_for_data_streams() -> None:
    """Where SET_MESSAGE_INTERVAL is unknown, the groups are asked for until a message of them is heard."""
    vehicle = Streamer(old=True)
    request = MessageIntervals({ATTITUDE: 4.0}, VEHICLE)
    BadLink(vehicle, 1, loss=0.3).run(request)
    assert request.done
    assert request.by_stream
    assert vehicle.streams == {EXTRA1: 4}


def test_group_of_which_nothing_is_heard_is_missing() -> None:
    """A data stream is not acknowledged, so silence is what tells that it is not there."""
    request = MessageIntervals({ATTITUDE: 4.0, POSITION: 2.0, ODD: 1.0}, VEHICLE)
    BadLink(Streamer(old=True)).run(request)
    assert request.done
    assert sorted(request.missing) == [POSITION, ODD]


def test_silent_group_that_must_be_there_is_an_error() -> None:
    """Where nothing may be missing, the error names the message that was not heard."""
    request = MessageIntervals({POSITION: 2.0}, VEHICLE, may_miss=False)
    BadLink(Streamer(old=True)).run(request)
    assert isinstance(request.error, ProtocolTimeoutError)
    assert "sends none of GLOBAL_POSITION_INT" in str(request.error)


def test_stopping_a_group_is_said_three_times() -> None:
    """That a message does not come cannot be heard, so stopping is repeated and believed."""
    vehicle = Streamer(old=True)
    vehicle.streams[POSITIONS] = 4
    link = BadLink(vehicle)
    link.run(StreamRequest(VEHICLE, POSITIONS, 0.0, frozenset({POSITION})))
    assert vehicle.streams[POSITIONS] == 0
    assert link.sent == 3


@pytest.mark.parametrize(("rate_hz", "us"), [(4.0, 250_000), (0.3, 3_333_333), (0.0, -1), (-1.0, -1)])
def test_rates_as_intervals(rate_hz: float, us: int) -> None:
    """A rate is the inverse of an interval; none is the interval that stops."""
    assert interval_us(rate_hz) == us


def test_groups_are_those_of_the_simulated_autopilot() -> None:
    """The client's table names no message in another group than the vehicle's own table does."""
    for number, stream in STREAM_OF.items():
        assert number in STREAM_GROUPS[stream][1]
