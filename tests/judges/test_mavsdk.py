"""MAVSDK 4 as a client: every test compares what the client was told with what the drone did."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.judges.served import Served, served_drone

mavsdk = pytest.importorskip("mavsdk")
if not hasattr(mavsdk, "Mavsdk"):
    pytest.skip("an older MAVSDK", allow_module_level=True)

from mavsdk.asyncio.mavsdk import Configuration, Mavsdk  # noqa: E402
from mavsdk.asyncio.plugins.action import ActionAsync  # noqa: E402
from mavsdk.asyncio.plugins.camera import CameraAsync  # noqa: E402
from mavsdk.asyncio.plugins.geofence import GeofenceAsync  # noqa: E402
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync  # noqa: E402
from mavsdk.asyncio.plugins.param import ParamAsync  # noqa: E402
from mavsdk.asyncio.plugins.telemetry import TelemetryAsync  # noqa: E402
from mavsdk.component_type import ComponentType  # noqa: E402
from mavsdk.plugins.action import ActionError, ActionResult  # noqa: E402
from mavsdk.plugins.geofence import Circle, FenceType, GeofenceData, Point, Polygon  # noqa: E402
from mavsdk.plugins.mission_raw import MissionItem  # noqa: E402

pytestmark = pytest.mark.slow

SPEED = 6.0
LAT_DEG, LON_DEG, GROUND_AMSL_M = 30.03, 120.87, 10.1
DEGREES_PER_METRE = 1.0 / 111319.49
HOME_ITEM, TAKE_OFF, WAYPOINT, RETURN = 16, 22, 16, 20
RELATIVE = 3


@pytest.fixture
def drone(tmp_path: Path) -> Iterator[Served]:
    """A booted drone at six times the wall clock."""
    with served_drone(tmp_path, speed=SPEED) as served:
        yield served


@asynccontextmanager
async def connected(drone: Served) -> AsyncIterator[Any]:
    """Connect MAVSDK and give its system."""
    configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(configuration) as client:
        await client.add_any_connection(f"tcpout://{drone.address}")
        system = await client.first_autopilot(10.0)
        assert system is not None, "MAVSDK found no autopilot"
        yield system


def play(scene: Callable[[Any], Awaitable[None]], drone: Served) -> None:
    """Run a scene with MAVSDK connected, for two minutes at most."""

    async def main() -> None:
        async with asyncio.timeout(120.0), connected(drone) as system:
            await scene(system)

    asyncio.run(main())


async def first(stream: AsyncIterator[Any], condition: Callable[[Any], bool], wall_s: float = 20.0) -> Any:
    """Return the first value of a stream that satisfies a condition."""
    async with asyncio.timeout(wall_s):
        async for value in stream:
            if condition(value):
                return value
    raise AssertionError("the stream ended")


async def settle(drone: Served, condition: Callable[[Any], bool], what: str) -> Any:
    """Wait for the drone's own state without blocking MAVSDK."""
    return await asyncio.to_thread(drone.wait, condition, what)


def item(seq: int, command: int, north_m: float = 0.0, east_m: float = 0.0, up_m: float = 0.0) -> Any:
    """Return a raw mission item at a place."""
    lat_e7 = round((LAT_DEG + north_m * DEGREES_PER_METRE) * 1e7)
    lon_e7 = round((LON_DEG + east_m * DEGREES_PER_METRE / 0.8658) * 1e7)
    return MissionItem(seq, RELATIVE, command, int(seq == 0), 1, 0.0, 0.0, 0.0, 0.0, lat_e7, lon_e7, up_m, 0)


async def airborne(system: Any, drone: Served) -> tuple[Any, Any]:
    """Wait for health, arm, take off to 15 m; return the action and telemetry plugins."""
    action, telemetry = ActionAsync(system), TelemetryAsync(system)
    await telemetry.set_rate_health(5.0)
    await telemetry.set_rate_gps_info(5.0)
    await telemetry.set_rate_position(10.0)
    await action.set_takeoff_altitude(15.0)
    await action.arm()
    assert (await settle(drone, lambda s: s["armed"], "arming"))["landed"]
    await action.takeoff()
    await settle(drone, lambda s: s["up"] > 14.8, "take-off to 15 m")
    return action, telemetry


def test_take_off_go_to_and_return(drone: Served) -> None:
    """Connect, arm, take off, go to a place, be refused an orbit, return and land."""

    async def scene(system: Any) -> None:
        action, telemetry = await airborne(system, drone)
        position = await first(telemetry.subscribe_position(), lambda p: p.relative_altitude_m > 14.5)
        assert position.relative_altitude_m == pytest.approx(drone.now()["up"], abs=0.3)
        north_m = 60.0
        await action.goto_location(LAT_DEG + north_m * DEGREES_PER_METRE, LON_DEG, GROUND_AMSL_M + 20.0, 0.0)
        there = await settle(drone, lambda s: abs(s["north"] - north_m) < 0.5 and s["speed"] < 0.2, "arrival")
        assert there["mode"] == "GUIDED"
        assert there["up"] == pytest.approx(20.0, abs=0.3)
        assert abs(there["east"]) < 0.5
        with pytest.raises(ActionError) as refusal:
            await action.do_orbit(20.0, 5.0, 0, LAT_DEG, LON_DEG, GROUND_AMSL_M + 20.0)
        assert refusal.value.args[0] is ActionResult.UNSUPPORTED
        await asyncio.sleep(0.5)
        assert drone.now()["speed"] < 0.2
        await action.return_to_launch()
        await settle(drone, lambda s: s["mode"] == "RTL", "RTL")
        await settle(drone, lambda s: not s["armed"], "landing")
        assert not await first(telemetry.subscribe_armed(), lambda armed: not armed)
        assert abs(drone.now()["north"]) < 0.5

    play(scene, drone)
    assert max(s["up"] for s in drone.states()) < 21.0


