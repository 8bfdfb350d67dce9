"""``dronepatrol check``: say what is wrong with a mission before take-off."""

from __future__ import annotations

import argparse

from rich.console import Console

from dronepatrol import api
from dronepatrol.cli.options import add_mission
from dronepatrol.cli.tables import print_findings
from dronepatrol.model.finding import Severity


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("check", help="plan a mission and print findings; exits 1 on an error")
    add_mission(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Plan, check and print."""
    mission = api.load_mission(options.mission, day=options.date)
    with console.status("planning and checking"):
        findings = api.check_plan(api.plan_mission(mission, seed=options.seed))
    print_findings(console, findings)
    return 1 if any(finding.severity is Severity.ERROR for finding in findings) else 0
