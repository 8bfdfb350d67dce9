"""``dronepatrol import osm``: make areas, roads and buildings from an OpenStreetMap extract."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from dronepatrol.formats.osm import DEFAULT_SCHOOL_MARGIN_M, OsmKind, import_osm, write_geojson


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    parser = commands.add_parser("import", help="turn files of other tools into map layers")
    sources = parser.add_subparsers(title="sources", metavar="SOURCE", required=True)
    osm = sources.add_parser("osm", help="areas, roads and buildings of an .osm.pbf or .osm extract")
    osm.add_argument("extract", metavar="EXTRACT", type=Path)
    osm.add_argument(
        "--bbox", metavar="W,S,E,N", help="degrees; write --bbox=-1.5,... if it begins with a minus"
    )
    osm.add_argument("--out", metavar="FILE", type=Path, required=True, help="GeoJSON file to write")
    kinds = [kind.value for kind in OsmKind]
    osm.add_argument("--kinds", nargs="+", choices=kinds, metavar="KIND", help=", ".join(kinds))
    osm.add_argument("--only", nargs="+", metavar="NAME", help="only these ids, names or references")
    osm.add_argument(
        "--margin",
        type=float,
        default=DEFAULT_SCHOOL_MARGIN_M,
        metavar="M",
        help="metres added around school grounds (default %(default)s)",
    )
    osm.set_defaults(run=run)


def run(options: argparse.Namespace, console: Console) -> int:
    """Import and say what was found."""
    kinds = None if options.kinds is None else [OsmKind(kind) for kind in options.kinds]
    with console.status("reading"):
        found = import_osm(
            options.extract,
            bbox=options.bbox,
            school_margin_m=options.margin,
            kinds=kinds,
            only=options.only,
        )
    write_geojson(found, options.out)
    console.print(found.summary(), markup=False, soft_wrap=True)
    console.print(f"wrote {options.out}", markup=False, soft_wrap=True)
    return 0
