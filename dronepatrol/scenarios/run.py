"""Run a scenario: fly its mission, or give its fleet its orders, and check the expectations."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from dronepatrol import api
from dronepatrol.clock import run_scaled, run_virtual
from dronepatrol.flight.events import EventLog, Observer
from dronepatrol.flight.run_folder import EVENTS_FILE, RunFolder, write_whole
from dronepatrol.flight.sortie import SortieResult
from dronepatrol.model import Mission
from dronepatrol.replay.data import SummaryRow
from dronepatrol.scenarios.actions import give_orders
from dronepatrol.scenarios.expectations import Outcome, Result, judge
from dronepatrol.sim.fleet import SimulatedFleet
from dronepatrol.sim.scenario.scenario import Scenario
from dronepatrol.sim.scenario.witness import Witness

RESULT_FILE = "scenario.json"


@dataclass(frozen=True, slots=True)
class ScenarioReport:
    """What came of a scenario.

    Attributes
    ----------
    path
        The run folder.
    outcomes
        One for each expectation, in the file's order.
    texts
        Per drone: seconds since the run began, severity and text of what the autopilot said.
    """

    name: str
    seed: int
    path: Path
    outcomes: tuple[Outcome, ...]
    texts: Mapping[str, Sequence[tuple[float, int, str]]]

    @property
    def held(self) -> bool:
        """Whether all expectations held."""
        return all(outcome.held for outcome in self.outcomes)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "scenario": self.name,
            "seed": self.seed,
            "held": self.held,
            "expectations": [
                {"what": o.what, "held": o.held, "found": o.found, "wanted": o.wanted} for o in self.outcomes
            ],
        }


def run_scenario(
    scenario: Scenario, out: str | Path, *, observers: Sequence[Observer] = (), pictures: bool = False
) -> ScenarioReport:
    """Run a scenario in a new run folder.

    Parameters
    ----------
    out
        The run folder to make: a new or empty one. ``scenario.json`` in it holds the outcomes.
    observers
        Called with each event as it happens.
    pictures
        Also make ``replay.png`` and ``replay.html`` of a mission.

    Raises
    ------
    OutputError
        The run folder cannot be written.
    PlanningError
        The mission cannot be planned, or its plan has no sortie.
    """
    fleet = SimulatedFleet(scenario.mission, seed=scenario.seed, conditions=scenario.conditions)
    if scenario.mission.tasks:
        result = _fly_mission(scenario, fleet, Path(out), observers, pictures)
    else:
        result = _fly_actions(scenario, fleet, Path(out), observers)
    outcomes = tuple(judge(scenario, result))
    texts = {drone: tuple(witness.texts) for drone, witness in result.witnesses.items()}
    report = ScenarioReport(scenario.name, scenario.seed, Path(out), outcomes, texts)
    _write(report)
    return report


def _fly_mission(
    scenario: Scenario, fleet: SimulatedFleet, out: Path, observers: Sequence[Observer], pictures: bool
) -> Result:
    plan = api.plan_mission(scenario.mission, seed=scenario.seed)
    events: list[dict[str, Any]] = []
    flight = api.fly(
        plan,
        out,
        seed=scenario.seed,
        force=True,
        observers=(events.append, *observers),
        pictures=pictures,
        fleet=fleet,
        speed=scenario.speed,
    )
    assert fleet.rehearsal is not None
    witnesses = fleet.rehearsal.witnesses
    return Result(witnesses, events, _problems(flight.results, witnesses), _rows(flight.rows))


def _problems(results: Sequence[SortieResult], witnesses: Mapping[str, Witness]) -> dict[str, str]:
    """Return what kept each sortie from being flown as planned, empty for those that were."""
    problems: dict[str, str] = {}
    flown: Counter[str] = Counter()
    for result in results:
        told = "" if result.flown else result.problem or "not flown"
        left = witnesses[result.drone_id].left_auto(flown[result.drone_id])
        flown[result.drone_id] += 1
        problems[result.sortie_id] = told or left
    return problems


def _rows(rows: Sequence[SummaryRow]) -> dict[str, float | None]:
    return {row.task_id: row.seen for row in rows}


def _fly_actions(
    scenario: Scenario, fleet: SimulatedFleet, out: Path, observers: Sequence[Observer]
) -> Result:
    run = RunFolder(out)
    events: list[dict[str, Any]] = []
    log = EventLog(run.file(EVENTS_FILE), (events.append, *observers))
    epoch = _epoch(scenario.mission)
    try:
        main = _orders(scenario, fleet, run, log)
        if scenario.speed is None:
            problems = run_virtual(main, epoch_utc=epoch)
        else:
            problems = run_scaled(main, speed=scenario.speed, epoch_utc=epoch)
    finally:
        log.close()
    assert fleet.rehearsal is not None
    return Result(fleet.rehearsal.witnesses, events, problems, {})


def _epoch(mission: Mission) -> datetime:
    """Return the moment a run without a mission begins: nine in the morning of its day."""
    return datetime.combine(mission.day, time(9), UTC)


async def _orders(scenario: Scenario, fleet: SimulatedFleet, run: RunFolder, log: EventLog) -> dict[str, str]:
    running = asyncio.create_task(fleet.run())
    try:
        return await give_orders(scenario, fleet, run, log)
    finally:
        await fleet.close()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _write(report: ScenarioReport) -> None:
    text = json.dumps(report.as_json(), ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(report.path / RESULT_FILE, text + "\n")
