"""A bad link: frames lost, late, repeated, out of order, damaged, queued and cut off, by a seed."""

from __future__ import annotations

import asyncio
import heapq
import math
import random
from dataclasses import dataclass, field

from dronepatrol.link.framing import FrameSplitter
from dronepatrol.link.transport import Receiver, Transport


@dataclass(frozen=True, slots=True)
class Impairment:
    """What one direction of a link does to each frame.

    Attributes
    ----------
    loss, duplicate, reorder, corrupt
        Probabilities from 0 to 1 that a frame is lost, arrives twice, is overtaken by those after it, or
        has one byte changed.
    delay_s, jitter_s
        Every frame takes the delay and up to the jitter more, evenly spread. Jitter alone keeps the order, as
        a queue does.
    reorder_s
        How much longer a frame takes that is overtaken.
    rate_bytes_per_s
        What the link carries; more waits in a queue.
    queue_bytes
        Room in that queue; what does not fit is lost.
    outages_s
        Pairs of times (start, end), in seconds on the clock of the link's loop since the link was made,
        between which every frame sent is lost.
    """

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0
    reorder_s: float = 0.1
    rate_bytes_per_s: float = math.inf
    queue_bytes: int = 16384
    outages_s: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("loss", "duplicate", "reorder", "corrupt"):
            value = getattr(self, name)
            if not 0.0 <= value <= 1.0:
                raise ValueError(f"{name} is a probability from 0 to 1, got {value}")
        for name in ("delay_s", "jitter_s", "reorder_s", "queue_bytes"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ValueError(f"{name} must be 0 or more, got {value}")
        if not self.rate_bytes_per_s > 0.0:
            raise ValueError(f"rate_bytes_per_s must be above 0, got {self.rate_bytes_per_s}")
        for start_s, end_s in self.outages_s:
            if not start_s <= end_s:
                raise ValueError(f"an outage from {start_s} to {end_s} s ends before it starts")


PERFECT = Impairment()


@dataclass(slots=True)
class Counts:
    """What became of the frames of one direction so far.

    Attributes
    ----------
    frames, bytes
        All that were sent into the link.
    lost, overflowed, cut
        Lost by chance, for want of room in the queue, and in an outage.
    duplicated, reordered, corrupted
        What happened to those that came through.
    delivered
        Frames that came out at the other end, repeats included.
    """

    frames: int = 0
    bytes: int = 0
    lost: int = 0
    overflowed: int = 0
    cut: int = 0
    duplicated: int = 0
    reordered: int = 0
    corrupted: int = 0
    delivered: int = 0


@dataclass(slots=True)
class Lane:
    """One direction of an impaired link.

    Parameters
    ----------
    impairment
        What it does.
    seed
        Equal seeds make equal decisions for equal bytes at equal times.
    deliver
        Takes what comes out.
    """

    impairment: Impairment
    seed: str
    deliver: Receiver
    counts: Counts = field(default_factory=Counts)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _splitter: FrameSplitter = field(default_factory=FrameSplitter)
    _random: random.Random = field(init=False)
    _made_s: float = field(init=False)
    _free_s: float = -math.inf
    _last_s: float = -math.inf
    _number: int = 0
    _coming: list[tuple[float, int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._made_s = self._loop.time()

    def take(self, data: bytes) -> None:
        """Send bytes into the lane."""
        for frame in self._splitter.feed(data):
            self._take_frame(frame, self._loop.time())

    def _take_frame(self, frame: bytes, now_s: float) -> None:
        it, counts, chance = self.impairment, self.counts, self._random.random
        counts.frames += 1
        counts.bytes += len(frame)
        # Every decision is drawn for every frame, so that changing one figure leaves the other draws alone.
        lost, twice, late, broken = (
            chance() < it.loss,
            chance() < it.duplicate,
            chance() < it.reorder,
            chance() < it.corrupt,
        )
        delay_s = it.delay_s + it.jitter_s * chance()
        place, change = chance(), chance()
        if any(start_s <= now_s - self._made_s < end_s for start_s, end_s in it.outages_s):
            counts.cut += 1
            return
        sent_s = self._through_queue(len(frame), now_s)
        if sent_s is None:
            counts.overflowed += 1
            return
        if lost:
            counts.lost += 1
            return
        if broken:
            counts.corrupted += 1
            frame = _damaged(frame, place, change)
        at_s = max(sent_s + delay_s, self._last_s)
        if late:
            counts.reordered += 1
            at_s += it.reorder_s
        else:
            self._last_s = at_s
        self._schedule(at_s, frame)
        if twice:
            counts.duplicated += 1
            self._schedule(at_s, frame)

    def _through_queue(self, size: int, now_s: float) -> float | None:
        """Return when the last byte leaves, None if there is no room to wait."""
        rate = self.impairment.rate_bytes_per_s
        if rate == math.inf:
            return now_s
        waiting_s = max(self._free_s - now_s, 0.0)
        # The frame being sent has left the queue already, so an empty lane takes a frame of any size.
        if waiting_s > 0.0 and waiting_s * rate + size > self.impairment.queue_bytes:
            return None
        self._free_s = now_s + waiting_s + size / rate
        return self._free_s

    def _schedule(self, at_s: float, frame: bytes) -> None:
        self._number += 1
        heapq.heappush(self._coming, (at_s, self._number, frame))
        if at_s <= self._loop.time():
            self._loop.call_soon(self._deliver_due)
        else:
            self._loop.call_at(at_s, self._deliver_due)

    def _deliver_due(self) -> None:
        """Give out what is due, glued together: one call may find nothing left by the one before."""
        now_s = self._loop.time() + 1e-9
        due = []
        while self._coming and self._coming[0][0] <= now_s:
            due.append(heapq.heappop(self._coming)[2])
        if due:
            self.counts.delivered += len(due)
            self.deliver(b"".join(due))


class ImpairedLink:
    """A transport whose both directions suffer.

    Wrap one end of a link; the other end feels it too. Frames that travel glued together are treated one
    by one.

    Parameters
    ----------
    inner
        The link itself.
    outgoing, incoming
        What happens to frames sent at this end, and to those heard at it.
    seed
        Equal seeds make equal links; each direction and each name draws its own numbers.
    """

    def __init__(
        self,
        inner: Transport,
        *,
        outgoing: Impairment = PERFECT,
        incoming: Impairment = PERFECT,
        seed: int = 0,
    ) -> None:
        self.name = inner.name
        self._inner = inner
        self._receiver: Receiver | None = None
        self._closed = False
        self._out = Lane(outgoing, f"{seed}/{inner.name}/out", self._send_on)
        self._in = Lane(incoming, f"{seed}/{inner.name}/in", self._hand_over)
        inner.set_receiver(self._in.take)

    @property
    def sent(self) -> Counts:
        """What became of the frames sent at this end."""
        return self._out.counts

    @property
    def heard(self) -> Counts:
        """What became of the frames sent by the other end."""
        return self._in.counts

    def impair(self, *, outgoing: Impairment | None = None, incoming: Impairment | None = None) -> None:
        """Change what happens to frames from now on; None leaves a direction as it is."""
        if outgoing is not None:
            self._out.impairment = outgoing
        if incoming is not None:
            self._in.impairment = incoming

    def send(self, data: bytes) -> None:
        """Send bytes into the bad link."""
        if not self._closed:
            self._out.take(data)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give what comes through to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Close the link itself; what is under way is lost."""
        self._closed = True
        self._receiver = None
        self._inner.close()

    def _send_on(self, data: bytes) -> None:
        if not self._closed:
            self._inner.send(data)

    def _hand_over(self, data: bytes) -> None:
        if self._receiver is not None:
            self._receiver(data)


def _damaged(frame: bytes, place: float, change: float) -> bytes:
    """Return the frame with one byte changed to another value; both draws are from 0 to 1."""
    at = int(place * len(frame))
    broken = bytearray(frame)
    broken[at] ^= 1 + int(change * 255)
    return bytes(broken)
