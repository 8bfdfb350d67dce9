"""Figures say what they show."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from dronepatrol.errors import OutputError
from dronepatrol.replay import figures
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.figures.furniture import round_length_m
from dronepatrol.replay.visits import flown_visits
from tests.replay.scene import HELSINKI, START, scene, track_through

CHARTS = {
    figures.altitude: ("Altitude above home (m)", "ceiling 120 m"),
    figures.battery: ("Battery (%)", "reserve 20%"),
    figures.speed: ("Ground speed (m/s)", None),
}


def texts(figure) -> set[str]:
    """Return all texts of a figure that are not empty."""
    return {text.get_text() for text in figure.findobj(Text) if text.get_text().strip()}


def flat(figure) -> str:
    """Return all texts in one line."""
    return " ".join(text.replace("\n", " ") for text in texts(figure))


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_a_chart_labels_its_axes_with_units(run, draw):
    """Value and unit stand on y; the clock's place and the day on x; limits are named on their lines."""
    label, limit = CHARTS[draw]
    ax = draw(run)
    assert ax.get_ylabel() == label
    assert ax.get_xlabel() == "Local time (Europe/Helsinki), 2026-09-14"
    assert limit is None or limit in texts(ax)


@pytest.mark.parametrize("draw", CHARTS, ids=lambda draw: draw.__name__)
def test_a_chart_draws_into_the_axes_given(run, draw):
    """A caller composes its own sheet."""
    ax = Figure().add_subplot()
    assert draw(run, ax=ax) is ax
    assert {line.get_label() for line in ax.lines} >= {"h1", "k1", "k2"}


def test_lines_are_told_apart_without_colour(run):
    """Each drone has a line style and a mark of its own."""
    lines = [line for line in figures.speed(run).lines if line.get_label() in run.drones]
    assert (
        len({(line.get_linestyle(), line._unscaled_dash_pattern, line.get_marker()) for line in lines}) == 3
    )
    assert len({line.get_marker() for line in lines}) == 3


def test_times_are_local(run):
    """The first tick of a run that begins at 04:40 UTC reads 07:40 in Helsinki."""
    ax = figures.altitude(run)
    FigureCanvasAgg(ax.figure).draw()
    assert "07:40" in {label.get_text() for label in ax.get_xticklabels()}


def test_altitude_shows_the_altitude_flown(run):
    """The line's values are the track's."""
    track = next(t for t in run.tracks if t.vehicle == "k2")
    (line,) = [line for line in figures.altitude(run).lines if line.get_label() == "k2"]
    assert np.nanmax(line.get_ydata()) == pytest.approx(track.altitude_home_m.max())


def test_a_silence_breaks_the_line():
    """Nothing is drawn across a minute without samples."""
    before = track_through("k1", [(0, 0, 0, 40), (30, 100, 0, 40)])
    keep = (before.time_s < 5) | (before.time_s > 25)
    gapped = replace(
        before,
        **{
            name: getattr(before, name)[keep]
            for name in before.__dataclass_fields__
            if name not in ("vehicle", "start_utc")
        },
    )
    ax = figures.speed(ReplayData("Gap", HELSINKI, tracks=[gapped]))
    assert np.isnan(ax.lines[0].get_ydata()).sum() == 1


