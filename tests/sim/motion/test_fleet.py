"""Many drones advanced together."""

from __future__ import annotations

import numpy as np
import pytest

from dronepatrol.sim.motion import Airframe, FleetMotion, Mode
from dronepatrol.sim.motion.fleet import SCALAR_LIMIT
from dronepatrol.sim.weather import Breeze, Weather
from tests.sim.motion.flights import HOME, take_off, waypoint


def fly(count: int, seconds: float, seed: int = 1) -> FleetMotion:
    """Fly a square with some drones in gusty wind."""
    weather = Weather([Breeze(0.0, 5.0, 200.0, 5.0)], seed=seed)
    fleet = FleetMotion([Airframe.reference()] * count, [HOME] * count, wind=weather)
    for pilot in fleet.pilots:
        pilot.mission = [waypoint(0, 0), take_off(20.0), waypoint(50, 0), waypoint(50, 50), waypoint(0, 0)]
        pilot.set_mode(Mode.GUIDED)
        pilot.arm()
        pilot.start_mission()
    for _ in range(round(seconds / fleet.dt_s)):
        fleet.step()
    return fleet


def test_many_fly_as_one_does() -> None:
    """The first of many drones, advanced as arrays, flies as the only one of a small fleet does."""
    alone, many = fly(1, 40.0), fly(SCALAR_LIMIT + 2, 40.0)
    assert many.positions_ned_m[0] == pytest.approx(alone.positions_ned_m[0], abs=1e-9)
    assert many.velocities_ned_mps[0] == pytest.approx(alone.velocities_ned_mps[0], abs=1e-9)


def test_each_has_gusts_of_its_own() -> None:
    """Drones at one place do not shake alike."""
    fleet = fly(3, 40.0)
    assert np.ptp(fleet.positions_ned_m[:, 0]) > 1e-3


def test_repeats() -> None:
    """The same seed gives the same flight, bit by bit."""
    assert np.array_equal(fly(2, 30.0).state, fly(2, 30.0).state)
    assert not np.array_equal(fly(2, 30.0).state, fly(2, 30.0, seed=2).state)


def test_empty_fleet() -> None:
    """A fleet without drones passes the time."""
    fleet = FleetMotion([], [])
    fleet.step()
    assert fleet.time_s == pytest.approx(fleet.dt_s)


def test_shorter_steps_fly_alike() -> None:
    """The step hardly matters: with half of it a leg takes the same time and ends at the same place."""
    ends = []
    for dt_s in (0.05, 0.025):
        fleet = FleetMotion([Airframe.reference()], [HOME], dt_s=dt_s)
        pilot = fleet.pilots[0]
        pilot.mission = [waypoint(0, 0), take_off(20.0), waypoint(100, 0), waypoint(100, 80)]
        pilot.set_mode(Mode.GUIDED)
        pilot.arm()
        pilot.start_mission()
        while fleet.time_s < 33.0 - 1e-9:
            fleet.step()
        ends.append(pilot.position)
    assert ends[0] == pytest.approx(ends[1], abs=0.6)


def test_model_reaches_its_figures() -> None:
    """An airframe made from a data sheet flies its cruise speed and draws its powers."""
    frame = Airframe.from_figures(
        cruise_speed_mps=15.0,
        max_speed_mps=21.0,
        climb_mps=5.0,
        descent_mps=4.0,
        acceleration_mps2=4.0,
        hover_power_w=280.0,
        cruise_power_w=240.0,
        climb_power_w=330.0,
    )
    parameters = {"WPNAV_SPEED": 1500.0, "WPNAV_ACCEL": 400.0, "WPNAV_SPEED_UP": 500.0}
    fleet = FleetMotion([frame], [HOME], [parameters])
    pilot = fleet.pilots[0]
    pilot.mission = [waypoint(0, 0), take_off(20.0), waypoint(600, 0)]
    pilot.set_mode(Mode.GUIDED)
    pilot.arm()
    pilot.start_mission()
    fastest = power = 0.0
    for _ in range(800):
        fleet.step()
        if pilot.ground_speed_mps > fastest:
            fastest, power = pilot.ground_speed_mps, pilot.power_w
    assert fastest == pytest.approx(15.0, abs=0.2)
    assert power == pytest.approx(240.0, rel=0.02)
    assert frame.power_w(0.0, 0.0) == 280.0
    assert frame.power_w(21.0, 0.0) > frame.power_w(18.0, 0.0) > 240.0
    assert 240.0 < frame.power_w(8.0, 0.0) < 280.0
    assert frame.power_w(0.0, 5.0) == pytest.approx(330.0)


def test_model_has_its_greatest_speed() -> None:
    """At the default lean limit of 30 degrees a model reaches its greatest speed and no more."""
    frame = Airframe.from_figures(
        cruise_speed_mps=15.0,
        max_speed_mps=21.0,
        climb_mps=5.0,
        descent_mps=4.0,
        acceleration_mps2=4.0,
        hover_power_w=280.0,
        cruise_power_w=240.0,
        climb_power_w=330.0,
    )
    fleet = FleetMotion([frame], [HOME], [{"WPNAV_SPEED": 3000.0, "WPNAV_ACCEL": 400.0}])
    pilot = fleet.pilots[0]
    pilot.mission = [waypoint(0, 0), take_off(20.0), waypoint(2500, 0)]
    pilot.set_mode(Mode.GUIDED)
    pilot.arm()
    pilot.start_mission()
    for _ in range(1400):
        fleet.step()
    assert pilot.ground_speed_mps == pytest.approx(21.0, abs=0.7)
