"""The command ``dronepatrol``: parse, call the library, print."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from rich.console import Console

from dronepatrol import __version__
from dronepatrol.cli import check, fly, import_osm, plan, schema, sim
from dronepatrol.errors import DronePatrolError

EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
"""128 plus SIGINT, as shells report it."""

COMMANDS = (plan, check, fly, sim, schema, import_osm)


def parser() -> argparse.ArgumentParser:
    """Return the parser with all commands."""
    top = argparse.ArgumentParser(
        prog="dronepatrol",
        description="Plan patrol routes, fly them with simulated or real drones, and replay what was seen.",
    )
    top.add_argument("--version", action="version", version=f"dronepatrol {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 findings, 2 error, 130 interrupted."""
    options = parser().parse_args(arguments)
    console = Console(highlight=False)
    try:
        code: int = options.run(options, console)
    except DronePatrolError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print("error:", str(error), markup=False)
        return EXIT_ERROR
    except KeyboardInterrupt:
        Console(stderr=True, highlight=False).print("interrupted")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`dronepatrol plan ... | head`): nothing more to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
