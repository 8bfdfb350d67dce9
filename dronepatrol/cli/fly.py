"""``dronepatrol fly``: fly a mission and leave a run folder."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from dronepatrol import api
from dronepatrol.cli import vehicles
from dronepatrol.cli.options import add_mission
from dronepatrol.cli.tables import print_findings, print_plan, print_summary
from dronepatrol.flight.events import Event
from dronepatrol.model.finding import Severity
from dronepatrol.model.plan import Plan


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("fly", help="plan, check and fly a mission")
    add_mission(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="run folder to make (default: runs/NAME-DATE-TIME)"
    )
    parser.add_argument(
        "--link",
        choices=("memory", "udp"),
        default="memory",
        help="how MAVLink travels (default memory; udp: loopback)",
    )
    vehicles.add_options(parser)
    parser.add_argument("--sign", type=Path, metavar="PEM", help="Ed25519 private key to sign the run with")
    parser.add_argument("--force", action="store_true", help="fly although a check found an error")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Plan, check, fly, print."""
    mission = api.load_mission(options.mission, day=options.date)
    with console.status("planning"):
        plan = api.plan_mission(mission, seed=options.seed)
    print_plan(console, plan)
    findings = api.check_plan(plan)
    print_findings(console, findings)
    if any(f.severity is Severity.ERROR for f in findings) and not options.force:
        console.print("not flown: findings of severity error; mend them, or fly all the same with --force")
        return 1
    out = options.out or default_folder(options.mission)
    using = vehicles.chosen(options, plan, out)
    try:
        with FlightProgress(console, plan) as progress:
            report = api.fly(
                plan,
                out,
                seed=options.seed,
                link=options.link,
                force=options.force,
                observers=[progress.take],
                fleet=using.fleet,
                speed=using.speed,
                epoch_utc=using.epoch_utc,
                signing_key=options.sign,
            )
    except KeyboardInterrupt:
        console.print(f"interrupted; the logs up to this moment can be read in {out}", soft_wrap=True)
        raise
    print_summary(console, report.rows)
    for result in report.results:
        if result.problem:
            text = f"{result.sortie_id} ({result.drone_id}): {result.problem}"
            console.print(text, style="red", markup=False, soft_wrap=True)
    console.print(f"run: {report.path}", soft_wrap=True, markup=False)
    console.print(f"open {report.path / 'replay.html'} in a browser", soft_wrap=True, markup=False)
    return 0 if report.complete else 1


def default_folder(mission_file: Path) -> Path:
    """Return a new folder name under ``runs`` from the mission's folder and the present time."""
    name = mission_file.resolve().parent.name if mission_file.stem == "mission" else mission_file.stem
    return Path("runs") / f"{name}-{datetime.now():%Y%m%d-%H%M%S}"


class FlightProgress:
    """One bar per drone, moved by events: passes flown of passes planned."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[drone]}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} passes"),
            TextColumn("{task.fields[clock]} {task.fields[text]}", markup=False),
            TimeElapsedColumn(),
            console=console,
        )
        self._zone = plan.mission.time_zone
        self._bars: dict[str, TaskID] = {}
        for drone in dict.fromkeys(sortie.drone_id for sortie in plan.sorties):
            passes = {(s.id, leg.task_id, leg.pass_number) for s in plan.sorties_of(drone) for leg in s.legs}
            total = sum(task is not None for _, task, _ in passes)
            self._bars[drone] = self._progress.add_task(
                drone, total=total, drone=drone, clock="", text="waits for its launch"
            )

    def __enter__(self) -> FlightProgress:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def take(self, event: Event) -> None:
        """Show one event."""
        bar = self._bars.get(event["drone"] or "")
        if bar is None or event["kind"] == "photo":
            return
        moment = datetime.fromisoformat(event["t_utc"]).astimezone(self._zone)
        self._progress.update(bar, clock=f"{moment:%H:%M:%S}", text=event["text"])
        if event["kind"] == "task_finished":
            self._progress.advance(bar)
