"""Nonsense in missions, targets and parameters bends a flight but never breaks it."""

from __future__ import annotations

import math
import random

import pytest

from dronepatrol.sim.motion import Command, MissionItem, Mode
from dronepatrol.sim.motion.parameters import FLIGHT_DEFAULTS
from tests.sim.motion.flights import Flight, item, waypoint

COMMANDS = [int(c) for c in Command]
ODD = [0.0, -1.0, 1.0, 1e9, -1e9, 0.01, 3.7, 1e-12]


def finite(flight: Flight) -> bool:
    """Whether everything that can be read is a number."""
    p = flight.pilot
    readings = (
        *p.position_ned_m,
        *p.velocity_ned_mps,
        *p.rpy_rad,
        *p.rates_radps,
        *p.specific_force_mps2,
        *p.acceleration_ned_mps2,
        p.throttle,
        p.power_w,
        p.wp_distance_m,
        p.target_bearing_deg,
        p.nav_bearing_deg,
        p.cross_track_m,
        p.altitude_error_m,
        *p.motor_outputs_us,
        *p.lat_lon_e7,
    )
    return all(math.isfinite(x) for x in readings)


@pytest.mark.parametrize("seed", range(12))
def test_random_missions(seed: int) -> None:
    """Any list of items can be flown or refused, with readings that are numbers throughout."""
    rng = random.Random(seed)
    items = [
        item(
            rng.choice(COMMANDS),
            *(rng.choice([0.0, 1.0, 2.0, 5.0, -3.0, 40.0]) for _ in range(4)),
            at=rng.choice([None, (0.0, 0.0), (rng.uniform(-60, 60), rng.uniform(-60, 60))]),
            up=rng.choice([0.0, 20.0, 20.0, 35.0, -5.0]),
        )
        for _ in range(12)
    ]
    flight = Flight()
    flight.load(*items)
    flight.start()
    for _ in range(40):
        flight.run(5)
        assert finite(flight)
        if not flight.pilot.armed:
            break


@pytest.mark.parametrize("value", ODD)
def test_odd_parameters(value: float) -> None:
    """No value of a parameter stops the simulation."""
    for name in FLIGHT_DEFAULTS:
        flight = Flight()
        flight.load(waypoint(30, 0), waypoint(30, 30), item(Command.RETURN_TO_LAUNCH))
        flight.start()
        flight.run(16)
        flight.parameters[name] = value
        flight.run(3)
        flight.pilot.set_mode(Mode.RTL)
        flight.run(1)
        assert finite(flight), name


def test_far_away_target() -> None:
    """A target at the other end of the world is flown to, not stumbled over."""
    flight = Flight().take_off()
    flight.pilot.goto(-890_000_000, -600_000_000, 1e6)
    flight.run(20)
    assert finite(flight)
    assert flight.pilot.ground_speed_mps > 1.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_targets_that_are_no_numbers_are_refused(bad: float) -> None:
    """NaN and infinity change nothing."""
    flight = Flight().take_off()
    assert not flight.pilot.goto_ned((bad, 0.0, -20.0))
    assert not flight.pilot.set_velocity((0.0, bad, 0.0))
    assert not flight.pilot.goto(300300000, 1208700000, bad)
    assert not flight.pilot.set_speed(bad)
    flight.pilot.set_yaw(bad)
    flight.run(5)
    assert flight.pilot.position == pytest.approx((0, 0, 20), abs=0.2)


def test_items_that_are_no_numbers() -> None:
    """Parameters of an item that are NaN count as zero."""
    nan = math.nan
    odd = [MissionItem(c, 3, nan, nan, nan, nan, 0, 0, nan) for c in COMMANDS if c != Command.TAKEOFF]
    flight = Flight()
    flight.load(*odd)
    flight.start()
    flight.run(60)
    assert finite(flight)


def test_same_place_twice() -> None:
    """Waypoints on top of each other are passed."""
    flight = Flight().fly_mission(*[waypoint(30, 0)] * 4, waypoint(60, 0))
    assert flight.reached(6)


def test_ten_thousand_items_are_no_burden() -> None:
    """A long mission costs no more to fly than a short one."""
    flight = Flight()
    flight.load(*[waypoint(40 * (k % 2), 0) for k in range(10_000)])
    flight.start()
    flight.run(60)
    assert flight.pilot.mission_total == 10_001
    assert len(flight.reached(2)) == 1
