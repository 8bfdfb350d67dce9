"""The run folder and the event log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dronepatrol.clock import run_virtual
from dronepatrol.errors import OutputError
from dronepatrol.flight.events import EventLog
from dronepatrol.flight.run_folder import RunFolder

EPOCH = datetime(2026, 9, 14, 4, 30, tzinfo=UTC)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """Nothing that is there already gets mixed with a run."""
    (tmp_path / "old.tlog").write_bytes(b"x")
    with pytest.raises(OutputError, match="not empty; name another"):
        RunFolder(tmp_path)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    """A file where the folder should be is one clear error."""
    (tmp_path / "run").write_text("a file")
    with pytest.raises(OutputError, match="cannot write a run there"):
        RunFolder(tmp_path / "run")


def test_nan_never_reaches_a_json_file(tmp_path: Path) -> None:
    """JSON has no NaN: writing one is an error and leaves no file."""
    run = RunFolder(tmp_path / "run")
    with pytest.raises(ValueError, match="not JSON compliant"):
        run.write_json("summary.json", {"value": float("nan")})
    assert list(run.path.iterdir()) == []


def test_events_are_lines_with_seconds_since_the_first(tmp_path: Path) -> None:
    """Each event is one JSON object a line, on the loop's calendar."""
    path = tmp_path / "events.jsonl"

    async def main() -> None:
        import asyncio

        log = EventLog(path)
        log.add("run_started", "began")
        await asyncio.sleep(12.5)
        log.add("photo", "picture 1", drone="k1", lon=24.94, lat=60.17)
        log.close()

    run_virtual(main(), epoch_utc=EPOCH)
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(line["t_s"], line["kind"], line["drone"]) for line in lines] == [
        (0.0, "run_started", None),
        (12.5, "photo", "k1"),
    ]
    assert lines[1]["t_utc"] == "2026-09-14T04:30:12.500Z"
    assert lines[1]["lon"] == 24.94
