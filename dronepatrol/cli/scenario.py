"""``dronepatrol scenario``: rehearse a mission or a fleet and say which expectations held."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from dronepatrol.scenarios import ScenarioReport, run_scenario
from dronepatrol.sim.scenario import load_scenario


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "scenario",
        help="rehearse under given weather, faults and links; exits 1 if an expectation fails",
    )
    parser.add_argument("scenario", metavar="FILE", type=Path, help="scenario file (YAML)")
    parser.add_argument("--seed", type=int, metavar="N", help="in place of the file's own")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="run folder to make (default: runs/NAME-DATE-TIME)"
    )
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    parser.add_argument("--pictures", action="store_true", help="also make replay.png and replay.html")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Run, print, judge."""
    scenario = load_scenario(options.scenario, seed=options.seed)
    out: Path = options.out or Path("runs") / f"{options.scenario.stem}-{datetime.now():%Y%m%d-%H%M%S}"
    report = run_scenario(scenario, out, pictures=options.pictures)
    if options.json:
        sys.stdout.write(json.dumps(report.as_json(), ensure_ascii=False, indent=1) + "\n")
    else:
        print_outcomes(console, report)
        console.print(f"run: {out}", soft_wrap=True, markup=False)
    return 0 if report.held else 1


def print_outcomes(console: Console, report: ScenarioReport) -> None:
    """Print one line for each expectation."""
    table = Table(title=report.name, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("expected", "found", "wanted", ""):
        table.add_column(column, overflow="fold")
    for outcome in report.outcomes:
        mark = "[green]held[/]" if outcome.held else "[bold red]failed[/]"
        table.add_row(outcome.what, outcome.found, outcome.wanted, mark)
    console.print(table)
    failed = sum(not outcome.held for outcome in report.outcomes)
    console.print(f"{len(report.outcomes) - failed} of {len(report.outcomes)} expectations held")
