"""What ArduCopter accepts as a mission item, and what it keeps of it.

The store of the real one has 15 bytes per item, so each command keeps its own narrow set of fields:
whole numbers are cut to the width of their field, altitudes to centimetres, and the rest reads back as
zero. Sources: what ArduCopter 4.7 was seen to answer, and the field widths and checks of its
`AP_Mission` (https://github.com/ArduPilot/ardupilot, libraries/AP_Mission).
"""

from __future__ import annotations

import ctypes
import math
import struct
from collections.abc import Callable
from dataclasses import replace
from enum import IntEnum

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import WireItem


class MissionResult(IntEnum):
    """How an item or a transfer was taken (`MAV_MISSION_RESULT`)."""

    ACCEPTED = dialect.MAV_MISSION_ACCEPTED
    ERROR = dialect.MAV_MISSION_ERROR
    UNSUPPORTED_FRAME = dialect.MAV_MISSION_UNSUPPORTED_FRAME
    UNSUPPORTED = dialect.MAV_MISSION_UNSUPPORTED
    NO_SPACE = dialect.MAV_MISSION_NO_SPACE
    INVALID = dialect.MAV_MISSION_INVALID
    INVALID_PARAM1 = dialect.MAV_MISSION_INVALID_PARAM1
    INVALID_PARAM2 = dialect.MAV_MISSION_INVALID_PARAM2
    INVALID_PARAM3 = dialect.MAV_MISSION_INVALID_PARAM3
    INVALID_PARAM4 = dialect.MAV_MISSION_INVALID_PARAM4
    INVALID_LATITUDE = dialect.MAV_MISSION_INVALID_PARAM5_X
    INVALID_LONGITUDE = dialect.MAV_MISSION_INVALID_PARAM6_Y
    INVALID_ALTITUDE = dialect.MAV_MISSION_INVALID_PARAM7
    INVALID_SEQUENCE = dialect.MAV_MISSION_INVALID_SEQUENCE
    DENIED = dialect.MAV_MISSION_DENIED
    CANCELLED = dialect.MAV_MISSION_OPERATION_CANCELLED


Params = tuple[float, float, float, float]
Keep = Callable[[float], float]

MAX_LATITUDE_E7 = 900_000_000
MAX_LONGITUDE_E7 = 1_800_000_000
MAX_ALTITUDE_M = 83_000.0
"""The 24 bits of centimetres of the real store hold no more."""


def single(value: float) -> float:
    """Return the nearest IEEE single, which is all that travels and is stored."""
    return float(ctypes.c_float(value).value)


def whole(value: float, bits: int, *, signed: bool) -> int:
    """Return a float cut to an integer field, wrapping as the conversion of an x86 processor does.

    The reference runs there: values beyond 32 bits and NaN become the smallest 32-bit integer first.
    """
    cut: int = math.trunc(value) if math.isfinite(value) and abs(value) < 2**31 else -(2**31)
    low = cut & ((1 << bits) - 1)
    return low - (1 << bits) if signed and low >> (bits - 1) else low


def _none(value: float) -> float:
    return 0.0


def _u8(value: float) -> float:
    return float(whole(value, 8, signed=False))


def _i8(value: float) -> float:
    return float(whole(value, 8, signed=True))


def _u16(value: float) -> float:
    return float(whole(value, 16, signed=False))


def _i16(value: float) -> float:
    return float(whole(value, 16, signed=True))


def _half(value: float) -> float:
    if not math.isfinite(value) or abs(value) >= 65_520.0:
        return math.copysign(math.inf, value)
    return float(struct.unpack("<e", struct.pack("<e", value))[0])


def _flag(value: float) -> float:
    return 1.0 if value > 0 else 0.0


def _keep(*kept: Keep) -> Callable[[Params], Params]:
    rules = (*kept, *([_none] * (4 - len(kept))))

    def apply(params: Params) -> Params:
        a, b, c, d = (rule(value) for rule, value in zip(rules, params, strict=True))
        return a, b, c, d

    return apply


def _loiter_unlimited(params: Params) -> Params:
    return 0.0, 0.0, math.copysign(_u16(abs(params[2])), params[2]) + 0.0, 0.0


