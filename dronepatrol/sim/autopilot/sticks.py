"""Radio control over MAVLink: RC_CHANNELS_OVERRIDE and MANUAL_CONTROL.

Only the throttle stick steers (LOITER, POSHOLD, ALT_HOLD, STABILIZE climb and sink with it); the other
sticks are reported back in RC_CHANNELS and do nothing, because the simulated modes fly with them at rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.payload import STICKS_AT_REST

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

IGNORE, RELEASE = 65535, 0
NO_VALUE = 32767
_THROTTLE = 2
_MANUAL = (("y", 0), ("x", 1), ("r", 3))
"""Field of MANUAL_CONTROL and the channel it drives: roll, pitch, yaw; throttle is `z`, 0 to 1000."""


class SticksOverride:
    """Puts sticks of the ground station in place of the radio's until RC_OVERRIDE_TIME after the last
    message.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._heard_s = 0.0
        self._active = False
        self.handlers = {
            dialect.MAVLINK_MSG_ID_RC_CHANNELS_OVERRIDE: self._override,
            dialect.MAVLINK_MSG_ID_MANUAL_CONTROL: self._manual,
        }

    def _from_ground_station(self, message: Message) -> bool:
        return bool(message.get_srcSystem() == int(self._autopilot.parameters["MAV_GCS_SYSID"]))

    def _override(self, _channel: Channel, message: Message) -> None:
        if not self._from_ground_station(message):
            return
        sticks = self._autopilot.payload.sticks_us
        for index in range(len(sticks)):
            value = getattr(message, f"chan{index + 1}_raw")
            if value == RELEASE:
                sticks[index] = STICKS_AT_REST[index]
            elif value != IGNORE:
                sticks[index] = min(max(value, 800), 2200)
        self._use()

    def _manual(self, _channel: Channel, message: Message) -> None:
        if not self._from_ground_station(message) or message.target not in (0, self._autopilot.system):
            return
        sticks = self._autopilot.payload.sticks_us
        for name, index in _MANUAL:
            value = getattr(message, name)
            if value != NO_VALUE:
                sticks[index] = 1500 + min(max(value, -1000), 1000) // 2
        if message.z != NO_VALUE:
            sticks[_THROTTLE] = 1000 + min(max(message.z, 0), 1000)
        self._use()

    def _use(self) -> None:
        self._active, self._heard_s = True, self._autopilot.boot_s
        pulse_us = self._autopilot.payload.sticks_us[_THROTTLE]
        self._autopilot.pilot.throttle_stick = min(max((pulse_us - 1000) / 1000.0, 0.0), 1.0)

    def step(self) -> None:
        """Give the sticks back when nothing more is heard."""
        if not self._active:
            return
        limit_s = self._autopilot.parameters["RC_OVERRIDE_TIME"]
        if limit_s >= 0.0 and self._autopilot.boot_s > self._heard_s + limit_s:
            self.release()

    def release(self) -> None:
        """Give the sticks back to the radio, at rest."""
        self._active = False
        self._autopilot.payload.sticks_us[:] = STICKS_AT_REST
        self._autopilot.pilot.throttle_stick = 0.0
