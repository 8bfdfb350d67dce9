"""Who the simulated autopilot says it is."""

from __future__ import annotations

from dronepatrol.mavlink.dialect import Message, dialect

CAPABILITIES = (
    dialect.MAV_PROTOCOL_CAPABILITY_MISSION_FLOAT
    | dialect.MAV_PROTOCOL_CAPABILITY_PARAM_FLOAT
    | dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT
    | dialect.MAV_PROTOCOL_CAPABILITY_COMMAND_INT
    | dialect.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_LOCAL_NED
    | dialect.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_GLOBAL_INT
    | dialect.MAV_PROTOCOL_CAPABILITY_TERRAIN
    | dialect.MAV_PROTOCOL_CAPABILITY_FLIGHT_TERMINATION
    | dialect.MAV_PROTOCOL_CAPABILITY_MAVLINK2
    | dialect.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
    | dialect.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
)
"""What the services here really do. The reference claims three more: file transfer, attitude targets and
compass calibration, which do not exist here."""
FIRMWARE_VERSION = 4 << 24 | 7 << 16 | 0 << 8
"""4.7.0, development (FIRMWARE_VERSION_TYPE_DEV)."""
BANNER = ("ArduCopter V4.7.0-dev (simulated by dronepatrol)", "Frame: QUAD/PLUS")


def version_message(system: int) -> Message:
    """Return the AUTOPILOT_VERSION of one drone; its unique id is its system id."""
    unique = list(f"dronepatrol{system:07d}".encode())
    return dialect.MAVLink_autopilot_version_message(
        CAPABILITIES, FIRMWARE_VERSION, 0, 0, 0, list(b"dronepat"), [0] * 8, [0] * 8, 0, 0, system, unique
    )
