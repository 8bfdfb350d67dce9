"""``dronepatrol plan``: make a plan, print it, write it and draw it."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from dronepatrol import api
from dronepatrol.cli.options import add_mission
from dronepatrol.cli.tables import print_plan


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("plan", help="plan a mission; writes plan.geojson and plan.png")
    add_mission(parser)
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="where both files go (default: here)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Plan and write."""
    mission = api.load_mission(options.mission, day=options.date)
    with console.status("planning"):
        plan = api.plan_mission(mission, seed=options.seed)
    print_plan(console, plan)
    target: Path = options.out
    api.make_folder(target)
    api.write_plan(plan, target / "plan.geojson")
    with console.status("drawing"):
        api.draw_plan(plan, target / "plan.png")
    console.print(f"wrote {target / 'plan.geojson'} and {target / 'plan.png'}", soft_wrap=True)
    return 0
