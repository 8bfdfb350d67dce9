"""What ArduCopter accepts as fence items and rally points, and what it keeps of them.

A fence is checked as a whole after its last item; its texts are those of the real one. Source: what
ArduCopter 4.7 was seen to answer, and `AC_PolyFence_loader` and `AP_Rally` of its sources.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.item_rules import (
    KEPT_FRAMES,
    MissionResult,
    check_position,
    single,
    whole,
)
from dronepatrol.mavlink.items import WireItem

POLYGONS: dict[int, int] = {
    dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION: 98,
    dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION: 97,
}
"""Vertex commands and the number by which the texts name their kind."""
CIRCLES: dict[int, int] = {
    dialect.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION: 93,
    dialect.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION: 92,
}
RETURN_POINT = dialect.MAV_CMD_NAV_FENCE_RETURN_POINT
_KINDS = POLYGONS | CIRCLES | {RETURN_POINT: 95}

MAX_FENCE_ITEMS = 70
MAX_RALLY_POINTS = 46
FENCE_STORAGE_BYTES = 560
"""The fence store behind the limit of 70 items (8 bytes each); circles need 13 bytes, so fewer fit."""
SMALLEST_RADIUS_M = 1.1920929e-07
"""FLT_EPSILON: a radius below counts as zero."""


def fence_item(item: WireItem) -> WireItem | MissionResult:
    """Return one fence item as it is kept, or why it is refused before the fence is complete."""
    if item.frame not in KEPT_FRAMES:
        return MissionResult.UNSUPPORTED_FRAME
    if item.command not in _KINDS:
        return MissionResult.UNSUPPORTED
    value = 0.0
    if item.command in POLYGONS:
        value = float(whole(item.params[0], 8, signed=False))
    elif item.command in CIRCLES:
        value = _kept_radius_m(item.params[0])
    return replace(
        item,
        frame=dialect.MAV_FRAME_GLOBAL,
        params=(value, 0.0, 0.0, 0.0),
        z=0.0,
        current=0,
        autocontinue=0,
    )


def _kept_radius_m(radius_m: float) -> float:
    """Radii within a millimetre above a whole metre are stored as whole metres."""
    if math.isfinite(radius_m) and 0 <= radius_m - math.trunc(radius_m) < 0.001:
        return float(math.trunc(radius_m)) if radius_m >= 1 else radius_m
    return single(radius_m)


def fence_problem(items: Sequence[WireItem]) -> tuple[int, str] | None:
    """Return severity and text of the first thing wrong with a fence, or None."""
    remaining = wanted = wanted_kind = 0
    seen_return_point = False
    for item in items:
        kind = _KINDS[item.command]
        if item.command in POLYGONS:
            count = int(item.params[0])
            if count < 3:
                return _warning(f"Invalid vertex count ({count})")
            if not remaining:
                remaining = wanted = count
                wanted_kind = kind
            elif kind != wanted_kind:
                return _warning(f"Received incorrect vertex type (want={wanted_kind} got={kind})")
            elif count != wanted:
                return _warning(f"Unexpected vertex count want={wanted} got={count}")
            remaining -= 1
        elif remaining:
            return _warning(f"Received incorrect type (want={wanted_kind} got={kind})")
        elif item.command in CIRCLES and not item.params[0] >= SMALLEST_RADIUS_M:
            return _warning("Non-positive circle radius")
        elif item.command == RETURN_POINT:
            if seen_return_point:
                return _warning("Multiple return points")
            seen_return_point = True
        if check_position(item) is not MissionResult.ACCEPTED:
            return _warning("Bad lat or lon")
    return (dialect.MAV_SEVERITY_INFO, "Incorrect item count") if remaining else None


def _warning(text: str) -> tuple[int, str]:
    return dialect.MAV_SEVERITY_WARNING, text


def fence_bytes(items: Sequence[WireItem]) -> int:
    """Return the bytes a valid fence needs in the store."""
    needed = 4
    remaining = 0
    for item in items:
        if item.command in POLYGONS:
            needed += 8 if remaining else 10
            remaining = (remaining or int(item.params[0])) - 1
        else:
            needed += 13 if item.command in CIRCLES else 9
    return needed


def fence_total(items: Sequence[WireItem]) -> int:
    """Return FENCE_TOTAL: vertices and circles and two, the size in an older protocol; 0 below three."""
    corners = sum(item.command != RETURN_POINT for item in items)
    return corners + 2 if corners >= 3 else 0


def rally_point(item: WireItem) -> WireItem | MissionResult:
    """Return a rally point as it is kept, with its altitude cut to metres, or why it is refused."""
    if item.command != dialect.MAV_CMD_NAV_RALLY_POINT:
        return MissionResult.UNSUPPORTED
    if (wrong := check_position(item)) is not MissionResult.ACCEPTED:
        return wrong
    if item.z < -32_768 or item.z > 32_767:
        return MissionResult.INVALID_ALTITUDE
    if item.frame not in KEPT_FRAMES:
        return MissionResult.UNSUPPORTED_FRAME
    return replace(
        item,
        frame=KEPT_FRAMES[item.frame],
        params=(0.0, 0.0, 0.0, 0.0),
        z=float(whole(item.z, 16, signed=True)),
        current=0,
        autocontinue=0,
    )
