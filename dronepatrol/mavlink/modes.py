"""Flight modes of ArduCopter by number and name."""

from __future__ import annotations

from enum import IntEnum

from dronepatrol.mavlink.dialect import dialect


class CopterMode(IntEnum):
    """Custom mode numbers of ArduCopter (`COPTER_MODE` of the ardupilotmega dialect)."""

    STABILIZE = dialect.COPTER_MODE_STABILIZE
    ACRO = dialect.COPTER_MODE_ACRO
    ALT_HOLD = dialect.COPTER_MODE_ALT_HOLD
    AUTO = dialect.COPTER_MODE_AUTO
    GUIDED = dialect.COPTER_MODE_GUIDED
    LOITER = dialect.COPTER_MODE_LOITER
    RTL = dialect.COPTER_MODE_RTL
    CIRCLE = dialect.COPTER_MODE_CIRCLE
    LAND = dialect.COPTER_MODE_LAND
    POSHOLD = dialect.COPTER_MODE_POSHOLD
    BRAKE = dialect.COPTER_MODE_BRAKE
    SMART_RTL = dialect.COPTER_MODE_SMART_RTL


def mode_name(custom_mode: int) -> str:
    """Return the mode's name, or ``"mode N"`` for a number that has none here."""
    try:
        return CopterMode(custom_mode).name
    except ValueError:
        return f"mode {custom_mode}"
