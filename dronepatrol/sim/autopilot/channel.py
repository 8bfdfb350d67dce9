"""One MAVLink channel of a simulated autopilot."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable

from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message
from dronepatrol.mavlink.signing import Signing
from dronepatrol.sim.motion import DEFAULT_DT_S

READ_BYTES = 4096
"""Bytes of one channel that are parsed in one step: 80 kB/s at 20 steps a second, far above any client's
traffic."""
BACKLOG_BYTES = 65536
"""Bytes that wait to be parsed; what a flood brings beyond is dropped and counted."""
LONGEST_INTERVAL_S = 60.0
_EARLY_S = 1e-9
_LONGEST_GAP_S = 0.5
"""After a longer pause of the simulation what was due in it is left out."""


class Channel:
    """A link with its own sequence numbers, stream rates and signing key; messages leave once per step,
    together.

    Attributes
    ----------
    heard
        A client has sent a valid frame; status texts go only to such channels.
    intervals_s, due_s
        By message id: the stream interval and when it is next due.
    bytes_dropped
        Bytes thrown away because more came than is read.
    unsendable
        Messages that could not be packed: absurd parameters can lead a drone beyond what fields hold.
    on_data
        Called when bytes came and may still be read in this step.
    """

    def __init__(self, transport: Transport, system: int, number: int = 0) -> None:
        self.transport = transport
        self.number = number
        self.codec = Codec(system, AUTOPILOT_COMPONENT)
        self.signing = Signing(self.codec, number)
        self.heard = False
        self.intervals_s: dict[int, float] = {}
        self.due_s: dict[int, float] = {}
        self.bytes_dropped = 0
        self.unsendable = 0
        self.on_data: Callable[[Channel], None] | None = None
        self._allowance = READ_BYTES
        self._backlog = bytearray()
        self._outbox: list[bytes] = []
        self._next_due_s = math.inf
        transport.set_receiver(self._receive)

    def _receive(self, data: bytes) -> None:
        room = BACKLOG_BYTES - len(self._backlog)
        if len(data) > room:
            self.bytes_dropped += len(data) - room
            data = data[:room]
        self._backlog += data
        if self._allowance > 0 and self.on_data is not None:
            self.on_data(self)

    def new_step(self) -> None:
        """Allow the next bytes to be read."""
        self._allowance = READ_BYTES

    @property
    def waiting(self) -> bool:
        """Whether there is something to read."""
        return bool(self._backlog)

    def read(self) -> list[Message]:
        """Return the messages that a bounded part of what was heard completes."""
        size = min(self._allowance, len(self._backlog))
        self._allowance -= size
        part = bytes(self._backlog[:size])
        del self._backlog[:size]
        messages = self.codec.parse(part)
        if messages:
            self.heard = True
        return messages

    def send(self, message: Message) -> None:
        """Queue a message for the end of this step; one whose numbers do not fit their fields is left out."""
        try:
            self._outbox.append(self.codec.pack(message))
        except struct.error:
            self.unsendable += 1

    def flush(self) -> None:
        """Send what is queued as one piece."""
        if self._outbox:
            self.transport.send(b"".join(self._outbox))
            self._outbox.clear()

    def set_interval(self, number: int, interval_s: float, now_s: float) -> None:
        """Stream a message type at an interval; 0 or less stops it.

        Types of one interval are sent together, as ArduPilot's buckets of deferred messages are. Each system
        begins in a step of its own: a fleet that is asked at once does not answer in one burst.
        """
        if interval_s > 0.0:
            kept_s = min(interval_s, LONGEST_INTERVAL_S)
            companions = (other for other, each_s in self.intervals_s.items() if each_s == kept_s)
            companion = next(companions, None)
            first_s = now_s + kept_s - round(self.codec.system * DEFAULT_DT_S, 9) % kept_s
            self.due_s[number] = first_s if companion is None else self.due_s[companion]
            self.intervals_s[number] = kept_s
        else:
            self.intervals_s.pop(number, None)
            self.due_s.pop(number, None)
        self._next_due_s = min(self.due_s.values(), default=math.inf)

    def silence(self) -> None:
        """Forget stream rates and what was heard, as after power-on."""
        self.intervals_s.clear()
        self.due_s.clear()
        self._next_due_s = math.inf
        self.heard = False
        self._backlog.clear()
        self._outbox.clear()

    def take_due(self, now_s: float) -> list[tuple[float, int]]:
        """Return when each message that fell due since the last step was due, in order, and schedule the
        next ones.

        A type whose interval is shorter than the step comes several times.
        """
        latest_s = now_s + _EARLY_S
        if latest_s < self._next_due_s:
            return []
        taken: list[tuple[float, int]] = []
        next_due_s = math.inf
        for number, due_s in self.due_s.items():
            if due_s <= latest_s:
                interval_s = self.intervals_s[number]
                if now_s - due_s > _LONGEST_GAP_S:
                    due_s = now_s
                while due_s <= latest_s:
                    taken.append((due_s, number))
                    due_s += interval_s
                self.due_s[number] = due_s
            if due_s < next_due_s:
                next_due_s = due_s
        self._next_due_s = next_due_s
        if len(taken) > 1 and taken[0][0] != taken[-1][0]:
            taken.sort(key=_when)
        return taken


def _when(entry: tuple[float, int]) -> float:
    return entry[0]
