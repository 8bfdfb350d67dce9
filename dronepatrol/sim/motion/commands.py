"""Numbers of modes, mission commands and frames, as MAVLink and ArduCopter define them."""

from __future__ import annotations

from enum import IntEnum


class Mode(IntEnum):
    """ArduCopter's custom modes that are simulated."""

    STABILIZE = 0
    ALT_HOLD = 2
    AUTO = 3
    GUIDED = 4
    LOITER = 5
    RTL = 6
    CIRCLE = 7
    LAND = 9
    POSHOLD = 16
    BRAKE = 17
    SMART_RTL = 21


class ModeReason(IntEnum):
    """Why a mode was changed (ArduPilot's ModeReason)."""

    UNKNOWN = 0
    RC_COMMAND = 1
    GCS_COMMAND = 2
    RADIO_FAILSAFE = 3
    BATTERY_FAILSAFE = 4
    GCS_FAILSAFE = 5
    EKF_FAILSAFE = 6
    FENCE_BREACHED = 10
    TERRAIN_FAILSAFE = 11
    MISSION_END = 16
    MISSION_COMMAND = 26


class Command(IntEnum):
    """Commands of mission items (MAV_CMD)."""

    WAYPOINT = 16
    LOITER_UNLIMITED = 17
    LOITER_TURNS = 18
    LOITER_TIME = 19
    RETURN_TO_LAUNCH = 20
    LAND = 21
    TAKEOFF = 22
    SPLINE_WAYPOINT = 82
    GUIDED_ENABLE = 92
    DELAY = 93
    CONDITION_DELAY = 112
    CONDITION_DISTANCE = 114
    CONDITION_YAW = 115
    SET_MODE = 176
    JUMP = 177
    CHANGE_SPEED = 178
    SET_HOME = 179
    SET_RELAY = 181
    REPEAT_RELAY = 182
    SET_SERVO = 183
    REPEAT_SERVO = 184
    RETURN_PATH_START = 188
    LAND_START = 189
    ROI_LOCATION = 195
    ROI_NONE = 197
    SET_ROI = 201
    DIGICAM_CONFIGURE = 202
    DIGICAM_CONTROL = 203
    MOUNT_CONTROL = 205
    CAMERA_TRIGGER_DISTANCE = 206
    FENCE_ENABLE = 207
    GRIPPER = 211
    JUMP_TAG = 600
    DO_JUMP_TAG = 601
    GIMBAL_PITCH_YAW = 1000
    IMAGE_START = 2000
    IMAGE_STOP = 2001
    VIDEO_START = 2500
    VIDEO_STOP = 2501


class Frame(IntEnum):
    """Frames of an item's altitude (MAV_FRAME)."""

    AMSL = 0
    MISSION = 2
    HOME = 3
    AMSL_INT = 5
    HOME_INT = 6
    TERRAIN = 10
    TERRAIN_INT = 11


class LandedState(IntEnum):
    """MAV_LANDED_STATE."""

    UNDEFINED = 0
    ON_GROUND = 1
    IN_AIR = 2
    TAKEOFF = 3
    LANDING = 4


class MissionState(IntEnum):
    """MISSION_STATE."""

    UNKNOWN = 0
    NO_MISSION = 1
    NOT_STARTED = 2
    ACTIVE = 3
    PAUSED = 4
    COMPLETE = 5


NAMES: dict[int, str] = {
    Command.WAYPOINT: "WP",
    Command.LOITER_UNLIMITED: "LoitUnlim",
    Command.LOITER_TURNS: "LoitTurns",
    Command.LOITER_TIME: "LoitTime",
    Command.RETURN_TO_LAUNCH: "RTL",
    Command.LAND: "Land",
    Command.TAKEOFF: "Takeoff",
    Command.SPLINE_WAYPOINT: "SplineWP",
    Command.GUIDED_ENABLE: "NavGuidedEnable",
    Command.DELAY: "Delay",
    Command.CONDITION_DELAY: "CondDelay",
    Command.CONDITION_DISTANCE: "CondDist",
    Command.CONDITION_YAW: "CondYaw",
    Command.JUMP: "Jump",
    Command.CHANGE_SPEED: "ChangeSpeed",
    Command.SET_HOME: "SetHome",
    Command.SET_RELAY: "SetRelay",
    Command.REPEAT_RELAY: "RepeatRelay",
    Command.SET_SERVO: "SetServo",
    Command.REPEAT_SERVO: "RepeatServo",
    Command.RETURN_PATH_START: "ReturnPathStart",
    Command.LAND_START: "LandStart",
    Command.ROI_LOCATION: "SetROI",
    Command.ROI_NONE: "SetROINone",
    Command.SET_ROI: "SetROI",
    Command.DIGICAM_CONFIGURE: "DigiCamCfg",
    Command.DIGICAM_CONTROL: "DigiCamCtrl",
    Command.MOUNT_CONTROL: "MountControl",
    Command.CAMERA_TRIGGER_DISTANCE: "SetCamTrigDst",
    Command.FENCE_ENABLE: "FenceEnable",
    Command.GRIPPER: "Gripper",
    Command.JUMP_TAG: "Tag",
    Command.DO_JUMP_TAG: "JumpToTag",
    Command.GIMBAL_PITCH_YAW: "GimbalPitchYaw",
    Command.IMAGE_START: "ImageStartCapture",
    Command.IMAGE_STOP: "ImageStopCapture",
    Command.VIDEO_START: "VideoStartCapture",
    Command.VIDEO_STOP: "VideoStopCapture",
}
"""How ArduPilot names an item in its text "Mission: N NAME"."""

NAVIGATION = frozenset(
    {
        Command.WAYPOINT,
        Command.LOITER_UNLIMITED,
        Command.LOITER_TURNS,
        Command.LOITER_TIME,
        Command.RETURN_TO_LAUNCH,
        Command.LAND,
        Command.TAKEOFF,
        Command.SPLINE_WAYPOINT,
        Command.GUIDED_ENABLE,
        Command.DELAY,
    }
)
"""Items that the vehicle flies; all others are done on the way to the next of these."""
