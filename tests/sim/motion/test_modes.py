"""What each mode does, and when it is refused."""

from __future__ import annotations

from dataclasses import replace
from math import degrees, hypot

import numpy as np
import pytest

from dronepatrol.sim.motion import LandedState, MissionState, Mode
from dronepatrol.sim.motion.events import (
    Armed,
    Disarmed,
    LiftOff,
    ModeChanged,
    TouchDown,
)
from dronepatrol.sim.weather import Breeze, GustModel, Profile, Weather
from tests.sim.motion.flights import HOME, Flight, place, waypoint


def test_arms_lifts_off_and_says_so() -> None:
    """Arming, lift-off and their texts come in order."""
    flight = Flight().take_off()
    kinds = [type(e) for _, e in flight.events]
    assert kinds.index(Armed) < kinds.index(LiftOff)
    assert "Arming motors" in flight.texts
    assert flight.pilot.landed_state is LandedState.IN_AIR


def test_lifts_off_seconds_after_arming() -> None:
    """Motors need seconds to spool up."""
    flight = Flight().take_off()
    lift = next(t for t, e in flight.events if isinstance(e, LiftOff))
    assert lift == pytest.approx(3.3, abs=0.1)


def test_idle_motors_stop_by_themselves() -> None:
    """Armed and standing, the motors stop after DISARM_DELAY."""
    flight = Flight()
    flight.pilot.set_mode(Mode.GUIDED)
    flight.pilot.arm()
    flight.run(9.8)
    assert flight.pilot.armed
    flight.run(0.5)
    assert not flight.pilot.armed


def test_arming_twice_changes_nothing() -> None:
    """A second arming is no event."""
    flight = Flight().take_off()
    assert not flight.pilot.arm()
    assert len(flight.of(Armed)) == 1


def test_disarm_in_the_air_needs_force() -> None:
    """Motors stop in the air only by force, and then the vehicle falls."""
    flight = Flight().take_off()
    assert not flight.pilot.disarm()
    assert flight.pilot.disarm(force=True)
    flight.run(4)
    assert flight.pilot.position[2] == 0.0
    assert flight.of(Disarmed) == [Disarmed(forced=True)]
    assert flight.of(TouchDown)[0].speed_mps > 10.0


def test_goto() -> None:
    """GUIDED flies to a place, there stops, and overshoots by less than a metre."""
    flight = Flight().take_off()
    assert flight.pilot.goto(*place(100, 0), 30.0)
    furthest = 0.0
    for _ in range(500):
        flight.step()
        furthest = max(furthest, flight.pilot.position[0])
    assert flight.pilot.position == pytest.approx((100, 0, 30), abs=0.1)
    assert 0.5 < furthest - 100 < 1.0


def test_goto_is_refused_on_the_ground() -> None:
    """A target needs a flying vehicle in GUIDED."""
    flight = Flight()
    flight.pilot.set_mode(Mode.GUIDED)
    assert not flight.pilot.goto(*place(100, 0), 30.0)
    flight.take_off()
    flight.pilot.set_mode(Mode.BRAKE)
    assert not flight.pilot.goto(*place(100, 0), 30.0)


def test_velocity_times_out() -> None:
    """A velocity is flown, and given up GUID_TIMEOUT after the last word of it."""
    flight = Flight({"GUID_TIMEOUT": 2.0}).take_off()
    for _ in range(20):
        flight.pilot.set_velocity((3.0, 0.0, -0.5))
        flight.run(0.25)
    assert flight.pilot.velocity == pytest.approx((3.0, 0.0, 0.5), abs=0.15)
    flight.run(1.9)
    assert flight.pilot.velocity[0] > 2.5
    flight.run(4)
    assert hypot(*flight.pilot.velocity[:2]) < 0.2


def test_guided_pause() -> None:
    """A pause stops on the way, going on reaches the target."""
    flight = Flight().take_off()
    flight.pilot.goto_ned((150.0, 0.0, -20.0))
    flight.run(8)
    assert flight.pilot.pause()
    flight.run(10)
    stopped = flight.pilot.position[0]
    assert stopped < 120
    assert flight.pilot.ground_speed_mps < 0.1
    assert flight.pilot.resume()
    flight.run(25)
    assert flight.pilot.position[0] == pytest.approx(150, abs=0.2)


def test_speed_change_in_guided() -> None:
    """A changed speed holds for the flight to the target."""
    flight = Flight().take_off()
    flight.pilot.goto_ned((200.0, 0.0, -20.0))
    assert flight.pilot.set_speed(4.0)
    flight.run(12)
    assert flight.pilot.ground_speed_mps == pytest.approx(4.0, abs=0.1)
    assert not flight.pilot.set_speed(5.0, kind=9)


