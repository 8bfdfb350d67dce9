"""The local frame against pyproj."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.model.position import Position


@pytest.mark.parametrize("origin", [(24.94, 60.17), (120.87, 30.03), (-70.6, -33.4), (0.0, 0.0)])
def test_to_enu_matches_pyproj_topocentric(origin: tuple[float, float]) -> None:
    """East and north agree with PROJ's topocentric conversion to a tenth of a millimetre."""
    lon, lat = origin
    pipeline = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
        f"+step +proj=topocentric +ellps=WGS84 +lon_0={lon} +lat_0={lat} +h_0=0"
    )
    points = np.array([lon, lat]) + np.array([[0.0, 0.0], [0.08, 0.05], [-0.1, 0.02], [0.001, -0.06]])
    east, north, _ = pipeline.transform(points[:, 0], points[:, 1], np.zeros(4))
    got = LocalFrame(Position(lon, lat)).to_enu(points)
    assert np.abs(got - np.column_stack([east, north])).max() < 1e-4


@given(
    lon=st.floats(-179.0, 179.0),
    lat=st.floats(-80.0, 80.0),
    east=st.floats(-20_000.0, 20_000.0),
    north=st.floats(-20_000.0, 20_000.0),
)
def test_round_trip(lon: float, lat: float, east: float, north: float) -> None:
    """Metres to degrees and back returns the same point to a hundredth of a millimetre."""
    frame = LocalFrame(Position(lon, lat))
    back = frame.to_enu(frame.to_lonlat(np.array([[east, north]])))[0]
    assert np.abs(back - [east, north]).max() < 1e-5


def test_lengths_match_geodesics() -> None:
    """A 5 km line in the frame is as long as PROJ's geodesic to a centimetre."""
    frame = LocalFrame(Position(24.94, 60.17))
    a, b = frame.to_lonlat(np.array([[-1500.0, -2000.0], [1500.0, 2000.0]]))
    _, _, length = pyproj.Geod(ellps="WGS84").inv(a[0], a[1], b[0], b[1])
    assert length == pytest.approx(5000.0, abs=0.01)
