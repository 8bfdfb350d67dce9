"""Reading whom a frame is for."""

from __future__ import annotations

import pytest

from dronepatrol.mavlink.addressing import target_system
from dronepatrol.mavlink.dialect import dialect

KINDS = sorted(dialect.mavlink_map.items())


def frame(kind: type, system: int, *, old: bool = False) -> bytes:
    """Return a frame of a message of all zeros but its target system."""
    values = []
    for name, field_type, length in zip(kind.fieldnames, kind.fieldtypes, _array_lengths(kind), strict=True):
        if name == "target_system":
            values.append(system)
        elif field_type == "char":
            values.append(b"")
        else:
            values.append([0] * length if length else 0)
    return bytes(kind(*values).pack(dialect.MAVLink(None, srcSystem=255), force_mavlink1=old))


def _array_lengths(kind: type) -> list[int]:
    by_name = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
    return [by_name[name] for name in kind.fieldnames]


@pytest.mark.parametrize(("number", "kind"), KINDS, ids=[kind.msgname for _, kind in KINDS])
def test_every_message_of_the_dialect_is_read_as_pymavlink_writes_it(number: int, kind: type) -> None:
    """The system that pymavlink packs is the system that is read, in either version of the protocol."""
    names_one = "target_system" in kind.fieldnames
    assert target_system(frame(kind, 77)) == (77 if names_one else 0)
    assert target_system(frame(kind, 0)) == 0
    if number < 256:
        assert target_system(frame(kind, 77, old=True)) == (77 if names_one else 0)


@pytest.mark.parametrize("data", [b"", b"\xfd", b"noise", b"\xfd\x09\0\0\0\0\0", b"\xfe\x09\0\0\0"])
def test_what_is_no_frame_names_nobody(data: bytes) -> None:
    """Noise and cut frames are for all, so that receivers count them."""
    assert target_system(data) == 0
