"""The comparison of missions, fences and rally points read back with those that were sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dronepatrol.mavlink.fence_items import fence_item, rally_point
from dronepatrol.mavlink.item_rules import SUPPORTED_COMMANDS, mission_item
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import compare, difference, differences, verify

WAYPOINT = WireItem(1, 6, 16, (3.7, 5.0, 0.0, 90.0), 300301000, 1208701000, 20.126)
SPEED = WireItem(2, 2, 178, (1.0, 5.55, -1.0, 0.0), 5, 6, 7.0)


def kept(item: WireItem) -> WireItem:
    """Return an item as the vehicle keeps it."""
    stored = mission_item(item)
    assert isinstance(stored, WireItem)
    return stored


@pytest.mark.parametrize("item", [WAYPOINT, SPEED, WireItem(1, 2, 20), WireItem(1, 3, 22, z=20.0)])
def test_what_the_vehicle_drops_is_no_difference(item: WireItem) -> None:
    """Rounding and dropped fields of the real store pass as the same item."""
    assert difference(item, kept(item)) == ""


@pytest.mark.parametrize(
    ("sent", "change", "text"),
    [
        (WAYPOINT, {"command": 82}, "command 82 instead of 16"),
        (WAYPOINT, {"x": 300301001}, "position 300301001"),
        (WAYPOINT, {"z": 20.2}, "altitude 20.20 m instead of 20.12 m"),
        (WAYPOINT, {"params": (4.0, 0.0, 0.0, 0.0)}, "hold 4 s instead of 3 s"),
        (SPEED, {"params": (1.0, 12.0, -1.0, 0.0)}, "parameter 2 12 instead of 5.55"),
    ],
)
def test_real_differences_are_named(sent: WireItem, change: dict[str, object], text: str) -> None:
    """A changed command, position, altitude, hold or speed is told with both values."""
    assert text in difference(sent, replace(kept(sent), **change))  # type: ignore[arg-type]


def test_home_is_not_compared() -> None:
    """Item 0 may read back as anything, later items are numbered in the text, and lengths must agree."""
    home = WireItem(0, 0, 16, x=1)
    assert differences([home, WAYPOINT], [replace(home, x=2), kept(WAYPOINT)]) == []
    assert differences([home, WAYPOINT], [home, replace(kept(WAYPOINT), x=0)])[0].startswith(
        "item 1: position"
    )
    assert differences([home, WAYPOINT], [home]) == ["1 items instead of 2"]


@pytest.mark.parametrize("command", sorted(SUPPORTED_COMMANDS))
def test_every_command_verifies_as_the_vehicle_stores_it(command: int) -> None:
    """Client and simulated vehicle share the rules: what the one stores, the other finds as sent."""
    sent = WireItem(1, 3, command, (1.0, 2.3, 3.0, 0.5), 300300000, 1208700000, 12.345)
    assert difference(sent, kept(sent)) == ""


@pytest.mark.parametrize("field", ["x", "y", "z", "frame"])
def test_lost_place_of_any_command_is_named(field: str) -> None:
    """A region of interest is compared like a waypoint: position, altitude and frame."""
    sent = WireItem(1, 3, 195, x=300300000, y=1208700000, z=12.0)
    wrong = replace(kept(sent), **{field: 0})  # type: ignore[arg-type]
    assert difference(sent, wrong)


def test_frame_of_an_item_without_a_place_does_not_matter() -> None:
    """Releases differ in the frame they report for items that have no position."""
    assert difference(SPEED, replace(kept(SPEED), frame=2)) == ""


@pytest.mark.parametrize(
    ("sent", "change", "text"),
    [
        (WireItem(0, 5, 5001, (4.0, 0.0, 0.0, 0.0), 1, 2), {"params": (5.0, 0.0, 0.0, 0.0)}, "parameter 1 5"),
        (WireItem(0, 5, 5004, (25.5, 0.0, 0.0, 0.0), 1, 2), {"x": 9}, "position 9, 2"),
        (WireItem(0, 5, 5003, (25.5, 0.0, 0.0, 0.0), 1, 2), {"command": 5004}, "command 5004"),
    ],
)
def test_differences_of_a_fence_are_named(sent: WireItem, change: dict[str, object], text: str) -> None:
    """Vertices, circles and their kinds are compared, and what the vehicle drops passes."""
    stored = fence_item(sent)
    assert isinstance(stored, WireItem)
    assert difference(sent, stored, MissionType.FENCE) == ""
    assert text in difference(sent, replace(stored, **change), MissionType.FENCE)  # type: ignore[arg-type]


def test_rally_points_keep_whole_metres_and_their_frame() -> None:
    """30.7 m reads back as 30 m, which is as sent; 29 m, or another frame, is not."""
    sent = WireItem(0, 6, 5100, x=1, y=2, z=30.7)
    stored = rally_point(sent)
    assert isinstance(stored, WireItem)
    assert verify([sent], [stored], MissionType.RALLY) == []
    assert verify([sent], [replace(stored, z=29.0)], MissionType.RALLY) == [
        "item 0: altitude 29.00 m instead of 30.00 m"
    ]
    assert verify([sent], [replace(stored, frame=0)], MissionType.RALLY) == ["item 0: frame 0 instead of 3"]


def test_item_that_cannot_be_held_is_told() -> None:
    """A vehicle that holds what it should have refused is not the one we think."""
    odd = WireItem(1, 99, 16)
    assert difference(odd, odd) == "held although it cannot be: unsupported frame"


def test_mission_of_home_alone_is_none() -> None:
    """Before home is set the vehicle counts nothing, later home alone: both are an empty mission."""
    home = WireItem(0, 0, 16)
    for sent in ([], [home]):
        for held in ([], [home]):
            assert compare(sent, held) == []
