"""Cuts a stream of bytes at the borders of MAVLink frames, without checking them."""

from __future__ import annotations

MAVLINK1, MAVLINK2 = 0xFE, 0xFD
"""First bytes of frames (MAVLink developer guide, "Packet Serialization")."""
MAVLINK1_OVERHEAD, MAVLINK2_OVERHEAD = 8, 12
SIGNATURE_BYTES = 13
LONGEST_FRAME = 255 + MAVLINK2_OVERHEAD + SIGNATURE_BYTES
_SIGNED = 0x01


class FrameSplitter:
    """Gives back whole frames and the runs of other bytes between them; keeps what is not complete yet.

    Checksums are not looked at: a byte of noise that looks like the start of a frame takes the bytes after it
    along, as it does in every receiver before the checksum tells.
    """

    def __init__(self) -> None:
        self._rest = b""

    @property
    def pending(self) -> int:
        """Bytes kept until the rest of their frame arrives, at most `LONGEST_FRAME`."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the pieces that these bytes complete, in order; no byte is dropped."""
        data = self._rest + data if self._rest else bytes(data)
        pieces, at, end = [], 0, len(data)
        while at < end:
            start = _next_start(data, at)
            if start > at:
                pieces.append(data[at:start])
                at = start
                continue
            length = _frame_length(data, at)
            if length is None or at + length > end:
                break
            pieces.append(data[at : at + length])
            at += length
        self._rest = data[at:]
        return pieces

    def flush(self) -> bytes:
        """Return and forget what is kept."""
        rest, self._rest = self._rest, b""
        return rest


def _next_start(data: bytes, at: int) -> int:
    if data[at] in (MAVLINK2, MAVLINK1):
        return at
    starts = [start for start in (data.find(b"\xfd", at), data.find(b"\xfe", at)) if start >= 0]
    return min(starts, default=len(data))


def _frame_length(data: bytes, at: int) -> int | None:
    """Return the length that the header promises, None while it is not there."""
    if len(data) - at < 3:
        return None
    if data[at] == MAVLINK1:
        return data[at + 1] + MAVLINK1_OVERHEAD
    signature = SIGNATURE_BYTES if data[at + 2] & _SIGNED else 0
    return data[at + 1] + MAVLINK2_OVERHEAD + signature
