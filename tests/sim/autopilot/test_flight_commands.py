"""Commands that fly, and targets in GUIDED: answers, and what the drone does."""

from __future__ import annotations

import math

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem
from tests.sim.autopilot.rig import Rig

ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4
RELATIVE_INT, AMSL_INT = 6, 5
POSITION_ONLY, VELOCITY_ONLY = 3576, 3527
NAN = math.nan


def local(
    rig: Rig, mask: int, xyz: tuple[float, ...], *, frame: int = 1, yaw: float = 0.0, rate: float = 0.0
) -> None:
    """Send a local target; the three numbers are a position or a velocity as the mask says."""
    position, velocity = (xyz, (0, 0, 0)) if not mask & 7 else ((0, 0, 0), xyz)
    rig.client.send(
        dialect.MAVLink_set_position_target_local_ned_message(
            0, 1, 1, frame, mask, *position, *velocity, 0, 0, 0, yaw, rate
        )
    )


def place_target(
    rig: Rig, north_m: float, east_m: float, altitude_m: float, frame: int = RELATIVE_INT
) -> None:
    """Send a global target."""
    lat_e7, lon_e7 = rig.place(north_m, east_m)
    zeros = [0.0] * 8
    rig.client.send(
        dialect.MAVLink_set_position_target_global_int_message(
            0, 1, 1, frame, POSITION_ONLY, lat_e7, lon_e7, altitude_m, *zeros
        )
    )


@pytest.fixture
def rig() -> Rig:
    """A drone at 20 m in GUIDED."""
    rig = Rig()
    rig.take_off()
    return rig


def waypoint(rig: Rig, north_m: float, east_m: float, altitude_m: float = 20.0) -> WireItem:
    """Return a waypoint."""
    lat_e7, lon_e7 = rig.place(north_m, east_m)
    return WireItem(0, 3, 16, x=lat_e7, y=lon_e7, z=altitude_m)


@pytest.mark.parametrize("number", [9999, 0, 16, dialect.MAV_CMD_DO_ORBIT])
def test_unknown_commands_are_unsupported(number: int) -> None:
    """Numbers that mean nothing here, DO_ORBIT among them, are answered as ArduCopter answers them."""
    rig = Rig()
    assert rig.command(number) == UNSUPPORTED
    assert rig.command_int(number, 3, (0, 0, 0, 0), 0, 0, 0.0) == UNSUPPORTED


def test_a_command_sent_twice_is_answered_twice() -> None:
    """A raised confirmation gets its own acknowledgement and does no harm."""
    rig = Rig()
    rig.boot()
    rig.set_mode(dialect.COPTER_MODE_GUIDED)
    for confirmation in (0, 1):
        assert rig.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1, confirmation=confirmation) == ACCEPTED
    assert len(rig.client.of("COMMAND_ACK")) == 3


def test_take_off_is_refused_where_the_real_one_refuses(rig: Rig) -> None:
    """In the air, to no height, or in AUTO a take-off fails."""
    take_off = dialect.MAV_CMD_NAV_TAKEOFF
    assert rig.command(take_off, 0, 0, 0, 0, 0, 0, 30) == FAILED
    grounded = Rig()
    grounded.boot()
    assert grounded.command(take_off, 0, 0, 0, 0, 0, 0, 10) == FAILED
    grounded.set_mode(dialect.COPTER_MODE_GUIDED)
    grounded.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    for height in (-5.0, 0.0, NAN, math.inf):
        assert grounded.command(take_off, 0, 0, 0, 0, 0, 0, height) == FAILED
    assert grounded.command_int(take_off, 0, (0, 0, 0, 0), 0, 0, 20.0) == DENIED
    assert grounded.pilot.landed


def test_land_and_return(rig: Rig) -> None:
    """The two commands switch the mode."""
    assert rig.command(dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH) == ACCEPTED
    assert rig.pilot.mode == dialect.COPTER_MODE_RTL
    assert rig.command(dialect.MAV_CMD_NAV_LAND) == ACCEPTED
    rig.run_until(lambda: not rig.pilot.armed, 60.0)
    assert rig.pilot.landed


def test_reposition_flies_to_the_place(rig: Rig) -> None:
    """COMMAND_INT with the change-mode flag leaves BRAKE and flies to the place and height."""
    rig.set_mode(dialect.COPTER_MODE_BRAKE)
    lat_e7, lon_e7 = rig.place(40.0, 30.0)
    reposition = dialect.MAV_CMD_DO_REPOSITION
    assert rig.command_int(reposition, RELATIVE_INT, (-1, 0, 0, NAN), lat_e7, lon_e7, 25.0) == DENIED
    assert rig.command_int(reposition, RELATIVE_INT, (-1, 1, 0, NAN), lat_e7, lon_e7, 25.0) == ACCEPTED
    assert rig.pilot.mode == dialect.COPTER_MODE_GUIDED
    rig.run(25.0)
    assert rig.distance_m(40.0, 30.0) < 0.5
    assert rig.pilot.altitude_home_m == pytest.approx(25.0, abs=0.2)


