"""Simulated drones on the ports where ArduPilot's simulator has them, for any client."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from dronepatrol.errors import LinkError
from dronepatrol.link.impaired import PERFECT, ImpairedLink, Impairment
from dronepatrol.link.shared import SharedLink
from dronepatrol.link.tcp import TcpServerLink, listen_tcp
from dronepatrol.link.transport import Transport
from dronepatrol.link.url import open_link, parse_link_url
from dronepatrol.model.position import Position
from dronepatrol.sim.simulation import Simulation

BASE_PORT = 5760
"""TCP port of the first drone, as in ArduPilot's simulator."""
PORT_STEP = 10
"""From one drone to the next."""
PORT_OFFSETS = (0, 2, 3)
"""Ports of one drone: three links with their own stream rates, as its first three serial ports."""


@dataclass(frozen=True, slots=True)
class DroneStatus:
    """One drone as the one who serves it sees it.

    Attributes
    ----------
    system
        MAVLink system id.
    ports
        TCP ports that it listens on.
    clients
        Connected to these.
    mode, armed, landed
        As the autopilot flies.
    battery_share
        Charge left, 0 to 1.
    """

    system: int
    ports: tuple[int, ...]
    clients: int
    mode: str
    armed: bool
    landed: bool
    position: Position
    altitude_home_m: float
    speed_mps: float
    battery_share: float


class Server:
    """Serves the drones of a simulation over TCP, and sends to ground stations.

    Parameters
    ----------
    simulation
        The drones.
    host
        Address to listen on.
    base_port
        Port of the first drone; the next have 10, 20, ... more. 0 takes any free ports, one for each drone.
    outs
        URLs of links that all drones share, each under its own system id.
    impairment, seed
        What every link does to frames in either direction.
    """

    def __init__(
        self,
        simulation: Simulation,
        *,
        host: str = "127.0.0.1",
        base_port: int = BASE_PORT,
        outs: Sequence[str] = (),
        impairment: Impairment = PERFECT,
        seed: int = 0,
    ) -> None:
        self.simulation = simulation
        self._host = host
        self._base_port = base_port
        self._outs = tuple(outs)
        self._impairment = impairment
        self._seed = seed
        self._listening: list[list[TcpServerLink]] = []
        self._shared: list[SharedLink] = []
        last = base_port + PORT_STEP * (len(simulation.autopilots) - 1) + PORT_OFFSETS[-1]
        if not 0 <= base_port <= 65535 or (base_port and last > 65535):
            raise LinkError(
                f"base port {base_port}: {len(simulation.autopilots)} drones need ports up to {last}, and "
                "65535 is the last; choose a lower one"
            )
        for url in self._outs:
            parse_link_url(url)

    async def open(self) -> None:
        """Bind all ports and open the outgoing links.

        Raises
        ------
        LinkError
            One of them cannot be opened; then none stays open.
        """
        try:
            for index in range(len(self.simulation.autopilots)):
                self._listening.append([])
                for port in self._ports_wanted(index):
                    link = await listen_tcp(self._host, port)
                    self._listening[-1].append(link)
                    self._attach(index, link)
                    self.simulation.autopilots[index].on_reboot.append(link.hang_up)
            for url in self._outs:
                await self._open_shared(url)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Hang up and free the ports."""
        for link in [link for links in self._listening for link in links]:
            link.close()
        for shared in self._shared:
            shared.close()
        await asyncio.sleep(0)  # connections are freed by the loop's next round

    def url(self, index: int) -> str:
        """Return where a client finds a drone."""
        return f"tcp://{self._host}:{self._listening[index][0].port}"

    def status(self, index: int) -> DroneStatus:
        """Return what a drone does now."""
        autopilot = self.simulation.autopilots[index]
        pilot, links = autopilot.pilot, self._listening[index]
        lat_e7, lon_e7 = pilot.lat_lon_e7
        return DroneStatus(
            system=autopilot.system,
            ports=tuple(link.port for link in links),
            clients=sum(link.clients for link in links),
            mode=pilot.mode.name,
            armed=pilot.armed,
            landed=pilot.landed,
            position=Position(lon_e7 / 1e7, lat_e7 / 1e7),
            altitude_home_m=pilot.altitude_home_m,
            speed_mps=pilot.ground_speed_mps,
            battery_share=autopilot.battery.remaining_share,
        )

    def statuses(self) -> list[DroneStatus]:
        """Return what every drone does now."""
        return [self.status(index) for index in range(len(self._listening))]

    def _ports_wanted(self, index: int) -> Sequence[int]:
        if self._base_port == 0:
            return (0,)
        return [self._base_port + PORT_STEP * index + offset for offset in PORT_OFFSETS]

    async def _open_shared(self, url: str) -> None:
        transport: Transport = await open_link(url)
        shared = SharedLink(transport)
        self._shared.append(shared)
        for index, autopilot in enumerate(self.simulation.autopilots):
            self._attach(index, shared.branch(autopilot.system))

    def _attach(self, index: int, transport: Transport) -> None:
        bad = self._impairment
        if bad != PERFECT:
            transport = ImpairedLink(transport, outgoing=bad, incoming=bad, seed=self._seed)
        self.simulation.attach(index, transport)
