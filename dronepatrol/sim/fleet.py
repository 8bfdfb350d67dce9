"""Simulated drones for the executive: one autopilot each, all moved together on the running loop's clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from dronepatrol.link.memory import memory_pair
from dronepatrol.link.transport import Transport
from dronepatrol.link.udp import connect_udp, listen_udp
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.model.mission import Mission
from dronepatrol.model.station import Station
from dronepatrol.sim.scenario.conditions import Conditions, Rehearsal, apply_conditions
from dronepatrol.sim.simulation import SimulatedDrone, Simulation

LINK_DELAY_S = 0.02
"""One-way delay of the memory link: a good radio."""


class SimulatedFleet:
    """The drones of a mission, simulated.

    Parameters
    ----------
    mission
        Its drones get system ids 1, 2, ... in file order.
    seed
        Seeds everything random.
    link
        ``"memory"`` or ``"udp"`` (loopback).
    conditions
        Weather, faults, links and parameters; None for a calm day on which nothing breaks.

    Attributes
    ----------
    rehearsal
        The conditions at work, with what really happened to each drone; None without conditions.
    """

    def __init__(
        self,
        mission: Mission,
        *,
        seed: int = 0,
        link: str = "memory",
        conditions: Conditions | None = None,
    ) -> None:
        if link not in ("memory", "udp"):
            msg = f"link must be 'memory' or 'udp', got {link!r}"
            raise ValueError(msg)
        self.seed = seed
        self._link = link
        drones = mission.drones
        self._index = {drone.id: index for index, drone in enumerate(drones)}
        self.simulation = Simulation(mission_drones(mission), seed=seed)
        self.rehearsal: Rehearsal | None = None
        if conditions is not None:
            self.rehearsal = apply_conditions(self.simulation, conditions, [drone.id for drone in drones])
        self._transports: list[Transport] = []

    def system_of(self, drone_id: str) -> int:
        """Return the MAVLink system id of a drone."""
        return self.simulation.autopilots[self._index[drone_id]].system

    async def open(self, drone_id: str) -> Transport:
        """Return the client's end of a new link to a drone."""
        client: Transport
        vehicle: Transport
        if self._link == "memory":
            client, vehicle = memory_pair(drone_id, delay_s=LINK_DELAY_S)
        else:
            listening = await listen_udp("127.0.0.1", 0)
            client, vehicle = listening, await connect_udp(*listening.local_address)
        self._transports += [client, vehicle]
        self.simulation.attach(self._index[drone_id], vehicle)
        return client

    def note(self, event: Mapping[str, Any]) -> None:
        """Take an event of the flight: a fault may wait for it."""
        if self.rehearsal is not None:
            self.rehearsal.note(event)

    def service(self, drone_id: str) -> bool:
        """Put a full battery into a landed drone."""
        self.simulation.service(self._index[drone_id])
        return True

    async def close(self) -> None:
        """Close all links."""
        for transport in self._transports:
            transport.close()
        await asyncio.sleep(0)  # sockets are freed by the loop's next round

    async def run(self) -> None:
        """Move and talk until cancelled."""
        await self.simulation.run()


def mission_drones(mission: Mission) -> list[SimulatedDrone]:
    """Return a mission's drones on their pads, with system ids from 1 in file order."""
    return [
        SimulatedDrone(number, _home(mission.station(drone.station_id)), drone.model)
        for number, drone in enumerate(mission.drones, 1)
    ]


def _home(station: Station) -> tuple[int, int, float, float]:
    lon_deg, lat_deg = station.position.lonlat
    return degrees_e7(lat_deg), degrees_e7(lon_deg), station.elevation_amsl_m, 0.0
