"""Options that several commands share."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path


def iso_date(text: str) -> date:
    """Read ``2026-09-14``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write it like 2026-09-14") from None


def add_mission(parser: argparse.ArgumentParser) -> None:
    """Add the mission file, the day and the seed."""
    parser.add_argument("mission", metavar="FILE", type=Path, help="mission file (YAML)")
    parser.add_argument(
        "--date", type=iso_date, metavar="DAY", help="day to plan for, like 2026-09-14 (default: the file's)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same result (default 0)")
