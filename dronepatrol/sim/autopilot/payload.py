"""What hangs on a simulated drone: camera, gimbal, servos, relays, gripper; and the messages about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import degrees, radians
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.measurements import Builder, quaternion
from dronepatrol.sim.autopilot.snapshot import Snapshot
from dronepatrol.sim.motion import events

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

RELAYS = 6
SERVOS = 16
MOTORS = 4
RELAY_FUNCTION_RELAY = 1
STICKS_AT_REST = (1500, 1500, 1000, 1500, 1800, 1000, 1000, 1800)
"""What the reference simulator's radio control gives: throttle at its minimum."""
PITCH_DEG = (-90.0, 20.0)
YAW_DEG = (-180.0, 180.0)
GIMBAL_DEVICE = 1
_ROLL_PITCH_LOCK = dialect.GIMBAL_DEVICE_FLAGS_ROLL_LOCK | dialect.GIMBAL_DEVICE_FLAGS_PITCH_LOCK
_GIMBAL_CAN = (
    dialect.GIMBAL_MANAGER_CAP_FLAGS_HAS_PITCH_AXIS
    | dialect.GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_AXIS
    | dialect.GIMBAL_MANAGER_CAP_FLAGS_HAS_YAW_LOCK
    | dialect.GIMBAL_MANAGER_CAP_FLAGS_CAN_POINT_LOCATION_GLOBAL
)


@dataclass(slots=True)
class Payload:
    """The state of everything that is carried.

    Attributes
    ----------
    pictures
        Taken since power-on.
    recording
        Whether video is being recorded.
    pitch_deg, roll_deg, yaw_deg
        The gimbal's attitude; yaw from the nose, or from north if `yaw_from_north`.
    servos_us
        Pulse widths set on outputs that are no motors.
    relays_on
        Bit n for relay n.
    gripper_closed
        None before the gripper was first told anything.
    sticks_us
        Pulse widths of the radio control channels.
    """

    pictures: int = 0
    recording: bool = False
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    yaw_deg: float = 0.0
    yaw_from_north: bool = False
    servos_us: dict[int, int] = field(default_factory=dict)
    relays_on: int = 0
    gripper_closed: bool | None = None
    sticks_us: list[int] = field(default_factory=lambda: list(STICKS_AT_REST))

    def take(self, event: events.Event) -> None:
        """Follow what the pilot did."""
        match event:
            case events.ServoSet(channel, pwm_us):
                self.servos_us[channel] = pwm_us
            case events.RelaySet(relay, on):
                bit = 1 << relay if 0 <= relay < RELAYS else 0
                self.relays_on = self.relays_on | bit if on else self.relays_on & ~bit
            case events.GripperSet(_, grab):
                self.gripper_closed = grab
            case events.GimbalSet(pitch_deg, roll_deg, yaw_deg, earth_frame):
                self.pitch_deg = min(max(pitch_deg, PITCH_DEG[0]), PITCH_DEG[1])
                self.roll_deg, self.yaw_deg, self.yaw_from_north = roll_deg, yaw_deg, earth_frame
            case events.VideoStarted():
                self.recording = True
            case events.VideoStopped():
                self.recording = False
            case _:
                pass


