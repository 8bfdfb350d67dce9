"""The page in a real browser: Chromium without a screen, used with mouse and keys."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.page import write_page
from tests.replay.chromium import CHROMIUM, Tab
from tests.replay.scene import FRAME, HELSINKI, scene, track_through

NASTY = "Ressun </script><script>window.broken=1</script> & \"lukio\" <img src=x onerror='window.broken=2'>"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """Return a browser for the tests of this file."""
    with Tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the made-up run."""
    return write_page(scene(), tmp_path_factory.mktemp("page") / "replay.html")


@pytest.fixture
def tab(browser: Tab, path: Path) -> Tab:
    """Return the made-up run's page, freshly loaded."""
    browser.open(path, "theme=light&lang=en")
    return browser


def test_the_page_loads_without_errors_and_without_a_network(tab: Tab, path: Path):
    """The console stays empty, and the only address asked for on a network or disk is the page's own."""
    assert tab.problems == []
    assert [url for url in tab.requests if not url.startswith("data:")] == [f"{path.as_uri()}"]
    assert tab.run("document.title") == scene().title


@pytest.mark.parametrize("t_s", [0.0, 77.3, 180.0, 301.25, 433.0, 600.0])
def test_drawn_positions_equal_the_log(tab: Tab, run: ReplayData, t_s: float):
    """Place and altitude of each drone are those of the log to 0.5 m, and the map's pixel is that place."""
    tab.run(f"dronepatrol.setTime({t_s})")
    tab.frames()
    known = [position for position in tab.run("dronepatrol.positions()") if position["known"]]
    assert known or t_s in (0.0,)
    for position in known:
        track = next(t for t in run.tracks if t.vehicle == position["drone"])
        at_s = t_s - (track.start_utc - run.start_utc).total_seconds()
        logged = [np.interp(at_s, track.time_s, column) for column in FRAME.to_enu(track.lonlat_deg).T]
        assert FRAME.to_enu([position["lon_deg"], position["lat_deg"]]) == pytest.approx(logged, abs=0.5)
        altitude = np.interp(at_s, track.time_s, track.altitude_home_m)
        assert position["altitude_home_m"] == pytest.approx(altitude, abs=0.5)


def test_a_drone_is_painted_where_it_is_said_to_be(tab: Tab):
    """The map's pixel at a flying drone's place has the drone's colour."""
    tab.run("dronepatrol.setTime(301.25)")
    tab.frames()
    colours = tab.run("""(() => {
      const map = document.getElementById('map');
      const ratio = map.width / map.clientWidth;
      const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
      return dronepatrol.positions().map(({ drawn }) => {
        copy.drawImage(map, -Math.round(drawn.x * ratio), -Math.round(drawn.y * ratio));
        return [...copy.getImageData(0, 0, 1, 1).data].slice(0, 3);
      });
    })()""")
    assert colours == [[0, 114, 178], [213, 94, 0], [0, 158, 115]]


def test_play_advances_with_the_speed_chosen_and_pause_stops(tab: Tab):
    """At ten times the clock moves on about ten seconds in one; paused it stands."""
    tab.run("dronepatrol.setTime(100)")
    tab.click("#play")
    begun = time.monotonic()
    time.sleep(1.0)
    playing, reached = tab.run("[dronepatrol.playing, dronepatrol.time]")
    passed = time.monotonic() - begun
    tab.click("#play")
    stopped = tab.run("dronepatrol.time")
    time.sleep(0.2)
    assert playing is True
    assert 102.0 < reached <= 100.0 + 10.0 * (passed + 0.3)
    assert tab.run("dronepatrol.time") == stopped


def test_playing_ends_at_the_end(tab: Tab):
    """The clock stops at the run's last second."""
    tab.run("dronepatrol.setTime(dronepatrol.duration - 0.5); dronepatrol.play()")
    time.sleep(0.5)
    assert tab.run("[dronepatrol.playing, dronepatrol.time - dronepatrol.duration]") == [False, 0]


def test_idle_time_is_skipped(browser: Tab, tmp_path: Path):
    """Between two flights half an hour apart, playing jumps to just before the second."""
    flights = [track_through("k1", [(t, 0, 0, 0), (t + 20, 0, 0, 30), (t + 40, 90, 0, 0)]) for t in (0, 1800)]
    browser.open(
        write_page(ReplayData("Two", HELSINKI, tracks=flights), tmp_path / "two.html"), "t=42&play&speed=1"
    )
    time.sleep(0.3)
    assert 1797.0 < browser.run("dronepatrol.time") < 1801.0


