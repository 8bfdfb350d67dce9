"""Links over UDP."""

from __future__ import annotations

import asyncio
from typing import Any

from dronepatrol.errors import LinkError
from dronepatrol.link.transport import Receiver

Address = tuple[str, int]


class UdpLink(asyncio.DatagramProtocol):
    """One UDP socket talking to one peer.

    A listening end learns its peer from the first datagram it hears and from then on answers there.
    Use `listen_udp` and `connect_udp` to make one.
    """

    def __init__(self, name: str, peer: Address | None) -> None:
        self.name = name
        self.peer = peer
        self._receiver: Receiver | None = None
        self._transport: asyncio.DatagramTransport | None = None

    @property
    def local_address(self) -> Address:
        """Address and port this end is bound to."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return host, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket (called by asyncio)."""
        assert isinstance(transport, asyncio.DatagramTransport)
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Hand a datagram to the receiver (called by asyncio)."""
        if self.peer is None:
            self.peer = (addr[0], addr[1])
        if self._receiver is not None and (addr[0], addr[1]) == self.peer:
            self._receiver(data)

    def error_received(self, exc: Exception) -> None:
        """Ignore refused datagrams: the other end may not be up yet (called by asyncio)."""

    def send(self, data: bytes) -> None:
        """Send one datagram to the peer; nothing is sent while no peer is known."""
        if self._transport is not None and self.peer is not None:
            self._transport.sendto(data, self.peer)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give every datagram to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()


async def listen_udp(host: str, port: int) -> UdpLink:
    """Bind a port (0 for any free one) and wait for a peer to speak.

    Raises
    ------
    LinkError
        The address cannot be bound.
    """
    return await _open(f"udpin://{host}:{port}", local=(host, port), peer=None)


async def connect_udp(host: str, port: int) -> UdpLink:
    """Open a socket that sends to, and hears from, one address.

    Raises
    ------
    LinkError
        No socket can be opened.
    """
    return await _open(f"udpout://{host}:{port}", local=("0.0.0.0", 0), peer=(host, port))


async def _open(name: str, *, local: Address, peer: Address | None) -> UdpLink:
    loop = asyncio.get_running_loop()
    try:
        _, link = await loop.create_datagram_endpoint(lambda: UdpLink(name, peer), local_addr=local)
    except OSError as error:
        raise LinkError(f"{name}: cannot open the port: {error.strerror or error}; choose another") from error
    return link
