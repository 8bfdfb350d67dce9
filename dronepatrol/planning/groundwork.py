"""The coverage of every job: one program per task and set of zones, and the ground that stays unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from dronepatrol.errors import GeometryError, PlanningError
from dronepatrol.geo.polygon import polygons, project, unproject
from dronepatrol.model.mission import Mission
from dronepatrol.model.plan import Remainder
from dronepatrol.model.task import Task
from dronepatrol.planning.airspace import AirspaceMap, Rules, altitude_home_m
from dronepatrol.planning.coverage import CoverageRoute, plan_coverage
from dronepatrol.planning.program import Job, Program, carries_camera, sweep_speed_mps
from dronepatrol.planning.schedule import span_of

LEAST_REMAINDER_SHARE = 0.001
"""Smaller gaps than this share of a task's area are not reported."""


@dataclass(slots=True)
class Groundwork:
    """Programs and gaps of all jobs.

    Attributes
    ----------
    programs
        By job index; a job without one cannot be flown.
    blocked
        Why, for those.
    remainders
        Ground that no program shows, each once.
    """

    programs: dict[int, Program] = field(default_factory=dict)
    blocked: dict[int, str] = field(default_factory=dict)
    remainders: list[Remainder] = field(default_factory=list)


def jobs_of(mission: Mission) -> list[Job]:
    """Return each task in each of its windows, tasks without windows once."""
    pairs = [(task, window) for task in mission.tasks for window in task.windows or (None,)]
    return [Job(index, task, window) for index, (task, window) in enumerate(pairs)]


def cover(
    airspace: AirspaceMap,
    jobs: Sequence[Job],
    seed: int,
    tell: Callable[[float, str], None],
) -> Groundwork:
    """Plan the passes of every job under the zones that hold around its window."""
    result = Groundwork()
    known: dict[tuple[str, Rules], Program | str] = {}
    for number, job in enumerate(jobs):
        tell(number / len(jobs), f"covering {job.task.id}")
        task = job.task
        if task.altitude_agl_m > airspace.mission.airspace.ceiling_agl_m:
            result.blocked[job.index] = ""
            continue
        rules = airspace.rules(task.altitude_agl_m, task.altitude_agl_m, span_of([job]))
        key = (task.id, rules)
        if key not in known:
            known[key] = _program(airspace, task, rules, seed)
            if isinstance(made := known[key], Program):
                result.remainders += _remainders(airspace, task, rules, made.route)
        made = known[key]
        if isinstance(made, Program):
            result.programs[job.index] = made
        else:
            result.blocked[job.index] = made
    result.remainders = list({(r.task_id, r.reason): r for r in result.remainders}.values())
    return result


def _program(airspace: AirspaceMap, task: Task, rules: Rules, seed: int) -> Program | str:
    """Return a task's program under some zones, or why there is none."""
    area = project(task.polygon, airspace.frame)
    cruise_mps, acceleration_mps2 = _motion(airspace.mission, task)
    try:
        route = plan_coverage(
            area,
            spacing_m=task.track_spacing_m,
            swath_m=task.swath_m,
            obstacles_enu=airspace.obstacles(rules),
            keep_in_enu=airspace.room(rules),
            margin_m=airspace.margin_m,
            cruise_mps=cruise_mps,
            acceleration_mps2=acceleration_mps2,
            home_enu_m=_nearest_home(airspace, area),
            seed=seed,
        )
    except GeometryError as error:
        raise error.located(place=f"task {task.id}") from None
    except PlanningError as error:
        zones = ", ".join([*rules.keep_out, *(rules.keep_in or ())]) or "none"
        return f"{error} (zones that hold: {zones})"
    return Program(task, route, altitude_home_m(task.altitude_agl_m))


def _motion(mission: Mission, task: Task) -> tuple[float, float]:
    """Return sweep speed and acceleration of the first drone that can do a task, to judge its route by."""
    for drone in mission.drones:
        if carries_camera(drone.model, task):
            return sweep_speed_mps(task, drone.model), drone.model.acceleration_mps2
    return 10.0, 2.5


def _nearest_home(airspace: AirspaceMap, area: BaseGeometry) -> tuple[float, float] | None:
    homes = [airspace.frame.enu(station.position) for station in airspace.mission.stations]
    middle = area.centroid
    return min(homes, key=lambda h: (h[0] - middle.x) ** 2 + (h[1] - middle.y) ** 2, default=None)


def _remainders(airspace: AirspaceMap, task: Task, rules: Rules, route: CoverageRoute) -> list[Remainder]:
    """Split what a route does not show by its cause."""
    area_m2 = project(task.polygon, airspace.frame).area
    left: BaseGeometry = route.remainder_enu
    parts: list[tuple[str, BaseGeometry]] = []
    margin = f"margin {airspace.margin_m:g} m"
    for zone_id in rules.keep_out:
        shape = airspace.obstacles(Rules((zone_id,), None))[0].buffer(airspace.margin_m)
        parts.append((f"inside keep-out zone {zone_id} ({margin})", left.intersection(shape)))
        left = left.difference(shape)
    room = airspace.room(rules)
    if room is not None:
        inner = room.buffer(-airspace.margin_m)
        names = ", ".join(rules.keep_in or ())
        parts.append((f"outside keep-in zone {names} ({margin})", left.difference(inner)))
        left = left.intersection(inner)
    parts.append((f"corners that sweeps {task.track_spacing_m:.0f} m apart do not reach", left))
    return [
        Remainder(task.id, shape.area, shape.area / area_m2, reason, _lonlat(airspace, shape))
        for reason, shape in parts
        if shape.area / area_m2 >= LEAST_REMAINDER_SHARE
    ]


def _lonlat(airspace: AirspaceMap, shape: BaseGeometry) -> MultiPolygon:
    return unproject(MultiPolygon(polygons(shape)), airspace.frame)
