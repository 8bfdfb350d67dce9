"""What is to be watched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry import MultiPolygon

from dronepatrol.model.window import TimeWindow


class TaskKind(StrEnum):
    """The kinds of task a mission file can ask for."""

    SCHOOL_ZONE = "school_zone"
    EVENT_AREA = "event_area"


@dataclass(frozen=True, slots=True)
class PhotoAction:
    """Take pictures while sweeping, one every ``spacing_m`` metres of track."""

    spacing_m: float


@dataclass(frozen=True, slots=True)
class VideoAction:
    """Record video from the start of a task's sweeps to their end."""


Action = PhotoAction | VideoAction


@dataclass(frozen=True, slots=True)
class AreaTask:
    """An area to be seen whole.

    Attributes
    ----------
    polygon
        Longitude and latitude in degrees, holes allowed (holes need not be seen, but may be flown over).
    altitude_agl_m
        Height above ground of the sweeps.
    track_spacing_m
        Distance between neighbouring sweeps.
    swath_m
        Width seen on the ground from ``altitude_agl_m``; at least ``track_spacing_m``.
    passes
        How many times the area is swept, one after the other.
    windows
        The task is flown inside each of these windows once; empty means at any time once.
    priority
        Higher is planned first.
    camera_id
        The camera used, or None for each drone's first.
    """

    id: str
    name: str
    kind: TaskKind
    polygon: MultiPolygon
    altitude_agl_m: float
    track_spacing_m: float
    swath_m: float
    passes: int
    windows: tuple[TimeWindow, ...]
    priority: int
    camera_id: str | None
    actions: tuple[Action, ...]


Task = AreaTask
