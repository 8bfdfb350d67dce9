"""The search for the fastest path over a polygon."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from dronepatrol.errors import GeometryError
from dronepatrol.planning.coverage.area import area_of
from dronepatrol.planning.coverage.corners import pieces_of, polyline, profile
from dronepatrol.planning.coverage.fastest import fastest_coverage
from dronepatrol.planning.coverage.flight import Turning, flight_time_s
from dronepatrol.planning.coverage.improve import Path
from dronepatrol.planning.coverage.seen import Lattice

FIELD = box(0.0, 0.0, 200.0, 120.0)
HOLED = Polygon(FIELD.exterior, [box(80.0, 40.0, 110.0, 70.0).exterior.coords])
FEW = {"max_iterations": 1200, "swath_m": 25.0}


def test_a_straight_leg_takes_its_ramps_and_its_cruise():
    """From rest to rest over 100 m: 10 m/s is reached after 25 m, so 10 s of ramps and 5 s of cruise."""
    assert flight_time_s([(0.0, 0.0), (100.0, 0.0)], Turning(10.0, 2.0)) == pytest.approx(15.0)


def test_a_sharp_corner_is_a_full_stop():
    """A right angle between two legs costs as much as two flights from rest to rest."""
    path = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    assert flight_time_s(path, Turning(10.0, 2.0)) == pytest.approx(30.0)


def test_the_quick_time_of_a_rounded_path_agrees_with_its_polyline():
    """Pieces and vertices of the same path give the same time within 1 %."""
    corners = [(0.0, 0.0, 0.0), (150.0, 0.0, 12.5), (150.0, 25.0, 12.5), (0.0, 25.0, 0.0)]
    pieces = pieces_of(corners, Turning())
    quick_s = sum(profile(pieces, Turning())[2])
    assert flight_time_s(polyline(corners, pieces), Turning()) == pytest.approx(quick_s, rel=0.01)


def test_the_lattice_measures_a_gap_thinner_than_its_step():
    """Two tracks a little more than a swath apart leave what a polygon overlay says they leave."""
    ground = box(0.0, 0.0, 300.0, 41.0)
    lattice = Lattice(ground, 10.0, 1000)
    corners = [(0.0, 10.0, 0.0), (300.0, 10.0, 0.0), (300.0, 31.0, 0.0), (0.0, 31.0, 0.0)]
    Path(corners, lattice, ground.buffer(1.0), Turning(), 1.0)
    shown = shapely.union_all(
        [
            LineString(pair).buffer(10.0)
            for pair in zip([c[:2] for c in corners], [c[:2] for c in corners][1:], strict=False)
        ]
    )
    assert lattice.share == pytest.approx(shown.intersection(ground).area / ground.area, abs=0.004)


def test_changes_kept_one_by_one_equal_a_path_made_at_once():
    """After many changes, time and coverage are those of the same corners measured afresh."""
    corners = [
        (10.0, 10.0, 0.0),
        (190.0, 10.0, 12.0),
        (190.0, 35.0, 12.0),
        (10.0, 35.0, 12.0),
        (10.0, 60.0, 0.0),
    ]
    path = Path(corners, Lattice(FIELD, 12.5, 1500), FIELD.buffer(5.0), Turning(), 0.99)
    rng = np.random.default_rng(1)
    kept = 0
    for _ in range(80):
        i = int(rng.integers(len(path.corners)))
        x, y, r = path.corners[i]
        dx, dy = rng.normal(0.0, 3.0, 2)
        trial = path.trial(i, i + 1, [(x + dx, y + dy, r)], path.cost + 50.0)
        if trial is not None:
            path.commit(trial)
            kept += 1
    fresh = Path(path.corners, Lattice(FIELD, 12.5, 1500), FIELD.buffer(5.0), Turning(), 0.99)
    assert kept > 10
    assert path.time_s == pytest.approx(fresh.time_s)
    assert path.lattice.covered == fresh.lattice.covered


def test_covers_the_field_and_stays_inside_and_out_of_holes():
    """At least 99 % is shown, and no part of the path leaves the outline or enters the hole."""
    found = fastest_coverage(HOLED, **FEW)
    path = LineString(found.path_enu_m)
    assert found.covered_share >= 0.99
    assert HOLED.covers(path)
    assert found.duration_s == pytest.approx(flight_time_s(found.path_enu_m, Turning()))
    assert found.bound_s < found.duration_s < 2.0 * found.bound_s


def test_the_same_seed_and_iterations_give_the_same_path():
    """Two searches with counted iterations agree point by point."""
    first, second = (fastest_coverage(FIELD, **FEW, seed=4) for _ in range(2))
    np.testing.assert_array_equal(first.path_enu_m, second.path_enu_m)


def test_a_small_area_is_one_photo_point():
    """What one picture shows needs no sweep."""
    found = fastest_coverage(box(0.0, 0.0, 10.0, 10.0), swath_m=30.0)
    assert found.path_enu_m.shape == (1, 2)
    assert found.covered_share == pytest.approx(1.0)
    assert found.duration_s == 0.0


def test_areas_in_two_parts_are_both_covered():
    """The path goes over from one part to the other."""
    parts = MultiPolygon([box(0.0, 0.0, 100.0, 60.0), box(140.0, 0.0, 240.0, 60.0)])
    assert fastest_coverage(parts, **FEW).covered_share >= 0.99


def test_a_home_draws_the_ends_of_the_path_to_it():
    """Ways from home and back are part of what is made short."""
    home = (0.0, 0.0)
    found = fastest_coverage(FIELD, **FEW, home_enu_m=home)
    ends = np.hypot(*(found.path_enu_m[[0, -1]] - home).T)
    assert found.transit_s == pytest.approx(ends.sum() / 10.0)
    assert ends.min() < 60.0


def test_home_inside_a_hole_is_refused():
    """Nothing may fly in a hole."""
    with pytest.raises(GeometryError, match="home lies inside a hole"):
        fastest_coverage(HOLED, **FEW, home_enu_m=(95.0, 55.0))


@pytest.mark.parametrize("swath_m", [0.0, -5.0, float("nan")])
def test_a_swath_that_is_no_width_is_refused(swath_m):
    """The message names the value."""
    with pytest.raises(GeometryError, match=r"swath of .* m is not above 0"):
        fastest_coverage(FIELD, swath_m=swath_m)


def test_a_swath_wider_than_the_way_between_holes_still_ends():
    """A narrow passage between holes is flown through or seen from outside."""
    holes = [box(40.0, 20.0, 95.0, 100.0).exterior.coords, box(97.0, 20.0, 160.0, 100.0).exterior.coords]
    found = fastest_coverage(Polygon(FIELD.exterior, holes), **FEW)
    assert found.covered_share / found.coverable_share >= 0.99


def test_a_crossing_outline_is_mended_with_a_finding():
    """A bow tie is read as two triangles, and the finding points at the crossing."""
    ring = [[24.94, 60.17], [24.944, 60.172], [24.944, 60.17], [24.94, 60.172], [24.94, 60.17]]
    area = area_of({"type": "Polygon", "coordinates": [ring]})
    assert len(area.area_enu.geoms) == 2
    (finding,) = area.findings
    assert "2 parts" in finding.message
    assert finding.position.lon_deg == pytest.approx(24.942, abs=1e-6)


@pytest.mark.parametrize(
    ("ring", "message"),
    [
        ([[385000, 6672000], [385100, 6672000], [385100, 6672100], [385000, 6672000]], "no degrees"),
        ([[24.94, 60.17], [24.95, 60.17], [24.94, 60.17], [24.94, 60.17]], "no area"),
        ([[24.94, 60.17], [24.95, 60.17], [34.94, 60.18], [24.94, 60.17]], "km across"),
    ],
)
def test_unusable_outlines_are_refused(ring, message):
    """Metres, lines without area and outlines across countries say what is wrong."""
    with pytest.raises(GeometryError, match=message):
        area_of({"type": "Polygon", "coordinates": [ring]})
