"""One vehicle as its operator sees it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping

from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, dialect
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.discovery import StatusListener, find_vehicle
from dronepatrol.vehicle.flights import FlightOrders
from dronepatrol.vehicle.heard import HeardSystem
from dronepatrol.vehicle.identity import Identity, ask_identity, require_multirotor
from dronepatrol.vehicle.line import Line
from dronepatrol.vehicle.lists import ListOrders
from dronepatrol.vehicle.logs import Logs
from dronepatrol.vehicle.opening import open_url
from dronepatrol.vehicle.parameters import Parameters
from dronepatrol.vehicle.readings import AttitudeReading, BatteryReading, PositionReading
from dronepatrol.vehicle.state import VehicleSnapshot
from dronepatrol.vehicle.streams import DEFAULT_LIMIT, Stream

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


class Vehicle(FlightOrders, ListOrders):
    """A multirotor on a line, simulated or real.

    Use `connect` to reach one. Every wait has a deadline on the loop's clock and ends with a reason: what was
    waited for, an error that says why it did not come, or `VehicleRebootedError` if the autopilot started
    again.

    Attributes
    ----------
    identity
        Who it is; None if it was connected to without being asked.
    parameters, logs
        Its parameters, and the logs that it keeps itself.
    """

    def __init__(
        self,
        line: Line,
        system: int,
        component: int = AUTOPILOT_COMPONENT,
        *,
        identity: Identity | None = None,
    ) -> None:
        super().__init__(line, system, component, autopilot=None if identity is None else identity.autopilot)
        self.identity = identity
        self.parameters = Parameters(self)
        self.logs = Logs(self)
        self._closes_line = True
        self._release = line.hold_heartbeats()

    @classmethod
    async def connect(
        cls,
        where: str | Line,
        *,
        system: int | None = None,
        timeout_s: float = 30.0,
        on_status: StatusListener | None = None,
        ask: bool = True,
        close_line: bool = True,
    ) -> Vehicle:
        """Wait for the heartbeat of an autopilot, make sure that it can be flown, and keep sending ours.

        Parameters
        ----------
        where
            A URL, or a line: a `Connection`, or a `Hub` of several.
        system
            The system id wanted; None takes the only vehicle there is.
        on_status
            Told at once and whenever it changes what is heard while waiting.
        ask
            False takes any vehicle as it is, without a question: for listening only.
        close_line
            Whether the line is closed with the last vehicle on it.

        Raises
        ------
        LinkError
            The link cannot be opened, or several vehicles are heard and none was named.
        ConnectTimeoutError
            Nothing suitable was heard; the text says what was and what to try.
        VehicleUnsuitableError
            It is no multirotor, or its autopilot is too old to answer.
        """
        line = Connection(await open_url(where)) if isinstance(where, str) else where
        release = line.hold_heartbeats()
        try:
            heard = await find_vehicle(line, system=system, timeout_s=timeout_s, on_status=on_status)
            identity = await _identified(line, heard) if ask else None
            vehicle = cls(line, heard.system, heard.component, identity=identity)
        except BaseException:
            if line is not where:
                line.close()
            raise
        finally:
            release()
        vehicle._closes_line = close_line
        # Whether it is armed and in which mode is known from the start.
        vehicle.state.take(heard.frame, asyncio.get_running_loop().time())
        return vehicle

    @property
    def connection(self) -> Line:
        """The line that leads to the vehicle."""
        return self.line

    def positions(self, *, limit: int = DEFAULT_LIMIT) -> Stream[PositionReading]:
        """Return a stream of positions, altitudes and velocities."""
        return self.readings(PositionReading, limit=limit)

    def attitudes(self, *, limit: int = DEFAULT_LIMIT) -> Stream[AttitudeReading]:
        """Return a stream of attitudes."""
        return self.readings(AttitudeReading, limit=limit)

    def batteries(self, *, limit: int = DEFAULT_LIMIT) -> Stream[BatteryReading]:
        """Return a stream of battery readings."""
        return self.readings(BatteryReading, limit=limit)

    async def watch(
        self, *, interval_s: float = 1.0, timeout_s: float = math.inf
    ) -> AsyncIterator[VehicleSnapshot]:
        """Yield what is known of the vehicle at an interval until a time is over or it is closed."""
        until_s = self._loop.time() + timeout_s
        while not self._closed and self._loop.time() <= until_s:
            yield self.snapshot()
            await asyncio.sleep(interval_s)

    def close(self) -> None:
        """Let go of the vehicle: its waits and streams end, and the last one on a line closes that."""
        super().close()
        self._release()
        if self._closes_line and not self.line.held:
            self.line.close()


async def _identified(line: Line, heard: HeardSystem) -> Identity:
    require_multirotor(heard, line.name)
    return await ask_identity(line, heard)
