"""Flights of the reference against recordings of the real thing, leg by leg.

The bars are tighter than those asked of the simulation, so that a change for the worse shows.
"""

from __future__ import annotations

import functools

import pytest

from tests.sim.motion.motion_recordings import (
    RECORDINGS,
    Comparison,
    compare,
    fly_recorded,
    reference_wind,
)

pytestmark = pytest.mark.skipif(not RECORDINGS.exists(), reason="no recordings of reference flights here")

STILL = ["survey", "square-stop", "rtl-high", "mixed", "guided"]


@functools.cache
def comparison(name: str) -> Comparison:
    """Fly once, look at it in several tests."""
    return compare(*fly_recorded(name, wind=reference_wind(name)))


@pytest.mark.parametrize("name", STILL)
def test_time_of_each_leg(name: str) -> None:
    """Each item takes as long as it did, within 1.5 % (asked: 5 %)."""
    errors = {seq: error / time for seq, time, error in comparison(name).leg_errors}
    assert max(abs(e) for e in errors.values()) < 0.015, errors


@pytest.mark.parametrize("name", STILL)
def test_track(name: str) -> None:
    """The path stays within 0.6 m at the 95th percentile and 1.5 m at most (asked: 1.5 and 3 m)."""
    assert comparison(name).track_p95_m < 0.6
    assert comparison(name).track_max_m < 1.5


@pytest.mark.parametrize("name", STILL)
def test_place_at_the_same_time(name: str) -> None:
    """At the same second of the same leg the vehicle is within 3 m of the recorded one, at up to 10 m/s."""
    assert comparison(name).synchronous_max_m < 3.0


@pytest.mark.parametrize("name", STILL)
def test_altitude(name: str) -> None:
    """The height is within 0.4 m of the recorded one at all times (asked: 0.5 m)."""
    assert comparison(name).altitude_max_m < 0.4


@pytest.mark.parametrize("name", STILL)
def test_landing_time(name: str) -> None:
    """From the start of the descent to touch-down it takes as long, within 1 % (asked: 10 %)."""
    assert comparison(name).landing_share < 0.01


@pytest.mark.parametrize("name", STILL)
def test_heading(name: str) -> None:
    """The nose points within 6 degrees of the recorded heading for 95 % of the flight."""
    assert comparison(name).yaw_p95_deg < 6.0


@pytest.mark.parametrize("name", ["survey", "survey-wind", "mixed", "square-stop", "rtl-high"])
def test_charge_used(name: str) -> None:
    """A flight takes the charge that it took, within 2 %."""
    recording, flight = fly_recorded(name, wind=reference_wind(name))
    assert flight.used_mah == pytest.approx(recording.rows["mah"].max(), rel=0.02)


def test_wind() -> None:
    """In turbulent wind times hold within 7 %, path within 1 m, height within 0.4 m (asked: 10 %, 6, 1)."""
    c = comparison("survey-wind")
    assert c.worst_leg_share < 0.07
    assert c.track_max_m < 1.0
    assert c.altitude_max_m < 0.4
    assert c.landing_share < 0.02
