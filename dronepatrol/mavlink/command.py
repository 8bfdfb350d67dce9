"""Sending a command and following its acknowledgement, without I/O.

Source: MAVLink command protocol, https://mavlink.io/en/services/command.html: a command without
acknowledgement is sent again with ``confirmation`` raised by one; IN_PROGRESS restarts the wait.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dronepatrol.errors import (
    CommandRefusedError,
    CommandUnconfirmedError,
    ProtocolError,
    ProtocolTimeoutError,
)
from dronepatrol.mavlink.cancel_message import MAV_RESULT_CANCELLED, CommandCancel
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.round_trip import RoundTrip

RETRY_S = 1.0
"""Shortest wait for an acknowledgement: vehicles answer some commands only once they are carried out."""
IN_PROGRESS_S = 30.0
"""Longest wait after an IN_PROGRESS without another."""
ATTEMPTS = 12
"""How often a command is sent that may be repeated: 0.51 to the 12th is 3 in 10,000, where 30 % of the
frames are lost each way."""
STATE_S = 8.0
"""How long the state is looked at for what a command without an answer should have done."""
LATER_S = 1.0
"""Between attempts at a command that the vehicle rejects for the moment; doubled each time up to 4 s."""
LATER_ATTEMPTS = 6

ConfirmedBy = Callable[[Message], bool]
"""Says of a message from the vehicle whether it shows that the command has been carried out."""

_ONCE = frozenset(
    {
        dialect.MAV_CMD_NAV_TAKEOFF,
        dialect.MAV_CMD_NAV_TAKEOFF_LOCAL,
        dialect.MAV_CMD_NAV_VTOL_TAKEOFF,
        dialect.MAV_CMD_MISSION_START,
        dialect.MAV_CMD_DO_MOTOR_TEST,
        dialect.MAV_CMD_DO_FLIGHTTERMINATION,
        dialect.MAV_CMD_DO_PARACHUTE,
        dialect.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN,
        dialect.MAV_CMD_PREFLIGHT_CALIBRATION,
        dialect.MAV_CMD_DO_REPEAT_SERVO,
        dialect.MAV_CMD_DO_REPEAT_RELAY,
        dialect.MAV_CMD_DO_GO_AROUND,
    }
)


def command_name(command: int) -> str:
    """Return the name of a MAV_CMD without its prefix, or its number."""
    known = dialect.enums["MAV_CMD"].get(command)
    return known.name.removeprefix("MAV_CMD_") if known else f"command {command}"


def result_name(result: int) -> str:
    """Return the name of a MAV_RESULT without its prefix, or its number."""
    if result == MAV_RESULT_CANCELLED:
        return "CANCELLED"
    known = dialect.enums["MAV_RESULT"].get(result)
    return known.name.removeprefix("MAV_RESULT_") if known else f"result {result}"


def must_not_repeat(command: int, params: Sequence[float]) -> bool:
    """Tell whether giving a command twice can do harm: it starts motors or a flight, or fires something."""
    if command == dialect.MAV_CMD_COMPONENT_ARM_DISARM:
        return not params or params[0] != 0.0
    return command in _ONCE


@dataclass(slots=True)
class AckLedger:
    """Which acknowledgements of earlier commands may still be on their way.

    COMMAND_ACK names only the kind of command, so the late answer to one SET_MESSAGE_INTERVAL would pass for
    the answer to the next. A command waits until those of its kind have come or cannot come any more.
    """

    _owed: dict[int, tuple[int, float]] = field(default_factory=dict)

    def quiet_until_s(self, command: int) -> float:
        """Return until when an answer to an earlier command of this kind may come."""
        return self._owed.get(command, (0, -math.inf))[1]

    def settle(self, command: int, owed: int, until_s: float) -> None:
        """Note that a command has ended with so many answers outstanding."""
        if owed > 0:
            self._owed[command] = owed, until_s
        else:
            self._owed.pop(command, None)

    def heard(self, command: int) -> None:
        """Note that one of the outstanding answers has come."""
        owed, until_s = self._owed.get(command, (0, -math.inf))
        self.settle(command, owed - 1, until_s)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a COMMAND_INT is to act: its x, y and z.

    Attributes
    ----------
    x, y
        Latitude and longitude in 1e-7 degrees.
    z
        Altitude in metres in `frame` (MAV_FRAME).
    """

    x: int
    y: int
    z: float
    frame: int = dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT


