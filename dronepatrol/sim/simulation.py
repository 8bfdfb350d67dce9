"""Simulated drones on one clock: moved together, each talking on its own links."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dronepatrol.clock import unix_now_s
from dronepatrol.link.transport import Transport
from dronepatrol.model.drone import DroneModel
from dronepatrol.sim.autopilot.autopilot import Autopilot
from dronepatrol.sim.autopilot.neighbours import introduce
from dronepatrol.sim.autopilot.parameters import ParameterStore
from dronepatrol.sim.failsafes.monitor import Failsafes
from dronepatrol.sim.faults.air import Air
from dronepatrol.sim.models import model_airframe, model_battery, model_parameters
from dronepatrol.sim.motion import FleetMotion
from dronepatrol.sim.motion.fleet import Home, Wind

LONGEST_LAG_S = 0.25
"""Wall-clock seconds that are caught up after a hold-up; what is longer is let go, or it would never end."""
FACTOR_WINDOW_S = 5.0
"""Wall-clock seconds over which the real-time factor is taken."""


LinkChange = Callable[[int, Transport], Transport]
"""Takes a drone's index and a link, and returns the link that the drone is to talk on."""


@dataclass(frozen=True, slots=True)
class SimulatedDrone:
    """One drone of a simulation.

    Attributes
    ----------
    system
        MAVLink system id, 1 to 255.
    home
        Where it stands at first: latitude and longitude (1e-7 degree), height above mean sea level (m),
        heading (deg).
    model
        What it is; None for the frame that ArduCopter's simulator flies.
    """

    system: int
    home: Home
    model: DroneModel | None = None


class Simulation:
    """Drones that share a clock and the air.

    Their time is that of the simulation: it begins at the loop's time when `run` starts, goes on by whole
    steps, and falls behind the loop's where the computer cannot keep up.

    Parameters
    ----------
    drones
        Each with a system id of its own.
    wind
        Moves the air; None for calm.
    seed
        Of sensors' noise and gusts.

    Attributes
    ----------
    autopilots
        One per drone, in the given order.
    failsafes
        What looks after each.
    air
        The wind; its weather may be replaced.
    links
        Functions that wrap each link before a drone talks on it.
    time_s
        Simulated seconds since the first step.
    pace
        How fast that goes.
    """

    def __init__(self, drones: Sequence[SimulatedDrone], *, wind: Wind | None = None, seed: int = 0) -> None:
        systems = [drone.system for drone in drones]
        if len(set(systems)) < len(systems) or not all(1 <= system <= 255 for system in systems):
            raise ValueError(f"system ids must be different and from 1 to 255, got {systems}")
        stores = [ParameterStore(model_parameters(drone.model)) for drone in drones]
        self._motion = FleetMotion(
            [model_airframe(drone.model) for drone in drones],
            [drone.home for drone in drones],
            stores,
        )
        self.air = Air(self._motion, stores, wind, seed)
        self._models = [drone.model for drone in drones]
        self.autopilots = [
            Autopilot(pilot, model_battery(drone.model), system=drone.system, parameters=store)
            for pilot, drone, store in zip(self._motion.pilots, drones, stores, strict=True)
        ]
        introduce(self.autopilots)
        self.failsafes = [Failsafes(autopilot, seed=seed) for autopilot in self.autopilots]
        for autopilot, failsafes in zip(self.autopilots, self.failsafes, strict=True):
            autopilot.monitors.append(failsafes)
        self.dt_s = self._motion.dt_s
        self.time_s = 0.0
        self.pace = Pace()
        self.links: list[LinkChange] = []
        self._steps = 0
        self._start_s: float | None = None
        self._start_unix_s = 0.0

    def attach(self, index: int, transport: Transport) -> None:
        """Let a drone talk on one more link."""
        for change in self.links:
            transport = change(index, transport)
        self.autopilots[index].attach(transport)

    def service(self, index: int) -> None:
        """Put a full battery into a landed drone."""
        self.autopilots[index].battery = model_battery(self._models[index])

    def step(self) -> None:
        """Move all drones by one step, then let each talk."""
        if self._start_s is None:
            self._start_s, self._start_unix_s = asyncio.get_running_loop().time(), unix_now_s()
        self._motion.step()
        now_s, unix_s = self._start_s + self.time_s, self._start_unix_s + self.time_s
        for autopilot in self.autopilots:
            autopilot.battery.step(autopilot.pilot.power_w, self.dt_s)
            autopilot.step(now_s, unix_s)
        self._steps += 1
        self.time_s = self._steps * self.dt_s

    def advance(self, duration_s: float) -> None:
        """Step through a time at once, without letting the loop do anything else."""
        for _ in range(math.ceil(duration_s / self.dt_s)):
            self.step()

    async def run(self, *, free: bool = False) -> None:
        """Step on the loop's clock until cancelled.

        Parameters
        ----------
        free
            Do not wait for the clock: step as fast as the computer can, serving sockets between steps.
        """
        loop = asyncio.get_running_loop()
        # What the loop calls a second may pass in a fraction of one on the wall.
        longest_lag_s = LONGEST_LAG_S * max(getattr(loop, "speed", 1.0), 1.0)
        due_s = loop.time()
        while True:
            self.step()
            self.pace.note(self.time_s)
            if free:
                await asyncio.sleep(0)
                continue
            due_s += self.dt_s
            lag_s = loop.time() - due_s
            if lag_s > longest_lag_s:
                self.pace.lost_s += lag_s
                due_s += lag_s
            await asyncio.sleep(max(due_s - loop.time(), 0.0))


