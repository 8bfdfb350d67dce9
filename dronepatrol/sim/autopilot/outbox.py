"""Texts and announcements: what an autopilot says after it has answered."""

from __future__ import annotations

from collections.abc import Callable

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel

TEXT_BYTES = 50
"""Bytes of text in one STATUSTEXT; longer ones are sent in chunks."""
MOST_WAITING = 200
"""Messages kept back at most; the oldest go first, as in ArduPilot's queue of texts."""


class Outbox:
    """Keeps texts and broadcasts back until the answers of the same moment are out, as the real one does.

    Attributes
    ----------
    channels
        The links.
    listeners
        Called with severity and text of each status text, whoever hears it.
    """

    def __init__(self) -> None:
        self.channels: list[Channel] = []
        self.listeners: list[Callable[[int, str], None]] = []
        self._late: list[tuple[Message, Channel | None, bool]] = []
        self._text_id = 0

    def broadcast(self, message: Message) -> None:
        """Send on every link after the answers."""
        self._keep(message, None, spoken=False)

    def text(self, severity: int, text: str, *, only: Channel | None = None) -> None:
        """Send a status text to every client that has spoken, in chunks if it is long."""
        for listener in self.listeners:
            listener(severity, text)
        data = text.encode("utf-8")
        pieces = [data[at : at + TEXT_BYTES] for at in range(0, len(data), TEXT_BYTES)] or [b""]
        number = 0
        if len(pieces) > 1:
            self._text_id = self._text_id % 65535 + 1
            number = self._text_id
        for index, piece in enumerate(pieces):
            message = dialect.MAVLink_statustext_message(severity, piece, number, index)
            self._keep(message, only, spoken=True)

    def spoken(self, message: Message) -> None:
        """Send a message to every client that has spoken."""
        self._keep(message, None, spoken=True)

    def _keep(self, message: Message, only: Channel | None, *, spoken: bool) -> None:
        self._late.append((message, only, spoken))
        if len(self._late) > MOST_WAITING:
            del self._late[0]

    def flush(self) -> None:
        """Send what was kept back, then everything queued on each link."""
        if self._late:
            late, self._late = self._late, []
            for message, only, spoken in late:
                for channel in self.channels if only is None else [only]:
                    if channel.heard or not spoken:
                        channel.send(message)
        for channel in self.channels:
            channel.flush()
