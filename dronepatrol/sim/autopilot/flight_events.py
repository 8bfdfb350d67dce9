"""Tells clients what the pilot did: reached items, texts, pictures, home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.motion import events

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot


class EventReporter:
    """Turns the pilot's events of one step into messages.

    MISSION_ITEM_REACHED is one overwritten slot in ArduCopter: of several items reached in the same step only
    the last one is told.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._pictures = 0

    def report(self) -> None:
        """Send what happened since the last step."""
        reached: int | None = None
        for event in self._autopilot.pilot.drain_events():
            match event:
                case events.Text(severity, text):
                    self._autopilot.text(severity, text)
                case events.ItemReached(seq):
                    reached = seq
                case events.CameraTrigger():
                    self._pictures += 1
                    self._autopilot.broadcast(self._picture())
                case events.Armed() | events.HomeSet():
                    self._autopilot.tell_home()
                case events.TouchDown(speed_mps):
                    text = f"SIM Hit ground at {speed_mps:f} m/s"
                    self._autopilot.text(dialect.MAV_SEVERITY_INFO, text)
                case _:
                    pass
        if reached is not None:
            self._autopilot.broadcast(dialect.MAVLink_mission_item_reached_message(reached))

    def _picture(self) -> Message:
        state = self._autopilot.state
        return dialect.MAVLink_camera_feedback_message(
            round(state.unix_s * 1e6),
            0,
            0,
            self._pictures,
            state.lat_e7,
            state.lon_e7,
            state.altitude_amsl_m,
            state.altitude_home_m,
            *(angle * 57.29577951308232 for angle in state.rpy_rad),
            0.0,
            0,
            self._pictures,
        )
