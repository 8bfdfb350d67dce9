from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dronepatrol.model import Battery
from dronepatrol.planning.timing import (
    CORNER_SPEED_MPS,
    CORNER_TURN_DEG,
    START_DELAY_S,
    STOP_SETTLE_S,
    Motion,
    corner_loss_s,
    corner_speed_mps,
    landing_time_s,
    leg_time_s,
    path_times_s,
    route_time_s,
    takeoff_time_s,
    turns_deg,
    vertical_time_s,
)
from tests.planning.factory import model

# Flown by ArduCopter V4.7.0-dev in still air at 10 m/s: 12 legs of 150 m, 25 m apart.
SURVEY_TIMES_S = (8.02, 17.33, *(5.38, 17.77) * 11)
SURVEY_LAST_S = 19.92
SQUARE_TIMES_S = (12.16, 17.3, 17.4, 17.4, 17.3)


def survey_path():
    """The survey's waypoints from the launch point, metres."""
    path = [(0.0, 0.0), (20.0, 20.0)]
    for leg in range(12):
        ends = (20.0, 170.0) if leg % 2 == 0 else (170.0, 20.0)
        path += [(20.0 + 25.0 * leg, north) for north in ends][(0 if leg else 1) :]
    return np.array(path)


def times(path, stops=None):
    """Times of the legs of a path at 10 m/s."""
    steps = np.diff(path, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1]).tolist()
    stops = stops or [False] * (len(lengths) - 1)
    return path_times_s(lengths, turns_deg(path).tolist(), [10.0] * len(lengths), stops, 2.5)


def test_survey_legs_take_the_recorded_times():
    """Each leg of the recorded survey is predicted within 5 %."""
    recorded = [*SURVEY_TIMES_S[:-1], SURVEY_LAST_S]
    assert times(survey_path()) == pytest.approx(recorded, rel=0.05)


def test_survey_takes_the_recorded_time():
    """The whole survey is predicted within 1 %."""
    recorded = sum(SURVEY_TIMES_S[:-1]) + SURVEY_LAST_S
    assert sum(times(survey_path())) == pytest.approx(recorded, rel=0.01)


def test_square_with_stops_takes_the_recorded_times():
    """Each leg of the recorded square, stopping at every corner, is predicted within 5 %."""
    path = np.array([(0, 0), (30, 30), (30, 130), (130, 130), (130, 30), (30, 30)], dtype=float)
    assert times(path, [True] * 4) == pytest.approx(SQUARE_TIMES_S, rel=0.05)


@pytest.mark.parametrize(("altitude_m", "recorded_s"), [(20.0, 14.32), (25.0, 16.32), (40.0, 22.32)])
def test_takeoff_takes_the_recorded_time(altitude_m, recorded_s):
    """Take-offs to three heights are predicted within 0.1 s."""
    assert takeoff_time_s(altitude_m, 2.5) == pytest.approx(recorded_s, abs=0.1)


@pytest.mark.parametrize(("altitude_m", "recorded_s"), [(40.0, 47.7), (24.0, 36.9), (50.0, 54.3)])
def test_landing_takes_the_recorded_time(altitude_m, recorded_s):
    """From coming to rest over home to touch-down, three recorded returns are predicted within 2 %."""
    assert landing_time_s(altitude_m, 1.5) == pytest.approx(recorded_s, rel=0.02)


def test_climb_in_place_takes_the_recorded_time():
    """The climb from 20 to 50 m before a return took 14.3 s."""
    assert vertical_time_s(30.0, 2.5, 1.5) == pytest.approx(14.3, abs=0.1)


def test_descending_in_place_uses_the_descent_speed():
    """A descent is slower than a climb of the same height where the model descends slower."""
    assert vertical_time_s(-30.0, 2.5, 1.5) > vertical_time_s(30.0, 2.5, 1.5)


def test_long_return_takes_the_recorded_time():
    """The 295.6 m return of the survey came to rest over home after 36.8 s."""
    assert times(np.array([(0.0, 0.0), (295.6, 0.0)]))[0] == pytest.approx(36.8, rel=0.05)


@pytest.mark.parametrize(("turn", "speed"), list(zip(CORNER_TURN_DEG, CORNER_SPEED_MPS, strict=True)))
def test_corner_speeds_are_the_recorded_ones(turn, speed):
    """At the recorded angles the corner speed is the recorded one."""
    assert corner_speed_mps(turn, 10.0) == pytest.approx(speed)


