"""The main job in a few calls: read, plan, check, fly, replay."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dronepatrol.checks import check_plan
from dronepatrol.clock import run_scaled, run_virtual
from dronepatrol.errors import CheckFailedError, OutputError, PlanningError
from dronepatrol.flight.events import EventLog, Observer
from dronepatrol.flight.executive import fly_plan, run_start
from dronepatrol.flight.fleet import Fleet
from dronepatrol.flight.run_folder import (
    EVENTS_FILE,
    MISSION_FILE,
    PAGE_FILE,
    PICTURE_FILE,
    PLAN_FILE,
    SUMMARY_FILE,
    RunFolder,
)
from dronepatrol.flight.sortie import SortieResult
from dronepatrol.formats.mission import load_mission, mission_schema
from dronepatrol.formats.mission.areas import read_geojson
from dronepatrol.formats.plan_geojson import plan_to_geojson, write_plan
from dronepatrol.model.finding import Finding, Severity
from dronepatrol.model.mission import Mission
from dronepatrol.model.plan import Plan
from dronepatrol.planning import plan_mission
from dronepatrol.replay.data import ReplayData, SummaryRow
from dronepatrol.replay.figures import plan_figure, replay_figure, save_figure
from dronepatrol.replay.page import write_page
from dronepatrol.replay.run import Run, open_run
from dronepatrol.replay.summary import rows_as_json, summary_rows
from dronepatrol.sim.fleet import SimulatedFleet
from dronepatrol.telemetry.manifest import (
    MANIFEST_FILE,
    check_private_key,
    make_manifest,
    sign,
    vehicle_clocks,
)

__all__ = [
    "FlightReport",
    "check_plan",
    "draw_plan",
    "fly",
    "load_mission",
    "open_run",
    "plan_mission",
    "write_plan",
    "write_replay",
]

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class FlightReport:
    """What `fly` gives back.

    Attributes
    ----------
    path
        The run folder.
    rows
        One for each task of each sortie.
    results
        One for each sortie.
    findings
        What the checks said before take-off.
    """

    path: Path
    rows: tuple[SummaryRow, ...]
    results: tuple[SortieResult, ...]
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """True if every sortie was flown as planned."""
        return all(result.flown for result in self.results)


def time_shift(plan: Plan, now: datetime | None = None) -> timedelta:
    """Return by how many whole weeks log times are moved back so that none lies in the future.

    Ground stations refuse logs from the future, and a simulated day may well be tomorrow.
    """
    moment = datetime.now(UTC) if now is None else now
    latest = max(s.landing for s in plan.sorties) + timedelta(hours=1)
    weeks = math.ceil(max((latest - moment) / WEEK, 0.0))
    return -weeks * WEEK


def fly(
    plan: Plan,
    out: str | Path,
    *,
    seed: int = 0,
    link: str = "memory",
    force: bool = False,
    observers: Sequence[Observer] = (),
    pictures: bool = True,
    fleet: Fleet | None = None,
    speed: float | None = None,
    epoch_utc: datetime | None = None,
    signing_key: Path | None = None,
) -> FlightReport:
    """Fly a plan and leave a run folder: by default with simulated drones on the virtual clock.

    Parameters
    ----------
    out
        The run folder to make: a new or empty one.
    seed
        The same seed gives the same logs, byte for byte.
    link
        ``"memory"``, or ``"udp"`` for UDP on loopback.
    force
        Fly although a check found an error.
    observers
        Called with each event as it happens.
    pictures
        Also make ``replay.png`` and ``replay.html``.
    fleet
        Other vehicles, or simulated drones made before with conditions of their own; `seed` and `link` are
        then theirs.
    speed
        Times the wall clock; None for the virtual clock.
    epoch_utc
        The calendar moment at which the run begins; by default a little before the plan's first launch.
    signing_key
        Ed25519 private key in PEM to sign the run's manifest with.

    Raises
    ------
    CheckFailedError
        A check found an error and `force` is False.
    OutputError
        The run folder cannot be written.
    PlanningError
        The plan has no sortie.
    """
    findings = tuple(check_plan(plan))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors and not force:
        raise CheckFailedError(f"{len(errors)} findings forbid the flight, first: {errors[0].message}")
    if not plan.sorties:
        raise PlanningError(f"{plan.mission.name}: the plan has no sortie, so there is nothing to fly")
    if signing_key is not None:
        check_private_key(signing_key)
    run = RunFolder(Path(out))
    _copy_mission(plan.mission, run)
    write_plan(plan, run.file(PLAN_FILE))
    flown_by: Fleet = SimulatedFleet(plan.mission, seed=seed, link=link) if fleet is None else fleet
    log = EventLog(run.file(EVENTS_FILE), (flown_by.note, *observers))
    shift = time_shift(plan)
    time_base = {
        "clock": "virtual" if speed is None else f"{speed:g} times the wall clock",
        "epoch_utc": (epoch_utc or run_start(plan)).isoformat(),
        "log_time_shift_s": shift.total_seconds(),
    }
    try:
        main = _fly(plan, run, log, flown_by, shift)
        if speed is None:
            results = run_virtual(main, epoch_utc=epoch_utc or run_start(plan))
        else:
            results = run_scaled(main, speed=speed, epoch_utc=epoch_utc or run_start(plan))
    except BaseException:
        log.close()
        run.write_json(SUMMARY_FILE, _summary(plan, (), (), findings, shift, "interrupted"))
        _seal(run, time_base, signing_key)
        raise
    log.close()
    flown = open_run(run.path)
    left = {result.sortie_id: result.battery_left for result in results}
    rows = summary_rows(plan, flown.tracks, flown.events, findings, left)
    status = "complete" if all(result.flown for result in results) else "incomplete"
    summary = _summary(plan, rows, results, findings, shift, status)
    run.write_json(SUMMARY_FILE, summary)
    _seal(run, time_base, signing_key)
    if pictures:
        write_replay(replace(flown, summary=summary), layers=mission_layers(plan.mission))
    return FlightReport(run.path, tuple(rows), tuple(results), findings)


async def _fly(
    plan: Plan, run: RunFolder, log: EventLog, fleet: Fleet, shift: timedelta
) -> list[SortieResult]:
    running = asyncio.create_task(fleet.run())
    try:
        return await fly_plan(plan, fleet, run, log, time_shift_s=shift.total_seconds())
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _seal(run: RunFolder, time_base: dict[str, Any], signing_key: Path | None) -> None:
    """Write the manifest: what was flown and recorded, and the hashes that prove it."""
    base = {**time_base, "vehicle_clock_zero_utc": vehicle_clocks(run.path)}
    manifest = make_manifest(run.path, [MISSION_FILE, PLAN_FILE, EVENTS_FILE, SUMMARY_FILE], base)
    if signing_key is not None:
        sign(manifest, signing_key)
    run.write_json(MANIFEST_FILE, manifest)


def _copy_mission(mission: Mission, run: RunFolder) -> None:
    if mission.source is not None:
        shutil.copyfile(mission.source, run.file(MISSION_FILE))


def _summary(
    plan: Plan,
    rows: Sequence[SummaryRow],
    results: Sequence[SortieResult],
    findings: Sequence[Finding],
    shift: timedelta,
    status: str,
) -> dict[str, Any]:
    return {
        "mission": plan.mission.name,
        "day": plan.mission.day.isoformat(),
        "status": status,
        "seed": plan.seed,
        "ceiling_agl_m": plan.mission.airspace.ceiling_agl_m,
        "reserve": plan.mission.reserve,
        "log_time_shift_s": shift.total_seconds(),
        "tasks": rows_as_json(rows),
        "sorties": [_finite(asdict(result)) for result in results],
        "unserved": [{"task": u.task_id, "reason": u.reason, "remedy": u.remedy} for u in plan.unserved],
        "findings": [_finding(finding) for finding in findings],
    }


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    return {
        key: (round(v, 4) if math.isfinite(v) else None) if isinstance(v, float) else v
        for key, v in values.items()
    }


def _finding(finding: Finding) -> dict[str, Any]:
    values = asdict(finding)
    values["position"] = None if finding.position is None else list(finding.position.lonlat)
    return values


def make_folder(path: Path) -> None:
    """Make a folder for results if it is not there.

    Raises
    ------
    OutputError
        It cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot make the folder: {error.strerror or error}") from error


def mission_layers(mission: Mission) -> list[dict[str, Any]]:
    """Return the GeoJSON files drawn under a mission's plans and replays."""
    return [read_geojson(path) for path in mission.layers]


def draw_plan(plan: Plan, path: str | Path) -> Path:
    """Draw a plan over its map.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    figure = plan_figure(plan_to_geojson(plan), mission_layers(plan.mission))
    return save_figure(figure, path)


def write_replay(run: Run, layers: Sequence[dict[str, Any]] = ()) -> ReplayData:
    """Make ``replay.png`` and ``replay.html`` in a run folder."""
    data = run.replay_data(layers)
    save_figure(replay_figure(data), run.path / PICTURE_FILE)
    write_page(data, run.path / PAGE_FILE)
    return data


def mission_schema_text() -> str:
    """Return the JSON Schema of mission files as text."""
    return json.dumps(mission_schema(), ensure_ascii=False, indent=2) + "\n"
