"""Modes and arming: orders to a vehicle, each with a deadline and a reason when it fails.

An order that starts motors or a flight is given again only by itself, while its caller waits, and only as
long as the vehicle still is as it was before: a failsafe that acts meanwhile is never overruled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dronepatrol.errors import (
    ArmingRefusedError,
    CommandRefusedError,
    FlightError,
    ProtocolTimeoutError,
    VehicleRebootedError,
)
from dronepatrol.mavlink.autopilots import CommandOrder, Intent
from dronepatrol.mavlink.command import Command, Place, command_name
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.vehicle.core import VehicleCore
from dronepatrol.vehicle.readings import StatusReading

ORDER_ATTEMPTS = 8
"""Times an order is given while nothing answers and nothing has changed: where 30 % of the frames are lost,
none arrives with a chance of 0.007 %, and the state tells if only the answer was lost."""
MODE_ATTEMPTS = 15
STATE_S = 5.0
"""Longest wait for a heartbeat that shows what was accepted."""
RECENT_S = 2.0
"""Age up to which a heartbeat says how the vehicle is: they come every second, some are lost. Longer waits
would let an armed vehicle on the ground disarm itself, as it does after 10 s."""
CARRIED_OUT_S = 10.0
"""How long what was ordered may take to show: a take-off needs 4 s to leave the ground."""
REASONS_S = 1.0
"""How long the reasons of a refusal may take to come after it."""
READINESS_HZ = {
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: 1.0,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: 1.0,
}


class ModeOrders(VehicleCore):
    """Modes and arming, and how an order is given."""

    def mode_number(self, intent: Intent) -> int:
        """Return the custom mode by which this autopilot shows that it does something."""
        return self.autopilot.custom_mode(self.autopilot.mode_for(intent))

    async def set_mode(self, mode: CopterMode | Intent | str, *, timeout_s: float = STATE_S) -> None:
        """Switch the flight mode and wait until the heartbeat shows it.

        Parameters
        ----------
        mode
            By the autopilot's own name, or by what it is wanted for.

        Raises
        ------
        UnsupportedByAutopilotError
            The autopilot has no such mode; nothing was sent.
        CommandRefusedError
            The vehicle refuses; its reasons are in the error.
        FlightError
            It went into a third mode meanwhile, or does not show the wanted one.
        """
        name = self.autopilot.mode_for(mode) if isinstance(mode, Intent) else _name(mode)
        wanted, order = self.autopilot.custom_mode(name), self.autopilot.mode_order(name)
        before, heard = self.state.custom_mode, len(self.state.texts)
        try:
            await self._insist(
                order,
                done=lambda: self.state.custom_mode == wanted,
                unchanged=lambda: self.state.custom_mode in (before, -1),
                attempts=MODE_ATTEMPTS,
            )
        except CommandRefusedError as error:
            raise CommandRefusedError(await self._with_reasons(f"{error} {name}", heard)) from None
        await self.wait_for(
            lambda: self.state.custom_mode == wanted, timeout_s=timeout_s, what=f"mode {name}"
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
        await self.set_mode(Intent.GUIDED)
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
                CommandOrder(dialect.MAV_CMD_COMPONENT_ARM_DISARM, (1.0,)),
                done=lambda: self.state.armed,
                unchanged=lambda: not self.state.armed and self.state.custom_mode == mode,
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

    # Inside

    async def _insist(
        self,
        order: CommandOrder,
        *,
        done: Callable[[], bool],
        unchanged: Callable[[], bool],
        place: Place | None = None,
        attempts: int = ORDER_ATTEMPTS,
    ) -> None:
        """Give an order again while nothing answers, as long as the vehicle is as it was before.

        Before each further attempt a recent heartbeat has to show that. A refusal of a further attempt can
        mean that an earlier one is being carried out, and is looked into.
        """
        name = command_name(order.command)
        async with self._lock(order.command):
            for attempt in range(1, attempts + 1):
                machine = Command(
                    order.command, order.params, self.target, place=place, attempts=1, **self._known
                )
                try:
                    await self.drive(machine, what=f"an answer to {name}")
                except CommandRefusedError:
                    if attempt == 1 or not await self._comes_true(done, CARRIED_OUT_S):
                        raise
                    return
                except ProtocolTimeoutError:
                    if not await self._comes_true(self._heard_lately, STATE_S) or attempt == attempts:
                        raise
                    if done():
                        return
                    if not unchanged():
                        raise FlightError(self._overruled(name)) from None
                else:
                    return

    async def _comes_true(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        try:
            await self.wait_for(condition, timeout_s=timeout_s, what="sign")
        except VehicleRebootedError:
            raise
        except FlightError:
            return False
        return True

    def _heard_lately(self) -> bool:
        status = self.state.read(StatusReading)
        return status is not None and status.age_s(self._loop.time()) <= RECENT_S

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


def _name(mode: CopterMode | str) -> str:
    return mode.name if isinstance(mode, CopterMode) else mode