class PayloadMessages:
    """Builds the messages about the payload of one drone."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._payload = autopilot.payload
        self.builders: dict[int, Builder] = {
            dialect.MAVLINK_MSG_ID_RC_CHANNELS: self._radio_control,
            dialect.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: self._servos,
            dialect.MAVLINK_MSG_ID_RELAY_STATUS: self._relays,
            dialect.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: self._gimbal,
            dialect.MAVLINK_MSG_ID_GIMBAL_MANAGER_INFORMATION: self._gimbal_manager,
            dialect.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS: self._gimbal_status,
            dialect.MAVLINK_MSG_ID_CAMERA_INFORMATION: self._camera_information,
            dialect.MAVLINK_MSG_ID_CAMERA_SETTINGS: self._camera_settings,
            dialect.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS: self._capture_status,
        }

    def picture(self) -> Message:
        """Return the CAMERA_FEEDBACK of a picture taken now."""
        state, payload = self._autopilot.state, self._payload
        payload.pictures += 1
        roll, pitch, yaw = (degrees(angle) for angle in state.rpy_rad)
        return dialect.MAVLink_camera_feedback_message(
            round(state.unix_s * 1e6),
            0,
            0,
            payload.pictures & 0xFFFF,
            state.lat_e7,
            state.lon_e7,
            state.altitude_amsl_m,
            state.altitude_home_m,
            roll,
            pitch,
            yaw % 360.0,
            0.0,
            dialect.CAMERA_FEEDBACK_PHOTO,
            payload.pictures & 0xFFFF,
        )

    def _radio_control(self, s: Snapshot) -> Message:
        sticks = self._payload.sticks_us
        lost = self._autopilot.faults.rc_lost
        return dialect.MAVLink_rc_channels_message(
            round(s.boot_s * 1e3), 0 if lost else len(sticks), *sticks, *([0] * 10), 0 if lost else 255
        )

    def _servos(self, s: Snapshot) -> Message:
        outputs = [*s.motors_us, *([0] * (SERVOS - MOTORS))]
        for number, pulse_us in self._payload.servos_us.items():
            if MOTORS < number <= SERVOS:
                outputs[number - 1] = pulse_us
        return dialect.MAVLink_servo_output_raw_message(round(s.boot_s * 1e6) & 0xFFFFFFFF, 0, *outputs)

    def _relays(self, s: Snapshot) -> Message:
        present = sum(1 << n for n in range(RELAYS) if self.has_relay(n))
        return dialect.MAVLink_relay_status_message(
            round(s.boot_s * 1e3), self._payload.relays_on & present, present
        )

    def has_relay(self, number: int) -> bool:
        """Whether RELAYn_FUNCTION makes this a relay."""
        if not 0 <= number < RELAYS:
            return False
        return int(self._autopilot.parameters[f"RELAY{number + 1}_FUNCTION"]) == RELAY_FUNCTION_RELAY

    def _gimbal(self, s: Snapshot) -> Message | None:
        if not self._autopilot.parameters["MNT1_TYPE"]:
            return None
        payload = self._payload
        flags = _ROLL_PITCH_LOCK
        if payload.yaw_from_north:
            flags |= dialect.GIMBAL_DEVICE_FLAGS_YAW_LOCK
        angles = (radians(payload.roll_deg), radians(payload.pitch_deg), radians(payload.yaw_deg))
        return dialect.MAVLink_gimbal_device_attitude_status_message(
            0,
            0,
            round(s.boot_s * 1e3),
            flags,
            list(quaternion(*angles)),
            0.0,
            0.0,
            0.0,
            0,
            0.0,
            0.0,
            GIMBAL_DEVICE,
        )

    def _gimbal_manager(self, s: Snapshot) -> Message | None:
        if not self._autopilot.parameters["MNT1_TYPE"]:
            return None
        ends = [radians(end) for end in (*PITCH_DEG, *YAW_DEG)]
        return dialect.MAVLink_gimbal_manager_information_message(
            round(s.boot_s * 1e3), _GIMBAL_CAN, GIMBAL_DEVICE, 0.0, 0.0, *ends
        )

    def _gimbal_status(self, s: Snapshot) -> Message | None:
        if not self._autopilot.parameters["MNT1_TYPE"]:
            return None
        return dialect.MAVLink_gimbal_manager_status_message(
            round(s.boot_s * 1e3), _ROLL_PITCH_LOCK, GIMBAL_DEVICE, 0, 0, 0, 0
        )

    def _camera_information(self, s: Snapshot) -> Message | None:
        if not self._autopilot.parameters["CAM1_TYPE"]:
            return None
        can = dialect.CAMERA_CAP_FLAGS_CAPTURE_IMAGE | dialect.CAMERA_CAP_FLAGS_CAPTURE_VIDEO
        can |= dialect.CAMERA_CAP_FLAGS_CAN_CAPTURE_IMAGE_IN_VIDEO_MODE
        vendor, model = list(b"dronepatrol".ljust(32, b"\0")), list(b"simulated".ljust(32, b"\0"))
        nan = float("nan")
        return dialect.MAVLink_camera_information_message(
            round(s.boot_s * 1e3), vendor, model, 0, nan, nan, nan, 0, 0, 0, can, 0, b"", GIMBAL_DEVICE, 1
        )

    def _camera_settings(self, s: Snapshot) -> Message | None:
        if not self._autopilot.parameters["CAM1_TYPE"]:
            return None
        nan = float("nan")
        return dialect.MAVLink_camera_settings_message(
            round(s.boot_s * 1e3), int(self._payload.recording), nan, nan, 1
        )

    def _capture_status(self, s: Snapshot) -> Message | None:
        if not self._autopilot.parameters["CAM1_TYPE"]:
            return None
        payload = self._payload
        nan = float("nan")
        return dialect.MAVLink_camera_capture_status_message(
            round(s.boot_s * 1e3), 0, int(payload.recording), nan, 0, nan, payload.pictures, 1
        )
