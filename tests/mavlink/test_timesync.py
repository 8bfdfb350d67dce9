"""The relation of a vehicle's clock to the host's."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.timesync import DRIFT, ClockEstimate, ClockSample, TimeSync, timesync_answer
from tests.mavlink.bad_link import BadLink, heard

VEHICLE = Target(1, 1)


class Clock:
    """A vehicle that answers TIMESYNC by a clock with an offset and a drift."""

    next_wakeup_s = math.inf

    def __init__(self, offset_s: float, drift: float = 0.0) -> None:
        self.offset_s, self.drift = offset_s, drift

    def time_s(self, host_s: float) -> float:
        """Return this clock's time at a moment of the host's."""
        return host_s * (1.0 + self.drift) + self.offset_s

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Answer a question."""
        return [dialect.MAVLink_timesync_message(round(self.time_s(now_s) * 1e9), message.ts1)]

    def poll(self, now_s: float) -> list[Any]:
        """Say nothing unasked."""
        return []


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    offset_s=st.floats(-900.0, 1e6),
    drift=st.floats(-DRIFT, DRIFT),
    loss=st.floats(0.0, 0.4),
)
def test_true_offset_is_within_the_uncertainty(seed: int, offset_s: float, drift: float, loss: float) -> None:
    """Over links with loss, jitter, repeats and reordering the estimate is never further off than it says."""
    clock = Clock(offset_s, drift)
    link = BadLink(clock, seed, loss=loss, repeat=0.2, reorder=0.2, delay_s=0.05, jitter_s=0.2)
    sync = TimeSync(VEHICLE)
    link.run(sync)
    estimate = sync.estimate
    for later_s in (0.0, 100.0):
        host_s = link.now_s + later_s
        wrong_s = abs(estimate.vehicle_s(host_s) - clock.time_s(host_s))
        assert wrong_s <= estimate.uncertainty_s(host_s) + 1e-6


def test_quickest_exchange_counts() -> None:
    """One quick exchange among slow ones bounds the offset to half its own round trip."""
    estimate = ClockEstimate()
    for n, bound_s in enumerate((0.2, 0.005, 0.3)):
        estimate.add(ClockSample(float(n), 50.0 + 0.9 * bound_s, bound_s))
    assert estimate.offset_s(2.0) == pytest.approx(50.0045)
    assert estimate.uncertainty_s(2.0) == pytest.approx(0.005 + DRIFT)


def test_both_ways_agree() -> None:
    """Host time to vehicle time and back is the same moment."""
    estimate = ClockEstimate()
    estimate.add(ClockSample(10.0, 990.0, 0.01))
    assert estimate.host_s(estimate.vehicle_s(12.0)) == pytest.approx(12.0)


def test_reboot_is_noticed() -> None:
    """A clock that begins anew drops what was known before, and is counted."""
    estimate = ClockEstimate()
    estimate.add(ClockSample(0.0, 500.0, 0.01))
    estimate.add(ClockSample(60.0, -55.0, 0.2))
    assert estimate.jumps == 1
    assert estimate.offset_s(60.0) == -55.0


def test_nothing_known_is_an_error() -> None:
    """Before any answer nobody can say what the vehicle's time is."""
    with pytest.raises(ProtocolError, match="clock is not known yet"):
        ClockEstimate().vehicle_s(1.0)


def test_answer_counts_once_and_only_to_our_questions() -> None:
    """A repeated answer, and one to another client's question, change nothing."""
    sync = TimeSync(VEHICLE, samples=2)
    (question,) = sync.start(100.0)
    answer = heard(dialect.MAVLink_timesync_message(5_000_000_000, question.ts1))
    stray = heard(dialect.MAVLink_timesync_message(7_000_000_000, 12345))
    for message in (stray, answer, answer):
        sync.receive(message, 100.1)
    assert sync.answers == 1
    assert sync.estimate.offset_s(100.1) == pytest.approx(5.0 - 100.05)


def test_silence_is_a_time_out() -> None:
    """A vehicle that never answers ends in an error that says how many answers came."""
    sync = TimeSync(VEHICLE)
    BadLink(Clock(0.0), loss=1.0).run(sync)
    assert isinstance(sync.error, ProtocolTimeoutError)
    assert str(sync.error) == "the vehicle answered 0 of 8 TIMESYNC questions"


def test_vehicles_question_is_answered_and_its_answer_is_not() -> None:
    """A question gets our time and its own stamp back; an answer gets none."""
    reply = timesync_answer(heard(dialect.MAVLink_timesync_message(0, 42)), 1.5)
    assert reply is not None
    assert (reply.tc1, reply.ts1) == (1_500_000_000, 42)
    assert timesync_answer(heard(dialect.MAVLink_timesync_message(1, 42)), 1.5) is None
