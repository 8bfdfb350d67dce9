"""Open the folder of a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dronepatrol.errors import InputError
from dronepatrol.flight.run_folder import EVENTS_FILE, PLAN_FILE, SUMMARY_FILE
from dronepatrol.replay.data import Event, GeoJson, ReplayData, SummaryRow
from dronepatrol.replay.summary import rows_from_json
from dronepatrol.telemetry.reader import read_track
from dronepatrol.telemetry.track import Track


@dataclass(frozen=True, slots=True)
class Run:
    """What one execution of a plan left behind.

    Attributes
    ----------
    path
        The folder.
    plan
        The content of ``plan.geojson``.
    events
        The content of ``events.jsonl``, in order.
    tracks
        One per drone that recorded a position.
    summary
        The content of ``summary.json``.
    """

    path: Path
    plan: GeoJson
    events: tuple[Event, ...]
    tracks: tuple[Track, ...]
    summary: dict[str, Any]

    @property
    def rows(self) -> list[SummaryRow]:
        """The table of tasks."""
        return rows_from_json(self.summary.get("tasks", []))

    def replay_data(self, layers: Sequence[GeoJson] = ()) -> ReplayData:
        """Return everything that figures and the page need."""
        return ReplayData(
            title=str(self.plan.get("mission", self.path.name)),
            time_zone=ZoneInfo(str(self.plan.get("time_zone", "UTC"))),
            layers=layers,
            plan=self.plan,
            tracks=self.tracks,
            events=self.events,
            ceiling_m=self.summary.get("ceiling_agl_m"),
            reserve=self.summary.get("reserve"),
            summary=self.rows,
        )


def read_tracks(folder: Path) -> tuple[Track, ...]:
    """Return the track of every `.tlog` in a folder that holds a position, in order of file name."""
    tracks = []
    for path in sorted(folder.glob("*.tlog")):
        try:
            tracks.append(read_track(path, path.stem))
        except InputError:
            continue  # a drone that never had a position has no track
    return tuple(tracks)


def read_events(path: Path) -> tuple[Event, ...]:
    """Return the events of a log; a last line cut off by a crash is left out."""
    events: list[Event] = []
    for line in path.read_text("utf-8").splitlines():
        try:
            events.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return tuple(events)


def open_run(path: str | Path) -> Run:
    """Open a run folder.

    Raises
    ------
    InputError
        It is no run folder, or a file in it cannot be read.
    """
    folder = Path(path)
    if not (folder / PLAN_FILE).is_file():
        raise InputError(f"no {PLAN_FILE} in it", file=folder, remedy="name a folder that `fly` made")
    try:
        plan = json.loads((folder / PLAN_FILE).read_text("utf-8"))
        events = read_events(folder / EVENTS_FILE)
        summary_file = folder / SUMMARY_FILE
        summary = json.loads(summary_file.read_text("utf-8")) if summary_file.is_file() else {}
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the run: {error}", file=folder) from error
    return Run(folder, plan, events, read_tracks(folder), summary)
