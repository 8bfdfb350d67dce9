"""Links by URL, written as MAVSDK, QGroundControl and pymavlink write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from dronepatrol.errors import LinkError
from dronepatrol.link.serial_port import DEFAULT_BAUD, open_serial
from dronepatrol.link.tcp import connect_tcp, listen_tcp
from dronepatrol.link.transport import Transport
from dronepatrol.link.udp import connect_udp, listen_udp

_KINDS = {
    "udp": "udpin",
    "udpin": "udpin",
    "udpout": "udpout",
    "tcp": "tcpout",
    "tcpout": "tcpout",
    "tcpin": "tcpin",
    "serial": "serial",
}
_EXAMPLES = (
    "udpin://0.0.0.0:14550, udpout://127.0.0.1:14550, tcp://127.0.0.1:5760, tcpin://0.0.0.0:5760, "
    "serial:///dev/ttyACM0?baud=57600"
)


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """What a link URL says.

    Attributes
    ----------
    kind
        ``udpin`` and ``tcpin`` listen, ``udpout`` and ``tcpout`` call, ``serial`` opens a device.
    host, port
        Where, for UDP and TCP.
    device, baud
        Which, for serial.
    """

    kind: str
    host: str = ""
    port: int = 0
    device: str = ""
    baud: int = DEFAULT_BAUD

    def __str__(self) -> str:
        if self.kind == "serial":
            return f"serial://{self.device}?baud={self.baud}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tcp' if self.kind == 'tcpout' else self.kind}://{host}:{self.port}"


def parse_link_url(url: str) -> LinkAddress:
    """Read a link URL.

    Parameters
    ----------
    url
        ``udpin://HOST:PORT`` (listen; ``udp://`` means the same), ``udpout://HOST:PORT``, ``tcp://HOST:PORT``
        (call; ``tcpout://`` means the same), ``tcpin://HOST:PORT``, ``serial://DEVICE?baud=BAUD``; or
        pymavlink's ``udpin:HOST:PORT``, ``udp:``, ``udpout:``, ``tcp:``, ``tcpin:`` and ``DEVICE,BAUD``.
        A listening end may leave the host out: it then listens on all addresses.

    Raises
    ------
    LinkError
        It cannot be read; the text says which part.
    """
    text = url.strip()
    if not text:
        raise LinkError(f"a link URL is empty; write one such as {_EXAMPLES}")
    device = re.fullmatch(r"((?:/dev/|COM\d|/.*tty|/tmp/)[^,?]*)(?:,(\w*))?", text)
    if device is not None:
        return LinkAddress("serial", device=device[1], baud=_baud(url, device[2]))
    scheme, colon, rest = text.partition(":")
    kind = _KINDS.get(scheme.lower())
    if not colon or kind is None:
        raise LinkError(f"{url}: {scheme!r} is no kind of link; write one such as {_EXAMPLES}")
    if kind == "serial":
        return _serial(url, rest)
    return _network(url, kind, rest)


async def open_link(url: str, *, timeout_s: float = 10.0) -> Transport:
    """Open the link that a URL names, on the running loop.

    Parameters
    ----------
    url
        As `parse_link_url` reads it.
    timeout_s
        How long a TCP connection may take.

    Raises
    ------
    LinkError
        The URL cannot be read or the link cannot be opened; the text says what to do.
    MissingExtraError
        A serial link without pyserial.
    """
    address = parse_link_url(url)
    match address.kind:
        case "udpin":
            return await listen_udp(address.host, address.port)
        case "udpout":
            return await connect_udp(address.host, address.port)
        case "tcpout":
            return await connect_tcp(address.host, address.port, timeout_s=timeout_s)
        case "tcpin":
            return await listen_tcp(address.host, address.port)
        case _:
            return open_serial(address.device, address.baud)


def _network(url: str, kind: str, rest: str) -> LinkAddress:
    try:
        parts = urlsplit("//" + rest.removeprefix("//"))
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        text = f"{url}: cannot be read ({error}); write HOST:PORT, with a port from 1 to 65535"
        raise LinkError(text) from None
    if port is None:
        raise LinkError(f"{url}: the port is missing; write {kind}://{host or '0.0.0.0'}:14550, for example")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise LinkError(f"{url}: nothing may follow the port; write {kind}://{host}:{port}")
    if not host:
        if kind in ("udpout", "tcpout"):
            raise LinkError(
                f"{url}: the host to call is missing; write {kind}://127.0.0.1:{port}, for example"
            )
        host = "0.0.0.0"
    if port == 0 and kind in ("udpout", "tcpout"):
        raise LinkError(f"{url}: there is no port 0 to call; a port is a number from 1 to 65535")
    return LinkAddress(kind, host, port)


def _serial(url: str, rest: str) -> LinkAddress:
    parts = urlsplit(rest)
    device, _, suffix = (parts.netloc + parts.path).partition(":")
    if not device:
        raise LinkError(f"{url}: the device is missing; write serial:///dev/ttyACM0?baud=57600, for example")
    options = parse_qs(parts.query, keep_blank_values=True)
    unknown = sorted(set(options) - {"baud"})
    if unknown:
        raise LinkError(f"{url}: {unknown[0]!r} is not known here; only baud is")
    stated = options["baud"][-1] if "baud" in options else suffix or None
    return LinkAddress("serial", device=device, baud=_baud(url, stated))


def _baud(url: str, text: str | None) -> int:
    if text is None:
        return DEFAULT_BAUD
    if not text.isdecimal() or int(text) == 0:
        raise LinkError(f"{url}: the baud rate {text!r} is not a whole number above 0; 57600 is usual")
    return int(text)
