"""Why a task is not flown, in figures, and what would help."""

from __future__ import annotations

from math import inf

from dronepatrol.model.drone import DroneModel
from dronepatrol.model.plan import LegKind, Unserved
from dronepatrol.model.task import Task
from dronepatrol.planning.flightpath import Point3
from dronepatrol.planning.program import Job, carries_camera
from dronepatrol.planning.schedule import WINDOW_SLACK_S, Scheduler
from dronepatrol.planning.timing import landing_time_s, takeoff_time_s


def explain(scheduler: Scheduler, job: Job, flown: float, blocked: str = "") -> Unserved:
    """Return the reason and the remedy for a job that is not flown whole.

    Parameters
    ----------
    scheduler
        The mission.
    job
        What is not flown.
    flown
        Share of it that is flown, 0 to 1.
    blocked
        Why no program of sweeps could be made, if that is the reason.
    """
    reason, remedy = _why(scheduler, job, blocked)
    if flown > 0.0:
        reason = f"only {100.0 * flown:.0f} % is flown; {reason}"
    return Unserved(job.task.id, job.window, reason, remedy)


def _why(scheduler: Scheduler, job: Job, blocked: str) -> tuple[str, str]:
    task, ceiling_m = job.task, scheduler.mission.airspace.ceiling_agl_m
    if not scheduler.drones:
        return "the mission has no drone", "add a drone to a station"
    if task.altitude_agl_m > ceiling_m:
        return (
            f"its altitude of {task.altitude_agl_m:g} m is above the ceiling of {ceiling_m:g} m",
            f"lower it to {ceiling_m:g} m or less",
        )
    if blocked:
        return blocked, "move or shorten the zone, lower its margin, or choose another altitude or window"
    able = [drone for drone in scheduler.drones if carries_camera(drone.model, task)]
    if not able:
        return f"no drone carries the camera {task.camera_id}", "name another camera or add a drone with it"
    needs = {drone.id: _alone(scheduler, job, drone.id) for drone in able}
    if all(need is None for need in needs.values()):
        return "keep-out zones or the keep-in area close every way to it", "open a way or move the station"
    return _out_of_reach(scheduler, job, {k: v for k, v in needs.items() if v is not None})


def _alone(scheduler: Scheduler, job: Job, drone_id: str) -> tuple[float, float, float] | None:
    """Return time of the way there, of the sweeps, and of the way home, flown whole by one drone alone."""
    drone = scheduler.mission.drone(drone_id)
    program, whole = scheduler.programs[job.index], scheduler.whole(job)
    home: Point3 = scheduler.home(drone)
    if not scheduler.may_launch(drone, [job]):
        return None
    there = scheduler.transit(home, program.entry(whole), drone, LegKind.TRANSIT, [job])
    back = scheduler.transit(program.exit(whole), home, drone, LegKind.RETURN, [job])
    if there is None or back is None:
        return None
    climb_s = takeoff_time_s(home[2], drone.model.climb_mps)
    land_s = landing_time_s(home[2], drone.model.descent_mps)
    return climb_s + there.duration_s, program.cost(whole, drone.model)[0], back.duration_s + land_s


def _out_of_reach(
    scheduler: Scheduler, job: Job, needs: dict[str, tuple[float, float, float]]
) -> tuple[str, str]:
    drone_id = min(needs, key=lambda k: (sum(needs[k]), k))
    model = scheduler.mission.drone(drone_id).model
    there_s, sweeps_s, back_s = needs[drone_id]
    total_s, flies_s = there_s + sweeps_s + back_s, _endurance_s(scheduler, model)
    reserve = f"{100.0 * scheduler.mission.reserve:.0f} % reserve"
    if there_s + back_s > flies_s:
        return (
            f"the way there and back alone takes {_minutes(there_s + back_s)}, the {model.name} flies "
            f"{_minutes(flies_s)} with {reserve}",
            "base a drone nearer or choose a model that flies longer",
        )
    room_s = inf if job.window is None else job.window.duration_s - 2.0 * WINDOW_SLACK_S
    if sweeps_s > room_s and job.window is not None:
        return (
            f"its sweeps take {_minutes(sweeps_s)}, the window is {_minutes(job.window.duration_s)} long",
            _cheaper(job.task, "widen the window or add a drone"),
        )
    if total_s > flies_s:
        return (
            f"needs {_minutes(total_s)} of flight, the {model.name} flies {_minutes(flies_s)} with "
            f"{reserve}, and no further sortie fits",
            _cheaper(job.task, "add a drone or widen the window"),
        )
    return (
        f"needs {_minutes(total_s)} of flight while every drone in reach is flying or charging",
        _cheaper(job.task, "add a drone, widen the window or shorten the turnaround"),
    )


def _endurance_s(scheduler: Scheduler, model: DroneModel) -> float:
    power_w = max(model.battery.hover_power_w, model.battery.cruise_power_w)
    return scheduler.energy_limit_wh(model) * 3600.0 / power_w


def _cheaper(task: Task, otherwise: str) -> str:
    wider = "raise its altitude or spacing" if task.passes == 1 else "ask for fewer passes or a wider spacing"
    return f"{wider}, {otherwise}"


def _minutes(time_s: float) -> str:
    return f"{time_s / 60.0:.0f} min" if time_s >= 100.0 else f"{time_s:.0f} s"
