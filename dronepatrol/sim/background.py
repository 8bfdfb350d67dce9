"""Simulated drones served from a thread, for tests of clients that bring their own event loop or process."""

from __future__ import annotations

import asyncio
import socket
import threading
from types import TracebackType

from dronepatrol.clock import ScaledLoop
from dronepatrol.sim.bench_settings import BenchSettings
from dronepatrol.sim.serve import Server
from dronepatrol.sim.simulation import Simulation

BOOT_S = 45.0
"""Simulated seconds after which a drone can be armed in GUIDED, with some to spare."""


class ServedUrl(str):
    """Where a drone is found: ``tcp://127.0.0.1:PORT``, or ``udpin://127.0.0.1:PORT`` to listen on."""

    __slots__ = ()

    @property
    def host(self) -> str:
        """The address."""
        return self.partition("://")[2].rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port."""
        return int(self.rpartition(":")[2])

    @property
    def pymavlink(self) -> str:
        """The same as `mavutil.mavlink_connection` takes it."""
        return self.replace("://", ":")

    @property
    def mavsdk(self) -> str:
        """The same as MAVSDK takes it."""
        return self.replace("tcp://", "tcpout://")


class BackgroundServer:
    """Serves drones on a thread of its own while a ``with`` block runs.

    Parameters
    ----------
    settings
        What the drones are like, at which speed their clock runs, and over what they are reached.

    Attributes
    ----------
    urls
        One per drone; over UDP all share one, which the client listens on.
    """

    def __init__(self, settings: BenchSettings | None = None, *, default_count: int = 1) -> None:
        self.settings = settings or BenchSettings()
        self.urls: tuple[ServedUrl, ...] = ()
        self.simulation: Simulation = self.settings.simulation(default_count)
        self._opened = threading.Event()
        self._problem: BaseException | None = None
        self._loop: ScaledLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._work, name="dronepatrol-sim", daemon=True)

    def __enter__(self) -> BackgroundServer:
        self._thread.start()
        self._opened.wait()
        if self._problem is not None:
            self._thread.join()
            raise self._problem
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None and self._main is not None:
            self._loop.call_soon_threadsafe(self._main.cancel)
        self._thread.join()
        if self._problem is not None and error is None:
            raise self._problem

    def _work(self) -> None:
        loop = self._loop = ScaledLoop(self.settings.speed)
        try:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve())
        except asyncio.CancelledError:
            pass
        except BaseException as error:
            self._problem = error
        finally:
            self._opened.set()

    async def _serve(self) -> None:
        self._main = asyncio.current_task()
        udp = self.settings.link == "udp"
        listens = [f"127.0.0.1:{_free_udp_port()}"] if udp else []
        server = Server(
            self.simulation,
            base_port=0,
            outs=[f"udpout://{place}" for place in listens],
            impairment=self.settings.impairment(),
            seed=self.settings.seed,
        )
        await server.open()
        try:
            if self.settings.ready:
                self.simulation.advance(BOOT_S)
            count = len(self.simulation.autopilots)
            urls = [f"udpin://{place}" for place in listens] * count if udp else map(server.url, range(count))
            self.urls = tuple(map(ServedUrl, urls))
            self._opened.set()
            await self.simulation.run()
        finally:
            await server.close()


def _free_udp_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
