"""``dronepatrol log``: what can be asked of recorded logs."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from dronepatrol.telemetry.chain import Evidence, Verdict
from dronepatrol.telemetry.manifest import verify_run


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("log", help="verify recorded runs")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    verify = actions.add_parser("verify", help="say which block of which log was changed, cut or added")
    verify.add_argument("folder", metavar="RUN", type=Path)
    verify.add_argument("--public-key", metavar="PEM", type=Path, help="the key that must have signed it")
    verify.set_defaults(run=run_verify)


def run_verify(options: argparse.Namespace, console: Console) -> int:
    """Print a line per log and per problem; 1 if anything was changed."""
    evidence = verify_run(options.folder, public_key=options.public_key)
    for log in evidence.logs:
        _print_log(console, log)
    for problem in evidence.problems:
        console.print(f"broken: {problem}", style="bold red", markup=False, soft_wrap=True)
    if not evidence.sealed:
        console.print("not sealed: the run did not end in order", style="yellow")
    if evidence.signed_by:
        console.print(f"signed by {evidence.signed_by}", markup=False, soft_wrap=True)
    console.print(
        "intact" if evidence.intact else "NOT intact", style="green" if evidence.intact else "bold red"
    )
    return 0 if evidence.intact else 1


def _print_log(console: Console, log: Evidence) -> None:
    if log.verdict is Verdict.BROKEN:
        for problem in log.problems:
            console.print(
                f"broken: {log.path.name}: {problem}", style="bold red", markup=False, soft_wrap=True
            )
        return
    end = f", the last {log.unproven_bytes} bytes unproven" if log.verdict is Verdict.UNSEALED else ""
    console.print(
        f"{log.verdict.value}: {log.path.name}: {log.blocks} blocks{end}", markup=False, soft_wrap=True
    )
