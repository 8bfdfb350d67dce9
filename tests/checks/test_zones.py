"""Zones hold on every leg, by height and time as well as by place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.checks import zone_keep_in, zone_keep_out, zone_margin
from dronepatrol.model import Severity, ZoneKind
from tests.checks.building import FRAME, flight, leg, mission, plan, sortie, window, zone

WALL = (100.0, -50.0, 120.0, 50.0)
"""A keep-out strip 20 m wide across the way east."""


def found(rule, of_plan):
    """Return the findings of one rule."""
    return list(rule.RULE.function(of_plan))


def test_leg_through_a_zone_with_both_ends_outside():
    """A crossing is found between waypoints, with its length and a place inside."""
    one = plan(mission(zone(*WALL)), sortie(leg((0, 0, 60), (300, 0, 60))))
    [finding] = found(zone_keep_out, one)
    assert finding.severity is Severity.ERROR
    assert finding.where == "sortie S1 leg 0 (transit)"
    assert finding.value == "20 m, 2 s"
    east, north = FRAME.enu(finding.position)
    assert (east, north) == pytest.approx((110.0, 0.0), abs=0.1)


def test_leg_round_a_zone():
    """A way round is free."""
    assert (
        found(zone_keep_out, plan(mission(zone(*WALL)), flight((110, 80, 60), (300, 0, 60), (110, 80, 60))))
        == []
    )


def test_leg_along_an_edge_is_no_crossing():
    """Where no margin is asked for, the edge itself may be flown."""
    one = plan(mission(zone(*WALL)), sortie(leg((100, -90, 60), (100, 90, 60))))
    assert found(zone_keep_out, one) == []


def test_zone_below_the_leg():
    """A leg over a zone's ceiling is free; at the floor the rule holds."""
    low, high = zone(*WALL, ceiling_m=40.0), zone(*WALL, floor_m=60.0)
    one = sortie(leg((0, 0, 60), (300, 0, 60)))
    assert found(zone_keep_out, plan(mission(low), one)) == []
    assert len(found(zone_keep_out, plan(mission(high), one))) == 1


@pytest.mark.parametrize(("end_m", "crosses"), [(100.0, False), (200.0, True)])
def test_climbing_leg_meets_a_band_only_where_it_is_high_enough(end_m, crosses):
    """A climb over 300 m passes the strip at 100 to 120 m, with a third to two fifths of its height."""
    one = plan(mission(zone(*WALL, floor_m=50.0)), sortie(leg((0, 0, 0), (300, 0, end_m))))
    assert bool(found(zone_keep_out, one)) is crosses


def test_climb_into_a_zone_above_the_station():
    """A vertical leg has no length over ground and yet crosses."""
    one = plan(mission(zone(-20, -20, 20, 20, floor_m=30.0)), flight((0, 0, 60)))
    assert [finding.where for finding in found(zone_keep_out, one)] == [
        "sortie S1 leg 0 (climb)",
        "sortie S1 leg 1 (descent)",
    ]


@pytest.mark.parametrize(("begin_min", "crosses"), [(-10.0, True), (0.3, False), (0.1, True)])
def test_zone_counts_while_it_is_active(begin_min, crosses):
    """The leg is over the strip from 10 to 12 s after noon."""
    of = mission(zone(*WALL, active=(window(begin_min, 5.0),)))
    assert bool(found(zone_keep_out, plan(of, sortie(leg((0, 0, 60), (300, 0, 60)))))) is crosses


def test_active_time_is_compared_with_the_place_at_that_time():
    """A zone that becomes active when the drone has just left it is not crossed."""
    of = mission(zone(*WALL, active=(window(13.0 / 60.0, 5.0),)))
    assert found(zone_keep_out, plan(of, sortie(leg((0, 0, 60), (300, 0, 60))))) == []


@given(st.floats(-200, 400), st.floats(-200, 200), st.floats(-200, 400), st.floats(-200, 200))
def test_crossing_agrees_with_sampling(x0, y0, x1, y1):
    """A crossing is reported just when one of many points along the leg lies inside."""
    one = plan(mission(zone(*WALL)), sortie(leg((x0, y0, 60), (x1, y1, 60))))
    points = [(x0 + t / 2000 * (x1 - x0), y0 + t / 2000 * (y1 - y0)) for t in range(2001)]
    west, south, east, north = WALL
    depth = max(min(x - west, east - x, y - south, north - y) for x, y in points)
    crossed = bool(found(zone_keep_out, one))
    if depth > 0.3:
        assert crossed
    elif depth < -0.3:
        assert not crossed


def test_margin_is_a_warning_on_the_allowed_side():
    """At 4 m from a zone with a margin of 10 m there is a warning and no error."""
    one = plan(mission(zone(*WALL)), sortie(leg((96, -90, 60), (96, 90, 60))))
    [finding] = found(zone_margin, one)
    assert (finding.severity, finding.value, finding.limit) == (Severity.WARNING, "4.0 m", "10 m")
    assert found(zone_keep_out, one) == []


def test_margin_is_kept():
    """At 10 m there is nothing to say."""
    one = plan(mission(zone(*WALL)), sortie(leg((90, -90, 60), (90, 90, 60))))
    assert found(zone_margin, one) == []


def test_margin_says_nothing_of_a_crossing():
    """A leg through the zone is the other rule's business."""
    one = plan(mission(zone(*WALL)), sortie(leg((0, 0, 60), (300, 0, 60))))
    assert found(zone_margin, one) == []


def test_margin_inside_a_keep_in_zone():
    """The margin holds inward from the edge of a keep-in zone."""
    of = mission(zone(-100, -100, 100, 100, kind=ZoneKind.KEEP_IN))
    assert len(found(zone_margin, plan(of, sortie(leg((0, 0, 60), (95, 0, 60)))))) == 1
    assert found(zone_margin, plan(of, sortie(leg((0, 0, 60), (85, 0, 60))))) == []


def test_leaving_a_keep_in_zone_between_waypoints():
    """A leg across a bay of the zone leaves it, though both its ends are inside."""
    of = mission(
        zone(-100, -100, 0, 100, kind=ZoneKind.KEEP_IN, key="a"),
        zone(50, -100, 150, 100, kind=ZoneKind.KEEP_IN, key="b"),
    )
    [finding] = found(zone_keep_in, plan(of, sortie(leg((-50, 0, 60), (100, 0, 60)))))
    assert finding.value == "50 m, 5 s"
    assert "leaves the keep-in zones (a, b)" in finding.message


def test_leg_over_two_keep_in_zones_that_touch():
    """Zones side by side are one area."""
    of = mission(
        zone(-100, -100, 0, 100, kind=ZoneKind.KEEP_IN, key="a"),
        zone(0, -100, 150, 100, kind=ZoneKind.KEEP_IN, key="b"),
    )
    one = plan(of, sortie(leg((-50, 0, 60), (100, 0, 60))))
    assert found(zone_keep_in, one) == []
    assert found(zone_margin, one) == []


def test_keep_in_holds_in_its_band_only():
    """Above the band one may leave."""
    of = mission(zone(-100, -100, 100, 100, kind=ZoneKind.KEEP_IN, ceiling_m=50.0))
    assert found(zone_keep_in, plan(of, sortie(leg((0, 0, 60), (300, 0, 60))))) == []
    assert len(found(zone_keep_in, plan(of, sortie(leg((0, 0, 40), (300, 0, 40)))))) == 1


def test_without_keep_in_zones_all_is_inside():
    """Keep-out zones alone bind nobody to a place."""
    assert found(zone_keep_in, plan(mission(zone(*WALL)), flight((0, 300, 60)))) == []
