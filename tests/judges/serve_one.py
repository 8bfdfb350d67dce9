"""Serves one simulated drone over TCP from a process of its own and writes down what it really does.

``python -m tests.judges.serve_one --speed 8 --log state.jsonl`` prints the link's URL and runs until it is
ended. Each line of the log is the drone's own state at a moment of simulated time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import IO, Any

from dronepatrol.clock import run_scaled
from dronepatrol.sim.autopilot.autopilot import Autopilot
from dronepatrol.sim.serve import Server
from dronepatrol.sim.simulation import Simulation, numbered

HOME = (300300000, 1208700000, 10.1, 0.0)
LOG_S = 0.25


def state(autopilot: Autopilot) -> dict[str, Any]:
    """Return what the drone is and does now."""
    pilot, payload = autopilot.pilot, autopilot.payload
    north, east, down = pilot.position_ned_m
    return {
        "t": round(autopilot.boot_s, 3),
        "mode": pilot.mode.name,
        "armed": pilot.armed,
        "landed": pilot.landed,
        "north": round(north, 2),
        "east": round(east, 2),
        "up": round(-down, 2),
        "speed": round(pilot.ground_speed_mps, 2),
        "seq": pilot.mission_current,
        "items": autopilot.items.mission.count,
        "fence_items": autopilot.items.fence.count,
        "rally_items": autopilot.items.rally.count,
        "fence_on": autopilot.fence.enabled,
        "pictures": payload.pictures,
        "relays": payload.relays_on,
        "rtl_alt": autopilot.parameters["RTL_ALT"],
    }


async def write(autopilot: Autopilot, log: IO[str]) -> None:
    """Write the state down again and again."""
    while True:
        log.write(json.dumps(state(autopilot)) + "\n")
        log.flush()
        await asyncio.sleep(LOG_S)


async def serve(log: Path) -> None:
    """Serve until cancelled."""
    simulation = Simulation(numbered([HOME]))
    server = Server(simulation, base_port=0)
    await server.open()
    try:
        # The boot takes 45 s; judges need not wait for it.
        simulation.advance(45.0)
        print(server.url(0), flush=True)  # noqa: T201
        with log.open("w", encoding="utf-8") as stream:
            async with asyncio.TaskGroup() as group:
                group.create_task(simulation.run())
                group.create_task(write(simulation.autopilots[0], stream))
    finally:
        await server.close()


def main() -> None:
    """Run the server."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--log", type=Path, required=True)
    options = parser.parse_args()
    run_scaled(serve(options.log), speed=options.speed)


if __name__ == "__main__":
    main()
