"""One MAVLink channel of a simulated autopilot."""

from __future__ import annotations

from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message

Packet = tuple["Channel", Message]


class Channel:
    """A link with its own sequence numbers and stream rates; messages leave once per step, together.

    Attributes
    ----------
    inbox
        Messages heard since the last step.
    heard
        A client has sent a valid frame; status texts go only to such channels.
    intervals_s, due_s
        By message id: the stream interval and when it is next due.
    """

    def __init__(self, transport: Transport, system: int) -> None:
        self.transport = transport
        self.codec = Codec(system, AUTOPILOT_COMPONENT)
        self.inbox: list[Message] = []
        self.heard = False
        self.intervals_s: dict[int, float] = {}
        self.due_s: dict[int, float] = {}
        self._outbox: list[bytes] = []
        transport.set_receiver(self._receive)

    def _receive(self, data: bytes) -> None:
        messages = self.codec.parse(data)
        if messages:
            self.heard = True
            self.inbox += messages

    def send(self, message: Message) -> None:
        """Queue a message for the end of this step."""
        self._outbox.append(self.codec.pack(message))

    def flush(self) -> None:
        """Send what is queued as one piece."""
        if self._outbox:
            self.transport.send(b"".join(self._outbox))
            self._outbox.clear()

    def set_interval(self, number: int, interval_s: float, now_s: float) -> None:
        """Stream a message type at an interval; 0 or less stops it."""
        if interval_s > 0.0:
            self.intervals_s[number] = interval_s
            self.due_s[number] = now_s + interval_s
        else:
            self.intervals_s.pop(number, None)
            self.due_s.pop(number, None)

    def take_due(self, now_s: float) -> list[int]:
        """Return the message ids that are due, and schedule each one's next time."""
        due = [number for number, at_s in self.due_s.items() if at_s <= now_s + 1e-9]
        for number in due:
            interval_s = self.intervals_s[number]
            next_s = self.due_s[number] + interval_s
            self.due_s[number] = next_s if next_s > now_s else now_s + interval_s
        return due