def test_reposition_as_a_long_command_and_in_amsl(rig: Rig) -> None:
    """Degrees in a COMMAND_LONG work to float precision, and heights above the sea are understood."""
    lat_e7, lon_e7 = rig.place(30.0, 0.0)
    done = rig.command(dialect.MAV_CMD_DO_REPOSITION, -1, 1, 0, NAN, lat_e7 / 1e7, lon_e7 / 1e7, 22.0)
    assert done == ACCEPTED
    rig.run(20.0)
    assert rig.distance_m(30.0, 0.0) < 1.5
    frame = AMSL_INT
    assert (
        rig.command_int(dialect.MAV_CMD_DO_REPOSITION, frame, (-1, 1, 0, NAN), lat_e7, lon_e7, 40.1)
        == ACCEPTED
    )
    rig.run(15.0)
    assert rig.pilot.altitude_home_m == pytest.approx(30.0, abs=0.2)


@pytest.mark.parametrize(
    ("x", "y", "z", "frame"),
    [
        (2**31 - 1, 0, 20.0, 6),
        (0, -(2**31), 20.0, 6),
        (0, 0, 20.0, 6),
        (300300000, 1208700000, NAN, 6),
        (300300000, 1208700000, math.inf, 6),
        (300300000, 1208700000, 20.0, 99),
    ],
)
def test_reposition_to_nowhere_is_denied(rig: Rig, x: int, y: int, z: float, frame: int) -> None:
    """Coordinates that are none leave the drone where it is."""
    assert rig.command_int(dialect.MAV_CMD_DO_REPOSITION, frame, (-1, 1, 0, 0), x, y, z) == DENIED
    rig.run(3.0)
    assert rig.distance_m(0.0, 0.0) < 0.1


def test_speed_is_changed(rig: Rig) -> None:
    """DO_CHANGE_SPEED slows the flight; senseless ones fail."""
    change = dialect.MAV_CMD_DO_CHANGE_SPEED
    assert rig.command(change, 1, 3.0) == ACCEPTED
    place_target(rig, 100.0, 0.0, 20.0)
    rig.run(10.0)
    assert rig.pilot.ground_speed_mps == pytest.approx(3.0, abs=0.2)
    for kind, speed in ((9, 5.0), (1, 0.0), (1, -3.0), (1, NAN), (NAN, 5.0), (1, math.inf)):
        assert rig.command(change, kind, speed) == FAILED


def test_the_nose_turns(rig: Rig) -> None:
    """CONDITION_YAW turns to a heading and by an angle; angles out of range fail."""
    yaw = dialect.MAV_CMD_CONDITION_YAW
    assert rig.command(yaw, 90, 30, 1, 0) == ACCEPTED
    rig.run(6.0)
    assert math.degrees(rig.pilot.rpy_rad[2]) == pytest.approx(90.0, abs=1.0)
    assert rig.command(yaw, 45, 30, -1, 1) == ACCEPTED
    rig.run(6.0)
    assert math.degrees(rig.pilot.rpy_rad[2]) == pytest.approx(45.0, abs=1.0)
    for angle, relative in ((400.0, 0), (-10.0, 0), (NAN, 0), (90.0, 2)):
        assert rig.command(yaw, angle, 0, 1, relative) == FAILED


def test_the_nose_looks_at_a_point(rig: Rig) -> None:
    """DO_SET_ROI_LOCATION keeps the nose on a place, DO_SET_ROI_NONE lets go."""
    lat_e7, lon_e7 = rig.place(0.0, 100.0)
    assert (
        rig.command_int(dialect.MAV_CMD_DO_SET_ROI_LOCATION, RELATIVE_INT, (0, 0, 0, 0), lat_e7, lon_e7, 0.0)
        == 0
    )
    place_target(rig, 30.0, 0.0, 20.0)
    rig.run(15.0)
    assert math.degrees(rig.pilot.rpy_rad[2]) == pytest.approx(107.0, abs=3.0)
    assert rig.command(dialect.MAV_CMD_DO_SET_ROI_NONE) == ACCEPTED
    assert rig.pilot.roi is None
    assert (
        rig.command_int(dialect.MAV_CMD_DO_SET_ROI, RELATIVE_INT, (0, 0, 0, 0), 2**31 - 1, 0, 0.0) == DENIED
    )


