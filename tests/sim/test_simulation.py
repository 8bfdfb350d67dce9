"""Drones on one clock."""

from __future__ import annotations

import asyncio
import math
import time
from datetime import UTC, datetime

import pytest

from dronepatrol.clock import run_scaled, run_virtual
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.link.memory import memory_pair
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.model.position import Position
from dronepatrol.sim.simulation import Pace, SimulatedDrone, Simulation, numbered, spread

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HOME = (601699000, 249384000, 12.0, 90.0)


def test_time_goes_by_whole_steps_on_the_virtual_clock() -> None:
    """After ten seconds of the loop ten seconds were simulated, in steps of 50 ms."""

    async def main() -> tuple[float, int]:
        simulation = Simulation(numbered([HOME]))
        run = asyncio.create_task(simulation.run())
        await asyncio.sleep(9.99)
        run.cancel()
        return simulation.time_s, round(simulation.time_s / simulation.dt_s)

    assert run_virtual(main(), epoch_utc=EPOCH) == (10.0, 200)


def test_the_same_simulation_sends_the_same_bytes() -> None:
    """On the virtual clock nothing depends on the computer's speed."""

    async def main() -> bytes:
        simulation = Simulation(numbered(spread(HOME, 3)))
        heard = bytearray()
        for index in range(3):
            near, far = memory_pair(delay_s=0.02)
            simulation.attach(index, far)
            near.set_receiver(heard.extend)
        run = asyncio.create_task(simulation.run())
        await asyncio.sleep(30.0)
        run.cancel()
        return bytes(heard)

    first = run_virtual(main(), epoch_utc=EPOCH)
    assert len(first) > 3 * 30 * 20
    assert first == run_virtual(main(), epoch_utc=EPOCH)


def test_a_speed_is_kept() -> None:
    """On a clock ten times the wall's, half a second of wall clock simulates five."""

    async def main() -> tuple[float, float, float]:
        simulation = Simulation(numbered([HOME]))
        run = asyncio.create_task(simulation.run())
        start_s = time.monotonic()
        await asyncio.sleep(6.0)
        wall_s = time.monotonic() - start_s
        run.cancel()
        return simulation.time_s / wall_s, simulation.pace.factor, simulation.pace.lost_s

    factor, told, lost_s = run_scaled(main(), speed=10.0)
    assert factor + lost_s / 0.6 == pytest.approx(10.0, rel=0.15)
    assert told == pytest.approx(factor, rel=0.25)


def test_a_hold_up_is_let_go() -> None:
    """After a second without the processor the simulation goes on at its speed and says what it lost."""

    async def main() -> tuple[float, float]:
        simulation = Simulation(numbered([HOME]))
        run = asyncio.create_task(simulation.run())
        await asyncio.sleep(0.2)
        time.sleep(1.0)
        await asyncio.sleep(0.2)
        run.cancel()
        return simulation.time_s, simulation.pace.lost_s

    time_s, lost_s = run_scaled(main())
    assert lost_s == pytest.approx(1.0, abs=0.3)
    assert time_s < 1.0


def test_running_free_waits_for_nobody_and_serves_between_steps() -> None:
    """Without a clock to wait for, simulated time runs far ahead and other tasks still get their turn."""

    async def main() -> tuple[float, int]:
        simulation = Simulation(numbered([HOME]))
        run = asyncio.create_task(simulation.run(free=True))
        turns = 0
        end_s = asyncio.get_running_loop().time() + 0.3
        while asyncio.get_running_loop().time() < end_s:
            await asyncio.sleep(0)
            turns += 1
        run.cancel()
        return simulation.time_s, turns

    simulated_s, turns = run_scaled(main())
    assert simulated_s > 10.0
    assert turns > 100


def test_each_drone_speaks_under_its_own_id() -> None:
    """Heartbeats of three drones carry three system ids."""

    async def main() -> set[int]:
        simulation = Simulation([SimulatedDrone(system, HOME) for system in (3, 11, 200)])
        heard = bytearray()
        for index in range(3):
            near, far = memory_pair()
            simulation.attach(index, far)
            near.set_receiver(heard.extend)
        simulation.advance(2.0)
        await asyncio.sleep(0.1)
        return {message.get_srcSystem() for message in Codec(255, 190).parse(bytes(heard))}

    assert run_virtual(main(), epoch_utc=EPOCH) == {3, 11, 200}


def test_a_fleet_asked_at_once_answers_spread_over_the_interval() -> None:
    """Ten drones whose streams began together send in five steps of two, not all in one."""

    async def main() -> list[int]:
        simulation = Simulation(numbered(spread(HOME, 10)))
        heard = bytearray()
        for index, autopilot in enumerate(simulation.autopilots):
            near, far = memory_pair()
            simulation.attach(index, far)
            near.set_receiver(heard.extend)
            ask = dialect.MAVLink_request_data_stream_message(autopilot.system, 1, 0, 4, 1)
            near.send(Codec(255, 190).pack(ask))
        simulation.step()
        await asyncio.sleep(1.0)
        counts = []
        codec = Codec(255, 190)
        for _ in range(10):
            heard.clear()
            simulation.step()
            await asyncio.sleep(0.0)
            await asyncio.sleep(0.0)
            types = [message.get_type() for message in codec.parse(bytes(heard))]
            counts.append(types.count("ATTITUDE"))
        return counts

    assert run_virtual(main(), epoch_utc=EPOCH)[1:] == [2] * 9


@pytest.mark.parametrize("systems", [(1, 1), (0,), (256,)])
def test_system_ids_must_tell_drones_apart(systems: tuple[int, ...]) -> None:
    """Equal ids and ids that do not fit a byte are refused."""
    with pytest.raises(ValueError, match="system ids must be different and from 1 to 255"):
        Simulation([SimulatedDrone(system, HOME) for system in systems])


@pytest.mark.parametrize("count", [1, 2, 5, 10, 100])
def test_a_fleet_stands_a_few_metres_apart(count: int) -> None:
    """The first drone stands at home and no two are nearer than the spacing."""
    homes = spread(HOME, count, spacing_m=5.0)
    assert homes[0] == HOME
    places = [Position(lon / 1e7, lat / 1e7) for lat, lon, _, _ in homes]
    gaps = [great_circle_m(a, b) for i, a in enumerate(places) for b in places[:i]]
    assert min(gaps, default=5.0) == pytest.approx(5.0, rel=0.01)
    assert max(gaps, default=0.0) <= 5.0 * math.sqrt(2.0) * math.sqrt(count) + 0.1


def test_the_pace_is_unknown_at_first() -> None:
    """One mark makes no rate."""
    pace = Pace()
    assert math.isnan(pace.factor)
