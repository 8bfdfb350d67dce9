"""Parameter values as they travel in PARAM_VALUE and PARAM_SET.

The one field for a value is a float. ArduPilot casts integers to it (capability PARAM_ENCODE_C_CAST, once
called PARAM_FLOAT), PX4 puts their bytes there (PARAM_ENCODE_BYTEWISE). Source:
https://mavlink.io/en/services/parameter.html#parameter-encoding.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.item_rules import single

NAME_BYTES = 16
NO_INDEX = 65535
"""Index of a value that was not asked for by index."""
REAL32 = dialect.MAV_PARAM_TYPE_REAL32
_INTEGERS: Mapping[int, tuple[str, int, int]] = {
    dialect.MAV_PARAM_TYPE_UINT8: ("<B3x", 0, 2**8 - 1),
    dialect.MAV_PARAM_TYPE_INT8: ("<b3x", -(2**7), 2**7 - 1),
    dialect.MAV_PARAM_TYPE_UINT16: ("<H2x", 0, 2**16 - 1),
    dialect.MAV_PARAM_TYPE_INT16: ("<h2x", -(2**15), 2**15 - 1),
    dialect.MAV_PARAM_TYPE_UINT32: ("<I", 0, 2**32 - 1),
    dialect.MAV_PARAM_TYPE_INT32: ("<i", -(2**31), 2**31 - 1),
}


class ParameterEncoding(Enum):
    """How integers stand in the float field."""

    CAST = "cast to float"
    BYTEWISE = "bytes in the float"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a vehicle.

    Attributes
    ----------
    kind
        MAV_PARAM_TYPE. ArduPilot reports REAL32 for a value that a PARAM_SET did not change.
    index
        Its place in the list, or None if it was not reported with one.
    """

    name: str
    value: float
    kind: int = REAL32
    index: int | None = None


def is_integer(kind: int) -> bool:
    """Tell whether a MAV_PARAM_TYPE is one of whole numbers."""
    return kind in _INTEGERS


def fitted(value: float, kind: int) -> float:
    """Return a value as a parameter of this type can hold it: whole numbers rounded half away from zero.

    A value beyond the type's range is not cut: that is a mistake to be told.
    """
    if not is_integer(kind):
        return single(value)
    return float(math.trunc(value + math.copysign(0.5, value))) if math.isfinite(value) else value


def within_range(value: float, kind: int) -> bool:
    """Tell whether a value fits its type."""
    if not math.isfinite(value):
        return False
    if kind not in _INTEGERS:
        return math.isfinite(single(value))
    _, low, high = _INTEGERS[kind]
    return low <= fitted(value, kind) <= high


def to_field(value: float, kind: int, encoding: ParameterEncoding) -> float:
    """Return what stands in the float field for a value.

    Raises
    ------
    ValueError
        The value is outside the range of its type, or, bytewise, its bits are those of a float that does not
        survive (a signalling NaN).
    """
    if not within_range(value, kind):
        raise ValueError(f"{value:g} does not fit the parameter type {type_name(kind)}")
    if encoding is ParameterEncoding.CAST or kind not in _INTEGERS:
        return single(value)
    layout = _INTEGERS[kind][0]
    data = struct.pack(layout, int(fitted(value, kind)))
    field: float = struct.unpack("<f", data)[0]
    if struct.pack("<f", field) != data:
        raise ValueError(f"{value:g} cannot travel bytewise: its bits are those of a signalling NaN")
    return field


def from_field(field: float, kind: int, encoding: ParameterEncoding) -> float:
    """Return the value that a float field stands for."""
    if encoding is ParameterEncoding.CAST or kind not in _INTEGERS:
        return field
    layout = _INTEGERS[kind][0]
    return float(struct.unpack(layout, struct.pack("<f", field))[0])


def parameter_of(message: Message, encoding: ParameterEncoding) -> Parameter:
    """Return the parameter of a PARAM_VALUE."""
    index = None if message.param_index == NO_INDEX else int(message.param_index)
    value = from_field(message.param_value, message.param_type, encoding)
    return Parameter(message.param_id, value, int(message.param_type), index)


def name_bytes(name: str) -> bytes:
    """Return a name as it travels.

    Raises
    ------
    ValueError
        It is empty, longer than 16 characters or not ASCII.
    """
    if not name.isascii() or not 0 < len(name) <= NAME_BYTES:
        raise ValueError(f"a parameter's name has 1 to {NAME_BYTES} ASCII characters, got {name!r}")
    return name.encode("ascii")


def type_name(kind: int) -> str:
    """Return the name of a MAV_PARAM_TYPE without its prefix, or its number."""
    known = dialect.enums["MAV_PARAM_TYPE"].get(kind)
    return known.name.removeprefix("MAV_PARAM_TYPE_") if known else f"type {kind}"


def same_value(a: float, b: float) -> bool:
    """Tell whether two values are the same parameter value: equal in single precision."""
    return single(a) == single(b) or (math.isnan(a) and math.isnan(b))