def test_parameter_acts_at_once() -> None:
    """A parameter set in flight acts on the leg under way."""
    flight = Flight()
    flight.load(waypoint(400, 0))
    flight.start()
    flight.until(lambda: bool(flight.started(2)))
    flight.run(12)
    assert flight.pilot.ground_speed_mps > 9.0
    flight.parameters["WPNAV_SPEED"] = 600.0
    flight.run(8)
    assert flight.pilot.ground_speed_mps == pytest.approx(6.0, abs=0.1)


def test_climb_parameter_acts_at_once() -> None:
    """The climb parameter acts on the leg under way."""
    flight = Flight()
    flight.load(waypoint(0, 1, up=80.0))
    flight.start()
    flight.until(lambda: flight.pilot.position[2] > 30.0)
    flight.parameters["WPNAV_SPEED_UP"] = 100.0
    flight.run(4)
    assert flight.pilot.velocity[2] == pytest.approx(1.0, abs=0.1)


def test_yaw_command() -> None:
    """A commanded heading is turned to, a target resets it to the course."""
    flight = Flight().take_off()
    flight.pilot.set_yaw(120.0, rate_dps=30.0, direction=-1)
    flight.run(2)
    assert degrees(flight.pilot.yaw_rate_radps) == pytest.approx(-30, abs=1)
    flight.run(9)
    assert degrees(flight.pilot.rpy_rad[2]) == pytest.approx(120, abs=1)
    flight.pilot.goto_ned((60.0, 0.0, -20.0))
    flight.run(6)
    assert degrees(flight.pilot.rpy_rad[2]) == pytest.approx(0, abs=1)


def test_rtl_climbs_returns_and_lands() -> None:
    """RTL climbs to RTL_ALT, comes back, waits, lands and stops the motors."""
    flight = Flight({"RTL_ALT": 3000.0}).take_off()
    flight.pilot.goto_ned((120.0, 0.0, -20.0))
    flight.run(25)
    flight.pilot.set_mode(Mode.RTL)
    heights = []
    flight.until(lambda: heights.append(flight.pilot.position[2]) or not flight.pilot.armed, 200)
    assert max(heights) == pytest.approx(30.0, abs=0.2)
    assert flight.pilot.position == pytest.approx((0, 0, 0), abs=0.1)
    assert flight.of(TouchDown)[0].speed_mps == pytest.approx(0.5, abs=0.02)


def test_rtl_near_home_stays_in_the_cone() -> None:
    """Near home RTL climbs only to what RTL_CONE_SLOPE allows."""
    flight = Flight({"RTL_ALT": 6000.0}).take_off(10.0)
    flight.pilot.goto_ned((8.0, 0.0, -10.0))
    flight.run(12)
    flight.pilot.set_mode(Mode.RTL)
    heights = []
    flight.until(lambda: heights.append(flight.pilot.position[2]) or not flight.pilot.armed, 200)
    assert max(heights) == pytest.approx(24.0, abs=0.5)


def test_rtl_goes_to_the_nearest_rally_point() -> None:
    """A rally point nearer than home is where RTL lands."""
    flight = Flight().take_off()
    flight.pilot.rally = [(*place(90, 10), 15.0), (*place(-200, 0), 15.0)]
    flight.pilot.goto_ned((100.0, 0.0, -20.0))
    flight.run(20)
    flight.pilot.set_mode(Mode.RTL)
    flight.until(lambda: not flight.pilot.armed, 200)
    assert flight.pilot.position == pytest.approx((90, 10, 0), abs=0.2)


def test_rtl_hovers_at_final_altitude() -> None:
    """With RTL_ALT_FINAL the return ends in a hover."""
    flight = Flight({"RTL_ALT_FINAL": 500.0}).take_off()
    flight.pilot.set_mode(Mode.RTL)
    flight.run(60)
    assert flight.pilot.position[2] == pytest.approx(5.0, abs=0.1)
    assert flight.pilot.armed


def test_land() -> None:
    """LAND stops over the ground and lands where it can."""
    flight = Flight().take_off()
    flight.pilot.goto_ned((100.0, 0.0, -20.0))
    flight.run(8)
    flight.pilot.set_mode(Mode.LAND)
    assert flight.run(1).pilot.landed_state is LandedState.LANDING
    flight.until(lambda: not flight.pilot.armed, 100)
    assert flight.pilot.position[2] == 0.0
    assert flight.pilot.landed_state is LandedState.ON_GROUND


def test_land_on_higher_ground() -> None:
    """Over a hill the landing ends on it."""
    flight = Flight()
    flight.pilot.terrain = lambda lat, lon: 16.0 if lat > HOME[0] + 2000 else 10.0
    flight.take_off(30.0)
    flight.pilot.goto_ned((60.0, 0.0, -30.0))
    flight.run(20)
    flight.pilot.set_mode(Mode.LAND)
    flight.until(lambda: not flight.pilot.armed, 150)
    assert flight.pilot.position[2] == pytest.approx(6.0)