def test_a_long_run_shows_mean_speeds():
    """Over an hour the speed is drawn as means, and the title says over how long."""
    rows = [(t, (t // 20) % 2 * 100.0, 0, 40) for t in range(0, 3601, 20)]
    ax = figures.speed(ReplayData("Long", HELSINKI, tracks=[track_through("k1", rows)]))
    assert ax.get_title(loc="left") == "Ground speed (mean of 30 s)"
    assert ax.lines[0].get_ydata()[5:-5] == pytest.approx(5.0, abs=0.4)


def test_passes_in_a_row_are_one_visit(run):
    """A pass that begins where the last one ended lengthens the visit; one an hour later is another."""
    passes = [(0, 60), (62, 120), (3600, 3660)]
    events = [
        {
            "t_utc": (START + timedelta(seconds=s)).isoformat(),
            "drone": "k1",
            "kind": kind,
            "task": "ressun-lukio",
        }
        for begin, end in passes
        for s, kind in ((begin, "task_started"), (end, "task_finished"))
    ]
    visits = flown_visits(replace(run, events=events))
    assert [(v.end - v.begin).total_seconds() for v in visits] == [120.0, 60.0]


def test_passes_are_counted_on_the_plan(run):
    """A task swept twice is numbered once, with the number of passes."""
    plan = json.loads(json.dumps(run.plan))
    again = next(f for f in plan["features"] if f["properties"].get("kind") == "sweep")
    again["properties"]["pass"] = 2
    assert any(text.endswith(" ×2") for text in texts(figures.map_figure(replace(run, plan=plan, tracks=[]))))


def test_the_map_names_everything(run):
    """Areas, zones, stations, drones, scale, north and the map's makers are written on it."""
    said = flat(figures.map_figure(run))
    for word in ("Ressun lukio", "Kaisaniemi park", "Palace (illustrative)", "Kamppi", "k1", "200 m", "N"):
        assert word in said
    assert "Map data: © OpenStreetMap contributors, ODbL 1.0" in said


def test_names_on_the_map_do_not_cover_each_other(run):
    """Among the areas, zones and stations no two names overlap."""
    ax = figures.map_figure(run)
    renderer = FigureCanvasAgg(ax.figure).get_renderer()
    names = [
        t for t in ax.texts if t.get_text() in {"Senaatintori", "Rautatientori", "Kamppi", "Harbour", "N"}
    ]
    boxes = [text.get_window_extent(renderer) for text in names]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_map_keeps_its_shape(run):
    """A metre is as long to the east as to the north."""
    ax = figures.map_figure(run)
    box = ax.get_window_extent()
    east = np.diff(ax.get_xlim())[0] / box.width
    north = np.diff(ax.get_ylim())[0] / box.height
    assert east == pytest.approx(north, rel=1e-6)


@pytest.mark.parametrize(
    ("limit_m", "length_m"), [(1.0, 1.0), (3.9, 2.0), (512.0, 500.0), (99_999.0, 50_000.0)]
)
def test_the_scale_bar_has_a_round_length(limit_m, length_m):
    """One, two or five times a power of ten."""
    assert round_length_m(limit_m) == pytest.approx(length_m)


def test_the_sheet_of_a_run_is_whole(run, tmp_path: Path):
    """The replay's sheet has the map, the charts, the legend and the table, as a picture of 1920 by 1200."""
    sheet = figures.replay_figure(run)
    said = flat(sheet)
    for word in (
        "Who was where",
        "Altitude",
        "Ground speed",
        "Battery left",
        "keep-out zone",
        "cannot be seen",
    ):
        assert word in said
    assert "97.0 %" in said
    assert imread(figures.save_figure(sheet, tmp_path / "replay.png")).shape[:2] == (1200, 1920)


def test_the_sheet_of_a_plan_shows_order(run, tmp_path: Path):
    """Sorties and the order of their tasks are numbered, and the lanes say who will be where."""
    sheet = figures.plan_figure(run.plan, run.layers)
    assert {"S1·1", "S1·2", "S2·1", "S3·1", "S3·2", "S3·3", "Who will be where"} <= texts(sheet)
    assert figures.save_figure(sheet, tmp_path / "plan.png").stat().st_size > 50_000


def test_the_same_run_gives_the_same_bytes(run, tmp_path: Path):
    """Nothing in a picture depends on when it was made."""
    first, second = (
        figures.save_figure(figures.plan_figure(run.plan), tmp_path / f"{n}.png") for n in (1, 2)
    )
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_figures_save_as_vectors(run, tmp_path: Path, ending: str):
    """SVG and PDF come from the same call."""
    path = figures.save_figure(figures.battery(run), tmp_path / f"battery.{ending}")
    assert path.read_bytes()[:5] in (b"<?xml", b"%PDF-")


def test_chinese_names_render_as_characters(caplog):
    """Drawing Chinese names gives no missing glyph (a warning, so an error here) and no talk of fonts."""
    with caplog.at_level(logging.WARNING):
        figures.replay_figure(scene(chinese=True)).savefig(io.BytesIO(), format="png")
    assert caplog.text == ""


def test_a_character_without_a_font_does_not_stop_a_figure(run, tmp_path: Path):
    """A name in a script that no font at hand has is drawn as boxes."""
    odd = replace(run, title="ꯀꯪꯂꯩ")
    assert figures.save_figure(figures.replay_figure(odd), tmp_path / "odd.png").exists()


def test_drawing_leaves_matplotlib_as_it_was(run):
    """Our settings hold only while we draw."""
    before = dict(mpl.rcParams)
    figures.altitude(run)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    "data",
    [
        ReplayData("Empty", HELSINKI),
        ReplayData("One sample", HELSINKI, tracks=[track_through("k1", [(0, 0, 0, 0)], start=START)]),
    ],
    ids=["empty", "one sample"],
)
def test_poor_data_still_gives_a_sheet(data, tmp_path: Path):
    """A run without tracks, or with a single sample, is drawn as far as it goes."""
    assert figures.save_figure(figures.replay_figure(data), tmp_path / "poor.png").exists()


def test_a_folder_that_is_not_there_is_named(run, tmp_path: Path):
    """The error says which file cannot be written."""
    with pytest.raises(OutputError, match=r"missing.*x\.png: cannot be written: No such file"):
        figures.save_figure(figures.speed(run), tmp_path / "missing" / "x.png")
