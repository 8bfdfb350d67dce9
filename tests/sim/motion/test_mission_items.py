"""What each kind of mission item does."""

from __future__ import annotations

from math import atan2, degrees, dist, hypot

import pytest

from dronepatrol.sim.motion import Command, Frame, MissionItem, MissionState, Mode
from dronepatrol.sim.motion.events import (
    CameraTrigger,
    Disarmed,
    FenceSwitched,
    GimbalSet,
    GripperSet,
    HomeSet,
    ItemStarted,
    MissionEnded,
    RelaySet,
    RoiSet,
    ServoSet,
    VideoStarted,
    VideoStopped,
)
from tests.sim.motion.flights import Flight, item, place, waypoint


def test_take_off_takes_as_long_as_recorded() -> None:
    """A take-off item lasts 6.32 s and the height at 2.5 m/s."""
    flight = Flight().fly_mission()
    assert flight.reached(1)[0] == pytest.approx(6.32 + 20.0 / 2.5, abs=0.15)


def test_waypoint_with_hold() -> None:
    """A hold counts whole seconds from being there."""
    flight = Flight().fly_mission(waypoint(60, 0, hold_s=5))
    plain = Flight().fly_mission(waypoint(60, 0))
    assert flight.reached(2)[0] - plain.reached(2)[0] == pytest.approx(5.0, abs=0.06)
    assert "Reached command #2" in flight.texts


def test_corner_is_cut() -> None:
    """A waypoint on the way is passed at speed and within WPNAV_RADIUS."""
    flight = Flight()
    flight.load(waypoint(80, 0), waypoint(80, 80))
    flight.start()
    flight.until(lambda: len(flight.reached(2)) == 1)
    n, e, _ = flight.pilot.position
    assert 0.5 < dist((n, e), (80, 0)) < 2.0
    assert flight.pilot.ground_speed_mps == pytest.approx(3.0, abs=0.3)


def test_smaller_radius_cuts_less() -> None:
    """WPNAV_RADIUS bounds the corner."""
    flight = Flight({"WPNAV_RADIUS": 50.0})
    flight.load(waypoint(80, 0), waypoint(80, 80))
    flight.start()
    flight.until(lambda: len(flight.reached(2)) == 1)
    assert dist(flight.pilot.position[:2], (80, 0)) < 0.9


def test_stops_before_a_return() -> None:
    """The last waypoint before RTL is a stop."""
    flight = Flight()
    flight.load(waypoint(80, 0), item(Command.RETURN_TO_LAUNCH))
    flight.start()
    flight.until(lambda: len(flight.reached(2)) == 1)
    assert flight.pilot.ground_speed_mps < 0.4


def test_item_without_position_stays() -> None:
    """A waypoint without position and height is where the vehicle is going already."""
    flight = Flight().fly_mission(waypoint(40, 0), item(Command.WAYPOINT, 1.0))
    flight.run(6)
    assert flight.pilot.position == pytest.approx((40, 0, 20), abs=1.0)


def test_altitude_frames() -> None:
    """AMSL, above home and above terrain are three different heights."""
    flight = Flight()
    flight.pilot.terrain = lambda lat, lon: 4.0
    assert flight.pilot.height_u(Frame.AMSL, 40.0, 0, 0) == pytest.approx(30.0)
    assert flight.pilot.height_u(Frame.HOME, 40.0, 0, 0) == pytest.approx(40.0)
    assert flight.pilot.height_u(Frame.TERRAIN, 40.0, *place(50, 0)) == pytest.approx(34.0)


def test_spline_passes_without_stopping() -> None:
    """A chain of splines bends through its points at speed."""
    flight = Flight()
    points = [(60, 0), (60, 60), (120, 60)]
    splines = [item(Command.SPLINE_WAYPOINT, at=p, up=20.0) for p in points]
    flight.load(*splines, waypoint(160, 60))
    flight.start()
    closest = [1e9] * 3
    slowest = 99.0

    def watch() -> bool:
        nonlocal slowest
        n, e, _ = flight.pilot.position
        closest[:] = [min(c, hypot(n - p[0], e - p[1])) for c, p in zip(closest, points, strict=True)]
        if flight.started(3):
            slowest = min(slowest, flight.pilot.ground_speed_mps)
        return bool(flight.reached(4))

    flight.until(watch)
    assert max(closest) < 1.5
    assert slowest > 3.0


