"""What a vehicle is reached by: one link, or several that lead to it."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import Machine
from dronepatrol.mavlink.framing import Frame
from dronepatrol.vehicle.heard import LinkStatus

HEARTBEAT_S = 1.0
"""Between our heartbeats (MAVLink heartbeat protocol: about 1 Hz)."""

FrameListener = Callable[[Frame], None]
Listener = Callable[[Message], None]
Remove = Callable[[], None]
Switched = Callable[[int, str, str], None]
"""Takes the system id, and the names of the link that led to it and of the one that does now."""


class Line(ABC):
    """Sends messages, and gives what is heard to those who asked for it.

    Attributes
    ----------
    exchanges
        Protocol exchanges under way.
    """

    def __init__(self) -> None:
        self.exchanges = 0
        self.closed = False
        self._loop = asyncio.get_running_loop()
        self._to_all: tuple[FrameListener, ...] = ()
        self._by_system: dict[int, tuple[FrameListener, ...]] = {}
        self._switched: list[Switched] = []
        self._holders = 0
        self._heartbeats: asyncio.Task[None] | None = None

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is called in messages to the user."""

    @property
    @abstractmethod
    def own_system(self) -> int:
        """System id that we send under."""

    @abstractmethod
    def send(self, message: Message) -> None:
        """Send one message to the system it names, or to all."""

    @abstractmethod
    def send_frame(self, frame: Frame) -> None:
        """Pass on a frame that somebody else made."""

    @abstractmethod
    def status(self) -> LinkStatus:
        """Return what was heard so far."""

    def subscribe(self, listener: FrameListener, *, system: int | None = None, first: bool = False) -> Remove:
        """Give every frame heard, or those of one system, to a function; call the result to stop.

        Parameters
        ----------
        first
            Before those who asked earlier: for who has to answer.
        """
        if system is None:
            self._to_all = (listener, *self._to_all) if first else (*self._to_all, listener)
        else:
            others = self._by_system.get(system, ())
            self._by_system[system] = (listener, *others) if first else (*others, listener)

        def remove() -> None:
            if system is None:
                self._to_all = _without(self._to_all, listener)
            else:
                self._by_system[system] = _without(self._by_system.get(system, ()), listener)

        return remove

    def add_listener(self, listener: Listener, *, system: int | None = None) -> Remove:
        """Give every message heard, or those of one system, to a function; call the result to stop."""

        def take(frame: Frame) -> None:
            if frame.known:
                listener(frame.message)

        return self.subscribe(take, system=system)

    def dispatch(self, frame: Frame) -> None:
        """Hand one frame to everyone who asked for it."""
        for listener in self._to_all:
            listener(frame)
        for listener in self._by_system.get(frame.system, ()):
            listener(frame)

    def on_switch(self, listener: Switched) -> Remove:
        """Call a function when a vehicle is reached by another link; call the result to stop."""
        self._switched.append(listener)
        return lambda: self._switched.remove(listener)

    def hold_heartbeats(self) -> Remove:
        """Send our heartbeats until the result, and that of every other holder, is called."""
        self._holders += 1
        if self._heartbeats is None:
            self._heartbeats = self._loop.create_task(_send_heartbeats(self))
        released = False

        def release() -> None:
            nonlocal released
            if not released:
                released = True
                self._holders -= 1
                if self._holders == 0:
                    self._stop_heartbeats()

        return release

    def tick(self) -> None:
        """Do what has to be done once a second."""
        return

    @property
    def held(self) -> bool:
        """Whether anybody needs our heartbeats."""
        return self._holders > 0

    def close(self) -> None:
        """Close every link; nothing is heard or sent afterwards."""
        self.closed = True
        self._to_all = ()
        self._by_system.clear()
        self._stop_heartbeats()

    async def drive(
        self,
        machine: Machine,
        *,
        system: int | None = None,
        ended: asyncio.Future[None] | None = None,
    ) -> None:
        """Run a protocol exchange to its end.

        Parameters
        ----------
        system
            Whose messages it is given; None for everybody's.
        ended
            Done when the exchange is; an exception set from outside ends the exchange with it.

        Raises
        ------
        ProtocolError
            The exchange's own error.
        """
        ended = self._loop.create_future() if ended is None else ended
        timer: asyncio.TimerHandle | None = None

        def emit(messages: list[Message]) -> None:
            nonlocal timer
            for message in messages:
                self.send(message)
            if machine.finished:
                if not ended.done():
                    ended.set_result(None)
                return
            at_s = machine.next_wakeup_s
            # A timer that comes too early only looks again: cheaper than a new one after each message.
            if timer is None or at_s < timer.when():
                if timer is not None:
                    timer.cancel()
                timer = self._loop.call_at(max(at_s, self._loop.time()), wake)

        def wake() -> None:
            nonlocal timer
            timer = None
            if not ended.done():
                emit(machine.poll(self._loop.time()))

        def listen(frame: Frame) -> None:
            if frame.known and not ended.done():
                answers = machine.receive(frame.message, self._loop.time())
                if answers or machine.finished:
                    emit(answers)

        remove = self.subscribe(listen, system=system, first=True)
        self.exchanges += 1
        try:
            emit(machine.start(self._loop.time()))
            await ended
        finally:
            self.exchanges -= 1
            remove()
            if timer is not None:
                timer.cancel()
        if machine.error is not None:
            raise machine.error

    def _stop_heartbeats(self) -> None:
        if self._heartbeats is not None:
            self._heartbeats.cancel()
            self._heartbeats = None


def _without(listeners: tuple[FrameListener, ...], listener: FrameListener) -> tuple[FrameListener, ...]:
    kept = list(listeners)
    if listener in kept:
        kept.remove(listener)
    return tuple(kept)


async def _send_heartbeats(line: Line) -> None:
    while True:
        line.tick()
        line.send(
            dialect.MAVLink_heartbeat_message(
                dialect.MAV_TYPE_GCS, dialect.MAV_AUTOPILOT_INVALID, 0, 0, dialect.MAV_STATE_ACTIVE, 3
            )
        )
        await asyncio.sleep(HEARTBEAT_S)
