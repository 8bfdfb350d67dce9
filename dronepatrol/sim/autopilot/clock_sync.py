"""TIMESYNC both ways: answers questions, and asks every 10 s as the real one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

PERIOD_S = 10.0


class ClockSync:
    """The time service of one autopilot.

    Attributes
    ----------
    round_trip_s
        By link number: how long its client took to answer the last question.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._due_s = PERIOD_S
        self.round_trip_s: dict[int, float] = {}
        self.handlers = {dialect.MAVLINK_MSG_ID_TIMESYNC: self._timesync}

    def restart(self) -> None:
        """Begin again after a reboot."""
        self._due_s = PERIOD_S

    @property
    def _now_ns(self) -> int:
        return int(self._autopilot.boot_s * 1e9)

    def step(self) -> None:
        """Ask when it is time; the last digits of the question are the system id, as the real one does it."""
        if self._autopilot.boot_s >= self._due_s - 1e-9:
            self._due_s += PERIOD_S
            question = self._now_ns // 1000 * 1000 + self._autopilot.system
            self._autopilot.broadcast(dialect.MAVLink_timesync_message(0, question))

    def _timesync(self, channel: Channel, message: Message) -> None:
        if message.tc1 == 0:
            channel.send(dialect.MAVLink_timesync_message(self._now_ns, message.ts1))
        elif message.ts1 % 1000 == self._autopilot.system % 1000 and 0 <= message.ts1 <= self._now_ns:
            self.round_trip_s[channel.number] = (self._now_ns - message.ts1) / 1e9
