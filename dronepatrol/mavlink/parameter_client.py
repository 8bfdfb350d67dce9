"""The client's side of the parameter protocol, without I/O.

Source: https://mavlink.io/en/services/parameter.html, and what ArduCopter 4.7 was seen to do: a name that it
does not have is not answered; a PARAM_SET that changes nothing is echoed as REAL32; values nobody asked
for come with index 65535.
"""

from __future__ import annotations

from collections.abc import Generator

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import Exchange, Machine, Steps, Target
from dronepatrol.mavlink.parameter_values import (
    Parameter,
    ParameterEncoding,
    fitted,
    name_bytes,
    parameter_of,
    same_value,
    to_field,
    type_name,
)
from dronepatrol.mavlink.round_trip import RoundTrip

WINDOW = 16
"""Missing parameters asked for at a time."""
PAUSE_S = 0.5
"""Shortest silence that means that the list has been sent."""
UNKNOWN_S = 6.0
"""Silence that means that there is no parameter of a name, which no autopilot says."""
_ANY_NAME = b""


def _read_message(target: Target, name: bytes, index: int) -> Message:
    return dialect.MAVLink_param_request_read_message(target.system, target.component, name, index)


class ParameterExchange(Exchange):
    """An exchange about parameters, in the encoding of the autopilot."""

    def __init__(
        self,
        target: Target,
        *,
        encoding: ParameterEncoding = ParameterEncoding.CAST,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = 10.0,
    ) -> None:
        super().__init__(target, own_system=own_system, round_trip=round_trip, patience_s=patience_s)
        self.encoding = encoding

    def _is_ours(self, message: Message) -> bool:
        return (
            super()._is_ours(message)
            and message.get_type() == "PARAM_VALUE"
            and message.get_srcComponent() == self.target.component
        )


class ParameterDownload(ParameterExchange):
    """Reads all parameters: as a list, then what is missing of it by index, a few at a time.

    Attributes
    ----------
    count
        How many there are, once the vehicle has said so.
    """

    def __init__(
        self,
        target: Target,
        *,
        encoding: ParameterEncoding = ParameterEncoding.CAST,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = 10.0,
        window: int = WINDOW,
    ) -> None:
        super().__init__(
            target, encoding=encoding, own_system=own_system, round_trip=round_trip, patience_s=patience_s
        )
        self.window = window
        self.count: int | None = None
        self._got: dict[int, Parameter] = {}
        self._updates: dict[str, tuple[float, Parameter]] = {}
        self._asked_s: dict[int, list[float]] = {}
        self._next = 0
        self._lists_s: list[float] = []

    @property
    def parameters(self) -> dict[str, Parameter]:
        """What was received so far, by name in the vehicle's order, with later changes applied."""
        found = {parameter.name: parameter for _, parameter in sorted(self._got.items())}
        for name, (_, update) in self._updates.items():
            if name in found:
                listed = found[name]
                found[name] = Parameter(name, update.value, listed.kind, listed.index)
        return found

    @property
    def received(self) -> int:
        """How many different parameters were received."""
        return len(self._got)

    def start(self, now_s: float) -> list[Message]:
        """Return the PARAM_REQUEST_LIST."""
        self._progress_s = now_s
        return self._list(now_s)

    def _list(self, now_s: float) -> list[Message]:
        self._lists_s.append(now_s)
        self._resend_s = now_s + max(1.0, self.round_trip.timeout_s(len(self._lists_s) - 1))
        return [dialect.MAVLink_param_request_list_message(self.target.system, self.target.component)]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        parameter = parameter_of(message, self.encoding)
        if parameter.index is None:
            self._updates[parameter.name] = (now_s, parameter)
            return []
        if message.param_count != self.count:
            self._take_count(message.param_count, now_s)
        if parameter.index >= message.param_count:
            return []
        if parameter.index not in self._got:
            self._progress_s = now_s
        self._got[parameter.index] = parameter
        asked_s = self._asked_s.pop(parameter.index, None)
        changed_s, _ = self._updates.get(parameter.name, (float("inf"), parameter))
        if asked_s is not None and asked_s[0] > changed_s:
            del self._updates[parameter.name]
        if len(self._got) == self.count:
            self.done = True
            return []
        if asked_s is None:
            # The list is still coming: what is missing is asked for once it has ended.
            self._resend_s = now_s + self._pause_s
            return []
        self.round_trip.answered(asked_s, now_s)
        return self._ask_more(now_s)

    def _take_count(self, count: int, now_s: float) -> None:
        """Begin, or begin anew: with another number of parameters, indices mean other ones."""
        if self.count is None:
            self.round_trip.answered(self._lists_s, now_s)
        self.count = count
        self._got.clear()
        self._asked_s.clear()
        self._next = 0

    @property
    def _pause_s(self) -> float:
        return max(PAUSE_S, self.round_trip.timeout_s())

    def _resend(self, now_s: float) -> list[Message]:
        if self.count is None:
            return self._list(now_s)
        late = [index for index in self._asked_s if now_s >= self._due_s(index)]
        messages = [self._ask(index, now_s) for index in late]
        return messages + self._ask_more(now_s)

    def _ask_more(self, now_s: float) -> list[Message]:
        """Ask for missing parameters until the window is full."""
        assert self.count is not None
        messages = []
        while self._next < self.count and len(self._asked_s) < self.window:
            if self._next not in self._got:
                messages.append(self._ask(self._next, now_s))
            self._next += 1
        due_s = (self._due_s(index) for index in self._asked_s)
        self._resend_s = min(due_s, default=now_s + self._pause_s)
        if not self._asked_s:
            self._next = 0
        return messages

    def _ask(self, index: int, now_s: float) -> Message:
        self._asked_s.setdefault(index, []).append(now_s)
        return _read_message(self.target, _ANY_NAME, index)

    def _due_s(self, index: int) -> float:
        asked_s = self._asked_s[index]
        return asked_s[-1] + self.round_trip.timeout_s(len(asked_s) - 1)

    def _silence_text(self) -> str:
        if self.count is None:
            return "the vehicle did not answer the request for its parameters"
        missing = [index for index in range(self.count) if index not in self._got]
        named = ", ".join(str(index) for index in missing[:5]) + (", ..." if len(missing) > 5 else "")
        return f"the vehicle sent {len(self._got)} of {self.count} parameters; missing indices: {named}"


