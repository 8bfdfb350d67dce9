"""The vehicle for scripts, with simulated drones and over real sockets."""

from __future__ import annotations

import asyncio
import importlib
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dronepatrol.clock import run_scaled
from dronepatrol.errors import ArmingRefusedError, ConnectTimeoutError, LinkError
from dronepatrol.link.url import open_link
from dronepatrol.model.position import Position
from dronepatrol.sim.opener import open_simulated
from dronepatrol.sim.simulation import Simulation, numbered, spread
from dronepatrol.vehicle.blocking import BlockingVehicle
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.forwarding import forward
from dronepatrol.vehicle.heard import LinkStatus
from dronepatrol.vehicle.opening import GROUP, register_scheme
from dronepatrol.vehicle.readings import PositionReading
from dronepatrol.vehicle.vehicle import Vehicle
from tests.vehicle.scene import HOME

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _simulated() -> None:
    register_scheme("sim", open_simulated)


@pytest.fixture
def served() -> Iterator[Callable[[str], None]]:
    """Give a function that serves a simulated drone at a URL in a thread, at wall-clock speed."""
    stop = threading.Event()
    threads: list[threading.Thread] = []

    async def serve(url: str, up: threading.Event) -> None:
        simulation = Simulation(numbered(spread(HOME, 1)))
        link = await open_link(url)
        simulation.attach(0, link)
        simulation.advance(45.0)
        task = asyncio.create_task(simulation.run())
        up.set()
        while not stop.is_set():
            await asyncio.sleep(0.05)
        task.cancel()
        link.close()
        await asyncio.sleep(0)

    def start(url: str) -> None:
        up = threading.Event()
        thread = threading.Thread(target=lambda: run_scaled(serve(url, up)))
        thread.start()
        threads.append(thread)
        assert up.wait(10.0)

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def free_port(kind: int) -> int:
    """Return a port nobody uses now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_script_flies_a_simulated_drone_in_virtual_time() -> None:
    """Minutes of flight take seconds, and every call waits until it is done."""
    told: list[LinkStatus] = []
    with BlockingVehicle.connect("sim://60.17,24.94?amsl=5", on_status=told.append) as drone:
        assert [status.picture for status in told][-1] == "heartbeats of system 1 (a quadrotor)"
        with pytest.raises(ArmingRefusedError):
            drone.arm()
        drone.ready()
        drone.arm()
        drone.takeoff(12.0)
        drone.goto(Position(24.9405, 60.1703), 12.0)
        reading = next(drone.readings(PositionReading))
        assert reading.altitude_home_m == pytest.approx(12.0, abs=0.6)
        assert reading.altitude_amsl_m == pytest.approx(17.0, abs=0.6)
        drone.return_home()
        drone.landed(timeout_s=300.0)
        assert drone.set_parameter("RTL_ALT", 2000.0) == 1500.0
        assert drone.get_parameter("RTL_ALT") == 2000.0
        shots = list(drone.watch(interval_s=5.0, count=3))
        assert shots[2].taken_s - shots[0].taken_s == pytest.approx(10.0, abs=0.1)
    drone.close()
    with pytest.raises(RuntimeError, match="the vehicle is closed"):
        drone.arm()


def test_time_stands_still_between_calls() -> None:
    """However long the script thinks, the simulated drone waits."""
    with BlockingVehicle.connect("sim://") as drone:
        before = drone.snapshot().taken_s
        time.sleep(0.2)
        assert drone.snapshot().taken_s == before


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sim://north", "'north' is no place; write latitude and longitude"),
        ("sim://95,24", "'95,24' is beyond 90 degrees"),
        ("sim://?colour=red", "'colour' is not known here"),
        ("sim://?count=0", "count '0' is not a number from 1 to 50"),
        ("sim://?count=1.5", "1.5 is no number of drones"),
        ("sim://?amsl=high", "amsl 'high' is not a number"),
        ("smoke://signals", "'smoke' is no kind of link"),
    ],
)
def test_a_url_that_cannot_be_read_says_which_part(url: str, text: str) -> None:
    """Each wrong part has its own words, and no thread is left behind."""
    before = threading.active_count()
    with pytest.raises(LinkError, match=text):
        BlockingVehicle.connect(url)
    assert threading.active_count() == before


def test_the_simulated_drone_is_an_entry_point() -> None:
    """The scheme is found by its installed name, which leads to the opener."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    module, _, name = project["project"]["entry-points"][GROUP]["sim"].partition(":")
    assert getattr(importlib.import_module(module), name) is open_simulated


def test_several_simulated_drones_share_one_url() -> None:
    """Each is asked for by its system id; none is chosen by chance."""
    with pytest.raises(LinkError, match="heard several vehicles, systems 1, 2, 3"):
        BlockingVehicle.connect("sim://?count=3")
    with BlockingVehicle.connect("sim://?count=3", system=2) as drone:
        assert drone.identity is not None
        assert drone.identity.system == 2


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("udpout://127.0.0.1:{port}", "udpin://127.0.0.1:{port}"),
        ("udpin://127.0.0.1:{port}", "udpin:127.0.0.1:0"),
        ("tcpin://127.0.0.1:{port}", "tcp:127.0.0.1:{port}"),
    ],
    ids=["udp", "silent", "tcp"],
)
def test_a_script_reaches_a_vehicle_over_sockets(
    served: Callable[[str], None], theirs: str, ours: str
) -> None:
    """The same calls work over UDP and TCP on the wall's clock; a silent port says so."""
    port = free_port(socket.SOCK_STREAM if "tcp" in ours else socket.SOCK_DGRAM)
    served(theirs.format(port=port))
    if ours.endswith(":0"):
        with pytest.raises(ConnectTimeoutError, match="heard nothing at all; check that the vehicle is on"):
            BlockingVehicle.connect(ours, timeout_s=0.5)
        return
    with BlockingVehicle.connect(ours.format(port=port), timeout_s=5.0) as drone:
        drone.set_mode("GUIDED")
        assert drone.state.mode == "GUIDED"
        assert drone.get_parameter("RTL_ALT") == 1500.0


def test_a_port_in_use_is_told_with_what_to_do() -> None:
    """Another program on the port is an error at once, not a time-out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(LinkError, match="in use"):
            BlockingVehicle.connect(f"udpin://127.0.0.1:{taken.getsockname()[1]}")


def test_a_station_on_udp_watches_beside_us() -> None:
    """Frames of the vehicle arrive at a second station's port as they came."""

    async def main() -> None:
        link = await open_simulated("sim://")
        vehicle = await Vehicle.connect(Connection(link))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as station:
            station.bind(("127.0.0.1", 0))
            station.settimeout(5.0)
            forwarding = await forward(vehicle.line, f"udpout://127.0.0.1:{station.getsockname()[1]}")
            await asyncio.sleep(1.2)
            data, _ = station.recvfrom(4096)
            assert data[0] == 0xFD
            forwarding.close()
        vehicle.close()
        await asyncio.sleep(0)

    run_scaled(main())
