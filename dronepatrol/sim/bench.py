"""Simulated drones for tests: a virtual clock and a blocking face.

Time stands still between calls. A call that waits lets it run, as fast as the computer can, until what is
waited for has happened; so a test of an hour's flight takes seconds, and takes the same course every time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from dronepatrol.clock import VirtualLoop
from dronepatrol.errors import ProtocolTimeoutError
from dronepatrol.geo.distance import great_circle_m
from dronepatrol.link.impaired import ImpairedLink
from dronepatrol.link.memory import memory_pair
from dronepatrol.mavlink.command import must_not_repeat
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.items import WireItem
from dronepatrol.mavlink.modes import CopterMode
from dronepatrol.model.position import Position
from dronepatrol.sim.autopilot.autopilot import Autopilot
from dronepatrol.sim.bench_settings import BenchSettings
from dronepatrol.sim.motion import Mode
from dronepatrol.vehicle.connection import Connection
from dronepatrol.vehicle.state import VehicleState
from dronepatrol.vehicle.vehicle import FLIGHT_STREAMS_HZ, Vehicle

T = TypeVar("T")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""The calendar's moment when a test begins."""
ATTEMPTS = 10
"""Times an order is repeated while nothing answers: a test may ask for a very bad link."""
POSITION_ONLY = 0x0DF8
"""POSITION_TARGET_TYPEMASK that leaves only the position."""
RESEND_S = 1.0


class Bench:
    """A fleet on a virtual clock.

    Parameters
    ----------
    settings
        What the drones, the air and the links are like.
    default_count
        Drones where the settings leave it open.

    Attributes
    ----------
    drones
        In the order of their system ids, which are 1, 2, ...
    simulation
        What is really happening, for a test that wants to compare or to interfere.
    """

    def __init__(self, settings: BenchSettings | None = None, *, default_count: int = 1) -> None:
        self.settings = settings or BenchSettings()
        self._runner = asyncio.Runner(loop_factory=lambda: VirtualLoop(EPOCH))
        self._loop = self._runner.get_loop()
        self.simulation = self.settings.simulation(default_count)
        self._flying: asyncio.Task[None] | None = None
        try:
            self.drones: tuple[BenchDrone, ...] = self._runner.run(self._open())
        except BaseException:
            self.close()
            raise

    @property
    def time_s(self) -> float:
        """Seconds since the drones were switched on."""
        return self.simulation.time_s

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let time run until a coroutine is done, and return its result."""
        return self._runner.run(self._beside_the_flight(coroutine))

    def advance(self, duration_s: float) -> None:
        """Let so many seconds pass."""
        self.run(asyncio.sleep(duration_s))

    def close(self) -> None:
        """End the simulation."""
        for drone in getattr(self, "drones", ()):
            drone.vehicle.close()
        self._runner.close()

    async def _open(self) -> tuple[BenchDrone, ...]:
        self._flying = self._loop.create_task(self.simulation.run())
        links = []
        for index, autopilot in enumerate(self.simulation.autopilots):
            near, far = memory_pair(f"drone {autopilot.system}")
            bad = self.settings.impairment()
            links.append(ImpairedLink(near, outgoing=bad, incoming=bad, seed=self.settings.seed))
            self.simulation.attach(index, far)
        return tuple(await asyncio.gather(*(self._connect(k, link) for k, link in enumerate(links))))

    async def _connect(self, index: int, link: ImpairedLink) -> BenchDrone:
        autopilot = self.simulation.autopilots[index]
        vehicle = await Vehicle.connect(Connection(link), system=autopilot.system)
        drone = BenchDrone(self, vehicle, link, autopilot)
        await patiently(lambda: vehicle.set_streams(FLIGHT_STREAMS_HZ))
        if self.settings.ready:
            await patiently(vehicle.ready)
            drone.texts.clear()  # what every boot says
        return drone

    async def _beside_the_flight(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine; if the simulation fails meanwhile, raise its error and not a time-out."""
        assert self._flying is not None
        task = self._loop.create_task(coroutine)
        await asyncio.wait({task, self._flying}, return_when=asyncio.FIRST_COMPLETED)
        if self._flying.done() and not task.done():
            task.cancel()
            self._flying.result()
        return await task


async def patiently(
    order: Callable[[], Coroutine[Any, Any, object]], *, done: Callable[[], bool] | None = None
) -> None:
    """Repeat an order that nothing answers.

    Parameters
    ----------
    done
        Whether the drone has carried it out in truth, for orders that must not be given twice.

    Raises
    ------
    ProtocolTimeoutError
        Nothing ever answered.
    """
    for left in reversed(range(ATTEMPTS)):
        try:
            await order()
        except ProtocolTimeoutError:
            if done is not None and done():
                return
            if not left:
                raise
        else:
            return


