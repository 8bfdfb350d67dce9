"""What all exchanges with a vehicle share: whom they are with, when they wake, how they end.

An exchange does no I/O: messages and the time go in, messages to send come out. ``next_wakeup_s`` says when
`poll` wants to be called if nothing is heard before; once ``finished``, either ``done`` is true or ``error``
says why not.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.dialect import Message
from dronepatrol.mavlink.round_trip import RoundTrip

SILENCE_S = 10.0
"""Time without any progress after which an exchange has failed: longer than ArduPilot's own 8 s."""
SILENCE_ATTEMPTS = 20
"""An exchange on a slow link gives up only after so many time-outs. A question is repeated at least 13 times
in them, and 0.51 to the 13th is 2 in 10,000, where 30 % of the frames are lost each way."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an exchange is with."""

    system: int
    component: int


class Machine(Protocol):
    """Anything that can be driven over a link: an exchange, or several in a row."""

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


class Exchange(ABC):
    """One exchange with a vehicle.

    Parameters
    ----------
    target
        The vehicle.
    own_system
        Who we are, if answers to other clients can be heard on the link; None takes all for ours.
    round_trip
        What is known of the link; shared between exchanges so that each begins with what was learnt.
    patience_s
        Time without progress after which it fails, longer on a link that is slower than that.
    """

    def __init__(
        self,
        target: Target,
        *,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = SILENCE_S,
    ) -> None:
        self.target = target
        self.own_system = own_system
        self.round_trip = round_trip or RoundTrip()
        self.patience_s = patience_s
        self.done = False
        self.error: ProtocolError | None = None
        self._progress_s = 0.0
        self._resend_s = 0.0

    @property
    def finished(self) -> bool:
        """True once the exchange succeeded or failed."""
        return self.done or self.error is not None

    @property
    def deadline_s(self) -> float:
        """When it fails if nothing is heard before."""
        return self._progress_s + max(self.patience_s, SILENCE_ATTEMPTS * self.round_trip.timeout_s())

    @property
    def next_wakeup_s(self) -> float:
        """Latest time at which `poll` wants to be called."""
        return min(self._resend_s, self.deadline_s)

    @abstractmethod
    def start(self, now_s: float) -> list[Message]:
        """Return the messages that open the exchange."""

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take one message and return the answers; those of others are passed over."""
        if self.finished or not self._is_ours(message):
            return []
        return self._take(message, now_s)

    def poll(self, now_s: float) -> list[Message]:
        """Return what to send again because nothing was heard; set `error` once it has been too long."""
        if self.finished:
            return []
        # The sums are those of next_wakeup_s: a difference could round to just below the limit, and a
        # caller on a virtual clock would then be woken at the same instant for ever.
        if now_s >= self.deadline_s:
            self.error = self._silence_error()
            return []
        return self._resend(now_s) if now_s >= self._resend_s else []

    @abstractmethod
    def _take(self, message: Message, now_s: float) -> list[Message]:
        """Take a message from the target."""

    @abstractmethod
    def _resend(self, now_s: float) -> list[Message]:
        """Return what is due again and move `_resend_s` into the future."""

    @abstractmethod
    def _silence_text(self) -> str:
        """Say how far the exchange came."""

    def _silence_error(self) -> ProtocolError:
        return ProtocolTimeoutError(self._silence_text())

    def _is_ours(self, message: Message) -> bool:
        meant_for_us = self.own_system is None or getattr(message, "target_system", 0) in (0, self.own_system)
        return meant_for_us and message.get_srcSystem() == self.target.system


class Steps(ABC):
    """Several machines in a row as one: the next is chosen by what became of the one before.

    Subclasses write `_steps` as a generator that yields machines; each is driven to its end before the
    generator goes on. A machine's own error does not end the whole; `_steps` reads it and decides.
    """

    def __init__(self) -> None:
        self.done = False
        self.error: ProtocolError | None = None
        self._running: Generator[Machine, None, None] | None = None
        self._machine: Machine | None = None

    @abstractmethod
    def _steps(self) -> Generator[Machine, None, None]:
        """Yield machines; set `done` or `error` before returning."""

    @property
    def finished(self) -> bool:
        """True once the last step has ended."""
        return self.done or self.error is not None

    @property
    def next_wakeup_s(self) -> float:
        """Latest time at which `poll` wants to be called."""
        return float("inf") if self._machine is None else self._machine.next_wakeup_s

    def start(self, now_s: float) -> list[Message]:
        """Return the first messages of the first step."""
        self._running = self._steps()
        return self._advance(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Give a message to the present step; go on to the next if that ends it."""
        if self.finished or self._machine is None:
            return []
        return self._after(self._machine.receive(message, now_s), now_s)

    def poll(self, now_s: float) -> list[Message]:
        """Wake the present step."""
        if self.finished or self._machine is None:
            return []
        return self._after(self._machine.poll(now_s), now_s)

    def _after(self, messages: list[Message], now_s: float) -> list[Message]:
        if self._machine is not None and self._machine.finished:
            messages = messages + self._advance(now_s)
        return messages

    def _advance(self, now_s: float) -> list[Message]:
        messages: list[Message] = []
        while self._running is not None:
            self._machine = next(self._running, None)
            if self._machine is None:
                self._running = None
                break
            messages += self._machine.start(now_s)
            if not self._machine.finished:
                break
        return messages
