"""MAVLink 2 signing of one autopilot: one key for all its links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot


class Security:
    """Takes SETUP_SIGNING; with a key, every link signs what it sends and refuses what is not signed.

    The reference lets unsigned frames pass on its first link, which it takes for a cable. Here no link is
    exempt.
    """

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        self._key: bytes | None = None
        self._initial = 0
        self.handlers = {dialect.MAVLINK_MSG_ID_SETUP_SIGNING: self._setup}

    @property
    def on(self) -> bool:
        """Whether there is a key."""
        return self._key is not None

    def _setup(self, _channel: Channel, message: Message) -> None:
        autopilot = self._autopilot
        if autopilot.pilot.armed:
            autopilot.text(dialect.MAV_SEVERITY_ERROR, "ERROR: Won't setup signing when armed")
            return
        self.use(bytes(message.secret_key), message.initial_timestamp)

    def use(self, key: bytes, initial_timestamp: int = 0) -> None:
        """Sign with a key from now on; zeros stop signing."""
        self._key, self._initial = (key, initial_timestamp) if any(key) else (None, 0)
        for channel in self._autopilot.channels:
            self.key_to(channel)

    def key_to(self, channel: Channel) -> None:
        """Give a link the present key."""
        channel.signing.set_key(self._key, self._autopilot.unix_s, self._initial)

    def step(self) -> None:
        """Move the time stamps of signatures to the present, once a second."""
        if self._key is not None:
            for channel in self._autopilot.channels:
                channel.signing.advance(self._autopilot.unix_s)
