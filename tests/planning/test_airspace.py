from __future__ import annotations

import pytest
import shapely
from shapely.geometry import Point, box

from dronepatrol.geo.polygon import project
from dronepatrol.model import Position, ZoneKind
from dronepatrol.planning.airspace import AirspaceMap, Rules
from tests.planning.factory import area, mission, square, task, window, zone

WANTED = task("t", square(0.0, 0.0, 100.0))
BOX = square(0.0, 300.0, 100.0)
MIDDLE = Position(24.945, 60.172)


def rules(*zones, low_m=0.0, high_m=60.0, span=None):
    """The zones that hold for a flight."""
    return AirspaceMap(mission(WANTED, zones=zones)).rules(low_m, high_m, span)


def test_zones_that_touch_the_band_hold():
    """A zone whose band touches the flight's holds, one above it does not."""
    low, high = zone("low", BOX, floor_agl_m=0.0, ceiling_agl_m=50.0), zone("high", BOX, floor_agl_m=61.0)
    assert rules(low, high).keep_out == ("low",)


def test_zones_hold_when_active():
    """A zone holds if it is active at any moment of the span."""
    morning = zone("morning", BOX, active=(window("07:00", "08:00"),))
    assert rules(morning, span=window("07:30", "09:00")).keep_out == ("morning",)
    assert rules(morning, span=window("08:30", "09:00")).keep_out == ()


def test_flights_at_any_time_respect_every_zone():
    """Without a span, zones hold whenever they are active."""
    assert rules(zone("morning", BOX, active=(window("07:00", "08:00"),))).keep_out == ("morning",)


def test_no_keep_in_zone_means_no_limit():
    """Where nothing keeps in there is no room to stay inside of."""
    assert rules(zone("a", BOX)) == Rules(("a",), None)


def test_keep_in_zone_too_low_gives_no_room():
    """A flight higher than the keep-in zone's band has no room in it."""
    assert rules(zone("in", BOX, ZoneKind.KEEP_IN, ceiling_agl_m=50.0)).keep_in == ()


def test_keep_in_zones_active_throughout_come_first():
    """A keep-in zone that ends during the flight gives no room if another lasts."""
    brief = zone("brief", BOX, ZoneKind.KEEP_IN, active=(window("07:00", "08:00"),))
    lasting = zone("lasting", BOX, ZoneKind.KEEP_IN)
    assert rules(brief, lasting, span=window("07:30", "09:00")).keep_in == ("lasting",)


def test_round_zone_is_simplified_to_the_safe_side():
    """A circle of many corners becomes one of few that holds it whole and is hardly larger."""
    circle = area(Point(0.0, 300.0).buffer(80.0, quad_segs=64))
    airspace = AirspaceMap(mission(WANTED, zones=(zone("round", circle),)))
    simple = airspace.obstacles(Rules(("round",), None))[0]
    true = project(circle, airspace.frame)
    assert simple.buffer(1e-3).covers(true)
    assert shapely.get_num_coordinates(simple) <= 40
    assert simple.hausdorff_distance(true) <= 2.1


def test_keep_in_zone_is_simplified_to_the_safe_side():
    """A round keep-in zone becomes one that lies inside it."""
    circle = area(Point(0.0, 0.0).buffer(900.0, quad_segs=64))
    airspace = AirspaceMap(mission(WANTED, zones=(zone("round", circle, ZoneKind.KEEP_IN),)))
    assert project(circle, airspace.frame).buffer(1e-3).covers(airspace.room(Rules((), ("round",))))


def test_margin_adds_the_corners_that_are_cut():
    """Ways keep the mission's margin and the distance by which corners are cut."""
    airspace = AirspaceMap(
        mission(WANTED, zones=(zone("z", area(box(-50, 50, 50, 150))),), zone_margin_m=7.0)
    )
    east_m, north_m = airspace.frame.enu(MIDDLE)
    path = airspace.graph(Rules(("z",), None)).path((east_m, north_m), (east_m, north_m + 400.0))
    obstacle = airspace.obstacles(Rules(("z",), None))[0]
    assert shapely.LineString(path).distance(obstacle) == pytest.approx(10.0, abs=0.05)
