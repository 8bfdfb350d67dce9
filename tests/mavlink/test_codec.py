"""Frames to messages and back."""

from __future__ import annotations

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect


def text(content: str) -> object:
    """A status text."""
    return dialect.MAVLink_statustext_message(6, content.encode())


def test_frames_split_anywhere_come_out_whole() -> None:
    """Bytes arriving one at a time give the same messages."""
    sender, receiver = Codec(1, 1), Codec(255, 190)
    data = b"".join(sender.pack(text(f"number {k}")) for k in range(20))
    got = [message.text for k in range(len(data)) for message in receiver.parse(data[k : k + 1])]
    assert got == [f"number {k}" for k in range(20)]


def test_sequence_numbers_count_up_and_wrap() -> None:
    """Each frame of a link carries the next number, modulo 256."""
    codec = Codec(1, 1)
    assert [codec.pack(text("x"))[4] for _ in range(258)] == [*range(256), 0, 1]


def test_garbage_is_counted_and_the_next_frame_survives() -> None:
    """Bytes that are no frame are counted; a valid frame behind them is found."""
    sender, receiver = Codec(1, 1), Codec(255, 190)
    messages = receiver.parse(b"garbage" * 3 + sender.pack(text("after")))
    assert [message.text for message in messages] == ["after"]
    assert receiver.bad_bytes >= 21


def test_a_damaged_frame_is_not_a_message() -> None:
    """A frame with a flipped byte fails its checksum."""
    sender, receiver = Codec(1, 1), Codec(255, 190)
    frame = bytearray(sender.pack(text("damaged")))
    frame[12] ^= 0x40
    assert receiver.parse(bytes(frame)) == []
    assert receiver.bad_bytes > 0
