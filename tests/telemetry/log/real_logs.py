"""Real logs to read, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
TLOGS = sorted([*DATA.glob("logs/*.tlog"), *DATA.glob("arducopter/*.tlog")])
DATAFLASH = sorted([*DATA.glob("logs/*.BIN"), *DATA.glob("arducopter/*.BIN")])
ULOGS = sorted(DATA.glob("logs/*.ulg"))

QUICK = {"eaics_flight.tlog", "uavlogviewer_vtol.tlog", "square-stop.tlog", "pymavlink_test.BIN"}
"""Logs that the default run compares; the rest is marked slow."""


def cases(paths: list[Path]) -> list[object]:
    """Return one test case per log, or one that says why there is none."""
    if not paths:
        return [pytest.param(None, marks=pytest.mark.skip(reason="the real logs are not at hand"))]
    return [
        pytest.param(path, id=path.name, marks=() if path.name in QUICK else pytest.mark.slow)
        for path in paths
    ]


def real_log(name: str) -> Path:
    """Return a log by its path under the data folder; skip the test where it is missing."""
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"needs {name}, which is not at hand")
    return path
