"""Latitude and longitude against local metres."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from dronepatrol.sim.motion import LocalFrame


@given(
    st.integers(-800_000_000, 800_000_000), st.integers(-1_799_999_999, 1_799_999_999), st.floats(-2e4, 2e4)
)
def test_round_trip(lat_e7: int, lon_e7: int, metres: float) -> None:
    """There and back again is within a unit of the last digit."""
    frame = LocalFrame(lat_e7, lon_e7)
    n, e = frame.north_east_m(*frame.lat_lon_e7(metres, -metres / 2))
    assert n == pytest.approx(metres, abs=0.012)
    assert e == pytest.approx(-metres / 2, abs=0.012)


def test_one_unit_of_latitude() -> None:
    """A unit of latitude is what ArduPilot takes it for."""
    assert LocalFrame(0, 0).north_east_m(1, 0)[0] == pytest.approx(0.011131884502145034)


def test_near_the_ellipsoid() -> None:
    """Within a kilometre the frame is within 0.7 % of WGS84, the price of a sphere."""
    frame = LocalFrame(300300000, 1208700000)
    lat, lon = frame.lat_lon_e7(700.0, 700.0)
    _, _, metres = Geod(ellps="WGS84").inv(120.87, 30.03, lon * 1e-7, lat * 1e-7)
    assert metres == pytest.approx(990.0, rel=0.007)


def test_over_the_date_line() -> None:
    """East over 180 degrees is a small step, not a trip round the world."""
    assert abs(LocalFrame(0, 1_799_999_990).north_east_m(0, -1_799_999_990)[1]) < 1.0
