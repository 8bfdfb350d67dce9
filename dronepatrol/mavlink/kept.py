"""What an autopilot keeps of the items it is sent, and whether it holds what was sent.

ArduCopter's store is narrower than MISSION_ITEM_INT, so verification compares what is read back with what it
can keep, not with what was sent: item 0 is replaced by home, items without a position come back without
one, a waypoint keeps whole seconds of hold, altitudes are kept in centimetres, those of rally points
in metres. The rules are those that the simulated vehicle stores by, and the recordings of a real
one are the judge of both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.fence_items import fence_item, rally_point
from dronepatrol.mavlink.item_rules import KEPT_FRAMES, MissionResult, has_position, mission_item, single
from dronepatrol.mavlink.items import MissionType, WireItem

Keeps = Callable[[WireItem, MissionType], WireItem | MissionResult]
"""Returns an item of a list as an autopilot keeps it, or why it refuses it."""

ALTITUDE_TOLERANCE_M = 0.0101
"""Altitudes are cut to centimetres after a product in single precision, which can fall on either side."""
_RELATIVE = 1e-5
_ARDUPILOT_RULES = {
    MissionType.MISSION: mission_item,
    MissionType.FENCE: fence_item,
    MissionType.RALLY: rally_point,
}


def ardupilot_keeps(item: WireItem, mission_type: MissionType) -> WireItem | MissionResult:
    """Return an item as ArduCopter keeps it, or why it refuses it."""
    return _ARDUPILOT_RULES[mission_type](item)


def px4_keeps(item: WireItem, mission_type: MissionType) -> WireItem | MissionResult:
    """Return an item as PX4 keeps it: all fields in single precision, frames as the float ones.

    Source: `MavlinkMissionManager::parse_mavlink_mission_item` and `format_mavlink_mission_item` of PX4 1.15.
    No recording of one is at hand to judge this by.
    """
    a, b, c, d = (single(value) for value in item.params)
    frame = KEPT_FRAMES.get(item.frame, item.frame)
    return replace(item, frame=frame, params=(a, b, c, d), z=single(item.z))


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a vehicle's list differs from what was sent.

    Attributes
    ----------
    seq
        The item, or None where the number of items differs.
    """

    seq: int | None
    text: str

    def __str__(self) -> str:
        return self.text if self.seq is None else f"item {self.seq}: {self.text}"


def compare(
    sent: Sequence[WireItem],
    read_back: Sequence[WireItem],
    mission_type: MissionType = MissionType.MISSION,
    *,
    keeps: Keeps = ardupilot_keeps,
    home_first: bool = True,
) -> list[Difference]:
    """Return what differs between what is read back and what this autopilot keeps of what was sent.

    Parameters
    ----------
    home_first
        Item 0 of a mission is home on this autopilot: it is the vehicle's own, and a mission of
        home alone is the same as none.
    """
    skipped = int(home_first and mission_type == MissionType.MISSION)
    wanted, got = sent[skipped:], read_back[skipped:]
    if len(wanted) != len(got):
        return [Difference(None, f"{len(read_back)} items instead of {len(sent)}")]
    found = (
        Difference(seq, difference(a, b, mission_type, keeps=keeps))
        for seq, (a, b) in enumerate(zip(wanted, got, strict=True), start=skipped)
    )
    return [one for one in found if one.text]


def verify(
    sent: Sequence[WireItem],
    read_back: Sequence[WireItem],
    mission_type: MissionType,
    *,
    keeps: Keeps = ardupilot_keeps,
    home_first: bool = True,
) -> list[str]:
    """Return one line per difference; see `compare`. An empty list means the vehicle holds what was sent."""
    return [str(one) for one in compare(sent, read_back, mission_type, keeps=keeps, home_first=home_first)]


def differences(sent: Sequence[WireItem], kept: Sequence[WireItem]) -> list[str]:
    """Return one line per item of a mission that ArduCopter does not hold as sent; item 0 is home."""
    return verify(sent, kept, MissionType.MISSION)


def difference(
    sent: WireItem,
    kept: WireItem,
    mission_type: MissionType = MissionType.MISSION,
    *,
    keeps: Keeps = ardupilot_keeps,
) -> str:
    """Return what differs beyond what the vehicle is known to drop or round; empty if nothing does."""
    if sent.command != kept.command:
        return f"command {kept.command} instead of {sent.command}"
    wanted = keeps(sent, mission_type)
    if not isinstance(wanted, WireItem):
        return f"held although it cannot be: {wanted.name.lower().replace('_', ' ')}"
    return _position_difference(wanted, kept, mission_type) or _parameter_difference(wanted, kept)


def _position_difference(wanted: WireItem, kept: WireItem, mission_type: MissionType) -> str:
    located = mission_type != MissionType.MISSION or has_position(wanted.command)
    # Some releases report frame 0 and some frame 2 for items that have no position.
    if located and _frame(wanted) != _frame(kept):
        return f"frame {kept.frame} instead of {wanted.frame}"
    if (wanted.x, wanted.y) != (kept.x, kept.y):
        return f"position {kept.x}, {kept.y} instead of {wanted.x}, {wanted.y} (1e-7 degrees)"
    if not _alike(wanted.z, kept.z, ALTITUDE_TOLERANCE_M):
        return f"altitude {kept.z:.2f} m instead of {wanted.z:.2f} m"
    return ""


def _frame(item: WireItem) -> int:
    return KEPT_FRAMES.get(item.frame, item.frame)


def _parameter_difference(wanted: WireItem, kept: WireItem) -> str:
    for number, (a, b) in enumerate(zip(wanted.params, kept.params, strict=True), start=1):
        if not _alike(a, b, _RELATIVE * max(1.0, abs(a))):
            if wanted.command == dialect.MAV_CMD_NAV_WAYPOINT and number == 1:
                return f"hold {b:g} s instead of {a:g} s"
            return f"parameter {number} {b:g} instead of {a:g}"
    return ""


def _alike(wanted: float, got: float, tolerance: float) -> bool:
    return (math.isnan(wanted) and math.isnan(got)) or wanted == got or abs(wanted - got) <= tolerance
