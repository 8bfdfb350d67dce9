"""What figures and the page are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.track import Track

GeoJson = Mapping[str, Any]
"""A parsed GeoJSON object (RFC 7946)."""

Event = Mapping[str, Any]
"""One line of ``events.jsonl``: ``t_s``, ``t_utc``, ``drone``, ``sortie``, ``kind``, ``text``."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One line of the table that compares plan and flight; None where a figure is not known.

    Attributes
    ----------
    task_id, task
        The task's id and name.
    drone
        Who flew it: ``"k1"``, or ``"k1, k2"``.
    planned_length_m, flown_length_m
        Length of the task's legs.
    planned_s, flown_s
        Time at the task.
    seen
        Share of the task's area really seen, 0 to 1.
    battery_left
        Share of the battery left at landing, 0 to 1.
    findings
        How many findings concern the task.
    """

    task_id: str
    task: str
    drone: str
    planned_length_m: float | None = None
    flown_length_m: float | None = None
    planned_s: float | None = None
    flown_s: float | None = None
    seen: float | None = None
    battery_left: float | None = None
    findings: int | None = None


@dataclass(frozen=True, slots=True)
class ReplayData:
    """One run, or one plan before it is flown, ready to be drawn.

    Attributes
    ----------
    title
        Shown above figures and page.
    time_zone
        Local times are shown in it.
    layers
        GeoJSON FeatureCollections under everything else; the foreign member ``attribution`` (a string or
        a list of strings) is printed on the map.
    plan
        The content of ``plan.geojson``, or None for a flight without a plan.
    tracks
        What was flown; empty for a plan.
    events
        The content of ``events.jsonl``.
    ceiling_m
        Highest altitude above home that the mission allows, drawn as a line.
    reserve
        Share of the battery that must be left at landing, 0 to 1, drawn as a line.
    summary
        The table of tasks.
    """

    title: str
    time_zone: ZoneInfo
    layers: Sequence[GeoJson] = ()
    plan: GeoJson | None = None
    tracks: Sequence[Track] = ()
    events: Sequence[Event] = ()
    ceiling_m: float | None = None
    reserve: float | None = None
    summary: Sequence[SummaryRow] = field(default=())

    @property
    def drones(self) -> list[str]:
        """Drone ids in order of the plan, then those only flown; colours and marks follow this order."""
        planned = [str(leg["properties"].get("drone", "")) for leg in self.features("leg")]
        return sorted(dict.fromkeys([d for d in planned if d])) + sorted(
            {track.vehicle for track in self.tracks} - set(planned)
        )

    @property
    def start_utc(self) -> datetime:
        """The earliest moment of run, tracks and plan: second zero of the replay.

        A run without any time starts in 1970.
        """
        moments = [
            track.start_utc + timedelta(seconds=float(track.time_s[0])) for track in self.tracks if len(track)
        ]
        moments += [moment for event in self.events if (moment := event_moment(event)) is not None]
        if not moments:
            moments = [datetime.fromisoformat(leg["properties"]["start_utc"]) for leg in self.features("leg")]
        return min(moments, default=datetime(1970, 1, 1, tzinfo=UTC))

    @property
    def attribution(self) -> list[str]:
        """Who made the map data, each named once."""
        names: dict[str, None] = {}
        for source in [*self.layers, *([self.plan] if self.plan else [])]:
            given = source.get("attribution") or ()
            names.update(dict.fromkeys([given] if isinstance(given, str) else [str(name) for name in given]))
        return list(names)

    def features(self, role: str) -> list[Mapping[str, Any]]:
        """Return the plan's features of one role (``"leg"``, ``"task"``, ...) that have a geometry."""
        if self.plan is None:
            return []
        return [
            feature
            for feature in self.plan.get("features", ())
            if feature.get("geometry") and feature.get("properties", {}).get("role") == role
        ]


def event_moment(event: Event) -> datetime | None:
    """Return the moment of an event, or None if it carries no ``t_utc``."""
    text = event.get("t_utc")
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def event_times_s(data: ReplayData) -> list[float]:
    """Return each event's time in seconds since `ReplayData.start_utc`.

    An event without ``t_utc`` is placed by its ``t_s``, which counts from the run's first event.
    """
    start = data.start_utc
    moments = [event_moment(event) for event in data.events]
    offset_s = next(
        (
            (moment - start).total_seconds() - float(event.get("t_s", 0.0))
            for event, moment in zip(data.events, moments, strict=True)
            if moment is not None
        ),
        0.0,
    )
    return [
        (moment - start).total_seconds() if moment is not None else float(event.get("t_s", 0.0)) + offset_s
        for event, moment in zip(data.events, moments, strict=True)
    ]


def epoch_s(track: Track) -> npt.NDArray[np.float64]:
    """Return the track's times in seconds since 1970 (UTC), shape (n,)."""
    return track.start_utc.timestamp() + track.time_s