class ParameterRead(ParameterExchange):
    """Reads one parameter by name.

    Attributes
    ----------
    parameter
        The answer, once done.
    """

    def __init__(
        self,
        name: str,
        target: Target,
        *,
        encoding: ParameterEncoding = ParameterEncoding.CAST,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = UNKNOWN_S,
    ) -> None:
        super().__init__(
            target, encoding=encoding, own_system=own_system, round_trip=round_trip, patience_s=patience_s
        )
        self.name = name
        self.parameter: Parameter | None = None
        self._name = name_bytes(name)
        self._sent_s: list[float] = []

    def start(self, now_s: float) -> list[Message]:
        """Return the PARAM_REQUEST_READ."""
        self._progress_s = now_s
        return self._resend(now_s)

    def _resend(self, now_s: float) -> list[Message]:
        self._sent_s.append(now_s)
        self._resend_s = now_s + self.round_trip.timeout_s(len(self._sent_s) - 1)
        return [_read_message(self.target, self._name, -1)]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        if message.param_id == self.name:
            self.round_trip.answered(self._sent_s, now_s)
            self.parameter = parameter_of(message, self.encoding)
            self.done = True
        return []

    def _silence_text(self) -> str:
        return (
            f"the vehicle did not answer for the parameter {self.name}, asked {len(self._sent_s)} times; "
            "it has none of this name, or the link is down"
        )


