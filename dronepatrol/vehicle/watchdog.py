"""Notices that a vehicle falls silent, is heard again, or has started anew."""

from __future__ import annotations

import asyncio
from typing import Protocol

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import Frame

LINK_LOST_S = 5.0
"""Silence after which a link counts as lost: heartbeats come every second, and five in a row are lost with a
chance of 0.2 % where 30 % are."""
CLOCK_BACK_S = 5.0
"""A clock that goes back by more has started again; by less, a frame came late."""
_STARTING = (dialect.MAV_STATE_UNINIT, dialect.MAV_STATE_BOOT, dialect.MAV_STATE_CALIBRATING)
_RUNNING = (dialect.MAV_STATE_STANDBY, dialect.MAV_STATE_ACTIVE, dialect.MAV_STATE_CRITICAL)


class Watcher(Protocol):
    """Is told what a watchdog notices."""

    def link_was_lost(self, silent_s: float) -> None:
        """Take note that nothing was heard for so long."""

    def link_is_back(self, silent_s: float) -> None:
        """Take note that something was heard again after so long."""

    def has_rebooted(self, evidence: str) -> None:
        """Take note that the autopilot started again."""


class Watchdog:
    """Watches the frames of one autopilot.

    Attributes
    ----------
    link_up
        False once nothing was heard for `LINK_LOST_S`.
    heard_s
        Loop time of the latest frame.
    """

    def __init__(self, watcher: Watcher) -> None:
        self.link_up = True
        self._watcher = watcher
        self._loop = asyncio.get_running_loop()
        self.heard_s = self._loop.time()
        self._boot_ms = -1
        self._suspect_ms = -1
        self._state = -1
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(LINK_LOST_S, self._look)

    def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def silent_s(self) -> float:
        """How long nothing was heard."""
        return self._loop.time() - self.heard_s

    @property
    def clock_ms(self) -> int:
        """The autopilot's time since its start as last heard, -1 before."""
        return self._boot_ms

    def take(self, frame: Frame) -> None:
        """Note a frame."""
        now_s = self._loop.time()
        if not self.link_up:
            self.link_up = True
            self._watcher.link_is_back(now_s - self.heard_s)
            if self._timer is not None:
                self._timer.cancel()
                self._timer = self._loop.call_later(LINK_LOST_S, self._look)
        self.heard_s = now_s
        if frame.number == dialect.MAVLINK_MSG_ID_HEARTBEAT:
            self._take_state(frame.message.system_status)

    def take_clock(self, boot_ms: int) -> None:
        """Note the time since the autopilot's start at which a message was made."""
        if boot_ms >= self._boot_ms:
            self._boot_ms, self._suspect_ms = boot_ms, -1
        elif self._boot_ms - boot_ms > CLOCK_BACK_S * 1e3:
            # One frame can be a straggler; a second one that goes on from it cannot.
            if 0 <= self._suspect_ms <= boot_ms:
                before_s, self._boot_ms, self._suspect_ms = self._boot_ms / 1e3, boot_ms, -1
                self._state = -1
                self._watcher.has_rebooted(
                    f"its clock went back from {before_s:.0f} s to {boot_ms / 1e3:.0f} s"
                )
            else:
                self._suspect_ms = boot_ms

    def _take_state(self, state: int) -> None:
        before, self._state = self._state, state
        if before in _RUNNING and state in _STARTING:
            self._boot_ms = self._suspect_ms = -1
            self._watcher.has_rebooted("its heartbeat says that it is starting up")

    def _look(self) -> None:
        silent_s = self.silent_s
        if silent_s >= LINK_LOST_S:
            self.link_up = False
            self._watcher.link_was_lost(silent_s)
            self._timer = None
        else:
            self._timer = self._loop.call_at(self.heard_s + LINK_LOST_S, self._look)
