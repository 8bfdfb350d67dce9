"""One link for several vehicles."""

from __future__ import annotations

import asyncio

import pytest

from dronepatrol.link.memory import memory_pair
from dronepatrol.link.shared import SharedLink
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect


def test_a_frame_reaches_the_system_it_names_and_broadcasts_reach_all() -> None:
    """A command for system 2 is heard by system 2 alone, a heartbeat by both."""

    async def main() -> tuple[list[int], list[int], list[int]]:
        near, far = memory_pair()
        shared = SharedLink(near)
        heard: dict[int, list[int]] = {1: [], 2: []}
        for system, numbers in heard.items():
            codec = Codec(system, 1)
            shared.branch(system).set_receiver(
                lambda data, codec=codec, numbers=numbers: numbers.extend(
                    message.get_msgId() for message in codec.parse(data)
                )
            )
        at_far: list[int] = []
        far_codec = Codec(255, 190)
        far.set_receiver(
            lambda data: at_far.extend(message.get_srcSystem() for message in far_codec.parse(data))
        )
        command = far_codec.pack(dialect.MAVLink_command_long_message(2, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
        beat = far_codec.pack(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3))
        far.send(command + beat)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for system in (1, 2):
            shared._branches[system].send(
                Codec(system, 1).pack(dialect.MAVLink_heartbeat_message(2, 3, 0, 0, 4, 3))
            )
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return heard[1], heard[2], at_far

    assert asyncio.run(main()) == ([0], [76, 0], [1, 2])


def test_a_system_joins_once() -> None:
    """Two vehicles with the same system id would answer for each other."""

    async def main() -> None:
        shared = SharedLink(memory_pair()[0])
        shared.branch(1)
        with pytest.raises(ValueError, match="system 1 is on this link already"):
            shared.branch(1)

    asyncio.run(main())