class _Write(ParameterExchange):
    """Sends one PARAM_SET until it is echoed."""

    def __init__(
        self,
        name: str,
        value: float,
        kind: int,
        target: Target,
        encoding: ParameterEncoding,
        own_system: int | None,
        round_trip: RoundTrip,
    ) -> None:
        super().__init__(target, encoding=encoding, own_system=own_system, round_trip=round_trip)
        self.name = name
        self.kind = kind
        self.echo: Parameter | None = None
        self._field = to_field(value, kind, encoding)
        self._wanted = fitted(value, kind)
        self._sent_s: list[float] = []

    def start(self, now_s: float) -> list[Message]:
        """Return the PARAM_SET."""
        self._progress_s = now_s
        return self._resend(now_s)

    def _resend(self, now_s: float) -> list[Message]:
        self._sent_s.append(now_s)
        self._resend_s = now_s + self.round_trip.timeout_s(len(self._sent_s) - 1)
        target = self.target
        return [
            dialect.MAVLink_param_set_message(
                target.system, target.component, name_bytes(self.name), self._field, self.kind
            )
        ]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        if message.param_id != self.name:
            return []
        echo = parameter_of(message, self.encoding)
        if same_value(echo.value, self._wanted):
            self.round_trip.answered(self._sent_s, now_s)
        elif now_s < self._sent_s[0] + 0.8 * self.round_trip.shortest_s < float("inf"):
            return []  # Quicker than the link can be: the late answer to an earlier question.
        self.echo = echo
        self.done = True
        return []

    def _silence_text(self) -> str:
        return f"the vehicle did not confirm {self.name}, set {len(self._sent_s)} times"


class ParameterSet(Steps):
    """Sets one parameter and makes sure of it.

    The old value and the type are read first; a value other than the one asked for is read once more before
    it is taken for a refusal, because the link may have brought an old answer late.

    Parameters
    ----------
    value
        Rounded to the nearest whole number for a parameter of integers.
    kind
        MAV_PARAM_TYPE; None takes the one that the vehicle reports.

    Attributes
    ----------
    before, after
        As the vehicle reported them.
    """

    def __init__(
        self,
        name: str,
        value: float,
        target: Target,
        *,
        kind: int | None = None,
        encoding: ParameterEncoding = ParameterEncoding.CAST,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
    ) -> None:
        super().__init__()
        name_bytes(name)
        self.name = name
        self.value = value
        self.kind = kind
        self.before: Parameter | None = None
        self.after: Parameter | None = None
        self._target = target
        self._encoding = encoding
        self._own_system = own_system
        self._round_trip = round_trip or RoundTrip()

    def _read(self) -> ParameterRead:
        return ParameterRead(
            self.name,
            self._target,
            encoding=self._encoding,
            own_system=self._own_system,
            round_trip=self._round_trip,
        )

    def _steps(self) -> Generator[Machine, None, None]:
        read = self._read()
        yield read
        if read.parameter is None:
            self.error = read.error
            return
        self.before = read.parameter
        kind = read.parameter.kind if self.kind is None else self.kind
        wanted = fitted(self.value, kind)
        for _ in range(2):
            write = self._write(kind)
            if write is None:
                return
            yield write
            self.after = write.echo
            if write.echo is not None and not same_value(write.echo.value, wanted):
                again = self._read()
                yield again
                self.after = again.parameter or write.echo
            if self.after is not None and same_value(self.after.value, wanted):
                self.done = True
                return
        self.error = self._refused(wanted, kind)

    def _write(self, kind: int) -> _Write | None:
        try:
            return _Write(
                self.name,
                self.value,
                kind,
                self._target,
                self._encoding,
                self._own_system,
                self._round_trip,
            )
        except ValueError as error:
            self.error = ProtocolError(f"{self.name}: {error}; nothing was set")
            return None

    def _refused(self, wanted: float, kind: int) -> ProtocolError:
        assert self.before is not None
        if self.after is None:
            return ProtocolTimeoutError(
                f"the vehicle did not confirm {self.name} = {wanted:g}; it was {self.before.value:g} before"
            )
        held = self.after.value
        if same_value(held, self.before.value):
            return ProtocolError(
                f"the vehicle refused {self.name} = {wanted:g} and keeps {held:g} ({type_name(kind)})"
            )
        return ProtocolError(
            f"the vehicle keeps {self.name} = {held:g} instead of {wanted:g}; it was {self.before.value:g}"
        )


__all__ = [
    "Parameter",
    "ParameterDownload",
    "ParameterRead",
    "ParameterSet",
]
