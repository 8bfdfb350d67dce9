"""UDP links: several peers, peers that move, nobody there."""

from __future__ import annotations

import asyncio
import socket

from dronepatrol.link.udp import connect_udp, listen_udp


def test_all_that_speak_are_heard_and_answered() -> None:
    """Three vehicles that call one listening end each get what it sends."""

    async def main() -> tuple[list[bytes], list[list[bytes]]]:
        listening = await listen_udp("127.0.0.1", 0)
        at_listening: list[bytes] = []
        listening.set_receiver(at_listening.append)
        callers = [await connect_udp(*listening.local_address) for _ in range(3)]
        answers: list[list[bytes]] = [[] for _ in callers]
        for number, (caller, heard) in enumerate(zip(callers, answers, strict=True)):
            caller.set_receiver(heard.append)
            caller.send(bytes([number]))
            await asyncio.sleep(0.02)
        listening.send(b"all")
        await asyncio.sleep(0.02)
        for link in [listening, *callers]:
            link.close()
        return at_listening, answers

    assert asyncio.run(main()) == ([b"\0", b"\1", b"\2"], [[b"all"]] * 3)


def test_a_calling_end_hears_only_its_peer() -> None:
    """Datagrams from elsewhere do not get in."""

    async def main() -> list[bytes]:
        listening = await listen_udp("127.0.0.1", 0)
        calling = await connect_udp(*listening.local_address)
        heard: list[bytes] = []
        calling.set_receiver(heard.append)
        with socket.socket(type=socket.SOCK_DGRAM) as stranger:
            stranger.sendto(b"intruder", calling.local_address)
        await asyncio.sleep(0.02)
        listening.close()
        calling.close()
        return heard

    assert asyncio.run(main()) == []


def test_calling_before_anyone_listens_does_no_harm() -> None:
    """A drone that sends before its ground station is up is heard as soon as it is."""

    async def main() -> list[bytes]:
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        calling = await connect_udp("127.0.0.1", port)
        for _ in range(5):
            calling.send(b"early")
            await asyncio.sleep(0.005)
        listening = await listen_udp("127.0.0.1", port)
        heard: list[bytes] = []
        listening.set_receiver(heard.append)
        for _ in range(3):
            calling.send(b"late")
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        calling.close()
        listening.close()
        return heard

    heard = asyncio.run(main())
    assert heard.count(b"late") >= 2
    assert set(heard) == {b"late"}
