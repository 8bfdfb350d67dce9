"""Simulated drones on memory links and a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from dronepatrol.clock import run_virtual
from dronepatrol.link.impaired import ImpairedLink, Impairment
from dronepatrol.link.memory import MemoryLink, memory_pair
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.simulation import Simulation, numbered, spread
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.vehicle import Vehicle

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HOME = (601_700_000, 249_400_000, 10.0, 0.0)
BAD = Impairment(loss=0.3, duplicate=0.05, reorder=0.05, delay_s=0.2, jitter_s=0.1)
"""The link that issue C asks for: 30 % lost each way, 200 ms with jitter, repeats and overtaking."""


def virtually(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test on the virtual clock."""
    run_virtual(main(), epoch_utc=EPOCH)


class Scene:
    """Drones that fly while the block lasts."""

    def __init__(self, count: int) -> None:
        self.simulation = Simulation(numbered(spread(HOME, count)))
        self.links: list[ImpairedLink] = []
        self._running = asyncio.create_task(self.simulation.run())

    def link(self, *indices: int, bad: Impairment | None = None, seed: int = 0) -> Connection:
        """Return a new connection to one drone, or one that several share."""
        near, far = memory_pair("air", delay_s=0.01)
        for index in indices or (0,):
            self.simulation.attach(index, _Shared.of(far))
        impaired = ImpairedLink(near, outgoing=bad or Impairment(), incoming=bad or Impairment(), seed=seed)
        self.links.append(impaired)
        return Connection(impaired)

    async def vehicle(self, index: int = 0, *, bad: Impairment | None = None, ready: bool = False) -> Vehicle:
        """Return a vehicle on a link of its own."""
        vehicle = await Vehicle.connect(self.link(index, bad=bad), system=index + 1)
        if ready:
            await vehicle.ready()
        return vehicle

    async def close(self) -> None:
        """End the flight."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)


class _Shared:
    """One of several ends that drones have on one side of a link."""

    def __init__(self, link: MemoryLink, ends: list[_Shared]) -> None:
        self.name = link.name
        self._link = link
        self._ends = ends
        self.receiver: Any = None

    @classmethod
    def of(cls, link: MemoryLink) -> _Shared:
        """Return one more end."""
        ends: list[_Shared] = getattr(link, "ends", [])
        link.ends = ends  # type: ignore[attr-defined]
        end = cls(link, ends)
        ends.append(end)
        link.set_receiver(lambda data: [each.receiver(data) for each in ends])
        return end

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._link.send(data)

    def set_receiver(self, receiver: Any) -> None:
        """Set who takes the bytes."""
        self.receiver = receiver

    def close(self) -> None:
        """Do nothing: the link is the client's."""


@asynccontextmanager
async def flying(count: int = 1) -> AsyncIterator[Scene]:
    """Fly some drones while a block lasts."""
    scene = Scene(count)
    try:
        yield scene
    finally:
        await scene.close()


class Puppet:
    """The far end of a link, spoken on by the test itself."""

    def __init__(self, system: int = 1, component: int = 1, name: str = "air") -> None:
        near, self.link = memory_pair(name, delay_s=0.01)
        self.connection = Connection(near)
        self.codec = Codec(system, component)
        self.others: dict[tuple[int, int], Codec] = {}
        self.heard: list[Message] = []
        self.link.set_receiver(lambda data: self.heard.extend(self.codec.parse(data)))

    def say(self, message: Message, *, system: int | None = None, component: int = 1) -> None:
        """Send a message, in somebody else's name if given."""
        codec = self.codec
        if system is not None:
            codec = self.others.setdefault((system, component), Codec(system, component))
        self.link.send(codec.pack(message))

    def beat(
        self,
        *,
        kind: int = dialect.MAV_TYPE_QUADROTOR,
        autopilot: int = dialect.MAV_AUTOPILOT_ARDUPILOTMEGA,
        mode: int = 4,
        base: int = 1,
        state: int = dialect.MAV_STATE_STANDBY,
        system: int | None = None,
        component: int = 1,
    ) -> None:
        """Send a heartbeat."""
        message = dialect.MAVLink_heartbeat_message(kind, autopilot, base, mode, state, 3)
        self.say(message, system=system, component=component)

    def heard_commands(self) -> list[int]:
        """Return the commands heard so far."""
        return [m.command for m in self.heard if m.get_type() in ("COMMAND_LONG", "COMMAND_INT")]


async def beating(puppet: Puppet, **words: Any) -> None:
    """Send heartbeats every second until cancelled."""
    while True:
        puppet.beat(**words)
        await asyncio.sleep(1.0)
