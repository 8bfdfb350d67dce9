"""Distances on the globe against an independent authority."""

from __future__ import annotations

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.geo.distance import great_circle_m
from dronepatrol.model import Position

LON, LAT = st.floats(-180, 180), st.floats(-90, 90)
ELLIPSOID = pyproj.Geod(ellps="WGS84")


@given(LON, LAT, LON, LAT)
def test_distance_agrees_with_the_geodesic(lon_a, lat_a, lon_b, lat_b):
    """The sphere is within 0.6 % of the geodesic on the ellipsoid, anywhere on Earth."""
    expected = ELLIPSOID.inv(lon_a, lat_a, lon_b, lat_b)[2]
    found = great_circle_m(Position(lon_a, lat_a), Position(lon_b, lat_b))
    assert found == pytest.approx(expected, rel=0.006, abs=1e-3)


def test_no_distance_to_itself():
    """A place is no way from itself."""
    assert great_circle_m(Position(24.94, 60.17), Position(24.94, 60.17)) == 0.0
