"""How fast one simulated drone runs with its full stream set, client included.

Run it with ``python -m tests.benchmarks.simulated_drone``. One drone on the virtual clock sends the
reference's 26 types of messages at 4 Hz over a memory link to a client that decodes every one with
pymavlink. Both the wall clock and the processor time of the whole process are told: on a shared machine
only the latter says what the code costs.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from datetime import UTC, datetime

from dronepatrol.clock import run_virtual
from dronepatrol.link.memory import memory_pair
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.simulation import Simulation, numbered, spread

HOME = (300300000, 1208700000, 10.1, 0.0)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
RATE_HZ = 4
RUN_S = 300.0


async def measure(drones: int, *, decode: bool, run_s: float = RUN_S) -> tuple[float, float, int, int]:
    """Fly drones in a hover and return wall seconds, processor seconds, messages and types."""
    simulation = Simulation(numbered(spread(HOME, drones)))
    counts: Counter[str] = Counter()
    clients = []
    for index in range(drones):
        near, far = memory_pair(delay_s=0.0)
        simulation.attach(index, far)
        codec = Codec(255, 190)

        def hear(data: bytes, codec: Codec = codec) -> None:
            if decode:
                counts.update(message.get_type() for message in codec.parse(data))
            else:
                counts["piece"] += 1

        near.set_receiver(hear)
        clients.append((near, codec))
    runner = asyncio.create_task(simulation.run())
    await asyncio.sleep(0.1)
    for number, (near, codec) in enumerate(clients, 1):
        near.send(codec.pack(dialect.MAVLink_request_data_stream_message(number, 1, 0, RATE_HZ, 1)))
    await asyncio.sleep(45.0)
    for number, (near, codec) in enumerate(clients, 1):
        for command, params in (
            (dialect.MAV_CMD_DO_SET_MODE, (1, dialect.COPTER_MODE_GUIDED, 0, 0, 0, 0, 0)),
            (dialect.MAV_CMD_COMPONENT_ARM_DISARM, (1, 0, 0, 0, 0, 0, 0)),
            (dialect.MAV_CMD_NAV_TAKEOFF, (0, 0, 0, 0, 0, 0, 20)),
        ):
            near.send(codec.pack(dialect.MAVLink_command_long_message(number, 1, command, 0, *params)))
    await asyncio.sleep(20.0)
    assert all(not autopilot.pilot.landed for autopilot in simulation.autopilots)
    counts.clear()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    await asyncio.sleep(run_s)
    wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
    runner.cancel()
    return wall_s, cpu_s, counts.total(), len(counts)


def main() -> None:
    """Print the figures."""
    for drones, decode, run_s in ((1, True, RUN_S), (1, False, RUN_S), (100, False, 10.0)):
        scene = measure(drones, decode=decode, run_s=run_s)
        wall_s, cpu_s, messages, types = run_virtual(scene, epoch_utc=EPOCH)
        client = f"decodes {messages / run_s:.0f} messages/s of {types} types" if decode else "only listens"
        print(f"{drones} drone(s), {RATE_HZ} Hz, client {client}, {run_s:.0f} s:")
        for clock, taken_s in (("wall", wall_s), ("processor", cpu_s)):
            print(f"  {taken_s:.2f} s {clock}: {run_s / taken_s:.1f} times real time")


if __name__ == "__main__":
    main()