def test_corner_speed_never_exceeds_cruise():
    """A slow flight passes gentle corners at its own speed."""
    assert corner_speed_mps(48.0, 3.0) == 3.0


def test_corner_speed_falls_with_the_turn():
    """Sharper corners are passed slower."""
    speeds = [corner_speed_mps(turn, 12.0) for turn in range(0, 181, 5)]
    assert speeds == sorted(speeds, reverse=True)


def test_straight_waypoint_costs_nothing():
    """A waypoint on a straight line does not change the time of the way."""
    through = sum(times(np.array([(0.0, 0.0), (100.0, 0.0), (300.0, 0.0)])))
    assert through == pytest.approx(sum(times(np.array([(0.0, 0.0), (300.0, 0.0)]))), abs=0.01)


def test_stop_costs_more_than_a_corner():
    """Stopping at a waypoint is slower than flying through it, however sharp the turn."""
    path = np.array([(0.0, 0.0), (100.0, 0.0), (0.0, 5.0)])
    assert sum(times(path, [True])) > sum(times(path))


def test_very_short_leg_has_a_finite_time():
    """A leg too short to change speed on is flown at the speeds of its ends."""
    assert leg_time_s(1.0, 3.0, 3.0, 10.0, 2.5) == pytest.approx(1.0 / 3.0, rel=0.05)


def test_leg_without_length_takes_no_time():
    """Nothing to fly takes no time."""
    assert leg_time_s(0.0, 0.0, 0.0, 10.0, 2.5) == 0.0


def test_time_grows_with_length():
    """A longer leg never takes less time, across the change from short to long legs."""
    durations = [leg_time_s(length, 3.0, 2.0, 10.0, 2.5) for length in np.linspace(2.0, 300.0, 150)]
    assert durations == sorted(durations)


def test_route_time_adds_start_and_stop():
    """A single leg takes its ramps plus the delays at both ends."""
    expected = leg_time_s(200.0, 0.0, 0.0, 10.0, 2.5) + START_DELAY_S + STOP_SETTLE_S
    assert route_time_s([(0.0, 0.0), (200.0, 0.0)], 10.0, 2.5) == pytest.approx(expected)


def test_route_of_one_point_takes_no_time():
    """A single point is no way."""
    assert route_time_s([(1.0, 2.0)], 10.0, 2.5) == 0.0


def test_corner_loss_matches_legs_with_and_without_the_corner():
    """The loss at a corner is what two long legs take longer than a straight one."""
    bent = route_time_s([(0.0, 0.0), (200.0, 0.0), (200.0, 200.0)], 10.0, 2.5)
    straight = route_time_s([(0.0, 0.0), (400.0, 0.0)], 10.0, 2.5)
    assert float(corner_loss_s(90.0, 10.0, 2.5)) == pytest.approx(bent - straight, abs=0.01)


def test_turns_are_measured_at_inner_points():
    """Changes of course lie between 0 and 180 degrees, whichever way the path turns."""
    path = [(0, 0), (10, 0), (10, -10), (20, 0), (10, -10)]
    assert turns_deg(path).tolist() == pytest.approx([90.0, 135.0, 180.0])


def test_hovering_draws_hover_power():
    """An hour in place takes the hover power's energy."""
    assert Motion(model()).energy_wh(3600.0, 0.0, 0.0) == pytest.approx(354.0)


def test_cruising_draws_cruise_power():
    """An hour at cruise speed takes the cruise power's energy."""
    assert Motion(model()).energy_wh(3600.0, 36000.0, 0.0) == pytest.approx(386.0)


def test_climbing_draws_climb_power():
    """Climbing in place at the model's rate takes the climb power's energy."""
    strong = model()
    strong = replace(strong, battery=Battery(150.0, 300.0, 320.0, 450.0, True))
    assert Motion(strong).energy_wh(100.0, 0.0, 250.0) == pytest.approx(450.0 * 100.0 / 3600.0)


def test_slope_is_flown_no_faster_than_the_model_climbs():
    """The vertical part of the speed along a steep leg is the climb rate."""
    speed = Motion(model()).speed_along_mps(30.0, 40.0, 10.0)
    assert speed * 40.0 / 50.0 == pytest.approx(2.5)