def _loiter_turns(params: Params) -> Params:
    """Keep turns below one in 256ths, radii above 255 m in tens of metres."""
    turns, _, radius_m, exit_on_tangent = params
    kept_turns = math.floor(turns * 256) / 256 if 0 < turns < 1 else _u8(min(255.0, turns))
    kept_radius_m = _u8(abs(radius_m)) if abs(radius_m) <= 255 else 10.0 * min(255, int(abs(radius_m) / 10))
    return kept_turns, 0.0, -kept_radius_m if radius_m < 0 else kept_radius_m, _flag(exit_on_tangent)


def _loiter_time(params: Params) -> Params:
    return _u16(params[0]), 0.0, -1.0 if params[2] < 0 else 1.0, _flag(params[3])


def _loiter_to_altitude(params: Params) -> Params:
    radius_m = _u16(abs(params[1]))
    return 0.0, -radius_m if params[1] < 0 else radius_m, 0.0, _flag(params[3])


def _land(params: Params) -> Params:
    return _u16(params[0]), 0.0, 0.0, -1.0 if params[3] < 0 else 1.0


def _payload_place(params: Params) -> Params:
    return single(_u16(single(params[0] * 100)) / 100), 0.0, 0.0, 0.0


def _engine_control(params: Params) -> Params:
    height_m = single(_u16(single(params[2] * 100)) * 0.01)
    return _flag(params[0]), _flag(params[1]), height_m, float(whole(params[3], 32, signed=False) & 1)


def _attitude_time(params: Params) -> Params:
    time_s, roll_deg, pitch_deg, yaw_deg = params
    return (
        _u16(min(max(time_s, 0.0), 65_535.0)),
        _i16(roll_deg) if abs(roll_deg) <= 180 else 0.0,
        _i8(pitch_deg) if abs(pitch_deg) <= 90 else 0.0,
        _i16(yaw_deg) if -180 <= yaw_deg <= 360 else 0.0,
    )


_LOCATED: dict[int, Callable[[Params], Params]] = {
    dialect.MAV_CMD_NAV_WAYPOINT: _keep(_u16),
    dialect.MAV_CMD_NAV_LOITER_UNLIM: _loiter_unlimited,
    dialect.MAV_CMD_NAV_LOITER_TURNS: _loiter_turns,
    dialect.MAV_CMD_NAV_LOITER_TIME: _loiter_time,
    dialect.MAV_CMD_NAV_LAND: _land,
    dialect.MAV_CMD_NAV_TAKEOFF: _keep(_u16),
    dialect.MAV_CMD_NAV_CONTINUE_AND_CHANGE_ALT: _keep(_u16),
    dialect.MAV_CMD_NAV_LOITER_TO_ALT: _loiter_to_altitude,
    dialect.MAV_CMD_NAV_SPLINE_WAYPOINT: _keep(_u16),
    dialect.MAV_CMD_NAV_GUIDED_ENABLE: _keep(_u16),
    dialect.MAV_CMD_NAV_VTOL_TAKEOFF: _keep(),
    dialect.MAV_CMD_NAV_VTOL_LAND: _keep(_u16),
    dialect.MAV_CMD_NAV_PAYLOAD_PLACE: _payload_place,
    dialect.MAV_CMD_DO_SET_HOME: _keep(_u16),
    dialect.MAV_CMD_DO_RETURN_PATH_START: _keep(),
    dialect.MAV_CMD_DO_LAND_START: _keep(),
    dialect.MAV_CMD_DO_GO_AROUND: _keep(),
    dialect.MAV_CMD_DO_SET_ROI_LOCATION: _keep(_u16),
    dialect.MAV_CMD_DO_SET_ROI: _keep(_u16),
}
"""Commands stored with a position, and what is kept of their parameters."""