def test_health_and_rates(drone: Served) -> None:
    """Health becomes good once asked for, and telemetry comes at the rates asked for."""

    async def scene(system: Any) -> None:
        telemetry = TelemetryAsync(system)
        await telemetry.set_rate_health(5.0)
        await telemetry.set_rate_gps_info(5.0)
        good = await first(
            telemetry.subscribe_health(), lambda h: h.is_global_position_ok and h.is_home_position_ok
        )
        assert good.is_local_position_ok
        gps = await first(telemetry.subscribe_gps_info(), lambda g: g.num_satellites > 0)
        assert gps.num_satellites == 10
        await telemetry.set_rate_position(10.0)
        await asyncio.sleep(0.3)
        start_s, count = drone.now()["t"], 0
        async with asyncio.timeout(20.0):
            async for _ in telemetry.subscribe_position():
                count += 1
                if count == 150:
                    break
        assert count / (drone.now()["t"] - start_s) == pytest.approx(10.0, rel=0.15)

    play(scene, drone)


def test_mission(drone: Served) -> None:
    """Upload, download, start, follow, pause, resume and finish a mission."""
    mission = [
        item(0, HOME_ITEM),
        item(1, TAKE_OFF, up_m=20.0),
        item(2, WAYPOINT, 80.0, 0.0, 20.0),
        item(3, WAYPOINT, 80.0, 60.0, 20.0),
        item(4, RETURN),
    ]

    async def scene(system: Any) -> None:
        raw = MissionRawAsync(system)
        await airborne(system, drone)
        await raw.upload_mission(mission)
        await settle(drone, lambda s: s["items"] == len(mission), "all items")
        kept = await raw.download_mission()
        assert [i.command for i in kept] == [i.command for i in mission]
        assert [(i.x, i.y, i.z) for i in kept[2:4]] == [(i.x, i.y, i.z) for i in mission[2:4]]
        await raw.start_mission()
        await settle(drone, lambda s: s["mode"] == "AUTO", "AUTO")
        await settle(drone, lambda s: s["seq"] == 2 and s["speed"] > 5.0, "the first leg")
        await raw.pause_mission()
        halted = await settle(drone, lambda s: s["speed"] < 0.3, "a halt")
        assert halted["seq"] == 2
        await asyncio.sleep(0.5)
        await raw.start_mission()
        await first(raw.subscribe_mission_progress(), lambda p: p.current >= 3)
        await settle(drone, lambda s: s["seq"] == 4, "the return")
        await settle(drone, lambda s: not s["armed"], "landing")

    play(scene, drone)
    states = drone.states()
    assert max(s["east"] for s in states) == pytest.approx(60.0, abs=2.5)
    assert max(s["north"] for s in states) == pytest.approx(80.0, abs=2.5)
    flown = [s["seq"] for s in states if s["mode"] == "AUTO" and s["armed"]]
    assert sorted(set(flown)) == [1, 2, 3, 4]
    assert flown == sorted(flown)


def test_geofence_parameters_and_camera(drone: Served) -> None:
    """A fence arrives as sent, parameters are read and set, photos are taken."""

    async def scene(system: Any) -> None:
        corners = [(-80.0, -80.0), (-80.0, 80.0), (80.0, 80.0), (80.0, -80.0)]
        points = [Point(LAT_DEG + n * DEGREES_PER_METRE, LON_DEG + e * DEGREES_PER_METRE) for n, e in corners]
        circle = Circle(Point(LAT_DEG, LON_DEG), 100.0, FenceType.INCLUSION)
        fence = GeofenceAsync(system)
        await fence.upload_geofence(GeofenceData([Polygon(points, FenceType.INCLUSION)], [circle]))
        await settle(drone, lambda s: s["fence_items"] == 5, "a fence of five items")
        await fence.clear_geofence()
        await settle(drone, lambda s: s["fence_items"] == 0, "no fence")
        parameters = ParamAsync(system)
        assert await parameters.get_param_int("RTL_ALT") == 1500
        await parameters.set_param_int("RTL_ALT", 2500)
        await settle(drone, lambda s: s["rtl_alt"] == 2500.0, "RTL_ALT of 25 m")
        assert await parameters.get_param_float("WPNAV_SPEED") == 1000.0
        camera = CameraAsync(system)
        for taken in (1, 2):
            await camera.take_photo(1)
            await settle(drone, lambda s, taken=taken: s["pictures"] == taken, f"{taken} pictures")
        await ActionAsync(system).set_relay(0, 0)
        await settle(drone, lambda s: s["relays"] == 1, "relay 0 on")

    play(scene, drone)
