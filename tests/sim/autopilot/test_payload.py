"""Camera, gimbal, servos, relays, gripper and fence over MAVLink."""

from __future__ import annotations

import math

import pytest

from dronepatrol.mavlink.dialect import dialect
from tests.sim.autopilot.rig import Rig

ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4
NAN = math.nan


@pytest.fixture
def rig() -> Rig:
    """A drone that has booted."""
    rig = Rig()
    rig.boot()
    return rig


def test_a_picture_is_taken_and_told(rig: Rig) -> None:
    """Each way to take a picture is answered by one CAMERA_FEEDBACK with place and number."""
    assert rig.command(dialect.MAV_CMD_IMAGE_START_CAPTURE, 0, 0, 1) == ACCEPTED
    assert rig.command(dialect.MAV_CMD_DO_DIGICAM_CONTROL, 0, 0, 0, 0, 1) == ACCEPTED
    rig.run(0.1)
    told = rig.client.of("CAMERA_FEEDBACK")
    assert [m.img_idx for m in told] == [1, 2]
    assert (told[0].lat, told[0].lng) == (300300000, 1208700000)
    assert rig.request("CAMERA_CAPTURE_STATUS").image_count == 2


def test_parameters_left_as_nan_do_no_harm(rig: Rig) -> None:
    """Clients send NaN for what they do not use."""
    assert rig.command(dialect.MAV_CMD_IMAGE_START_CAPTURE, 0, NAN, 1, NAN, NAN, NAN, NAN) == ACCEPTED
    rig.run(0.1)
    assert rig.autopilot.payload.pictures == 1


def test_pictures_by_time_until_stopped() -> None:
    """In flight a picture every 2 s is taken until IMAGE_STOP_CAPTURE."""
    rig = Rig()
    rig.take_off()
    rig.command(dialect.MAV_CMD_IMAGE_START_CAPTURE, 0, 2.0, 0)
    rig.run(9.0)
    assert rig.autopilot.payload.pictures == 5
    rig.command(dialect.MAV_CMD_IMAGE_STOP_CAPTURE)
    rig.run(5.0)
    assert rig.autopilot.payload.pictures == 5


def test_pictures_by_distance() -> None:
    """DO_SET_CAM_TRIGG_DIST takes a picture every 10 m flown."""
    rig = Rig()
    rig.take_off()
    assert rig.command(dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST, 10.0, 0, 1) == ACCEPTED
    lat_e7, lon_e7 = rig.place(55.0, 0.0)
    rig.command_int(dialect.MAV_CMD_DO_REPOSITION, 6, (-1, 1, 0, 0), lat_e7, lon_e7, 20.0)
    rig.run(25.0)
    assert len(rig.client.of("CAMERA_FEEDBACK")) == 1 + 5


def test_without_a_camera_there_are_no_pictures() -> None:
    """CAM1_TYPE 0, the reference's default, makes camera commands unsupported."""
    rig = Rig(parameters={"CAM1_TYPE": 0.0, "MNT1_TYPE": 0.0, "GRIP_ENABLE": 0.0})
    assert rig.command(dialect.MAV_CMD_IMAGE_START_CAPTURE, 0, 0, 1) == UNSUPPORTED
    assert rig.command(dialect.MAV_CMD_DO_MOUNT_CONTROL, -30, 0, 0) == UNSUPPORTED
    assert rig.command(dialect.MAV_CMD_DO_GRIPPER, 1, 1) == FAILED


def test_video(rig: Rig) -> None:
    """VIDEO_START_CAPTURE and VIDEO_STOP_CAPTURE show in the camera's status."""
    for command, recording in (
        (dialect.MAV_CMD_VIDEO_START_CAPTURE, 1),
        (dialect.MAV_CMD_VIDEO_STOP_CAPTURE, 0),
    ):
        assert rig.command(command, 0, 0) == ACCEPTED
        rig.run(0.1)
        assert rig.request("CAMERA_CAPTURE_STATUS").video_status == recording