def test_straight_leg_into_a_spline() -> None:
    """A waypoint before a spline is passed at speed."""
    flight = Flight()
    flight.load(waypoint(80, 0), item(Command.SPLINE_WAYPOINT, at=(140, 40), up=20.0))
    flight.start()
    flight.until(lambda: len(flight.reached(2)) == 1)
    assert flight.pilot.ground_speed_mps > 3.0
    flight.until(lambda: len(flight.reached(3)) == 1)
    assert dist(flight.pilot.position[:2], (140, 40)) < 2.0


def test_loiter_time() -> None:
    """A timed loiter stays for its seconds after arriving."""
    flight = Flight().fly_mission(item(Command.LOITER_TIME, 12, at=(50, 0), up=20.0))
    plain = Flight().fly_mission(waypoint(50, 0))
    assert flight.reached(2)[0] - plain.reached(2)[0] == pytest.approx(12.0, abs=0.1)
    assert "Reached command #2" in flight.texts


def test_loiter_unlimited() -> None:
    """An unlimited loiter stays until something else is asked."""
    flight = Flight()
    flight.load(item(Command.LOITER_UNLIMITED, at=(30, 0), up=20.0), waypoint(60, 0))
    flight.start()
    flight.run(80)
    assert flight.pilot.position == pytest.approx((30, 0, 20), abs=0.2)
    assert flight.pilot.set_current(3)
    flight.until(lambda: bool(flight.reached(3)))


@pytest.mark.parametrize(("radius", "sign"), [(20.0, 1.0), (-20.0, -1.0)])
def test_loiter_turns(radius: float, sign: float) -> None:
    """Turns go round their centre at the recorded radius, clockwise for a positive one, nose inwards."""
    flight = Flight()
    flight.load(item(Command.LOITER_TURNS, 2, 0, radius, at=(60, 0), up=20.0), waypoint(0, 0))
    flight.start()
    flight.until(lambda: "Mission: starting circle 2/2" in flight.texts)
    n, e, _ = flight.pilot.position
    vn, ve, _ = flight.pilot.velocity
    assert hypot(n - 60, e) == pytest.approx(19.15, abs=0.3)
    assert sign * ((n - 60) * ve - e * vn) > 0.0
    yaw = degrees(flight.pilot.rpy_rad[2])
    bearing = degrees(atan2(-e, 60 - n))
    assert abs((yaw - bearing + 180) % 360 - 180) < 15
    flight.until(lambda: bool(flight.reached(2)))
    assert flight.texts.count("Mission: starting circle 3/2") == 1


def test_land_flies_there_first() -> None:
    """A landing with a position lands at it and disarms."""
    flight = Flight().fly_mission(item(Command.LAND, at=(40, 10)))
    assert flight.pilot.position == pytest.approx((40, 10, 0), abs=0.3)
    assert flight.of(Disarmed)
    assert flight.run(0.2).texts[-1] == "Mission: 1 Takeoff"


def test_return_to_launch() -> None:
    """RTL in a mission lands at home, is reported as reached and ends the mission."""
    flight = Flight().fly_mission(waypoint(60, 0), item(Command.RETURN_TO_LAUNCH))
    assert flight.pilot.position == pytest.approx((0, 0, 0), abs=0.2)
    assert flight.reached(3)
    assert flight.pilot.mission_state is MissionState.COMPLETE


def test_delay() -> None:
    """A delay hovers for its seconds and says so."""
    flight = Flight().fly_mission(waypoint(30, 0), item(Command.DELAY, 8, -1, -1, -1))
    assert flight.reached(3)[0] - flight.started(3)[0] == pytest.approx(8.0, abs=0.06)
    assert "Delaying 8 sec" in flight.texts


def test_guided_enable() -> None:
    """A guided-enable item lets a target steer until the item is left."""
    flight = Flight()
    flight.load(item(Command.GUIDED_ENABLE, 1), waypoint(0, 0))
    flight.start()
    flight.until(lambda: bool(flight.started(2)))
    flight.run(2)
    assert flight.pilot.goto_ned((25.0, 0.0, -20.0))
    flight.run(15)
    assert flight.pilot.position == pytest.approx((25, 0, 20), abs=0.5)
    assert flight.pilot.mode is Mode.AUTO


def test_targets_are_refused_in_auto() -> None:
    """Without guided-enable a target changes nothing in AUTO."""
    flight = Flight()
    flight.load(waypoint(60, 0))
    flight.start()
    flight.until(lambda: bool(flight.started(2)))
    assert not flight.pilot.goto_ned((25.0, 50.0, -20.0))