def test_brake_stops_as_recorded() -> None:
    """BRAKE from 9.7 m/s stops within 20 m without coming back."""
    flight = Flight().take_off()
    flight.pilot.goto_ned((300.0, 0.0, -20.0))
    flight.until(lambda: flight.pilot.ground_speed_mps > 9.7)
    begin = flight.pilot.position[0]
    flight.pilot.set_mode(Mode.BRAKE)
    flight.run(8)
    assert flight.pilot.position[0] - begin == pytest.approx(20.0, abs=1.5)
    assert flight.pilot.velocity[0] == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("mode", [Mode.LOITER, Mode.POSHOLD, Mode.ALT_HOLD])
def test_stick_at_rest_descends(mode: Mode) -> None:
    """With the throttle stick down these modes descend at PILOT_SPEED_UP, in the middle they hold."""
    flight = Flight().take_off(30.0)
    flight.pilot.set_mode(mode)
    flight.run(5)
    assert flight.pilot.velocity[2] == pytest.approx(-2.5, abs=0.1)
    flight.pilot.throttle_stick = 0.5
    flight.run(5)
    assert flight.pilot.velocity[2] == pytest.approx(0.0, abs=0.05)


def test_loiter_holds_place_in_wind() -> None:
    """LOITER stays where it is in wind, ALT_HOLD drifts with it."""
    wind = Weather([Breeze(0.0, 6.0, 0.0)], profile=Profile.CONSTANT)
    flight = Flight(wind=wind).take_off()
    flight.pilot.throttle_stick = 0.5
    flight.pilot.set_mode(Mode.LOITER)
    flight.run(20)
    assert hypot(*flight.pilot.position[:2]) < 0.5
    flight.pilot.set_mode(Mode.ALT_HOLD)
    flight.run(10)
    assert flight.pilot.position[0] < -10.0


def test_stabilize_without_throttle_falls() -> None:
    """STABILIZE takes the stick for thrust, and at rest there is none."""
    flight = Flight().take_off(30.0)
    flight.pilot.set_mode(Mode.STABILIZE)
    flight.run(1)
    assert flight.pilot.velocity[2] < -5.0


def test_circle() -> None:
    """CIRCLE flies round a point one CIRCLE_RADIUS ahead."""
    flight = Flight().take_off()
    flight.pilot.set_mode(Mode.CIRCLE)
    flight.run(20)
    track = []
    for _ in range(800):
        flight.step()
        track.append(flight.pilot.position[:2])
    radii = np.hypot(*(np.array(track) - [10.0, 0.0]).T)
    assert radii.mean() == pytest.approx(9.0, abs=0.8)
    assert np.ptp(radii) < 0.3


def test_smart_rtl_retraces_the_way() -> None:
    """SMART_RTL comes home along the way flown out, and needs one."""
    flight = Flight()
    assert flight.pilot.set_mode(Mode.SMART_RTL)[0] is False
    flight.take_off()
    for target in ((60.0, 0.0), (60.0, 60.0)):
        flight.pilot.goto_ned((*target, -20.0))
        flight.run(20)
    assert flight.pilot.set_mode(Mode.SMART_RTL) == (True, "")
    nearest = 1e9

    def watch() -> bool:
        nonlocal nearest
        nearest = min(nearest, hypot(flight.pilot.position[0] - 60, flight.pilot.position[1]))
        return not flight.pilot.armed

    flight.until(watch, 200)
    assert nearest < 4.0
    assert flight.pilot.position == pytest.approx((0, 0, 0), abs=0.5)


def test_auto_without_mission_is_refused_when_armed() -> None:
    """AUTO needs a mission, and on the ground one that begins with a take-off."""
    flight = Flight().take_off()
    assert not flight.pilot.set_mode(Mode.AUTO)[0]
    ground = Flight()
    ground.pilot.mission = [waypoint(0, 0), waypoint(50, 0)]
    ground.pilot.set_mode(Mode.GUIDED)
    ground.pilot.arm()
    assert ground.pilot.set_mode(Mode.AUTO) == (False, "Missing Takeoff Cmd")


def test_auto_disarmed_waits() -> None:
    """AUTO is accepted without a mission while the motors stand."""
    flight = Flight()
    assert flight.pilot.set_mode(Mode.AUTO)[0]
    flight.run(5)
    assert flight.pilot.mission_state is MissionState.NO_MISSION


def test_mission_pause_and_resume() -> None:
    """A paused mission stops on its leg and goes on with it."""
    flight = Flight()
    flight.load(waypoint(200, 0), waypoint(200, 50))
    flight.start()
    flight.until(lambda: flight.pilot.ground_speed_mps > 9.5)
    assert flight.pilot.pause()
    flight.run(9)
    assert flight.pilot.ground_speed_mps < 0.3
    assert flight.pilot.mission_state is MissionState.PAUSED
    assert flight.pilot.resume()
    flight.until(lambda: bool(flight.reached(3)), 60)


