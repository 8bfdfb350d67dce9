"""A link inside one process, on the running loop's clock."""

from __future__ import annotations

import asyncio
from collections import deque

from dronepatrol.link.transport import Receiver


class MemoryLink:
    """One end of a pair; bytes arrive at the other end after a fixed delay, in order, undamaged.

    Use `memory_pair` to make one.
    """

    def __init__(self, name: str, loop: asyncio.AbstractEventLoop, delay_s: float) -> None:
        self.name = name
        self.peer: MemoryLink | None = None
        self._loop = loop
        self._delay_s = delay_s
        self._receiver: Receiver | None = None
        self._closed = False
        # The loop may run timers of the same moment in any order; a queue keeps the bytes in theirs.
        self._coming: deque[bytes] = deque()

    def send(self, data: bytes) -> None:
        """Deliver bytes to the peer after the delay."""
        peer = self.peer
        if self._closed or peer is None:
            return
        peer._coming.append(data)
        if self._delay_s > 0.0:
            self._loop.call_later(self._delay_s, peer._deliver)
        else:
            self._loop.call_soon(peer._deliver)

    def set_receiver(self, receiver: Receiver) -> None:
        """Give every piece of incoming bytes to a function."""
        self._receiver = receiver

    def close(self) -> None:
        """Stop sending and receiving."""
        self._closed = True
        self._receiver = None

    def _deliver(self) -> None:
        data = self._coming.popleft()
        if self._receiver is not None:
            self._receiver(data)


def memory_pair(name: str = "memory", *, delay_s: float = 0.0) -> tuple[MemoryLink, MemoryLink]:
    """Return the two ends of a link on the running loop."""
    loop = asyncio.get_running_loop()
    left, right = MemoryLink(name, loop, delay_s), MemoryLink(name, loop, delay_s)
    left.peer, right.peer = right, left
    return left, right
