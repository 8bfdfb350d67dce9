"""Links over UDP."""

from __future__ import annotations

import asyncio
import socket

from dronepatrol.link.socket_errors import socket_error
from dronepatrol.link.transport import Receiver

Address = tuple[str, int]
MAX_PEERS = 256
"""Addresses a listening end answers to; the one silent for longest makes room for a new one."""
READ_DATAGRAMS = 16
"""Read in a row before the loop turns to others."""
LARGEST_DATAGRAM = 65535


class UdpLink:
    """One UDP socket talking to one peer, or listening to all that speak.

    A listening end answers to everyone it has heard, as ground stations do, so that a vehicle that comes
    back from another port is not lost. Use `listen_udp` and `connect_udp` to make one.

    Attributes
    ----------
    dropped
        Datagrams that the system did not take.
    """

    def __init__(self, name: str, opened: socket.socket, *, answers_all: bool) -> None:
        self.name = name
        self.dropped = 0
        self._socket = opened
        self._descriptor = opened.fileno()
        self._answers_all = answers_all
        self._peers: dict[Address, None] = {}
        self._receiver: Receiver | None = None
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._descriptor, self._read)

    @property
    def peers(self) -> tuple[Address, ...]:
        """Addresses heard so far by a listening end."""
        return tuple(self._peers)

    @property
    def local_address(self) -> Address:
        """Address and port this end is bound to."""
        host, port = self._socket.getsockname()[:2]
        return host, port

    def send(self, data: bytes) -> None:
        """Send one datagram to the peer, or to each that was heard."""
        if self._closed:
            return
        try:
            if self._answers_all:
                for peer in self._peers:
                    self._socket.sendto(data, peer)
            else:
                self._socket.send(data)
        except OSError:
            # No room, or refused because the other end is not up: UDP promises nothing.
            self.dropped += 1

    def set_receiver(self, receiver: Receiver) -> None:
        """Give every datagram to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the socket."""
        if not self._closed:
            self._closed = True
            self._receiver = None
            self._loop.remove_reader(self._descriptor)
            self._socket.close()

    def _read(self) -> None:
        for _ in range(READ_DATAGRAMS):
            if self._closed:
                return
            try:
                data, peer = self._socket.recvfrom(LARGEST_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                # The report of an earlier datagram that nobody took.
                continue
            if self._answers_all:
                self._hear(peer[:2])
            if self._receiver is not None:
                self._receiver(data)

    def _hear(self, peer: Address) -> None:
        if len(self._peers) > 1 or peer not in self._peers:
            self._peers.pop(peer, None)
            self._peers[peer] = None
            if len(self._peers) > MAX_PEERS:
                del self._peers[next(iter(self._peers))]


async def listen_udp(host: str, port: int) -> UdpLink:
    """Bind a port (0 for any free one) and answer whoever speaks.

    Raises
    ------
    LinkError
        The address cannot be bound.
    """
    return await _open("udpin", host, port)


async def connect_udp(host: str, port: int) -> UdpLink:
    """Open a socket that sends to, and hears from, one address.

    Raises
    ------
    LinkError
        No socket can be opened, or the host is not known.
    """
    return await _open("udpout", host, port)


async def _open(kind: str, host: str, port: int) -> UdpLink:
    loop = asyncio.get_running_loop()
    name = f"{kind}://{host}:{port}"
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, address = found[0]
        opened = socket.socket(family, socket.SOCK_DGRAM)
    except (OSError, OverflowError) as error:
        raise socket_error(name, error) from error
    try:
        opened.setblocking(False)
        if kind == "udpin":
            opened.bind(address)
        else:
            opened.connect(address)
    except (OSError, OverflowError) as error:
        opened.close()
        raise socket_error(name, error) from error
    return UdpLink(name, opened, answers_all=kind == "udpin")
