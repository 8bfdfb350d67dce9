"""``dronepatrol sim``: simulated drones for any ground station or client."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import re
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console

from dronepatrol.cli.sim_view import LogView, TableView, View
from dronepatrol.clock import run_scaled
from dronepatrol.errors import InputError
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.sim.fleet import mission_drones
from dronepatrol.sim.models import REFERENCE, find_model
from dronepatrol.sim.motion.fleet import Home
from dronepatrol.sim.scenario import apply_conditions, load_scenario
from dronepatrol.sim.serve import BASE_PORT, Server
from dronepatrol.sim.simulation import SimulatedDrone, Simulation, numbered, spread
from dronepatrol.sim.weather import Weather

MOST_DRONES = 250
"""System ids above that belong to ground stations by custom."""
DEFAULT_HOME = "-35.363262,149.165237,584,353"
"""Where ArduPilot's simulator starts if it is not told: Canberra Model Aircraft Club."""
FREE = math.inf


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "sim",
        help="serve simulated drones to any ground station or client",
        description="Serve simulated drones that speak MAVLink as ArduCopter does. Drone k (from 0) listens "
        "on TCP ports 5760, 5762 and 5763, plus 10 k. Stop with Ctrl-C.",
    )
    parser.add_argument(
        "--drones", type=int, default=1, metavar="N", help="how many; system ids are 1 to N (default 1)"
    )
    parser.add_argument(
        "--base-port",
        type=int,
        default=BASE_PORT,
        metavar="PORT",
        help=f"first TCP port (default {BASE_PORT})",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for all (default 127.0.0.1)"
    )
    parser.add_argument(
        "--out",
        action="append",
        default=[],
        metavar="URL",
        help="also talk to a ground station there, for example udpout://127.0.0.1:14550; may be repeated",
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="FACTOR",
        help="times the wall clock, or max for as fast as the computer can (default 1)",
    )
    parser.add_argument(
        "--home",
        default=DEFAULT_HOME,
        metavar="LAT,LON,ALT,HEADING",
        help="where the first drone stands, in degrees and metres above sea level; the others stand 5 m "
        f"apart (default {DEFAULT_HOME})",
    )
    parser.add_argument(
        "--model",
        default=REFERENCE,
        help="from the shipped table, or reference: the frame of ArduCopter's simulator (default)",
    )
    parser.add_argument(
        "--wind",
        metavar="MPS,FROM[,GUSTS]",
        help="speed at 60 m, direction it blows from, strength of gusts (default calm)",
    )
    parser.add_argument(
        "--scenario",
        type=Path,
        metavar="FILE",
        help="drones, weather, faults and links of a scenario file, in place of --drones, --home, --model "
        "and --wind",
    )
    parser.add_argument(
        "--seed", type=int, help="of everything random, such as gusts (default 0, or the scenario's)"
    )
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")
    # A southern home begins with a minus sign, which argparse would take for the start of an option.
    parser._negative_number_matcher = re.compile(r"-\d")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Serve until stopped."""
    if not 1 <= options.drones <= MOST_DRONES:
        raise InputError(
            f"{options.drones} drones", place="--drones", remedy=f"give a number from 1 to {MOST_DRONES}"
        )
    scenario = None if options.scenario is None else load_scenario(options.scenario, seed=options.seed)
    seed = options.seed or 0
    drones = _drones(options) if scenario is None else mission_drones(scenario.mission)
    weather = None if options.wind is None else read_wind(options.wind, seed=seed)
    free = options.speed == FREE

    async def serve() -> None:
        simulation = Simulation(drones, wind=weather, seed=seed if scenario is None else scenario.seed)
        if scenario is not None:
            names = [drone.id for drone in scenario.mission.drones]
            apply_conditions(simulation, scenario.conditions, names)
        server = Server(simulation, host=options.host, base_port=options.base_port, outs=options.out)
        view = _view(server, console, speed=options.speed, quiet=options.quiet)
        await serve_until_stopped(server, view.show, free=free)
        view.farewell()

    run_scaled(serve(), speed=1.0 if free else options.speed)
    return 0


def _drones(options: argparse.Namespace) -> list[SimulatedDrone]:
    homes = spread(read_home(options.home), options.drones)
    try:
        model = find_model(options.model)
    except InputError as error:
        raise error.located(place="--model") from None
    return numbered(homes, model)


async def serve_until_stopped(
    server: Server, show: Callable[[], Awaitable[None]], *, free: bool = False
) -> None:
    """Serve drones until the process is told to end.

    Parameters
    ----------
    show
        Runs beside the simulation and shows it.
    free
        Do not wait for the clock.

    Raises
    ------
    LinkError
        A port cannot be opened.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    await server.open()
    tasks = [
        loop.create_task(server.simulation.run(free=free)),
        loop.create_task(_coroutine(show)),
        loop.create_task(_coroutine(stopped.wait)),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.close()


async def _coroutine(function: Callable[[], Awaitable[object]]) -> None:
    await function()


def _view(server: Server, console: Console, *, speed: float, quiet: bool) -> View:
    if quiet:
        return View(server)
    return TableView(server, console, speed) if console.is_terminal else LogView(server, console, speed)


def _speed(text: str) -> float:
    if text == "max":
        return FREE
    try:
        speed = float(text)
    except ValueError:
        speed = math.nan
    if not 0.0 < speed <= 1000.0:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a factor above 0 (and up to 1000) nor max")
    return speed


def _numbers(text: str, place: str, example: str, counts: tuple[int, ...]) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) not in counts or not all(map(math.isfinite, values)):
        wanted = " or ".join(map(str, counts))
        raise InputError(f"{text!r} is not {wanted} numbers", place=place, remedy=f"write it like {example}")
    return values


def read_home(text: str) -> Home:
    """Read ``lat,lon,alt,heading``.

    Raises
    ------
    InputError
        It is not four numbers in range.
    """
    lat_deg, lon_deg, altitude_amsl_m, heading_deg = _numbers(text, "--home", DEFAULT_HOME, (4,))
    if abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0:
        raise InputError(
            f"latitude {lat_deg:g} and longitude {lon_deg:g} are not on Earth",
            place="--home",
            remedy="latitude comes first, from -90 to 90, then longitude, from -180 to 180",
        )
    return degrees_e7(lat_deg), degrees_e7(lon_deg), altitude_amsl_m, heading_deg % 360.0


def read_wind(text: str, *, seed: int) -> Weather:
    """Read ``speed,from[,gusts]`` as ArduPilot's simulator understands its wind parameters.

    Raises
    ------
    InputError
        It is not two or three numbers, or a speed is negative.
    """
    speed_mps, from_deg, *gusts = _numbers(text, "--wind", "8,270,1.5", (2, 3))
    if speed_mps < 0.0 or (gusts and gusts[0] < 0.0):
        raise InputError("a wind speed below 0", place="--wind", remedy="turn the direction instead")
    return Weather.reference(speed_mps, from_deg, gusts[0] if gusts else 0.0, seed=seed)
