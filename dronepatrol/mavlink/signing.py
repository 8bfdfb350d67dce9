"""MAVLink 2 message signing for one end of a link.

Source: https://mavlink.io/en/guide/message_signing.html. The signatures themselves are pymavlink's; here is
when they are asked for, what is let through without one, and protection against a time stamp poisoned by a
forged frame.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import Message, dialect

KEY_BYTES = 32
EPOCH_UNIX_S = datetime(2015, 1, 1, tzinfo=UTC).timestamp()
"""Time stamps of signatures count from here, in steps of 10 microseconds."""
_STEPS_PER_S = 100_000
UNSIGNED_ALLOWED = frozenset({dialect.MAVLINK_MSG_ID_RADIO_STATUS})
"""Messages taken without a signature: radios report on the link itself and cannot sign."""


def signing_timestamp(unix_s: float) -> int:
    """Return the time stamp of a signature made at a moment in seconds since 1970; not below 1."""
    return max(1, round((unix_s - EPOCH_UNIX_S) * _STEPS_PER_S))


class Signing:
    """Signing on one codec: off until a key is given.

    Parameters
    ----------
    codec
        Signs and checks from then on.
    link_id
        Number of this link in the signatures.
    """

    def __init__(self, codec: Codec, link_id: int) -> None:
        self._state = codec.signing_state
        self._state.link_id = link_id & 0xFF
        guard_timestamps(codec)

    @property
    def on(self) -> bool:
        """Whether frames are signed and must be signed."""
        return self._state.secret_key is not None

    @property
    def refused(self) -> int:
        """Frames refused so far: unsigned, forged or replayed."""
        return int(self._state.reject_count)

    def set_key(self, key: bytes | None, unix_s: float, initial_timestamp: int = 0) -> None:
        """Sign with a key of 32 bytes; None or zeros stop signing."""
        state = self._state
        if key is None or not any(key):
            state.secret_key, state.sign_outgoing, state.allow_unsigned_callback = None, False, None
            return
        state.secret_key = bytes(key)
        state.timestamp = max(int(state.timestamp), initial_timestamp, signing_timestamp(unix_s))
        state.stream_timestamps.clear()
        state.sign_outgoing = True
        state.allow_unsigned_callback = _allowed

    def advance(self, unix_s: float) -> None:
        """Move the time stamp of the next signature to the present."""
        if self.on:
            self._state.timestamp = max(int(self._state.timestamp), signing_timestamp(unix_s))


def _allowed(_mavlink: Any, message_id: int) -> bool:
    return message_id in UNSIGNED_ALLOWED


def guard_timestamps(codec: Codec) -> None:
    """Keep a frame with a bad signature from moving the time stamp that good ones must exceed.

    pymavlink notes the stamp before it checks the signature, so that one forged frame from the future would
    lock its real sender out.
    """
    check, stamps = codec.check_signature, codec.signing_state.stream_timestamps

    def checked(frame: bytearray, system: int, component: int) -> bool:
        before = dict(stamps)
        good = bool(check(frame, system, component))
        if not good:
            stamps.clear()
            stamps.update(before)
        return good

    codec.replace_check(checked)


def setup_message(system: int, component: int, key: bytes, unix_s: float) -> Message:
    """Return the SETUP_SIGNING that gives a vehicle its key."""
    return dialect.MAVLink_setup_signing_message(system, component, list(key), signing_timestamp(unix_s))
