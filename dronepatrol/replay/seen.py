"""Which share of each task's area was really seen, from what was flown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import coordinates_lonlat, project
from dronepatrol.model.task import AreaTask
from dronepatrol.replay.data import Event, epoch_s, event_moment
from dronepatrol.replay.decimation import needed_samples
from dronepatrol.telemetry.track import Track

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

VISIT_GAP_S = 120.0
"""A drone that stays away longer than this comes back for another visit; long turns are shorter."""
PATH_TOLERANCE_M = 0.1
"""How far the simplified path may lie from the flown one: a twentieth of the default cell."""
LONGEST_STEP_S = 5.0
"""Between samples further apart than this nothing is known, so nothing counts as seen."""


@dataclass(frozen=True, slots=True)
class VisitSpan:
    """From when to when a drone was at a task."""

    task_id: str
    drone: str
    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """What one visit saw: a share of the task's area, 0 to 1."""

    task_id: str
    drone: str
    begin: datetime
    end: datetime
    share: float


@dataclass(frozen=True, slots=True)
class TaskSeen:
    """What all visits together saw of one task.

    Attributes
    ----------
    share
        Share of the task's area seen at least once, 0 to 1.
    area_m2, seen_m2
        The task's area, and the part of it that was seen.
    visits
        In order of time.
    """

    task_id: str
    share: float
    area_m2: float
    seen_m2: float
    visits: tuple[VisitSeen, ...]


def visit_spans(events: Iterable[Event]) -> list[VisitSpan]:
    """Return when drones were at tasks, from the events ``task_started`` and ``task_finished``.

    A visit that never finished lasts until the drone's last event.
    """
    spans: list[VisitSpan] = []
    begun: dict[tuple[str, str], datetime] = {}
    last: dict[str, datetime] = {}
    for event in events:
        moment, drone, task = event_moment(event), event.get("drone"), event.get("task")
        if moment is None or drone is None:
            continue
        last[str(drone)] = moment
        key = (str(task), str(drone))
        if event.get("kind") == "task_started":
            begun.setdefault(key, moment)
        elif event.get("kind") == "task_finished" and key in begun:
            spans.append(VisitSpan(*key, begun.pop(key), moment))
    spans += [VisitSpan(task, drone, begin, last[drone]) for (task, drone), begin in begun.items()]
    return sorted(spans, key=lambda span: span.begin)


def seen(
    tasks: Sequence[AreaTask],
    tracks: Sequence[Track],
    *,
    spans: Sequence[VisitSpan] | None = None,
    cell_m: float = 2.0,
    altitude_tolerance_m: float = 10.0,
) -> list[TaskSeen]:
    """Measure the share of each task's area that the drones saw.

    The camera looks straight down. Moving from one sample to the next it sees a capsule around the path,
    as wide as the task's swath scaled with the altitude really flown (the field of view is constant, so the
    swath grows in proportion to height). The ground is taken as level with home. The share is counted on
    cells whose centres lie in the area.

    Parameters
    ----------
    tasks
        What was to be seen.
    tracks
        What was flown, any number per drone.
    spans
        If given, a drone sees a task only within these spans (see `visit_spans`); else whenever it is near.
    cell_m
        Edge of a cell.
    altitude_tolerance_m
        A drone further above or below the task's altitude is passing by and sees nothing.

    Returns
    -------
    list of TaskSeen
        One for each task, in their order.
    """
    return [_task_seen(task, tracks, spans, cell_m, altitude_tolerance_m) for task in tasks]


