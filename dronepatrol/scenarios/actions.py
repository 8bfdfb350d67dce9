"""Orders to a fleet without a mission: every drone does its actions one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from math import hypot
from typing import Any

from dronepatrol.errors import DronePatrolError, FlightError, ProtocolTimeoutError
from dronepatrol.flight.events import EventLog
from dronepatrol.flight.run_folder import RunFolder
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, dialect
from dronepatrol.mavlink.items import WireItem, degrees_e7
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.model.position import Position
from dronepatrol.sim.fleet import SimulatedFleet
from dronepatrol.sim.motion import Pilot
from dronepatrol.sim.scenario.scenario import Action, Scenario
from dronepatrol.telemetry.recorder import TlogRecorder
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.vehicle import FLIGHT_STREAMS_HZ, Vehicle

NEAR_M = 2.0
"""A place counts as reached."""
LEVEL_M = 0.5
"""A height counts as reached."""
ATTEMPTS = 4
"""Of a command whose answer does not come."""
_POSITION_ONLY = 0x0DF8
"""Type mask of a position target: velocity, acceleration, yaw and yaw rate ignored."""


async def give_orders(
    scenario: Scenario, fleet: SimulatedFleet, run: RunFolder, log: EventLog
) -> dict[str, str]:
    """Let all drones do their actions at once; return each drone's problem, empty if there was none.

    A failsafe that changes the mode ends a drone's actions; the run goes on until all drones are down or the
    scenario's limit is reached.
    """
    drones = [drone.id for drone in scenario.mission.drones]
    log.add("run_started", f"{scenario.name}: {len(drones)} drones")
    loop = asyncio.get_running_loop()
    end_s = loop.time() + scenario.limit_s
    async with asyncio.TaskGroup() as group:
        tasks = {
            drone: group.create_task(_order(scenario, drone, fleet, run, log, end_s)) for drone in drones
        }
    log.add("run_finished", f"{sum(not task.result() for task in tasks.values())} of {len(drones)} did all")
    return {drone: task.result() for drone, task in tasks.items()}


async def _order(
    scenario: Scenario, drone: str, fleet: SimulatedFleet, run: RunFolder, log: EventLog, end_s: float
) -> str:
    pilot = fleet.simulation.autopilots[fleet.system_of(drone) - 1].pilot
    problem = ""
    with TlogRecorder(run.tlog(drone)) as recorder:
        connection = Connection(await fleet.open(drone), recorder=recorder.write)
        try:
            vehicle = await Vehicle.connect(connection, system=fleet.system_of(drone))
            try:
                await vehicle.set_streams(FLIGHT_STREAMS_HZ)
                orders = Orders(vehicle, pilot, end_s)
                for action in scenario.actions:
                    if action.drone == drone:
                        log.add("order", f"{drone}: {action.do}", drone=drone)
                        await orders.do(action)
            except DronePatrolError as error:
                problem = str(error)
                log.add("warning", f"{drone}: {problem}", drone=drone)
            await _until(lambda: not pilot.armed, end_s)
            vehicle.close()
        except DronePatrolError as error:
            problem = str(error)
            log.add("warning", f"{drone} is out: {problem}", drone=drone)
        finally:
            connection.close()
    log.add("disarmed" if not pilot.armed else "warning", f"{drone} ended in {pilot.mode.name}", drone=drone)
    return problem


async def _until(condition: Callable[[], bool], end_s: float) -> None:
    """Wait until something is so, looking every half second, or until a time."""
    loop = asyncio.get_running_loop()
    while not condition() and loop.time() < end_s:
        await asyncio.sleep(0.5)


class Orders:
    """Gives one drone its orders over MAVLink and watches the simulated flight for their end."""

    def __init__(self, vehicle: Vehicle, pilot: Pilot, end_s: float) -> None:
        self._vehicle = vehicle
        self._pilot = pilot
        self._end_s = end_s
        self._doings: dict[str, Callable[[Any], Coroutine[Any, Any, None]]] = {
            "takeoff": self._take_off,
            "goto": self._go_to,
            "patrol": self._patrol,
            "wait": self._wait,
            "mode": self._mode,
            "return": self._return,
            "land": self._land,
            "set": self._set,
            "await_landing": self._await_landing,
        }

    async def do(self, action: Action) -> None:
        """Do one action.

        Raises
        ------
        FlightError
            It did not come to its end: the mode was changed, or the limit was reached.
        """
        await self._doings[action.do](action.figures)

    async def _insist(self, number: int, *parameters: float) -> None:
        """Send a command until it is answered: the link may be bad, and here a repetition does no harm."""
        for left in reversed(range(ATTEMPTS)):
            try:
                await self._vehicle.command(number, *parameters, attempts=1)
                return
            except ProtocolTimeoutError:
                if not left:
                    raise

    async def _reach(self, mode: CopterMode, there: Callable[[], bool], what: str) -> None:
        pilot = self._pilot
        await _until(lambda: there() or int(pilot.mode) != mode or not pilot.armed, self._end_s)
        if not there():
            raise FlightError(f"{what} was cut off in mode {pilot.mode.name}")

    async def _take_off(self, figures: Any) -> None:
        altitude_m = figures["altitude_m"]
        await self._vehicle.ready()
        await self._insist(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
        await self._insist(dialect.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, altitude_m)
        await self._reach(
            CopterMode.GUIDED, lambda: self._pilot.altitude_home_m > altitude_m - LEVEL_M, "the take-off"
        )

    async def _go_to(self, figures: Any) -> None:
        place: Position = figures["position"]
        lat_e7, lon_e7 = degrees_e7(place.lat_deg), degrees_e7(place.lon_deg)
        self._vehicle.connection.send(
            dialect.MAVLink_set_position_target_global_int_message(
                0,
                self._vehicle.target.system,
                AUTOPILOT_COMPONENT,
                dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT,
                _POSITION_ONLY,
                lat_e7,
                lon_e7,
                figures["altitude_m"],
                *([0.0] * 8),
            )
        )
        north, east = self._pilot.frame.north_east_m(lat_e7, lon_e7)

        def there() -> bool:
            return hypot(self._pilot.position[0] - north, self._pilot.position[1] - east) < NEAR_M

        await self._reach(CopterMode.GUIDED, there, "the way")

    async def _patrol(self, figures: Any) -> None:
        items = patrol_items(figures["path"], figures["altitude_m"])
        vehicle = self._vehicle
        await vehicle.ready()
        await vehicle.upload(items)
        await self._insist(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)
        await self._insist(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, 1.0)
        await self._insist(dialect.MAV_CMD_MISSION_START)
        await self._reach(CopterMode.AUTO, lambda: not self._pilot.armed, "the patrol")

    async def _wait(self, figures: Any) -> None:
        await asyncio.sleep(figures["for_s"])

    async def _mode(self, figures: Any) -> None:
        await self._vehicle.set_mode(CopterMode[figures["mode"]])

    async def _return(self, _figures: Any) -> None:
        await self._vehicle.set_mode(CopterMode.RTL)
        await self._await_landing(_figures)

    async def _land(self, _figures: Any) -> None:
        await self._vehicle.set_mode(CopterMode.LAND)
        await self._await_landing(_figures)

    async def _set(self, figures: Any) -> None:
        target = self._vehicle.target.system
        name = figures["name"].encode("ascii")
        kind = dialect.MAV_PARAM_TYPE_REAL32
        self._vehicle.connection.send(
            dialect.MAVLink_param_set_message(target, AUTOPILOT_COMPONENT, name, figures["value"], kind)
        )
        await asyncio.sleep(0.5)

    async def _await_landing(self, _figures: Any) -> None:
        await _until(lambda: not self._pilot.armed, self._end_s)
        if self._pilot.armed:
            raise FlightError("still in the air when the scenario's limit was reached")


def patrol_items(path: list[Position], altitude_m: float) -> list[WireItem]:
    """Return a take-off, waypoints at one altitude above home, and the return; item 0 is home."""
    frame = dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT
    items = [
        WireItem(0, dialect.MAV_FRAME_GLOBAL, dialect.MAV_CMD_NAV_WAYPOINT),
        WireItem(1, frame, dialect.MAV_CMD_NAV_TAKEOFF, z=altitude_m),
    ]
    for place in path:
        lat_e7, lon_e7 = degrees_e7(place.lat_deg), degrees_e7(place.lon_deg)
        items.append(
            WireItem(len(items), frame, dialect.MAV_CMD_NAV_WAYPOINT, x=lat_e7, y=lon_e7, z=altitude_m)
        )
    items.append(WireItem(len(items), frame, dialect.MAV_CMD_NAV_RETURN_TO_LAUNCH))
    return items
