"""The command ``dronepatrol``: parse, call the library, print."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module

from rich.console import Console

from dronepatrol import __version__
from dronepatrol.errors import DronePatrolError

EXIT_FINDINGS = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
"""128 plus SIGINT, as shells report it."""

COMMANDS = {
    "plan": "plan",
    "cover": "cover",
    "check": "check",
    "fly": "fly",
    "sim": "sim",
    "scenario": "scenario",
    "log": "log",
    "schema": "schema",
    "import": "import_osm",
}
"""Modules of this package by the word of their command, in the order of the help."""


def parser(words: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser with these commands; only their modules are loaded."""
    top = argparse.ArgumentParser(
        prog="dronepatrol",
        description="Plan patrol routes, fly them with simulated or real drones, and replay what was seen.",
    )
    top.add_argument("--version", action="version", version=f"dronepatrol {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for word in words:
        import_module(f"dronepatrol.cli.{COMMANDS[word]}").add_parser(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 findings, 2 error, 130 interrupted."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Loading all of them takes a second and 60 MB, which a command that serves for days should not hold.
    named = given[:1] if given and given[0] in COMMANDS else COMMANDS
    options = parser(named).parse_args(given)
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