def _task_seen(
    task: AreaTask,
    tracks: Sequence[Track],
    spans: Sequence[VisitSpan] | None,
    cell_m: float,
    altitude_tolerance_m: float,
) -> TaskSeen:
    frame = LocalFrame.around(coordinates_lonlat(task.polygon))
    area = project(task.polygon, frame)
    grid = _Grid(area, cell_m)
    visits: list[VisitSeen] = []
    total = np.zeros_like(grid.inside)
    for track in tracks:
        path = frame.to_enu(track.lonlat_deg)
        radius_m = 0.5 * task.swath_m * track.altitude_home_m / task.altitude_agl_m
        near = np.abs(track.altitude_home_m - task.altitude_agl_m) <= altitude_tolerance_m
        near &= np.isfinite(path).all(axis=1)
        near[near] = shapely.distance(area, shapely.points(path[near])) <= radius_m[near]
        for samples in _visits(near, epoch_s(track), task.id, track.vehicle, spans):
            seen_now = grid.covered(track.time_s, path, radius_m, samples)
            total |= seen_now
            begin, end = (datetime.fromtimestamp(float(epoch_s(track)[i]), UTC) for i in samples[[0, -1]])
            visits.append(VisitSeen(task.id, track.vehicle, begin, end, grid.share(seen_now)))
    share = grid.share(total)
    visits.sort(key=lambda visit: visit.begin)
    return TaskSeen(task.id, share, float(area.area), share * float(area.area), tuple(visits))


def _visits(
    near: Mask, moments_s: Array, task_id: str, drone: str, spans: Sequence[VisitSpan] | None
) -> list[npt.NDArray[np.intp]]:
    """Sample indices of each visit: the samples near the task, cut by the spans or by long absences."""
    if spans is None:
        samples = np.flatnonzero(near)
        breaks = np.flatnonzero(np.diff(moments_s[samples]) > VISIT_GAP_S) + 1
        return [part for part in np.split(samples, breaks) if part.size]
    own = [span for span in spans if span.task_id == task_id and span.drone == drone]
    inside = [
        np.flatnonzero(near & (moments_s >= span.begin.timestamp()) & (moments_s <= span.end.timestamp()))
        for span in own
    ]
    return [part for part in inside if part.size]


class _Grid:
    """Square cells over an area in local metres."""

    def __init__(self, area: BaseGeometry, cell_m: float) -> None:
        west, south, east, north = area.bounds
        self.x = np.arange(west + cell_m / 2, max(east, west + cell_m), cell_m)
        self.y = np.arange(south + cell_m / 2, max(north, south + cell_m), cell_m)
        self.cell_m = cell_m
        shapely.prepare(area)
        xx, yy = np.meshgrid(self.x, self.y)
        self.inside: Mask = np.asarray(shapely.contains_xy(area, xx, yy))

    def share(self, cells: Mask) -> float:
        """Share of the area's cells that are set; an area smaller than a cell counts as unseen."""
        count = int(self.inside.sum())
        return float((cells & self.inside).sum()) / count if count else 0.0

    def covered(self, time_s: Array, path: Array, radius_m: Array, samples: npt.NDArray[np.intp]) -> Mask:
        """Cells within reach of the path through the given samples."""
        cells = np.zeros_like(self.inside)
        # absences cut the path: what lies between was flown out of sight
        breaks = np.flatnonzero((np.diff(samples) > 1) | (np.diff(time_s[samples]) > LONGEST_STEP_S)) + 1
        for part in np.split(samples, breaks):
            columns = np.column_stack([path[part], radius_m[part]]) / PATH_TOLERANCE_M
            needed = part[needed_samples(time_s[part], columns)]
            for start, end in zip(needed, needed[1:] if len(needed) > 1 else needed, strict=False):
                self._mark(cells, path[start], path[end], radius_m[start], radius_m[end])
        return cells

    def _mark(
        self, cells: Mask, start: Array, end: Array, radius_start_m: float, radius_end_m: float
    ) -> None:
        """Set the cells in a capsule whose radius goes from one value to the other."""
        reach = max(radius_start_m, radius_end_m)
        low, high = np.minimum(start, end) - reach, np.maximum(start, end) + reach
        columns = slice(*np.searchsorted(self.x, [low[0], high[0]]))
        rows = slice(*np.searchsorted(self.y, [low[1], high[1]]))
        dx, dy = self.x[columns][None, :] - start[0], self.y[rows][:, None] - start[1]
        along = end - start
        length2 = float(along @ along)
        share = np.clip((dx * along[0] + dy * along[1]) / length2, 0.0, 1.0) if length2 > 0 else np.zeros(1)
        radius = radius_start_m + share * (radius_end_m - radius_start_m)
        cells[rows, columns] |= (dx - share * along[0]) ** 2 + (dy - share * along[1]) ** 2 <= radius**2
