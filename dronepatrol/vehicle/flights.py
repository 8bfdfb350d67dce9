"""Orders that fly: take-off, mission, places, home. Each has a deadline, and a reason when it fails."""

from __future__ import annotations

import math
from collections.abc import Callable

from dronepatrol.errors import CommandRefusedError, FlightError
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.mavlink.autopilots import CommandOrder, Intent
from dronepatrol.mavlink.command import Place
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import degrees_e7
from dronepatrol.model.position import Position
from dronepatrol.vehicle.orders import MODE_ATTEMPTS, STATE_S, ModeOrders
from dronepatrol.vehicle.readings import HomeReading, MissionReading, PositionReading

IN_THE_AIR_M = 0.5
SLOW_MPS, SLOW_CLIMB_MPS, SPARE_S = 2.0, 0.5, 30.0
"""Slowest a vehicle is expected to fly and climb, and what is added, for the deadline of a flight."""
FRESH_S = 1.5
"""Age up to which a reading tells how things are now."""
POSITION_HZ = {dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 4.0}


class FlightOrders(ModeOrders):
    """Take-off, mission, places, home."""

    _held: Intent | None = None

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
        for order in self.autopilot.takeoff_orders(altitude_home_m, self._home_amsl_m()):
            await self._take_off_order(order)
        limit_s = altitude_home_m / SLOW_CLIMB_MPS + SPARE_S if timeout_s is None else timeout_s
        await self._arrive(
            lambda: abs(self.state.altitude_home_m - altitude_home_m) <= 0.5,
            timeout_s=limit_s,
            what=f"altitude of {altitude_home_m:g} m",
        )

    async def _take_off_order(self, order: CommandOrder) -> None:
        if order.command == dialect.MAV_CMD_DO_SET_MODE:
            if self.state.custom_mode != self.mode_number(Intent.GUIDED):
                await self.set_mode(Intent.GUIDED)
            return
        mode = self.state.custom_mode
        await self._insist(
            order,
            done=self._is_in_the_air,
            unchanged=lambda: self.state.armed and self.state.custom_mode == mode,
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
        heard, mode, auto = len(self.state.texts), self.state.custom_mode, self.mode_number(Intent.MISSION)
        *before, last = self.autopilot.start_orders()
        try:
            # An armed vehicle disarms itself after some seconds, so nothing is sent that is not needed.
            for order in () if self._is_at_first_item() else before:
                await self.command(order.command, *order.params)
            await self._insist(
                last,
                done=lambda: self.state.custom_mode == auto != mode,
                unchanged=lambda: self.state.armed and self.state.custom_mode == mode,
            )
        except CommandRefusedError as error:
            raise CommandRefusedError(await self._with_reasons(str(error), heard)) from None
        await self.wait_for(
            lambda: self.state.custom_mode == auto,
            timeout_s=STATE_S,
            what=f"mode {self.autopilot.mode_for(Intent.MISSION)}",
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
        guided = self.mode_number(Intent.GUIDED)
        if self.state.custom_mode != guided:
            await self.set_mode(Intent.GUIDED)
        here, climb_m = self.state.position, abs(self.state.altitude_home_m - altitude_home_m)
        params = (-1.0 if speed_mps is None else speed_mps, 0.0, 0.0, math.nan)
        await self._insist(
            CommandOrder(dialect.MAV_CMD_DO_REPOSITION, params),
            place=self._place(position, altitude_home_m),
            done=lambda: False,
            unchanged=lambda: self.state.custom_mode == guided,
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
        pausable = (Intent.MISSION, Intent.GUIDED)
        self._held = next((i for i in pausable if self.state.custom_mode == self.mode_number(i)), None)
        if self._held is not None:
            try:
                await self.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 0.0)
            except CommandRefusedError:
                pass
            else:
                return
        await self.set_mode(Intent.HOLD)

    async def resume(self) -> None:
        """Go on with what `hold` stopped.

        Raises
        ------
        FlightError
            Nothing is held, or the vehicle has since gone into a mode that `hold` did not choose.
        """
        mode, held = self.state.custom_mode, self._held
        if mode in (self.mode_number(Intent.MISSION), self.mode_number(Intent.GUIDED)):
            await self.command(dialect.MAV_CMD_DO_PAUSE_CONTINUE, 1.0)
        elif mode == self.mode_number(Intent.HOLD) and held is not None:
            await self.set_mode(held)
        else:
            raise FlightError(
                f"system {self.target.system}: nothing to resume in mode {self.state.mode or 'unknown'}; "
                "give the order anew with start() or goto()"
            )
        self._held = None

    async def return_home(self) -> None:
        """Switch to the return: climb if too low, fly home, land."""
        await self.set_mode(Intent.RETURN)

    async def land(self) -> None:
        """Land where it is."""
        await self.set_mode(Intent.LAND)

    async def landed(self, *, timeout_s: float) -> None:
        """Wait until the vehicle has landed and disarmed itself."""
        await self.wait_for(lambda: not self.state.armed, timeout_s=timeout_s, what="landing and disarming")

    # Inside

    async def _arrive(self, there: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        """Wait for an arrival; a vehicle that has been taken into another mode will not arrive."""
        mode = self.state.custom_mode
        await self.wait_for(
            lambda: there() or not self.state.armed or self.state.custom_mode != mode,
            timeout_s=timeout_s,
            what=what,
        )
        if not there():
            said = f"; it said {self.state.texts[-1][1]!r}" if self.state.texts else ""
            raise FlightError(
                f"system {self.target.system}: no {what}: the vehicle is now in mode {self.state.mode}, "
                f"{'armed' if self.state.armed else 'disarmed'}{said}"
            )

    def _place(self, position: Position, altitude_home_m: float) -> Place:
        x, y = degrees_e7(position.lat_deg), degrees_e7(position.lon_deg)
        if self.autopilot.home_is_item_0:
            return Place(x, y, altitude_home_m)
        home_amsl_m = self._home_amsl_m()
        if home_amsl_m is None:
            raise FlightError(f"system {self.target.system}: does not say where home is, so how high to fly")
        return Place(x, y, home_amsl_m + altitude_home_m, dialect.MAV_FRAME_GLOBAL)

    def _home_amsl_m(self) -> float | None:
        home = self.state.read(HomeReading)
        return None if home is None else home.altitude_amsl_m

    def _is_in_the_air(self) -> bool:
        reading = self.state.read(PositionReading)
        return reading is not None and reading.altitude_home_m > IN_THE_AIR_M

    def _is_at_first_item(self) -> bool:
        mission = self.state.read(MissionReading)
        fresh = mission is not None and mission.age_s(self._loop.time()) < FRESH_S
        return fresh and mission is not None and self.autopilot.plan_index(mission.seq) <= 1

    def _is_at(self, position: Position, altitude_home_m: float, within_m: float) -> bool:
        here = self.state.position
        return (
            here is not None
            and great_circle_m(here, position) <= within_m
            and abs(self.state.altitude_home_m - altitude_home_m) <= within_m
        )
