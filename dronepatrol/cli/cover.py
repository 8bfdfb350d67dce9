"""``dronepatrol cover``: the fastest path over one polygon."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from rich.console import Console

from dronepatrol.errors import GeometryError, OutputError
from dronepatrol.planning.coverage.answer import FastCoverage
from dronepatrol.planning.coverage.area import AreaFile, read_area, write_route
from dronepatrol.planning.coverage.fastest import fastest_coverage
from dronepatrol.planning.coverage.flight import Turning


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("cover", help="find the fastest path over a polygon; writes a LineString")
    parser.add_argument(
        "area", type=Path, metavar="AREA.geojson", help="a polygon, with holes as no-fly areas"
    )
    parser.add_argument("--swath", type=float, metavar="M", help="width that is seen (default: its swath_m)")
    parser.add_argument("--out", type=Path, required=True, metavar="PATH.geojson", help="where the path goes")
    parser.add_argument(
        "--home", type=_lonlat, metavar="LON,LAT", help="where the drone starts and returns to"
    )
    parser.add_argument("--speed", type=float, default=10.0, metavar="M/S", help="cruise speed (default: 10)")
    parser.add_argument("--accel", type=float, default=2.0, metavar="M/S2", help="acceleration (default: 2)")
    parser.add_argument(
        "--time-limit", type=float, default=5.0, metavar="S", help="of the search (default: 5)"
    )
    parser.add_argument("--max-iterations", type=_count, metavar="N", help="of the search, instead of time")
    parser.add_argument(
        "--coverage", type=float, default=0.99, metavar="SHARE", help="to reach (default: 0.99)"
    )
    parser.add_argument("--margin", type=float, default=0.0, metavar="M", help="kept from edges (default: 0)")
    parser.add_argument("--seed", type=int, default=0, help="of the search (default: 0)")
    parser.set_defaults(run=run)


def _lonlat(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not LON,LAT, as in 24.94,60.17") from None
    if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):
        raise argparse.ArgumentTypeError(f"{text!r} is not longitude, latitude in degrees")
    return lon, lat


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return count


def run(options: argparse.Namespace, console: Console) -> int:
    """Search, print, write."""
    area = read_area(options.area)
    for finding in area.findings:
        console.print(
            f"{finding.severity}: {finding.message}; {finding.remedy}", soft_wrap=True, markup=False
        )
    swath_m = options.swath if options.swath is not None else area.swath_m
    if swath_m is None:
        raise GeometryError("the feature has no swath_m", file=options.area, remedy="give --swath M")
    out: Path = options.out
    if not out.parent.is_dir():
        raise OutputError(f"{out}: cannot be written (no folder {out.parent})")
    home = None if options.home is None else area.plane.to_enu(np.array(options.home))
    with console.status("searching") as status:
        try:
            found = fastest_coverage(
                area.area_enu,
                swath_m=swath_m,
                margin_m=options.margin,
                coverage=options.coverage,
                turning=Turning(options.speed, options.accel),
                home_enu_m=None if home is None else (float(home[0]), float(home[1])),
                time_limit_s=options.time_limit,
                max_iterations=options.max_iterations,
                seed=options.seed,
                tell=lambda line: status.update(f"searching: {line}"),
            )
        except GeometryError as error:
            raise error.located(file=options.area) from None
    write_route(out, area.plane.to_lonlat(found.path_enu_m), _properties(found, swath_m, options))
    _print(console, found, area)
    console.print(f"wrote {out}", soft_wrap=True)
    return 0


def _properties(found: FastCoverage, swath_m: float, options: argparse.Namespace) -> dict[str, object]:
    return {
        "swath_m": swath_m,
        "speed_mps": options.speed,
        "acceleration_mps2": options.accel,
        "time_s": round(found.duration_s, 1),
        "length_m": round(found.length_m, 1),
        "coverage": round(found.covered_share, 5),
        "bound_s": round(found.bound_s, 1),
        "pattern": found.pattern,
    }


def _print(console: Console, found: FastCoverage, area: AreaFile) -> None:
    def say(label: str, text: str) -> None:
        console.print(f"{label:<10}{text}", markup=False, soft_wrap=True)

    say("time", f"{found.duration_s:.1f} s, {found.length_m:.0f} m, {found.turns} turns")
    if found.transit_s > 0.0:
        say("transit", f"{found.transit_s:.1f} s from home and back, besides")
    say("coverage", f"{found.covered_share:.2%} of {area.area_enu.area / 1e4:.2f} ha")
    if found.coverable_share < 0.9999:
        say("", f"{1.0 - found.coverable_share:.2%} cannot be seen from where the drone may fly")
    say("bound", f"{found.bound_s:.1f} s; gap {found.gap:.1%}; {found.iterations} changes judged")
    say("pattern", found.pattern)
    for other in found.runners_up:
        say("", f"{other.pattern}: {other.duration_s:.1f} s at {other.covered_share:.1%} when it was left")