def test_mission_start_pause_continue_and_current(rig: Rig) -> None:
    """A mission starts, halts, goes on, and jumps to an item, with acknowledgements and MISSION_CURRENT."""
    rig.upload([waypoint(rig, 0, 0), waypoint(rig, 100, 0), waypoint(rig, 100, 60), waypoint(rig, 0, 60)])
    assert rig.command(dialect.MAV_CMD_MISSION_START, 1, 2) == DENIED
    assert rig.command(dialect.MAV_CMD_MISSION_START) == ACCEPTED
    rig.run(6.0)
    current = rig.request("MISSION_CURRENT")
    assert (current.seq, current.total, current.mission_state, current.mission_mode) == (1, 3, 3, 1)
    assert rig.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 0) == ACCEPTED
    rig.run(8.0)
    assert rig.pilot.ground_speed_mps < 0.3
    assert rig.request("MISSION_CURRENT").mission_state == 4
    assert rig.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 1) == ACCEPTED
    rig.run(3.0)
    assert rig.pilot.ground_speed_mps > 2.0
    assert rig.command(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, 3) == ACCEPTED
    rig.run(0.2)
    assert rig.request("MISSION_CURRENT").seq == 3
    assert rig.command(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, 9) == DENIED
    assert rig.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 7) == DENIED
    rig.client.send(dialect.MAVLink_mission_set_current_message(1, 1, 2))
    assert rig.client.last("MISSION_CURRENT").seq == 2


def test_reached_items_are_told(rig: Rig) -> None:
    """MISSION_ITEM_REACHED and the texts of a mission come as recorded."""
    rig.upload([waypoint(rig, 0, 0), waypoint(rig, 30, 0), waypoint(rig, 30, 30)])
    rig.set_mode(dialect.COPTER_MODE_AUTO)
    rig.run(25.0)
    assert [m.seq for m in rig.client.of("MISSION_ITEM_REACHED")] == [1, 2]
    told = [t for t in rig.client.texts if "#" in t or t.startswith("Mission")]
    assert told == ["Mission: 1 WP", "Reached command #1", "Mission: 2 WP", "Reached command #2"]


def test_pausing_where_nothing_can_pause(rig: Rig) -> None:
    """In BRAKE there is nothing to pause, and a text says so."""
    rig.set_mode(dialect.COPTER_MODE_BRAKE)
    assert rig.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 0) == FAILED
    assert rig.client.texts[-1] == "Failed to pause"


def test_home_is_moved(rig: Rig) -> None:
    """DO_SET_HOME moves home, tells it, and refuses places that are none."""
    lat_e7, lon_e7 = rig.place(50.0, 0.0)
    set_home = dialect.MAV_CMD_DO_SET_HOME
    assert rig.command_int(set_home, 0, (0, 0, 0, 0), lat_e7, lon_e7, 15.0) == ACCEPTED
    rig.run(0.1)
    told = rig.client.last("HOME_POSITION")
    assert (told.latitude, told.longitude, told.altitude) == (lat_e7, lon_e7, 15000)
    assert rig.request("GLOBAL_POSITION_INT").relative_alt == pytest.approx(15100, abs=100)
    assert rig.command(dialect.MAV_CMD_GET_HOME_POSITION) == ACCEPTED
    assert rig.command_int(set_home, 0, (0, 0, 0, 0), 2**31 - 1, 0, 0.0) == DENIED
    assert rig.command_int(set_home, 0, (0, 0, 0, 0), 0, 0, 0.0) == DENIED
    assert rig.command(set_home, 1) == ACCEPTED


def test_home_cannot_be_set_before_there_is_an_origin() -> None:
    """At 5 s there is no home to move or to ask for."""
    rig = Rig()
    rig.run(5.0)
    assert rig.command(dialect.MAV_CMD_DO_SET_HOME, 1) == FAILED
    assert rig.command(dialect.MAV_CMD_GET_HOME_POSITION) == FAILED


def test_a_global_target_is_flown_to(rig: Rig) -> None:
    """SET_POSITION_TARGET_GLOBAL_INT in GUIDED leads to the place."""
    place_target(rig, 40.0, -20.0, 30.0)
    rig.run(25.0)
    assert rig.distance_m(40.0, -20.0) < 0.5
    assert rig.pilot.altitude_home_m == pytest.approx(30.0, abs=0.2)


def test_targets_outside_guided_are_ignored(rig: Rig) -> None:
    """In BRAKE targets do nothing."""
    rig.set_mode(dialect.COPTER_MODE_BRAKE)
    place_target(rig, 40.0, -20.0, 30.0)
    local(rig, VELOCITY_ONLY, (5.0, 0.0, 0.0))
    rig.run(5.0)
    assert rig.distance_m(0.0, 0.0) < 0.1


