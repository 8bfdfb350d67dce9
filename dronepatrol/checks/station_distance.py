"""Every task is within radio range of a station."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from dronepatrol.checks.rule import Rule
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.model import Finding, Mission, Position, Severity

LINK_M = 3000.0
"""Far end of the range quoted for strong interference: Matrice 30, 1.5 to 3 km (Dronedesk)."""


def find(mission: Mission) -> Iterator[Finding]:
    """Give a finding for each task with ground farther from every station than a link reaches in a town."""
    for task in mission.tasks:
        corners = [Position(float(x), float(y)) for x, y in shapely.get_coordinates(task.polygon)]
        far = [(min(great_circle_m(s.position, c) for s in mission.stations), c) for c in corners]
        distance_m, corner = max(far, key=lambda pair: pair[0])
        if distance_m > LINK_M:
            yield RULE.finding(
                f"task {task.id}",
                "reaches farther from every station than a radio link does among buildings",
                value=f"{distance_m / 1000.0:.1f} km",
                limit=f"{LINK_M / 1000.0:g} km",
                remedy="add a station, or make sure of the link (relay, cell network)",
                position=corner,
            )


RULE = Rule(
    id="station-distance",
    title="Every task is within radio range of a station",
    severity=Severity.WARNING,
    source="DJI Matrice 30, transmission distance with strong interference: 1.5 to 3 km",
    function=find,
)
