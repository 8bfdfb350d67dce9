"""Streams of what is heard, as async iterators that never hold up the link."""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")
DEFAULT_LIMIT = 64


class Stream(Generic[T]):
    """Gives each item once, oldest first, to one reader.

    What the reader does not take in time is dropped from the old end, so that a slow one sees the present and
    the link never waits. It ends when the vehicle is closed.

    Parameters
    ----------
    limit
        Items that wait at most, at least 1.

    Attributes
    ----------
    dropped
        Items the reader was too slow for, so far.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        if limit < 1:
            raise ValueError(f"a stream keeps at least 1 item, got {limit}")
        self.dropped = 0
        self._limit = limit
        self._waiting: deque[T] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether no more will come."""
        return self._ended

    def put(self, item: T) -> None:
        """Add an item; nothing happens once the stream has ended."""
        if self._ended:
            return
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append(item)
        self._wake()

    def close(self) -> None:
        """End the stream; what waits can still be read."""
        self._ended = True
        self._wake()

    def __aiter__(self) -> Stream[T]:
        return self

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            if self._reader is not None:
                raise RuntimeError("two readers wait on one stream; open a stream for each")
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._waiting.popleft()

    async def __aenter__(self) -> Stream[T]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


class Outlets(Generic[T]):
    """The open streams of one kind of item.

    A stream that its reader has closed or forgotten is let go: nobody has to unsubscribe.
    """

    def __init__(self) -> None:
        self._streams: list[weakref.ref[Stream[T]]] = []

    def open(self, limit: int) -> Stream[T]:
        """Return a new stream."""
        stream: Stream[T] = Stream(limit)
        self._streams.append(weakref.ref(stream))
        return stream

    def put(self, make: Callable[[], T]) -> bool:
        """Give an item, made only if anybody reads; return whether anybody does."""
        streams = [stream for ref in self._streams if (stream := ref()) is not None and not stream.ended]
        if len(streams) != len(self._streams):
            self._streams = [weakref.ref(stream) for stream in streams]
        if not streams:
            return False
        item = make()
        for stream in streams:
            stream.put(item)
        return True

    def close(self) -> None:
        """End all streams."""
        for ref in self._streams:
            stream = ref()
            if stream is not None:
                stream.close()
        self._streams.clear()
