"""Tells clients what the pilot did: modes, reached items, texts, pictures, home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.motion import events

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

YAW_CHECK_HEIGHT_M = 2.5
"""Height gained at which the estimator settles its heading for the flight, as recorded."""


class EventReporter:
    """Turns the pilot's events of one step into messages.

    MISSION_ITEM_REACHED is one overwritten slot in ArduCopter: of several items reached in the same step only
    the last one is told.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._yaw_told = False

    def report(self) -> None:
        """Send what happened since the last step."""
        autopilot = self._autopilot
        happened = autopilot.pilot.drain_events()
        if happened:
            reached = self._tell(happened)
            if reached is not None:
                autopilot.broadcast(dialect.MAVLink_mission_item_reached_message(reached))
        if not self._yaw_told and not autopilot.pilot.landed:
            self._check_yaw()

    def _tell(self, happened: list[events.Event]) -> int | None:
        autopilot = self._autopilot
        reached: int | None = None
        for event in happened:
            match event:
                case events.Text(severity, text):
                    autopilot.text(severity, text)
                case events.ItemReached(seq):
                    reached = seq
                case events.ModeChanged():
                    autopilot.broadcast(autopilot.heartbeat())
                case events.CameraTrigger():
                    if autopilot.parameters["CAM1_TYPE"]:
                        autopilot.broadcast(autopilot.payload_messages.picture())
                case events.Armed():
                    autopilot.armed_once = True
                    autopilot.tell_home()
                case events.HomeSet():
                    autopilot.tell_home()
                case events.LiftOff():
                    autopilot.statistics.took_off()
                case events.TouchDown():
                    autopilot.statistics.touched_down()
                case events.FenceSwitched(setting):
                    autopilot.fence.switch(setting)
                case _:
                    autopilot.payload.take(event)
        return reached

    def _check_yaw(self) -> None:
        autopilot = self._autopilot
        if autopilot.pilot.altitude_home_m >= YAW_CHECK_HEIGHT_M:
            self._yaw_told = True
            for imu in (0, 1):
                text = f"EKF3 IMU{imu} MAG0 in-flight yaw alignment complete"
                autopilot.text(dialect.MAV_SEVERITY_INFO, text)

    def restart(self) -> None:
        """Begin again after a reboot."""
        self._yaw_told = False
        self._autopilot.pilot.drain_events()
