"""Small missions for tests that fly."""

from __future__ import annotations

from pathlib import Path

YARD = """\
dronepatrol: 1
name: Test yard
time_zone: Europe/Helsinki
date: 2026-09-14
stations:
  - id: base
    name: Base
    position: [24.9400, 60.1700]
    elevation_amsl_m: 12
    drones:
      - {id: d1, model: quad-generic}
airspace:
  ceiling_agl_m: 120
  zones:
    - id: tower
      kind: keep_out
      area:
        type: Polygon
        coordinates: [[[24.9412, 60.1699], [24.9416, 60.1699], [24.9416, 60.1702], [24.9412, 60.1702],
                       [24.9412, 60.1699]]]
tasks:
  - id: yard
    name: School yard 学校
    kind: school_zone
    area:
      type: Polygon
      coordinates: [[[24.9420, 60.1698], [24.9438, 60.1698], [24.9438, 60.1705], [24.9420, 60.1705],
                     [24.9420, 60.1698]]]
    altitude_agl_m: 40
    windows:
      - {start: "07:40", end: "08:00"}
    actions:
      - photo: {spacing_m: 20}
"""


def write_yard(folder: Path, text: str = YARD) -> Path:
    """Write the mission of one drone, one yard and one keep-out zone on the way."""
    path = folder / "mission.yaml"
    path.write_text(text, encoding="utf-8")
    return path
