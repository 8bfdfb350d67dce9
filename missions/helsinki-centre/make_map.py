"""Makes areas.geojson and map.geojson of this mission from an OpenStreetMap extract.

Usage: python make_map.py helsinki-centre.osm.pbf [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from dronepatrol.formats.osm import import_osm, write_geojson

BBOX = "24.9351762,60.164155,24.9534145,60.179113"

AREAS = (
    "ressun-lukio",
    "kruununhaan-ylaasteen-koulu",
    "kaisaniemen-ala-aste",
    "senaatintori",
    "rautatientori",
    "esplanadinpuisto",
    "kaisaniemen-puisto",
)

# Drawn by hand over the blocks between the squares, so that straight flights between tasks would cross it.
KEEP_OUT = {
    "type": "Feature",
    "id": "keep-out-example",
    "properties": {
        "id": "keep-out-example",
        "name": "Example keep-out zone",
        "kind": "keep_out",
        "illustrative": True,
        "note": "Drawn by hand to show how plans go round a zone. No authority has restricted this airspace "
        "here; look up the real restrictions before flying.",
    },
    "geometry": {
        "type": "Polygon",
        "coordinates": [
            [
                [24.9463, 60.1699],
                [24.9480, 60.1697],
                [24.9488, 60.1702],
                [24.9484, 60.1711],
                [24.9468, 60.1712],
                [24.9463, 60.1699],
            ]
        ],
    },
}


def make_map(extract: Path, folder: Path) -> None:
    """Write both files into a folder."""
    areas = import_osm(extract, bbox=BBOX, only=AREAS).to_geojson()
    areas["features"].append(KEEP_OUT)
    write_geojson(areas, folder / "areas.geojson")
    write_geojson(import_osm(extract, bbox=BBOX, kinds=["road", "building"]), folder / "map.geojson")


if __name__ == "__main__":
    make_map(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent)
