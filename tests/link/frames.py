"""Frames for tests of links."""

from __future__ import annotations

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect


def heartbeats(count: int, *, system: int = 7) -> list[bytes]:
    """Return heartbeat frames, numbered in `custom_mode`."""
    codec = Codec(system, 1)
    return [codec.pack(dialect.MAVLink_heartbeat_message(2, 3, 0, number, 4, 3)) for number in range(count)]


def numbers(data: bytes) -> list[int]:
    """Return the numbers of the heartbeats in bytes, in order of arrival."""
    return [message.custom_mode for message in Codec(255, 190).parse(data)]
