"""``dronepatrol schema``: print the JSON Schema of mission files."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from dronepatrol import api


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("schema", help="print the JSON Schema of mission files")
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace, _console: Console) -> int:
    """Print the schema unwrapped, so that it can go into a file."""
    sys.stdout.write(api.mission_schema_text())
    return 0
