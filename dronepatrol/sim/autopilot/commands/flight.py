"""Commands that fly: modes, arming, take-off, places, speeds, heading, mission, home.

What is accepted, and the answer where it is not, as ArduCopter 4.7 was seen to answer or as its
`GCS_MAVLINK_Copter` decides (https://github.com/ArduPilot/ardupilot, ArduCopter/GCS_MAVLink_Copter.cpp).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.arming import FORCE_ARM, FORCE_DISARM
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.commands.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    UNSUPPORTED,
    Order,
    OrderHandler,
)
from dronepatrol.sim.motion import Frame, Mode

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

_ABOVE_HOME = (Frame.HOME, Frame.HOME_INT)
_ALTITUDE_FRAMES = frozenset(Frame) - {Frame.MISSION}


class FlightOrders:
    """Flight commands of one autopilot."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._pilot = autopilot.pilot
        self.orders: dict[int, OrderHandler] = {
            dialect.MAV_CMD_COMPONENT_ARM_DISARM: self._arm_disarm,
            dialect.MAV_CMD_DO_SET_MODE: self._set_mode,
            dialect.MAV_CMD_NAV_TAKEOFF: self._takeoff,
            dialect.MAV_CMD_NAV_VTOL_TAKEOFF: self._takeoff,
            dialect.MAV_CMD_NAV_LAND: self._mode(Mode.LAND),
            dialect.MAV_CMD_NAV_VTOL_LAND: self._mode(Mode.LAND),
            dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH: self._mode(Mode.RTL),
            dialect.MAV_CMD_NAV_LOITER_UNLIM: self._mode(Mode.LOITER),
            dialect.MAV_CMD_MISSION_START: self._start_mission,
            dialect.MAV_CMD_DO_REPOSITION: self._reposition,
            dialect.MAV_CMD_DO_CHANGE_SPEED: self._change_speed,
            dialect.MAV_CMD_CONDITION_YAW: self._yaw,
            dialect.MAV_CMD_DO_SET_ROI: self._look_at,
            dialect.MAV_CMD_DO_SET_ROI_LOCATION: self._look_at,
            dialect.MAV_CMD_DO_SET_ROI_NONE: self._look_ahead,
            dialect.MAV_CMD_DO_PAUSE_CONTINUE: self._pause,
            dialect.MAV_CMD_DO_SET_MISSION_CURRENT: self._set_current,
            dialect.MAV_CMD_DO_SET_HOME: self._set_home,
            dialect.MAV_CMD_DO_FENCE_ENABLE: self._fence,
            dialect.MAV_CMD_DO_FLIGHTTERMINATION: self._terminate,
            dialect.MAV_CMD_DO_LAND_START: self._land_start,
        }

    def _arm_disarm(self, _channel: Channel, order: Order) -> int:
        arming = self._autopilot.arming
        if order.p[0] == 1.0:
            return ACCEPTED if arming.arm(force=order.p[1] == FORCE_ARM) else FAILED
        if order.p[0] == 0.0:
            return ACCEPTED if arming.disarm(force=order.p[1] == FORCE_DISARM) else FAILED
        return UNSUPPORTED

    def _set_mode(self, _channel: Channel, order: Order) -> int:
        base, custom = order.whole(1), order.whole(2)
        if base is None or not base & dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
            return DENIED
        return ACCEPTED if custom is not None and self._autopilot.set_mode(custom) else FAILED

    def _mode(self, mode: Mode) -> OrderHandler:
        def change(_channel: Channel, _order: Order) -> int:
            return ACCEPTED if self._autopilot.set_mode(mode) else FAILED

        return change

    def _takeoff(self, _channel: Channel, order: Order) -> int:
        if order.frame not in _ABOVE_HOME:
            return DENIED
        pilot = self._pilot
        if pilot.mode is not Mode.GUIDED or not math.isfinite(order.z) or order.z > 83_000.0:
            return FAILED
        return ACCEPTED if pilot.takeoff(order.z) else FAILED

    def _start_mission(self, _channel: Channel, order: Order) -> int:
        if order.p[0] != 0.0 or order.p[1] != 0.0:
            return DENIED
        if not self._autopilot.set_mode(Mode.AUTO):
            return FAILED
        self._pilot.start_mission()
        return ACCEPTED

    def _reposition(self, _channel: Channel, order: Order) -> int:
        flags = order.whole(2) or 0
        change_mode = bool(flags & dialect.MAV_DO_REPOSITION_FLAGS_CHANGE_MODE)
        if self._pilot.mode is not Mode.GUIDED and not change_mode:
            return DENIED
        if order.frame not in _ALTITUDE_FRAMES or not order.has_place or not (order.lat_e7 or order.lon_e7):
            return DENIED
        if not self._autopilot.allowed(order.lat_e7, order.lon_e7, order.z, order.frame):
            return FAILED
        if not self._pilot.armed or self._pilot.landed or not self._autopilot.set_mode(Mode.GUIDED):
            return FAILED
        if order.p[0] > 0.0 and math.isfinite(order.p[0]):
            self._pilot.set_speed(order.p[0])
        done = self._pilot.goto(order.lat_e7, order.lon_e7, order.z, order.frame)
        return ACCEPTED if done else FAILED

    def _change_speed(self, _channel: Channel, order: Order) -> int:
        kind, speed_mps = order.whole(1), order.p[1]
        if kind not in (0, 1, 2, 3) or not 0.0 < speed_mps < math.inf:
            return FAILED
        return ACCEPTED if self._pilot.set_speed(speed_mps, kind) else FAILED

    def _yaw(self, _channel: Channel, order: Order) -> int:
        angle_deg, rate_dps, _, relative = order.p
        if not order.finite or not 0.0 <= angle_deg <= 360.0 or relative not in (0.0, 1.0):
            return FAILED
        direction = order.whole(3) or 0
        self._pilot.set_yaw(angle_deg, rate_dps=rate_dps, direction=direction, relative=relative == 1.0)
        return ACCEPTED

    def _look_at(self, _channel: Channel, order: Order) -> int:
        if not order.has_place or order.frame not in _ALTITUDE_FRAMES:
            return DENIED
        nowhere = not (order.lat_e7 or order.lon_e7 or order.z)
        self._pilot.set_roi(None if nowhere else order.item())
        return ACCEPTED

    def _look_ahead(self, _channel: Channel, _order: Order) -> int:
        self._pilot.set_roi(None)
        return ACCEPTED

    def _pause(self, _channel: Channel, order: Order) -> int:
        if order.p[0] not in (0.0, 1.0):
            return DENIED
        on = order.p[0] == 1.0
        if self._pilot.resume() if on else self._pilot.pause():
            return ACCEPTED
        self._autopilot.text(dialect.MAV_SEVERITY_INFO, f"Failed to {'resume' if on else 'pause'}")
        return FAILED

    def _set_current(self, _channel: Channel, order: Order) -> int:
        seq = order.whole(1)
        return ACCEPTED if seq is not None and self._autopilot.set_current(seq) else DENIED

    def _set_home(self, _channel: Channel, order: Order) -> int:
        if not self._autopilot.health.origin_set:
            return FAILED
        if order.p[0] == 1.0:
            self._pilot.set_home(None)
            return ACCEPTED
        if not order.has_place or not (order.lat_e7 or order.lon_e7) or order.frame not in _ALTITUDE_FRAMES:
            return DENIED
        self._pilot.set_home(order.item())
        return ACCEPTED

    def _fence(self, _channel: Channel, order: Order) -> int:
        setting = order.whole(1)
        return ACCEPTED if setting is not None and self._autopilot.fence.switch(setting) else FAILED

    def _terminate(self, _channel: Channel, order: Order) -> int:
        if not order.p[0] > 0.5:
            return FAILED
        self._pilot.disarm(force=True)
        self._autopilot.text(dialect.MAV_SEVERITY_EMERGENCY, "Terminating due to GCS request")
        return ACCEPTED

    def _land_start(self, _channel: Channel, _order: Order) -> int:
        """Jump to the next landing sequence of the mission and fly it."""
        items = self._autopilot.items.mission.items
        for item in items:
            if item.command == dialect.MAV_CMD_DO_LAND_START and self._autopilot.set_current(item.seq):
                return ACCEPTED if self._autopilot.set_mode(Mode.AUTO) else FAILED
        return FAILED
