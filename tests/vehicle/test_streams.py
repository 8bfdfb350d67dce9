"""Streams that never hold up the link."""

from __future__ import annotations

import asyncio
import gc

import pytest

from dronepatrol.vehicle.readings import AttitudeReading, PositionReading
from dronepatrol.vehicle.streams import Outlets, Stream
from dronepatrol.vehicle.vehicle import FLIGHT_STREAMS_HZ
from tests.vehicle.scene import flying, virtually


def test_a_slow_reader_loses_old_items_and_they_are_counted() -> None:
    """Ten items into a stream of three leave the last three."""

    async def main() -> None:
        stream: Stream[int] = Stream(3)
        for item in range(10):
            stream.put(item)
        stream.close()
        assert [item async for item in stream] == [7, 8, 9]
        assert stream.dropped == 7

    virtually(main)


def test_a_reader_waits_for_the_next_item() -> None:
    """An empty stream hands over what comes later."""

    async def main() -> None:
        stream: Stream[str] = Stream()
        asyncio.get_running_loop().call_later(5.0, stream.put, "late")
        assert await anext(stream) == "late"

    virtually(main)


def test_two_readers_of_one_stream_are_an_error() -> None:
    """Each item goes to one reader, so a second one is told to open its own."""

    async def main() -> None:
        stream: Stream[int] = Stream()
        first = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="open a stream for each"):
            await anext(stream)
        stream.close()
        with pytest.raises(StopAsyncIteration):
            await first

    virtually(main)


def test_a_stream_without_room_is_refused() -> None:
    """A limit below one makes no sense."""
    with pytest.raises(ValueError, match="at least 1 item, got 0"):
        Stream(0)


def test_a_forgotten_stream_costs_nothing() -> None:
    """Items are not even made once the reader is gone."""
    outlets: Outlets[int] = Outlets()
    stream = outlets.open(4)
    assert outlets.put(lambda: 1)
    del stream
    gc.collect()
    assert not outlets.put(lambda: pytest.fail("nobody reads"))


def test_positions_come_at_the_rate_asked_for_and_a_slow_reader_sees_the_present() -> None:
    """A reader that sleeps gets the newest readings in order, and the link goes on meanwhile."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.set_streams(FLIGHT_STREAMS_HZ)
            positions = vehicle.positions(limit=8)
            quick = vehicle.readings(AttitudeReading, limit=1000)
            await asyncio.sleep(30.0)
            assert 105 <= positions.dropped <= 115
            newest = [await anext(positions) for _ in range(8)]
            boots = [reading.boot_s for reading in newest]
            assert boots == sorted(boots)
            assert newest[-1].age_s(asyncio.get_running_loop().time()) < 0.5
            assert quick.dropped == 0
            vehicle.close()
            assert len([1 async for _ in quick]) == pytest.approx(120, abs=2)

    virtually(main)


def test_a_stream_of_messages_keeps_mavlinks_units() -> None:
    """Any message type can be read by name; a wrong name is an error."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle()
            beats = vehicle.messages("heartbeat")
            assert (await anext(beats)).get_type() == "HEARTBEAT"
            assert vehicle.state.latest("HEARTBEAT") is not None
            assert vehicle.state.latest("ATTITUDE") is None
            with pytest.raises(ValueError, match="'NONSENSE' is no message"):
                vehicle.messages("NONSENSE")
            vehicle.close()

    virtually(main)


def test_a_snapshot_is_frozen_and_knows_its_age() -> None:
    """What was read stays as it was while the vehicle goes on."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.set_streams(FLIGHT_STREAMS_HZ)
            await asyncio.sleep(1.0)
            before = vehicle.snapshot()
            await asyncio.sleep(2.0)
            after = vehicle.snapshot()
            assert before.position is not None
            assert after.position is not None
            assert after.position.boot_s - before.position.boot_s == pytest.approx(2.0, abs=0.3)
            assert after.position.age_s(after.taken_s) < 0.5
            assert before.status is not None
            assert before.status.mode == "GUIDED"
            vehicle.close()

    virtually(main)


def test_watching_yields_until_its_time_is_over() -> None:
    """Snapshots come at the interval."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle()
            times = [shot.taken_s async for shot in vehicle.watch(interval_s=2.0, timeout_s=9.0)]
            assert len(times) == 5
            vehicle.close()

    virtually(main)


def test_readings_are_none_before_anything_is_heard() -> None:
    """Nothing is invented: unknown values are None or NaN."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle()
            assert vehicle.state.read(PositionReading) is None
            assert vehicle.state.position is None
            assert vehicle.state.altitude_home_m != vehicle.state.altitude_home_m
            assert vehicle.snapshot().gps is None
            vehicle.close()

    virtually(main)
