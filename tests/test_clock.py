"""The three clocks."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from dronepatrol.clock import ClockStalledError, run_scaled, run_virtual, sleep_until, utc_now

EPOCH = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)


def test_virtual_hour_takes_no_time() -> None:
    """An hour of sleeping on the virtual clock ends exactly an hour later, without waiting for it."""

    async def main() -> float:
        await asyncio.sleep(3600.0)
        return asyncio.get_running_loop().time()

    assert run_virtual(main(), epoch_utc=EPOCH) == 3600.0


def test_virtual_timers_fire_in_order_at_exact_times() -> None:
    """Timers fire in order of time and see exactly the time they were set for."""
    seen: list[tuple[str, float]] = []

    async def wait(name: str, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        seen.append((name, asyncio.get_running_loop().time()))

    async def main() -> None:
        await asyncio.gather(wait("late", 2.5), wait("early", 0.1), wait("middle", 1.0))

    run_virtual(main(), epoch_utc=EPOCH)
    assert seen == [("early", 0.1), ("middle", 1.0), ("late", 2.5)]


def test_virtual_calendar_follows_the_loop() -> None:
    """The calendar time is the epoch plus the loop's time."""

    async def main() -> datetime:
        await sleep_until(EPOCH + timedelta(minutes=7))
        return utc_now()

    assert run_virtual(main(), epoch_utc=EPOCH) == EPOCH + timedelta(minutes=7)


def test_virtual_deadlock_is_an_error() -> None:
    """Waiting for something that cannot happen ends with an error and does not hang."""

    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(ClockStalledError, match="every task waits"):
        run_virtual(main(), epoch_utc=EPOCH)


def test_virtual_clock_serves_sockets() -> None:
    """A datagram over loopback arrives before time jumps on."""

    async def main() -> tuple[bytes, float]:
        loop = asyncio.get_running_loop()
        got: asyncio.Future[bytes] = loop.create_future()

        class Receiver(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: object) -> None:
                if not got.done():
                    got.set_result(data)

        receiver, _ = await loop.create_datagram_endpoint(Receiver, local_addr=("127.0.0.1", 0))
        sender, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=receiver.get_extra_info("sockname")
        )
        loop.call_later(5.0, sender.sendto, b"hello")
        loop.call_later(5.5, lambda: None)
        data = await got
        sender.close()
        receiver.close()
        return data, loop.time()

    data, at = run_virtual(main(), epoch_utc=EPOCH)
    assert data == b"hello"
    assert at == pytest.approx(5.0)


def test_virtual_time_stands_while_a_thread_works() -> None:
    """Work given to a thread ends at the virtual moment at which it began, whatever timers are set."""

    async def main() -> tuple[str, float]:
        loop = asyncio.get_running_loop()
        loop.call_later(100.0, lambda: None)
        await asyncio.sleep(3.0)
        answer = await loop.run_in_executor(None, lambda: (time.sleep(0.05), "done")[1])
        return answer, loop.time()

    assert run_virtual(main(), epoch_utc=EPOCH) == ("done", 3.0)


def test_scaled_clock_runs_faster() -> None:
    """At 50 times the wall clock the loop counts fifty seconds for each one that passes, and no more."""

    async def main() -> float:
        await asyncio.sleep(2.0)
        return asyncio.get_running_loop().time()

    began = time.monotonic()
    loop_s = run_scaled(main(), speed=50.0)
    assert 2.0 <= loop_s <= (time.monotonic() - began) * 50.0


def test_scaled_clock_refuses_zero() -> None:
    """A clock that stands still is refused."""

    async def main() -> None:
        return None

    with pytest.raises(ValueError, match="above 0"):
        run_scaled(main(), speed=0.0)
