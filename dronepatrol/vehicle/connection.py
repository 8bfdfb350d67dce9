"""One link to a vehicle: frames in and out, recorded, given to whoever listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from dronepatrol.clock import unix_now_s
from dronepatrol.errors import ProtocolError
from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import (
    GROUND_STATION_COMPONENT,
    GROUND_STATION_SYSTEM,
    Message,
)

Listener = Callable[[Message], None]
Recorder = Callable[[bytes, float], None]
"""Takes one frame and the calendar time in seconds since 1970."""


class Machine(Protocol):
    """A protocol exchange without I/O, as `connection.drive` runs it."""

    error: ProtocolError | None

    @property
    def finished(self) -> bool:
        """True once it has succeeded or failed."""

    @property
    def next_wakeup_s(self) -> float:
        """Latest time at which `poll` wants to be called."""

    def start(self, now_s: float) -> list[Message]:
        """Return the first messages."""

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take a message, return answers."""

    def poll(self, now_s: float) -> list[Message]:
        """Return what is due without having heard anything."""


class Connection:
    """Sends and receives messages over one transport.

    Parameters
    ----------
    transport
        The link; this object becomes its receiver.
    recorder
        Called with every frame, sent and heard.
    system, component
        Who we are on the link.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        recorder: Recorder | None = None,
        system: int = GROUND_STATION_SYSTEM,
        component: int = GROUND_STATION_COMPONENT,
    ) -> None:
        self.transport = transport
        self.codec = Codec(system, component)
        self.bytes_heard = 0
        self._recorder = recorder
        self._listeners: list[Listener] = []
        self._loop = asyncio.get_running_loop()
        transport.set_receiver(self._receive)

    def add_listener(self, listener: Listener) -> Callable[[], None]:
        """Give every message heard to a function; call the result to stop."""
        self._listeners.append(listener)

        def remove() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return remove

    def send(self, message: Message) -> None:
        """Send one message."""
        frame = self.codec.pack(message)
        if self._recorder is not None:
            self._recorder(frame, unix_now_s())
        self.transport.send(frame)

    def close(self) -> None:
        """Close the link."""
        self._listeners.clear()
        self.transport.close()

    def _receive(self, data: bytes) -> None:
        self.bytes_heard += len(data)
        for message in self.codec.parse(data):
            if self._recorder is not None:
                self._recorder(bytes(message.get_msgbuf()), unix_now_s())
            for listener in tuple(self._listeners):
                listener(message)

    async def drive(self, machine: Machine) -> None:
        """Run a protocol exchange to its end.

        Raises
        ------
        ProtocolError
            The exchange's own error.
        """
        finished = self._loop.create_future()
        timer: asyncio.TimerHandle | None = None

        def emit(messages: list[Message]) -> None:
            nonlocal timer
            for message in messages:
                self.send(message)
            if timer is not None:
                timer.cancel()
            if machine.finished:
                if not finished.done():
                    finished.set_result(None)
            else:
                timer = self._loop.call_at(max(machine.next_wakeup_s, self._loop.time()), wake)

        def wake() -> None:
            emit(machine.poll(self._loop.time()))

        def listen(message: Message) -> None:
            answers = machine.receive(message, self._loop.time())
            if answers or machine.finished:
                emit(answers)

        remove = self.add_listener(listen)
        try:
            emit(machine.start(self._loop.time()))
            await finished
        finally:
            remove()
            if timer is not None:
                timer.cancel()
        if machine.error is not None:
            raise machine.error
