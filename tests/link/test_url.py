"""Link URLs: read, opened, refused."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import socket

import pytest

from dronepatrol.errors import LinkError
from dronepatrol.link.serial_port import SerialLink, device_remedy
from dronepatrol.link.tcp import TcpServerLink
from dronepatrol.link.udp import UdpLink
from dronepatrol.link.url import LinkAddress, open_link, parse_link_url


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("udpin://0.0.0.0:14550", LinkAddress("udpin", "0.0.0.0", 14550)),
        ("udp://:14540", LinkAddress("udpin", "0.0.0.0", 14540)),
        ("udpout://127.0.0.1:14550", LinkAddress("udpout", "127.0.0.1", 14550)),
        ("tcp://127.0.0.1:5760", LinkAddress("tcpout", "127.0.0.1", 5760)),
        ("tcpout://drone.local:5760", LinkAddress("tcpout", "drone.local", 5760)),
        ("tcpin://:5760", LinkAddress("tcpin", "0.0.0.0", 5760)),
        ("tcp://[::1]:5760", LinkAddress("tcpout", "::1", 5760)),
        ("udpin:127.0.0.1:14550", LinkAddress("udpin", "127.0.0.1", 14550)),
        ("udp:127.0.0.1:14550", LinkAddress("udpin", "127.0.0.1", 14550)),
        ("udpout:127.0.0.1:14550", LinkAddress("udpout", "127.0.0.1", 14550)),
        ("tcp:127.0.0.1:5760", LinkAddress("tcpout", "127.0.0.1", 5760)),
        ("tcpin:127.0.0.1:5760", LinkAddress("tcpin", "127.0.0.1", 5760)),
        ("serial:///dev/ttyACM0?baud=115200", LinkAddress("serial", device="/dev/ttyACM0", baud=115200)),
        ("serial:///dev/ttyACM0:921600", LinkAddress("serial", device="/dev/ttyACM0", baud=921600)),
        ("serial:///dev/ttyUSB0", LinkAddress("serial", device="/dev/ttyUSB0", baud=57600)),
        ("serial://COM3?baud=57600", LinkAddress("serial", device="COM3", baud=57600)),
        ("/dev/ttyACM0,115200", LinkAddress("serial", device="/dev/ttyACM0", baud=115200)),
        ("/dev/serial/by-id/usb-x-if00", LinkAddress("serial", device="/dev/serial/by-id/usb-x-if00")),
        ("COM3,57600", LinkAddress("serial", device="COM3", baud=57600)),
    ],
)
def test_forms_of_the_ecosystem_are_read(url: str, address: LinkAddress) -> None:
    """MAVSDK's and pymavlink's ways to write a link mean what they mean there."""
    assert parse_link_url(url) == address


@pytest.mark.parametrize(
    "url", ["udpin://0.0.0.0:14550", "tcp://[::1]:5760", "serial:///dev/ttyACM0?baud=57600"]
)
def test_an_address_is_written_as_it_is_read(url: str) -> None:
    """The text of an address is a URL that means the same."""
    assert str(parse_link_url(url)) == url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "a link URL is empty; write one such as udpin://"),
        ("  ", "a link URL is empty"),
        ("drone", "drone: 'drone' is no kind of link; write one such as"),
        ("http://127.0.0.1:80", "'http' is no kind of link"),
        ("udpin://0.0.0.0", "the port is missing; write udpin://0.0.0.0:14550"),
        ("udpout://:14550", "the host to call is missing; write udpout://127.0.0.1:14550"),
        ("tcp://127.0.0.1:99999", "write HOST:PORT, with a port from 1 to 65535"),
        ("tcp://127.0.0.1:abc", "write HOST:PORT, with a port from 1 to 65535"),
        ("tcp://127.0.0.1:0", "there is no port 0 to call"),
        ("udpin://0.0.0.0:14550/x", "nothing may follow the port; write udpin://0.0.0.0:14550"),
        ("udpin://0.0.0.0:14550?a=1", "nothing may follow the port"),
        ("serial://", "the device is missing"),
        ("serial:///dev/ttyACM0?baud=fast", "the baud rate 'fast' is not a whole number above 0"),
        ("serial:///dev/ttyACM0?speed=9600", "'speed' is not known here; only baud is"),
        ("/dev/ttyACM0,fast", "the baud rate 'fast' is not"),
        ("udpin://[::1:14550", "cannot be read"),
    ],
)
def test_what_is_no_url_is_refused(url: str, message: str) -> None:
    """A URL that cannot be read says which part is wrong and what to write."""
    with pytest.raises(LinkError, match=message):
        parse_link_url(url)


@pytest.mark.parametrize("kind", ["udpin", "tcpin"])
def test_a_port_in_use_says_so(kind: str) -> None:
    """A listening end on a taken port names the port and the way out."""
    with socket.socket(type=socket.SOCK_DGRAM if kind == "udpin" else socket.SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == "tcpin":
            taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            LinkError, match=rf"{kind}://127.0.0.1:{port}: the port is in use; end the program"
        ):
            asyncio.run(open_link(f"{kind}://127.0.0.1:{port}"))


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return opened.getsockname()[1]


def test_a_refused_connection_says_what_to_start() -> None:
    """Nobody listening is told apart from a wrong address."""
    with pytest.raises(LinkError, match="nothing listens there; start the vehicle or simulator first"):
        asyncio.run(open_link(f"tcp://127.0.0.1:{free_port()}"))


def test_an_unknown_host_says_so() -> None:
    """A host that no name service knows is named."""
    with pytest.raises(LinkError, match=r"tcp://no-such-host.invalid:5760: the host is not known"):
        asyncio.run(open_link("tcp://no-such-host.invalid:5760"))


def test_a_server_that_never_answers_times_out() -> None:
    """A connection that is neither made nor refused ends with a link error."""

    async def main() -> None:
        # A full accept queue leaves further calls unanswered.
        server = socket.socket()
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(server.getsockname())
            waiting.append(client)
        try:
            await open_link(f"tcp://127.0.0.1:{server.getsockname()[1]}", timeout_s=0.2)
        finally:
            for client in [*waiting, server]:
                client.close()

    with pytest.raises(LinkError, match="the host does not answer"):
        asyncio.run(main())


def test_a_foreign_address_cannot_be_listened_on() -> None:
    """Binding an address of another computer says which address to use."""
    with pytest.raises(LinkError, match=r"this computer does not have that address; use 0\.0\.0\.0"):
        asyncio.run(open_link("udpin://192.0.2.1:14550"))


def test_a_missing_device_says_which_are_there() -> None:
    """A serial device that is not plugged in is told from one that is not permitted."""
    with pytest.raises(LinkError, match=r"serial:///dev/ttyACM77\?baud=57600: there is no such device"):
        asyncio.run(open_link("serial:///dev/ttyACM77"))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied"), "join the group that owns /dev/ttyACM0"),
        (OSError(16, "Device or resource busy"), "another program uses the device"),
        (OSError(11, "Could not exclusively lock port"), "another program uses the device"),
        (ValueError("Invalid baud rate: 7"), "the device does not know 7 baud"),
        (OSError(5, "Input/output error"), "cannot be opened .Input/output error.; check the device"),
    ],
)
def test_each_trouble_with_a_device_has_its_remedy(error: Exception, message: str) -> None:
    """What the system says of a serial device becomes what to do."""
    assert re.search(message, device_remedy("/dev/ttyACM0", 7, error))


def test_udp_ends_hear_each_other() -> None:
    """A listening end hears the calling end and answers it."""

    async def main() -> tuple[list[bytes], list[bytes]]:
        listening = await open_link("udpin://127.0.0.1:0")
        assert isinstance(listening, UdpLink)
        calling = await open_link(f"udpout://127.0.0.1:{listening.local_address[1]}")
        at_listening: list[bytes] = []
        at_calling: list[bytes] = []
        listening.set_receiver(at_listening.append)
        calling.set_receiver(at_calling.append)
        calling.send(b"hello")
        await asyncio.sleep(0.05)
        listening.send(b"answer")
        await asyncio.sleep(0.05)
        listening.close()
        calling.close()
        return at_listening, at_calling

    assert asyncio.run(main()) == ([b"hello"], [b"answer"])


def test_tcp_ends_hear_each_other() -> None:
    """A client hears the server and the server hears the client's frames."""

    async def main() -> tuple[bytes, bytes]:
        server = await open_link("tcpin://127.0.0.1:0")
        assert isinstance(server, TcpServerLink)
        client = await open_link(f"tcp://127.0.0.1:{server.port}")
        at_server, at_client = bytearray(), bytearray()
        server.set_receiver(at_server.extend)
        client.set_receiver(at_client.extend)
        client.send(b"hello")
        await asyncio.sleep(0.05)
        server.send(b"answer")
        await asyncio.sleep(0.05)
        client.close()
        server.close()
        await asyncio.sleep(0.01)
        return bytes(at_server), bytes(at_client)

    assert asyncio.run(main()) == (b"hello", b"answer")


def test_serial_ends_hear_each_other() -> None:
    """A device is read and written, and a pulled plug is noticed."""
    pytest.importorskip("serial")

    async def main() -> tuple[bytes, bytes, bool]:
        master, slave = pty.openpty()
        link = await open_link(f"serial://{os.ttyname(slave)}?baud=57600")
        assert isinstance(link, SerialLink)
        heard = bytearray()
        link.set_receiver(heard.extend)
        link.send(b"from us")
        await asyncio.sleep(0.05)
        sent = os.read(master, 100)
        os.write(master, b"from the device")
        await asyncio.sleep(0.05)
        os.close(slave)
        os.close(master)
        await asyncio.sleep(0.05)
        connected = link.connected
        link.close()
        return sent, bytes(heard), connected

    assert asyncio.run(main()) == (b"from us", b"from the device", False)