def test_a_click_on_an_event_moves_the_slider(tab: Tab, run: ReplayData):
    """The list's second event takes slider, clock and time to its moment, and is marked."""
    event = run.events[1]
    tab.click("#events li:nth-child(2) button")
    assert event["text"] in tab.run("document.querySelector('#events button.now').textContent")
    assert tab.run("dronepatrol.time") == pytest.approx(event["t_s"], abs=0.01)
    assert tab.run("document.getElementById('slider').valueAsNumber") == pytest.approx(event["t_s"], abs=0.01)
    assert tab.run("document.getElementById('clock').textContent") == "07:40:10"


def test_a_click_on_a_mark_goes_to_its_event(tab: Tab, run: ReplayData):
    """Two pixels beside a mark is near enough, and the time is the event's own."""
    event = [event for event in run.events if event["kind"] == "landed"][-1]
    width, duration = tab.run("[document.getElementById('lanes').clientWidth, dronepatrol.duration]")
    tab.click("#lanes", 8 + event["t_s"] / duration * (width - 16) + 2, 7)
    assert tab.run("dronepatrol.time") == pytest.approx(event["t_s"], abs=0.001)


def test_hovering_one_chart_moves_all(tab: Tab):
    """The readings of all three charts follow the pointer, and a click there goes to the moment."""
    readings = "[...document.querySelectorAll('.chart .values')].map((node) => node.textContent)"
    before = tab.run(readings)
    tab.hover("canvas[data-chart=altitude]")
    hovered = tab.run(readings)
    assert all(a != b for a, b in zip(before, hovered, strict=True))
    assert tab.run("dronepatrol.time") == 0
    tab.click("canvas[data-chart=battery]")
    assert tab.run("dronepatrol.time / dronepatrol.duration") == pytest.approx(0.5, abs=0.05)
    assert tab.run(readings) == hovered


def test_hovering_a_path_tells_its_moment(tab: Tab):
    """Over a place that a drone flew past, its name and the time come up; a click goes there."""
    tab.run("dronepatrol.setTime(301.25)")
    tab.frames()
    drawn = tab.run("dronepatrol.positions()[0].drawn")
    tab.hover("#map", drawn["x"], drawn["y"])
    assert tab.run("document.getElementById('tip').textContent").startswith("h1  07:45:0")
    tab.run("dronepatrol.setTime(0)")
    tab.click("#map", drawn["x"], drawn["y"])
    assert tab.run("dronepatrol.time") == pytest.approx(301.25, abs=1.0)


def test_a_drone_can_be_hidden(tab: Tab, run: ReplayData):
    """Its events and its place on the map go with it."""
    count = "document.querySelectorAll('#events button').length"
    before = tab.run(count)
    tab.click("input[data-drone=k1]")
    own = [e for e in run.events if e["drone"] == "k1" and e["kind"] != "photo"]
    assert before - tab.run(count) == len(own)
    assert tab.run("dronepatrol.positions().filter((p) => p.drawn).map((p) => p.drone)") == ["h1", "k2"]


def test_photos_are_listed_when_asked_for(tab: Tab, run: ReplayData):
    """The list then holds every event."""
    tab.click("#all-events")
    assert tab.run("document.querySelectorAll('#events button').length") == len(run.events)


@pytest.mark.parametrize(
    ("key", "modifiers", "time_s"),
    [("ArrowRight", 0, 101.0), ("ArrowLeft", 8, 90.0), ("Home", 0, 0.0), (".", 0, 103.4)],
)
def test_keys_move_in_time(tab: Tab, run: ReplayData, key: str, modifiers: int, time_s: float):
    """An arrow is a second, with Shift ten; a full stop is the next event."""
    if key == ".":
        time_s = next(e["t_s"] for e in run.events if e["t_s"] > 100.0 and e["kind"] != "photo")
    tab.run("dronepatrol.setTime(100)")
    tab.press(key, modifiers)
    assert tab.run("dronepatrol.time") == pytest.approx(time_s, abs=0.001)


