"""COMMAND_LONG and COMMAND_INT, answered as ArduCopter does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.streams import BUILDERS, STREAM_GROUPS

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

ACCEPTED: int = dialect.MAV_RESULT_ACCEPTED
DENIED: int = dialect.MAV_RESULT_DENIED
UNSUPPORTED: int = dialect.MAV_RESULT_UNSUPPORTED
FAILED: int = dialect.MAV_RESULT_FAILED
FORCE_DISARM = 21196
"""Magic second parameter of MAV_CMD_COMPONENT_ARM_DISARM."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command with the differences of COMMAND_LONG and COMMAND_INT removed.

    Attributes
    ----------
    p
        Parameters 1 to 4.
    lat_e7, lon_e7, z
        Parameters 5 to 7 as a position, where the command has one.
    """

    command: int
    p: tuple[float, float, float, float]
    lat_e7: int
    lon_e7: int
    z: float
    frame: int
    p5: float
    p6: float

    @classmethod
    def from_message(cls, message: Message) -> Order:
        """Read either message."""
        p = (message.param1, message.param2, message.param3, message.param4)
        if message.get_msgId() == dialect.MAVLINK_MSG_ID_COMMAND_INT:
            return cls(
                message.command, p, message.x, message.y, message.z, message.frame, message.x, message.y
            )
        p5, p6, p7 = message.param5, message.param6, message.param7
        lat = degrees_e7(p5) if math.isfinite(p5) and abs(p5) <= 90 else 0
        lon = degrees_e7(p6) if math.isfinite(p6) and abs(p6) <= 180 else 0
        return cls(message.command, p, lat, lon, p7, dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT, p5, p6)


class CommandService:
    """Executes commands for one autopilot and acknowledges each."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.handlers = {
            dialect.MAVLINK_MSG_ID_COMMAND_LONG: self._receive,
            dialect.MAVLINK_MSG_ID_COMMAND_INT: self._receive,
            dialect.MAVLINK_MSG_ID_SET_MODE: self._set_mode_message,
            dialect.MAVLINK_MSG_ID_REQUEST_DATA_STREAM: self._data_stream,
        }
        self._orders: dict[int, Callable[[Channel, Order], int]] = {
            dialect.MAV_CMD_COMPONENT_ARM_DISARM: self._arm_disarm,
            dialect.MAV_CMD_DO_SET_MODE: self._set_mode,
            dialect.MAV_CMD_NAV_TAKEOFF: self._takeoff,
            dialect.MAV_CMD_NAV_LAND: self._land,
            dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH: self._return_home,
            dialect.MAV_CMD_MISSION_START: self._start_mission,
            dialect.MAV_CMD_SET_MESSAGE_INTERVAL: self._set_interval,
            dialect.MAV_CMD_REQUEST_MESSAGE: self._request_message,
            dialect.MAV_CMD_DO_CHANGE_SPEED: self._change_speed,
            dialect.MAV_CMD_DO_PAUSE_CONTINUE: self._pause,
            dialect.MAV_CMD_RUN_PREARM_CHECKS: self._run_checks,
            dialect.MAV_CMD_DO_SET_MISSION_CURRENT: self._set_current,
        }

    def _receive(self, channel: Channel, message: Message) -> None:
        order = Order.from_message(message)
        handler = self._orders.get(order.command)
        result = UNSUPPORTED if handler is None else handler(channel, order)
        channel.send(
            dialect.MAVLink_command_ack_message(
                order.command, result, 0, 0, message.get_srcSystem(), message.get_srcComponent()
            )
        )

    def _set_mode_message(self, _channel: Channel, message: Message) -> None:
        if message.base_mode & dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
            self._autopilot.set_mode(message.custom_mode)

    def _data_stream(self, channel: Channel, message: Message) -> None:
        rate_hz = message.req_message_rate if message.start_stop else 0
        interval_s = 1.0 / rate_hz if rate_hz else 0.0
        for number in STREAM_GROUPS.get(message.req_stream_id, ()):
            channel.set_interval(number, interval_s, self._autopilot.now_s)

    def _arm_disarm(self, _channel: Channel, order: Order) -> int:
        force = order.p[1] == FORCE_DISARM
        if order.p[0] == 1.0:
            return ACCEPTED if self._autopilot.arm() else FAILED
        if order.p[0] == 0.0:
            return ACCEPTED if self._autopilot.disarm(force=force) else FAILED
        return UNSUPPORTED

    def _set_mode(self, _channel: Channel, order: Order) -> int:
        if not int(order.p[0]) & dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
            return DENIED
        return ACCEPTED if self._autopilot.set_mode(int(order.p[1])) else FAILED

    def _takeoff(self, _channel: Channel, order: Order) -> int:
        if not math.isfinite(order.z):
            return FAILED
        return ACCEPTED if self._autopilot.pilot.takeoff(order.z) else FAILED

    def _land(self, _channel: Channel, _order: Order) -> int:
        return ACCEPTED if self._autopilot.set_mode(dialect.COPTER_MODE_LAND) else FAILED

    def _return_home(self, _channel: Channel, _order: Order) -> int:
        return ACCEPTED if self._autopilot.set_mode(dialect.COPTER_MODE_RTL) else FAILED

    def _start_mission(self, _channel: Channel, _order: Order) -> int:
        if not self._autopilot.set_mode(dialect.COPTER_MODE_AUTO):
            return FAILED
        self._autopilot.pilot.start_mission()
        return ACCEPTED

    def _set_interval(self, channel: Channel, order: Order) -> int:
        number = int(order.p[0])
        if number not in BUILDERS:
            return FAILED if number in dialect.mavlink_map else DENIED
        interval_us = order.p[1]
        if math.isfinite(interval_us):
            channel.set_interval(number, interval_us / 1e6, self._autopilot.now_s)
        return ACCEPTED

    def _request_message(self, channel: Channel, order: Order) -> int:
        return ACCEPTED if self._autopilot.send_once(channel, int(order.p[0])) else FAILED

    def _change_speed(self, _channel: Channel, order: Order) -> int:
        kind, speed_mps = int(order.p[0]), order.p[1]
        if kind not in (0, 1, 2, 3) or not speed_mps > 0.0:
            return FAILED
        return ACCEPTED if self._autopilot.pilot.set_speed(speed_mps, kind) else FAILED

    def _pause(self, _channel: Channel, order: Order) -> int:
        if order.p[0] not in (0.0, 1.0):
            return DENIED
        pilot = self._autopilot.pilot
        done = pilot.resume() if order.p[0] == 1.0 else pilot.pause()
        return ACCEPTED if done else FAILED

    def _run_checks(self, _channel: Channel, _order: Order) -> int:
        self._autopilot.run_prearm_checks(report=True)
        return ACCEPTED

    def _set_current(self, _channel: Channel, order: Order) -> int:
        if not math.isfinite(order.p[0]):
            return DENIED
        return ACCEPTED if self._autopilot.set_current(int(order.p[0])) else DENIED
