"""Turns what the operating system says of a link into what to do about it."""

from __future__ import annotations

import errno
import socket

from dronepatrol.errors import LinkError

_REMEDIES = {
    errno.EADDRINUSE: "the port is in use; end the program that uses it (often another ground station or "
    "simulator), or choose another port",
    errno.EADDRNOTAVAIL: "this computer does not have that address; use 0.0.0.0 for all, or 127.0.0.1",
    errno.EACCES: "not permitted; choose a port above 1023",
    errno.ECONNREFUSED: "nothing listens there; start the vehicle or simulator first, or check the port",
    errno.ECONNRESET: "the other end hung up; check that it still runs",
    errno.EHOSTUNREACH: "the host cannot be reached; check the address and the network",
    errno.ENETUNREACH: "the network cannot be reached; check the address and the network",
    errno.ETIMEDOUT: "the host does not answer; check the address and that the vehicle is on",
}


def socket_error(name: str, error: Exception) -> LinkError:
    """Return a link error that names the link, the cause and the remedy."""
    if isinstance(error, socket.gaierror):
        return LinkError(f"{name}: the host is not known; check its name, or give its address")
    if isinstance(error, TimeoutError):
        return LinkError(f"{name}: {_REMEDIES[errno.ETIMEDOUT]}")
    if isinstance(error, OverflowError):
        return LinkError(f"{name}: a port is a number from 1 to 65535")
    number = getattr(error, "errno", None)
    if number in _REMEDIES:
        return LinkError(f"{name}: {_REMEDIES[number]}")
    text = getattr(error, "strerror", None) or str(error)
    return LinkError(f"{name}: cannot be opened ({text}); check the address")
