"""The command ``dronepatrol sim``, run as its users run it."""

from __future__ import annotations

import asyncio
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from rich.console import Console

from dronepatrol.cli.main import main
from dronepatrol.cli.sim_view import TableView
from dronepatrol.mavlink.codec import Codec
from dronepatrol.sim.serve import Server
from dronepatrol.sim.simulation import Simulation, numbered, spread
from tests.sim.ports import free_base_port


@contextmanager
def serving(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command beside the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dronepatrol", "sim", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[bytes], pattern: str, *, within_s: float = 20.0) -> str:
    """Return what is printed up to a line that matches."""
    assert process.stdout is not None
    text, end_s = "", time.monotonic() + within_s
    while time.monotonic() < end_s:
        if select.select([process.stdout], [], [], 0.5)[0]:
            # Past Python's buffer, of which select knows nothing.
            text += os.read(process.stdout.fileno(), 65536).decode()
            if re.search(pattern, text):
                return text
        assert process.poll() is None, process.communicate()
    raise AssertionError(f"no {pattern!r} in {text!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_without_a_client_and_stops_cleanly(number: signal.Signals) -> None:
    """Drones are there for a client that comes, changes are logged, and a signal ends it quietly."""
    base = free_base_port(2)
    with serving("--drones", "2", "--base-port", str(base), "--speed", "10") as process:
        text = read_until(process, "drone 2: TCP")
        assert f"drone 1: TCP {base}, {base + 2}, {base + 3}; home -35.363262, 149.165237" in text
        with socket.create_connection(("127.0.0.1", base + 10), timeout=5.0) as client:
            codec, systems = Codec(255, 190), set()
            while not systems:
                systems |= {message.get_srcSystem() for message in codec.parse(client.recv(4096))}
            read_until(process, "drone 2: 1 client")
        read_until(process, "drone 2: 0 clients")
        process.send_signal(number)
        out, err = process.communicate(timeout=10.0)
    assert systems == {2}
    assert re.search(rb"stopped after \d+\.\d simulated seconds, at \S+", out)
    assert (process.returncode, err) == (0, b"")


def test_a_port_in_use_ends_with_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A taken port is one line that says what to do."""
    base = free_base_port(1)
    with socket.create_server(("127.0.0.1", base + 2)):
        assert main(["sim", "--base-port", str(base)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: tcpin://127.0.0.1:{base + 2}: the port is in use; end the program")
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--drones", "0"], "--drones: 0 drones; give a number from 1 to 250"),
        (["--drones", "1000"], "--drones: 1000 drones; give a number from 1 to 250"),
        (["--model", "m30x"], "--model: drone model 'm30x' is not known; did you mean"),
        (["--home", "60.17,24.94"], "--home: '60.17,24.94' is not 4 numbers; write it like -35"),
        (["--home", "124.94,60.17,12,0"], "--home: latitude 124.94 and longitude 60.17 are not on Earth"),
        (["--home", "nan,24.94,12,0"], "is not 4 numbers"),
        (["--wind", "-8,270"], "--wind: a wind speed below 0"),
        (["--wind", "strong"], "--wind: 'strong' is not 2 or 3 numbers"),
        (["--out", "14550"], "14550: '14550' is no kind of link"),
        (["--base-port", "65530", "--drones", "9"], "9 drones need ports up to 65613"),
    ],
)
def test_wrong_options_say_what_to_write(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each wrong value is one error with code 2."""
    assert main(["sim", *arguments]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan", "inf"])
def test_a_speed_is_a_factor_or_max(speed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Speeds that no clock can have are refused."""
    with pytest.raises(SystemExit, match="2"):
        main(["sim", f"--speed={speed}"])
    assert "neither a factor above 0" in capsys.readouterr().err


def table_text(drones: int, *, height: int) -> str:
    """Return the table of a fleet, as a terminal of this height shows it."""

    async def draw() -> str:
        server = Server(Simulation(numbered(spread((601699000, 249384000, 12.0, 0.0), drones))), base_port=0)
        await server.open()
        server.simulation.advance(1.0)
        console = Console(width=120, height=height, file=StringIO(), force_terminal=True, color_system=None)
        with console.capture() as capture:
            console.print(TableView(server, console, 1.0).table())
        await server.close()
        return capture.get()

    return asyncio.run(draw())


def test_the_table_shows_each_drone() -> None:
    """System, mode, state, place, height, speed and battery of each stand in its row."""
    rows = [line.split() for line in table_text(2, height=40).splitlines() if "STABILIZE" in line]
    assert [row[0] for row in rows] == ["1", "2"]
    place = ["60.169900", "24.938400", "0.0", "m", "0.0", "m/s", "100", "%"]
    assert rows[0][2:] == ["0", "STABILIZE", "disarmed", *place]


def test_a_low_terminal_says_how_many_it_leaves_out() -> None:
    """A hundred drones do not scroll the terminal away."""
    text = table_text(100, height=24)
    assert len(text.splitlines()) <= 24
    assert "and 82 more" in text


def test_serving_loads_no_plotting_library() -> None:
    """A process that serves for days holds only what it needs."""
    code = (
        "import sys\nfrom dronepatrol.cli.main import main\n"
        "try:\n    main(['sim', '--help'])\nexcept SystemExit:\n    pass\n"
        "sys.exit('matplotlib' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=False).returncode == 0
    )
