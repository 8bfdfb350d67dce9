"""Missions, fences and rally points over good and bad links, and what a vehicle stores besides."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from dronepatrol.errors import ProtocolError, UnsupportedByAutopilotError, UploadRefusedError
from dronepatrol.link.impaired import Impairment
from dronepatrol.mavlink.autopilots import ArduCopter
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import MissionType, WireItem
from tests.vehicle.scene import BAD, HOME, flying, virtually

RELATIVE = dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT


def mission(count: int) -> list[WireItem]:
    """Return a mission of so many items, home among them."""
    corner = dialect.MAV_CMD_NAV_WAYPOINT
    home = WireItem(0, dialect.MAV_FRAME_GLOBAL, corner, x=HOME[0], y=HOME[1], z=10.0)
    takeoff = WireItem(1, RELATIVE, dialect.MAV_CMD_NAV_TAKEOFF, z=15.0)
    corners = [
        WireItem(seq, RELATIVE, corner, x=HOME[0] + 10 * seq, y=HOME[1] - 7 * seq, z=20.0)
        for seq in range(2, count)
    ]
    return [home, takeoff, *corners]


def fence(corners: int = 4) -> list[WireItem]:
    """Return a square to stay in."""
    vertex = dialect.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
    places = [(-9000, -9000), (-9000, 9000), (9000, 9000), (9000, -9000)]
    return [
        WireItem(seq, RELATIVE, vertex, (float(corners), 0.0, 0.0, 0.0), HOME[0] + x, HOME[1] + y)
        for seq, (x, y) in enumerate(places)
    ]


def test_five_hundred_items_upload_and_verify_over_a_bad_link() -> None:
    """30 % lost each way, 200 ms, repeats and overtaking: the vehicle holds every item."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(bad=BAD, ready=True)
            await vehicle.upload(mission(500))
            held = scene.simulation.autopilots[0].items.mission.items
            assert [(item.x, item.y) for item in held[2:]] == [(i.x, i.y) for i in mission(500)[2:]]
            vehicle.close()

    virtually(main)


def test_an_upload_goes_on_after_a_minute_without_a_link() -> None:
    """A link that dies half-way and comes back does not end the call."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            uploading = asyncio.create_task(vehicle.upload(mission(400)))
            await asyncio.sleep(3.0)
            assert not uploading.done()
            dead, fine = Impairment(loss=1.0), Impairment()
            scene.links[0].impair(outgoing=dead, incoming=dead)
            await asyncio.sleep(60.0)
            assert not uploading.done()
            scene.links[0].impair(outgoing=fine, incoming=fine)
            await uploading
            assert len(await vehicle.download()) == 400
            vehicle.close()

    virtually(main)


def test_a_fence_and_rally_points_go_up_and_down() -> None:
    """Both lists are read back as the vehicle keeps them, and can be cleared."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.upload_fence(fence())
            point = WireItem(0, RELATIVE, dialect.MAV_CMD_NAV_RALLY_POINT, x=HOME[0] + 99, y=HOME[1], z=30.0)
            await vehicle.upload_rally([point])
            held = await vehicle.download(MissionType.FENCE)
            assert [(item.x, item.y) for item in held] == [(item.x, item.y) for item in fence()]
            assert [item.x for item in await vehicle.download(MissionType.RALLY)] == [HOME[0] + 99]
            await vehicle.clear(MissionType.FENCE)
            assert await vehicle.download(MissionType.FENCE) == []
            vehicle.close()

    virtually(main)


def test_a_refused_item_is_told_with_the_result_and_what_the_vehicle_holds() -> None:
    """An altitude that is no number is refused at its item, and nothing half-uploaded stays."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            items = mission(10)
            items[5] = replace(items[5], z=1e6)
            with pytest.raises(
                UploadRefusedError, match=r"at item 5: MAV_MISSION_INVALID_PARAM7.*holds no mission"
            ):
                await vehicle.upload(items)
            assert len(await vehicle.download()) <= 1
            vehicle.close()

    virtually(main)


def test_a_refused_fence_carries_the_texts_of_the_vehicle() -> None:
    """A fence with a wrong vertex count is refused, the texts say why, and the old one stays."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            await vehicle.upload_fence(fence())
            with pytest.raises(UploadRefusedError, match="vertex count"):
                await vehicle.upload_fence(fence(corners=2))
            assert len(await vehicle.download(MissionType.FENCE)) == 4
            vehicle.close()

    virtually(main)


def test_a_list_the_autopilot_does_not_take_is_refused_before_anything_is_sent() -> None:
    """Without its capability bit a fence is not even tried."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(ready=True)
            vehicle.autopilot = ArduCopter(capabilities=dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT)
            sent = scene.links[0].sent.frames
            with pytest.raises(UnsupportedByAutopilotError, match="takes no fences"):
                await vehicle.upload_fence(fence())
            assert scene.links[0].sent.frames == sent
            vehicle.close()

    virtually(main)


def test_parameters_are_read_set_and_read_back() -> None:
    """All of them arrive over a bad link; one is set, and an unknown name is an error."""

    async def main() -> None:
        async with flying() as scene:
            vehicle = await scene.vehicle(bad=BAD)
            every = await vehicle.parameters.all()
            assert len(every) == len(scene.simulation.autopilots[0].parameters.names)
            assert await vehicle.parameters.set("RTL_ALT", 2500.0) == every["RTL_ALT"].value
            assert await vehicle.parameters.get("RTL_ALT") == 2500.0
            assert await vehicle.parameters.set_all({"RTL_ALT": 1500.0}) == {"RTL_ALT": 2500.0}
            with pytest.raises(ProtocolError, match="it has none of this name"):
                await vehicle.parameters.get("NO_SUCH")
            vehicle.close()

    virtually(main)
