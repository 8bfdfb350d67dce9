"""Asking a vehicle for messages at a rate, without I/O.

SET_MESSAGE_INTERVAL sets each message by itself. Autopilots that do not know it (ArduPilot before 3.7 among
them) have REQUEST_DATA_STREAM, which sets a group and is not acknowledged, so that only what is heard
tells whether it worked.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

from dronepatrol.errors import CommandRefusedError, ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.command import AckLedger, Command
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import Exchange, Machine, Steps, Target
from dronepatrol.mavlink.round_trip import RoundTrip

STOP = -1
"""Interval that stops a message."""
_GROUPS: Mapping[int, tuple[str, ...]] = {
    dialect.MAV_DATA_STREAM_RAW_SENSORS: ("RAW_IMU", "SCALED_IMU2", "SCALED_PRESSURE"),
    dialect.MAV_DATA_STREAM_EXTENDED_STATUS: (
        "SYS_STATUS",
        "POWER_STATUS",
        "MEMINFO",
        "MISSION_CURRENT",
        "GPS_RAW_INT",
        "NAV_CONTROLLER_OUTPUT",
        "FENCE_STATUS",
        "POSITION_TARGET_GLOBAL_INT",
    ),
    dialect.MAV_DATA_STREAM_RC_CHANNELS: ("SERVO_OUTPUT_RAW", "RC_CHANNELS"),
    dialect.MAV_DATA_STREAM_POSITION: ("GLOBAL_POSITION_INT", "LOCAL_POSITION_NED"),
    dialect.MAV_DATA_STREAM_EXTRA1: ("ATTITUDE", "AHRS2"),
    dialect.MAV_DATA_STREAM_EXTRA2: ("VFR_HUD",),
    dialect.MAV_DATA_STREAM_EXTRA3: (
        "WIND",
        "SYSTEM_TIME",
        "TERRAIN_REPORT",
        "BATTERY_STATUS",
        "VIBRATION",
        "EKF_STATUS_REPORT",
    ),
}
"""Messages that have streamed together in every ArduCopter since 3.3 (`GCS_Mavlink.cpp`)."""
STREAM_OF: Mapping[int, int] = {
    int(getattr(dialect, f"MAVLINK_MSG_ID_{name}")): stream
    for stream, names in _GROUPS.items()
    for name in names
}
"""MAV_DATA_STREAM by message id."""


def message_name(number: int) -> str:
    """Return the name of a message id, or the number."""
    known = dialect.mavlink_map.get(number)
    return str(known.msgname) if known else f"message {number}"


def interval_us(rate_hz: float) -> int:
    """Return the interval that SET_MESSAGE_INTERVAL takes for a rate; 0 or less stops the message."""
    return max(1, round(1e6 / rate_hz)) if rate_hz > 0.0 else STOP


class StreamRequest(Exchange):
    """Asks for a group of messages with REQUEST_DATA_STREAM until one of the wanted ones is heard."""

    def __init__(
        self,
        target: Target,
        stream: int,
        rate_hz: float,
        wanted: frozenset[int],
        *,
        round_trip: RoundTrip | None = None,
    ) -> None:
        super().__init__(target, round_trip=round_trip)
        self.stream = stream
        self.rate_hz = rate_hz
        self.wanted = wanted
        self._sent = 0

    def start(self, now_s: float) -> list[Message]:
        """Return the first REQUEST_DATA_STREAM."""
        self._progress_s = now_s
        return self._resend(now_s)

    def _resend(self, now_s: float) -> list[Message]:
        # Stopping cannot be heard, so it is said three times and believed.
        if self.rate_hz <= 0.0 and self._sent == 3:
            self.done = True
            return []
        self._sent += 1
        self._resend_s = now_s + max(self.round_trip.timeout_s(self._sent - 1), 2.0 / max(self.rate_hz, 1.0))
        rate = round(self.rate_hz) if self.rate_hz <= 0.0 else max(1, round(self.rate_hz))
        return [
            dialect.MAVLink_request_data_stream_message(
                self.target.system, self.target.component, self.stream, max(rate, 0), int(self.rate_hz > 0.0)
            )
        ]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        self.done = self.rate_hz > 0.0 and message.get_msgId() in self.wanted
        return []

    def _silence_text(self) -> str:
        names = ", ".join(message_name(number) for number in sorted(self.wanted))
        return f"the vehicle sends none of {names}, asked for as a data stream {self._sent} times"


class MessageIntervals(Steps):
    """Sets the rates of several messages, one after another.

    Parameters
    ----------
    rates_hz
        By message id; 0 or less stops a message.
    may_miss
        Messages that the vehicle does not have are noted and do not fail the whole.

    Attributes
    ----------
    missing
        Messages that the vehicle refused by themselves.
    by_stream
        Whether data streams were asked for, since the vehicle does not know SET_MESSAGE_INTERVAL.
    """

    def __init__(
        self,
        rates_hz: Mapping[int, float],
        target: Target,
        *,
        may_miss: bool = True,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        ledger: AckLedger | None = None,
    ) -> None:
        super().__init__()
        self.rates_hz = dict(rates_hz)
        self.missing: list[int] = []
        self.by_stream = False
        self._target = target
        self._may_miss = may_miss
        self._own_system = own_system
        self._round_trip = round_trip or RoundTrip()
        self._ledger = ledger or AckLedger()

    def _steps(self) -> Generator[Machine, None, None]:
        for number, rate_hz in self.rates_hz.items():
            command = self._command(number, rate_hz)
            yield command
            if command.refusal == dialect.MAV_RESULT_UNSUPPORTED and not self.missing:
                self.by_stream = True
                yield from self._streams()
                return
            if isinstance(command.error, CommandRefusedError) and self._may_miss:
                self.missing.append(number)
            elif command.error is not None:
                self.error = self._named(command.error, number)
                return
        self.done = True

    def _command(self, number: int, rate_hz: float) -> Command:
        return Command(
            dialect.MAV_CMD_SET_MESSAGE_INTERVAL,
            (float(number), float(interval_us(rate_hz))),
            self._target,
            own_system=self._own_system,
            round_trip=self._round_trip,
            ledger=self._ledger,
        )

    def _named(self, error: ProtocolError, number: int) -> ProtocolError:
        return type(error)(f"{error} (for {message_name(number)})")

    def _streams(self) -> Generator[Machine, None, None]:
        wanted: dict[int, set[int]] = {}
        for number in self.rates_hz:
            if number in STREAM_OF:
                wanted.setdefault(STREAM_OF[number], set()).add(number)
            else:
                self.missing.append(number)
        for stream, numbers in wanted.items():
            rate_hz = max(self.rates_hz[number] for number in numbers)
            request = StreamRequest(
                self._target, stream, rate_hz, frozenset(numbers), round_trip=self._round_trip
            )
            yield request
            if isinstance(request.error, ProtocolTimeoutError) and self._may_miss:
                self.missing += sorted(numbers)
            elif request.error is not None:
                self.error = request.error
                return
        self.done = True
