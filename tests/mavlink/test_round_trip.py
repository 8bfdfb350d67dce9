"""The estimate of how long an answer takes."""

from __future__ import annotations

import pytest

from dronepatrol.mavlink.round_trip import FIRST_S, LONGEST_S, SHORTEST_S, RoundTrip


def test_time_out_follows_the_link() -> None:
    """After some answers the time-out is somewhat above the usual time, whether the link is quick or slow."""
    for usual_s in (0.4, 3.0):
        link = RoundTrip()
        for n in range(20):
            link.answered([float(n)], n + usual_s)
        assert usual_s <= link.timeout_s() < 1.5 * usual_s


def test_quick_link_keeps_a_floor() -> None:
    """A perfect link does not make the time-out vanish: vehicles answer once per step."""
    link = RoundTrip()
    link.answered([0.0], 0.001)
    assert link.timeout_s() == SHORTEST_S


def test_nothing_known_waits_the_first_time_out_and_then_longer() -> None:
    """Before any answer the first time-out holds and grows a little with each repeat."""
    link = RoundTrip()
    assert link.timeout_s() == FIRST_S
    assert FIRST_S < link.timeout_s(1) < link.timeout_s(2) <= link.timeout_s(50) <= LONGEST_S


def test_an_answer_to_one_of_several_copies_teaches_nothing_once_the_link_is_known() -> None:
    """Karn's rule: an answer that may belong to either copy is left out."""
    link = RoundTrip()
    link.answered([0.0], 0.2)
    before = link.timeout_s()
    link.answered([10.0, 10.6], 11.0)
    assert link.timeout_s() == before


def test_a_copy_too_young_to_have_been_answered_is_ruled_out() -> None:
    """An answer that comes sooner after the second copy than the link can be is the answer to the first."""
    link = RoundTrip()
    link.answered([0.0], 0.5)
    link.answered([10.0, 10.6], 10.7)
    assert link.usual_s == pytest.approx((0.5 + 0.7) / 2)


def test_first_sure_measurement_replaces_a_guess() -> None:
    """What was learnt from an answer to several copies is only an upper bound and is dropped soon."""
    link = RoundTrip()
    link.answered([0.0, 1.0, 2.0], 2.1)
    assert link.usual_s == pytest.approx(2.1)
    link.answered([5.0], 5.1)
    assert link.usual_s == pytest.approx(0.1)


def test_answers_repeated_by_the_vehicle_do_not_slow_the_client() -> None:
    """Every third answer lost, and heard a second later when the vehicle repeats it, is no slow link."""
    link = RoundTrip()
    for n in range(30):
        link.answered([float(n)], n + (1.06 if n % 3 == 0 else 0.06))
    assert link.timeout_s() == SHORTEST_S


def test_link_that_becomes_slower_is_noticed() -> None:
    """When every answer comes after several copies, the first is in the end taken for the answered one."""
    link = RoundTrip()
    for n in range(20):
        link.answered([float(n)], n + 0.1)
    for n in range(150):
        at = 100.0 + 10.0 * n
        link.answered([at + 0.3 * copy for copy in range(7)], at + 2.0)
    assert link.timeout_s() >= 2.0
