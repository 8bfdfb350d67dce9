"""Simulated drones for the executive: one autopilot each, all moved together on the running loop's clock."""

from __future__ import annotations

import asyncio

from dronepatrol.clock import unix_now_s
from dronepatrol.link.memory import memory_pair
from dronepatrol.link.transport import Transport
from dronepatrol.link.udp import connect_udp, listen_udp
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.model.drone import DroneModel
from dronepatrol.model.mission import Mission
from dronepatrol.model.station import Station
from dronepatrol.sim.autopilot.autopilot import Autopilot
from dronepatrol.sim.autopilot.parameters import ParameterStore
from dronepatrol.sim.battery import Battery
from dronepatrol.sim.motion import Airframe, FleetMotion

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
    """

    def __init__(self, mission: Mission, *, seed: int = 0, link: str = "memory") -> None:
        if link not in ("memory", "udp"):
            msg = f"link must be 'memory' or 'udp', got {link!r}"
            raise ValueError(msg)
        self.seed = seed
        self._link = link
        drones = mission.drones
        stations = [mission.station(drone.station_id) for drone in drones]
        stores = [ParameterStore(model_parameters(drone.model)) for drone in drones]
        self._motion = FleetMotion(
            [model_airframe(drone.model) for drone in drones],
            [_home(station) for station in stations],
            stores,
        )
        self._models = {drone.id: drone.model for drone in drones}
        self._index = {drone.id: index for index, drone in enumerate(drones)}
        self.autopilots = [
            Autopilot(pilot, model_battery(drone.model), system=index + 1, parameters=store)
            for index, (pilot, drone, store) in enumerate(
                zip(self._motion.pilots, drones, stores, strict=True)
            )
        ]
        self._transports: list[Transport] = []

    def system_of(self, drone_id: str) -> int:
        """Return the MAVLink system id of a drone."""
        return self._index[drone_id] + 1

    async def open(self, drone_id: str) -> Transport:
        """Return the client's end of a new link to a drone."""
        autopilot = self.autopilots[self._index[drone_id]]
        client: Transport
        vehicle: Transport
        if self._link == "memory":
            client, vehicle = memory_pair(drone_id, delay_s=LINK_DELAY_S)
        else:
            listening = await listen_udp("127.0.0.1", 0)
            client, vehicle = listening, await connect_udp(*listening.local_address)
        self._transports += [client, vehicle]
        autopilot.attach(vehicle)
        return client

    def service(self, drone_id: str) -> None:
        """Put a full battery into a landed drone."""
        self.autopilots[self._index[drone_id]].battery = model_battery(self._models[drone_id])

    async def close(self) -> None:
        """Close all links."""
        for transport in self._transports:
            transport.close()
        await asyncio.sleep(0)  # sockets are freed by the loop's next round

    async def run(self) -> None:
        """Move and talk until cancelled."""
        loop = asyncio.get_running_loop()
        start_s, steps, dt_s = loop.time(), 0, self._motion.dt_s
        while True:
            self.step(loop.time())
            steps += 1
            await asyncio.sleep(start_s + steps * dt_s - loop.time())

    def step(self, now_s: float) -> None:
        """Move all drones by one step, then let each talk."""
        self._motion.step()
        unix_s = unix_now_s()
        for autopilot in self.autopilots:
            autopilot.battery.step(autopilot.pilot.power_w, self._motion.dt_s)
            autopilot.step(now_s, unix_s)


def model_airframe(model: DroneModel) -> Airframe:
    """Return the airframe that flies as a drone model's figures say."""
    return Airframe.from_figures(
        cruise_speed_mps=model.cruise_speed_mps,
        max_speed_mps=model.max_speed_mps,
        climb_mps=model.climb_mps,
        descent_mps=model.descent_mps,
        acceleration_mps2=model.acceleration_mps2,
        hover_power_w=model.battery.hover_power_w,
        cruise_power_w=model.battery.cruise_power_w,
        climb_power_w=model.battery.climb_power_w,
    )


def model_battery(model: DroneModel) -> Battery:
    """Return a full battery of a drone model."""
    figures = model.battery
    return Battery.from_endurance(power_w=figures.hover_power_w, endurance_s=figures.hover_endurance_s)


def model_parameters(model: DroneModel) -> dict[str, float]:
    """Return the parameters that give a drone model's speeds, in ArduCopter's units."""
    return {
        "WPNAV_SPEED": model.cruise_speed_mps * 100.0,
        "WPNAV_SPEED_UP": model.climb_mps * 100.0,
        "WPNAV_SPEED_DN": model.descent_mps * 100.0,
        "WPNAV_ACCEL": model.acceleration_mps2 * 100.0,
    }


def _home(station: Station) -> tuple[int, int, float, float]:
    lon_deg, lat_deg = station.position.lonlat
    return degrees_e7(lat_deg), degrees_e7(lon_deg), station.elevation_amsl_m, 0.0
