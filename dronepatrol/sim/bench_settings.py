"""What a test may say about the drones that it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dronepatrol.errors import InputError
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.link.impaired import Impairment
from dronepatrol.sim.models import REFERENCE, find_model
from dronepatrol.sim.motion.fleet import Home
from dronepatrol.sim.simulation import Simulation, numbered, spread
from dronepatrol.sim.weather import Weather

HOME: Home = (601699000, 249384000, 12.0, 0.0)
"""Senate Square, Helsinki."""
_LINK_FIGURES = ("loss", "duplicate", "reorder", "corrupt", "delay_s", "jitter_s")


@dataclass(frozen=True, slots=True)
class BenchSettings:
    """Drones for a test.

    Attributes
    ----------
    count
        How many; None for the fixture's own number.
    model
        A drone model of the shipped table, or ``"reference"``: the frame of ArduCopter's simulator.
    seed
        Of gusts and of the link.
    wind_mps, wind_from_deg, gust_mps
        Wind at 60 m height, where it blows from, and the strength of its gusts.
    loss, duplicate, reorder, corrupt, delay_s, jitter_s
        What the link does to frames in either direction; see `dronepatrol.link.impaired.Impairment`.
    home
        Latitude and longitude (degrees), height above mean sea level (m) and heading (deg) of the first
        drone.
    ready
        Whether drones have booted, have a position and stand in GUIDED when the test begins; otherwise they
        are being switched on.
    speed
        Times the wall clock, for drones that are served to other clients.
    link
        ``"tcp"`` or ``"udp"``, for drones that are served to other clients.
    """

    count: int | None = None
    model: str = REFERENCE
    seed: int = 0
    wind_mps: float = 0.0
    wind_from_deg: float = 270.0
    gust_mps: float = 0.0
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    delay_s: float = 0.02
    jitter_s: float = 0.0
    home: tuple[float, float, float, float] | None = None
    ready: bool = True
    speed: float = 1.0
    link: str = "tcp"

    @classmethod
    def from_words(cls, words: Mapping[str, Any]) -> BenchSettings:
        """Return settings from keyword arguments, as a marker holds them.

        Raises
        ------
        InputError
            A word is not known, or a value means nothing.
        """
        known = [field.name for field in fields(cls)]
        for word in words:
            if word not in known:
                raise InputError(f"{word!r} is not known here", remedy=suggestion(word, known))
        settings = cls(**words)
        settings.check()
        return settings

    def check(self) -> None:
        """Raise `InputError` for a value that means nothing."""
        if self.count is not None and not 1 <= self.count <= 250:
            raise InputError(f"count {self.count} is not from 1 to 250")
        if self.link not in ("tcp", "udp"):
            raise InputError(f"link {self.link!r} is neither 'tcp' nor 'udp'")
        if not self.speed > 0.0:
            raise InputError(f"speed {self.speed} is not above 0")
        try:
            self.impairment()
        except ValueError as error:
            raise InputError(str(error)) from None
        find_model(self.model)

    def impairment(self) -> Impairment:
        """Return what the link does to frames."""
        return Impairment(**{name: getattr(self, name) for name in _LINK_FIGURES})

    def simulation(self, default_count: int) -> Simulation:
        """Return the drones."""
        home = HOME
        if self.home is not None:
            lat_deg, lon_deg, altitude_m, heading_deg = self.home
            home = (round(lat_deg * 1e7), round(lon_deg * 1e7), altitude_m, heading_deg)
        weather = None
        if self.wind_mps > 0.0 or self.gust_mps > 0.0:
            weather = Weather.reference(self.wind_mps, self.wind_from_deg, self.gust_mps, seed=self.seed)
        homes = spread(home, default_count if self.count is None else self.count)
        return Simulation(numbered(homes, find_model(self.model)), wind=weather)
