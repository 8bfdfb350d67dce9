"""An event loop in a thread of its own, for code that is not async: scripts and notebooks."""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

from dronepatrol.clock import ScaledLoop, VirtualLoop

T = TypeVar("T")
_Job = tuple[Coroutine[Any, Any, Any], concurrent.futures.Future[Any]]


class LoopThread:
    """Runs coroutines and waits for them.

    A notebook has an event loop of its own in its thread, so ours runs in another.

    Parameters
    ----------
    virtual
        Time stands still between calls, and within one runs as fast as the computer can. Else it is the
        wall's, and what is heard is taken in between calls, too.
    """

    def __init__(self, *, virtual: bool) -> None:
        self.virtual = virtual
        self.loop: asyncio.AbstractEventLoop = VirtualLoop(datetime.now(UTC)) if virtual else ScaledLoop(1.0)
        self._current: asyncio.Task[Any] | None = None
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        work = self._serve if virtual else self._run_forever
        self._thread = threading.Thread(target=work, name="dronepatrol", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end and return its result; an interrupt from the keyboard cancels it."""
        if not self._thread.is_alive():
            coroutine.close()
            raise RuntimeError("the vehicle is closed")
        if self.virtual:
            waiting: concurrent.futures.Future[T] = concurrent.futures.Future()
            self._jobs.put((coroutine, waiting))
            try:
                return waiting.result()
            except KeyboardInterrupt:
                if self._current is not None:
                    self.loop.call_soon_threadsafe(self._current.cancel)
                raise
        running = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return running.result()
        except KeyboardInterrupt:
            running.cancel()
            raise

    def close(self) -> None:
        """End the loop with all that runs on it."""
        if not self._thread.is_alive():
            return
        if self.virtual:
            self._jobs.put(None)
        else:
            self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        while (job := self._jobs.get()) is not None:
            coroutine, waiting = job
            self._current = self.loop.create_task(coroutine)
            try:
                waiting.set_result(self.loop.run_until_complete(self._current))
            except BaseException as error:
                waiting.set_exception(error)
        self._end()

    def _run_forever(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        self._end()

    def _end(self) -> None:
        tasks = asyncio.all_tasks(self.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
