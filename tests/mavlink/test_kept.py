"""The comparison of a mission read back with the one that was sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dronepatrol.mavlink.item_rules import mission_item
from dronepatrol.mavlink.items import WireItem
from dronepatrol.mavlink.kept import difference, differences

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
