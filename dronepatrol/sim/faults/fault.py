"""One fault of a scenario: what breaks, on which drone, from when and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, radians
from types import MappingProxyType

from dronepatrol.model.position import Position
from dronepatrol.sim.faults.estimate import METRES_PER_DEGREE

SETTINGS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "gps_loss": {"SIM_GPS1_ENABLE": 0.0},
        "rc_loss": {"SIM_RC_FAIL": 1.0},
    }
)
"""Parameters of the kinds that need no figure."""


@dataclass(frozen=True, slots=True)
class Near:
    """A place and how near to it, over ground."""

    position: Position
    radius_m: float


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a fault begins: one of four events, and a delay.

    Attributes
    ----------
    at_s
        Seconds since the simulation began.
    airborne_s
        Seconds since the drone's first lift-off.
    near
        The drone is there.
    task
        The drone starts this task.
    after_s
        Delay after the place was reached or the task began.
    """

    at_s: float | None = None
    airborne_s: float | None = None
    near: Near | None = None
    task: str | None = None
    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks.

    Attributes
    ----------
    kind
        ``"gps_loss"``, as scenario files name it.
    drone
        Its id; None for every drone, each at its own time.
    settings
        SIM_ parameters and the values they take; they go back when the fault ends.
    remaining
        Charge that the battery suddenly has, 0 to 1; it stays so.
    for_s
        How long it lasts; None for ever.
    """

    kind: str
    trigger: Trigger
    drone: str | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    remaining: float | None = None
    for_s: float | None = None


def glitch_settings(north_m: float, east_m: float, up_m: float, lat_deg: float) -> dict[str, float]:
    """Return the parameters that move the GPS position by some metres at a latitude."""
    east_deg = east_m / (METRES_PER_DEGREE * max(cos(radians(lat_deg)), 0.01))
    return {
        "SIM_GPS1_GLTCH_X": north_m / METRES_PER_DEGREE,
        "SIM_GPS1_GLTCH_Y": east_deg,
        "SIM_GPS1_GLTCH_Z": up_m,
    }
