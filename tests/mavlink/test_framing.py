"""Finding frames without making messages of them."""

from __future__ import annotations

import random

import pytest

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.framing import FrameReader
from dronepatrol.mavlink.signing import Signing

KINDS = sorted(dialect.mavlink_map)


def message_of(number: int, draw: random.Random) -> object:
    """Return a message of a kind with arbitrary values."""
    kind = dialect.mavlink_map[number]
    values: list[object] = []
    for place, wire in zip(kind.fieldtypes, kind.orders, strict=True):
        length = kind.array_lengths[wire]
        if place == "char":
            text = bytes(draw.randrange(1, 127) for _ in range(max(length - draw.randrange(3), 1)))
            values.append(text)
            continue
        one = [float(draw.randrange(-99, 99)) if place in ("float", "double") else draw.randrange(0, 100)]
        values.append([one[0]] * length if length else one[0])
    return kind(*values)


def reader() -> FrameReader:
    """Return a reader of an unsigned link."""
    return FrameReader(Codec(255, 190))


def attitudes(count: int) -> list[bytes]:
    """Return frames of one vehicle."""
    codec = Codec(1, 1)
    return [codec.pack(dialect.MAVLink_attitude_message(n, 0.1, 0.2, 0.3, 0, 0, 0)) for n in range(count)]


@pytest.mark.parametrize("version", [1, 2])
def test_every_message_of_the_dialect_is_read_as_pymavlink_reads_it(version: int) -> None:
    """Fields, header and bytes of each message equal those of pymavlink's own decoder."""
    draw = random.Random(7)
    mavlink = dialect.MAVLink(None, 3, 4)
    for number in KINDS:
        if version == 1 and number > 255:
            continue
        raw = message_of(number, draw).pack(mavlink, force_mavlink1=version == 1)
        theirs = mavlink.decode(bytearray(raw))
        (frame,) = reader().feed(raw)
        ours = frame.message
        assert ours == theirs
        assert ours.to_dict() == theirs.to_dict()
        assert ours.get_header().__dict__ == theirs.get_header().__dict__
        assert (ours.get_msgbuf(), ours.get_payload()) == (theirs.get_msgbuf(), theirs.get_payload())
        assert (frame.number, frame.system, frame.component) == (number, 3, 4)


def test_pieces_of_any_size_give_the_same_frames() -> None:
    """Bytes that come one by one are put together."""
    frames = attitudes(5)
    read = reader()
    found = [frame.raw for byte in b"".join(frames) for frame in read.feed(bytes([byte]))]
    assert found == frames


def test_noise_between_frames_takes_none_along() -> None:
    """Console text and false starts between frames are counted, and every frame is found."""
    frames = attitudes(40)
    noise = [b"\r\nInit ArduCopter", b"\xfd\x20", b"\xfe", b"\xfd\xff\x00\x00", b"\xfd\x09\x40" + b"x" * 30]
    draw = random.Random(1)
    sent = b"".join(piece for frame in frames for piece in (draw.choice(noise), frame))
    read = reader()
    found = [frame.raw for frame in read.feed(sent + bytes(300))]
    assert found == frames
    assert read.bad_bytes + sum(map(len, frames)) == len(sent) + 300


def test_a_damaged_frame_is_dropped_and_counted() -> None:
    """A wrong checksum gives no frame, whatever byte is changed, and the next one is found."""
    good, after = attitudes(2)
    for place in range(1, len(good)):
        damaged = bytearray(good)
        damaged[place] ^= 0x55
        read = reader()
        found = [frame.raw for frame in read.feed(bytes(damaged) + after + bytes(300))]
        assert after in found
        assert good not in found
        assert read.bad_frames or read.unknown_frames or read.bad_bytes


def test_a_frame_of_an_unknown_message_is_passed_on_whole() -> None:
    """What the dialect does not know is a frame without a message."""
    raw = bytearray(attitudes(1)[0])
    raw[7:10] = (50_000).to_bytes(3, "little")
    read = reader()
    (frame, known) = read.feed(bytes(raw) + attitudes(1)[0])
    assert (frame.raw, frame.known, known.known) == (bytes(raw), False, True)
    assert read.unknown_frames == 1
    with pytest.raises(ValueError, match="message 50000 is not in the dialect"):
        _ = frame.message


def test_a_signed_link_takes_signed_frames_alone() -> None:
    """With a key, unsigned and forged frames are refused, and good ones keep their fields."""
    key = bytes(range(32))
    ours, theirs, forger = Codec(255, 190), Codec(1, 1), Codec(1, 1)
    for codec, secret in ((ours, key), (theirs, key), (forger, bytes(range(1, 33)))):
        Signing(codec, 0).set_key(secret, 1.8e9)
    message = dialect.MAVLink_attitude_message(5, 0.1, 0.2, 0.3, 0, 0, 0)
    read = FrameReader(ours)
    assert read.feed(forger.pack(message)) == []
    assert read.feed(attitudes(1)[0]) == []
    (frame,) = read.feed(theirs.pack(message))
    assert frame.message.get_signed()
    assert frame.message.time_boot_ms == 5
    assert read.bad_frames == 2


def test_a_frame_nobody_asks_for_makes_no_message() -> None:
    """The message is made once, when first asked for."""
    (frame,) = reader().feed(attitudes(1)[0])
    assert frame._message is None
    assert frame.message is frame.message
