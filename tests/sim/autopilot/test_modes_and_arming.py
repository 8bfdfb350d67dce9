"""Modes accepted and refused, arming, disarming, checks and their texts."""

from __future__ import annotations

import pytest

from dronepatrol.mavlink.dialect import dialect
from tests.sim.autopilot.rig import Rig

ACCEPTED, DENIED, UNSUPPORTED, FAILED, REJECTED = 0, 2, 3, 4, 1
ARM = dialect.MAV_CMD_COMPONENT_ARM_DISARM
GUIDED, AUTO, STABILIZE = dialect.COPTER_MODE_GUIDED, dialect.COPTER_MODE_AUTO, dialect.COPTER_MODE_STABILIZE
MODES = {
    "STABILIZE": 0,
    "ALT_HOLD": 2,
    "AUTO": 3,
    "GUIDED": 4,
    "LOITER": 5,
    "RTL": 6,
    "CIRCLE": 7,
    "LAND": 9,
    "POSHOLD": 16,
    "BRAKE": 17,
}


@pytest.mark.parametrize("name", MODES)
def test_every_mode_can_be_set_while_disarmed(name: str) -> None:
    """Disarmed, all modes are accepted, AUTO without a mission too, and the heartbeat shows them at once."""
    rig = Rig()
    rig.run(3.0)
    assert rig.set_mode(MODES[name]) == ACCEPTED
    assert rig.client.last("HEARTBEAT").custom_mode == MODES[name]


@pytest.mark.parametrize("number", [1, 11, 14, 99, -1, float("nan")])
def test_a_mode_that_does_not_exist_is_refused(number: float) -> None:
    """ACRO, DRIFT, FLIP and nonsense fail and leave the mode as it was."""
    rig = Rig()
    rig.run(3.0)
    assert rig.set_mode(number) == FAILED
    assert rig.pilot.mode == STABILIZE
    if number == 99:
        text = rig.client.last("STATUSTEXT")
        assert (text.severity, text.text) == (4, "No such mode 99")


def test_a_mode_without_the_custom_flag_is_denied() -> None:
    """DO_SET_MODE needs MAV_MODE_FLAG_CUSTOM_MODE_ENABLED."""
    rig = Rig()
    assert rig.command(dialect.MAV_CMD_DO_SET_MODE, 0, 4) == DENIED


def test_the_old_message_for_modes_is_acknowledged() -> None:
    """SET_MODE is answered by a COMMAND_ACK of its own message id, as ArduPilot does."""
    rig = Rig()
    rig.run(3.0)
    rig.client.send(dialect.MAVLink_set_mode_message(1, 1, dialect.COPTER_MODE_LOITER))
    assert rig.ack(dialect.MAVLINK_MSG_ID_SET_MODE) == ACCEPTED
    assert rig.pilot.mode == dialect.COPTER_MODE_LOITER


def test_smart_rtl_without_a_path_is_refused() -> None:
    """On the ground there is no path to return along."""
    rig = Rig()
    rig.boot()
    assert rig.set_mode(dialect.COPTER_MODE_SMART_RTL) == FAILED
    assert rig.client.texts[-1] == "Mode change to SMARTRTL failed: init failed"


def test_auto_in_the_air_without_a_mission_is_refused() -> None:
    """Armed, AUTO needs a mission."""
    rig = Rig()
    rig.take_off()
    assert rig.set_mode(AUTO) == FAILED
    assert rig.pilot.mode == GUIDED
    assert rig.client.texts[-1] == "Mode change to AUTO failed: init failed"


def test_a_mode_that_needs_a_position_is_refused_without_one() -> None:
    """In the air without a position estimate LOITER is refused and LAND is not."""
    rig = Rig()
    rig.take_off()
    rig.autopilot.faults.position_lost = True
    assert rig.set_mode(dialect.COPTER_MODE_LOITER) == FAILED
    assert rig.client.texts[-1] == "Mode change to LOITER failed: requires position"
    assert rig.set_mode(dialect.COPTER_MODE_LAND) == ACCEPTED


def test_arming_in_guided_before_there_is_a_position_tells_why() -> None:
    """At 25 s GUIDED cannot be armed, and STABILIZE can."""
    rig = Rig()
    rig.run(25.0)
    rig.set_mode(GUIDED)
    assert rig.command(ARM, 1) == FAILED
    text = rig.client.last("STATUSTEXT")
    assert (text.severity, text.text) == (2, "Arm: Need Position Estimate")
    assert not rig.pilot.armed
    rig.set_mode(STABILIZE)
    assert rig.command(ARM, 1) == ACCEPTED
    assert rig.pilot.armed


