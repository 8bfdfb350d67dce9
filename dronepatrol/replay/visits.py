"""When which drone was at which task: as planned, and as flown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.seen import VisitSpan, visit_spans

PASS_GAP = timedelta(seconds=60)
"""Between two passes over a task a drone turns round, which takes less."""


def planned_visits(data: ReplayData) -> list[VisitSpan]:
    """Return the visits of the plan, from each sortie's sweeps and turns over a task, in order of time."""
    found: dict[tuple[str, str, str], tuple[datetime, datetime]] = {}
    for leg in data.features("leg"):
        properties = leg["properties"]
        if not properties.get("task"):
            continue
        begin = datetime.fromisoformat(properties["start_utc"])
        end = begin + timedelta(seconds=float(properties["duration_s"]))
        key = (properties["task"], properties["drone"], properties["sortie"])
        earliest, latest = found.get(key, (begin, end))
        found[key] = (min(earliest, begin), max(latest, end))
    visits = [VisitSpan(task, drone, begin, end) for (task, drone, _), (begin, end) in found.items()]
    return sorted(visits, key=lambda visit: visit.begin)


def flown_visits(data: ReplayData) -> list[VisitSpan]:
    """Return the visits that the events tell of, in order of time; passes in a row are one visit."""
    joined: dict[tuple[str, str], list[VisitSpan]] = {}
    for span in visit_spans(data.events):
        visits = joined.setdefault((span.task_id, span.drone), [])
        if visits and span.begin - visits[-1].end <= PASS_GAP:
            visits[-1] = replace(visits[-1], end=max(span.end, visits[-1].end))
        else:
            visits.append(span)
    return sorted((visit for visits in joined.values() for visit in visits), key=lambda visit: visit.begin)


def task_names(data: ReplayData) -> dict[str, str]:
    """Return the name of each task of the plan by its id."""
    return {
        str(task["properties"].get("id")): str(task["properties"].get("name") or task["properties"].get("id"))
        for task in data.features("task")
    }
