"""The heartbeat, as ArduCopter derives it from its state."""

from __future__ import annotations

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.health import Health
from dronepatrol.sim.motion import Mode, Pilot

_ALWAYS = frozenset({Mode.GUIDED, Mode.LOITER, Mode.POSHOLD, Mode.BRAKE})
"""Modes that run the position controller on the ground, too."""
_NEVER = frozenset({Mode.STABILIZE, Mode.ALT_HOLD})
_FIRST_S = 2.9
"""Until then the position controller counts as active, as recorded."""


def position_control_active(pilot: Pilot, health: Health) -> bool:
    """Whether the horizontal position controller runs."""
    if health.boot_s < _FIRST_S:
        return True
    if pilot.mode in _NEVER or (pilot.mode is Mode.LAND and not health.position_ok):
        return False
    return pilot.armed or pilot.mode in _ALWAYS


def heartbeat_message(pilot: Pilot, health: Health) -> Message:
    """Return the heartbeat; "guided" means that the position controller runs, whatever the mode."""
    mode = (
        dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        | dialect.MAV_MODE_FLAG_STABILIZE_ENABLED
        | dialect.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
    )
    if position_control_active(pilot, health):
        mode |= dialect.MAV_MODE_FLAG_GUIDED_ENABLED
    if pilot.armed:
        mode |= dialect.MAV_MODE_FLAG_SAFETY_ARMED
    return dialect.MAVLink_heartbeat_message(
        dialect.MAV_TYPE_QUADROTOR,
        dialect.MAV_AUTOPILOT_ARDUPILOTMEGA,
        mode,
        int(pilot.mode),
        _status(pilot, health),
        3,
    )


def _status(pilot: Pilot, health: Health) -> int:
    if not health.ready:
        return int(dialect.MAV_STATE_BOOT)
    if health.faults.critical:
        return int(dialect.MAV_STATE_CRITICAL)
    flying = pilot.armed and not pilot.landed
    return int(dialect.MAV_STATE_ACTIVE if flying else dialect.MAV_STATE_STANDBY)
