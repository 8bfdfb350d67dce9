"""The table of a run: what was asked, planned, flown and seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.model.finding import Finding
from dronepatrol.model.plan import Plan, Sortie
from dronepatrol.replay.data import Event, SummaryRow, epoch_s, event_moment
from dronepatrol.replay.seen import TaskSeen, VisitSpan, seen
from dronepatrol.telemetry.track import Track


def sortie_spans(events: Iterable[Event]) -> dict[tuple[str, str], VisitSpan]:
    """Return, by task and sortie, the time from the first pass's start to the last one's end."""
    spans: dict[tuple[str, str], VisitSpan] = {}
    for event in events:
        moment, task, sortie = event_moment(event), event.get("task"), event.get("sortie")
        if moment is None or task is None or sortie is None:
            continue
        key = (str(task), str(sortie))
        begin = spans[key].begin if key in spans else moment
        spans[key] = VisitSpan(str(task), str(event["drone"]), begin, moment)
    return spans


def flown_length_m(track: Track, begin: datetime, end: datetime) -> float:
    """Return the length flown over ground between two moments."""
    at_s = epoch_s(track)
    inside = (at_s >= begin.timestamp()) & (at_s <= end.timestamp())
    points = track.lonlat_deg[inside]
    if len(points) < 2:
        return 0.0
    steps = np.diff(LocalFrame.around(points).to_enu(points), axis=0)
    return float(np.hypot(steps[:, 0], steps[:, 1]).sum())


def summary_rows(
    plan: Plan,
    tracks: Sequence[Track],
    events: Sequence[Event],
    findings: Sequence[Finding],
    battery_left: Mapping[str, float],
) -> list[SummaryRow]:
    """Return one row for each task of each sortie, in order of the plan.

    Parameters
    ----------
    battery_left
        By sortie id, the share left after landing.
    """
    spans = sortie_spans(events)
    by_drone = {track.vehicle: track for track in tracks}
    shares = {
        key: seen([plan.mission.task(key[0])], list(tracks), spans=[span])[0] for key, span in spans.items()
    }
    return [
        _row(plan, sortie, task, by_drone, spans, shares, findings, battery_left)
        for sortie in plan.sorties
        for task in sortie.task_ids
    ]


def _row(
    plan: Plan,
    sortie: Sortie,
    task_id: str,
    tracks: Mapping[str, Track],
    spans: Mapping[tuple[str, str], VisitSpan],
    shares: Mapping[tuple[str, str], TaskSeen],
    findings: Sequence[Finding],
    battery_left: Mapping[str, float],
) -> SummaryRow:
    legs = [leg for leg in sortie.legs if leg.task_id == task_id]
    key = (task_id, sortie.id)
    span, track = spans.get(key), tracks.get(sortie.drone_id)
    flown_m = flown_length_m(track, span.begin, span.end) if span and track else None
    left = battery_left.get(sortie.id, math.nan)
    return SummaryRow(
        task_id=task_id,
        task=plan.mission.task(task_id).name,
        drone=sortie.drone_id,
        planned_length_m=sum(leg.length_m for leg in legs),
        flown_length_m=flown_m,
        planned_s=sum(leg.duration_s for leg in legs),
        flown_s=(span.end - span.begin).total_seconds() if span else None,
        seen=shares[key].share if key in shares else 0.0,
        battery_left=left if math.isfinite(left) else None,
        findings=sum(task_id in finding.where or sortie.id in finding.where for finding in findings),
    )


def rows_as_json(rows: Sequence[SummaryRow]) -> list[dict[str, Any]]:
    """Return rows as plain values, rounded to what they are worth."""
    return [
        {name: round(v, 3) if isinstance(v, float) else v for name, v in asdict(row).items()} for row in rows
    ]


def rows_from_json(rows: Sequence[Mapping[str, Any]]) -> list[SummaryRow]:
    """Return the rows that `rows_as_json` wrote."""
    return [SummaryRow(**row) for row in rows]