_PLAIN: dict[int, Callable[[Params], Params]] = {
    dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH: _keep(),
    dialect.MAV_CMD_NAV_ALTITUDE_WAIT: _keep(single, single, _u8),
    dialect.MAV_CMD_NAV_DELAY: _keep(single, _i16, _i16, _i16),
    dialect.MAV_CMD_CONDITION_DELAY: _keep(single),
    dialect.MAV_CMD_CONDITION_DISTANCE: _keep(single),
    dialect.MAV_CMD_CONDITION_YAW: _keep(single, single, _i8, _u8),
    dialect.MAV_CMD_DO_JUMP: _keep(_u16, _i16),
    dialect.MAV_CMD_JUMP_TAG: _keep(_u16),
    dialect.MAV_CMD_DO_JUMP_TAG: _keep(_u16, _i16),
    dialect.MAV_CMD_DO_CHANGE_SPEED: _keep(_u8, single, single),
    dialect.MAV_CMD_DO_SET_RELAY: _keep(_u8, _u8),
    dialect.MAV_CMD_DO_REPEAT_RELAY: _keep(_u8, _i16, single),
    dialect.MAV_CMD_DO_SET_SERVO: _keep(_u8, _u16),
    dialect.MAV_CMD_DO_REPEAT_SERVO: _keep(_u8, _u16, _i16, single),
    dialect.MAV_CMD_DO_PAUSE_CONTINUE: _keep(_u16),
    dialect.MAV_CMD_DO_SET_REVERSE: _keep(_u16),
    dialect.MAV_CMD_DO_SET_ROI_NONE: _keep(_u16),
    dialect.MAV_CMD_DO_DIGICAM_CONFIGURE: _keep(_u8, _u16, _u8, _u16),
    dialect.MAV_CMD_DO_DIGICAM_CONTROL: _keep(_u8, _u8, _i8, _u8),
    dialect.MAV_CMD_DO_MOUNT_CONTROL: _keep(single, single, single),
    dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST: _keep(single, _none, _u8),
    dialect.MAV_CMD_DO_FENCE_ENABLE: _keep(_u16),
    dialect.MAV_CMD_DO_PARACHUTE: _keep(_u16),
    dialect.MAV_CMD_DO_INVERTED_FLIGHT: _keep(_u16),
    dialect.MAV_CMD_DO_GRIPPER: _keep(_u8, _u8),
    dialect.MAV_CMD_DO_AUTOTUNE_ENABLE: _keep(_u16),
    dialect.MAV_CMD_NAV_SET_YAW_SPEED: _keep(single, single, _u8),
    dialect.MAV_CMD_DO_SET_RESUME_REPEAT_DIST: _keep(_u16),
    dialect.MAV_CMD_DO_SPRAYER: _keep(_u16),
    dialect.MAV_CMD_DO_SEND_SCRIPT_MESSAGE: _keep(_u16, single, single, single),
    dialect.MAV_CMD_DO_AUX_FUNCTION: _keep(_u16, _u8),
    dialect.MAV_CMD_DO_GUIDED_LIMITS: _keep(_u16, single, single, single),
    dialect.MAV_CMD_DO_ENGINE_CONTROL: _engine_control,
    dialect.MAV_CMD_SET_CAMERA_ZOOM: _keep(_u8, single),
    dialect.MAV_CMD_SET_CAMERA_FOCUS: _keep(_u8, single),
    dialect.MAV_CMD_SET_CAMERA_SOURCE: _keep(_u8, _u8, _u8),
    dialect.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: _keep(_i8, _i16, _i8, _i8),
    dialect.MAV_CMD_IMAGE_START_CAPTURE: _keep(_u8, single, _u16, _u16),
    dialect.MAV_CMD_IMAGE_STOP_CAPTURE: _keep(_u16),
    dialect.MAV_CMD_VIDEO_START_CAPTURE: _keep(_u8),
    dialect.MAV_CMD_VIDEO_STOP_CAPTURE: _keep(_u8),
    dialect.MAV_CMD_DO_VTOL_TRANSITION: _keep(_u8),
    dialect.MAV_CMD_DO_WINCH: _keep(_u8, _u8, single, single),
    dialect.MAV_CMD_NAV_SCRIPT_TIME: _keep(_u8, _u8, _half, _half),
    dialect.MAV_CMD_NAV_ATTITUDE_TIME: _attitude_time,
}
"""Commands stored without a position, and what is kept of their parameters."""

_KEPT_XYZ: dict[int, tuple[Keep, Keep, Keep]] = {
    dialect.MAV_CMD_DO_DIGICAM_CONFIGURE: (_u8, _u8, single),
    dialect.MAV_CMD_DO_DIGICAM_CONTROL: (_u8, _u8, _none),
    dialect.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: (_u8, _none, _u8),
    dialect.MAV_CMD_NAV_SCRIPT_TIME: (_i16, _i16, _none),
    dialect.MAV_CMD_NAV_ATTITUDE_TIME: (single, _none, _none),
}
"""Commands without a position that use x, y or z for something else."""

