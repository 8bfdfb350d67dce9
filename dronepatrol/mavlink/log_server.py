"""The vehicle's side of log download, without I/O.

Requests and the time go in, messages to send come out. What a client can see follows ArduPilot's
`AP_Logger_MAVLinkLogTransfer.cpp`: logs are numbered from 1, one is sent at a time, and a new
request for data replaces the one under way. Source of the messages:
https://mavlink.io/en/messages/common.html#LOG_REQUEST_LIST.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dronepatrol.mavlink.dialect import Message, dialect

CHUNK_BYTES = 90
"""Data of one LOG_DATA."""
RATE_BYTES_PER_S = 200_000.0
"""What is sent of a log, so that other messages find room."""
BURST_S = 0.02
"""Data is sent in bursts this long."""
LOGGING_ID = dialect.MAVLINK_MSG_ID_LOG_DATA


@dataclass(frozen=True, slots=True)
class StoredLog:
    """One log of a vehicle.

    Attributes
    ----------
    size
        Bytes; a log that is being written may grow.
    read
        Returns bytes from an offset, at most as many as asked for.
    time_utc_s
        When it was last written, in seconds since 1970; 0 if not known.
    """

    size: int
    read: Callable[[int, int], bytes]
    time_utc_s: int = 0

    @classmethod
    def of_bytes(cls, data: bytes, time_utc_s: int = 0) -> StoredLog:
        """Return a log that does not change."""
        return cls(len(data), lambda offset, count: data[offset : offset + count], time_utc_s)


Logs = Callable[[], Sequence[StoredLog]]
"""Returns the logs there are, oldest first."""


@dataclass(slots=True)
class _Sending:
    number: int
    offset: int
    end: int
    due_s: float


class LogServer:
    """Serves the logs of one vehicle.

    Parameters
    ----------
    logs
        What there is at the moment.
    rate_bytes_per_s
        How fast data is sent.

    Attributes
    ----------
    handled
        Names of the messages that `receive` takes.
    """

    handled = frozenset({"LOG_REQUEST_LIST", "LOG_REQUEST_DATA", "LOG_REQUEST_END", "LOG_ERASE"})

    def __init__(
        self,
        logs: Logs,
        *,
        rate_bytes_per_s: float = RATE_BYTES_PER_S,
        erase: Callable[[], None] | None = None,
    ) -> None:
        self._logs = logs
        self._rate_bytes_per_s = rate_bytes_per_s
        self._erase = erase
        self._sending: _Sending | None = None

    @property
    def busy(self) -> bool:
        """Whether data is being sent."""
        return self._sending is not None

    @property
    def next_wakeup_s(self) -> float:
        """When `poll` wants to be called; infinity while nothing is sent."""
        return math.inf if self._sending is None else self._sending.due_s

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take a message for this vehicle and return the answers; others give none."""
        kind = message.get_type()
        if kind == "LOG_REQUEST_LIST":
            return [] if self._sending else self._list(message.start, message.end)
        if kind == "LOG_REQUEST_DATA":
            return self._begin(message.id, message.ofs, message.count, now_s)
        if kind == "LOG_REQUEST_END":
            self._sending = None
        elif kind == "LOG_ERASE" and self._erase is not None:
            self._sending = None
            self._erase()
        return []

    def _list(self, start: int, end: int) -> list[Message]:
        logs = self._logs()
        if not logs:
            return [dialect.MAVLink_log_entry_message(0, 0, 0, 0, 0)]
        first, last = max(start, 1), min(end, len(logs))
        return [
            dialect.MAVLink_log_entry_message(
                number, len(logs), len(logs), logs[number - 1].time_utc_s, logs[number - 1].size
            )
            for number in range(first, last + 1)
        ]

    def _begin(self, number: int, offset: int, count: int, now_s: float) -> list[Message]:
        logs = self._logs()
        self._sending = None
        if not 1 <= number <= len(logs):
            return []
        end = min(offset + count, logs[number - 1].size)
        self._sending = _Sending(number, offset, end, now_s)
        return self.poll(now_s)

    def poll(self, now_s: float) -> list[Message]:
        """Return the data that is due."""
        sending = self._sending
        if sending is None or now_s < sending.due_s:
            return []
        logs = self._logs()
        if sending.number > len(logs):
            self._sending = None
            return []
        sending.due_s = now_s + BURST_S
        chunks = max(1, int(self._rate_bytes_per_s * BURST_S / CHUNK_BYTES))
        messages = []
        while chunks and self._sending is not None:
            messages.append(self._chunk(sending, logs[sending.number - 1]))
            chunks -= 1
        return messages

    def _chunk(self, sending: _Sending, log: StoredLog) -> Message:
        """Return the next data; less than a chunk, or none, ends the request."""
        wanted = min(CHUNK_BYTES, max(sending.end - sending.offset, 0))
        data = log.read(sending.offset, wanted) if wanted else b""
        message = dialect.MAVLink_log_data_message(
            sending.number, sending.offset, len(data), list(data.ljust(CHUNK_BYTES, b"\0"))
        )
        sending.offset += len(data)
        if len(data) < CHUNK_BYTES or sending.offset >= sending.end:
            self._sending = None
        return message
