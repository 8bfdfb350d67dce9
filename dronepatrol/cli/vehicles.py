"""Which vehicles ``dronepatrol fly`` flies: simulated ones, ArduPilot's simulator, or those behind links."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dronepatrol.errors import InputError
from dronepatrol.flight.connected import ConnectedFleet, assign_urls
from dronepatrol.flight.executive import run_start
from dronepatrol.flight.fleet import Fleet
from dronepatrol.flight.sitl import SitlFleet
from dronepatrol.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Vehicles:
    """What to fly with, on which clock.

    Attributes
    ----------
    fleet
        None for the built-in simulation.
    speed
        Times the wall clock; None for the virtual clock.
    epoch_utc
        Calendar moment at which the run begins; None for a little before the plan's first launch.
    """

    fleet: Fleet | None = None
    speed: float | None = None
    epoch_utc: datetime | None = None


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the choice of vehicles to a command."""
    group = parser.add_argument_group("vehicles", "without these, simulated drones fly on the virtual clock")
    group.add_argument(
        "--connect",
        action="append",
        metavar="[DRONE=]URL",
        help="fly the vehicle behind a link, like udpin://0.0.0.0:14550, tcp://127.0.0.1:5760 or "
        "serial:///dev/ttyACM0?baud=57600; once for each drone of the plan",
    )
    group.add_argument(
        "--sitl", type=Path, metavar="ARDUCOPTER", help="start ArduPilot's simulator for each drone"
    )
    group.add_argument(
        "--sitl-defaults",
        type=Path,
        metavar="PARM",
        help="its parameter file (default: a small one that ships)",
    )
    group.add_argument(
        "--speedup",
        type=float,
        default=1.0,
        metavar="N",
        help="times the wall clock, for simulators (default 1)",
    )
    group.add_argument(
        "--now",
        action="store_true",
        help="with --connect: begin at once, whatever the mission's day and times say",
    )


def chosen(options: argparse.Namespace, plan: Plan, out: Path) -> Vehicles:
    """Return the vehicles that the options ask for.

    Raises
    ------
    InputError
        Options contradict each other, or the plan's first launch is over.
    """
    if not 0.0 < options.speedup <= 1000.0:
        raise InputError(f"--speedup {options.speedup:g}: not above 0 and up to 1000", remedy="try 10")
    if options.sitl is not None and options.connect:
        raise InputError("--sitl and --connect exclude each other", remedy="give one of them")
    if not plan.sorties:
        return Vehicles()
    if options.sitl is not None:
        fleet = SitlFleet(
            options.sitl, plan, out / "sitl", speedup=options.speedup, defaults=options.sitl_defaults
        )
        return Vehicles(fleet, options.speedup)
    if options.connect:
        urls = assign_urls(plan, options.connect)
        return Vehicles(ConnectedFleet(urls), options.speedup, _begin(plan, now=options.now))
    if options.speedup != 1.0:
        raise InputError(
            "--speedup is for --sitl and --connect", remedy="leave it out: simulated drones need none"
        )
    return Vehicles()


def _begin(plan: Plan, *, now: bool) -> datetime:
    """Real vehicles fly by the real calendar, unless told to begin at once."""
    if now:
        return run_start(plan)
    moment = datetime.now(UTC)
    if run_start(plan) < moment:
        first = min(sortie.launch for sortie in plan.sorties).astimezone(plan.mission.time_zone)
        raise InputError(
            f"the first launch, {first:%Y-%m-%d %H:%M:%S}, is too near or over",
            remedy="plan a later day with --date, or begin at once with --now",
        )
    return moment