class BenchDrone:
    """One drone of a bench, with calls that wait.

    Attributes
    ----------
    vehicle
        The client underneath; its coroutines go through `run`.
    link
        Between client and drone; `link.impair` changes it in flight.
    autopilot
        The drone itself: `autopilot.pilot` tells the truth, `autopilot.parameters` may be set.
    texts
        Status texts heard, oldest first.
    messages
        The last message heard of each type, by name.
    """

    def __init__(self, bench: Bench, vehicle: Vehicle, link: ImpairedLink, autopilot: Autopilot) -> None:
        self.bench = bench
        self.vehicle = vehicle
        self.link = link
        self.autopilot = autopilot
        self.texts: list[str] = []
        self.messages: dict[str, Message] = {}
        self._texts_read = 0
        vehicle.on_text(lambda _severity, text: self.texts.append(text))
        vehicle.on_message(lambda message: self.messages.update({message.get_type(): message}))

    @property
    def state(self) -> VehicleState:
        """What the client knows of the drone."""
        return self.vehicle.state

    # Time

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let time run until a coroutine is done, and return its result."""
        return self.bench.run(coroutine)

    def advance(self, duration_s: float) -> None:
        """Let so many seconds pass."""
        self.bench.advance(duration_s)

    # Orders

    def send(self, message: Message) -> None:
        """Send any MAVLink message."""
        self.vehicle.connection.send(message)

    def command(self, command: int, *params: float) -> None:
        """Send a command (MAV_CMD) and wait for its acknowledgement.

        Raises
        ------
        CommandRefusedError, ProtocolTimeoutError
            It was refused, or never answered.
        """
        if must_not_repeat(command, params):
            self.run(self.vehicle.command(command, *params, attempts=1))
        else:
            self.run(patiently(lambda: self.vehicle.command(command, *params)))

    def set_mode(self, mode: CopterMode | str) -> None:
        """Switch the flight mode, given as ``"GUIDED"`` for example."""
        wanted = CopterMode[mode] if isinstance(mode, str) else mode
        self.run(patiently(lambda: self.vehicle.set_mode(wanted)))

    def arm(self) -> None:
        """Arm the motors.

        Raises
        ------
        CommandRefusedError
            The drone refuses; its reasons are in the error.
        """
        self.run(patiently(self.vehicle.arm, done=lambda: self.autopilot.pilot.armed))
        self.wait(lambda: self.state.armed, "heartbeat that says armed")

    def takeoff(self, altitude_m: float, *, wait: bool = True, timeout_s: float = 120.0) -> None:
        """Climb to a height above home in GUIDED, and wait until it is reached."""
        pilot = self.autopilot.pilot
        params = (0, 0, 0, 0, 0, 0, altitude_m)
        self.run(
            patiently(
                lambda: self.vehicle.command(dialect.MAV_CMD_NAV_TAKEOFF, *params, attempts=1),
                done=lambda: pilot.guided.taking_off or not pilot.landed,
            )
        )
        if wait:
            self.wait_altitude(altitude_m, timeout_s=timeout_s)

    def goto(
        self,
        place: Position | tuple[float, float],
        altitude_m: float | None = None,
        *,
        wait: bool = True,
        within_m: float = 2.0,
        timeout_s: float = 600.0,
    ) -> None:
        """Fly to a place in GUIDED and wait for the arrival.

        Parameters
        ----------
        place
            A position, or metres north and east of home.
        altitude_m
            Above home; None keeps the present one.
        wait
            False sends the target once and returns.
        """
        altitude = self.state.altitude_home_m if altitude_m is None else altitude_m
        position = place if isinstance(place, Position) else self.position_at(*place)

        if not wait:
            self.send(self._target(position, altitude))
            return

        async def fly() -> None:
            sending = asyncio.get_running_loop().create_task(self._repeat_target(position, altitude))
            try:
                await self._until_at(position, altitude, within_m, timeout_s)
            finally:
                sending.cancel()

        self.run(fly())

    def position_at(self, north_m: float, east_m: float) -> Position:
        """Return the place so many metres north and east of where the drone was switched on."""
        lat_e7, lon_e7 = self.autopilot.pilot.frame.lat_lon_e7(north_m, east_m)
        return Position(lon_e7 / 1e7, lat_e7 / 1e7)

    def upload(self, items: Sequence[WireItem]) -> None:
        """Send a mission (item 0 is home) and check what the drone keeps of it."""
        self.run(self.vehicle.upload(items))

    def start(self) -> None:
        """Start the uploaded mission."""
        self.run(patiently(self.vehicle.start, done=lambda: self.autopilot.pilot.mode is Mode.AUTO))

    def land(self, *, timeout_s: float = 300.0) -> None:
        """Land here, and wait until the motors stand."""
        self.set_mode(CopterMode.LAND)
        self.wait_disarmed(timeout_s=timeout_s)

    def return_home(self, *, timeout_s: float = 900.0) -> None:
        """Fly home, land, and wait until the motors stand."""
        self.set_mode(CopterMode.RTL)
        self.wait_disarmed(timeout_s=timeout_s)

    # Waiting

    def wait(self, condition: Callable[[], bool], what: str, *, timeout_s: float = 60.0) -> None:
        """Wait until a condition holds; it is tested after each message heard.

        Raises
        ------
        FlightError
            It did not hold in time; the error says what the drone did instead.
        """
        self.run(self.vehicle.wait_for(condition, timeout_s=timeout_s, what=what))

    def wait_mode(self, mode: CopterMode | str, *, timeout_s: float = 60.0) -> None:
        """Wait for a flight mode."""
        name = mode if isinstance(mode, str) else mode.name
        self.wait(lambda: self.state.mode == name, f"mode {name}", timeout_s=timeout_s)

    def wait_disarmed(self, *, timeout_s: float = 60.0) -> None:
        """Wait until the motors stand."""
        self.wait(lambda: not self.state.armed, "standing motors", timeout_s=timeout_s)

    def wait_altitude(self, altitude_m: float, *, within_m: float = 0.5, timeout_s: float = 120.0) -> None:
        """Wait for a height above home."""
        self.wait(
            lambda: abs(self.state.altitude_home_m - altitude_m) <= within_m,
            f"height of {altitude_m:g} m",
            timeout_s=timeout_s,
        )

    def wait_position(
        self,
        place: Position | tuple[float, float],
        altitude_m: float | None = None,
        *,
        within_m: float = 2.0,
        timeout_s: float = 600.0,
    ) -> None:
        """Wait for a place: a position, or metres north and east of home."""
        position = place if isinstance(place, Position) else self.position_at(*place)
        self.run(self._until_at(position, altitude_m, within_m, timeout_s))

    def wait_text(self, pattern: str, *, timeout_s: float = 60.0) -> str:
        """Wait for a status text that a regular expression matches somewhere, and return it.

        Texts heard before the call count, but none twice: the next call looks at what came after.
        """
        found: list[str] = []

        def look() -> bool:
            for index in range(self._texts_read, len(self.texts)):
                if re.search(pattern, self.texts[index]):
                    self._texts_read = index + 1
                    found.append(self.texts[index])
                    return True
            return False

        self.wait(look, f"text like {pattern!r}", timeout_s=timeout_s)
        return found[0]

    def wait_message(self, name: str, *, timeout_s: float = 60.0) -> Message:
        """Wait for the next message of a type such as ``"ATTITUDE"``, and return it."""
        before = self.messages.pop(name, None)
        try:
            self.wait(lambda: name in self.messages, f"message {name}", timeout_s=timeout_s)
        finally:
            if before is not None:
                self.messages.setdefault(name, before)
        return self.messages[name]

    async def _until_at(
        self, position: Position, altitude_m: float | None, within_m: float, timeout_s: float
    ) -> None:
        def there() -> bool:
            state = self.state
            if state.position is None or great_circle_m(state.position, position) > within_m:
                return False
            return altitude_m is None or abs(state.altitude_home_m - altitude_m) <= within_m

        height = "" if altitude_m is None else f" at {altitude_m:g} m"
        what = f"arrival at {position.lat_deg:.6f}, {position.lon_deg:.6f}{height}"
        await self.vehicle.wait_for(there, timeout_s=timeout_s, what=what)

    async def _repeat_target(self, position: Position, altitude_m: float) -> None:
        # No acknowledgement exists for a target, so a bad link is met by repeating it.
        while True:
            self.send(self._target(position, altitude_m))
            await asyncio.sleep(RESEND_S)

    def _target(self, position: Position, altitude_m: float) -> Message:
        return dialect.MAVLink_set_position_target_global_int_message(
            0,
            self.vehicle.target.system,
            self.vehicle.target.component,
            dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT,
            POSITION_ONLY,
            round(position.lat_deg * 1e7),
            round(position.lon_deg * 1e7),
            altitude_m,
            *[0.0] * 8,
        )


class BenchFleet(Sequence[BenchDrone]):
    """All drones of a bench, in the order of their system ids, on one clock."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench

    def __len__(self) -> int:
        return len(self.bench.drones)

    def __getitem__(self, index: Any) -> Any:
        return self.bench.drones[index]

    def __iter__(self) -> Iterator[BenchDrone]:
        return iter(self.bench.drones)

    def advance(self, duration_s: float) -> None:
        """Let so many seconds pass for all of them."""
        self.bench.advance(duration_s)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let time run until a coroutine is done, and return its result."""
        return self.bench.run(coroutine)
