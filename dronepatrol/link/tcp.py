"""Links over TCP: a client that comes back after a loss, and a server that several clients share."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from dronepatrol.link.framing import FrameSplitter
from dronepatrol.link.socket_errors import socket_error
from dronepatrol.link.transport import Receiver

WAITING_BYTES = 4 << 20
"""What may wait in the process for one peer that does not read: minutes of full streams of one vehicle."""
READ_BYTES = 16384
"""Read at a time, so that a flood on one link does not hold up the others for long."""
RECONNECT_S = 1.0


class _Stream(asyncio.BufferedProtocol):
    """One TCP connection."""

    def __init__(self, take: Receiver, lost: Callable[[_Stream], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self.dropped = 0
        self._take = take
        self._lost = lost
        self._buffer = bytearray(READ_BYTES)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._take(bytes(self._buffer[:nbytes]))

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(self)

    def send(self, data: bytes) -> None:
        """Send, or drop the whole piece where the peer has not read for so long that no room is left."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() + len(data) > WAITING_BYTES:
            self.dropped += 1
        else:
            transport.write(data)

    def close(self) -> None:
        """Hang up; what the peer has not taken by now is lost, so that it cannot keep us."""
        if self.transport is None:
            return
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        else:
            self.transport.close()


class TcpLink:
    """A TCP connection to a server; where it breaks it is made again every second until `close`.

    Use `connect_tcp` to make one.

    Attributes
    ----------
    connected
        Whether bytes can travel now; what is sent meanwhile is lost.
    reconnects
        How often the connection was made again.
    """

    def __init__(self, name: str, host: str, port: int) -> None:
        self.name = name
        self.connected = False
        self.reconnects = 0
        self._host, self._port = host, port
        self._receiver: Receiver | None = None
        self._stream: _Stream | None = None
        self._closed = False
        self._again: asyncio.Task[None] | None = None

    @property
    def dropped(self) -> int:
        """Pieces dropped on the present connection because the peer does not read."""
        return 0 if self._stream is None else self._stream.dropped

    async def open(self) -> None:
        """Make the connection (called by `connect_tcp`).

        Raises
        ------
        OSError
            It cannot be made.
        """
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_connection(
            lambda: _Stream(self._take, self._lost), self._host, self._port
        )
        if self._closed:
            stream.close()
            return
        self._stream, self.connected = stream, True

    def send(self, data: bytes) -> None:
        """Send bytes; they are lost while there is no connection."""
        if self._stream is not None:
            self._stream.send(data)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give incoming bytes to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the connection and make it no more."""
        self._closed = True
        self._receiver = None
        if self._again is not None:
            self._again.cancel()
        if self._stream is not None:
            self._stream.close()

    def _take(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver(data)

    def _lost(self, _stream: _Stream) -> None:
        self.connected, self._stream = False, None
        if not self._closed:
            self._again = asyncio.get_running_loop().create_task(self._reconnect())

    async def _reconnect(self) -> None:
        while not self._closed and not self.connected:
            await asyncio.sleep(RECONNECT_S)
            with contextlib.suppress(OSError):
                await self.open()
        self.reconnects += 1


async def connect_tcp(host: str, port: int, *, timeout_s: float = 10.0) -> TcpLink:
    """Connect to a TCP server.

    Raises
    ------
    LinkError
        Nobody listens, the host is not known, or nothing answers within the time.
    """
    link = TcpLink(f"tcp://{host}:{port}", host, port)
    try:
        await asyncio.wait_for(link.open(), timeout_s)
    except (OSError, OverflowError) as error:
        link.close()
        raise socket_error(link.name, error) from error
    return link


class TcpServerLink:
    """A TCP port that clients come to and leave; all present ones share the link.

    Every client hears everything that is sent and may speak. What a client says is handed over in whole
    MAVLink frames, so that several may speak at once.

    Attributes
    ----------
    on_clients
        Called with the number of clients when it changes.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.on_clients: Callable[[int], None] | None = None
        self._receiver: Receiver | None = None
        self._streams: dict[_Stream, None] = {}
        self._dropped = 0
        self._server: asyncio.Server | None = None

    @property
    def clients(self) -> int:
        """Number of clients that are connected."""
        return len(self._streams)

    @property
    def dropped(self) -> int:
        """Pieces dropped so far because a client does not read."""
        return self._dropped + sum(stream.dropped for stream in self._streams)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def open(self, host: str, port: int) -> None:
        """Start to listen (called by `listen_tcp`).

        Raises
        ------
        OSError
            The port cannot be bound.
        """
        self._server = await asyncio.get_running_loop().create_server(self._welcome, host, port)
        self.name = f"tcpin://{host}:{self.port}"

    def send(self, data: bytes) -> None:
        """Send bytes to every client; they are lost while there is none."""
        for stream in tuple(self._streams):
            stream.send(data)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give the frames of all clients to a function."""
        self._receiver = receiver

    def hang_up(self) -> None:
        """Drop every client and go on listening."""
        for stream in tuple(self._streams):
            stream.close()

    def close(self) -> None:
        """Stop listening and hang up on every client."""
        self._receiver = None
        if self._server is not None:
            self._server.close()
        self.hang_up()

    def _welcome(self) -> _Stream:
        splitter = FrameSplitter()

        def take(data: bytes) -> None:
            pieces = splitter.feed(data)
            if pieces and self._receiver is not None:
                self._receiver(b"".join(pieces))

        return _Client(take, self._left, self._came)

    def _came(self, stream: _Stream) -> None:
        self._streams[stream] = None
        self._tell()

    def _left(self, stream: _Stream) -> None:
        if self._streams.pop(stream, stream) is None:
            self._dropped += stream.dropped
            self._tell()

    def _tell(self) -> None:
        if self.on_clients is not None:
            self.on_clients(len(self._streams))


class _Client(_Stream):
    """A connection that a client made to us."""

    def __init__(
        self, take: Receiver, lost: Callable[[_Stream], None], came: Callable[[_Stream], None]
    ) -> None:
        super().__init__(take, lost)
        self._came = came

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._came(self)


async def listen_tcp(host: str, port: int) -> TcpServerLink:
    """Listen on a TCP port (0 for any free one).

    Raises
    ------
    LinkError
        The port cannot be bound.
    """
    link = TcpServerLink(f"tcpin://{host}:{port}")
    try:
        await link.open(host, port)
    except (OSError, OverflowError) as error:
        raise socket_error(link.name, error) from error
    return link
