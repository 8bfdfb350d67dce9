"""Parameters of a simulated autopilot and their MAVLink service.

Values travel as floats whatever their type, as ArduPilot does (MAV_PROTOCOL_CAPABILITY_PARAM_FLOAT).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.channel import Channel

NO_INDEX = 65535
"""Index of a value that was not asked for by index."""
PER_STEP = 10
"""Values of a list sent in one step."""


@cache
def _defaults() -> tuple[tuple[str, float, int], ...]:
    text = (files(__package__) / "parameters.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return tuple((name, float(value), int(kind)) for name, value, kind in rows)


class ParameterStore(Mapping[str, float]):
    """Names, values and types, in a fixed order."""

    def __init__(self, overrides: Mapping[str, float] | None = None) -> None:
        self._values = {name: value for name, value, _ in _defaults()}
        self._types = {name: kind for name, _, kind in _defaults()}
        self.names = tuple(self._values)
        self._index = {name: index for index, name in enumerate(self.names)}
        for name, value in (overrides or {}).items():
            self._values[name] = value

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def set(self, name: str, value: float) -> bool:
        """Store a value, rounded where the type is an integer; say whether it changed."""
        kept = value if self._types[name] == dialect.MAV_PARAM_TYPE_REAL32 else float(round(value))
        changed = kept != self._values[name]
        self._values[name] = kept
        return changed

    def message(self, name: str, *, index: int | None = None, as_real: bool = False) -> Message:
        """Return the PARAM_VALUE of a name."""
        kind = dialect.MAV_PARAM_TYPE_REAL32 if as_real else self._types[name]
        at = self._index[name] if index is None else index
        return dialect.MAVLink_param_value_message(
            name.encode("ascii"), self._values[name], kind, len(self.names), at
        )


class ParameterService:
    """Answers PARAM_REQUEST_LIST, PARAM_REQUEST_READ and PARAM_SET."""

    def __init__(self, store: ParameterStore) -> None:
        self.store = store
        self._lists: dict[Channel, int] = {}
        self.handlers = {
            dialect.MAVLINK_MSG_ID_PARAM_REQUEST_LIST: self._list,
            dialect.MAVLINK_MSG_ID_PARAM_REQUEST_READ: self._read,
            dialect.MAVLINK_MSG_ID_PARAM_SET: self._set,
        }

    def step(self) -> None:
        """Send the next part of every list that was asked for."""
        for channel, start in list(self._lists.items()):
            stop = min(start + PER_STEP, len(self.store.names))
            for name in self.store.names[start:stop]:
                channel.send(self.store.message(name))
            if stop == len(self.store.names):
                del self._lists[channel]
            else:
                self._lists[channel] = stop

    def _list(self, channel: Channel, _message: Message) -> None:
        self._lists[channel] = 0

    def _read(self, channel: Channel, message: Message) -> None:
        index = message.param_index
        if index >= 0:
            if index < len(self.store.names):
                channel.send(self.store.message(self.store.names[index]))
            return
        name = _name(message.param_id)
        if name in self.store:
            channel.send(self.store.message(name, index=NO_INDEX))

    def _set(self, channel: Channel, message: Message) -> None:
        name = _name(message.param_id)
        if name not in self.store or not math.isfinite(message.param_value):
            return
        changed = self.store.set(name, message.param_value)
        channel.send(self.store.message(name, index=NO_INDEX, as_real=not changed))


def _name(param_id: str | bytes) -> str:
    text = param_id.decode("ascii", "replace") if isinstance(param_id, bytes) else param_id
    return text.split("\0", 1)[0].strip()
