"""TCP links: several clients, slow clients, lost connections."""

from __future__ import annotations

import asyncio
import socket

from dronepatrol.clock import run_scaled
from dronepatrol.link import tcp
from dronepatrol.link.tcp import connect_tcp, listen_tcp
from tests.link.frames import heartbeats


async def until(condition: object, *, seconds: float = 2.0) -> None:
    """Wait until a function returns something true."""
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.005)


def test_every_client_hears_everything() -> None:
    """Two clients of a port hear the same bytes, and one that comes later hears what is sent from then on."""

    async def main() -> list[bytes]:
        server = await listen_tcp("127.0.0.1", 0)
        clients = [await connect_tcp("127.0.0.1", server.port) for _ in range(2)]
        await until(lambda: server.clients == 2)
        heard = [bytearray() for _ in range(3)]
        for client, buffer in zip(clients, heard, strict=False):
            client.set_receiver(buffer.extend)
        server.send(b"one")
        await until(lambda: bytes(heard[1]) == b"one")
        clients.append(await connect_tcp("127.0.0.1", server.port))
        clients[2].set_receiver(heard[2].extend)
        await until(lambda: server.clients == 3)
        server.send(b"two")
        await until(lambda: heard[2])
        await until(lambda: len(heard[0]) == 6)
        for link in [*clients, server]:
            link.close()
        return [bytes(buffer) for buffer in heard]

    assert asyncio.run(main()) == [b"onetwo", b"onetwo", b"two"]


def test_frames_of_two_clients_do_not_mix() -> None:
    """Clients that send halves of frames in turn are still understood."""

    async def main() -> bytes:
        server = await listen_tcp("127.0.0.1", 0)
        heard = bytearray()
        server.set_receiver(heard.extend)
        first, second = [await connect_tcp("127.0.0.1", server.port) for _ in range(2)]
        one, two = heartbeats(2)
        for client, half in ((first, one[:9]), (second, two[:5]), (first, one[9:]), (second, two[5:])):
            client.send(half)
            await asyncio.sleep(0.02)
        await until(lambda: len(heard) == len(one) + len(two))
        for link in (first, second, server):
            link.close()
        return bytes(heard)

    assert asyncio.run(main()) == b"".join(heartbeats(2))


def test_clients_are_counted_as_they_come_and_go() -> None:
    """The server tells how many clients it has."""

    async def main() -> list[int]:
        server = await listen_tcp("127.0.0.1", 0)
        counts: list[int] = []
        server.on_clients = counts.append
        client = await connect_tcp("127.0.0.1", server.port)
        await until(lambda: server.clients == 1)
        client.close()
        await until(lambda: server.clients == 0)
        server.close()
        return counts

    assert asyncio.run(main()) == [1, 0]


def test_a_client_that_does_not_read_costs_a_bounded_amount() -> None:
    """What a stalled client has no room for is dropped and counted, and the others hear on."""

    async def main() -> tuple[int, int, bool]:
        server = await listen_tcp("127.0.0.1", 0)
        stalled = socket.create_connection(("127.0.0.1", server.port))
        await until(lambda: server.clients == 1)
        piece = bytes(65536)
        for _ in range(2 * tcp.WAITING_BYTES // len(piece) + 200):
            server.send(piece)
            await asyncio.sleep(0)
        stream = next(iter(server._streams))
        waiting = stream.transport.get_write_buffer_size() if stream.transport else 0
        reading = await connect_tcp("127.0.0.1", server.port)
        heard = bytearray()
        reading.set_receiver(heard.extend)
        await until(lambda: server.clients == 2)
        server.send(b"news")
        await until(lambda: bytes(heard) == b"news")
        dropped = server.dropped
        stalled.close()
        for link in (reading, server):
            link.close()
        await asyncio.sleep(0.01)
        return dropped, waiting, bool(heard)

    dropped, waiting, heard = asyncio.run(main())
    assert dropped > 0
    assert waiting <= tcp.WAITING_BYTES
    assert heard


def test_a_lost_connection_is_made_again() -> None:
    """A client whose server goes away and comes back talks on without being told."""

    async def main() -> tuple[bytes, int]:
        server = await listen_tcp("127.0.0.1", 0)
        port = server.port
        client = await connect_tcp("127.0.0.1", port)
        heard = bytearray()
        client.set_receiver(heard.extend)
        await until(lambda: server.clients == 1)
        server.close()
        await until(lambda: not client.connected)
        client.send(b"lost")
        server = await listen_tcp("127.0.0.1", port)
        await until(lambda: client.connected, seconds=30.0)
        await until(lambda: server.clients == 1)
        server.send(b"again")
        await until(lambda: bytes(heard) == b"again")
        reconnects = client.reconnects
        client.close()
        server.close()
        await asyncio.sleep(0.01)
        return bytes(heard), reconnects

    assert run_scaled(main(), speed=10.0) == (b"again", 1)


def test_a_closed_client_stays_closed() -> None:
    """Closing ends the attempts to come back."""

    async def main() -> bool:
        server = await listen_tcp("127.0.0.1", 0)
        client = await connect_tcp("127.0.0.1", server.port)
        await until(lambda: server.clients == 1)
        server.close()
        await until(lambda: not client.connected)
        client.close()
        server = await listen_tcp("127.0.0.1", server_port := free_port())
        assert server.port == server_port
        await asyncio.sleep(3.0)
        server.close()
        return client.connected

    def free_port() -> int:
        with socket.socket() as opened:
            opened.bind(("127.0.0.1", 0))
            return opened.getsockname()[1]

    assert run_scaled(main(), speed=10.0) is False
