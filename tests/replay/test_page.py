"""The page holds the run, all of it, and nothing can break out of it."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dronepatrol.errors import OutputError
from dronepatrol.replay.columns import drone_columns
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.page import page, write_page
from dronepatrol.replay.payload import PageFrame, payload, utc_offsets
from tests.replay.scene import FRAME, HELSINKI, START, track_through

NASTY = "</script><script>window.broken=1</script><!-- <b>&amp;\"'\u2028 {{DATA}}"


class Elements(HTMLParser):
    """Collects elements, their attributes, and the content of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.title = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self.lasttag == "script":
            self.scripts[-1] += data
        if self.lasttag == "title" and not self.title:
            self.title = data


def columns_of(packed: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Unpack what the page unpacks: times, and one row for each column."""
    raw, n = base64.b64decode(packed["columns"]), packed["n"]
    return np.frombuffer(raw, "<f8", n), np.frombuffer(raw, "<f4", 6 * n, 8 * n).reshape(6, n)


def test_the_page_asks_for_nothing_from_elsewhere(run):
    """No element loads anything, and the policy forbids it to scripts too."""
    text = page(run)
    elements = Elements(text)
    assert not [a for _, a in elements.tags if {"src", "srcset"} & set(a)]
    assert [a["href"] for _, a in elements.tags if "href" in a] == ["data:,"]
    assert not re.findall(r"https?://", text)
    policy = next(a["content"] for _, a in elements.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_the_demo_is_small(run, tmp_path: Path):
    """Far below the 5 MB that a page may have."""
    assert write_page(run, tmp_path / "replay.html").stat().st_size < 500_000


def test_names_cannot_break_out(run):
    """A name that ends scripts, opens comments or looks like a placeholder comes back as it was."""
    plan = json.loads(json.dumps(run.plan))
    task = next(f for f in plan["features"] if f["properties"]["role"] == "task")
    task["properties"]["name"] = NASTY
    events = [{"t_s": 1.0, "kind": "warning", "drone": NASTY, "text": NASTY}]
    elements = Elements(page(replace(run, title=NASTY, plan=plan, events=events)))
    assert len(elements.scripts) == 2
    content = json.loads(elements.scripts[0])
    assert content["title"] == content["events"][0]["text"] == content["tasks"][0]["name"] == NASTY
    assert elements.title == NASTY


def test_thinned_positions_equal_the_log(run):
    """At every sample of the log the page's path lies within 0.3 m of it, and the altitude within 0.4 m."""
    content = payload(run)
    frame = PageFrame(*content["origin"])
    for packed in content["drones"]:
        track = next(t for t in run.tracks if t.vehicle == packed["id"])
        time_s, rows = columns_of(packed)
        at_s = (track.start_utc - run.start_utc).total_seconds() + track.time_s
        logged = frame.to_metres(track.lonlat_deg)
        for k in (0, 1):
            assert np.abs(np.interp(at_s, time_s, rows[k]) - logged[:, k]).max() < 0.3
        assert np.abs(np.interp(at_s, time_s, rows[2]) - track.altitude_home_m).max() < 0.4
        assert packed["n"] < 0.6 * len(track)


def test_the_page_frame_is_true_to_size():
    """Lengths agree with the tangent plane to a thousandth over a town."""
    frame = PageFrame(24.9450, 60.1715)
    ends = np.array([[-900.0, -700.0], [800.0, 600.0], [0.0, 900.0]])
    metres = frame.to_metres(FRAME.to_lonlat(ends))
    assert metres == pytest.approx(ends, rel=1e-3, abs=0.5)


def test_the_page_frame_crosses_the_date_line():
    """Two places on both sides of 180 degrees lie beside each other."""
    west, east = PageFrame(179.999, 10.0).to_metres([[179.999, 10.0], [-179.999, 10.0]])
    assert 200.0 < east[0] - west[0] < 230.0


def test_twenty_drones_for_two_hours_stay_within_the_budget():
    """Noise that would need every sample is thinned harder, not left to grow."""
    rng = np.random.default_rng(3)
    rows = np.column_stack(
        [np.arange(0, 7200, 60.0), *rng.uniform(-500, 500, (2, 120)), rng.uniform(30, 80, 120)]
    )
    one = track_through("d0", rows, noise_m=20.0)
    tracks = [replace(one, vehicle=f"d{k}") for k in range(20)]
    thin = drone_columns(ReplayData("Many", HELSINKI, tracks=tracks), PageFrame(24.9, 60.2).to_metres, 60_000)
    assert sum(len(drone.time_s) for drone in thin) <= 60_000
    assert len(thin) == 20


def test_a_silence_is_kept_as_one():
    """Between two flights of a drone stands a row without a position."""
    flights = [track_through("k1", [(t, 0, 0, 30), (t + 60, 300, 0, 30)]) for t in (0, 600)]
    (packed,) = payload(ReplayData("Two", HELSINKI, tracks=flights))["drones"]
    time_s, rows = columns_of(packed)
    assert np.isnan(rows[0]).sum() == 1
    assert np.interp(300, time_s, np.isnan(rows[0])) >= 0.0
    assert 60.0 < time_s[np.isnan(rows[0])][0] < 60.1


def test_events_stand_in_order_and_on_the_run_clock(run):
    """Times count from the run's start."""
    times = [event["t"] for event in payload(run)["events"]]
    assert times == sorted(times)
    assert times[0] == 0.0


def test_an_event_without_a_date_is_placed_by_its_seconds(run):
    """``t_s`` counts from the first event."""
    events = [
        {"t_s": 0.0, "t_utc": START.isoformat(), "kind": "run_started"},
        {"t_s": 12.5, "kind": "warning"},
    ]
    assert [event["t"] for event in payload(replace(run, events=events))["events"]] == [0.0, 12.5]


def test_the_change_of_clocks_is_in_the_page():
    """A night flight over the end of summer time gets both offsets and the second of the change."""
    night = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    rows = utc_offsets(ReplayData("Night", HELSINKI), night, 3600.0)
    assert rows == [[0.0, 10800.0], [600.0, 7200.0]]


def test_values_that_are_not_numbers_stay_out_of_the_json(run):
    """NaN in an event or a zone becomes null."""
    events = [{"t_s": 1.0, "kind": "photo", "lon": float("nan"), "lat": 60.0}]
    assert payload(replace(run, events=events))["events"][0]["lon"] is None


@pytest.mark.parametrize("tracks", [[], [track_through("k1", [(0, 0, 0, 0)])]], ids=["none", "one sample"])
def test_poor_data_still_gives_a_page(tracks, tmp_path: Path):
    """A run without tracks or with one sample makes a page."""
    assert (
        "const DATA"
        in write_page(ReplayData("Poor", HELSINKI, tracks=tracks), tmp_path / "p.html").read_text()
    )


def test_tracks_that_start_before_the_events_move_the_start(run):
    """Second zero is the earliest moment of all."""
    early = track_through("k9", [(0, 0, 0, 0), (5, 0, 0, 0)], start=START - timedelta(minutes=1))
    assert payload(replace(run, tracks=[*run.tracks, early]))["events"][0]["t"] == 60.0


def test_a_folder_that_is_not_there_is_named(run, tmp_path: Path):
    """The error says which file cannot be written."""
    with pytest.raises(OutputError, match=r"missing.*x\.html: cannot be written: No such file"):
        write_page(run, tmp_path / "missing" / "x.html")
