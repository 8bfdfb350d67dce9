"""The other drones of a fleet, as ADSB_VEHICLE."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.snapshot import Snapshot

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

FIRST_ADDRESS = 0x5D0000
"""Transponder address of system 0 of a simulated fleet."""
_VALID = (
    dialect.ADSB_FLAGS_VALID_COORDS
    | dialect.ADSB_FLAGS_VALID_ALTITUDE
    | dialect.ADSB_FLAGS_VALID_HEADING
    | dialect.ADSB_FLAGS_VALID_VELOCITY
    | dialect.ADSB_FLAGS_VALID_CALLSIGN
    | dialect.ADSB_FLAGS_VERTICAL_VELOCITY_VALID
    | dialect.ADSB_FLAGS_SIMULATED
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another aircraft as its transponder tells of it.

    Attributes
    ----------
    velocity_ned_mps
        North, east, down.
    """

    address: int
    callsign: str
    lat_e7: int
    lon_e7: int
    altitude_amsl_m: float
    velocity_ned_mps: tuple[float, float, float]
    heading_deg: float

    def message(self) -> Message:
        """Return the ADSB_VEHICLE."""
        north, east, down = self.velocity_ned_mps
        return dialect.MAVLink_adsb_vehicle_message(
            self.address,
            self.lat_e7,
            self.lon_e7,
            dialect.ADSB_ALTITUDE_TYPE_GEOMETRIC,
            round(self.altitude_amsl_m * 1e3),
            round(self.heading_deg * 100.0) % 36000,
            min(round(math.hypot(north, east) * 100.0), 65535),
            max(-32768, min(32767, round(-down * 100.0))),
            self.callsign.encode("ascii", "replace")[:8],
            dialect.ADSB_EMITTER_TYPE_UAV,
            0,
            _VALID,
            0,
        )


Neighbours = Callable[[], Sequence["Autopilot"]]
"""Gives the autopilots of the drones nearby; the asking drone itself may be among them."""


class Traffic:
    """Tells of one neighbour with each stream slot, in turn, as ArduPilot's ADS-B list does."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._next = 0
        self.neighbours: Neighbours | None = None

    def message(self, _s: Snapshot) -> Message | None:
        """Return the ADSB_VEHICLE of the next neighbour."""
        if self.neighbours is None:
            return None
        others = self.neighbours()
        for _ in range(len(others)):
            other = others[self._next % len(others)]
            self._next = (self._next + 1) % len(others)
            if other is not self._autopilot:
                return seen(other).message()
        return None


def seen(other: Autopilot) -> Neighbour:
    """Return a drone as its neighbours hear of it."""
    pilot = other.pilot
    lat_e7, lon_e7 = pilot.lat_lon_e7
    return Neighbour(
        address=FIRST_ADDRESS + other.system,
        callsign=f"DRONE{other.system:03d}",
        lat_e7=lat_e7,
        lon_e7=lon_e7,
        altitude_amsl_m=pilot.altitude_amsl_m,
        velocity_ned_mps=pilot.velocity_ned_mps,
        heading_deg=math.degrees(pilot.rpy_rad[2]) % 360.0,
    )


def introduce(autopilots: Sequence[Autopilot]) -> None:
    """Let every drone of a fleet hear of the others."""
    for autopilot in autopilots:
        autopilot.traffic.neighbours = lambda: autopilots
