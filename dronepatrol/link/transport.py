"""What a link is: bytes out, bytes in, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Receiver = Callable[[bytes], None]


class Transport(Protocol):
    """One end of a link.

    Bytes given to `send` arrive, in pieces of the link's choosing, at the receiver set at the other end.
    Neither call waits: a transport that cannot send now drops or buffers by its own rule.
    """

    name: str

    def send(self, data: bytes) -> None:
        """Send bytes to the other end."""

    def set_receiver(self, receiver: Receiver) -> None:
        """Give every piece of incoming bytes to a function."""

    def close(self) -> None:
        """Stop receiving and free what the link holds."""