def test_mission_is_taken_up_again() -> None:
    """Back in AUTO the current item starts again."""
    flight = Flight()
    flight.load(waypoint(100, 0), waypoint(100, 60))
    flight.start()
    flight.until(lambda: bool(flight.started(3)))
    flight.run(2)
    flight.pilot.set_mode(Mode.BRAKE)
    flight.run(4)
    flight.pilot.set_mode(Mode.AUTO)
    flight.until(lambda: bool(flight.reached(3)), 60)
    assert len(flight.started(3)) == 2
    assert len(flight.started(2)) == 1


def test_set_current_in_flight() -> None:
    """Another item can be made the current one on the way."""
    flight = Flight()
    flight.load(waypoint(300, 0), waypoint(0, 60), waypoint(0, 0))
    flight.start()
    flight.until(lambda: flight.pilot.ground_speed_mps > 9.0)
    assert flight.pilot.set_current(3)
    flight.until(lambda: bool(flight.reached(3)), 90)
    assert not flight.reached(2)
    assert not flight.pilot.set_current(99)


def test_mission_edited_in_flight() -> None:
    """A mission that gets shorter than the current item ends after its leg."""
    flight = Flight()
    flight.load(waypoint(100, 0), waypoint(100, 100), waypoint(0, 0))
    flight.start()
    flight.until(lambda: bool(flight.started(3)))
    del flight.pilot.mission[3:]
    flight.until(lambda: flight.pilot.auto.runner.complete, 60)
    flight.run(10)
    assert flight.pilot.position[:2] == pytest.approx((100, 100), abs=2.5)
    assert "Auto mission changed but failed to restart command" in flight.texts
    assert flight.pilot.mission_state is MissionState.COMPLETE


def test_changed_item_ahead_restarts_the_leg() -> None:
    """A change of one of the next items begins the current one again; the same items put anew do not."""
    flight = Flight()
    flight.load(waypoint(150, 0), waypoint(150, 100), waypoint(0, 0))
    flight.start()
    flight.until(lambda: flight.pilot.ground_speed_mps > 8.0)
    flight.pilot.mission = [replace(item) for item in flight.pilot.mission]
    flight.run(0.5)
    assert not [t for t in flight.texts if "changed" in t]
    flight.pilot.mission[3] = waypoint(150, -100)
    flight.run(0.5)
    assert flight.texts[-2:] == ["Mission: 2 WP", "Auto mission changed, restarted command"]
    flight.until(lambda: bool(flight.reached(3)), 90)
    assert flight.pilot.position[1] < -95.0


def test_second_flight() -> None:
    """After landing the drone can be armed and fly its mission again."""
    flight = Flight().fly_mission(waypoint(30, 0))
    flight.pilot.set_mode(Mode.RTL)
    flight.until(lambda: not flight.pilot.armed, 200)
    flight.run(2)
    flight.start()
    flight.until(lambda: len(flight.reached(2)) == 2, 100)


def test_mode_changes_are_reported() -> None:
    """Each change of mode is one event, none for the same mode."""
    flight = Flight()
    flight.pilot.set_mode(Mode.GUIDED)
    flight.pilot.set_mode(Mode.GUIDED)
    flight.run(0.1)
    assert [e.mode for e in flight.of(ModeChanged)] == [Mode.GUIDED]


def test_drag_limits_speed() -> None:
    """However fast it is asked to fly, the lean limit allows 10 m/s."""
    flight = Flight({"WPNAV_SPEED": 1500.0})
    flight.load(waypoint(500, 0))
    flight.start()
    flight.until(lambda: bool(flight.started(2)))
    flight.run(30)
    assert flight.pilot.ground_speed_mps == pytest.approx(10.05, abs=0.1)
    assert degrees(-flight.pilot.rpy_rad[1]) == pytest.approx(30.0, abs=0.2)


def test_failing_thrust_sinks() -> None:
    """With less thrust than hovering needs the vehicle comes down."""
    flight = Flight().take_off(40.0)
    flight.pilot.thrust_share = 0.3
    flight.run(2)
    assert flight.pilot.velocity[2] < -2.0


def test_gusts_shake_but_do_not_move() -> None:
    """In gusts the drone stays at its place."""
    weather = Weather([Breeze(0.0, 8.0, 90.0, 8.0)], gusts=GustModel.DRYDEN, seed=3)
    flight = Flight(wind=weather).take_off(30.0)
    flight.run(10)
    worst = max(hypot(*flight.run(0.5).pilot.position[:2]) for _ in range(40))
    assert 0.01 < worst < 2.0
