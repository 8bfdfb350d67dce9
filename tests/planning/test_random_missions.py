"""Missions drawn at random, judged by the rules of the checks, which know nothing of the planner."""

from __future__ import annotations

from math import cos, inf, pi, sin

import numpy as np
import pytest
from shapely.geometry import Polygon

from dronepatrol.checks import check_plan
from dronepatrol.model import Severity, ZoneKind
from dronepatrol.planning import plan_mission
from tests.planning.factory import area, mission, station, task, window, zone

EXPECTED = {"task-unserved", "task-in-zone", "task-area", "area-remainder"}
"""What a random mission may well ask for and cannot have."""


def blob(rng, least_m, most_m, spread_m):
    """Return a random star shape around a random middle."""
    count = int(rng.integers(3, 9))
    radii, turn = rng.uniform(least_m, most_m, count), rng.uniform(0.0, 2.0 * pi)
    east_m, north_m = rng.uniform(-spread_m, spread_m, 2)
    angles = [turn + 2.0 * pi * i / count for i in range(count)]
    return area(
        Polygon([(east_m + r * cos(a), north_m + r * sin(a)) for r, a in zip(radii, angles, strict=True)])
    )


def random_task(rng, index):
    """Return a task of any size, altitude and priority, with a window or without."""
    hour, minutes = int(rng.integers(7, 11)), (int(rng.integers(0, 30)), int(rng.integers(35, 60)))
    windows = [window(*(f"{hour:02d}:{minute:02d}" for minute in minutes))] if rng.random() < 0.7 else []
    return task(
        f"t{index}",
        blob(rng, 20.0, 250.0, 900.0),
        *windows,
        altitude_agl_m=float(rng.choice([30.0, 60.0, 110.0])),
        passes=int(rng.integers(1, 4)),
        priority=int(rng.integers(1, 4)),
    )


def random_zones(rng):
    """Return a few zones, some with a floor, some for an hour, sometimes one to stay inside of."""
    zones = []
    for index in range(int(rng.integers(0, 5))):
        floor_m = float(rng.choice([0.0, 0.0, 50.0]))
        active = (window("08:00", "09:30"),) if rng.random() < 0.3 else ()
        ceiling_m = float(rng.choice([floor_m + 40.0, 120.0, inf]))
        shape = blob(rng, 40.0, 250.0, 800.0)
        zones.append(zone(f"z{index}", shape, floor_agl_m=floor_m, ceiling_agl_m=ceiling_m, active=active))
    if rng.random() < 0.3:
        zones.append(zone("in", blob(rng, 900.0, 1600.0, 100.0), ZoneKind.KEEP_IN, ceiling_agl_m=200.0))
    return tuple(zones)


@pytest.mark.parametrize("seed", [2, 33, 44, 52, 85, 101])
def test_plan_breaks_no_rule(seed):
    """Whatever is asked, what is planned crosses no zone, keeps the reserve and meets its windows."""
    rng = np.random.default_rng(seed)
    wanted = mission(
        *(random_task(rng, index) for index in range(int(rng.integers(1, 6)))),
        stations=(station("a", -600.0, 0.0, "a1", "a2"), station("b", 700.0, 100.0, "b1")),
        zones=random_zones(rng),
        transit_altitude_agl_m=float(rng.choice([40.0, 60.0, 80.0])),
    )
    findings = check_plan(plan_mission(wanted))
    assert [f for f in findings if f.severity is Severity.ERROR and f.rule not in EXPECTED] == []
