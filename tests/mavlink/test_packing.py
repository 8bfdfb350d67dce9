"""Frames packed here against pymavlink's."""

from __future__ import annotations

import math
import random
import struct
from typing import Any

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.packing import pack_numbers

_INTEGERS = {"b": (-128, 127), "B": (0, 255), "h": (-(2**15), 2**15 - 1), "H": (0, 2**16 - 1)}
_INTEGERS |= {
    "i": (-(2**31), 2**31 - 1),
    "I": (0, 2**32 - 1),
    "q": (-(2**63), 2**63 - 1),
    "Q": (0, 2**64 - 1),
}


def example(kind: Any, dice: random.Random) -> Any:
    """Return a message of a type with random numbers, or None if it has other fields."""
    codes = kind.unpacker.format.lstrip("<")
    if any(not code.isalpha() or code in "scx" for code in codes) or len(codes) != len(kind.fieldnames):
        return None
    values = []
    for code in codes:
        if code in "fd":
            values.append(dice.choice([0.0, math.inf, dice.uniform(-1e6, 1e6)]))
        else:
            values.append(dice.choice([0, 1, dice.randint(*_INTEGERS[code])]))
    by_name = dict(zip(kind.ordered_fieldnames, values, strict=True))
    return kind(*(by_name[name] for name in kind.fieldnames))


def test_frames_are_those_of_pymavlink() -> None:
    """Every message type of plain numbers packs to the same bytes, trailing zeros and all."""
    dice = random.Random(1)
    seen = 0
    for kind in dialect.mavlink_map.values():
        for _ in range(5):
            message = example(kind, dice)
            if message is None:
                continue
            link = dialect.MAVLink(None, srcSystem=7, srcComponent=1)
            link.seq = dice.randint(0, 255)
            frame = pack_numbers(message, link.seq, 7, 1)
            if frame is not None:
                seen += 1
                assert frame == bytes(message.pack(link)), kind.msgname
    assert seen > 500


@pytest.mark.parametrize(
    "message",
    [dialect.MAVLink_statustext_message(6, b"hello"), dialect.MAVLink_param_value_message(b"A", 1, 9, 1, 0)],
)
def test_text_and_arrays_are_left_to_pymavlink(message: Any) -> None:
    """Messages with more than numbers are not packed here."""
    assert pack_numbers(message, 0, 1, 1) is None


def test_a_number_beyond_its_field_is_told() -> None:
    """A value that does not fit raises instead of wrapping."""
    with pytest.raises(struct.error):
        pack_numbers(dialect.MAVLink_rc_channels_raw_message(-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, 1, 1)
