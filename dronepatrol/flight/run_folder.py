"""The folder that one execution of a plan leaves behind."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from dronepatrol.errors import OutputError

MISSION_FILE = "mission.yaml"
PLAN_FILE = "plan.geojson"
EVENTS_FILE = "events.jsonl"
SUMMARY_FILE = "summary.json"
PICTURE_FILE = "replay.png"
PAGE_FILE = "replay.html"


class RunFolder:
    """A new, empty folder with known file names in it.

    Parameters
    ----------
    path
        It must not exist, or be an empty folder.

    Raises
    ------
    OutputError
        It holds something already, or cannot be made or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise OutputError(f"{path}: the run folder is not empty; name another with --out")
            with tempfile.TemporaryFile(dir=path):
                pass
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(
                f"{path}: cannot write a run there: {reason}; name another with --out"
            ) from error

    def tlog(self, drone_id: str) -> Path:
        """Return the path of one drone's telemetry log."""
        return self.path / f"{drone_id}.tlog"

    def file(self, name: str) -> Path:
        """Return the path of a file in the folder."""
        return self.path / name

    def write_text(self, name: str, text: str) -> None:
        """Write a file whole, or not at all."""
        write_whole(self.path / name, text)

    def write_json(self, name: str, value: Any) -> None:
        """Write a value as indented JSON; NaN is refused."""
        self.write_text(name, json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then give it its own.

    Raises
    ------
    OutputError
        The file cannot be written; nothing is left behind.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(f"{path}: cannot write: {error.strerror or error}") from error
