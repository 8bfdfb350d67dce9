"""One clock: the event loop's.

All waiting code is ``async`` and asks the running loop for the time. Three loops serve the same code:

- *virtual*: time jumps to the next timer when nothing is ready; runs as fast as the processor allows;
- *scaled*: time runs N times the wall clock, for an external simulator at a speed-up;
- *wall*: time is the wall clock, for a real aircraft.

Each loop also knows which calendar moment its zero is, so that logs carry dates.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor
from datetime import UTC, datetime
from typing import Any, TypeVar, TypeVarTuple, Unpack

from dronepatrol.errors import DronePatrolError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


THREAD_WAIT_S = 0.02
"""How long the virtual clock waits at a time for work that it gave to a thread."""


class ClockStalledError(DronePatrolError):
    """On the virtual clock nothing is ready and no timer is set, so time cannot go on."""


class _NoWaitSelector(selectors.BaseSelector):
    """Never waits: tells the loop to jump to its next timer instead.

    Sockets are still served: they are polled before each jump, which is enough for loopback, where a
    datagram is readable as soon as it is sent.
    """

    def __init__(self) -> None:
        self._inner = selectors.DefaultSelector()
        self._loop: VirtualLoop | None = None

    def attach(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._inner.get_map()

    def close(self) -> None:
        self._inner.close()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._loop is not None and self._loop.threads:
            return self._inner.select(THREAD_WAIT_S)  # threads work on the wall clock: time stands meanwhile
        # One registered file is the loop's own wake-up pipe, which needs no polling: time never blocks.
        if len(self._inner.get_map()) > 1:
            ready = self._inner.select(0)
            if ready:
                return ready
        if self._loop is not None and (timeout is None or timeout > 0):
            self._loop.jump()
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time jumps to the next timer when nothing is ready.

    Parameters
    ----------
    epoch_utc
        The calendar moment of loop time zero.

    Attributes
    ----------
    threads
        How many jobs (name look-ups, for example) threads are doing for the loop now.
    """

    def __init__(self, epoch_utc: datetime) -> None:
        self._virtual_s = 0.0
        self.threads = 0
        self.epoch_unix_s = epoch_utc.timestamp()
        selector = _NoWaitSelector()
        super().__init__(selector)
        selector.attach(self)

    def time(self) -> float:
        """Return virtual seconds since the epoch of this loop."""
        return self._virtual_s

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """Give work to a thread; time stands until it is done."""
        job = super().run_in_executor(executor, func, *args)
        self.threads += 1
        job.add_done_callback(self._thread_done)
        return job

    def _thread_done(self, _job: asyncio.Future[Any]) -> None:
        self.threads -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads of the loop to end."""
        self.threads += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self.threads -= 1

    def jump(self) -> None:
        """Move time to the next timer."""
        scheduled = self._scheduled  # type: ignore[attr-defined]
        if not scheduled:
            msg = "every task waits for something that no task, timer or socket will do"
            raise ClockStalledError(msg)
        self._virtual_s = max(self._virtual_s, scheduled[0].when())


class _ScaledSelector(selectors.DefaultSelector):
    """Waits a fraction of the time it is asked to."""

    speed = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / self.speed)


class ScaledLoop(asyncio.SelectorEventLoop):
    """An event loop whose time runs ``speed`` times the wall clock, from zero.

    Parameters
    ----------
    speed
        Loop seconds per wall second, above 0.
    epoch_utc
        The calendar moment of loop time zero; by default the moment the loop is made.
    """

    def __init__(self, speed: float = 1.0, epoch_utc: datetime | None = None) -> None:
        self.speed = speed
        self._monotonic_start_s = time.monotonic()
        self.epoch_unix_s = time.time() if epoch_utc is None else epoch_utc.timestamp()
        selector = _ScaledSelector()
        selector.speed = speed
        super().__init__(selector)

    def time(self) -> float:
        """Return loop seconds since the loop was made."""
        return (time.monotonic() - self._monotonic_start_s) * self.speed


def run_virtual(main: Coroutine[Any, Any, T], *, epoch_utc: datetime) -> T:
    """Run a coroutine on the virtual clock, whose zero is the given moment."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(epoch_utc)) as runner:
        return runner.run(main)


def run_scaled(main: Coroutine[Any, Any, T], *, speed: float = 1.0, epoch_utc: datetime | None = None) -> T:
    """Run a coroutine at ``speed`` times the wall clock; 1 is the wall clock itself.

    Raises
    ------
    ValueError
        The speed is not above 0.
    """
    if not speed > 0.0:
        main.close()
        msg = f"the clock's speed must be above 0, got {speed}"
        raise ValueError(msg)
    with asyncio.Runner(loop_factory=lambda: ScaledLoop(speed, epoch_utc)) as runner:
        return runner.run(main)


def unix_now_s() -> float:
    """Return the running loop's calendar time in seconds since 1970, UTC."""
    loop = asyncio.get_running_loop()
    epoch = getattr(loop, "epoch_unix_s", None)
    return time.time() if epoch is None else epoch + loop.time()


def utc_now() -> datetime:
    """Return the running loop's calendar time."""
    return datetime.fromtimestamp(unix_now_s(), UTC)


async def sleep_until(moment: datetime) -> None:
    """Wait until the loop's calendar reaches a moment; return at once if it has passed."""
    delay_s = moment.timestamp() - unix_now_s()
    if delay_s > 0.0:
        await asyncio.sleep(delay_s)
