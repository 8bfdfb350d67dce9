"""Parameters of a simulated autopilot and their MAVLink service.

Values travel as floats whatever their type, as ArduPilot does (MAV_PROTOCOL_CAPABILITY_PARAM_FLOAT). They are
kept the moment they are set; ArduPilot refuses MAV_CMD_PREFLIGHT_STORAGE for that reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.item_rules import single
from dronepatrol.sim.autopilot.channel import Channel

NO_INDEX = 65535
"""Index of a value that was not asked for by index."""
LIST_PER_S = 400.0
"""Values of a list sent per second: the real one lists its 1,333 in 3 to 4 s."""

EQUIPMENT: Mapping[str, float] = {"CAM1_TYPE": 1.0, "MNT1_TYPE": 1.0, "GRIP_ENABLE": 1.0, "DID_ENABLE": 0.0}
"""What a simulated drone carries and the reference, by its defaults, does not: a camera, a gimbal, a
gripper."""

_REAL = dialect.MAV_PARAM_TYPE_REAL32
_LIMITS: Mapping[int, tuple[int, int]] = {
    dialect.MAV_PARAM_TYPE_INT8: (-128, 127),
    dialect.MAV_PARAM_TYPE_INT16: (-32768, 32767),
    dialect.MAV_PARAM_TYPE_INT32: (-(2**31), 2**31 - 1),
}
Watcher = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Definition:
    """A parameter as ArduCopter defines it.

    Attributes
    ----------
    kind
        MAV_PARAM_TYPE.
    low, high
        The documented range, NaN where none is known; ArduCopter takes values beyond it.
    """

    name: str
    default: float
    kind: int
    low: float = math.nan
    high: float = math.nan


@cache
def definitions() -> Mapping[str, Definition]:
    """Return the parameters of ArduCopter 4.7-dev by name, in the order in which it lists them."""
    text = (files(__package__) / "parameters.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {
        name: Definition(name, float(default), int(kind), *(float(end) for end in ends))
        for name, default, kind, *ends in rows
    }


@cache
def _numbered() -> tuple[tuple[str, ...], Mapping[str, int]]:
    names = tuple(definitions())
    return names, {name: index for index, name in enumerate(names)}


@cache
def _defaults() -> Mapping[str, float]:
    return {name: single(d.default) for name, d in definitions().items()} | dict(EQUIPMENT)


class ParameterStore(Mapping[str, float]):
    """Names, values and types, in a fixed order.

    Parameters
    ----------
    overrides
        Values that differ from the defaults at first.
    """

    def __init__(self, overrides: Mapping[str, float] | None = None) -> None:
        self.names, self._index = _numbered()
        self._values = dict(_defaults())
        self._watchers: dict[str, list[Watcher]] = {}
        for name, value in (overrides or {}).items():
            self._values[name] = value

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or the default for a name that does not exist."""
        return self._values.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def watch(self, name: str, watcher: Watcher) -> None:
        """Call a function with each new value of a parameter."""
        self._watchers.setdefault(name, []).append(watcher)

    def set(self, name: str, value: float) -> bool:
        """Store a value, rounded and limited as its type demands; say whether it changed."""
        kept = _fitted(value, definitions()[name].kind)
        if kept == self._values[name]:
            return False
        self._values[name] = kept
        for watcher in self._watchers.get(name, ()):
            watcher(kept)
        return True

    def message(self, name: str, *, index: int | None = None, as_real: bool = False) -> Message:
        """Return the PARAM_VALUE of a name."""
        kind = _REAL if as_real else definitions()[name].kind
        at = self._index[name] if index is None else index
        return dialect.MAVLink_param_value_message(
            name.encode("ascii"), self._values[name], kind, len(self.names), at
        )


def _fitted(value: float, kind: int) -> float:
    """Round half away from zero and limit to the type's range, as AP_Param does."""
    if kind == _REAL:
        return single(value)
    low, high = _LIMITS[kind]
    whole = math.trunc(value + math.copysign(0.5, value))
    return float(min(max(whole, low), high))


class ParameterService:
    """Answers PARAM_REQUEST_LIST, PARAM_REQUEST_READ and PARAM_SET.

    Parameters
    ----------
    store
        The values.
    announce
        Sends a changed value to everyone.
    """

    def __init__(self, store: ParameterStore, announce: Callable[[Message], None]) -> None:
        self.store = store
        self._announce = announce
        self._lists: dict[Channel, float] = {}
        self.handlers = {
            dialect.MAVLINK_MSG_ID_PARAM_REQUEST_LIST: self._list,
            dialect.MAVLINK_MSG_ID_PARAM_REQUEST_READ: self._read,
            dialect.MAVLINK_MSG_ID_PARAM_SET: self._set,
        }

    def restart(self) -> None:
        """Forget lists under way."""
        self._lists.clear()

    def step(self, dt_s: float) -> None:
        """Send the next part of every list that was asked for."""
        if not self._lists:
            return
        names = self.store.names
        for channel, start in list(self._lists.items()):
            stop = min(start + LIST_PER_S * dt_s, float(len(names)))
            for name in names[int(start) : int(stop)]:
                channel.send(self.store.message(name))
            if stop >= len(names):
                del self._lists[channel]
            else:
                self._lists[channel] = stop

    def _list(self, channel: Channel, _message: Message) -> None:
        self._lists[channel] = 0.0

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
        if self.store.set(name, message.param_value):
            self._announce(self.store.message(name, index=NO_INDEX))
        else:
            channel.send(self.store.message(name, index=NO_INDEX, as_real=True))


def _name(param_id: str | bytes) -> str:
    text = param_id.decode("ascii", "replace") if isinstance(param_id, bytes) else param_id
    return text.split("\0", 1)[0].strip()