def test_the_wheel_zooms_and_zero_shows_all(tab: Tab):
    """After a turn of the wheel drones lie further apart on the map; the zero key brings all back."""
    apart = """(() => {
      const [a, , b] = dronepatrol.positions().map((p) => p.drawn);
      return Math.hypot(a.x - b.x, a.y - b.y);
    })()"""
    tab.run("dronepatrol.setTime(301.25)")
    tab.frames()
    before = tab.run(apart)
    tab.call("Input.dispatchMouseEvent", type="mouseWheel", x=400, y=400, deltaX=0, deltaY=-200)
    tab.frames()
    assert tab.run(apart) > 1.3 * before
    tab.press("0")
    assert tab.run(apart) == pytest.approx(before)


def test_chinese_and_dark_are_a_click_away(tab: Tab):
    """Words and colours change, and the page's own font has the characters."""
    tab.click("#language")
    tab.click("#theme")
    assert tab.run("document.getElementById('play').textContent") == "▶ 播放"
    assert tab.run("document.documentElement.lang") == "zh-Hans"
    assert tab.run("""document.fonts.check('14px "Patrol CJK"', '播放')""") is True
    assert tab.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    assert tab.problems == []


def test_chinese_is_laid_out_in_a_font_that_has_it(tab: Tab):
    """The browser takes the characters of the language button from the page's Chinese font."""
    for domain in ("DOM", "CSS"):
        tab.call(f"{domain}.enable")
    root = tab.call("DOM.getDocument")["root"]["nodeId"]
    button = tab.call("DOM.querySelector", nodeId=root, selector="#language")["nodeId"]
    fonts = tab.call("CSS.getPlatformFontsForNode", nodeId=button)["fonts"]
    assert [(font["isCustomFont"], font["glyphCount"]) for font in fonts] == [(True, 2)]


def test_both_languages_say_the_same_things(tab: Tab):
    """Neither language lacks a word of the other; the text of an unknown kind is shown as it is."""
    tab.click("#language")
    assert "undefined" not in tab.run("document.body.innerText")


def test_names_are_shown_and_not_run(browser: Tab, run: ReplayData, tmp_path: Path):
    """A name full of markup stands in heading and table as it is, and none of it was run."""
    plan = json.loads(json.dumps(run.plan))
    next(f for f in plan["features"] if f["properties"]["role"] == "task")["properties"]["name"] = NASTY
    rows = [replace(run.summary[0], task=NASTY), *run.summary[1:]]
    odd = replace(
        run, plan=plan, summary=rows, title=NASTY, events=[{"t_s": 1.0, "kind": NASTY, "text": NASTY}]
    )
    browser.open(write_page(odd, tmp_path / "odd.html"))
    browser.click("#tab-tasks")
    assert browser.run("document.getElementById('title').textContent") == NASTY
    assert browser.run("document.querySelector('#tasks tbody td').textContent") == NASTY
    assert browser.run("typeof window.broken") == "undefined"
    assert browser.problems == []


@pytest.mark.parametrize("tracks", [[], [track_through("k1", [(0, 0, 0, 0)])]], ids=["none", "one sample"])
def test_poor_data_still_opens(browser: Tab, tmp_path: Path, tracks):
    """A run without tracks, or with one sample, opens without errors."""
    browser.open(write_page(ReplayData("Poor", HELSINKI, tracks=tracks), tmp_path / "poor.html"), "t=1&play")
    browser.click("#tab-tasks")
    assert browser.problems == []


def test_twenty_drones_for_two_hours_play(browser: Tab, tmp_path: Path):
    """A page with 576 thousand samples behind it is under 5 MB and plays frame after frame."""
    rng = np.random.default_rng(3)
    rows = np.column_stack(
        [np.arange(0, 7201, 40.0), *rng.uniform(-600, 600, (2, 181)), rng.uniform(30, 90, 181)]
    )
    one = track_through("d0", rows, noise_m=3.0)
    tracks = [replace(one, vehicle=f"d{k:02}", lon_deg=one.lon_deg + 2e-4 * k) for k in range(20)]
    data = replace(scene(), title="Twenty", tracks=tracks, plan=None, events=[], summary=[])
    page = write_page(data, tmp_path / "many.html")
    assert page.stat().st_size < 5_000_000
    browser.open(page, "t=5000&speed=20&play")
    frames = browser.run("""new Promise((done) => {
      let frames = 0;
      const request = window.requestAnimationFrame;
      window.requestAnimationFrame = (draw) => request((now) => {
        draw(now);
        frames += 1;
        if (frames === 20) done(frames);
      });
    })""")
    assert frames == 20
    assert len(browser.run("window.dronepatrol.positions()")) == 20
    assert browser.problems == []
