"""Sending a command and following its acknowledgement, without I/O.

Source: MAVLink command protocol, https://mavlink.io/en/services/command.html: a command without
acknowledgement is sent again with ``confirmation`` raised by one; IN_PROGRESS restarts the wait.
"""

from __future__ import annotations

from collections.abc import Sequence

from dronepatrol.errors import CommandRefusedError, ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.transfer import Target

RETRY_S = 1.0
IN_PROGRESS_S = 30.0
"""Longest wait after an IN_PROGRESS without another."""


def command_name(command: int) -> str:
    """Return the name of a MAV_CMD without its prefix, or its number."""
    known = dialect.enums["MAV_CMD"].get(command)
    return known.name.removeprefix("MAV_CMD_") if known else f"command {command}"


def result_name(result: int) -> str:
    """Return the name of a MAV_RESULT without its prefix, or its number."""
    known = dialect.enums["MAV_RESULT"].get(result)
    return known.name.removeprefix("MAV_RESULT_") if known else f"result {result}"


class Command:
    """One COMMAND_LONG from first sending to its final acknowledgement.

    Parameters
    ----------
    params
        Up to seven; missing ones are 0.
    attempts
        How often it is sent at most; 1 for a command that must never be given twice.
    """

    def __init__(self, command: int, params: Sequence[float], target: Target, *, attempts: int = 4) -> None:
        self.command = command
        self.result: int | None = None
        self.error: ProtocolError | None = None
        self.progress = 0
        self._params = [*params, *([0.0] * (7 - len(params)))]
        self._target = target
        self._attempts = attempts
        self._sent = 0
        self._deadline_s = 0.0

    @property
    def finished(self) -> bool:
        """True once accepted, refused or given up."""
        return self.result is not None or self.error is not None

    @property
    def next_wakeup_s(self) -> float:
        """Latest time at which `poll` wants to be called."""
        return self._deadline_s

    def start(self, now_s: float) -> list[Message]:
        """Return the first COMMAND_LONG."""
        return [self._make(now_s)]

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take one message from the vehicle; sets `result` or `error` at the end."""
        if self.finished or message.get_type() != "COMMAND_ACK" or message.command != self.command:
            return []
        if message.get_srcSystem() != self._target.system:
            return []
        if message.result == dialect.MAV_RESULT_IN_PROGRESS:
            self.progress = message.progress
            self._attempts = self._sent  # it was heard: never send it again
            self._deadline_s = now_s + IN_PROGRESS_S
        elif message.result == dialect.MAV_RESULT_ACCEPTED:
            self.result = message.result
        else:
            self.error = CommandRefusedError(
                f"the vehicle refused {command_name(self.command)}: {result_name(message.result)}"
            )
        return []

    def poll(self, now_s: float) -> list[Message]:
        """Return the command again if it was not answered in time."""
        if self.finished or now_s < self._deadline_s:
            return []
        if self._sent >= self._attempts:
            self.error = ProtocolTimeoutError(
                f"the vehicle did not answer {command_name(self.command)} sent {self._sent} times"
            )
            return []
        return [self._make(now_s)]

    def _make(self, now_s: float) -> Message:
        confirmation = self._sent
        self._sent += 1
        self._deadline_s = now_s + RETRY_S
        return dialect.MAVLink_command_long_message(
            self._target.system, self._target.component, self.command, confirmation, *self._params
        )
