"""``sim://``: a simulated drone as a link, which comes with its client and goes with it."""

from __future__ import annotations

import asyncio
import math
from urllib.parse import parse_qs, urlsplit

from dronepatrol.errors import LinkError
from dronepatrol.link.memory import MemoryLink, memory_pair
from dronepatrol.link.transport import Receiver, Transport
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.sim.simulation import Simulation, numbered, spread

DEFAULT_LAT_DEG, DEFAULT_LON_DEG, DEFAULT_AMSL_M = 60.1699, 24.9384, 10.0
"""Helsinki, Rautatientori."""
MOST_DRONES = 50
_EXAMPLE = "sim://60.1699,24.9384?amsl=10&count=2"
_OPTIONS = {"amsl", "count", "delay"}


class SimulatedLink:
    """The client's end of a link on which simulated drones speak; closing it ends them.

    Attributes
    ----------
    simulation
        What is really happening.
    """

    def __init__(self, name: str, simulation: Simulation, *, delay_s: float = 0.0) -> None:
        self.name = name
        self.simulation = simulation
        self._receiver: Receiver | None = None
        self._ends: list[MemoryLink] = []
        for index in range(len(simulation.autopilots)):
            near, far = memory_pair(name, delay_s=delay_s)
            near.set_receiver(self._hand_over)
            simulation.attach(index, far)
            self._ends.append(near)
        self._running = asyncio.get_running_loop().create_task(simulation.run())

    def send(self, data: bytes) -> None:
        """Send bytes to all drones; each takes what is for it."""
        for end in self._ends:
            end.send(data)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give what the drones say to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """End the simulation."""
        self._receiver = None
        self._running.cancel()
        for end in self._ends:
            end.close()

    def _hand_over(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver(data)


async def open_simulated(url: str) -> Transport:
    """Open ``sim://LAT,LON?amsl=METRES&count=DRONES&delay=SECONDS``; everything may be left out.

    Parameters
    ----------
    url
        The place of the first drone in degrees, its height above mean sea level, how many drones (system ids
        1, 2, ..., 5 m apart), and the one-way delay of the link.

    Raises
    ------
    LinkError
        The URL cannot be read.
    """
    parts = urlsplit(url)
    lat_deg, lon_deg = _place(url, parts.netloc)
    options = parse_qs(parts.query, keep_blank_values=True)
    if unknown := sorted(set(options) - _OPTIONS):
        raise LinkError(f"{url}: {unknown[0]!r} is not known here; write one such as {_EXAMPLE}")
    amsl_m = _number(url, "amsl", options, DEFAULT_AMSL_M, -500.0, 9000.0)
    count = _number(url, "count", options, 1.0, 1.0, float(MOST_DRONES))
    delay_s = _number(url, "delay", options, 0.0, 0.0, 60.0)
    if count != int(count):
        raise LinkError(f"{url}: {count:g} is no number of drones; write a whole one")
    home = (degrees_e7(lat_deg), degrees_e7(lon_deg), amsl_m, 0.0)
    return SimulatedLink(url, Simulation(numbered(spread(home, int(count)))), delay_s=delay_s)


def _place(url: str, text: str) -> tuple[float, float]:
    if not text:
        return DEFAULT_LAT_DEG, DEFAULT_LON_DEG
    try:
        lat_deg, lon_deg = (float(part) for part in text.split(","))
    except ValueError:
        raise LinkError(
            f"{url}: {text!r} is no place; write latitude and longitude in degrees: {_EXAMPLE}"
        ) from None
    if not (abs(lat_deg) <= 90.0 and abs(lon_deg) <= 180.0):
        raise LinkError(f"{url}: {text!r} is beyond 90 degrees of latitude or 180 of longitude")
    return lat_deg, lon_deg


def _number(
    url: str, name: str, options: dict[str, list[str]], default: float, lowest: float, highest: float
) -> float:
    text = options.get(name, [str(default)])[-1]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not lowest <= value <= highest:
        raise LinkError(f"{url}: {name} {text!r} is not a number from {lowest:g} to {highest:g}")
    return value
