"""Commands to the autopilot itself: checks, calibration, storage, reboot, banner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.commands.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    IN_PROGRESS,
    REJECTED,
    UNSUPPORTED,
    Order,
    OrderHandler,
)
from dronepatrol.sim.autopilot.identity import BANNER

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

REBOOT = (1.0, 3.0)
"""First parameter of MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN: reboot, or reboot and stay in the boot loader."""
FORCE_REBOOT = 20190226
"""Sixth parameter that reboots even while armed."""
_LEVEL, _SIMPLE_ACCELEROMETER = 2.0, 4.0


class SystemOrders:
    """System commands of one autopilot."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self.orders: dict[int, OrderHandler] = {
            dialect.MAV_CMD_RUN_PREARM_CHECKS: self._run_checks,
            dialect.MAV_CMD_PREFLIGHT_CALIBRATION: self._calibrate,
            dialect.MAV_CMD_PREFLIGHT_STORAGE: self._store,
            dialect.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN: self._reboot,
            dialect.MAV_CMD_DO_SEND_BANNER: self._banner,
        }

    def _run_checks(self, _channel: Channel, _order: Order) -> int:
        if self._autopilot.pilot.armed:
            return REJECTED
        self._autopilot.arming.report()
        return ACCEPTED

    def _calibrate(self, _channel: Channel, order: Order) -> int:
        """Calibrate what needs no handling: simulated sensors are right already; gyroscopes take a while."""
        autopilot = self._autopilot
        if autopilot.pilot.armed:
            autopilot.text(dialect.MAV_SEVERITY_NOTICE, "Disarm to allow calibration")
            return FAILED
        if order.p[2] == 1.0:
            autopilot.text(dialect.MAV_SEVERITY_INFO, "Updating barometer calibration")
            autopilot.text(dialect.MAV_SEVERITY_INFO, "Barometer calibration complete")
            return ACCEPTED
        if order.p[0] == 1.0:
            return IN_PROGRESS
        if order.p5 in (_LEVEL, _SIMPLE_ACCELEROMETER):
            return ACCEPTED
        return UNSUPPORTED

    def _store(self, _channel: Channel, _order: Order) -> int:
        """Parameters are kept as they are set; as the real one, this is denied."""
        return DENIED

    def _reboot(self, channel: Channel, order: Order) -> int:
        if order.p[0] not in REBOOT:
            return UNSUPPORTED
        if self._autopilot.pilot.armed and order.p6 != FORCE_REBOOT:
            return FAILED
        self._autopilot.reboot_soon()
        return ACCEPTED

    def _banner(self, channel: Channel, _order: Order) -> int:
        for line in BANNER:
            self._autopilot.text(dialect.MAV_SEVERITY_INFO, line, only=channel)
        return ACCEPTED