class Pace:
    """How fast simulated time goes against the wall clock.

    Attributes
    ----------
    lost_s
        Loop seconds that were given up in all because the computer could not keep up.
    """

    def __init__(self) -> None:
        self.lost_s = 0.0
        self._marks: deque[tuple[float, float]] = deque()

    def note(self, simulated_s: float) -> None:
        """Take the simulated time now."""
        wall_s = time.monotonic()
        if self._marks and wall_s - self._marks[-1][0] < 0.1:
            return
        self._marks.append((wall_s, simulated_s))
        while wall_s - self._marks[0][0] > FACTOR_WINDOW_S:
            self._marks.popleft()

    @property
    def factor(self) -> float:
        """Simulated seconds per wall-clock second over the last few seconds; NaN at first."""
        if len(self._marks) < 2:
            return math.nan
        (wall_a, simulated_a), (wall_b, simulated_b) = self._marks[0], self._marks[-1]
        return (simulated_b - simulated_a) / (wall_b - wall_a)


def spread(home: Home, count: int, *, spacing_m: float = 5.0) -> list[Home]:
    """Return places for several drones: the first at home, the others in a square east and north of it.

    Parameters
    ----------
    home
        Latitude and longitude (1e-7 degree), height above mean sea level (m), heading (deg).
    spacing_m
        Distance between neighbours.
    """
    lat_e7, lon_e7, altitude_m, heading_deg = home
    columns = max(math.ceil(math.sqrt(count)), 1)
    # A degree of the mean meridian is 111 195 m (sphere of 6 371 km): good to 0.5 % for a few metres.
    north_e7 = spacing_m / 111195.0 * 1e7
    east_e7 = north_e7 / max(math.cos(math.radians(lat_e7 / 1e7)), 0.01)
    return [
        (round(lat_e7 + row * north_e7), round(lon_e7 + column * east_e7), altitude_m, heading_deg)
        for row, column in (divmod(index, columns) for index in range(count))
    ]


def numbered(homes: Iterable[Home], model: DroneModel | None = None) -> list[SimulatedDrone]:
    """Return drones of one model at these places, with system ids from 1."""
    return [SimulatedDrone(number, home, model) for number, home in enumerate(homes, 1)]