def test_jump_counts() -> None:
    """A jump is taken its number of times, and tells each."""
    flight = Flight().fly_mission(waypoint(20, 0), waypoint(20, 20), item(Command.JUMP, 2, 2), waypoint(0, 0))
    assert len(flight.started(2)) == 3
    assert [t for t in flight.texts if "Jump" in t] == ["Mission: 4 Jump 1/2", "Mission: 4 Jump 2/2"]
    assert flight.reached(5)


def test_jump_without_end() -> None:
    """A jump with count -1 never ends, and does not hang."""
    flight = Flight()
    flight.load(waypoint(10, 0), waypoint(0, 0), item(Command.JUMP, 2, -1))
    flight.start()
    flight.run(120)
    assert len(flight.started(2)) > 5
    assert "Mission: 4 Jump 1/unlimited" in flight.texts


def test_jump_to_itself_ends() -> None:
    """A circle of jumps without anything to fly ends the mission instead of hanging."""
    flight = Flight().fly_mission(item(Command.JUMP, 2, -1))
    assert flight.of(MissionEnded)


def test_jump_tag() -> None:
    """A jump to a tag goes on behind it."""
    flight = Flight().fly_mission(
        item(Command.JUMP_TAG, 7), waypoint(20, 0), item(Command.DO_JUMP_TAG, 7, 1), waypoint(0, 0)
    )
    assert len(flight.started(3)) == 2


def test_change_speed() -> None:
    """A speed change acts on the legs behind it."""
    flight = Flight()
    flight.load(waypoint(40, 0), item(Command.CHANGE_SPEED, 1, 4, -1), waypoint(140, 0))
    flight.start()
    flight.until(lambda: bool(flight.started(4)))
    flight.run(12)
    assert flight.pilot.ground_speed_mps == pytest.approx(4.0, abs=0.05)


def test_change_climb_speed() -> None:
    """Type 2 changes the climb."""
    flight = Flight()
    flight.load(item(Command.CHANGE_SPEED, 2, 1, -1), waypoint(0, 1, up=60.0))
    flight.start()
    flight.until(lambda: bool(flight.started(3)))
    flight.run(10)
    assert flight.pilot.velocity[2] == pytest.approx(1.0, abs=0.03)


def test_set_home() -> None:
    """Home moves to where the vehicle is, or to a place."""
    flight = Flight().fly_mission(waypoint(50, 0), item(Command.SET_HOME, 1), waypoint(60, 0))
    assert flight.of(HomeSet)
    assert flight.pilot.home_n == pytest.approx(50.0, abs=2.0)
    assert flight.pilot.altitude_home_m == pytest.approx(20.0, abs=0.3)


def test_region_of_interest() -> None:
    """The nose follows a point of interest until there is none."""
    flight = Flight()
    flight.load(
        item(Command.SET_ROI, at=(30, 60)), waypoint(60, 0), item(Command.ROI_NONE), waypoint(60, -60)
    )
    flight.start()
    flight.until(lambda: bool(flight.reached(3)))
    n, e, _ = flight.pilot.position
    bearing = degrees(atan2(60 - e, 30 - n))
    assert degrees(flight.pilot.rpy_rad[2]) == pytest.approx(bearing, abs=6)
    flight.run(5)
    assert degrees(flight.pilot.rpy_rad[2]) == pytest.approx(-90, abs=6)
    assert [e.place is None for e in flight.of(RoiSet)] == [False, True]


def test_condition_yaw() -> None:
    """A yaw condition turns the nose at its rate and keeps it for the leg."""
    flight = Flight()
    flight.load(waypoint(30, 0), item(Command.CONDITION_YAW, 90, 20, 1), waypoint(120, 0))
    flight.start()
    flight.until(lambda: bool(flight.reached(3)))
    assert flight.reached(3)[0] - flight.started(3)[0] == pytest.approx(90 / 20, abs=0.6)
    flight.run(2)
    assert degrees(flight.pilot.rpy_rad[2]) == pytest.approx(90, abs=1)


def test_condition_delay_holds_back_what_follows() -> None:
    """Do-items behind a delay condition wait for it."""
    flight = Flight().fly_mission(
        item(Command.CONDITION_DELAY, 3), item(Command.SET_SERVO, 9, 1700), waypoint(80, 0)
    )
    assert flight.started(3)[0] - flight.started(2)[0] == pytest.approx(3.1, abs=0.15)
    assert flight.of(ServoSet) == [ServoSet(9, 1700)]


def test_condition_distance() -> None:
    """A distance condition waits until the waypoint is that near."""
    flight = Flight()
    flight.load(item(Command.CONDITION_DISTANCE, 30), item(Command.SET_RELAY, 0, 1), waypoint(100, 0))
    flight.start()
    flight.until(lambda: bool(flight.of(RelaySet)))
    assert flight.pilot.wp_distance_m == pytest.approx(30.0, abs=1.5)