def test_a_guard_keeps_targets_away(rig: Rig) -> None:
    """What a guard forbids is ignored without a word, as a target outside the fence is."""
    rig.autopilot.guards.append(lambda *_: False)
    place_target(rig, 40.0, -20.0, 30.0)
    local(rig, POSITION_ONLY, (10.0, 0.0, -20.0))
    rig.run(5.0)
    assert rig.distance_m(0.0, 0.0) < 0.1


def test_local_targets_in_their_frames(rig: Rig) -> None:
    """Positions from the origin, from here, and along the nose."""
    local(rig, POSITION_ONLY, (20.0, 10.0, -20.0))
    rig.run(15.0)
    assert rig.distance_m(20.0, 10.0) < 0.5
    local(rig, POSITION_ONLY, (0.0, 10.0, 0.0), frame=dialect.MAV_FRAME_LOCAL_OFFSET_NED)
    rig.run(15.0)
    assert rig.distance_m(20.0, 20.0) < 0.8
    rig.command(dialect.MAV_CMD_CONDITION_YAW, 90, 60, 1, 0)
    rig.run(4.0)
    local(rig, POSITION_ONLY, (10.0, 0.0, 0.0), frame=dialect.MAV_FRAME_BODY_OFFSET_NED)
    rig.run(15.0)
    assert rig.distance_m(20.0, 30.0) < 1.0


def test_a_velocity_lasts_three_seconds(rig: Rig) -> None:
    """A velocity target is flown, and GUID_TIMEOUT after the last the drone stops."""
    for _ in range(25):
        local(rig, VELOCITY_ONLY, (3.0, 4.0, -0.5))
        rig.run(0.2)
    north, east, down = rig.pilot.velocity_ned_mps
    assert (north, east, down) == pytest.approx((3.0, 4.0, -0.5), abs=0.15)
    rig.run(2.5)
    assert rig.pilot.ground_speed_mps == pytest.approx(5.0, abs=0.2)
    rig.run(5.0)
    assert rig.pilot.ground_speed_mps < 0.2


def test_heading_and_rate_of_turn_in_targets(rig: Rig) -> None:
    """A target may carry a heading, or a rate of turn."""
    local(rig, VELOCITY_ONLY & ~0x400, (0.0, 0.0, 0.0), yaw=math.radians(120.0))
    rig.run(5.0)
    assert math.degrees(rig.pilot.rpy_rad[2]) == pytest.approx(120.0, abs=2.0)
    for _ in range(10):
        local(rig, VELOCITY_ONLY & ~0x800, (0.0, 0.0, 0.0), rate=math.radians(20.0))
        rig.run(0.2)
    assert rig.pilot.yaw_rate_radps == pytest.approx(math.radians(20.0), abs=0.05)


@pytest.mark.parametrize("bad", [NAN, math.inf, -math.inf, 1e30])
def test_targets_that_are_no_numbers_are_ignored(rig: Rig, bad: float) -> None:
    """NaN, infinity and astronomic numbers leave the drone where it is, and are counted."""
    before = rig.autopilot.targets.refused
    local(rig, POSITION_ONLY, (bad, 0.0, -20.0))
    local(rig, VELOCITY_ONLY, (0.0, bad, 0.0))
    place_target(rig, 10.0, 0.0, bad)
    rig.run(3.0)
    assert rig.distance_m(0.0, 0.0) < 0.1
    assert rig.autopilot.targets.refused == before + 3


def test_the_throttle_stick_over_mavlink(rig: Rig) -> None:
    """RC_CHANNELS_OVERRIDE holds LOITER's height at mid-stick; without it the drone sinks again."""
    rig.set_mode(dialect.COPTER_MODE_LOITER)
    for _ in range(10):
        rig.client.send(
            dialect.MAVLink_rc_channels_override_message(1, 1, 65535, 65535, 1500, *([65535] * 5))
        )
        rig.run(0.5)
    held_m = rig.pilot.altitude_home_m
    assert held_m == pytest.approx(20.0, abs=0.5)
    assert rig.request("RC_CHANNELS").chan3_raw == 1500
    rig.run(8.0)
    assert rig.pilot.altitude_home_m < held_m - 5.0
    assert rig.request("RC_CHANNELS").chan3_raw == 1000


def test_sticks_of_another_ground_station_are_ignored(rig: Rig) -> None:
    """Only MAV_GCS_SYSID may take over the sticks."""
    other = rig.connect(system=99)
    other.send(dialect.MAVLink_manual_control_message(1, 0, 0, 1000, 0, 0))
    assert rig.pilot.throttle_stick == 0.0
    rig.client.send(dialect.MAVLink_manual_control_message(1, 0, 0, 500, 0, 0))
    assert rig.pilot.throttle_stick == pytest.approx(0.5)