class Command:
    """One command from first sending to its final acknowledgement.

    A command that must not be repeated is sent once. If its acknowledgement does not come, `confirmed_by`
    looks at what the vehicle reports; if that does not show it, the error is `CommandUnconfirmedError`.

    Parameters
    ----------
    params
        Up to seven; missing ones are 0.
    place
        Send a COMMAND_INT with this place for parameters 5 to 7, which a single-precision float would round
        to metres.
    attempts
        How often it is sent at most; by default 1 for a command that must never be given twice, else 12.
    own_system
        Who we are, if answers to other clients can be heard on the link; None takes all for ours.
    round_trip, ledger
        What is known of the link and of earlier commands; shared between the commands to one vehicle.
    confirmed_by
        Says of a message from the vehicle whether it shows the command carried out.

    Attributes
    ----------
    result
        MAV_RESULT once accepted; None before, or if refused.
    refusal
        MAV_RESULT if refused.
    progress
        Percent, from IN_PROGRESS; 255 means unknown.
    confirmed
        It was accepted by what the vehicle reports, without an acknowledgement.
    """

    def __init__(
        self,
        command: int,
        params: Sequence[float],
        target: Target,
        *,
        place: Place | None = None,
        attempts: int | None = None,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        ledger: AckLedger | None = None,
        confirmed_by: ConfirmedBy | None = None,
    ) -> None:
        once = must_not_repeat(command, params)
        if once and attempts not in (None, 1):
            name = command_name(command)
            raise ValueError(f"{name} must not be sent more than once, got {attempts} attempts")
        self.command = command
        self.result: int | None = None
        self.refusal: int | None = None
        self.error: ProtocolError | None = None
        self.progress = 0
        self.confirmed = False
        self._params = [*params, *([0.0] * (7 - len(params)))]
        self._place = place
        self._target = target
        self._once = once or attempts == 1
        self._attempts = attempts or (1 if once else ATTEMPTS)
        self._own_system = own_system
        self._round_trip = round_trip or RoundTrip()
        self._ledger = ledger or AckLedger()
        self._confirmed_by = confirmed_by
        self._seen = False
        self._looking = self._in_progress = False
        self._postponed = 0
        self._acks = 0
        self._sent_s: list[float] = []
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
        """Return the first message, or nothing while an answer to an earlier command may come."""
        self._deadline_s = max(now_s, self._ledger.quiet_until_s(self.command))
        return self.poll(now_s)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take one message from the vehicle; sets `result` or `error` at the end."""
        if self.finished or message.get_srcSystem() != self._target.system:
            return []
        if message.get_type() == "COMMAND_ACK":
            return self._take_any_ack(message, now_s) if message.command == self.command else []
        if self._confirmed_by is not None and self._sent_s and self._confirmed_by(message):
            self._seen = True
            if self._looking:
                self._confirm()
        return []

    def _take_any_ack(self, message: Message, now_s: float) -> list[Message]:
        """Take an answer to this command, or to an earlier one of its kind."""
        if self._own_system is not None and message.target_system not in (0, self._own_system):
            return []
        if not self._sent_s:
            self._ledger.heard(self.command)
            return self.start(now_s)
        # Quicker than the link can be: the answer to an earlier command, repeated by the link.
        if now_s - self._sent_s[0] >= 0.5 * self._quickest_s:
            self._take_ack(message, now_s)
        return []

    @property
    def _quickest_s(self) -> float:
        return self._round_trip.shortest_s if math.isfinite(self._round_trip.shortest_s) else 0.0

    def _take_ack(self, message: Message, now_s: float) -> None:
        if not self._acks:
            self._round_trip.answered(self._sent_s, now_s)
        if message.result == dialect.MAV_RESULT_IN_PROGRESS:
            self.progress = message.progress
            self._attempts = len(self._sent_s)  # it was heard: never send it again
            self._in_progress = True
            self._looking = False
            self._deadline_s = now_s + IN_PROGRESS_S
            return
        self._acks += 1
        if message.result == dialect.MAV_RESULT_ACCEPTED:
            self.result = message.result
        elif message.result == dialect.MAV_RESULT_TEMPORARILY_REJECTED and self._postpone(now_s):
            return
        else:
            self.refusal = message.result
            self.error = CommandRefusedError(
                f"the vehicle refused {command_name(self.command)}: {result_name(message.result)}"
            )
        self._settle()

    def _postpone(self, now_s: float) -> bool:
        """Try again later what may be repeated; a dangerous command is the operator's to give again."""
        if self._once or self._postponed >= LATER_ATTEMPTS:
            return False
        self._postponed += 1
        self._attempts = max(self._attempts, len(self._sent_s) + 1)
        self._deadline_s = now_s + min(LATER_S * 2.0 ** (self._postponed - 1), 4.0)
        return True

    def _confirm(self) -> None:
        self.confirmed = True
        self.result = dialect.MAV_RESULT_ACCEPTED
        self._settle()

    def _settle(self) -> None:
        latest_s = self._sent_s[-1] + self._round_trip.timeout_s()
        self._ledger.settle(self.command, len(self._sent_s) - self._acks, latest_s)

    def poll(self, now_s: float) -> list[Message]:
        """Return the command again if it was not answered in time."""
        if self.finished or now_s < self._deadline_s:
            return []
        if len(self._sent_s) < self._attempts:
            return [self._make(now_s)]
        if self._seen:
            self._confirm()
        elif self._confirmed_by is not None and not self._looking:
            self._looking = True
            self._deadline_s = now_s + STATE_S
        else:
            self.error = self._unanswered()
            self._settle()
        return []

    def _unanswered(self) -> ProtocolError:
        name = command_name(self.command)
        if self._in_progress:
            return ProtocolTimeoutError(
                f"the vehicle was carrying out {name} ({self.progress} %) and then said nothing for "
                f"{IN_PROGRESS_S:g} s"
            )
        if not self._once:
            return ProtocolTimeoutError(f"the vehicle did not answer {name} sent {len(self._sent_s)} times")
        shown = " and its state does not show it" if self._confirmed_by is not None else ""
        return CommandUnconfirmedError(
            f"the vehicle did not answer {name}{shown}; it was not sent again, because that could do harm"
        )

    def cancel(self, now_s: float) -> list[Message]:
        """Ask the vehicle to stop carrying it out (COMMAND_CANCEL); its answer ends the command.

        A vehicle that does not know COMMAND_CANCEL goes on, and its own final answer is waited for.
        """
        if self.finished or not self._sent_s:
            return []
        self._attempts = len(self._sent_s)
        return [CommandCancel(self._target.system, self._target.component, self.command)]

    def _make(self, now_s: float) -> Message:
        confirmation = len(self._sent_s)
        self._sent_s.append(now_s)
        self._deadline_s = now_s + max(RETRY_S, self._round_trip.timeout_s())
        target, place = self._target, self._place
        if place is None:
            return dialect.MAVLink_command_long_message(
                target.system, target.component, self.command, min(confirmation, 255), *self._params
            )
        return dialect.MAVLink_command_int_message(
            target.system,
            target.component,
            place.frame,
            self.command,
            0,
            0,
            *self._params[:4],
            place.x,
            place.y,
            place.z,
        )
