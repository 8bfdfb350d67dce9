from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.model import LegKind
from dronepatrol.planning.airspace import AirspaceMap
from dronepatrol.planning.flightpath import Step, step_times_s, transit_points, transit_steps
from dronepatrol.planning.groundwork import cover, jobs_of
from dronepatrol.planning.program import Piece
from dronepatrol.planning.schedule import Scheduler, compacted
from dronepatrol.planning.sorties import build_sortie
from dronepatrol.planning.timing import Motion
from tests.planning.factory import mission, model, square, task, town, window

MOTION = Motion(model())


@pytest.fixture(scope="module")
def scheduler():
    """The town's ways and programs."""
    town_mission = town()
    airspace, jobs = AirspaceMap(town_mission), jobs_of(town_mission)
    ground = cover(airspace, jobs, 0, lambda _share, _text: None)
    return Scheduler(town_mission, airspace, jobs, ground.programs)


@pytest.mark.parametrize("order", [(0,), (5,), (0, 1), (2, 1), (3, 4)])
def test_sortie_takes_no_longer_than_its_draft(scheduler, order):
    """Flying through between pieces saves time and energy against the draft, which stops."""
    draft = scheduler.draft(0, [scheduler.whole(scheduler.jobs[i]) for i in order])
    sortie = build_sortie(scheduler, draft, "S1")
    assert sortie.duration_s <= draft.landing_s - draft.launch_s + 0.01
    assert sortie.energy_wh <= draft.energy_wh + 1e-6
    assert sortie.duration_s >= 0.93 * (draft.landing_s - draft.launch_s)


def test_piece_backward_is_the_same_ground(scheduler):
    """A piece flown the other way swaps entry and exit and keeps its time."""
    program = scheduler.programs[0]
    piece = scheduler.whole(scheduler.jobs[0])
    back = replace(piece, backward=True)
    assert program.entry(back) == program.exit(piece)
    assert program.cost(back, model()) == program.cost(piece, model())
    assert sum(step.length_m for step in program.steps(back, model())) == pytest.approx(
        sum(step.length_m for step in program.steps(piece, model()))
    )


def test_shares_of_pieces_add_up(scheduler):
    """Two pieces that split a program between sweeps have shares that sum to one."""
    program = scheduler.programs[5]
    middle = program.watching[len(program.watching) // 2]
    before = program.watching[len(program.watching) // 2 - 1]
    first, second = Piece(5, 0, before + 1), Piece(5, middle, len(program))
    assert program.share(first) + program.share(second) == pytest.approx(1.0)


def test_overfull_draft_is_refused():
    """A sortie that needs more energy than the reserve leaves is no draft."""
    wanted = mission(task("big", square(0.0, 0.0, 900.0), track_spacing_m=15.0, swath_m=20.0))
    airspace, jobs = AirspaceMap(wanted), jobs_of(wanted)
    ground = cover(airspace, jobs, 0, lambda _share, _text: None)
    scheduler = Scheduler(wanted, airspace, jobs, ground.programs)
    assert scheduler.draft(0, [scheduler.whole(jobs[0])]) is None


def test_draft_waits_for_the_drone():
    """A drone that is ready late begins late, inside the window."""
    wanted = mission(task("t", square(0.0, 0.0, 100.0), window("08:00", "09:00")))
    airspace, jobs = AirspaceMap(wanted), jobs_of(wanted)
    ground = cover(airspace, jobs, 0, lambda _share, _text: None)
    scheduler = Scheduler(wanted, airspace, jobs, ground.programs)
    ready_s = jobs[0].window.start.timestamp() + 1200.0
    assert scheduler.draft(0, [scheduler.whole(jobs[0])], ready_s).launch_s == pytest.approx(ready_s)


def test_earlier_pieces_move_toward_a_later_window():
    """Waiting for the second window is done before the first piece where its own window allows."""
    begins, ends = compacted([0.0, 100.0], [10.0, 10.0], [5.0], [60.0, 200.0])
    assert begins == [50.0, 100.0]
    assert ends == [60.0, 110.0]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=4, unique=True),
    st.integers(20, 100),
    st.integers(20, 100),
    st.integers(20, 100),
)
def test_transits_join_their_ends(way, start_m, end_m, level_m):
    """Any transit leads from its first point and height to its last, never outside the heights given."""
    points = transit_points(way, float(start_m), float(end_m), float(level_m), MOTION)
    assert points[0] == pytest.approx((*way[0], start_m))
    assert points[-1] == pytest.approx((*way[-1], end_m))
    heights = [point[2] for point in points]
    assert min(heights) >= min(start_m, end_m, level_m) - 1e-6
    assert max(heights) <= max(start_m, end_m, level_m) + 1e-6


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 100), st.integers(20, 100), st.integers(1, 800))
def test_sloped_transits_are_flown_at_cruise(start_m, level_m, length_m):
    """Where a transit slopes, it does so gently enough that the vertical speed does not slow it down."""
    points = transit_points([(0.0, 0.0), (float(length_m), 0.0)], start_m, level_m, level_m, MOTION)
    for step in transit_steps(points, MOTION):
        if step.moves_over_ground:
            assert step.speed_mps == pytest.approx(10.0)


def test_holds_add_their_time():
    """A hold of 30 s makes a flight longer by that and the stop."""
    out = Step(LegKind.TRANSIT, (0.0, 0.0, 50.0), (100.0, 0.0, 50.0), 10.0)
    on = Step(LegKind.TRANSIT, (100.0, 0.0, 50.0), (200.0, 0.0, 50.0), 10.0)
    hold = Step(LegKind.HOLD, (100.0, 0.0, 50.0), (100.0, 0.0, 50.0), 0.0, hold_s=30.0)
    assert sum(step_times_s([out, hold, on], MOTION)) > sum(step_times_s([out, on], MOTION)) + 30.0
    assert step_times_s([out, hold, on], MOTION)[1] == 30.0
