"""Legs flown within limits of speed, acceleration, jerk and snap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.sim.motion.scurve import SCurveLeg

SPEEDS = (10.0, 2.5, 1.5)


def leg(length_m: float, **change: float) -> SCurveLeg:
    """Return a level leg to the north."""
    return SCurveLeg(
        (0.0, 0.0, 0.0),
        (length_m, 0.0, 0.0),
        SPEEDS,
        (2.5, 1.0),
        change.get("jerk", 1.0),
        change.get("snap", 5.2),
    )


def profile(of: SCurveLeg, steps: int = 4000) -> np.ndarray:
    """Return time, distance, speed and acceleration along a leg, shape (n, 4)."""
    times = np.linspace(0.0, of.end_s, steps)
    return np.array([(t, *of.at(float(t))) for t in times])


@given(st.floats(0.01, 2000.0))
@settings(max_examples=60, deadline=None)
def test_ends_at_rest_at_its_end(length_m: float) -> None:
    """Any length is covered exactly and ends without speed."""
    one = leg(length_m)
    distance, speed, _ = one.at(one.end_s - 1e-12)
    assert distance == pytest.approx(length_m, rel=1e-6)
    assert speed == pytest.approx(0.0, abs=1e-4)


@given(st.floats(0.1, 500.0), st.floats(0.3, 5.0))
@settings(max_examples=40, deadline=None)
def test_keeps_its_limits(length_m: float, jerk: float) -> None:
    """Speed, acceleration and jerk never pass their limits."""
    p = profile(leg(length_m, jerk=jerk))
    assert p[:, 2].max() <= 10.0 + 1e-6
    assert np.abs(p[:, 3]).max() <= 2.5 + 1e-6
    rates = np.diff(p[:, 3]) / np.diff(p[:, 0])
    assert np.abs(rates).max() <= jerk * 1.001


def test_distance_is_the_integral_of_speed() -> None:
    """Position, speed and acceleration belong together."""
    p = profile(leg(150.0), 20001)
    dt = p[1, 0]
    assert np.allclose(np.cumsum(p[:, 2]) * dt - 0.5 * dt * p[:, 2], p[:, 1], atol=2e-3)
    assert np.allclose(np.gradient(p[:, 2], dt)[1:-1], p[1:-1, 3], atol=2e-3)


def test_long_leg_cruises() -> None:
    """A leg with room reaches its speed and holds it."""
    one = leg(400.0)
    assert one.at(0.5 * (one.settled_s + one.decelerate_at_s))[1] == pytest.approx(10.0)


def test_climb_limits_the_speed() -> None:
    """On a steep leg the vertical speed limit rules."""
    one = SCurveLeg((0.0, 0.0, 0.0), (30.0, 0.0, 40.0), SPEEDS, (2.5, 1.0), 1.0, 5.2)
    assert one.speed_mps == pytest.approx(2.5 / 0.8)


def test_speed_change_under_way() -> None:
    """A speed limit lowered in flight is reached, and the leg still ends at its end."""
    one = leg(400.0)
    one.time_s = 15.0
    before = one.at(15.0)
    one.set_speeds((5.0, 2.5, 1.5))
    assert one.at(15.0) == pytest.approx(before)
    assert one.at(25.0)[1] == pytest.approx(5.0)
    assert one.at(one.end_s - 1e-9)[0] == pytest.approx(400.0, abs=1e-6)


def test_speed_raised_under_way() -> None:
    """A speed limit raised in flight is reached where there is room."""
    one = SCurveLeg((0.0, 0.0, 0.0), (400.0, 0.0, 0.0), (4.0, 2.5, 1.5), (2.5, 1.0), 1.0, 5.2)
    one.time_s = 10.0
    one.set_speeds((9.0, 2.5, 1.5))
    assert profile(one)[:, 2].max() == pytest.approx(9.0)
    assert one.at(one.end_s - 1e-9)[0] == pytest.approx(400.0, abs=1e-6)


def test_begins_and_ends_at_speed() -> None:
    """A leg beside a curve starts and ends moving."""
    one = leg(200.0)
    assert one.set_origin_speed(6.0) == pytest.approx(6.0)
    one.set_destination_speed(4.0)
    assert one.at(0.0)[1] == pytest.approx(6.0)
    distance, speed, _ = one.at(one.end_s - 1e-9)
    assert (distance, speed) == pytest.approx((200.0, 4.0), abs=1e-4)


def test_short_leg_takes_only_a_speed_it_can_stop_from() -> None:
    """The speed taken over is limited by the room to stop."""
    assert leg(5.0).set_origin_speed(10.0) < 3.0


def test_no_length_is_finished_at_once() -> None:
    """A leg from a point to itself has nothing to fly."""
    assert leg(0.0).finished
