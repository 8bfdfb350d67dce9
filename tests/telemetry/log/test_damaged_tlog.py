"""Damaged telemetry logs: no valid frame is lost, and what is skipped is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.telemetry.log.tlog_scan import scan
from tests.telemetry.log.damage import (
    T0_US,
    attitude,
    every_valid_frame,
    packed,
    record,
    sender,
    small_log,
    untouched,
)
from tests.telemetry.log.real_logs import real_log

LOG, PLACES = small_log(60)
LOG_1, PLACES_1 = small_log(60, version=1)


def found(data: bytes) -> list[tuple[int, int]]:
    """Offset and length of every frame that the scan finds."""
    frames = scan(np.frombuffer(data, np.uint8)).frames
    return list(zip(frames.starts.tolist(), (frames.ends - frames.starts).tolist(), strict=True))


def accounted(data: bytes) -> int:
    """Bytes that are a frame, a stamp before one, or told as skipped."""
    result = scan(np.frombuffer(data, np.uint8))
    both = sorted(
        (start, end)
        for frames in (result.frames, result.unknown)
        for start, end in zip(frames.starts.tolist(), frames.ends.tolist(), strict=True)
    )
    total, last = int(result.skipped[:, 1].sum()), 0
    for start, end in both:
        assert start >= last
        total += end - start + (8 if start - last >= 8 else 0)
        last = end
    return total


def none_lost(data: bytes) -> None:
    """Assert that each valid frame is found, or shares bytes with one that is; none overlaps; all is told."""
    ours = found(data)
    taken = np.zeros(len(data), np.bool_)
    for start, length in ours:
        assert not taken[start : start + length].any()
        taken[start : start + length] = True
    brute = every_valid_frame(data)
    assert set(ours) <= set(brute)
    for start, length in brute:
        assert taken[start : start + length].any(), f"the frame at {start} is lost"
    assert accounted(data) == len(data)


def test_an_intact_log_is_found_whole() -> None:
    """Every frame stands where it was written and nothing is skipped, in both versions."""
    for data, places in ((LOG, PLACES), (LOG_1, PLACES_1)):
        assert found(data) == places
        assert scan(np.frombuffer(data, np.uint8)).skipped.size == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(LOG) - 1), st.integers(1, 255)), min_size=1, max_size=40))
def test_flipped_bytes_lose_only_their_own_frames(flips: list[tuple[int, int]]) -> None:
    """A frame without a changed byte is found, whatever happened around it."""
    data = bytearray(LOG)
    for at, mask in flips:
        data[at] ^= mask
    ours = set(found(bytes(data)))
    changed = [at for at in range(len(LOG)) if data[at] != LOG[at]]
    assert set(untouched(PLACES, changed)) <= ours
    none_lost(bytes(data))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(LOG)), st.integers(0, len(LOG)))
def test_cut_off_ends_lose_only_what_was_cut(first: int, last: int) -> None:
    """Any part of a log gives the frames that are whole in it."""
    low, high = min(first, last), max(first, last)
    part = LOG[low:high]
    whole = [(s - low, n) for s, n in PLACES if s >= low and s + n <= high]
    assert set(whole) <= set(found(part))
    none_lost(part)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_inserted_and_deleted_bytes_lose_nothing_else(data: st.DataObject) -> None:
    """Rubbish between and within records, and holes, lose only the frames that they touch."""
    pieces, at = [], 0
    for _ in range(data.draw(st.integers(1, 6))):
        cut = data.draw(st.integers(at, len(LOG)))
        pieces.append(LOG[at:cut])
        pieces.append(data.draw(st.binary(max_size=30)))
        at = min(len(LOG), cut + data.draw(st.integers(0, 40)))
    none_lost(b"".join([*pieces, LOG[at:]]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0xFD, 0xFE, 0x00, 0x01, 0x1E, 0x1C]), max_size=300))
def test_nonsense_of_magic_bytes_is_survived(values: list[int]) -> None:
    """Bytes that look like the beginnings of frames are told as skipped."""
    none_lost(bytes(values))


def test_console_text_between_records() -> None:
    """Separately stamped one-byte records, as one ground station writes its console, hide no frame."""
    mav, parts, count = sender(), [], 0
    for k in range(40):
        parts.append(record(T0_US + k, packed(mav, attitude(k))))
        if k % 3 == 0:
            words = b"Got COMMAND_ACK: \xfe\xfd accepted\n"
            parts.extend(record(T0_US + k, bytes([byte])) for byte in words)
            count += 9 * len(words)
    result = scan(np.frombuffer(b"".join(parts), np.uint8))
    assert len(result.frames) == 40
    assert result.skipped[:, 1].sum() == count


def test_a_frame_within_a_payload_is_not_taken() -> None:
    """A frame that carries another one counts once, as itself."""
    mav = sender()
    inner = packed(mav, attitude(3))
    carrier = sender_of_data(inner)
    data = record(T0_US, carrier) + record(T0_US + 1, packed(mav, attitude(4)))
    assert [start for start, _ in found(data)] == [8, 16 + len(carrier)]


def sender_of_data(inner: bytes) -> bytes:
    """A frame with a whole record in its payload."""
    from pymavlink.dialects.v20 import ardupilotmega as dialect

    content = record(T0_US, inner) + bytes(8) + b"\xfd"
    message = dialect.MAVLink_encapsulated_data_message(1, list(content.ljust(253, b"\x07")))
    return packed(sender(), message)


def test_frames_without_stamps_are_found() -> None:
    """A bare stream of frames is no proper log, and still gives all of them."""
    mav = sender()
    data = b"".join(packed(mav, attitude(k)) for k in range(30))
    assert len(found(data)) == 30


def test_signed_frames_are_found() -> None:
    """The signature after the checksum belongs to the frame."""
    mav = sender(key=b"\x05" * 32)
    data = b"".join(record(T0_US + k, packed(mav, attitude(k))) for k in range(10))
    assert len(found(data)) == 10
    assert scan(np.frombuffer(data, np.uint8)).skipped.size == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_real_log_with_flipped_bytes(seed: int) -> None:
    """Of a real log with a thousandth of its bytes changed, every untouched frame is found."""
    raw = real_log("logs/eaics_flight.tlog").read_bytes()
    places = found(raw)
    data = np.frombuffer(raw, np.uint8).copy()
    random = np.random.default_rng(seed)
    at = random.choice(data.size, data.size // 1000, replace=False)
    data[at] ^= random.integers(1, 256, at.size).astype(np.uint8)
    ours = set(found(data.tobytes()))
    assert set(untouched(places, at.tolist())) <= ours


@pytest.mark.slow
def test_a_real_log_against_trying_each_byte() -> None:
    """In a badly damaged part of a real log the scan finds what trying each byte finds."""
    raw = real_log("logs/uavlogviewer_vtol.tlog").read_bytes()[:300_000]
    data = np.frombuffer(raw, np.uint8).copy()
    random = np.random.default_rng(7)
    at = random.choice(data.size, data.size // 100, replace=False)
    data[at] ^= random.integers(1, 256, at.size).astype(np.uint8)
    none_lost(data.tobytes())
