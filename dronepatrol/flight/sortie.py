"""One sortie of one vehicle, from waiting on the pad to disarmed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from dronepatrol.clock import sleep_until
from dronepatrol.errors import DronePatrolError, FlightError
from dronepatrol.flight.events import EventLog
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.sortie_items import SortieItems, sortie_items
from dronepatrol.model.plan import Leg, LegKind, Sortie
from dronepatrol.model.station import Station
from dronepatrol.vehicle.vehicle import FLIGHT_STREAMS_HZ, GROUND_STREAMS_HZ, Vehicle

PREPARE_S = 20.0
"""Time before launch at which the mission is uploaded."""
OVERTIME = 2.0
"""A sortie that takes this many times its predicted duration is called home."""
LANDING_S = 600.0
"""Longest wait for a landing after a call home."""

ON_GROUND_M = 1.0
"""Below this height above home a drone that cannot go on is disarmed and not called home."""

_SERIOUS = dialect.MAV_SEVERITY_WARNING


@dataclass(slots=True)
class SortieResult:
    """How a sortie went.

    Attributes
    ----------
    airborne_s
        From arming to disarming, 0 if it never armed.
    battery_left
        Share left after landing, 0 to 1.
    problem
        Empty if it was flown as planned.
    """

    sortie_id: str
    drone_id: str
    flown: bool
    airborne_s: float
    battery_left: float
    problem: str


class SortieFlight:
    """Flies one sortie and writes what happens into the event log."""

    def __init__(
        self,
        sortie: Sortie,
        station: Station,
        vehicle: Vehicle,
        log: EventLog,
        task_names: Mapping[str, str],
    ) -> None:
        self._sortie = sortie
        self._names = task_names
        self._vehicle = vehicle
        self._log = log
        self._plan: SortieItems = sortie_items(sortie, station.position, station.elevation_amsl_m)
        self._stage: tuple[str, int] | None = None
        self._leg = -1
        self._flying = False
        self._modes = ["AUTO"]

    async def fly(self) -> SortieResult:
        """Upload, arm at the launch time, start, watch, and wait until it is disarmed again."""
        stop_listening = (self._vehicle.on_message(self._watch), self._vehicle.on_text(self._text))
        try:
            return await self._fly()
        finally:
            for stop in stop_listening:
                stop()

    async def _fly(self) -> SortieResult:
        loop = asyncio.get_running_loop()
        began_s: float | None = None
        problem = ""
        try:
            await self._prepare()
            await sleep_until(self._sortie.launch)
            await self._vehicle.arm()
            began_s = loop.time()
            self._event("armed", f"{self._sortie.drone_id} armed")
            await self._vehicle.start()
            self._flying = True
            self._event("airborne", f"{self._sortie.id} began with {len(self._sortie.legs)} legs")
            problem = await self._await_landing()
        except DronePatrolError as error:
            problem = str(error)
            self._event("sortie_failed", f"{self._sortie.id} failed: {problem}")
            if self._vehicle.state.armed:
                await self._call_home()
        finally:
            self._flying = False
        airborne_s = 0.0 if began_s is None else loop.time() - began_s
        await self._after()
        left = self._vehicle.state.battery_left
        return SortieResult(
            self._sortie.id,
            self._sortie.drone_id,
            flown=not problem,
            airborne_s=airborne_s,
            battery_left=left,
            problem=problem,
        )

    async def _prepare(self) -> None:
        await sleep_until(self._sortie.launch - timedelta(seconds=PREPARE_S))
        await self._vehicle.ready()
        await self._vehicle.upload(self._plan.items)
        self._event("upload", f"{len(self._plan.items)} mission items uploaded and read back")
        await self._vehicle.set_streams(FLIGHT_STREAMS_HZ)

    async def _await_landing(self) -> str:
        limit_s = OVERTIME * self._sortie.duration_s + 60.0
        try:
            await self._vehicle.landed(timeout_s=limit_s)
        except FlightError:
            problem = f"still in the air after {limit_s:.0f} s, predicted {self._sortie.duration_s:.0f} s"
            self._event("sortie_failed", f"{self._sortie.id}: {problem}; called home")
            await self._call_home()
            return problem
        self._end_stage()
        self._event("disarmed", f"{self._sortie.drone_id} landed and disarmed")
        return self._shortfall()

    def _shortfall(self) -> str:
        """Say where a sortie ended before its last item: a failsafe or somebody else took the vehicle."""
        last = self._plan.leg_of_item[-1]
        if self._leg >= last:
            return ""
        leg = self._sortie.legs[max(self._leg, 0)]
        where = f"{leg.kind.value} of {leg.task_id}" if leg.task_id else leg.kind.value
        why = "; ".join(dict.fromkeys(self._modes[1:])) or "in AUTO"
        problem = (
            f"ended at leg {max(self._leg, 0) + 1} of {len(self._sortie.legs)} ({where}), flown on in {why}"
        )
        self._event("sortie_failed", f"{self._sortie.id} {problem}")
        return problem

    async def _call_home(self) -> None:
        try:
            if abs(self._vehicle.state.altitude_home_m) < ON_GROUND_M:
                await self._vehicle.disarm()
                self._event("disarmed", f"{self._sortie.drone_id} disarmed on the ground")
                return
            await self._vehicle.return_home()
            self._event("returning", f"{self._sortie.drone_id} called home")
            await self._vehicle.landed(timeout_s=LANDING_S)
            self._event("disarmed", f"{self._sortie.drone_id} landed and disarmed")
        except DronePatrolError as error:
            self._event("warning", f"{self._sortie.drone_id} does not come home: {error}")

    async def _after(self) -> None:
        try:
            await self._vehicle.set_streams(GROUND_STREAMS_HZ)
        except DronePatrolError as error:
            self._event("warning", f"{self._sortie.drone_id}: {error}")
        self._event("sortie_finished", f"{self._sortie.id} ended")

    def _event(self, kind: str, text: str, **extra: object) -> None:
        self._log.add(kind, text, drone=self._sortie.drone_id, sortie=self._sortie.id, **extra)

    def _text(self, severity: int, text: str) -> None:
        if severity <= _SERIOUS:
            self._event("status_text", text, severity=severity)

    def _watch(self, message: Message) -> None:
        if not self._flying:
            return
        kind = message.get_type()
        if kind == "HEARTBEAT":
            self._note_mode()
        elif kind == "MISSION_CURRENT":
            self._follow(message.seq)
        elif kind == "CAMERA_FEEDBACK":
            self._event("photo", f"picture {message.img_idx}", lon=message.lng / 1e7, lat=message.lat / 1e7)

    def _note_mode(self) -> None:
        mode = self._vehicle.state.mode
        if self._vehicle.state.armed and mode != self._modes[-1]:
            self._modes.append(mode)
            if mode != "AUTO":
                self._event("warning", f"{self._sortie.drone_id} is now in {mode}")

    def _follow(self, seq: int) -> None:
        """Tell apart the stages of a sortie by the leg that the present item belongs to."""
        if not 0 < seq < len(self._plan.leg_of_item):
            return
        index = self._plan.leg_of_item[seq]
        if index <= self._leg:  # a wrapped-around or repeated item changes nothing
            return
        self._leg = index
        leg = self._sortie.legs[index]
        watches = leg.kind in (LegKind.SWEEP, LegKind.HOLD)
        stage = (leg.task_id, leg.pass_number) if watches and leg.task_id else None
        if leg.kind is LegKind.TURN:
            return
        if stage != self._stage:
            self._end_stage()
            self._begin_stage(stage, leg)

    def _begin_stage(self, stage: tuple[str, int] | None, leg: Leg) -> None:
        self._stage = stage
        if stage is not None:
            task, number = stage
            self._event("task_started", f"{self._names[task]}, pass {number}", task=task, **{"pass": number})
        elif leg.kind is LegKind.RETURN:
            self._event("returning", f"{self._sortie.drone_id} returns")

    def _end_stage(self) -> None:
        if self._stage is not None:
            task, number = self._stage
            self._event("task_finished", f"{self._names[task]}, pass {number}", task=task, **{"pass": number})
        self._stage = None
