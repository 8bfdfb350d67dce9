"""Which messages stream together, and what REQUEST_DATA_STREAM switches.

Groups as in ArduCopter 4.7's `GCS_Copter`; ALL gave the 26 recorded types, and those of other groups that
have something to say.
"""

from __future__ import annotations

from collections.abc import Mapping

from dronepatrol.mavlink.dialect import dialect


def _ids(*names: str) -> tuple[int, ...]:
    return tuple(int(getattr(dialect, f"MAVLINK_MSG_ID_{name}")) for name in names)


STREAM_GROUPS: Mapping[int, tuple[str, tuple[int, ...]]] = {
    dialect.MAV_DATA_STREAM_RAW_SENSORS: (
        "RAW_SENS",
        _ids("RAW_IMU", "SCALED_IMU2", "SCALED_IMU3", "SCALED_PRESSURE", "SCALED_PRESSURE2"),
    ),
    dialect.MAV_DATA_STREAM_EXTENDED_STATUS: (
        "EXT_STAT",
        _ids(
            "SYS_STATUS",
            "POWER_STATUS",
            "MEMINFO",
            "MISSION_CURRENT",
            "GPS_RAW_INT",
            "NAV_CONTROLLER_OUTPUT",
            "FENCE_STATUS",
            "POSITION_TARGET_GLOBAL_INT",
        ),
    ),
    dialect.MAV_DATA_STREAM_RC_CHANNELS: ("RC_CHAN", _ids("SERVO_OUTPUT_RAW", "RC_CHANNELS")),
    dialect.MAV_DATA_STREAM_RAW_CONTROLLER: ("RAW_CTRL", ()),
    dialect.MAV_DATA_STREAM_POSITION: ("POSITION", _ids("GLOBAL_POSITION_INT", "LOCAL_POSITION_NED")),
    dialect.MAV_DATA_STREAM_EXTRA1: ("EXTRA1", _ids("ATTITUDE", "SIMSTATE", "AHRS2")),
    dialect.MAV_DATA_STREAM_EXTRA2: ("EXTRA2", _ids("VFR_HUD")),
    dialect.MAV_DATA_STREAM_EXTRA3: (
        "EXTRA3",
        _ids(
            "AHRS",
            "WIND",
            "SYSTEM_TIME",
            "TERRAIN_REPORT",
            "TERRAIN_REQUEST",
            "BATTERY_STATUS",
            "VIBRATION",
            "EKF_STATUS_REPORT",
        ),
    ),
}
"""The ending of the group's rate parameter (MAV1_...) and its message ids, by MAV_DATA_STREAM."""

ADSB_GROUP = ("ADSB", _ids("ADSB_VEHICLE"))
"""A group of its own in ArduPilot that only ALL can switch."""

ALL_GROUPS = (*STREAM_GROUPS.values(), ADSB_GROUP)


def stream_groups(stream: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the groups that a MAV_DATA_STREAM stands for; none for one that does not exist."""
    if stream == dialect.MAV_DATA_STREAM_ALL:
        return ALL_GROUPS
    group = STREAM_GROUPS.get(stream)
    return () if group is None else (group,)