RAW_XY = frozenset(
    {
        dialect.MAV_CMD_DO_DIGICAM_CONFIGURE,
        dialect.MAV_CMD_DO_DIGICAM_CONTROL,
        dialect.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
        dialect.MAV_CMD_NAV_ATTITUDE_TIME,
    }
)
"""Commands whose x and y are not degrees in MISSION_ITEM."""

SUPPORTED_COMMANDS = frozenset(_LOCATED) | frozenset(_PLAIN)
"""Every command that a mission may hold."""


def has_position(command: int) -> bool:
    """Tell whether a command of a mission is kept with latitude, longitude, altitude and frame."""
    return command in _LOCATED


_NAN_ALLOWED: dict[int, frozenset[int]] = {
    dialect.MAV_CMD_NAV_WAYPOINT: frozenset({3}),
    dialect.MAV_CMD_NAV_LAND: frozenset({3}),
    dialect.MAV_CMD_NAV_TAKEOFF: frozenset({3}),
    dialect.MAV_CMD_NAV_VTOL_TAKEOFF: frozenset({3}),
    dialect.MAV_CMD_NAV_VTOL_LAND: frozenset({2, 3}),
}
"""Zero-based parameters that may be NaN ("as it is") by command."""

KEPT_FRAMES: dict[int, int] = {
    dialect.MAV_FRAME_GLOBAL: dialect.MAV_FRAME_GLOBAL,
    dialect.MAV_FRAME_GLOBAL_INT: dialect.MAV_FRAME_GLOBAL,
    dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT: dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT,
    dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT: dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT,
    dialect.MAV_FRAME_GLOBAL_TERRAIN_ALT: dialect.MAV_FRAME_GLOBAL_TERRAIN_ALT,
    dialect.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT: dialect.MAV_FRAME_GLOBAL_TERRAIN_ALT,
}
"""Frame that an item reads back in, by the frame it was sent in."""


def centimetres(altitude_m: float) -> float:
    """Return an altitude as the store keeps and reports it, metres cut to centimetres."""
    return single(whole(single(altitude_m * 100.0), 32, signed=True) * single(0.01))


def check_position(item: WireItem) -> MissionResult:
    """Return what is wrong with latitude or longitude, or ACCEPTED."""
    if abs(item.x) > MAX_LATITUDE_E7:
        return MissionResult.INVALID_LATITUDE
    if abs(item.y) > MAX_LONGITUDE_E7:
        return MissionResult.INVALID_LONGITUDE
    return MissionResult.ACCEPTED


def _check_params(item: WireItem) -> MissionResult:
    may_be_nan = _NAN_ALLOWED.get(item.command, frozenset())
    for index, value in enumerate(item.params):
        if math.isinf(value) or (math.isnan(value) and index not in may_be_nan):
            return MissionResult(MissionResult.INVALID_PARAM1 + index)
    return MissionResult.ACCEPTED


def _located(item: WireItem, params: Params) -> WireItem | MissionResult:
    if (wrong := check_position(item)) is not MissionResult.ACCEPTED:
        return wrong
    if math.isnan(item.z) or abs(item.z) >= MAX_ALTITUDE_M:
        return MissionResult.INVALID_ALTITUDE
    frames = KEPT_FRAMES | {dialect.MAV_FRAME_MISSION: dialect.MAV_FRAME_GLOBAL}
    if item.frame not in frames:
        return MissionResult.UNSUPPORTED_FRAME
    return replace(item, frame=frames[item.frame], params=params, z=centimetres(item.z))


def mission_item(item: WireItem) -> WireItem | MissionResult:
    """Return a mission item as the vehicle keeps it, or why it is refused.

    The checks run in the order of the real one: parameters, command, latitude, longitude, altitude,
    frame. The target of a jump is the list's to check, since it depends on its length.
    """
    if (wrong := _check_params(item)) is not MissionResult.ACCEPTED:
        return wrong
    if item.command in (0, 1):
        return MissionResult.INVALID
    item = replace(item, current=0, autocontinue=1)
    if item.command in _LOCATED:
        return _located(item, _LOCATED[item.command](item.params))
    if item.command not in _PLAIN:
        return MissionResult.UNSUPPORTED
    keep_x, keep_y, keep_z = _KEPT_XYZ.get(item.command, (_none, _none, _none))
    return replace(
        item,
        frame=dialect.MAV_FRAME_GLOBAL,
        params=_PLAIN[item.command](item.params),
        x=int(keep_x(item.x)),
        y=int(keep_y(item.y)),
        z=keep_z(item.z),
    )
