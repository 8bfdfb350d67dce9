"""The flight side of simulated ArduCopter drones: physics, control, modes and missions, without MAVLink."""

from __future__ import annotations

from .airframe import Airframe
from .commands import Command, Frame, LandedState, MissionState, Mode, ModeReason
from .fleet import DEFAULT_DT_S, FleetMotion
from .frame import LocalFrame
from .items import MissionItem
from .parameters import FLIGHT_DEFAULTS, FlightParameters
from .pilot import Pilot

__all__ = [
    "DEFAULT_DT_S",
    "FLIGHT_DEFAULTS",
    "Airframe",
    "Command",
    "FleetMotion",
    "FlightParameters",
    "Frame",
    "LandedState",
    "LocalFrame",
    "MissionItem",
    "MissionState",
    "Mode",
    "ModeReason",
    "Pilot",
]