@pytest.mark.parametrize("name", ["AUTO", "RTL", "CIRCLE", "LAND", "BRAKE"])
def test_modes_that_cannot_be_armed(name: str) -> None:
    """Arming is refused with the mode's name."""
    rig = Rig()
    rig.boot()
    rig.set_mode(MODES[name])
    assert rig.command(ARM, 1) == FAILED
    assert rig.client.texts[-1] == f"Arm: {name} mode not armable"


def test_auto_can_be_armed_where_a_parameter_allows() -> None:
    """Bit 0 of AUTO_OPTIONS allows arming in AUTO."""
    rig = Rig(parameters={"AUTO_OPTIONS": 1.0})
    rig.boot()
    rig.set_mode(AUTO)
    assert rig.command(ARM, 1) == ACCEPTED


def test_force_arms_whatever_the_mode() -> None:
    """The magic number arms in a mode that cannot be armed."""
    rig = Rig()
    rig.boot()
    rig.set_mode(dialect.COPTER_MODE_LAND)
    assert rig.command(ARM, 1, 2989) == ACCEPTED
    assert rig.pilot.armed


def test_arming_twice_is_accepted_and_does_nothing() -> None:
    """A second arm finds itself done, and home is not moved."""
    rig = Rig()
    rig.take_off()
    before = len(rig.client.of("HOME_POSITION"))
    assert rig.command(ARM, 1) == ACCEPTED
    rig.run(0.2)
    assert len(rig.client.of("HOME_POSITION")) == before


def test_disarming_in_the_air_needs_force() -> None:
    """Disarm fails in flight; with the magic number the motors stop."""
    rig = Rig()
    rig.take_off()
    assert rig.command(ARM, 0) == FAILED
    assert rig.pilot.armed
    assert rig.command(ARM, 0, 21196) == ACCEPTED
    assert not rig.pilot.armed


def test_other_values_of_arm_are_unsupported() -> None:
    """Only 0 and 1 mean anything."""
    rig = Rig()
    assert rig.command(ARM, 2) == UNSUPPORTED
    assert rig.command(ARM, float("nan")) == UNSUPPORTED


def test_an_idle_drone_disarms_itself() -> None:
    """After DISARM_DELAY on the ground the motors stop."""
    rig = Rig()
    rig.boot()
    rig.set_mode(GUIDED)
    rig.command(ARM, 1)
    took_s = rig.run_until(lambda: not rig.pilot.armed, 20.0)
    assert took_s == pytest.approx(10.0, abs=0.2)
    assert rig.client.texts[-1] == "Disarming motors"


def test_failing_checks_are_told_every_half_minute() -> None:
    """With the fence on and no position there is a PreArm text at 30 s, and none once there is one."""
    rig = Rig(parameters={"FENCE_ENABLE": 1.0})
    rig.run(70.0)
    told = [text for text in rig.client.texts if text.startswith("PreArm")]
    assert told == ["PreArm: Fence enabled, need position estimate"]


def test_checks_on_demand() -> None:
    """RUN_PREARM_CHECKS tells what fails, and is rejected once armed."""
    rig = Rig()
    rig.run(5.0)
    rig.set_mode(GUIDED)
    assert rig.command(dialect.MAV_CMD_RUN_PREARM_CHECKS) == ACCEPTED
    assert rig.client.texts[-1] == "PreArm: Need Position Estimate"
    rig.boot()
    rig.command(ARM, 1)
    assert rig.command(dialect.MAV_CMD_RUN_PREARM_CHECKS) == REJECTED


def test_the_prearm_bit_follows_the_mode() -> None:
    """At 25 s the pre-arm bit is good in STABILIZE and bad in GUIDED."""
    rig = Rig()
    rig.run(25.0)
    bit = dialect.MAV_SYS_STATUS_PREARM_CHECK
    assert rig.request("SYS_STATUS").onboard_control_sensors_health & bit
    rig.set_mode(GUIDED)
    assert not rig.request("SYS_STATUS").onboard_control_sensors_health & bit


def test_bad_parameters_keep_a_drone_on_the_ground() -> None:
    """A lean angle that makes no sense fails the parameter check, unless checks are off."""
    rig = Rig(parameters={"ANGLE_MAX": 100.0})
    rig.boot()
    assert rig.command(ARM, 1) == FAILED
    assert rig.client.texts[-1] == "Arm: Check ANGLE_MAX"
    rig.autopilot.parameters.set("ARMING_CHECK", 0.0)
    assert rig.command(ARM, 1) == ACCEPTED
    assert "Warning: Arming Checks Disabled" in rig.client.texts


def test_termination_stops_the_motors() -> None:
    """DO_FLIGHTTERMINATION disarms in the air."""
    rig = Rig()
    rig.take_off()
    assert rig.command(dialect.MAV_CMD_DO_FLIGHTTERMINATION, 1) == ACCEPTED
    assert not rig.pilot.armed
