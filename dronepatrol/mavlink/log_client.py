"""Downloading an autopilot's own logs, without I/O.

Source: https://mavlink.io/en/messages/common.html#LOG_REQUEST_LIST; there is no description of the service
beyond its messages. A request for data replaces the one under way, so gaps are filled only once the vehicle
has stopped sending; gaps that lie close together are asked for as one, because a question costs a round
trip in which the vehicle could have sent many pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

from dronepatrol.errors import ProtocolError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import Exchange, Target
from dronepatrol.mavlink.log_server import CHUNK_BYTES
from dronepatrol.mavlink.round_trip import RoundTrip

ALL = 0xFFFF
PAUSE_S = 0.3
"""Shortest silence that means that the vehicle has sent what was asked for."""
BLOCK_CHUNKS = 4096
"""Pieces asked for at a time: a lost request or a dead link costs no more than one block's bookkeeping."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One log in a vehicle's list.

    Attributes
    ----------
    number
        By which it is asked for.
    time_utc_s
        When it was written, in seconds since 1970; 0 if the vehicle does not know.
    """

    number: int
    size: int
    time_utc_s: int


class LogList(Exchange):
    """Reads the list of logs; `entries` is complete once done."""

    def __init__(
        self, target: Target, *, round_trip: RoundTrip | None = None, patience_s: float = 10.0
    ) -> None:
        super().__init__(target, round_trip=round_trip, patience_s=patience_s)
        self._entries: dict[int, LogEntry] = {}
        self._expected: range | None = None
        self._attempt = 0

    @property
    def entries(self) -> list[LogEntry]:
        """What was received so far, by number."""
        return [self._entries[number] for number in sorted(self._entries)]

    def start(self, now_s: float) -> list[Message]:
        """Return the LOG_REQUEST_LIST."""
        self._progress_s = now_s
        return self._resend(now_s)

    def _resend(self, now_s: float) -> list[Message]:
        self._resend_s = now_s + max(PAUSE_S, self.round_trip.timeout_s(self._attempt))
        self._attempt += 1
        first, last = self._missing()
        return [
            dialect.MAVLink_log_request_list_message(self.target.system, self.target.component, first, last)
        ]

    def _missing(self) -> tuple[int, int]:
        """Return the ends of what is missing."""
        if self._expected is None:
            return 0, ALL
        numbers = [number for number in self._expected if number not in self._entries]
        return numbers[0], numbers[-1]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        if message.get_type() != "LOG_ENTRY":
            return []
        self._progress_s = now_s
        self._attempt = 0
        self._resend_s = now_s + max(PAUSE_S, self.round_trip.timeout_s())
        if message.num_logs == 0:
            self.done = True
            return []
        self._expected = range(message.last_log_num - message.num_logs + 1, message.last_log_num + 1)
        if message.id in self._expected:
            self._entries[message.id] = LogEntry(message.id, message.size, message.time_utc)
        self.done = all(number in self._entries for number in self._expected)
        return []

    def _silence_text(self) -> str:
        count = "an unknown number of" if self._expected is None else str(len(self._expected))
        return f"the vehicle told {len(self._entries)} of {count} logs"


class LogDownload(Exchange):
    """Reads one log; `data` is complete once done.

    Attributes
    ----------
    requests
        Requests for data sent so far.
    """

    def __init__(
        self,
        entry: LogEntry,
        target: Target,
        *,
        round_trip: RoundTrip | None = None,
        patience_s: float = 10.0,
    ) -> None:
        super().__init__(target, round_trip=round_trip, patience_s=patience_s)
        self.entry = entry
        self.requests = 0
        self._size = entry.size
        self._buffer = bytearray(entry.size)
        self._have = bytearray(self._chunks)
        self._left = self._chunks
        self._base = 0
        self._asked: tuple[int, int] = (0, 0)
        self._asked_s = 0.0
        self._answered = False
        self._attempt = 0
        self._heard_s = 0.0
        self._spacing_s = CHUNK_BYTES / 50_000.0

    @property
    def _chunks(self) -> int:
        return -(-self._size // CHUNK_BYTES)

    @property
    def data(self) -> bytes:
        """The log; zeros stand for what is missing."""
        return bytes(self._buffer)

    @property
    def progress(self) -> float:
        """Share of the log that was received, 0 to 1."""
        return 1.0 if not self._chunks else 1.0 - self._left / self._chunks

    def start(self, now_s: float) -> list[Message]:
        """Return the first LOG_REQUEST_DATA."""
        self._progress_s = now_s
        if not self._left:
            return self._finish()
        return self._ask(now_s)

    def cancel(self, now_s: float) -> list[Message]:
        """Stop the vehicle's sending; `error` then says how far it came."""
        if self.finished:
            return []
        self.error = ProtocolError(f"cancelled: {self._silence_text()}")
        return [self._end_message()]

    def _finish(self) -> list[Message]:
        self.done = True
        return [self._end_message()]

    def _end_message(self) -> Message:
        return dialect.MAVLink_log_request_end_message(self.target.system, self.target.component)

    def _ask(self, now_s: float) -> list[Message]:
        """Ask for the next run of missing pieces, joined with those after it that are near."""
        first, last = self._next_run()
        self._asked = (first, last)
        self._asked_s = now_s
        self._answered = False
        self._resend_s = now_s + max(PAUSE_S, self.round_trip.timeout_s(self._attempt))
        self._attempt += 1
        self.requests += 1
        count = (last - first + 1) * CHUNK_BYTES
        return [
            dialect.MAVLink_log_request_data_message(
                self.target.system, self.target.component, self.entry.number, first * CHUNK_BYTES, count
            )
        ]

    def _next_run(self) -> tuple[int, int]:
        have = self._have
        first = have.find(0, self._base)
        self._base = first
        # What comes within a round trip anyway may be sent twice.
        near = max(1, int(self.round_trip.timeout_s() / self._spacing_s))
        limit = min(first + BLOCK_CHUNKS, len(have))
        last = first
        while last + 1 < limit:
            following = have.find(0, last + 1, min(last + 1 + near, limit))
            if following < 0:
                break
            last = following
        return first, last

    def _resend(self, now_s: float) -> list[Message]:
        return self._ask(now_s)

    def _take(self, message: Message, now_s: float) -> list[Message]:
        if message.get_type() != "LOG_DATA" or message.id != self.entry.number:
            return []
        chunk, rest = divmod(message.ofs, CHUNK_BYTES)
        if rest or chunk >= len(self._have):
            return []
        count = min(message.count, CHUNK_BYTES)
        short = count < min(CHUNK_BYTES, self._size - message.ofs)
        if short:
            return self._shorten(message.ofs + count, now_s)
        self._note_pace(chunk, now_s)
        if not self._have[chunk]:
            self._have[chunk] = 1
            self._left -= 1
            self._progress_s = now_s
            self._buffer[message.ofs : message.ofs + count] = bytes(message.data[:count])
        if not self._left:
            return self._finish()
        if chunk == self._asked[1] and self._asked[0] <= chunk:
            return self._ask(now_s)
        self._resend_s = now_s + max(PAUSE_S, self.round_trip.timeout_s())
        return []

    def _note_pace(self, chunk: int, now_s: float) -> None:
        if not self._answered and self._asked[0] <= chunk <= self._asked[1]:
            self._answered = True
            self._attempt = 0
            if chunk == self._asked[0]:
                self.round_trip.answered([self._asked_s], now_s)
        elif now_s > self._heard_s:
            pieces = max(chunk - self._asked[0], 1)
            self._spacing_s = max((now_s - self._asked_s) / pieces, 1e-5)
        self._heard_s = now_s

    def _shorten(self, size: int, now_s: float) -> list[Message]:
        """Take the log for shorter than the list said: the vehicle cannot read further."""
        del self._buffer[size:]
        self._size = size
        del self._have[self._chunks :]
        self._left = self._have.count(0)
        self._progress_s = now_s
        return self._finish() if not self._left else self._ask(now_s)

    def _silence_text(self) -> str:
        got = self._chunks - self._left
        return f"the vehicle sent {got} of {self._chunks} pieces of log {self.entry.number}"
