"""Stands in for the arducopter binary where none is installed: its options, our drone behind them."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from dronepatrol.cli.sim import serve_until_stopped
from dronepatrol.clock import run_scaled
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.sim.serve import Server
from dronepatrol.sim.simulation import SimulatedDrone, Simulation

FIRST_PORT = 5760


def read_options() -> argparse.Namespace:
    """Read the options that ArduPilot's simulator knows."""
    parser = argparse.ArgumentParser()
    for option in ("--model", "--speedup", "--defaults", "--home", "--sysid"):
        parser.add_argument(option, required=True)
    parser.add_argument("-I", dest="instance", type=int, required=True)
    return parser.parse_args()


async def show_nothing() -> None:
    """Wait until the server stops."""
    await asyncio.Event().wait()


def main() -> None:
    """Serve one drone until terminated, leaving a dataflash log behind."""
    options = read_options()
    assert Path(options.defaults).is_file()
    Path("logs").mkdir(exist_ok=True)
    Path("logs/00000001.BIN").write_bytes(f"log of system {options.sysid}".encode())
    lat, lon, altitude, heading = (float(part) for part in options.home.split(","))
    home = (degrees_e7(lat), degrees_e7(lon), altitude, heading)

    async def serve() -> None:
        simulation = Simulation([SimulatedDrone(int(options.sysid), home)])
        server = Server(simulation, base_port=FIRST_PORT + 10 * options.instance)
        await serve_until_stopped(server, show_nothing)

    run_scaled(serve(), speed=float(options.speedup))


if __name__ == "__main__":
    main()
