"""Drones on ports, as a client meets them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest

from dronepatrol.clock import run_scaled
from dronepatrol.errors import LinkError
from dronepatrol.link.tcp import connect_tcp, listen_tcp
from dronepatrol.link.transport import Transport
from dronepatrol.link.udp import listen_udp
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.serve import Server
from dronepatrol.sim.simulation import Simulation, numbered, spread
from tests.sim.ports import free_base_port

HOME = (601699000, 249384000, 12.0, 90.0)
SPEED = 20.0
T = TypeVar("T")


class Client:
    """Counts what it hears."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.codec = Codec(255, 190)
        self.heard: list[Message] = []
        transport.set_receiver(lambda data: self.heard.extend(self.codec.parse(data)))

    def send(self, message: Message) -> None:
        """Send one message."""
        self.transport.send(self.codec.pack(message))

    def types(self) -> Counter[str]:
        """Return how often each type was heard."""
        return Counter(message.get_type() for message in self.heard)

    def systems(self) -> set[int]:
        """Return who was heard."""
        return {message.get_srcSystem() for message in self.heard}


@asynccontextmanager
async def served(drones: int, *, free: bool = False, base_port: int = 0, outs: Sequence[str] = ()) -> Any:
    """Serve drones while the block runs."""
    server = Server(Simulation(numbered(spread(HOME, drones))), base_port=base_port, outs=outs)
    await server.open()
    run = asyncio.create_task(server.simulation.run(free=free))
    try:
        yield server
    finally:
        run.cancel()
        await server.close()
        await asyncio.sleep(0.05)


async def call(server: Server, index: int) -> Client:
    """Connect to a drone."""
    host, port = server.url(index).removeprefix("tcp://").split(":")
    return Client(await connect_tcp(host, int(port)))


def scaled(main: Coroutine[Any, Any, T], speed: float = SPEED) -> T:
    """Run on a fast clock."""
    return run_scaled(main, speed=speed)


def test_each_drone_has_the_ports_of_the_reference() -> None:
    """Drone k listens on base + 10 k, + 2 and + 3, each with its own system id."""

    async def main() -> list[set[int]]:
        base = free_base_port(3)
        heard = []
        async with served(3, base_port=base) as server:
            for index in range(3):
                assert server.status(index).ports == tuple(base + 10 * index + k for k in (0, 2, 3))
                for port in server.status(index).ports:
                    client = Client(await connect_tcp("127.0.0.1", port))
                    await asyncio.sleep(2.5)
                    heard.append(client.systems())
                    client.transport.close()
        return heard

    assert scaled(main()) == [{1}, {1}, {1}, {2}, {2}, {2}, {3}, {3}, {3}]


def test_time_passes_without_a_client() -> None:
    """Unlike the reference the drones need nobody to start."""

    async def main() -> float:
        async with served(1) as server:
            await asyncio.sleep(10.0)
            return float(server.simulation.time_s)

    assert scaled(main()) == pytest.approx(10.0, abs=3.0)


def test_a_silent_client_hears_heartbeats_alone() -> None:
    """Nothing is streamed to a client that asks for nothing, and no text is told to one that says nothing."""

    async def main() -> Counter[str]:
        async with served(1) as server:
            client = await call(server, 0)
            await asyncio.sleep(8.0)
            client.transport.close()
            return client.types()

    types = scaled(main())
    assert 6 <= types["HEARTBEAT"] <= 9
    assert set(types) <= {"HEARTBEAT", "TIMESYNC", "PARAM_VALUE"}


def test_rates_survive_a_client_that_leaves() -> None:
    """A client that drops and comes back finds the streams it asked for."""

    async def main() -> tuple[int, int]:
        async with served(1) as server:
            client = await call(server, 0)
            client.send(dialect.MAVLink_request_data_stream_message(1, 1, dialect.MAV_DATA_STREAM_ALL, 4, 1))
            await asyncio.sleep(5.0)
            before = client.types()["ATTITUDE"]
            client.transport.close()
            await asyncio.sleep(2.0)
            again = await call(server, 0)
            await asyncio.sleep(5.0)
            after = again.types()["ATTITUDE"]
            again.transport.close()
            return before, after

    before, after = scaled(main())
    assert before == pytest.approx(20, abs=5)
    assert after == pytest.approx(20, abs=5)


