"""Sorties as mission items."""

from __future__ import annotations

from datetime import UTC, datetime

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.sortie_items import sortie_items
from dronepatrol.model.plan import Leg, LegKind, Sortie, Waypoint
from dronepatrol.model.position import Position
from dronepatrol.model.task import PhotoAction, VideoAction

HOME = Position(24.94, 60.17)
PHOTO, VIDEO = PhotoAction(12.5), VideoAction()


def at(east: float, altitude_m: float = 40.0) -> Waypoint:
    """A waypoint so many thousandths of a degree east of home."""
    return Waypoint(Position(HOME.lon_deg + east * 1e-3, HOME.lat_deg), altitude_m)


def leg(kind: LegKind, start: Waypoint, end: Waypoint, **more: object) -> Leg:
    """A leg of 10 s."""
    return Leg(kind, start, end, 8.0, 10.0, 80.0, 1.0, **more)  # type: ignore[arg-type]


def sortie(*legs: Leg) -> Sortie:
    """A sortie of these legs."""
    launch = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)
    return Sortie("S1", "k1", "kamppi", launch, legs, (), 10.0, 100.0)


CLIMB = leg(LegKind.CLIMB, Waypoint(HOME, 0.0), Waypoint(HOME, 40.0))
DESCENT = leg(LegKind.DESCENT, Waypoint(HOME, 40.0), Waypoint(HOME, 0.0))


def commands(flown: Sortie) -> list[int]:
    """The commands of a sortie's items, home left out."""
    return [item.command for item in sortie_items(flown, HOME, 12.0).items[1:]]


def test_home_is_item_zero() -> None:
    """ArduPilot wants home first, with its height above sea level."""
    home = sortie_items(sortie(CLIMB, DESCENT), HOME, 12.0).items[0]
    assert (home.command, home.frame, home.z) == (dialect.MAV_CMD_NAV_WAYPOINT, 0, 12.0)
    assert (home.x, home.y) == (601700000, 249400000)


def test_the_last_way_home_is_rtl_and_earlier_returns_are_waypoints() -> None:
    """A way home around something is flown by waypoints up to its last straight part."""
    out = leg(LegKind.TRANSIT, at(0), at(3))
    back = [leg(LegKind.RETURN, at(3), at(2)), leg(LegKind.RETURN, at(2), at(0))]
    assert commands(sortie(CLIMB, out, *back, DESCENT)) == [
        dialect.MAV_CMD_NAV_TAKEOFF,
        dialect.MAV_CMD_DO_CHANGE_SPEED,
        dialect.MAV_CMD_NAV_WAYPOINT,
        dialect.MAV_CMD_NAV_WAYPOINT,
        dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH,
    ]


def test_actions_run_through_the_turns_of_one_task_and_stop_after_it() -> None:
    """Camera and video go on at the first sweep and off after the last, not at each turn."""
    sweep = {"task_id": "a", "pass_number": 1, "actions": (PHOTO, VIDEO)}
    legs = [
        leg(LegKind.SWEEP, at(0), at(1), **sweep),
        leg(LegKind.TURN, at(1), at(2), task_id="a", pass_number=1),
        leg(LegKind.SWEEP, at(2), at(3), **sweep),
        leg(LegKind.RETURN, at(3), at(0)),
    ]
    built = sortie_items(sortie(CLIMB, *legs, DESCENT), HOME, 0.0)
    switches = [
        (item.command, item.params[0])
        for item in built.items
        if item.command
        in (
            dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
            dialect.MAV_CMD_VIDEO_START_CAPTURE,
            dialect.MAV_CMD_VIDEO_STOP_CAPTURE,
        )
    ]
    assert switches == [
        (dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST, 12.5),
        (dialect.MAV_CMD_VIDEO_START_CAPTURE, 0.0),
        (dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST, 0.0),
        (dialect.MAV_CMD_VIDEO_STOP_CAPTURE, 0.0),
    ]


def test_a_hold_is_a_delay_of_whole_seconds() -> None:
    """A hold of 10 s becomes NAV_DELAY 10."""
    flown = sortie(CLIMB, leg(LegKind.HOLD, at(0), at(0)), leg(LegKind.RETURN, at(0), at(0)), DESCENT)
    items = sortie_items(flown, HOME, 0.0).items
    assert [i.params[0] for i in items if i.command == dialect.MAV_CMD_NAV_DELAY] == [10.0]


def test_each_item_knows_its_leg() -> None:
    """The leg of an item is the one whose end it flies to."""
    flown = sortie(CLIMB, leg(LegKind.TRANSIT, at(0), at(3)), leg(LegKind.RETURN, at(3), at(0)), DESCENT)
    built = sortie_items(flown, HOME, 0.0)
    assert built.leg_of_item == (0, 0, 1, 1, 2)


def test_a_photo_point_takes_one_picture_before_it_waits() -> None:
    """A task smaller than one picture is a hold with a picture."""
    point = leg(LegKind.HOLD, at(2), at(2), task_id="a", pass_number=1, actions=(PHOTO,))
    legs = [leg(LegKind.TRANSIT, at(0), at(2)), point, leg(LegKind.RETURN, at(2), at(0))]
    assert commands(sortie(CLIMB, *legs, DESCENT)) == [
        dialect.MAV_CMD_NAV_TAKEOFF,
        dialect.MAV_CMD_DO_CHANGE_SPEED,
        dialect.MAV_CMD_NAV_WAYPOINT,
        dialect.MAV_CMD_IMAGE_START_CAPTURE,
        dialect.MAV_CMD_NAV_DELAY,
        dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH,
    ]
