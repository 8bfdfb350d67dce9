"""STATUSTEXT messages put together again, without I/O.

A long text comes in chunks of 50 bytes with a common id; the last one is shorter, or filled up with zeros.
Source: https://mavlink.io/en/messages/common.html#STATUSTEXT. What a lossy link leaves of a text is still
worth reading, so it is given out with a mark where a piece is missing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dronepatrol.mavlink.dialect import Message

CHUNK_BYTES = 50
COMPLETE_S = 2.0
"""Wait for further chunks after the latest one."""
REMEMBERED_S = 10.0
"""How long chunks of a text that has been given out are recognised as late."""
REPEATED_S = 0.5
"""A frame with the same number and text within this is one that the link repeated."""
GAP = "…"

_Source = tuple[int, int]
_Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class StatusText:
    """A text of a vehicle.

    Attributes
    ----------
    severity
        MAV_SEVERITY.
    complete
        False if chunks were lost; the text then has an ellipsis for each gap.
    """

    severity: int
    text: str
    system: int
    component: int
    complete: bool = True


@dataclass(slots=True)
class _Partial:
    severity: int
    heard_s: float
    chunks: dict[int, bytes] = field(default_factory=dict)

    @property
    def last(self) -> int | None:
        """Number of the chunk that ends the text, if it was heard."""
        return next((seq for seq, data in self.chunks.items() if len(data) < CHUNK_BYTES), None)

    @property
    def whole(self) -> bool:
        return self.last is not None and len(self.chunks) > self.last

    def joined(self) -> tuple[str, bool]:
        """Return the text, and whether nothing is known to be missing."""
        highest = max(self.chunks)
        text, run = "", b""
        for seq in range(highest + 1):
            if seq in self.chunks:
                run += self.chunks[seq]
            else:
                text += _decoded(run) + ("" if text.endswith(GAP) and not run else GAP)
                run = b""
        # A text whose length is a multiple of 50 may come without a chunk that ends it.
        return text + _decoded(run), len(self.chunks) == highest + 1


class TextJoiner:
    """Joins the texts of all vehicles on a link; call `poll` when `next_wakeup_s` comes."""

    def __init__(self) -> None:
        self._partial: dict[_Key, _Partial] = {}
        self._given: dict[_Key, float] = {}
        self._latest: dict[_Source, tuple[int, bytes, float]] = {}

    @property
    def next_wakeup_s(self) -> float:
        """When an unfinished text is given out as it is; infinity if there is none."""
        return min((p.heard_s + COMPLETE_S for p in self._partial.values()), default=math.inf)

    def receive(self, message: Message, now_s: float) -> list[StatusText]:
        """Take a message; return the texts that are finished by it or by the time."""
        texts = self.poll(now_s)
        if message.get_type() != "STATUSTEXT":
            return texts
        source = (message.get_srcSystem(), message.get_srcComponent())
        data = _raw(message)
        if message.id == 0:
            if not self._is_repeat(source, message.get_seq(), data, now_s):
                texts.append(StatusText(message.severity, _decoded(data), *source))
            return texts
        return texts + self._take_chunk((*source, message.id), message, data, now_s)

    def _take_chunk(self, key: _Key, message: Message, data: bytes, now_s: float) -> list[StatusText]:
        if now_s < self._given.get(key, -math.inf) + REMEMBERED_S:
            return []
        partial = self._partial.setdefault(key, _Partial(message.severity, now_s))
        partial.chunks.setdefault(message.chunk_seq, data)
        partial.heard_s = now_s
        return [self._give(key, now_s)] if partial.whole else []

    def poll(self, now_s: float) -> list[StatusText]:
        """Return texts whose missing chunks are waited for no longer."""
        late = [key for key, partial in self._partial.items() if now_s >= partial.heard_s + COMPLETE_S]
        return [self._give(key, now_s) for key in late]

    def _give(self, key: _Key, now_s: float) -> StatusText:
        partial = self._partial.pop(key)
        self._given = {k: at for k, at in self._given.items() if now_s < at + REMEMBERED_S}
        self._given[key] = now_s
        text, complete = partial.joined()
        return StatusText(partial.severity, text, key[0], key[1], complete)

    def _is_repeat(self, source: _Source, number: int, data: bytes, now_s: float) -> bool:
        before = self._latest.get(source)
        self._latest[source] = (number, data, now_s)
        return before is not None and before[:2] == (number, data) and now_s < before[2] + REPEATED_S


def _raw(message: Message) -> bytes:
    """Return the bytes of a text: a character of several bytes may lie across two chunks."""
    raw = message._text_raw
    data = raw if isinstance(raw, bytes) else str(raw).encode()
    return data.split(b"\0", 1)[0]


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "replace")
