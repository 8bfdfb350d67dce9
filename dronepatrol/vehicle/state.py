"""What is known of a vehicle, in SI units."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.modes import mode_name
from dronepatrol.model.position import Position


@dataclass(slots=True)
class VehicleState:
    """The last value heard of everything; NaN or None where nothing was heard yet.

    Attributes
    ----------
    altitude_home_m, altitude_amsl_m
        Above home and above mean sea level.
    velocity_ned_mps
        North, east, down.
    mission_seq
        The item being flown.
    mission_state
        `MISSION_STATE` of the dialect.
    reached
        Items reported as reached, in order.
    position_ok
        The estimator has an absolute horizontal position and is not in constant-position mode.
    prearm_ok
        The vehicle's own pre-arm checks pass.
    """

    mode: str = ""
    custom_mode: int = -1
    armed: bool = False
    system_status: int = 0
    position: Position | None = None
    altitude_home_m: float = math.nan
    altitude_amsl_m: float = math.nan
    velocity_ned_mps: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    heading_deg: float = math.nan
    rpy_rad: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    battery_left: float = math.nan
    battery_v: float = math.nan
    battery_a: float = math.nan
    gps_fix: int = 0
    mission_seq: int = 0
    mission_state: int = 0
    reached: list[int] = field(default_factory=list)
    position_ok: bool = False
    prearm_ok: bool = False
    texts: list[tuple[int, str]] = field(default_factory=list)

    def take(self, message: Message) -> None:
        """Update from one message of the vehicle's autopilot."""
        handler = _HANDLERS.get(message.get_msgId())
        if handler is not None:
            handler(self, message)


_POSITION_FLAGS = dialect.EKF_POS_HORIZ_ABS


def _heartbeat(state: VehicleState, message: Message) -> None:
    state.custom_mode = message.custom_mode
    state.mode = mode_name(message.custom_mode)
    state.armed = bool(message.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
    state.system_status = message.system_status


def _global_position(state: VehicleState, message: Message) -> None:
    state.position = Position(message.lon / 1e7, message.lat / 1e7)
    state.altitude_amsl_m = message.alt / 1e3
    state.altitude_home_m = message.relative_alt / 1e3
    state.velocity_ned_mps = (message.vx / 1e2, message.vy / 1e2, message.vz / 1e2)
    state.heading_deg = message.hdg / 1e2 if message.hdg != 65535 else math.nan


def _attitude(state: VehicleState, message: Message) -> None:
    state.rpy_rad = (message.roll, message.pitch, message.yaw)


def _system_status(state: VehicleState, message: Message) -> None:
    state.battery_left = message.battery_remaining / 100.0 if message.battery_remaining >= 0 else math.nan
    state.battery_v = message.voltage_battery / 1e3 if message.voltage_battery != 65535 else math.nan
    state.battery_a = message.current_battery / 1e2 if message.current_battery >= 0 else math.nan
    state.prearm_ok = bool(message.onboard_control_sensors_health & dialect.MAV_SYS_STATUS_PREARM_CHECK)


def _estimator(state: VehicleState, message: Message) -> None:
    absolute = bool(message.flags & _POSITION_FLAGS)
    constant = bool(message.flags & dialect.EKF_CONST_POS_MODE)
    state.position_ok = absolute and not constant


def _gps(state: VehicleState, message: Message) -> None:
    state.gps_fix = message.fix_type


def _mission_current(state: VehicleState, message: Message) -> None:
    state.mission_seq = message.seq
    state.mission_state = message.mission_state


def _reached(state: VehicleState, message: Message) -> None:
    state.reached.append(message.seq)


def _text(state: VehicleState, message: Message) -> None:
    state.texts.append((message.severity, message.text))


_HANDLERS = {
    dialect.MAVLINK_MSG_ID_HEARTBEAT: _heartbeat,
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: _global_position,
    dialect.MAVLINK_MSG_ID_ATTITUDE: _attitude,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: _system_status,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: _estimator,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT: _gps,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT: _mission_current,
    dialect.MAVLINK_MSG_ID_MISSION_ITEM_REACHED: _reached,
    dialect.MAVLINK_MSG_ID_STATUSTEXT: _text,
}
