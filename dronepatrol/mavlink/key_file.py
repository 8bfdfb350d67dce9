"""Signing keys and time stamps on disk, for the ground station's end of a link.

A key has 32 bytes; a passphrase stands for its SHA-256, as in Mission Planner and MAVProxy. Time stamps of
signatures must never go backwards, not even when the host's clock was set back between two runs, so the
latest one is kept in a file. Source: https://mavlink.io/en/guide/message_signing.html, "Timestamp handling".
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from dronepatrol.errors import InputError, OutputError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.signing import KEY_BYTES, Signing

SAVED_AHEAD = 60 * 100_000
"""The file runs one minute ahead of the stamps in use (they count 10 us), so that it is written once a minute
and still exceeds all that were used if the program dies."""


def passphrase_key(passphrase: str) -> bytes:
    """Return the key that a passphrase stands for: the SHA-256 of its UTF-8."""
    return hashlib.sha256(passphrase.encode("utf-8")).digest()


def read_key(path: Path) -> bytes:
    """Return the key in a file: 32 bytes, 64 hexadecimal digits, or one line with a passphrase.

    Raises
    ------
    InputError
        The file cannot be read or holds no key.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the signing key: {error.strerror or error}",
            file=path,
            remedy="make one of 32 random bytes: head -c 32 /dev/urandom > KEYFILE",
        ) from error
    if len(data) == KEY_BYTES:
        return data
    try:
        text = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or "\n" in text:
        raise InputError(
            f"holds {len(data)} bytes that are no signing key",
            file=path,
            remedy="give 32 bytes, 64 hexadecimal digits or one line with a passphrase",
        )
    return bytes.fromhex(text) if re.fullmatch(r"[0-9a-fA-F]{64}", text) else passphrase_key(text)


class TimestampFile:
    """The latest time stamp of signatures, kept between runs.

    Parameters
    ----------
    path
        A text file with one number; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._saved = 0

    def read(self) -> int:
        """Return the stamp that new ones must exceed; 0 if there is no file.

        Raises
        ------
        InputError
            The file holds something else.
        """
        try:
            text = self.path.read_text("ascii")
        except FileNotFoundError:
            return 0
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the signing time stamp: {error}", file=self.path) from error
        if not re.fullmatch(r"\d{1,15}\s*", text):
            raise InputError(
                "holds no time stamp", file=self.path, remedy="delete it if no vehicle uses its key any more"
            )
        self._saved = int(text)
        return self._saved

    def cover(self, timestamp: int) -> None:
        """Make sure that the file exceeds a stamp that is about to be used.

        Raises
        ------
        OutputError
            It cannot be written.
        """
        if timestamp < self._saved:
            return
        self._saved = timestamp + SAVED_AHEAD
        beside = self.path.with_name(self.path.name + ".new")
        try:
            beside.write_text(f"{self._saved}\n", "ascii")
            os.replace(beside, self.path)
        except OSError as error:
            raise OutputError(f"{self.path}: cannot keep the signing time stamp: {error}") from error


class ClientSigning:
    """Signs what a ground station sends on one link, and refuses what is not signed with the same key.

    Parameters
    ----------
    codec
        The link's end.
    key
        32 bytes; see `read_key` and `passphrase_key`.
    unix_s
        The present, in seconds since 1970.
    link_id
        Number of this link; links of one station that share a key must differ.
    timestamps
        Keeps the stamps between runs; None relies on the clock.
    """

    def __init__(
        self,
        codec: Codec,
        key: bytes,
        unix_s: float,
        *,
        link_id: int = 0,
        timestamps: TimestampFile | None = None,
    ) -> None:
        if len(key) != KEY_BYTES:
            raise InputError(f"a signing key has {KEY_BYTES} bytes, got {len(key)}")
        if not any(key):
            raise InputError("a signing key of zeros would turn signing off")
        self._state = codec.signing_state
        self._signing = Signing(codec, link_id)
        self._timestamps = timestamps
        self._signing.set_key(key, unix_s, timestamps.read() if timestamps is not None else 0)
        self.advance(unix_s)

    @property
    def refused(self) -> int:
        """Frames refused so far: unsigned, forged or replayed."""
        return self._signing.refused

    @property
    def timestamp(self) -> int:
        """The stamp of the next signature."""
        return int(self._state.timestamp)

    def advance(self, unix_s: float) -> None:
        """Move the time stamp to the present; call it once a second and before the first frame."""
        self._signing.advance(unix_s)
        if self._timestamps is not None:
            self._timestamps.cover(self.timestamp)
