"""Coverage of polygons that other planners were measured on, scored by a program that knows no planner."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Polygon, shape

from dronepatrol.geo.frame import LocalFrame
from dronepatrol.geo.polygon import project
from dronepatrol.planning import plan_coverage

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data" / "coverage"
NAMES = sorted(path.stem for path in FOLDER.glob("*.geojson"))
pytestmark = pytest.mark.skipif(not NAMES, reason="the open polygons and their scorer are not here")


@pytest.fixture(scope="module")
def score():
    """The scorer, imported by its path."""
    sys.path.insert(0, str(FOLDER))
    spec = importlib.util.spec_from_file_location("coverage_score", FOLDER / "score.py")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


def load(name):
    """Read a polygon in metres and its swath."""
    feature = json.loads((FOLDER / f"{name}.geojson").read_text(encoding="utf-8"))["features"][0]
    lonlat = shape(feature["geometry"])
    polygon = project(lonlat, LocalFrame.around(shapely.get_coordinates(lonlat)))
    return polygon, feature["properties"]["swath_m"]


@pytest.mark.parametrize("name", NAMES or ["none"])
def test_covers_without_entering_holes(score, name):
    """The scorer finds 99 % covered, no metre outside or inside a hole."""
    polygon, swath_m = load(name)
    route = plan_coverage(
        polygon,
        spacing_m=swath_m,
        swath_m=swath_m,
        holes_are_obstacles=True,
        keep_in_enu=Polygon(polygon.exterior),
    )
    found = score.score_xy(polygon, swath_m, route.path_enu_m)
    assert found["coverage"] >= 0.99
    assert found["path_outside_m"] == 0.0
    assert found["path_in_holes_m"] == 0.0
