"""The vehicle for scripts and notebooks: every call waits until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

from dronepatrol.mavlink.autopilots import Intent
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.log_client import LogEntry
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.mavlink.parameter_values import Parameter
from dronepatrol.model.position import Position
from dronepatrol.vehicle.discovery import StatusListener
from dronepatrol.vehicle.identity import Identity
from dronepatrol.vehicle.loop_thread import LoopThread
from dronepatrol.vehicle.readings import Reading
from dronepatrol.vehicle.state import VehicleSnapshot, VehicleState
from dronepatrol.vehicle.streams import DEFAULT_LIMIT, Stream
from dronepatrol.vehicle.vehicle import Vehicle

T = TypeVar("T")
R = TypeVar("R", bound=Reading)


class BlockingVehicle:
    """A `Vehicle` whose calls wait; see there for what they do and raise.

    Use it in a ``with`` statement, or close it. Against ``sim://`` time stands still between calls and passes
    as fast as the computer can within them.

    Attributes
    ----------
    vehicle
        The asynchronous vehicle underneath.
    """

    def __init__(self, vehicle: Vehicle, thread: LoopThread) -> None:
        self.vehicle = vehicle
        self._thread = thread

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        system: int | None = None,
        timeout_s: float = 30.0,
        on_status: StatusListener | None = None,
    ) -> BlockingVehicle:
        """Reach a vehicle by URL."""
        thread = LoopThread(virtual=url.strip().lower().startswith("sim:"))
        try:
            vehicle = thread.run(
                Vehicle.connect(url, system=system, timeout_s=timeout_s, on_status=on_status)
            )
        except BaseException:
            thread.close()
            raise
        return cls(vehicle, thread)

    def __enter__(self) -> BlockingVehicle:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Wait for anything else: ``drone.run(drone.vehicle.synchronise())``."""
        return self._thread.run(coroutine)

    def close(self) -> None:
        """Let go of the vehicle and close the link; closing twice is allowed."""
        if not self.vehicle.closed:
            self.run(self._close())
        self._thread.close()

    async def _close(self) -> None:
        self.vehicle.close()

    # What is known

    @property
    def identity(self) -> Identity | None:
        """Who it is."""
        return self.vehicle.identity

    @property
    def state(self) -> VehicleState:
        """The last value heard of everything."""
        return self.vehicle.state

    def snapshot(self) -> VehicleSnapshot:
        """Return everything known now, frozen."""
        return self.run(self._snapshot())

    async def _snapshot(self) -> VehicleSnapshot:
        return self.vehicle.snapshot()

    def watch(self, *, interval_s: float = 1.0, count: int | None = None) -> Iterator[VehicleSnapshot]:
        """Yield snapshots at an interval, a number of them or until the vehicle is closed."""
        given = 0
        while not self.vehicle.closed and (count is None or given < count):
            yield self.snapshot()
            given += 1
            self.sleep(interval_s)

    def readings(self, kind: type[R], *, limit: int = DEFAULT_LIMIT, timeout_s: float = 10.0) -> Iterator[R]:
        """Yield readings as they come; end when none has come for so long."""
        stream = self.run(_opened(self.vehicle, kind, limit))
        while (reading := self.run(_next(stream, timeout_s))) is not None:
            yield reading

    def sleep(self, duration_s: float) -> None:
        """Let time pass."""
        self.run(_sleep(duration_s))

    def wait_for(self, condition: Callable[[VehicleState], bool], *, timeout_s: float, what: str) -> None:
        """Wait until a condition on the state holds."""
        vehicle = self.vehicle
        self.run(vehicle.wait_for(lambda: condition(vehicle.state), timeout_s=timeout_s, what=what))

    # Orders

    def ready(self, *, timeout_s: float = 120.0) -> None:
        """Wait until the vehicle can be armed."""
        self.run(self.vehicle.ready(timeout_s=timeout_s))

    def set_mode(self, mode: CopterMode | Intent | str) -> None:
        """Switch the flight mode."""
        self.run(self.vehicle.set_mode(mode))

    def arm(self) -> None:
        """Arm the motors."""
        self.run(self.vehicle.arm())

    def disarm(self) -> None:
        """Stop the motors of a landed vehicle."""
        self.run(self.vehicle.disarm())

    def takeoff(self, altitude_home_m: float, *, timeout_s: float | None = None) -> None:
        """Climb to an altitude above home."""
        self.run(self.vehicle.takeoff(altitude_home_m, timeout_s=timeout_s))

    def start(self) -> None:
        """Start the uploaded mission."""
        self.run(self.vehicle.start())

    def goto(
        self,
        position: Position,
        altitude_home_m: float,
        *,
        speed_mps: float | None = None,
        timeout_s: float | None = None,
    ) -> None:
        """Fly straight to a place and wait for the arrival."""
        self.run(self.vehicle.goto(position, altitude_home_m, speed_mps=speed_mps, timeout_s=timeout_s))

    def hold(self) -> None:
        """Stop where it is."""
        self.run(self.vehicle.hold())

    def resume(self) -> None:
        """Go on with what `hold` stopped."""
        self.run(self.vehicle.resume())

    def return_home(self) -> None:
        """Fly home and land."""
        self.run(self.vehicle.return_home())

    def land(self) -> None:
        """Land where it is."""
        self.run(self.vehicle.land())

    def landed(self, *, timeout_s: float) -> None:
        """Wait until the vehicle has landed and disarmed itself."""
        self.run(self.vehicle.landed(timeout_s=timeout_s))

    def command(self, command: int, *params: float) -> None:
        """Send a command (MAV_CMD) and wait for its acknowledgement."""
        self.run(self.vehicle.command(command, *params))

    def set_streams(self, rates_hz: Mapping[int, float]) -> None:
        """Ask for message types at rates in Hz."""
        self.run(self.vehicle.set_streams(rates_hz))

    # What it stores

    def upload(self, items: Sequence[WireItem]) -> None:
        """Send a mission and make sure that the vehicle holds it."""
        self.run(self.vehicle.upload(items))

    def upload_fence(self, items: Sequence[WireItem]) -> None:
        """Send a fence and make sure that the vehicle holds it."""
        self.run(self.vehicle.upload_fence(items))

    def upload_rally(self, items: Sequence[WireItem]) -> None:
        """Send rally points and make sure that the vehicle holds them."""
        self.run(self.vehicle.upload_rally(items))

    def download(self, kind: MissionType = MissionType.MISSION) -> list[WireItem]:
        """Read a list the vehicle holds."""
        return self.run(self.vehicle.download(kind))

    def clear(self, kind: MissionType = MissionType.MISSION) -> None:
        """Delete a list."""
        self.run(self.vehicle.clear(kind))

    def get_parameters(self) -> dict[str, Parameter]:
        """Read all parameters."""
        return self.run(self.vehicle.parameters.all())

    def get_parameter(self, name: str) -> float:
        """Read one parameter."""
        return self.run(self.vehicle.parameters.get(name))

    def set_parameter(self, name: str, value: float) -> float:
        """Set one parameter and return what it was before."""
        return self.run(self.vehicle.parameters.set(name, value))

    def list_logs(self) -> list[LogEntry]:
        """Read which logs the autopilot keeps."""
        return self.run(self.vehicle.logs.list())

    def download_log(self, entry: LogEntry) -> bytes:
        """Read one of them."""
        return self.run(self.vehicle.logs.download(entry))


async def _opened(vehicle: Vehicle, kind: type[R], limit: int) -> Stream[R]:
    return vehicle.readings(kind, limit=limit)


async def _sleep(duration_s: float) -> None:
    await asyncio.sleep(duration_s)


async def _next(stream: Stream[R], timeout_s: float) -> R | None:
    try:
        return await asyncio.wait_for(anext(stream), timeout_s)
    except (TimeoutError, StopAsyncIteration):
        return None