def test_a_second_client_hears_what_the_first_asked_for() -> None:
    """All clients of a port share its link."""

    async def main() -> tuple[Counter[str], Counter[str]]:
        async with served(1) as server:
            first, second = await call(server, 0), await call(server, 0)
            first.send(dialect.MAVLink_request_data_stream_message(1, 1, dialect.MAV_DATA_STREAM_ALL, 4, 1))
            await asyncio.sleep(4.0)
            assert server.status(0).clients == 2
            first.transport.close()
            second.transport.close()
            return first.types(), second.types()

    first, second = scaled(main())
    assert first["ATTITUDE"] > 8
    assert abs(first["ATTITUDE"] - second["ATTITUDE"]) <= 1


def test_all_drones_send_to_one_ground_station() -> None:
    """On a shared UDP link every drone has its own system id, and its addressee answers a command."""

    async def main() -> tuple[set[int], list[int]]:
        ground = await listen_udp("127.0.0.1", 0)
        client = Client(ground)
        async with served(4, outs=[f"udpout://127.0.0.1:{ground.local_address[1]}"]):
            await asyncio.sleep(2.5)
            systems = client.systems()
            command = dialect.MAV_CMD_REQUEST_MESSAGE
            version = dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION
            client.send(dialect.MAVLink_command_long_message(3, 1, command, 0, version, 0, 0, 0, 0, 0, 0))
            await asyncio.sleep(2.0)
        ground.close()
        return systems, [m.get_srcSystem() for m in client.heard if m.get_type() == "AUTOPILOT_VERSION"]

    assert scaled(main()) == ({1, 2, 3, 4}, [3])


def test_a_port_in_use_frees_the_others() -> None:
    """If one port cannot be had the server says which, and keeps none."""

    async def main() -> None:
        base = free_base_port(2)
        taken = await listen_tcp("127.0.0.1", base + 10)
        server = Server(Simulation(numbered(spread(HOME, 2))), base_port=base)
        with pytest.raises(LinkError, match=f"tcpin://127.0.0.1:{base + 10}: the port is in use"):
            await server.open()
        taken.close()
        await asyncio.sleep(0.05)
        again = Server(Simulation(numbered(spread(HOME, 2))), base_port=base)
        await again.open()
        await again.close()

    asyncio.run(main())


def test_ports_beyond_the_last_are_refused() -> None:
    """A fleet that does not fit above the base port is refused before anything is opened."""
    with pytest.raises(LinkError, match="20 drones need ports up to 65693, and 65535 is the last"):
        Server(Simulation(numbered(spread(HOME, 20))), base_port=65500)


def test_a_wrong_out_is_refused_at_once() -> None:
    """A URL that is none is told before a port is bound."""
    with pytest.raises(LinkError, match="'http' is no kind of link"):
        Server(Simulation(numbered([HOME])), outs=["http://127.0.0.1"])


def test_running_free_outruns_the_wall_clock_over_sockets() -> None:
    """As fast as possible, a client over TCP hears many simulated seconds in one."""

    async def main() -> float:
        async with served(1, free=True) as server:
            client = await call(server, 0)
            start_s = time.monotonic()
            while client.types()["HEARTBEAT"] < 20 and time.monotonic() < start_s + 5.0:
                await asyncio.sleep(0.01)
            client.transport.close()
            return time.monotonic() - start_s

    assert scaled(main(), speed=1.0) < 4.0


def test_noise_and_floods_do_not_stall_the_neighbours() -> None:
    """While one client sends a megabyte of noise the other drone's heartbeats stay regular."""

    async def main() -> int:
        async with served(2) as server:
            loud, calm = await call(server, 0), await call(server, 1)
            noise = bytes(range(256)) * 64
            for _ in range(64):
                loud.transport.send(noise)
                await asyncio.sleep(0.1)
            await asyncio.sleep(2.0)
            loud.transport.close()
            calm.transport.close()
            return calm.types()["HEARTBEAT"]

    assert scaled(main(), speed=5.0) >= 6
