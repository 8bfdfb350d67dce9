"""Commands to what is carried: camera, gimbal, servos, relays, gripper."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.commands.order import (
    ACCEPTED,
    FAILED,
    UNSUPPORTED,
    Order,
    OrderHandler,
)
from dronepatrol.sim.autopilot.payload import SERVOS

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

_CAMERA = (
    dialect.MAV_CMD_DO_DIGICAM_CONFIGURE,
    dialect.MAV_CMD_DO_DIGICAM_CONTROL,
    dialect.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
    dialect.MAV_CMD_IMAGE_START_CAPTURE,
    dialect.MAV_CMD_IMAGE_STOP_CAPTURE,
    dialect.MAV_CMD_VIDEO_START_CAPTURE,
    dialect.MAV_CMD_VIDEO_STOP_CAPTURE,
)
SERVO_FREE = (0, 1)
"""SERVOn_FUNCTION of outputs that a command may move: disabled (used by nothing else) and pass-through."""
RC_PASSTHROUGH = range(51, 67)


class PayloadOrders:
    """Payload commands of one autopilot."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.orders: dict[int, OrderHandler] = {
            **dict.fromkeys(_CAMERA, self._camera),
            dialect.MAV_CMD_SET_CAMERA_MODE: self._camera_mode,
            dialect.MAV_CMD_DO_MOUNT_CONTROL: self._mount,
            dialect.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: self._gimbal,
            dialect.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE: self._gimbal_control,
            dialect.MAV_CMD_DO_SET_RELAY: self._relay,
            dialect.MAV_CMD_DO_REPEAT_RELAY: self._relay,
            dialect.MAV_CMD_DO_SET_SERVO: self._servo,
            dialect.MAV_CMD_DO_REPEAT_SERVO: self._servo,
            dialect.MAV_CMD_DO_GRIPPER: self._gripper,
        }

    def _do(self, order: Order) -> int:
        """Have the pilot carry it out as it would a mission item."""
        return ACCEPTED if self._autopilot.pilot.actions.do(order.item()) else FAILED

    def _fitted(self, name: str) -> bool:
        return bool(self._autopilot.parameters[name])

    def _camera(self, _channel: Channel, order: Order) -> int:
        if not self._fitted("CAM1_TYPE"):
            return UNSUPPORTED
        if order.command == dialect.MAV_CMD_DO_DIGICAM_CONTROL:
            # Parameter 5 of DIGICAM_CONTROL is the shutter, not a latitude.
            return self._do(_shutter(order)) if order.p5 == 1.0 else ACCEPTED
        # MAVSDK and QGroundControl leave parameters they do not use as NaN.
        return self._do(_without_nan(order))

    def _camera_mode(self, _channel: Channel, _order: Order) -> int:
        return ACCEPTED if self._fitted("CAM1_TYPE") else UNSUPPORTED

    def _mount(self, _channel: Channel, order: Order) -> int:
        if not self._fitted("MNT1_TYPE"):
            return UNSUPPORTED
        return self._do(order) if order.finite else FAILED

    def _gimbal(self, _channel: Channel, order: Order) -> int:
        """Angles; rates (parameters 3 and 4 without angles) are not simulated."""
        if not self._fitted("MNT1_TYPE"):
            return UNSUPPORTED
        pitch_deg, yaw_deg = order.p[0], order.p[1]
        if not (-90.0 <= pitch_deg <= 90.0 and -360.0 <= yaw_deg <= 360.0):
            return FAILED
        return self._do(_with_flags(order))

    def _gimbal_control(self, _channel: Channel, _order: Order) -> int:
        return ACCEPTED if self._fitted("MNT1_TYPE") else UNSUPPORTED

    def _relay(self, _channel: Channel, order: Order) -> int:
        number = order.whole(1)
        if number is None or not order.finite or not self._autopilot.payload_messages.has_relay(number):
            return FAILED
        return self._do(order)

    def _servo(self, _channel: Channel, order: Order) -> int:
        number = order.whole(1)
        if number is None or not 1 <= number <= SERVOS or not order.finite or not 0 <= order.p[1] <= 3000:
            return FAILED
        function = int(self._autopilot.parameters[f"SERVO{number}_FUNCTION"])
        if function not in SERVO_FREE and function not in RC_PASSTHROUGH:
            text = f"ServoRelayEvent: Channel {number} is already in use"
            self._autopilot.text(dialect.MAV_SEVERITY_INFO, text)
            return FAILED
        return self._do(order)

    def _gripper(self, _channel: Channel, order: Order) -> int:
        if not self._fitted("GRIP_ENABLE") or order.p[1] not in (0.0, 1.0):
            return FAILED
        return self._do(_without_nan(order))


def _without_nan(order: Order) -> Order:
    p1, p2, p3, p4 = (value if math.isfinite(value) else 0.0 for value in order.p)
    return replace(order, p=(p1, p2, p3, p4))


def _shutter(order: Order) -> Order:
    """Move the shutter of DIGICAM_CONTROL, parameter 5, to where an item keeps it: in its latitude."""
    return replace(_without_nan(order), lat_e7=1, lon_e7=0, z=0.0)


def _with_flags(order: Order) -> Order:
    """Move GIMBAL_MANAGER_FLAGS, parameter 5, to where an item keeps them: in its latitude."""
    flags = int(order.p5) if math.isfinite(order.p5) and 0.0 <= order.p5 < 2**31 else 0
    return replace(_without_nan(order), lat_e7=flags, lon_e7=0, z=0.0)
