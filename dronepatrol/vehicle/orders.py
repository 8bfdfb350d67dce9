"""Orders to a vehicle, each with a deadline and a reason when it fails.

An order that starts motors or a flight is given again only by itself, while its caller waits, and only as
long as the vehicle still is as it was before: a failsafe that acts meanwhile is never overruled.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from dronepatrol.errors import (
    ArmingRefusedError,
    CommandRefusedError,
    FlightError,
    ProtocolTimeoutError,
)
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.mavlink.command import Command, ConfirmedBy, Place, command_name
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.model.position import Position
from dronepatrol.vehicle.core import VehicleCore
from dronepatrol.vehicle.readings import PositionReading

ORDER_ATTEMPTS = 6
"""Times an order is given while nothing answers and nothing has changed: all fail with a chance of 2 % where
30 % of the frames are lost each way, and the state tells if only the answer was lost."""
MODE_ATTEMPTS = 15
STATE_S = 5.0
"""Longest wait for a heartbeat that shows what was accepted."""
REASONS_S = 1.0
"""How long the reasons of a refusal may take to come after it."""
IN_THE_AIR_M = 0.5
SLOW_MPS, SLOW_CLIMB_MPS, SPARE_S = 2.0, 0.5, 30.0
"""Slowest a vehicle is expected to fly and climb, and what is added, for the deadline of a flight."""
READINESS_HZ = {
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: 1.0,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: 1.0,
}
POSITION_HZ = {dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 4.0}


class FlightOrders(VehicleCore):
    """Modes, arming, take-off, places, home."""

    _held_mode: CopterMode | None = None

    async def set_mode(self, mode: CopterMode, *, timeout_s: float = STATE_S) -> None:
        """Switch the flight mode and wait until the heartbeat shows it.

        Raises
        ------
        CommandRefusedError
            The vehicle refuses; its reasons are in the error.
        FlightError
            It went into a third mode meanwhile, or does not show the wanted one.
        """
        before, heard = self.state.custom_mode, len(self.state.texts)
        flag = float(dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED)
        try:
            await self._insist(
                dialect.MAV_CMD_DO_SET_MODE,
                (flag, float(mode)),
                done=lambda: self.state.custom_mode == mode,
                unchanged=lambda: self.state.custom_mode in (before, -1),
                attempts=MODE_ATTEMPTS,
            )
        except CommandRefusedError as error:
            raise CommandRefusedError(await self._with_reasons(f"{error} {mode.name}", heard)) from None
        await self.wait_for(
            lambda: self.state.custom_mode == mode, timeout_s=timeout_s, what=f"mode {mode.name}"
        )

    async def ready(self, *, timeout_s: float = 120.0) -> None:
        """Wait until the vehicle can be armed in GUIDED, and leave it in that mode.

        Raises
        ------
        FlightError
            It cannot within the time; what its pre-arm checks say is in the error.
        """
        deadline_s = self._loop.time() + timeout_s
        await self._need_streams(READINESS_HZ)
        await self.wait_for(lambda: self.state.position_ok, timeout_s=timeout_s, what="position estimate")
        await self.set_mode(CopterMode.GUIDED)
        heard = len(self.state.texts)
        try:
            left_s = max(deadline_s - self._loop.time(), STATE_S)
            await self.wait_for(lambda: self.state.prearm_ok, timeout_s=left_s, what="passed pre-arm checks")
        except FlightError as error:
            if not self.link_up:
                raise
            await self.command(dialect.MAV_CMD_RUN_PREARM_CHECKS)
            raise FlightError(await self._with_reasons(str(error), heard)) from None

    async def arm(self) -> None:
        """Arm the motors.

        Raises
        ------
        ArmingRefusedError
            The vehicle refuses; its reasons are in the error.
        CommandUnconfirmedError
            Nothing answers, and the vehicle is not seen to be armed.
        """
        heard, mode = len(self.state.texts), self.state.custom_mode
        try:
            await self._insist(
                dialect.MAV_CMD_COMPONENT_ARM_DISARM,
                (1.0,),
                done=lambda: self.state.armed,
                unchanged=lambda: not self.state.armed and self.state.custom_mode == mode,
                confirmed_by=_armed,
            )
        except CommandRefusedError as error:
            raise ArmingRefusedError(await self._with_reasons(str(error), heard)) from None
        await self.wait_for(lambda: self.state.armed, timeout_s=STATE_S, what="heartbeat that says armed")

    async def disarm(self) -> None:
        """Stop the motors of a landed vehicle.

        Raises
        ------
        CommandRefusedError
            It is in the air.
        """
        await self.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 0.0)
        await self.wait_for(
            lambda: not self.state.armed, timeout_s=STATE_S, what="heartbeat that says disarmed"
        )

    async def takeoff(self, altitude_home_m: float, *, timeout_s: float | None = None) -> None:
        """Climb to an altitude above home in GUIDED, and wait until it is reached within half a metre.

        Parameters
        ----------
        timeout_s
            For the climb; by default what it takes at 0.5 m/s and half a minute more.

        Raises
        ------
        FlightError
            The vehicle is not armed, or did not get there.
        """
        if not altitude_home_m > IN_THE_AIR_M:
            raise ValueError(f"a take-off goes above {IN_THE_AIR_M} m, got {altitude_home_m}")
        self._require_armed("take off")
        await self._need_streams(POSITION_HZ)
        if self.state.custom_mode != CopterMode.GUIDED:
            await self.set_mode(CopterMode.GUIDED)
        await self._insist(
            dialect.MAV_CMD_NAV_TAKEOFF,
            (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, altitude_home_m),
            done=self._is_in_the_air,
            unchanged=lambda: self.state.armed and self.state.custom_mode == CopterMode.GUIDED,
            confirmed_by=_flying,
        )
        limit_s = altitude_home_m / SLOW_CLIMB_MPS + SPARE_S if timeout_s is None else timeout_s
        await self._arrive(
            lambda: abs(self.state.altitude_home_m - altitude_home_m) <= 0.5,
            timeout_s=limit_s,
            what=f"altitude of {altitude_home_m:g} m",
        )

    async def start(self) -> None:
        """Start the uploaded mission from its first item (switches to AUTO).

        Raises
        ------
        FlightError
            The vehicle is not armed, or was disarmed or taken into another mode meanwhile.
        CommandRefusedError
            It refuses; its reasons are in the error.
        """
        self._require_armed("start a mission")
        heard, mode = len(self.state.texts), self.state.custom_mode
        try:
            await self.command(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, 1.0)
            await self._insist(
                dialect.MAV_CMD_MISSION_START,
                (),
                done=lambda: self.state.custom_mode == CopterMode.AUTO and mode != CopterMode.AUTO,
                unchanged=lambda: self.state.armed and self.state.custom_mode == mode,
                confirmed_by=_in_auto if mode != CopterMode.AUTO else None,
            )
        except CommandRefusedError as error:
            raise CommandRefusedError(await self._with_reasons(str(error), heard)) from None
        await self.wait_for(
            lambda: self.state.custom_mode == CopterMode.AUTO, timeout_s=STATE_S, what="mode AUTO"
        )

    async def goto(
        self,
        position: Position,
        altitude_home_m: float,
        *,
        speed_mps: float | None = None,
        within_m: float = 2.0,
        wait: bool = True,
        timeout_s: float | None = None,
    ) -> None:
        """Fly straight to a place in GUIDED.

        Parameters
        ----------
        speed_mps
            From now on; None leaves it.
        within_m
            How near counts as there.
        wait
            False returns once the vehicle has taken the order.
        timeout_s
            For the way; by default what it takes at 2 m/s and half a minute more.

        Raises
        ------
        FlightError
            The vehicle is not in the air, left GUIDED, or did not get there.
        CommandRefusedError
            It refuses: a fence is in the way, for example.
        """
        self._require_armed("fly to a place")
        await self._need_streams(POSITION_HZ)
        await self.wait_for(
            lambda: self.state.position is not None, timeout_s=STATE_S, what="position of the vehicle"
        )
        if self.state.custom_mode != CopterMode.GUIDED:
            await self.set_mode(CopterMode.GUIDED)
        here, climb_m = self.state.position, abs(self.state.altitude_home_m - altitude_home_m)
        place = Place(degrees_e7(position.lat_deg), degrees_e7(position.lon_deg), altitude_home_m)
        await self._insist(
            dialect.MAV_CMD_DO_REPOSITION,
            (-1.0 if speed_mps is None else speed_mps, 0.0, 0.0, math.nan),
            place=place,
            done=lambda: False,
            unchanged=lambda: self.state.custom_mode == CopterMode.GUIDED,
            attempts=MODE_ATTEMPTS,
        )
        if not wait:
            return
        away_m = 0.0 if here is None else great_circle_m(here, position)
        limit_s = away_m / SLOW_MPS + climb_m / SLOW_CLIMB_MPS + SPARE_S if timeout_s is None else timeout_s
        await self._arrive(
            lambda: self._is_at(position, altitude_home_m, within_m), timeout_s=limit_s, what="arrival"
        )

    async def hold(self) -> None:
        """Stop where it is: pause the mission or the way to a place, or brake where that is refused."""
        mode = self.state.custom_mode
        self._held_mode = CopterMode(mode) if mode in (CopterMode.AUTO, CopterMode.GUIDED) else None
        if self._held_mode is not None:
            try:
                await self.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 0.0)
            except CommandRefusedError:
                pass
            else:
                return
        await self.set_mode(CopterMode.BRAKE)

    async def resume(self) -> None:
        """Go on with what `hold` stopped.

        Raises
        ------
        FlightError
            Nothing is held, or the vehicle has since gone into a mode that `hold` did not choose.
        """
        mode, held = self.state.custom_mode, self._held_mode
        if mode == CopterMode.BRAKE and held is not None:
            await self.set_mode(held)
        elif mode in (CopterMode.AUTO, CopterMode.GUIDED):
            await self.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 1.0)
        else:
            raise FlightError(
                f"system {self.target.system}: nothing to resume in mode {self.state.mode or 'unknown'}; "
                "give the order anew with start() or goto()"
            )
        self._held_mode = None

    async def return_home(self) -> None:
        """Switch to RTL: climb if too low, fly home, land."""
        await self.set_mode(CopterMode.RTL)

    async def land(self) -> None:
        """Land where it is."""
        await self.set_mode(CopterMode.LAND)

    async def landed(self, *, timeout_s: float) -> None:
        """Wait until the vehicle has landed and disarmed itself."""
        await self.wait_for(lambda: not self.state.armed, timeout_s=timeout_s, what="landing and disarming")

    # Inside

    async def _insist(
        self,
        command: int,
        params: tuple[float, ...],
        *,
        done: Callable[[], bool],
        unchanged: Callable[[], bool],
        confirmed_by: ConfirmedBy | None = None,
        place: Place | None = None,
        attempts: int = ORDER_ATTEMPTS,
    ) -> None:
        """Give an order again while nothing answers, as long as the vehicle is as it was before."""
        name = command_name(command)
        async with self._lock(command):
            for attempt in range(1, attempts + 1):
                machine = Command(
                    command,
                    params,
                    self.target,
                    place=place,
                    attempts=1,
                    confirmed_by=confirmed_by,
                    **self._known,
                )
                try:
                    await self.drive(machine, what=f"an answer to {name}")
                except ProtocolTimeoutError:
                    if done():
                        return
                    if not unchanged():
                        raise FlightError(self._overruled(name)) from None
                    if attempt == attempts:
                        raise
                else:
                    return

    def _overruled(self, name: str) -> str:
        state = self.state
        said = f"; it said {state.texts[-1][1]!r}" if state.texts else ""
        return (
            f"system {self.target.system}: {name} was not answered, and the vehicle is now in mode "
            f"{state.mode}, {'armed' if state.armed else 'disarmed'}; the order was not repeated{said}"
        )

    def _require_armed(self, what: str) -> None:
        if not self.state.armed:
            raise FlightError(
                f"system {self.target.system}: cannot {what}: it is not armed; call arm() first"
            )

    async def _need_streams(self, rates_hz: dict[int, float]) -> None:
        missing = {number: hz for number, hz in rates_hz.items() if not self._rates_hz.get(number)}
        if missing:
            await self.set_streams(missing)

    async def _with_reasons(self, text: str, heard: int) -> str:
        """Add the texts that came since; the vehicle sends them after its answer."""
        texts = self.state.texts
        deadline_s = self._loop.time() + REASONS_S
        while self._loop.time() < deadline_s:
            before = len(texts)
            await asyncio.sleep(REASONS_S / 4.0)
            if len(texts) == before > heard:
                break
        reasons = "; ".join(dict.fromkeys(said for _, said in texts[heard:]))
        return f"{text}: {reasons}" if reasons else text

    async def _arrive(self, there: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        """Wait for an arrival; a vehicle that has left GUIDED will not arrive."""
        guided = CopterMode.GUIDED
        await self.wait_for(
            lambda: there() or self.state.custom_mode != guided or not self.state.armed,
            timeout_s=timeout_s,
            what=what,
        )
        if not there():
            raise FlightError(self._missed(what, timeout_s) + f"; it left {guided.name} on the way")

    def _is_in_the_air(self) -> bool:
        reading = self.state.read(PositionReading)
        return reading is not None and reading.altitude_home_m > IN_THE_AIR_M

    def _is_at(self, position: Position, altitude_home_m: float, within_m: float) -> bool:
        here = self.state.position
        return (
            here is not None
            and great_circle_m(here, position) <= within_m
            and abs(self.state.altitude_home_m - altitude_home_m) <= within_m
        )


def _armed(message: Message) -> bool:
    if message.get_msgId() != dialect.MAVLINK_MSG_ID_HEARTBEAT:
        return False
    return bool(message.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)


def _in_auto(message: Message) -> bool:
    is_heartbeat = message.get_msgId() == dialect.MAVLINK_MSG_ID_HEARTBEAT
    return is_heartbeat and bool(message.custom_mode == CopterMode.AUTO)


def _flying(message: Message) -> bool:
    is_position = message.get_msgId() == dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT
    return is_position and bool(message.relative_alt > IN_THE_AIR_M * 1e3)
