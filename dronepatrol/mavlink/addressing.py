"""Whom a frame is for, read from its bytes without parsing it."""

from __future__ import annotations

import re
import struct
from functools import cache

from dronepatrol.mavlink.dialect import dialect

_MAVLINK1, _MAVLINK2 = 0xFE, 0xFD
_HEADER_BYTES = {_MAVLINK1: 6, _MAVLINK2: 10}


@cache
def _offsets() -> dict[int, int]:
    """Return where each message's payload holds the target system, for messages that name one."""
    found = {}
    for number, kind in dialect.mavlink_map.items():
        if "target_system" in kind.fieldnames:
            found[number] = _offset(kind, "target_system")
    return found


def _offset(kind: type[dialect.MAVLink_message], name: str) -> int:
    # The dialect lists fields and their struct codes in the order of the wire, which is by size.
    codes = re.findall(r"\d*[a-zA-Z]", kind.unpacker.format)
    before = codes[: kind.ordered_fieldnames.index(name)]
    return struct.calcsize("<" + "".join(before))


def target_system(frame: bytes) -> int:
    """Return the system id that a frame names, 0 where it is for all or is no frame.

    The checksum is not looked at.
    """
    header = _HEADER_BYTES.get(frame[0]) if frame else None
    if header is None or len(frame) < header + 2:
        return 0
    number = frame[5] if frame[0] == _MAVLINK1 else int.from_bytes(frame[7:10], "little")
    offset = _offsets().get(number)
    if offset is None or offset >= frame[1]:
        # Zeros at the end of a payload are not sent.
        return 0
    return frame[header + offset]
