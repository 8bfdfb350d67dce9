"""Drafts of sorties: which pieces in which order, when, and for how much energy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from math import inf

from shapely.geometry import Point

from dronepatrol.errors import PlanningError
from dronepatrol.model.drone import Drone, DroneModel
from dronepatrol.model.mission import Mission
from dronepatrol.model.plan import LegKind
from dronepatrol.model.position import Position
from dronepatrol.model.window import TimeWindow
from dronepatrol.planning.airspace import AirspaceMap, Rules, altitude_home_m
from dronepatrol.planning.flightpath import (
    Point3,
    step_energy_wh,
    step_times_s,
    transit_points,
    transit_steps,
)
from dronepatrol.planning.program import Job, Piece, Program, carries_camera
from dronepatrol.planning.timing import Motion, landing_time_s, takeoff_time_s

WINDOW_SLACK_S = 10.0
"""Sweeps are planned to begin this long after a window opens and to end this long before it closes."""
STAGGER_S = 15.0
"""Drafts launch from one station this far apart, so that sorties built from them are 10 s apart or more."""
BEFORE_WINDOW = timedelta(minutes=15)
AFTER_WINDOW = timedelta(minutes=10)
"""Zones active this long before or after a window are respected on the way to and from it."""
ENERGY_DOUBT = 1.05
"""Predicted energies are raised by this before they are held against the reserve (legs are right to 5 %)."""
DELAY_WEIGHT = 0.25
"""Seconds of flight that one second of earlier completion is worth, inside a window."""
FREE_DELAY_WEIGHT = 0.02
"""The same for tasks without a window."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A sortie in seconds since 1970, each piece flown from rest to rest.

    Stopping between pieces costs more than flying through, so the sortie that is built from a draft is never
    longer, nor takes more energy.

    Attributes
    ----------
    drone
        Place of the drone in the mission.
    pieces
        What it flies, in order.
    launch_s, landing_s
        Take-off and touch-down.
    begins_s, ends_s
        First sweep's begin and last sweep's end of each piece.
    energy_wh
        From take-off to touch-down.
    cost
        What the search compares: flight time plus weighted delays.
    """

    drone: int
    pieces: tuple[Piece, ...]
    launch_s: float
    landing_s: float
    begins_s: tuple[float, ...]
    ends_s: tuple[float, ...]
    energy_wh: float
    cost: float


@dataclass(frozen=True, slots=True)
class Transit:
    """A way between two points in space with its time and energy."""

    points: tuple[Point3, ...]
    duration_s: float
    energy_wh: float


class Scheduler:
    """Everything the search asks about one mission: ways, programs, drafts.

    Parameters
    ----------
    mission
        What is to be planned.
    airspace
        Its zones in metres.
    jobs
        Tasks in their windows.
    programs
        The program of each job that has one, by job index.
    """

    def __init__(
        self, mission: Mission, airspace: AirspaceMap, jobs: Sequence[Job], programs: dict[int, Program]
    ) -> None:
        self.mission = mission
        self.airspace = airspace
        self.jobs = jobs
        self.programs = programs
        self.drones: tuple[Drone, ...] = mission.drones
        self.epoch_s = first_moment(mission).timestamp()
        self._homes = {station.id: self._over(station.position) for station in mission.stations}
        self._transits: dict[object, Transit | None] = {}
        self._columns: dict[object, bool] = {}
        self._quick: dict[object, Transit | None] = {}

    @cached_property
    def transit_altitude_home_m(self) -> float:
        """Height of transits above the launch point, under the ceiling."""
        airspace = self.mission.airspace
        return altitude_home_m(min(self.mission.transit_altitude_agl_m, airspace.ceiling_agl_m))

    def home(self, drone: Drone) -> Point3:
        """Return the point over a drone's launch point at transit altitude."""
        return self._homes[drone.station_id]

    def _over(self, position: Position) -> Point3:
        east_m, north_m = self.airspace.frame.enu(position)
        return (east_m, north_m, self.transit_altitude_home_m)

    def turnaround_s(self, drone: Drone) -> float:
        """Return the time a drone needs on the ground between two sorties."""
        return self.mission.station(drone.station_id).turnaround_s

    def energy_limit_wh(self, model: DroneModel) -> float:
        """Return what a sortie may take, the reserve and the doubt of the prediction left out."""
        return model.battery.capacity_wh * (1.0 - self.mission.reserve) / ENERGY_DOUBT

    def release_s(self, job: Job) -> float:
        """Return the first moment at which a job's sweeps may begin."""
        return self.epoch_s if job.window is None else job.window.start.timestamp() + WINDOW_SLACK_S

    def deadline_s(self, job: Job) -> float:
        """Return the last moment at which a job's sweeps may end."""
        return inf if job.window is None else job.window.end.timestamp() - WINDOW_SLACK_S

    def whole(self, job: Job) -> Piece:
        """Return the whole program of a job as one piece."""
        return Piece(job.index, 0, len(self.programs[job.index]))

    def transit(
        self, start: Point3, end: Point3, drone: Drone, kind: LegKind, jobs: Sequence[Job]
    ) -> Transit | None:
        """Return the way between two points flown before, between or after jobs, or None."""
        # The search asks for the same few ways again and again: the first key is quick to make, the second
        # finds ways that are the same because the same zones hold.
        quick = (start, end, drone.model.id, kind, *(job.index for job in jobs))
        if quick not in self._quick:
            heights = (start[2], end[2], self.transit_altitude_home_m)
            rules = self.airspace.rules(min(heights), max(heights), span_of(jobs))
            key = (start, end, drone.model.id, kind, rules)
            if key not in self._transits:
                self._transits[key] = self._way(start, end, Motion(drone.model), kind, rules)
            self._quick[quick] = self._transits[key]
        return self._quick[quick]

    def _way(self, start: Point3, end: Point3, motion: Motion, kind: LegKind, rules: Rules) -> Transit | None:
        try:
            way = self.airspace.graph(rules).path(start[:2], end[:2])
        except PlanningError:
            return None
        points = transit_points(way, start[2], end[2], self.transit_altitude_home_m, motion)
        steps = transit_steps(points, motion, kind)
        times = step_times_s(steps, motion)
        energy = sum(step_energy_wh(s, t, motion) for s, t in zip(steps, times, strict=True))
        return Transit(tuple(points), sum(times), energy)

    def draft(
        self, drone: int, pieces: Sequence[Piece], ready_s: float = -inf, latest_landing_s: float = inf
    ) -> Draft | None:
        """Return a sortie through pieces in the given order, or None if window, energy or airspace forbid it.

        Parameters
        ----------
        drone
            Place of the drone in the mission.
        pieces
            At least one.
        ready_s
            The drone cannot launch earlier.
        latest_landing_s
            It must be on the ground by then.
        """
        who = self.drones[drone]
        jobs = [self.jobs[piece.job] for piece in pieces]
        if not all(carries_camera(who.model, job.task) for job in jobs):
            return None
        ways = self.ways(who, pieces, jobs)
        if ways is None:
            return None
        costs = [self.programs[piece.job].cost(piece, who.model) for piece in pieces]
        climb_s, climb_wh, land_s, land_wh = self._ends(who)
        lead_s = climb_s + ways[0].duration_s
        times = self._clock(jobs, [c[0] for c in costs], [w.duration_s for w in ways], ready_s + lead_s)
        if times is None:
            return None
        begins, ends = times
        launch_s, landing_s = begins[0] - lead_s, ends[-1] + ways[-1].duration_s + land_s
        flying_s = climb_s + land_s + sum(c[0] for c in costs) + sum(w.duration_s for w in ways)
        waiting_s = max(0.0, landing_s - launch_s - flying_s)
        energy_wh = climb_wh + land_wh + sum(c[1] for c in costs) + sum(w.energy_wh for w in ways)
        energy_wh += who.model.battery.hover_power_w * waiting_s / 3600.0
        if energy_wh > self.energy_limit_wh(who.model) or landing_s > latest_landing_s:
            return None
        cost = landing_s - launch_s + sum(map(self._delay_cost, jobs, ends))
        return Draft(drone, tuple(pieces), launch_s, landing_s, tuple(begins), tuple(ends), energy_wh, cost)

    def _delay_cost(self, job: Job, end_s: float) -> float:
        weight = FREE_DELAY_WEIGHT if job.window is None else DELAY_WEIGHT
        return weight * (end_s - self.release_s(job))

    def ways(self, who: Drone, pieces: Sequence[Piece], jobs: Sequence[Job]) -> list[Transit] | None:
        """Return the ways from home through pieces and back, or None if one or the launch is blocked."""
        home = at = self.home(who)
        if not self.may_launch(who, jobs):
            return None
        ways: list[Transit] = []
        for i, piece in enumerate(pieces):
            program = self.programs[piece.job]
            near = jobs[max(0, i - 1) : i + 1]
            way = self.transit(at, program.entry(piece), who, LegKind.TRANSIT, near)
            if way is None:
                return None
            ways.append(way)
            at = program.exit(piece)
        back = self.transit(at, home, who, LegKind.RETURN, jobs[-1:])
        return None if back is None else [*ways, back]

    def may_launch(self, who: Drone, jobs: Sequence[Job]) -> bool:
        """Say whether no keep-out zone lies over a drone's launch point up to transit altitude."""
        key = (who.station_id, *(job.index for job in jobs))
        if key not in self._columns:
            rules = self.airspace.rules(0.0, self.transit_altitude_home_m, span_of(jobs))
            pad = Point(self.home(who)[:2])
            self._columns[key] = not any(zone.intersects(pad) for zone in self.airspace.obstacles(rules))
        return self._columns[key]

    def _ends(self, who: Drone) -> tuple[float, float, float, float]:
        """Time and energy of take-off and of landing."""
        motion, height_m = Motion(who.model), self.transit_altitude_home_m
        climb_s = takeoff_time_s(height_m, who.model.climb_mps)
        land_s = landing_time_s(height_m, who.model.descent_mps)
        climb_wh = motion.energy_wh(climb_s, 0.0, height_m)
        return climb_s, climb_wh, land_s, motion.energy_wh(land_s, 0.0, -height_m)

    def _clock(
        self, jobs: Sequence[Job], blocks_s: Sequence[float], ways_s: Sequence[float], earliest_s: float
    ) -> tuple[list[float], list[float]] | None:
        """Return begins and ends: as early as windows allow, then later where that saves waiting."""
        begins: list[float] = []
        free_s = earliest_s
        for i, job in enumerate(jobs):
            begin_s = max(free_s, self.release_s(job))
            if begin_s + blocks_s[i] > self.deadline_s(job):
                return None
            begins.append(begin_s)
            free_s = begin_s + blocks_s[i] + ways_s[i + 1]
        return compacted(begins, blocks_s, ways_s[1:-1], [self.deadline_s(job) for job in jobs])


