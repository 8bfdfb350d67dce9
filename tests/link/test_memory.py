"""Links inside the process."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from dronepatrol.clock import run_virtual
from dronepatrol.link.memory import memory_pair

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def test_pieces_of_one_moment_keep_their_order() -> None:
    """A hundred pieces sent at once arrive as sent, although the loop's timers have no order of their own."""

    async def main() -> list[bytes]:
        left, right = memory_pair(delay_s=0.02)
        heard: list[bytes] = []
        right.set_receiver(heard.append)
        for number in range(100):
            left.send(bytes([number]))
        await asyncio.sleep(0.1)
        return heard

    assert run_virtual(main(), epoch_utc=EPOCH) == [bytes([number]) for number in range(100)]


def test_bytes_take_the_delay() -> None:
    """What is sent arrives after the delay on the loop's clock."""

    async def main() -> float:
        left, right = memory_pair(delay_s=0.5)
        loop = asyncio.get_running_loop()
        arrived = loop.create_future()
        right.set_receiver(lambda _: arrived.set_result(loop.time()))
        left.send(b"x")
        return await arrived

    assert run_virtual(main(), epoch_utc=EPOCH) == 0.5
