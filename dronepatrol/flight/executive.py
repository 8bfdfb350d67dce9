"""Flies a whole plan: every drone its sorties, at their times, all at once."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from dronepatrol.clock import sleep_until, unix_now_s
from dronepatrol.errors import DronePatrolError
from dronepatrol.flight.events import EventLog
from dronepatrol.flight.fleet import Fleet
from dronepatrol.flight.run_folder import RunFolder
from dronepatrol.flight.sortie import SortieFlight, SortieResult
from dronepatrol.model.plan import Plan
from dronepatrol.telemetry.recorder import TlogRecorder
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.vehicle import GROUND_STREAMS_HZ, Vehicle

LEAD_S = 75.0
"""Time before the first launch at which vehicles are switched on: ArduCopter needs 41 s to be armable."""


def run_start(plan: Plan) -> datetime:
    """Return the moment at which a run of a plan begins."""
    first = min(sortie.launch for sortie in plan.sorties)
    return first - timedelta(seconds=LEAD_S)


async def fly_plan(
    plan: Plan, fleet: Fleet, run: RunFolder, log: EventLog, *, time_shift_s: float = 0.0
) -> list[SortieResult]:
    """Fly a plan and return how each sortie went, in plan order.

    Parameters
    ----------
    fleet
        Gives a link to each drone of the plan; it is closed at the end.
    run
        Where each drone's telemetry log goes.
    time_shift_s
        Added to the time stamps of the telemetry logs.
    """
    log.add("run_started", f"{plan.mission.name}: {len(plan.sorties)} sorties")
    drones = list(dict.fromkeys(sortie.drone_id for sortie in plan.sorties))
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_fly_drone(plan, drone, fleet, run, log, time_shift_s)) for drone in drones
            ]
    except asyncio.CancelledError:
        log.add("interrupted", "the run was interrupted; simulated drones end with it")
        raise
    finally:
        await fleet.close()
    by_id = {result.sortie_id: result for task in tasks for result in task.result()}
    log.add("run_finished", f"{sum(r.flown for r in by_id.values())} of {len(plan.sorties)} sorties flown")
    return [by_id[sortie.id] for sortie in plan.sorties]


async def _fly_drone(
    plan: Plan, drone_id: str, fleet: Fleet, run: RunFolder, log: EventLog, time_shift_s: float
) -> list[SortieResult]:
    drone = plan.mission.drone(drone_id)
    station = plan.mission.station(drone.station_id)
    names = {task.id: task.name for task in plan.mission.tasks}
    results: list[SortieResult] = []
    loop = asyncio.get_running_loop()

    def report(text: str) -> None:  # called by the recorder's own thread
        loop.call_soon_threadsafe(lambda: log.add("warning", text, drone=drone_id))

    with TlogRecorder(run.tlog(drone_id), shift_s=time_shift_s, on_trouble=report) as recorder:
        try:
            vehicle = await _connect(fleet, drone_id, recorder)
            try:
                await vehicle.set_streams(GROUND_STREAMS_HZ)
                for number, sortie in enumerate(plan.sorties_of(drone_id)):
                    if number:
                        await _turn_around(fleet, drone_id, station.turnaround_s, log)
                    results.append(await SortieFlight(sortie, station, vehicle, log, names).fly())
            finally:
                vehicle.close()
        except DronePatrolError as error:
            log.add("warning", f"{drone_id} is out: {error}", drone=drone_id)
            missing = plan.sorties_of(drone_id)[len(results) :]
            results += [SortieResult(s.id, drone_id, False, 0.0, float("nan"), str(error)) for s in missing]
    return results


async def _connect(fleet: Fleet, drone_id: str, recorder: TlogRecorder) -> Vehicle:
    connection = Connection(await fleet.open(drone_id), recorder=recorder.write)
    try:
        return await Vehicle.connect(connection, system=fleet.system_of(drone_id))
    except BaseException:
        connection.close()
        raise


async def _turn_around(fleet: Fleet, drone_id: str, turnaround_s: float, log: EventLog) -> None:
    ready_at = datetime.fromtimestamp(unix_now_s() + turnaround_s).astimezone()
    await sleep_until(ready_at)
    if fleet.service(drone_id):
        log.add("battery_full", f"{drone_id} has a full battery again", drone=drone_id)
    else:
        text = f"{drone_id} is taken to have a full battery after {turnaround_s / 60.0:.0f} min on its pad"
        log.add("battery_assumed", text, drone=drone_id)
