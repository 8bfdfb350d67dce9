"""Keys and time stamps on disk, and what signing keeps out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from dronepatrol.errors import InputError, OutputError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.key_file import ClientSigning, TimestampFile, passphrase_key, read_key
from dronepatrol.mavlink.signing import EPOCH_UNIX_S, signing_timestamp

NOW_S = 1_800_000_000.0
KEY = bytes(range(1, 33))


def station(key: bytes = KEY, now_s: float = NOW_S, **options: Any) -> tuple[Codec, ClientSigning]:
    """Return the ground station's end of a link, signing."""
    codec = Codec(255, 190)
    return codec, ClientSigning(codec, key, now_s, **options)


def vehicle(key: bytes = KEY, now_s: float = NOW_S) -> Codec:
    """Return a vehicle's end of a link that signs with a key."""
    codec = Codec(1, 1)
    ClientSigning(codec, key, now_s, link_id=1)
    return codec


def beat(custom_mode: int = 0) -> Any:
    """Return a heartbeat."""
    return dialect.MAVLink_heartbeat_message(2, 3, 0, custom_mode, 4, 3)


def test_passphrase_is_the_sha256_of_its_utf8() -> None:
    """Mission Planner and MAVProxy make the same key of the same words."""
    assert passphrase_key("拱墅 7") == hashlib.sha256("拱墅 7".encode()).digest()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (KEY, KEY),
        (KEY.hex().encode() + b"\n", KEY),
        (KEY.hex().upper().encode(), KEY),
        (b"correct horse\r\n", passphrase_key("correct horse")),
    ],
    ids=["bytes", "hex", "upper", "words"],
)
def test_key_files(tmp_path: Path, content: bytes, key: bytes) -> None:
    """32 bytes are the key, 64 digits are its hexadecimal form, one line of words is a passphrase."""
    path = tmp_path / "link.key"
    path.write_bytes(content)
    assert read_key(path) == key


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff" * 31])
def test_file_without_a_key(tmp_path: Path, content: bytes) -> None:
    """A file that holds no key is named, with what a key may be."""
    path = tmp_path / "link.key"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"link\.key: holds \d+ bytes that are no signing key; give 32"):
        read_key(path)


def test_missing_key_file_says_how_to_make_one(tmp_path: Path) -> None:
    """A key file that is not there is named, and the remedy makes one."""
    with pytest.raises(InputError, match=r"cannot read the signing key: No such file.*/dev/urandom"):
        read_key(tmp_path / "none.key")


@pytest.mark.parametrize(("key", "why"), [(b"short", "has 32 bytes, got 5"), (bytes(32), "zeros")])
def test_unfit_keys_are_refused(key: bytes, why: str) -> None:
    """Keys of another length, and the one that means no signing, are mistakes."""
    with pytest.raises(InputError, match=why):
        station(key)


def test_same_key_both_ways() -> None:
    """Two ends with one key hear each other."""
    codec, signing = station()
    far = vehicle()
    assert len(codec.parse(far.pack(beat()))) == 1
    assert len(far.parse(codec.pack(beat()))) == 1
    assert signing.refused == 0


@pytest.mark.parametrize("kind", ["unsigned", "other key", "damaged", "replayed", "old"])
def test_what_is_not_signed_now_with_our_key_is_refused(kind: str) -> None:
    """Frames unsigned, signed by others, changed, sent again or from long ago are refused and counted."""
    codec, signing = station()
    if kind == "unsigned":
        frame = Codec(1, 1).pack(beat())
    elif kind == "other key":
        frame = vehicle(passphrase_key("other")).pack(beat())
    elif kind == "old":
        frame = vehicle(now_s=NOW_S - 3600.0).pack(beat())
    else:
        frame = vehicle().pack(beat())
    if kind == "damaged":
        frame = frame[:-1] + bytes([frame[-1] ^ 1])
    if kind == "replayed":
        assert len(codec.parse(frame)) == 1
    assert codec.parse(frame) == []
    assert signing.refused >= 1


def test_forged_frame_does_not_lock_the_vehicle_out() -> None:
    """A frame from the future with a bad signature does not move the stamp that good ones must exceed."""
    codec, _ = station()
    far = vehicle()
    codec.parse(far.pack(beat()))
    forged = vehicle(passphrase_key("other"), NOW_S + 1e6).pack(beat())
    assert codec.parse(forged) == []
    assert len(codec.parse(far.pack(beat()))) == 1


def test_links_of_one_station_have_their_own_numbers() -> None:
    """The link's number stands in the signature, so that each link has its own row of stamps."""
    codec, _ = station(link_id=7)
    assert codec.pack(beat())[-13] == 7


def test_stamp_follows_the_clock() -> None:
    """Moved to the present, the next stamp is that of the present."""
    _, signing = station()
    signing.advance(NOW_S + 100.0)
    assert signing.timestamp == signing_timestamp(NOW_S + 100.0)


def test_clock_set_back_between_runs(tmp_path: Path) -> None:
    """With a file, a run whose clock is behind still signs with stamps above all used before."""
    path = tmp_path / "stamp"
    codec, first = station(timestamps=TimestampFile(path))
    for _ in range(50):
        codec.pack(beat())
    used = first.timestamp
    _, second = station(now_s=NOW_S - 86_400.0, timestamps=TimestampFile(path))
    assert second.timestamp > used


def test_run_without_a_clock_is_heard_by_the_vehicle(tmp_path: Path) -> None:
    """A computer that wakes up in 1970 can still talk to a vehicle that heard it before."""
    path = tmp_path / "stamp"
    far = vehicle()
    codec, _ = station(timestamps=TimestampFile(path))
    assert far.parse(codec.pack(beat()))
    lost, _ = station(now_s=EPOCH_UNIX_S, timestamps=TimestampFile(path))
    assert far.parse(lost.pack(beat()))


def test_file_is_written_once_a_minute(tmp_path: Path) -> None:
    """The file runs a minute ahead, so signing costs no write per second."""
    path = tmp_path / "stamp"
    _, signing = station(timestamps=TimestampFile(path))
    before = path.read_text()
    signing.advance(NOW_S + 59.0)
    assert path.read_text() == before
    signing.advance(NOW_S + 61.0)
    assert int(path.read_text()) > int(before)


def test_broken_stamp_file_is_told(tmp_path: Path) -> None:
    """Something else in the file is no reason to begin at zero."""
    path = tmp_path / "stamp"
    path.write_text("yesterday")
    with pytest.raises(InputError, match="stamp: holds no time stamp; delete it if"):
        station(timestamps=TimestampFile(path))


def test_stamp_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """A folder that does not exist is an error with its path, not silence."""
    with pytest.raises(OutputError, match="cannot keep the signing time stamp"):
        station(timestamps=TimestampFile(tmp_path / "none" / "stamp"))
