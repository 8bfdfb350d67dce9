"""The MAVLink dialect, imported once for the whole package.

`pymavlink.dialects.v20.ardupilotmega` packs and parses without I/O; `mavutil`, which reads the
environment and keeps globals, is not used.
"""

from __future__ import annotations

from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as dialect

Message = Any
"""A message object of the dialect (pymavlink ships no useful types for them)."""

AUTOPILOT_COMPONENT = 1
"""MAV_COMP_ID_AUTOPILOT1."""
GROUND_STATION_SYSTEM = 255
GROUND_STATION_COMPONENT = 190
"""MAV_COMP_ID_MISSIONPLANNER, the component ground stations use by custom."""

__all__ = [
    "AUTOPILOT_COMPONENT",
    "GROUND_STATION_COMPONENT",
    "GROUND_STATION_SYSTEM",
    "Message",
    "dialect",
]
