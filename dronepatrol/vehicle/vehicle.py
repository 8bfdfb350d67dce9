"""One vehicle as its operator sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from dronepatrol.errors import (
    CommandRefusedError,
    ConnectTimeoutError,
    FlightError,
    ProtocolError,
    UploadRefusedError,
)
from dronepatrol.mavlink.command import Command
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import differences
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.mavlink.transfer import Download, Target, Upload
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.state import VehicleState

TextListener = Callable[[int, str], None]
"""Takes the severity (MAV_SEVERITY) and the text of a STATUSTEXT."""

FLIGHT_STREAMS_HZ: Mapping[int, float] = {
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 4.0,
    dialect.MAVLINK_MSG_ID_ATTITUDE: 4.0,
    dialect.MAVLINK_MSG_ID_VFR_HUD: 4.0,
    dialect.MAVLINK_MSG_ID_SYS_STATUS: 4.0,
    dialect.MAVLINK_MSG_ID_MISSION_CURRENT: 4.0,
    dialect.MAVLINK_MSG_ID_BATTERY_STATUS: 1.0,
    dialect.MAVLINK_MSG_ID_GPS_RAW_INT: 1.0,
    dialect.MAVLINK_MSG_ID_EKF_STATUS_REPORT: 1.0,
    dialect.MAVLINK_MSG_ID_SYSTEM_TIME: 1.0,
}
"""What a flight records, messages per second."""
GROUND_STREAMS_HZ: Mapping[int, float] = dict.fromkeys(FLIGHT_STREAMS_HZ, 0.5)
"""The same while the vehicle stands on its pad."""


class Vehicle:
    """A vehicle on a connection, addressed by its system id.

    Use `connect` to wait for its heartbeat. Every wait has a deadline on the loop's clock.
    """

    def __init__(self, connection: Connection, system: int, component: int = AUTOPILOT_COMPONENT) -> None:
        self.connection = connection
        self.target = Target(system, component)
        self.state = VehicleState()
        self._loop = asyncio.get_running_loop()
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._text_listeners: list[TextListener] = []
        self._message_listeners: list[Callable[[Message], None]] = []
        self._heartbeats: asyncio.Task[None] | None = None
        connection.add_listener(self._take)

    @classmethod
    async def connect(
        cls, connection: Connection, *, system: int | None = None, timeout_s: float = 30.0
    ) -> Vehicle:
        """Wait for the first heartbeat of an autopilot, then keep sending ours.

        Parameters
        ----------
        system
            The system id wanted; None takes the first autopilot heard.

        Raises
        ------
        ConnectTimeoutError
            Nothing suitable was heard; the text says what was.
        """
        loop = asyncio.get_running_loop()
        found: asyncio.Future[int] = loop.create_future()
        others: set[int] = set()

        def listen(message: Message) -> None:
            if message.get_type() != "HEARTBEAT" or message.autopilot == dialect.MAV_AUTOPILOT_INVALID:
                return
            heard = message.get_srcSystem()
            if system is None or heard == system:
                if not found.done():
                    found.set_result(heard)
            else:
                others.add(heard)

        remove = connection.add_listener(listen)
        beats = loop.create_task(_send_heartbeats(connection))
        try:
            vehicle = cls(connection, await asyncio.wait_for(found, timeout_s))
        except TimeoutError:
            beats.cancel()
            raise ConnectTimeoutError(_heard_text(connection, system, others, timeout_s)) from None
        except BaseException:
            beats.cancel()
            raise
        finally:
            remove()
        vehicle._heartbeats = beats
        return vehicle

    def close(self) -> None:
        """Stop heartbeats and close the link."""
        if self._heartbeats is not None:
            self._heartbeats.cancel()
        self.connection.close()

    def on_text(self, listener: TextListener) -> Callable[[], None]:
        """Give every status text to a function; call the result to stop."""
        self._text_listeners.append(listener)
        return lambda: self._text_listeners.remove(listener)

    def on_message(self, listener: Callable[[Message], None]) -> Callable[[], None]:
        """Give every message to a function once the state was updated; call the result to stop."""
        self._message_listeners.append(listener)
        return lambda: self._message_listeners.remove(listener)

    async def wait_for(self, condition: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        """Wait until a condition on the state holds; it is tested after each message.

        Raises
        ------
        FlightError
            It did not hold before the deadline.
        """
        if condition():
            return
        waiter: asyncio.Future[None] = self._loop.create_future()
        entry = (condition, waiter)
        self._waiters.append(entry)
        try:
            await asyncio.wait_for(waiter, timeout_s)
        except TimeoutError:
            last = f"; last text: {self.state.texts[-1][1]!r}" if self.state.texts else ""
            raise FlightError(
                f"system {self.target.system}: no {what} within {timeout_s:g} s "
                f"(mode {self.state.mode or 'unknown'}, armed {self.state.armed}){last}"
            ) from None
        finally:
            if entry in self._waiters:
                self._waiters.remove(entry)

    async def command(self, command: int, *params: float, attempts: int = 4) -> None:
        """Send a command and wait for its acknowledgement.

        Raises
        ------
        CommandRefusedError, ProtocolTimeoutError
            It was refused, or never answered.
        """
        await self.connection.drive(Command(command, params, self.target, attempts=attempts))

    async def set_streams(self, rates_hz: Mapping[int, float]) -> None:
        """Ask for message types at rates in Hz; 0 stops one."""
        for number, rate_hz in rates_hz.items():
            interval_us = round(1e6 / rate_hz) if rate_hz > 0.0 else -1
            await self.command(dialect.MAV_CMD_SET_MESSAGE_INTERVAL, number, interval_us)

    async def set_mode(self, mode: CopterMode, *, timeout_s: float = 5.0) -> None:
        """Switch the flight mode and wait until the heartbeat shows it."""
        flag = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        await self.command(dialect.MAV_CMD_DO_SET_MODE, flag, int(mode))
        await self.wait_for(
            lambda: self.state.custom_mode == mode, timeout_s=timeout_s, what=f"mode {mode.name}"
        )

    async def ready(self, *, timeout_s: float = 120.0) -> None:
        """Wait until the vehicle can be armed in GUIDED, and leave it in that mode."""
        await self.wait_for(lambda: self.state.position_ok, timeout_s=timeout_s, what="position estimate")
        await self.set_mode(CopterMode.GUIDED)
        await self.wait_for(lambda: self.state.prearm_ok, timeout_s=timeout_s, what="passed pre-arm checks")

    async def upload(self, items: Sequence[WireItem], *, attempts: int = 3) -> None:
        """Send a mission (item 0 is home) and read it back.

        Raises
        ------
        UploadRefusedError
            The vehicle refuses an item; no further attempt is made.
        ProtocolError
            It did not get through, or what is read back is not what was sent.
        """
        problem: ProtocolError | None = None
        for _ in range(attempts):
            try:
                await self.connection.drive(Upload(items, self.target, MissionType.MISSION))
                wrong = differences(items, await self.download())
            except UploadRefusedError:
                raise
            except ProtocolError as error:
                problem = error
                continue
            if not wrong:
                return
            problem = ProtocolError("the vehicle holds another mission than was sent: " + "; ".join(wrong))
        raise ProtocolError(f"the mission did not get through in {attempts} attempts: {problem}")

    async def download(self) -> list[WireItem]:
        """Read the mission the vehicle holds; item 0 is home."""
        download = Download(self.target, MissionType.MISSION)
        await self.connection.drive(download)
        return download.items

    async def arm(self) -> None:
        """Arm the motors.

        Raises
        ------
        CommandRefusedError
            The vehicle refuses; its reasons are in the error.
        """
        before = len(self.state.texts)
        try:
            await self.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1.0, attempts=1)
        except CommandRefusedError as error:
            reasons = "; ".join(text for _, text in self.state.texts[before:])
            raise CommandRefusedError(f"{error}: {reasons}" if reasons else str(error)) from None
        await self.wait_for(lambda: self.state.armed, timeout_s=5.0, what="heartbeat that says armed")

    async def disarm(self) -> None:
        """Stop the motors of a landed vehicle.

        Raises
        ------
        CommandRefusedError
            It is in the air.
        """
        await self.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 0.0)
        await self.wait_for(lambda: not self.state.armed, timeout_s=5.0, what="heartbeat that says disarmed")

    async def start(self) -> None:
        """Start the uploaded mission from its first item (switches to AUTO)."""
        await self.command(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, 1.0)
        await self.command(dialect.MAV_CMD_MISSION_START, attempts=1)
        await self.wait_for(
            lambda: self.state.custom_mode == CopterMode.AUTO, timeout_s=5.0, what="mode AUTO"
        )

    async def return_home(self) -> None:
        """Switch to RTL."""
        await self.set_mode(CopterMode.RTL)

    async def landed(self, *, timeout_s: float) -> None:
        """Wait until the vehicle has landed and disarmed itself."""
        await self.wait_for(lambda: not self.state.armed, timeout_s=timeout_s, what="landing and disarming")

    def _take(self, message: Message) -> None:
        if message.get_srcSystem() != self.target.system:
            return
        if message.get_srcComponent() != self.target.component:
            return
        self.state.take(message)
        if message.get_type() == "STATUSTEXT":
            for text_listener in self._text_listeners:
                text_listener(message.severity, message.text)
        for listener in self._message_listeners:
            listener(message)
        for condition, waiter in tuple(self._waiters):
            if not waiter.done() and condition():
                waiter.set_result(None)


async def _send_heartbeats(connection: Connection) -> None:
    while True:
        connection.send(
            dialect.MAVLink_heartbeat_message(
                dialect.MAV_TYPE_GCS, dialect.MAV_AUTOPILOT_INVALID, 0, 0, dialect.MAV_STATE_ACTIVE, 3
            )
        )
        await asyncio.sleep(1.0)


def _heard_text(connection: Connection, system: int | None, others: set[int], timeout_s: float) -> str:
    wanted = "no vehicle" if system is None else f"no vehicle with system id {system}"
    head = f"{connection.transport.name}: {wanted} within {timeout_s:g} s: "
    if others:
        systems = ", ".join(str(other) for other in sorted(others))
        return head + f"heard heartbeats of system {systems} only; ask for one of these"
    if connection.bytes_heard:
        return (
            head + f"heard {connection.bytes_heard} bytes that are no MAVLink heartbeat; check the baud rate"
        )
    return head + "nothing was heard; check the address and that the vehicle is on"
