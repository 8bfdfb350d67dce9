"""Several links to one vehicle, several vehicles on one link."""

from __future__ import annotations

import asyncio

import pytest

from dronepatrol.errors import LinkError
from dronepatrol.link.impaired import Impairment
from dronepatrol.link.memory import memory_pair
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import Frame, FrameReader
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.duplicates import DuplicateFilter
from dronepatrol.vehicle.events import LinkSwitched, VehicleEvent
from dronepatrol.vehicle.hub import Hub
from dronepatrol.vehicle.quality import LinkQuality
from dronepatrol.vehicle.vehicle import FLIGHT_STREAMS_HZ, Vehicle
from tests.vehicle.scene import flying, virtually

DEAD = Impairment(loss=1.0)


def frames(*texts: str) -> list[Frame]:
    """Return status texts as frames."""
    codec = Codec(1, 1)
    packed = [codec.pack(dialect.MAVLink_statustext_message(6, text.encode())) for text in texts]
    return FrameReader(Codec(255, 190)).feed(b"".join(packed))


def test_a_text_that_two_links_bring_is_heard_once() -> None:
    """The second link's copy is dropped; what the vehicle says twice is heard twice."""
    seen = DuplicateFilter()
    first, again, other = frames("hello", "hello", "else")
    taken = [
        seen.is_new(first, 0, 0.0),
        seen.is_new(first, 1, 0.3),
        seen.is_new(again, 0, 0.5),
        seen.is_new(again, 1, 0.8),
        seen.is_new(other, 1, 0.9),
        seen.is_new(first, 1, 9.0),
    ]
    assert taken == [True, False, True, False, True, True]
    assert seen.dropped == 2


def test_loss_is_counted_by_sequence_numbers() -> None:
    """Every third frame missing is a loss of a third; late and repeated ones are none."""
    quality = LinkQuality()
    for seq in range(3000):
        if seq % 3:
            quality.take(seq % 256, float(seq))
    assert quality.loss == pytest.approx(1 / 3, abs=0.02)
    assert quality.lost == 999
    before = quality.lost
    quality.take(2999 % 256, 3000.0)
    quality.take(2997 % 256, 3000.0)
    assert quality.lost == before - 1


def test_a_vehicle_on_two_links_is_flown_on_when_one_dies() -> None:
    """The other link takes over within seconds, streams are asked for again, nothing is heard twice."""

    async def main() -> None:
        async with flying() as scene:
            hub = Hub(scene.link(0), scene.link(0))
            scene.links[0].name, scene.links[1].name = "radio", "lte"
            vehicle = await Vehicle.connect(hub, system=1)
            events: list[VehicleEvent] = []
            texts: list[str] = []
            vehicle.on_event(events.append)
            vehicle.on_text(lambda _severity, text: texts.append(text))
            await vehicle.ready()
            await vehicle.set_streams(FLIGHT_STREAMS_HZ)
            await vehicle.arm()
            await vehicle.takeoff(15.0)
            chosen = next(report.name for report in hub.links(1) if report.chosen)
            scene.links[0 if chosen == "radio" else 1].impair(outgoing=DEAD, incoming=DEAD)
            await asyncio.sleep(8.0)
            switched = [event for event in events if isinstance(event, LinkSwitched)]
            assert len(switched) == 1
            assert switched[0].old == chosen
            assert vehicle.link_up
            age_s = vehicle.snapshot().position
            assert age_s is not None
            assert age_s.age_s(asyncio.get_running_loop().time()) < 0.5
            await vehicle.land()
            await vehicle.landed(timeout_s=100.0)
            assert texts.count("Arming motors") <= 1
            assert len(texts) == len(set(texts))
            vehicle.close()

    virtually(main)


def test_a_link_that_loses_much_more_is_left() -> None:
    """Half of the frames lost on one link and none on the other: the better one is chosen."""

    async def main() -> None:
        async with flying() as scene:
            bad, good = scene.link(0, bad=Impairment(loss=0.5)), scene.link(0)
            hub = Hub(bad)
            vehicle = await Vehicle.connect(hub, system=1)
            hub.add(good)
            await vehicle.set_streams(FLIGHT_STREAMS_HZ)
            await asyncio.sleep(60.0)
            reports = hub.links(1)
            assert [report.chosen for report in reports] == [False, True]
            assert reports[0].loss > reports[1].loss
            vehicle.close()

    virtually(main)


def test_orders_go_to_the_vehicle_they_name() -> None:
    """Two vehicles on one link, a third on another: each does its own."""

    async def main() -> None:
        async with flying(3) as scene:
            hub = Hub(scene.link(0, 1), scene.link(2))
            vehicles = [await Vehicle.connect(hub, system=system) for system in (1, 2, 3)]
            await asyncio.gather(*(vehicle.ready() for vehicle in vehicles))
            await vehicles[1].arm()
            await asyncio.gather(vehicles[2].set_mode("LAND"), vehicles[0].set_mode("STABILIZE"))
            await asyncio.sleep(1.5)
            modes = [(vehicle.state.mode, vehicle.state.armed) for vehicle in vehicles]
            assert modes == [("STABILIZE", False), ("GUIDED", True), ("LAND", False)]
            for vehicle in vehicles:
                vehicle.close()
            assert hub.closed

    virtually(main)


def test_taking_a_link_away_leaves_the_others() -> None:
    """A removed link stays open, and the vehicle is reached by the remaining one."""

    async def main() -> None:
        async with flying() as scene:
            first, second = scene.link(0), scene.link(0)
            hub = Hub(first, second)
            vehicle = await Vehicle.connect(hub, system=1)
            await asyncio.sleep(2.0)
            hub.remove(first)
            await vehicle.set_mode("GUIDED")
            assert not first.closed
            assert [report.chosen for report in hub.links(1)] == [True]
            vehicle.close()

    virtually(main)


def test_links_of_one_hub_send_under_one_system() -> None:
    """A vehicle must not see two stations."""

    async def main() -> None:
        ours = Connection(memory_pair("a")[0])
        other = Connection(memory_pair("b")[0], system=254)
        with pytest.raises(LinkError, match="b: sends as system 254, the other links of this hub as 255"):
            Hub(ours, other)

    virtually(main)


def test_nothing_heard_on_any_link_is_told_of_all() -> None:
    """The time-out names the links of the hub."""

    async def main() -> None:
        hub = Hub(Connection(memory_pair("radio")[0]), Connection(memory_pair("lte")[0]))
        with pytest.raises(LinkError, match=r"radio \+ lte: no vehicle within 3 s: heard nothing at all"):
            await Vehicle.connect(hub, timeout_s=3.0)

    virtually(main)
