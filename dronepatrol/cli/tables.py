"""Tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from rich import box
from rich.console import Console
from rich.table import Table

from dronepatrol.model.finding import Finding, Severity
from dronepatrol.model.plan import Plan, Sortie
from dronepatrol.replay.data import SummaryRow

_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "dim"}


def minutes(seconds: float | None) -> str:
    """Return ``mm:ss``, or a dash."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def kilometres(metres: float | None) -> str:
    """Return a length in kilometres, without unit, or a dash."""
    return "–" if metres is None else f"{metres / 1000.0:.2f}"


def percent(share: float | None) -> str:
    """Return a share as percent, or a dash; 99.96 % is not shown as 100 %."""
    if share is None:
        return "–"
    return "100 %" if share >= 1.0 else f"{min(100.0 * share, 99.9):.1f} %"


def _new_table(title: str, columns: Sequence[tuple[str, bool]]) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        header_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    for name, right in columns:
        if right:
            table.add_column(name, justify="right", no_wrap=True)
        else:
            table.add_column(name, overflow="fold", min_width=len(name))
    return table


def print_plan(console: Console, plan: Plan) -> None:
    """Print the sorties of a plan, then what it leaves out."""
    columns = [("sortie", False), ("drone", False), ("launch", True), ("landing", True), ("tasks", False)]
    columns += [("km", True), ("min:s", True), ("battery\nleft", True)]
    table = _new_table(f"{plan.mission.name}, {plan.mission.day.isoformat()}", columns)
    for sortie in plan.sorties:
        table.add_row(*_sortie_cells(plan, sortie))
    console.print(table)
    for unserved in plan.unserved:
        console.print(
            f"not flown: {unserved.task_id}: {unserved.reason}; {unserved.remedy}", markup=False, style="red"
        )
    for remainder in plan.remainders:
        share = percent(remainder.share)
        console.print(
            f"not seen: {remainder.task_id}: {remainder.area_m2:.0f} m² ({share}): {remainder.reason}",
            markup=False,
            style="yellow",
        )


def _sortie_cells(plan: Plan, sortie: Sortie) -> list[str]:
    zone = plan.mission.time_zone
    launch = sortie.launch.astimezone(zone)
    landing = (sortie.launch + timedelta(seconds=sortie.duration_s)).astimezone(zone)
    return [
        sortie.id,
        sortie.drone_id,
        f"{launch:%H:%M:%S}",
        f"{landing:%H:%M:%S}",
        "\n".join(plan.mission.task(task).name for task in sortie.task_ids),
        kilometres(sortie.length_m),
        minutes(sortie.duration_s),
        percent(sortie.battery_left),
    ]


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print findings, worst first, and how many there are of each severity."""
    for finding in findings:
        figures = f" ({finding.value}, limit {finding.limit})" if finding.value and finding.limit else ""
        console.print(f"{finding.severity.value}:", style=_STYLE[finding.severity], end=" ")
        text = f"{finding.where}: {finding.message}{figures}; {finding.remedy} [{finding.rule}]"
        console.print(text, markup=False, soft_wrap=True)
    counts = [sum(f.severity is severity for f in findings) for severity in reversed(Severity)]
    console.print(f"{counts[0]} errors, {counts[1]} warnings, {counts[2]} notes")


def print_summary(console: Console, rows: Sequence[SummaryRow]) -> None:
    """Print what was planned, flown and seen."""
    columns = [("task", False), ("drone", False), ("km\nplan → flown", True)]
    columns += [("min:s\nplan → flown", True), ("seen", True), ("battery\nleft", True), ("findings", True)]
    table = _new_table("What was flown", columns)
    for row in rows:
        table.add_row(
            row.task,
            row.drone,
            f"{kilometres(row.planned_length_m)} → {kilometres(row.flown_length_m)}",
            f"{minutes(row.planned_s)} → {minutes(row.flown_s)}",
            percent(row.seen),
            percent(row.battery_left),
            "–" if row.findings is None else str(row.findings),
        )
    console.print(table)