def test_unmet_condition_is_dropped() -> None:
    """What still waits when its waypoint is reached is never done."""
    flight = Flight().fly_mission(
        item(Command.CONDITION_DELAY, 500), item(Command.SET_RELAY, 0, 1), waypoint(30, 0), waypoint(0, 0)
    )
    assert not flight.of(RelaySet)


def test_pictures_by_distance() -> None:
    """A trigger distance gives a picture each so many metres, until it is set to zero."""
    flight = Flight().fly_mission(
        item(Command.CAMERA_TRIGGER_DISTANCE, 10, 0, 1),
        waypoint(100, 0),
        item(Command.CAMERA_TRIGGER_DISTANCE, 0),
        waypoint(200, 0),
    )
    pictures = flight.of(CameraTrigger)
    assert len(pictures) == pytest.approx(11, abs=1)
    assert all(p == CameraTrigger(by_distance=True) for p in pictures)


def test_pictures_by_time() -> None:
    """A capture takes its number of pictures at its interval; stop ends it."""
    flight = Flight().fly_mission(item(Command.IMAGE_START, 0, 2, 3), waypoint(100, 0))
    assert len(flight.of(CameraTrigger)) == 3
    endless = Flight().fly_mission(
        item(Command.IMAGE_START, 0, 1, 0), waypoint(50, 0), item(Command.IMAGE_STOP), waypoint(200, 0)
    )
    taken = len(endless.of(CameraTrigger))
    assert taken == pytest.approx(endless.started(4)[0] - endless.started(2)[0] + 1, abs=1)


@pytest.mark.parametrize(
    ("done", "event"),
    [
        (item(Command.VIDEO_START, 1), VideoStarted(1)),
        (item(Command.VIDEO_STOP, 1), VideoStopped(1)),
        (item(Command.MOUNT_CONTROL, -45, 0, 30), GimbalSet(-45.0, 0.0, 30.0)),
        (item(Command.GIMBAL_PITCH_YAW, -60, 15), GimbalSet(-60.0, 0.0, 15.0)),
        (item(Command.SET_RELAY, 1, 1), RelaySet(1, on=True)),
        (item(Command.SET_SERVO, 10, 1200), ServoSet(10, 1200)),
        (item(Command.GRIPPER, 1, 0), GripperSet(1, grab=False)),
        (item(Command.FENCE_ENABLE, 1), FenceSwitched(1)),
        (MissionItem(Command.DIGICAM_CONTROL, lat_e7=1), CameraTrigger(by_distance=False)),
    ],
)
def test_instant_items(done: MissionItem, event: object) -> None:
    """What does not steer is done on the way, reported, and does not stop the flight."""
    flight = Flight().fly_mission(waypoint(60, 0), done, waypoint(120, 0))
    assert event in [e for _, e in flight.events]
    assert flight.reached(3)


def test_repeated_servo() -> None:
    """A repeated servo goes to and fro its number of times."""
    flight = Flight().fly_mission(item(Command.REPEAT_SERVO, 9, 1900, 3, 2), waypoint(100, 0))
    assert [e.pwm_us for e in flight.of(ServoSet)] == [1900, 1500] * 3


def test_return_path_start_is_passed() -> None:
    """A marker of a return path does nothing by itself."""
    flight = Flight().fly_mission(item(Command.RETURN_PATH_START, at=(10, 0)), waypoint(30, 0))
    assert flight.reached(3)


def test_do_items_without_a_stop() -> None:
    """Instant items between waypoints leave the corner as it is."""
    plain = Flight().fly_mission(waypoint(60, 0), waypoint(60, 60))
    busy = Flight().fly_mission(
        waypoint(60, 0), item(Command.SET_RELAY, 0, 1), item(Command.SET_RELAY, 1, 1), waypoint(60, 60)
    )
    assert busy.time_s == pytest.approx(plain.time_s, abs=0.1)
    assert len(busy.of(RelaySet)) == 2


def test_announces_items_in_order() -> None:
    """Each item is announced by number and name as it starts."""
    flight = Flight().fly_mission(waypoint(20, 0), item(Command.CHANGE_SPEED, 1, 5), waypoint(40, 0))
    told = [t for t in flight.texts if t.startswith("Mission:")]
    assert told[-4:] == ["Mission: 1 Takeoff", "Mission: 2 WP", "Mission: 3 ChangeSpeed", "Mission: 4 WP"]
    assert [e.seq for e in flight.of(ItemStarted)][-3:] == [2, 3, 4]
