"""A plan: who flies what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shapely.geometry import MultiPolygon

from dronepatrol.model.mission import Mission
from dronepatrol.model.position import Position
from dronepatrol.model.task import Action
from dronepatrol.model.window import TimeWindow


class LegKind(StrEnum):
    """What a leg is for."""

    CLIMB = "climb"
    """Vertical take-off over the launch point."""
    TRANSIT = "transit"
    """Between station and task, or between tasks."""
    SWEEP = "sweep"
    """Watching: the camera's swath counts as seen."""
    TURN = "turn"
    """From one sweep to the next inside a task."""
    HOLD = "hold"
    """Waiting in place for a window to open."""
    RETURN = "return"
    """Back to the launch point."""
    DESCENT = "descent"
    """Vertical landing over the launch point."""


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A position with its height above the launch point."""

    position: Position
    altitude_home_m: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight flight from one waypoint to another.

    Attributes
    ----------
    kind
        What it is for.
    start, end
        Equal for a hold.
    speed_mps
        Speed asked for along the leg (vertical speed for climbs and descents).
    duration_s
        Predicted time, with acceleration and the corner at its end.
    length_m
        Straight length in space.
    energy_wh
        Predicted energy.
    task_id, pass_number
        The task it serves (sweeps and turns) and the pass, from 1.
    actions
        What the camera does along it.
    """

    kind: LegKind
    start: Waypoint
    end: Waypoint
    speed_mps: float
    duration_s: float
    length_m: float
    energy_wh: float
    task_id: str | None = None
    pass_number: int = 0
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """One task watched once by one sortie (or the part of it that this sortie flies).

    Attributes
    ----------
    window
        The window it serves, None if the task has none.
    begin, end
        When its first sweep begins and its last one ends.
    share
        Share of the task's sweep length that this visit flies, 1 unless the task is split between sorties.
    """

    task_id: str
    window: TimeWindow | None
    begin: datetime
    end: datetime
    share: float


@dataclass(frozen=True, slots=True)
class Sortie:
    """One flight of one drone, take-off to landing."""

    id: str
    drone_id: str
    station_id: str
    launch: datetime
    legs: tuple[Leg, ...]
    visits: tuple[Visit, ...]
    energy_wh: float
    capacity_wh: float

    @property
    def duration_s(self) -> float:
        """Predicted time from take-off to touch-down."""
        return sum(leg.duration_s for leg in self.legs)

    @property
    def length_m(self) -> float:
        """Length of all legs, climbs and descents included."""
        return sum(leg.length_m for leg in self.legs)

    @property
    def landing(self) -> datetime:
        """Predicted touch-down."""
        return self.launch + timedelta(seconds=self.duration_s)

    @property
    def battery_left(self) -> float:
        """Predicted share of the battery left at landing, 0 to 1."""
        return 1.0 - self.energy_wh / self.capacity_wh

    @property
    def task_ids(self) -> tuple[str, ...]:
        """The tasks it serves, in flying order, each once."""
        return tuple(dict.fromkeys(visit.task_id for visit in self.visits))


@dataclass(frozen=True, slots=True)
class Unserved:
    """A task, or one of its windows, that no drone can fly, and why."""

    task_id: str
    window: TimeWindow | None
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Remainder:
    """Ground of a task that its route cannot show.

    Attributes
    ----------
    area_m2
        How much.
    share
        Share of the task's area, 0 to 1.
    reason
        Why: ``"inside keep-out zone palace (margin 10 m)"``.
    polygon
        Where, longitude and latitude in degrees, if known.
    """

    task_id: str
    area_m2: float
    share: float
    reason: str
    polygon: MultiPolygon | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a mission."""

    mission: Mission
    sorties: tuple[Sortie, ...]
    unserved: tuple[Unserved, ...]
    remainders: tuple[Remainder, ...]
    seed: int

    def sorties_of(self, drone_id: str) -> tuple[Sortie, ...]:
        """Return the sorties of one drone in order of launch."""
        return tuple(s for s in self.sorties if s.drone_id == drone_id)
