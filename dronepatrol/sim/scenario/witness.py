"""What really happens to one drone, written down as it happens."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot, inf
from typing import TYPE_CHECKING

from dronepatrol.sim.faults.fault import Fault

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

SAMPLE_S = 0.5
"""Between two places of the true track."""


@dataclass(frozen=True, slots=True)
class TruePlace:
    """Where the drone really was: seconds, place in 1e-7 degree, height above its start, metres from it."""

    time_s: float
    lat_e7: int
    lon_e7: int
    height_m: float
    from_start_m: float


@dataclass(frozen=True, slots=True)
class Landing:
    """Where and with what charge the motors were stopped."""

    time_s: float
    from_start_m: float
    battery_left: float


@dataclass(slots=True)
class Witness:
    """Records one drone; times are seconds since the simulation began.

    Attributes
    ----------
    texts
        Time, severity and text of what the autopilot said.
    modes
        Time and name of each mode.
    track
        True places while armed.
    landings
        Each stop of the motors.
    faults
        Time and kind of each fault.
    """

    texts: list[tuple[float, int, str]] = field(default_factory=list)
    modes: list[tuple[float, str]] = field(default_factory=list)
    track: list[TruePlace] = field(default_factory=list)
    landings: list[Landing] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)
    time_s: float = 0.0
    _zero_s: float | None = None
    _next_s: float = 0.0
    _armed: bool = False

    def heard(self, severity: int, text: str) -> None:
        """Take a text of the autopilot."""
        self.texts.append((self.time_s, severity, text))

    def fault_began(self, fault: Fault, time_s: float) -> None:
        """Take the beginning of a fault."""
        self.faults.append((time_s, fault.kind))

    @property
    def armed(self) -> bool:
        """Whether the motors turn."""
        return self._armed

    def left_auto(self, flight: int) -> str:
        """Return how the drone left its mission in its n-th flight, counted from 0; empty if it did not.

        A mission returns and lands in AUTO; any other mode after AUTO and before the motors stop is a
        failsafe's doing, or somebody's.
        """
        ends_s = [landing.time_s for landing in self.landings]
        begin_s = ends_s[flight - 1] if 0 < flight <= len(ends_s) else 0.0
        end_s = ends_s[flight] if flight < len(ends_s) else inf
        in_auto = False
        for time_s, mode in self.modes:
            if not begin_s <= time_s < end_s:
                continue
            if in_auto and mode != "AUTO":
                return f"left AUTO for {mode} at {time_s:.0f} s"
            in_auto = mode == "AUTO"
        return ""

    def step(self, autopilot: Autopilot) -> None:
        """Look once."""
        if self._zero_s is None:
            self._zero_s = autopilot.now_s
        self.time_s = autopilot.now_s - self._zero_s
        pilot = autopilot.pilot
        if not self.modes or self.modes[-1][1] != pilot.mode.name:
            self.modes.append((self.time_s, pilot.mode.name))
        north, east, up = pilot.true_position
        if self._armed and not pilot.armed:
            left = autopilot.battery.remaining_share
            self.landings.append(Landing(self.time_s, hypot(north, east), left))
        self._armed = pilot.armed
        if pilot.armed and self.time_s >= self._next_s:
            self._next_s = self.time_s + SAMPLE_S
            lat_e7, lon_e7 = pilot.true_lat_lon_e7
            self.track.append(TruePlace(self.time_s, lat_e7, lon_e7, up, hypot(north, east)))
