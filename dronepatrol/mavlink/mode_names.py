"""Names of flight modes in logs: any vehicle of ArduPilot's or PX4's, not only those that we fly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from dronepatrol.mavlink.autopilots import Px4
from dronepatrol.mavlink.dialect import dialect

# Numbers, as dialects of different years name the vertical take-off types differently.
_VTOLS = range(19, 26)
"""MAV_TYPE_VTOL_TAILSITTER_DUOROTOR to MAV_TYPE_VTOL_RESERVED5 of mavlink.io/en/messages/minimal.html."""
_PLANES = frozenset({int(dialect.MAV_TYPE_FIXED_WING), *_VTOLS})
_ROVERS = frozenset({dialect.MAV_TYPE_GROUND_ROVER, dialect.MAV_TYPE_SURFACE_BOAT})

# `nav_state` of PX4's vehicle_status message, PX4-Autopilot 1.15, msg/VehicleStatus.msg.
_PX4_NAV_STATES = {
    0: "MANUAL",
    1: "ALTCTL",
    2: "POSCTL",
    3: "AUTO.MISSION",
    4: "AUTO.LOITER",
    5: "AUTO.RTL",
    10: "ACRO",
    12: "DESCEND",
    13: "TERMINATION",
    14: "OFFBOARD",
    15: "STABILIZED",
    17: "AUTO.TAKEOFF",
    18: "AUTO.LAND",
    19: "AUTO.FOLLOW_TARGET",
    20: "AUTO.PRECLAND",
    21: "ORBIT",
    22: "AUTO.VTOL_TAKEOFF",
}

_PX4 = Px4()

AUTOPILOT_PX4 = int(dialect.MAV_AUTOPILOT_PX4)
NO_AUTOPILOT = int(dialect.MAV_AUTOPILOT_INVALID)
GROUND_STATION = int(dialect.MAV_TYPE_GCS)
ARMED_FLAG = int(dialect.MAV_MODE_FLAG_SAFETY_ARMED)


@cache
def _names(enum: str) -> Mapping[int, str]:
    prefix = f"{enum}_"
    return {
        number: entry.name.removeprefix(prefix)
        for number, entry in dialect.enums[enum].items()
        if not entry.name.endswith("ENUM_END")
    }


def _enum(vehicle_type: int) -> str:
    if vehicle_type in _PLANES:
        return "PLANE_MODE"
    if vehicle_type in _ROVERS:
        return "ROVER_MODE"
    if vehicle_type == dialect.MAV_TYPE_SUBMARINE:
        return "SUB_MODE"
    if vehicle_type == dialect.MAV_TYPE_ANTENNA_TRACKER:
        return "TRACKER_MODE"
    return "COPTER_MODE"


def flight_mode(autopilot: int, vehicle_type: int, custom_mode: int) -> str:
    """Return the name of the custom mode of a heartbeat, ``"mode N"`` where it has none.

    Parameters
    ----------
    autopilot, vehicle_type, custom_mode
        As in HEARTBEAT (`MAV_AUTOPILOT`, `MAV_TYPE`).
    """
    if autopilot == AUTOPILOT_PX4:
        return _PX4.mode_name(custom_mode)
    return _names(_enum(vehicle_type)).get(custom_mode, f"mode {custom_mode}")


def nav_state_name(nav_state: int) -> str:
    """Return the name of PX4's navigation state, as its logs hold it."""
    return _PX4_NAV_STATES.get(nav_state, f"mode {nav_state}")


_FIRMWARE_TYPES = (
    ("plane", int(dialect.MAV_TYPE_FIXED_WING)),
    ("rover", int(dialect.MAV_TYPE_GROUND_ROVER)),
    ("sub", int(dialect.MAV_TYPE_SUBMARINE)),
    ("tracker", int(dialect.MAV_TYPE_ANTENNA_TRACKER)),
)


def type_of_firmware(name: str) -> int:
    """Return the `MAV_TYPE` that a firmware's name stands for: ``"ArduPlane V3.8.2"``; else a quadrotor."""
    lowered = name.lower()
    for word, kind in _FIRMWARE_TYPES:
        if word in lowered:
            return kind
    return int(dialect.MAV_TYPE_QUADROTOR)
