"""``dronepatrol cover`` from file to file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from shapely.geometry import LineString, shape

from dronepatrol.cli.main import main

RING = [[24.94, 60.17], [24.943, 60.17], [24.943, 60.1712], [24.94, 60.1712], [24.94, 60.17]]


def area_file(folder: Path, **properties: object) -> Path:
    """Write a polygon of 2.2 ha."""
    geometry = {"type": "Polygon", "coordinates": [RING]}
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path = folder / "area.geojson"
    path.write_text(json.dumps(feature), encoding="utf-8")
    return path


def test_writes_a_line_inside_the_polygon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file holds one LineString in degrees, and the figures are printed."""
    area, out = area_file(tmp_path, swath_m=30), tmp_path / "path.geojson"
    assert main(["cover", str(area), "--out", str(out), "--max-iterations", "800"]) == 0
    feature = json.loads(out.read_text("utf-8"))
    assert feature["geometry"]["type"] == "LineString"
    line = LineString(feature["geometry"]["coordinates"])
    assert shape({"type": "Polygon", "coordinates": [RING]}).covers(line)
    printed = capsys.readouterr().out
    for word in ("time", "coverage", "bound", "gap", "pattern"):
        assert word in printed


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ([], "no swath_m"),
        (["--swath", "0"], "not above 0"),
        (["--swath", "20", "--speed", "-1"], "not above 0"),
    ],
)
def test_a_missing_or_impossible_figure_is_one_clear_error(
    extra: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the file, and nothing is written."""
    area, out = area_file(tmp_path), tmp_path / "path.geojson"
    assert main(["cover", str(area), "--out", str(out), *extra]) == 2
    error = capsys.readouterr().err.replace("\n", "")
    assert message in error
    assert "area.geojson" in error
    assert not out.exists()
