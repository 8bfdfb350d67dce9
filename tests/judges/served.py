"""A served drone and its own account of what it did."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
State = dict[str, Any]


class Served:
    """One drone in a process of its own.

    Attributes
    ----------
    url
        ``tcp://host:port`` of its link.
    """

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    @property
    def folder(self) -> Path:
        """Return a folder that goes with the drone."""
        return self._log.parent

    @property
    def address(self) -> str:
        """Return ``host:port``."""
        return self.url.removeprefix("tcp://")

    def states(self) -> list[State]:
        """Return all states written down so far."""
        lines = self._log.read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def now(self) -> State:
        """Return the last state."""
        return self.states()[-1]

    def wait(self, condition: Callable[[State], bool], what: str, wall_s: float = 40.0) -> State:
        """Wait until the drone's own state satisfies a condition."""
        end_s = time.monotonic() + wall_s
        while time.monotonic() < end_s:
            if condition(self.now()):
                return self.now()
            time.sleep(0.05)
        raise AssertionError(f"no {what} within {wall_s} s: {self.now()}")


@contextmanager
def served_drone(folder: Path, *, speed: float) -> Iterator[Served]:
    """Serve a drone that has booted; end the process afterwards."""
    log = folder / "state.jsonl"
    command = [sys.executable, "-m", "tests.judges.serve_one", "--speed", str(speed), "--log", str(log)]
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url.startswith("tcp://"), "the drone is not served"
            served = Served(url, log)
            while not log.exists() or not served.states():
                time.sleep(0.05)
            yield served
        finally:
            process.terminate()
            process.wait(10)
