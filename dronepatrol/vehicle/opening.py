"""Links by URL, with schemes that other packages add.

``dronepatrol.link`` opens UDP, TCP and serial links. Others are found as entry points of the group
``dronepatrol.links``: the name is the scheme, the object a coroutine function that takes the URL and returns
a transport. ``sim://``, the built-in simulated drone, is one of them, so that the client needs not know
the simulation.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib.metadata import entry_points
from typing import cast

from dronepatrol.errors import LinkError
from dronepatrol.link.transport import Transport
from dronepatrol.link.url import open_link

GROUP = "dronepatrol.links"
Opener = Callable[[str], Awaitable[Transport]]
_registered: dict[str, Opener] = {}


def register_scheme(scheme: str, opener: Opener) -> None:
    """Open URLs of a scheme with a coroutine function, in this process."""
    _registered[scheme.lower()] = opener


async def open_url(url: str, *, timeout_s: float = 10.0) -> Transport:
    """Open the link that a URL names.

    Parameters
    ----------
    url
        ``udpin://0.0.0.0:14550``, ``tcp://127.0.0.1:5760``, ``serial:///dev/ttyACM0?baud=57600``,
        ``sim://60.17,24.94`` and the other forms of `dronepatrol.link.url.parse_link_url`.
    timeout_s
        How long a TCP connection may take.

    Raises
    ------
    LinkError
        The URL cannot be read or the link cannot be opened; the text says what to do.
    """
    scheme = url.strip().partition(":")[0].lower()
    opener = _registered.get(scheme) or _installed(scheme)
    if opener is not None:
        return await opener(url.strip())
    if scheme == "sim":
        raise LinkError(f"{url}: the simulated drone is not installed; install dronepatrol as a package")
    return await open_link(url, timeout_s=timeout_s)


def _installed(scheme: str) -> Opener | None:
    for point in entry_points(group=GROUP):
        if point.name == scheme:
            return cast("Opener", point.load())
    return None
