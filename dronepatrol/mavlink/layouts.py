"""How each MAVLink message lies in a frame, for readers that decode many frames at once.

The dialect's message classes know names, types, order on the wire, units and the checksum's extra byte;
here they become numpy dtypes. They are made one by one when asked for, as a log holds a few dozen types of
some three hundred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from dronepatrol.mavlink.dialect import dialect

_FIELD = re.compile(r"(\d*)([a-zA-Z])")
_NUMPY_CODE = {
    "b": "i1",
    "B": "u1",
    "h": "<i2",
    "H": "<u2",
    "i": "<i4",
    "I": "<u4",
    "q": "<i8",
    "Q": "<u8",
    "f": "<f4",
    "d": "<f8",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How one message lies in a payload.

    Attributes
    ----------
    number, name
        Message id and name.
    crc_extra
        The byte that the checksum takes in after the payload.
    fields
        Field names in the order of the definition.
    formats
        Dtype of each field, in the order of `fields`; texts are ``S``.
    offsets
        Byte offset of each field in the payload, in the order of `fields`.
    size
        Bytes of the whole payload, extension fields included.
    units
        Units of the fields that have one, as the dialect writes them: ``"degE7"``, ``"cm/s"``.
    instance_field
        The field that tells sensors of one vehicle apart, if the message has one.
    """

    number: int
    name: str
    crc_extra: int
    fields: tuple[str, ...]
    formats: tuple[np.dtype[np.generic], ...]
    offsets: tuple[int, ...]
    size: int
    units: Mapping[str, str]
    instance_field: str | None


@cache
def layout(number: int) -> Layout:
    """Return the layout of a message that the dialect knows.

    Raises
    ------
    KeyError
        The dialect has no message of this number.
    """
    kind = dialect.mavlink_map[number]
    formats: dict[str, np.dtype[np.generic]] = {}
    offsets: dict[str, int] = {}
    at = 0
    for name, (count, code) in zip(
        kind.ordered_fieldnames, _FIELD.findall(kind.unpacker.format), strict=True
    ):
        formats[name] = _dtype(count, code)
        offsets[name] = at
        at += formats[name].itemsize
    return Layout(
        number=number,
        name=kind.msgname,
        crc_extra=kind.crc_extra,
        fields=tuple(kind.fieldnames),
        formats=tuple(formats[name] for name in kind.fieldnames),
        offsets=tuple(offsets[name] for name in kind.fieldnames),
        size=at,
        units=dict(kind.fieldunits_by_name),
        instance_field=kind.instance_field,
    )


def _dtype(count: str, code: str) -> np.dtype[np.generic]:
    if code == "s":
        return np.dtype(f"S{count or 1}")
    return np.dtype((_NUMPY_CODE[code], (int(count),)) if count else _NUMPY_CODE[code])


@cache
def message_numbers() -> Mapping[str, int]:
    """Return the number of every message that the dialect knows, by name."""
    return {kind.msgname: number for number, kind in dialect.mavlink_map.items()}


@cache
def crc_extra_table() -> npt.NDArray[np.int16]:
    """Return the extra byte of each message number, -1 for numbers that the dialect does not know.

    Shape (largest known number + 2,); the last entry is -1, so that larger numbers can be clipped to it.
    """
    table = np.full(max(dialect.mavlink_map) + 2, -1, dtype=np.int16)
    for number, kind in dialect.mavlink_map.items():
        table[number] = kind.crc_extra
    return table
