"""What ArduCopter keeps of the items it is sent.

Its mission store is narrower than MISSION_ITEM_INT, so verification compares what is read back with
what it can keep, not with what was sent. Seen on ArduCopter 4.7: item 0 is replaced by home; relative
frames come back as frame 3; items without a position come back with x, y, z zero; a waypoint keeps
whole seconds of hold; altitudes are kept in centimetres.
"""

from __future__ import annotations

from collections.abc import Sequence

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.item_rules import mission_item
from dronepatrol.mavlink.items import WireItem

POSITION_COMMANDS = frozenset(
    {
        dialect.MAV_CMD_NAV_WAYPOINT,
        dialect.MAV_CMD_NAV_SPLINE_WAYPOINT,
        dialect.MAV_CMD_NAV_LOITER_UNLIM,
        dialect.MAV_CMD_NAV_LOITER_TURNS,
        dialect.MAV_CMD_NAV_LOITER_TIME,
        dialect.MAV_CMD_NAV_LAND,
        dialect.MAV_CMD_NAV_TAKEOFF,
    }
)
CHECKED_COMMANDS = frozenset(
    {
        dialect.MAV_CMD_NAV_DELAY,
        dialect.MAV_CMD_CONDITION_DELAY,
        dialect.MAV_CMD_CONDITION_DISTANCE,
        dialect.MAV_CMD_CONDITION_YAW,
        dialect.MAV_CMD_DO_JUMP,
        dialect.MAV_CMD_DO_CHANGE_SPEED,
        dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
    }
)
"""Commands without a position whose parameters change the flight or the pictures."""


def difference(sent: WireItem, kept: WireItem) -> str:
    """Return what differs beyond what the vehicle is known to drop or round; empty if nothing does."""
    if sent.command != kept.command:
        return f"command {kept.command} instead of {sent.command}"
    if sent.command in CHECKED_COMMANDS:
        return _parameter_difference(sent, kept)
    if sent.command not in POSITION_COMMANDS:
        return ""
    if (sent.x, sent.y) != (kept.x, kept.y):
        return f"position {kept.x}, {kept.y} instead of {sent.x}, {sent.y} (1e-7 degrees)"
    if abs(sent.z - kept.z) > 0.0101:
        return f"altitude {kept.z:.2f} m instead of {sent.z:.2f} m"
    if sent.command == dialect.MAV_CMD_NAV_WAYPOINT and int(sent.params[0]) != int(kept.params[0]):
        return f"hold {kept.params[0]:.0f} s instead of {int(sent.params[0])} s"
    return ""


def _parameter_difference(sent: WireItem, kept: WireItem) -> str:
    expected = mission_item(sent)
    if not isinstance(expected, WireItem):
        return ""
    for number, (wanted, got) in enumerate(zip(expected.params, kept.params, strict=True), start=1):
        if not abs(wanted - got) <= 1e-5 * max(1.0, abs(wanted)):
            return f"parameter {number} {got:g} instead of {wanted:g}"
    return ""


def differences(sent: Sequence[WireItem], kept: Sequence[WireItem]) -> list[str]:
    """Return one line per item of a mission that the vehicle does not hold as sent; item 0 is home."""
    if len(sent) != len(kept):
        return [f"{len(kept)} items instead of {len(sent)}"]
    return [
        f"item {a.seq}: {text}" for a, b in zip(sent[1:], kept[1:], strict=True) if (text := difference(a, b))
    ]