def test_the_gimbal_is_turned(rig: Rig) -> None:
    """Both gimbal commands turn it, as far as it can, and its attitude is told."""
    assert rig.command(dialect.MAV_CMD_DO_MOUNT_CONTROL, -45, 0, 30, 0, 0, 0, 2) == ACCEPTED
    rig.run(0.1)
    w, x, y, z = rig.request("GIMBAL_DEVICE_ATTITUDE_STATUS").q
    assert math.degrees(math.asin(2 * (w * y - x * z))) == pytest.approx(-45.0, abs=0.1)
    assert rig.command(dialect.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW, -90, 0, NAN, NAN, 16) == ACCEPTED
    rig.run(0.1)
    assert rig.autopilot.payload.pitch_deg == -90.0
    assert rig.autopilot.payload.yaw_from_north
    assert rig.command(dialect.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW, NAN, 0) == FAILED


def test_servos(rig: Rig) -> None:
    """A free output moves; a motor's output, one that does not exist and nonsense fail."""
    servo = dialect.MAV_CMD_DO_SET_SERVO
    assert rig.command(servo, 9, 1700) == ACCEPTED
    rig.run(0.1)
    assert rig.request("SERVO_OUTPUT_RAW").servo9_raw == 1700
    assert rig.command(servo, 1, 1700) == FAILED
    assert rig.client.texts[-1] == "ServoRelayEvent: Channel 1 is already in use"
    for number, pulse in ((17, 1500), (0, 1500), (NAN, 1500), (9, NAN), (9, 1e9)):
        assert rig.command(servo, number, pulse) == FAILED


def test_relays(rig: Rig) -> None:
    """The one relay that is configured switches; others fail."""
    assert rig.command(dialect.MAV_CMD_DO_SET_RELAY, 0, 1) == ACCEPTED
    rig.run(0.1)
    status = rig.request("RELAY_STATUS")
    assert (status.on, status.present) == (1, 1)
    assert rig.command(dialect.MAV_CMD_DO_SET_RELAY, 0, 0) == ACCEPTED
    rig.run(0.1)
    assert rig.request("RELAY_STATUS").on == 0
    for number in (1, 6, -1, NAN):
        assert rig.command(dialect.MAV_CMD_DO_SET_RELAY, number, 1) == FAILED


def test_a_relay_repeats() -> None:
    """DO_REPEAT_RELAY switches to and fro and ends off."""
    rig = Rig()
    rig.take_off()
    assert rig.command(dialect.MAV_CMD_DO_REPEAT_RELAY, 0, 3, 2.0) == ACCEPTED
    seen = []
    for _ in range(80):
        rig.step()
        seen.append(rig.autopilot.payload.relays_on)
    rig.run(4.0)
    assert {0, 1} <= set(seen)
    assert rig.autopilot.payload.relays_on == 0


def test_the_gripper(rig: Rig) -> None:
    """The gripper grabs and lets go."""
    assert rig.command(dialect.MAV_CMD_DO_GRIPPER, 1, 1) == ACCEPTED
    rig.run(0.1)
    assert rig.autopilot.payload.gripper_closed is True
    assert rig.command(dialect.MAV_CMD_DO_GRIPPER, 1, 0) == ACCEPTED
    rig.run(0.1)
    assert rig.autopilot.payload.gripper_closed is False
    assert rig.command(dialect.MAV_CMD_DO_GRIPPER, 1, 5) == FAILED


def test_the_fence_is_switched(rig: Rig) -> None:
    """DO_FENCE_ENABLE and FENCE_ENABLE switch the fence; nonsense and a fence of nothing fail."""
    fence = dialect.MAV_CMD_DO_FENCE_ENABLE
    assert rig.command(fence, 1) == ACCEPTED
    status = rig.request("FENCE_STATUS")
    assert (status.breach_status, status.breach_count) == (0, 0)
    bit = dialect.MAV_SYS_STATUS_GEOFENCE
    assert rig.request("SYS_STATUS").onboard_control_sensors_enabled & bit
    assert rig.command(fence, 0) == ACCEPTED
    assert not rig.autopilot.fence.enabled
    rig.client.send(dialect.MAVLink_param_set_message(1, 1, b"FENCE_ENABLE", 1.0, 9))
    assert rig.autopilot.fence.enabled
    for setting in (5, NAN, -1):
        assert rig.command(fence, setting) == FAILED
    rig.autopilot.parameters.set("FENCE_TYPE", 0.0)
    assert rig.command(fence, 1) == FAILED
