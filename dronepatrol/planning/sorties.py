"""Sorties with all their legs, made from drafts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from dronepatrol.errors import PlanningError
from dronepatrol.model.plan import Leg, LegKind, Sortie, Visit, Waypoint
from dronepatrol.planning.flightpath import Point3, Step, step_energy_wh, step_times_s, transit_steps
from dronepatrol.planning.schedule import Draft, Scheduler, compacted
from dronepatrol.planning.timing import Motion

Places = list[tuple[int, int]]
"""First and one past the last step of each piece."""

LEAST_HOLD_S = 0.5
"""Shorter waits are not flown: a window is entered with more slack than that."""


def build_sortie(scheduler: Scheduler, draft: Draft, sortie_id: str) -> Sortie:
    """Return the sortie of a draft: every leg with its time and energy, holds where a window is still shut.

    The draft stops between pieces and the sortie flies through, so it arrives earlier; holds make up for it
    where a window has not opened, and the launch moves so that the first sweep begins as drafted.
    """
    drone = scheduler.drones[draft.drone]
    motion = Motion(drone.model)
    steps, places = flight_steps(scheduler, draft)
    steps, places, times, begins = _with_holds(scheduler, draft, steps, places, motion)
    legs = _legs(scheduler, steps, times, motion)
    launch_s = begins[0] - sum(times[: places[0][0]])
    return Sortie(
        id=sortie_id,
        drone_id=drone.id,
        station_id=drone.station_id,
        launch=_moment(launch_s, scheduler),
        legs=legs,
        visits=_visits(scheduler, draft, launch_s, times, places),
        energy_wh=sum(leg.energy_wh for leg in legs),
        capacity_wh=drone.model.battery.capacity_wh,
    )


def flight_steps(scheduler: Scheduler, draft: Draft) -> tuple[list[Step], Places]:
    """Return all steps of a draft's flight, without holds, and where each piece's steps are among them."""
    drone = scheduler.drones[draft.drone]
    motion, model = Motion(drone.model), drone.model
    ways = scheduler.ways(drone, draft.pieces, [scheduler.jobs[piece.job] for piece in draft.pieces])
    if ways is None:
        raise PlanningError(f"a way of drone {drone.id} is blocked")
    home = scheduler.home(drone)
    ground: Point3 = (home[0], home[1], 0.0)
    steps = [Step(LegKind.CLIMB, ground, home, model.climb_mps, stop=True)]
    places: Places = []
    for piece, way in zip(draft.pieces, ways[:-1], strict=True):
        steps += transit_steps(way.points, motion)
        own = scheduler.programs[piece.job].steps(piece, model)
        places.append((len(steps), len(steps) + len(own)))
        steps += own
    steps += transit_steps(ways[-1].points, motion, LegKind.RETURN)
    steps.append(Step(LegKind.DESCENT, home, ground, model.descent_mps, stop=True))
    return steps, places


def _with_holds(
    scheduler: Scheduler, draft: Draft, steps: list[Step], places: Places, motion: Motion
) -> tuple[list[Step], Places, list[float], list[float]]:
    """Add holds before pieces that would begin too early; each one stops the aircraft, so times change.

    Returns steps, places, times and the begin of each piece.
    """
    held: dict[int, float] = {}
    while True:
        trial, where = _insert_holds(steps, places, held)
        times = step_times_s(trial, motion)
        waits, begins = _waits(scheduler, draft, times, where, held)
        late = {i: wait for i, wait in waits.items() if i not in held}
        if not late:
            final, where = _insert_holds(steps, places, waits)
            return final, where, step_times_s(final, motion), begins
        held.update(dict.fromkeys(late, 0.0))


def _insert_holds(steps: list[Step], places: Places, held: dict[int, float]) -> tuple[list[Step], Places]:
    result, where = list(steps), list(places)
    for i in sorted(held, reverse=True):
        first = places[i][0]
        point, before = steps[first].start, steps[first - 1]
        result[first - 1] = replace(before, stop=True)
        result.insert(first, Step(LegKind.HOLD, point, point, 0.0, hold_s=held[i], stop=True))
        where[i:] = [(a + 1, b + 1) for a, b in where[i:]]
    return result, where


def _waits(
    scheduler: Scheduler, draft: Draft, times: Sequence[float], places: Places, held: dict[int, float]
) -> tuple[dict[int, float], list[float]]:
    """Return how long to wait before each piece that has to, and the begin of each piece."""
    jobs = [scheduler.jobs[piece.job] for piece in draft.pieces]
    blocks = [sum(times[a:b]) for a, b in places]
    between = [sum(times[b:c]) for (_, b), (c, _) in pairwise(places)]
    begins = [draft.begins_s[0]]
    for i in range(1, len(jobs)):
        begins.append(max(begins[-1] + blocks[i - 1] + between[i - 1], scheduler.release_s(jobs[i])))
    begins, ends = compacted(begins, blocks, between, [scheduler.deadline_s(job) for job in jobs])
    gaps = {i: begins[i] - ends[i - 1] - between[i - 1] for i in range(1, len(jobs))}
    return {i: gap for i, gap in gaps.items() if gap > LEAST_HOLD_S or i in held}, begins


def _legs(
    scheduler: Scheduler, steps: Sequence[Step], times: Sequence[float], motion: Motion
) -> tuple[Leg, ...]:
    at = _waypoints(scheduler)
    return tuple(
        Leg(
            kind=step.kind,
            start=at(step.start),
            end=at(step.end),
            speed_mps=step.speed_mps,
            duration_s=time_s,
            length_m=step.length_m,
            energy_wh=step_energy_wh(step, time_s, motion),
            task_id=step.task_id,
            pass_number=step.pass_number,
            actions=step.actions,
        )
        for step, time_s in zip(steps, times, strict=True)
    )


def _waypoints(scheduler: Scheduler) -> Callable[[Point3], Waypoint]:
    known: dict[Point3, Waypoint] = {}
    frame = scheduler.airspace.frame

    def at(point: Point3) -> Waypoint:
        if point not in known:
            known[point] = Waypoint(frame.position(point[0], point[1]), point[2])
        return known[point]

    return at


def _visits(
    scheduler: Scheduler, draft: Draft, launch_s: float, times: Sequence[float], places: Places
) -> tuple[Visit, ...]:
    visits = []
    for piece, (first, last) in zip(draft.pieces, places, strict=True):
        job = scheduler.jobs[piece.job]
        begin_s, end_s = launch_s + sum(times[:first]), launch_s + sum(times[:last])
        share = min(1.0, scheduler.programs[piece.job].share(piece))
        visits.append(
            Visit(job.task.id, job.window, _moment(begin_s, scheduler), _moment(end_s, scheduler), share)
        )
    return tuple(visits)


def _moment(time_s: float, scheduler: Scheduler) -> datetime:
    """Return a moment in the mission's time zone, to the millisecond."""
    whole_s = round(time_s, 3)
    epoch = datetime.fromtimestamp(int(whole_s // 1), tz=scheduler.mission.time_zone)
    return epoch + timedelta(milliseconds=round((whole_s % 1) * 1000.0))
