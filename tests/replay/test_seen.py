"""The share of an area that was seen, against unions of capsules made by shapely."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon

from dronepatrol.geo.polygon import project
from dronepatrol.replay.data import ReplayData
from dronepatrol.replay.seen import VisitSpan, seen, visit_spans
from tests.replay.scene import FRAME, START, area_task, tasks, track_through

SQUARE = [(0, 0), (200, 0), (200, 200), (0, 200)]


def brute_force_share(task, track) -> float:
    """Union the capsule of each pair of samples near the task's altitude; radius from the mean of both."""
    area = project(task.polygon, FRAME)
    path = FRAME.to_enu(track.lonlat_deg)
    radius = 0.5 * task.swath_m * track.altitude_home_m / task.altitude_agl_m
    near = np.abs(track.altitude_home_m - task.altitude_agl_m) <= 10.0
    capsules = [
        shapely.LineString([path[i], path[i + 1]]).buffer((radius[i] + radius[i + 1]) / 2, quad_segs=32)
        for i in range(len(path) - 1)
        if near[i] and near[i + 1]
    ]
    return shapely.union_all(capsules).intersection(area).area / area.area if capsules else 0.0


def test_one_straight_pass_sees_its_swath():
    """A pass through the middle of a square sees a band as wide as the swath."""
    task = area_task("a", "A", SQUARE, 40.0, swath_m=50.0)
    track = track_through("k1", [(0, -100, 100, 40), (60, 300, 100, 40)])
    (result,) = seen([task], [track])
    assert result.share == pytest.approx(50.0 / 200.0, abs=0.011)
    assert result.area_m2 == pytest.approx(40_000.0, rel=1e-3)


def test_swath_grows_with_the_altitude_really_flown():
    """A drone 5 m above a task of 40 m sees a band wider by an eighth."""
    task = area_task("a", "A", SQUARE, 40.0, swath_m=80.0)
    track = track_through("k1", [(0, -100, 100, 45), (60, 300, 100, 45)])
    (result,) = seen([task], [track], cell_m=1.0)
    assert result.share == pytest.approx(90.0 / 200.0, abs=0.006)


def test_passing_by_far_above_sees_nothing():
    """A transit 40 m above the task's altitude does not count."""
    task = area_task("a", "A", SQUARE, 40.0)
    track = track_through("k1", [(0, -100, 100, 80), (60, 300, 100, 80)])
    (result,) = seen([task], [track])
    assert result.share == 0.0
    assert result.visits == ()


def test_holes_need_not_be_seen():
    """A hole is no part of the area, so a band over it has the same share as the rest leaves it."""
    ring = Polygon(SQUARE, [[(50, 50), (150, 50), (150, 150), (50, 150)]])
    task = area_task("a", "A", ring, 40.0, swath_m=40.0)
    track = track_through("k1", [(0, -100, 100, 40), (60, 300, 100, 40)])
    (result,) = seen([task], [track], cell_m=1.0)
    assert result.share == pytest.approx(40.0 * 100.0 / 30_000.0, abs=0.005)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-60, 260), st.floats(-60, 260), st.floats(32, 52)), min_size=2, max_size=7),
    st.sampled_from([30.0, 60.0]),
)
def test_agrees_with_a_union_of_capsules(points, swath_m):
    """Wild paths with changing altitude give the share that shapely's union gives."""
    star = [(0, 0), (100, 60), (200, 0), (150, 110), (210, 200), (100, 150), (0, 210), (50, 100)]
    task = area_task("a", "A", star, 42.0, swath_m=swath_m)
    track = track_through("k1", [(20.0 * k, *point) for k, point in enumerate(points)])
    (result,) = seen([task], [track])
    assert result.share == pytest.approx(brute_force_share(task, track), abs=0.02)


def test_two_drones_add_up_without_counting_twice():
    """The same half seen by two drones is still a half; each visit keeps its own share."""
    task = area_task("a", "A", SQUARE, 40.0, swath_m=100.0)
    rows = [(0, -100, 50, 40), (60, 300, 50, 40)]
    (result,) = seen([task], [track_through("k1", rows), track_through("k2", rows)])
    assert result.share == pytest.approx(0.5, abs=0.011)
    assert [visit.share for visit in result.visits] == [result.share, result.share]
    assert [visit.drone for visit in result.visits] == ["k1", "k2"]


def test_coming_back_later_is_another_visit():
    """Two passes with five minutes elsewhere between them are two visits with their times."""
    task = area_task("a", "A", SQUARE, 40.0)
    rows = [
        (0, -100, 60, 40),
        (50, 300, 60, 40),
        (100, 900, 60, 40),
        (350, 900, 150, 40),
        (400, 300, 150, 40),
    ]
    (result,) = seen([task], [track_through("k1", [*rows, (450, -100, 150, 40)])])
    assert len(result.visits) == 2
    assert result.visits[1].begin > START + timedelta(seconds=390)
    assert result.share == pytest.approx(sum(v.share for v in result.visits), abs=0.02)


def test_only_the_spans_count_where_they_are_given():
    """A drone that crosses an area outside its visit is not watching it."""
    task = area_task("a", "A", SQUARE, 40.0)
    track = track_through("k1", [(0, -100, 100, 40), (60, 300, 100, 40)])
    span = VisitSpan("a", "k1", START + timedelta(seconds=100), START + timedelta(seconds=200))
    assert seen([task], [track], spans=[span])[0].share == 0.0
    assert seen([task], [track], spans=[])[0].share == 0.0


def test_a_silence_in_the_record_is_not_seen():
    """What lies between two samples half a minute apart was perhaps never watched."""
    task = area_task("a", "A", SQUARE, 40.0, swath_m=20.0)
    track = track_through("k1", [(0, 0, 100, 40), (30, 200, 100, 40)], rate_hz=1 / 30)
    assert seen([task], [track])[0].share < 0.05


def test_spans_come_from_the_events():
    """Start and finish of a task make a span; a task without a finish lasts until the drone's last event."""
    events = [
        {"t_utc": "2026-09-14T04:40:00Z", "drone": "k1", "kind": "task_started", "task": "a"},
        {"t_utc": "2026-09-14T04:41:00Z", "drone": "k1", "kind": "task_finished", "task": "a"},
        {"t_utc": "2026-09-14T04:42:00Z", "drone": "k1", "kind": "task_started", "task": "b"},
        {"t_utc": "2026-09-14T04:45:00Z", "drone": "k1", "kind": "landed"},
    ]
    spans = visit_spans(events)
    assert [(span.task_id, (span.end - span.begin).total_seconds()) for span in spans] == [
        ("a", 60.0),
        ("b", 180.0),
    ]


def test_a_lawnmower_flight_sees_nearly_all(run: ReplayData):
    """Each task of the made-up run, swept with overlap, is seen to 99 % and more."""
    results = seen(tasks(), run.tracks, spans=visit_spans(run.events))
    assert all(result.share > 0.99 for result in results)
    assert [result.task_id for result in results] == [task.id for task in tasks()]
