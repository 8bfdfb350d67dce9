"""Commands that ask for messages: once, at an interval, as a stream."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.commands.order import ACCEPTED, DENIED, FAILED, Order, OrderHandler
from dronepatrol.sim.autopilot.streams import stream_groups

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

FASTEST_S = 0.001
DEFAULT, STOP = 0, -1
"""Second parameter of MAV_CMD_SET_MESSAGE_INTERVAL with a meaning of its own."""
PARAMETER_CHANNELS = 3
"""Channels that have rate parameters: MAV1_ to MAV3_."""


class MessageOrders:
    """Message requests of one autopilot."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.orders: dict[int, OrderHandler] = {
            dialect.MAV_CMD_SET_MESSAGE_INTERVAL: self._set_interval,
            dialect.MAV_CMD_GET_MESSAGE_INTERVAL: self._get_interval,
            dialect.MAV_CMD_REQUEST_MESSAGE: self._request_message,
            dialect.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES: self._version,
            dialect.MAV_CMD_GET_HOME_POSITION: self._home,
            dialect.MAV_CMD_REQUEST_CAMERA_INFORMATION: self._one(dialect.MAVLINK_MSG_ID_CAMERA_INFORMATION),
            dialect.MAV_CMD_REQUEST_CAMERA_SETTINGS: self._one(dialect.MAVLINK_MSG_ID_CAMERA_SETTINGS),
            dialect.MAV_CMD_REQUEST_CAMERA_CAPTURE_STATUS: self._one(
                dialect.MAVLINK_MSG_ID_CAMERA_CAPTURE_STATUS
            ),
        }

    def data_stream(self, channel: Channel, message: Message) -> None:
        """Take REQUEST_DATA_STREAM, which has no acknowledgement."""
        rate_hz = message.req_message_rate if message.start_stop == 1 else 0
        interval_s = 1.0 / rate_hz if rate_hz else 0.0
        for name, numbers in stream_groups(message.req_stream_id):
            for number in numbers:
                channel.set_interval(number, interval_s, self._autopilot.now_s)
            if channel.number < PARAMETER_CHANNELS:
                self._autopilot.parameters.set(f"MAV{channel.number + 1}_{name}", float(rate_hz))

    def _set_interval(self, channel: Channel, order: Order) -> int:
        number, interval_us = order.whole(1), order.p[1]
        if number is None or not self._autopilot.can_stream(number):
            return DENIED
        if not math.isfinite(interval_us):
            return DENIED
        if interval_us == DEFAULT:
            interval_s = self._default_s(channel, number)
        else:
            interval_s = 0.0 if interval_us < 0.0 else max(interval_us / 1e6, FASTEST_S)
        channel.set_interval(number, interval_s, self._autopilot.now_s)
        return ACCEPTED

    def _default_s(self, channel: Channel, number: int) -> float:
        if channel.number >= PARAMETER_CHANNELS:
            return 0.0
        for name, numbers in stream_groups(dialect.MAV_DATA_STREAM_ALL):
            rate_hz = self._autopilot.parameters[f"MAV{channel.number + 1}_{name}"]
            if number in numbers and rate_hz > 0.0:
                return 1.0 / rate_hz
        return 0.0

    def _get_interval(self, channel: Channel, order: Order) -> int:
        number = order.whole(1)
        if number is None or not 0 <= number <= 65535:
            return DENIED
        known = self._autopilot.can_stream(number)
        interval_us = 0
        if known:
            interval_s = channel.intervals_s.get(number)
            interval_us = STOP if interval_s is None else round(interval_s * 1e6)
        channel.send(dialect.MAVLink_message_interval_message(number, interval_us))
        return ACCEPTED if known else FAILED

    def _request_message(self, channel: Channel, order: Order) -> int:
        number = order.whole(1)
        return ACCEPTED if number is not None and self._autopilot.send_once(channel, number) else FAILED

    def _one(self, number: int) -> OrderHandler:
        def send(channel: Channel, _order: Order) -> int:
            return ACCEPTED if self._autopilot.send_once(channel, number) else FAILED

        return send

    def _version(self, channel: Channel, order: Order) -> int:
        if order.p[0] == 1.0:
            self._autopilot.send_once(channel, dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
        return ACCEPTED

    def _home(self, channel: Channel, _order: Order) -> int:
        if not self._autopilot.health.origin_set:
            return FAILED
        self._autopilot.send_once(channel, dialect.MAVLINK_MSG_ID_HOME_POSITION)
        self._autopilot.send_once(channel, dialect.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN)
        return ACCEPTED
