"""From a mission to its plan."""

from __future__ import annotations

from collections.abc import Callable

from dronepatrol.errors import PlanningError
from dronepatrol.model.mission import Mission
from dronepatrol.model.plan import Plan, Sortie
from dronepatrol.planning.airspace import AirspaceMap
from dronepatrol.planning.assignment import Assignment, assign
from dronepatrol.planning.groundwork import cover, jobs_of
from dronepatrol.planning.schedule import Scheduler
from dronepatrol.planning.sorties import build_sortie
from dronepatrol.planning.unserved import explain

Progress = Callable[[float, str], None]
"""Called with the share of the work that is done, 0 to 1, and what is being done."""

WHOLE = 0.999
"""Share from which on a job counts as flown whole."""


def plan_mission(mission: Mission, *, seed: int = 0, progress: Progress | None = None) -> Plan:
    """Plan a mission: who flies what, when, along which legs.

    Every task is flown once in each of its windows (once at all if it has none): covered by parallel sweeps,
    joined with others into sorties within each drone's energy and reserve, around the keep-out zones that
    hold and inside the keep-in zones. What cannot be flown is listed with the reason.

    Parameters
    ----------
    mission
        Read and validated.
    seed
        Of the searches; the same seed gives the same plan.
    progress
        Called as the work goes on, or None.

    Raises
    ------
    PlanningError
        If the mission has no task.
    GeometryError
        If a task's polygon, spacing or swath cannot be used.
    """
    if not mission.tasks:
        raise PlanningError(f"mission {mission.name} has no task; add one")
    tell = progress or _silent
    airspace, jobs = AirspaceMap(mission), jobs_of(mission)
    ground = cover(airspace, jobs, seed, lambda share, text: tell(0.5 * share, text))
    scheduler = Scheduler(mission, airspace, jobs, ground.programs)
    able = [job for job in jobs if job.index in ground.programs]
    found = assign(scheduler, able, seed=seed, progress=lambda s: tell(0.5 + 0.45 * s, "assigning sorties"))
    left_out = [
        explain(scheduler, job, found.flown.get(job.index, 0.0), ground.blocked.get(job.index, ""))
        for job in jobs
        if found.flown.get(job.index, 0.0) < WHOLE
    ]
    sorties = _sorties(scheduler, found)
    tell(1.0, "planned")
    return Plan(mission, sorties, tuple(left_out), tuple(ground.remainders), seed)


def _silent(_share: float, _text: str) -> None:
    return None


def _sorties(scheduler: Scheduler, found: Assignment) -> tuple[Sortie, ...]:
    """Build the drafts in order of launch and number them."""
    drafts = sorted(found.all(), key=lambda draft: (draft.launch_s, draft.drone))
    return tuple(build_sortie(scheduler, draft, f"S{n}") for n, draft in enumerate(drafts, start=1))