def compacted(
    begins_s: Sequence[float],
    blocks_s: Sequence[float],
    between_s: Sequence[float],
    deadlines_s: Sequence[float],
) -> tuple[list[float], list[float]]:
    """Shift earlier pieces later where a later one has to wait for its window anyway.

    Parameters
    ----------
    begins_s, blocks_s, deadlines_s
        Earliest begin, duration and latest end of each of n pieces.
    between_s
        Time from the end of each of the first n - 1 pieces to the next one's begin.

    Returns
    -------
    tuple of list of float
        Begins and ends.
    """
    begins = list(begins_s)
    for i in range(len(begins) - 2, -1, -1):
        latest_s = min(begins[i + 1] - between_s[i], deadlines_s[i]) - blocks_s[i]
        begins[i] = max(begins[i], latest_s)
    return begins, [b + d for b, d in zip(begins, blocks_s, strict=True)]


def first_moment(mission: Mission) -> datetime:
    """Return when tasks without a window may begin: as the first window opens, or at 08:00 local time."""
    starts = [window.start for task in mission.tasks for window in task.windows]
    if starts:
        return min(starts)
    day = mission.day
    return datetime(day.year, day.month, day.day, 8, tzinfo=mission.time_zone)


def span_of(jobs: Sequence[Job]) -> TimeWindow | None:
    """Return when zones matter to a flight between jobs; None (always) if one may be flown any time."""
    windows = [job.window for job in jobs]
    if any(window is None for window in windows):
        return None
    starts = [window.start for window in windows if window is not None]
    ends = [window.end for window in windows if window is not None]
    return TimeWindow(min(starts) - BEFORE_WINDOW, max(ends) + AFTER_WINDOW)
