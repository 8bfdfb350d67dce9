"""Cutting bytes at the borders of frames."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dronepatrol.link.framing import LONGEST_FRAME, FrameSplitter
from dronepatrol.mavlink.dialect import dialect
from tests.link.frames import heartbeats


def test_glued_frames_come_apart() -> None:
    """Frames sent as one piece are given back one by one."""
    frames = heartbeats(5)
    assert FrameSplitter().feed(b"".join(frames)) == frames


def test_a_cut_frame_waits_for_its_rest() -> None:
    """A frame in two reads is given back once, whole."""
    splitter, frame = FrameSplitter(), heartbeats(1)[0]
    assert splitter.feed(frame[:7]) == []
    assert splitter.pending == 7
    assert splitter.feed(frame[7:]) == [frame]


def test_noise_between_frames_is_a_piece_of_its_own() -> None:
    """Bytes that start no frame neither vanish nor stick to one."""
    first, second = heartbeats(2)
    assert FrameSplitter().feed(first + b"noise" + second) == [first, b"noise", second]


def test_signed_and_mavlink_1_frames_have_their_own_lengths() -> None:
    """The signature's 13 bytes and the shorter MAVLink 1 header are counted."""
    old = dialect.MAVLink(None, srcSystem=1, srcComponent=1)
    message = dialect.MAVLink_heartbeat_message(2, 3, 0, 0, 4, 3)
    short = bytes(message.pack(old, force_mavlink1=True))
    old.signing.sign_outgoing = True
    old.signing.secret_key = bytes(32)
    signed = bytes(dialect.MAVLink_heartbeat_message(2, 3, 0, 0, 4, 3).pack(old))
    assert (short[0], signed[2] & 1) == (0xFE, 1)
    assert FrameSplitter().feed(short + signed + short) == [short, signed, short]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_no_byte_is_lost_or_moved(pieces: list[bytes]) -> None:
    """Whatever comes in, the pieces given back and what is kept are the same bytes."""
    splitter = FrameSplitter()
    out = [piece for data in pieces for piece in splitter.feed(data)]
    assert splitter.pending < LONGEST_FRAME
    assert b"".join(out) + splitter.flush() == b"".join(pieces)
