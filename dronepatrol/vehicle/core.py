"""What all dealings with one vehicle stand on: its state, its events, waits that end, and exchanges."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial
from typing import TypedDict, TypeVar

from dronepatrol.errors import DronePatrolError, FlightError, LinkError, VehicleRebootedError
from dronepatrol.mavlink.command import AckLedger, Command, command_name
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.exchange import Machine, Target
from dronepatrol.mavlink.framing import Frame
from dronepatrol.mavlink.round_trip import RoundTrip
from dronepatrol.vehicle.events import (
    ArmedChanged,
    ItemReached,
    LinkLost,
    LinkRegained,
    LinkSwitched,
    ModeChanged,
    Rebooted,
    TextHeard,
    VehicleEvent,
)
from dronepatrol.vehicle.line import Line, Remove
from dronepatrol.vehicle.readings import MAKERS, Reading
from dronepatrol.vehicle.state import VehicleSnapshot, VehicleState, message_number
from dronepatrol.vehicle.streams import DEFAULT_LIMIT, Outlets, Stream
from dronepatrol.vehicle.watchdog import CLOCK_BACK_S, Watchdog

R = TypeVar("R", bound=Reading)


class _Known(TypedDict):
    own_system: int
    round_trip: RoundTrip
    ledger: AckLedger


TextListener = Callable[[int, str], None]
"""Takes the severity (MAV_SEVERITY) and the text of a status text."""
SETTING_ATTEMPTS = 20
"""Times a message interval is asked for: nobody notices one that is missing, and a sortie asks for many."""
CLOCK_ATTEMPTS = 10
_HEARTBEAT = dialect.MAVLINK_MSG_ID_HEARTBEAT
_TEXT = dialect.MAVLINK_MSG_ID_STATUSTEXT
_REACHED = dialect.MAVLINK_MSG_ID_MISSION_ITEM_REACHED


class VehicleCore:
    """A vehicle on a line, addressed by its system and component ids.

    Attributes
    ----------
    line
        The link, or the several links, that lead to it.
    state
        The last value heard of everything.
    round_trip
        How long answers take on this line.
    """

    def __init__(self, line: Line, system: int, component: int = AUTOPILOT_COMPONENT) -> None:
        self.line = line
        self.target = Target(system, component)
        self.state = VehicleState()
        self.round_trip = RoundTrip()
        self._ledger = AckLedger()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._pending: dict[asyncio.Future[None], str] = {}
        self._conditions: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._text_listeners: list[TextListener] = []
        self._message_listeners: list[Callable[[Message], None]] = []
        self._event_listeners: list[Callable[[VehicleEvent], None]] = []
        self._readings: dict[int, dict[type[Reading], Outlets[Reading]]] = {}
        self._messages: dict[int, Outlets[Message]] = {}
        self._events: Outlets[VehicleEvent] = Outlets()
        self._rates_hz: dict[int, float] = {}
        self._asking: dict[int, asyncio.Lock] = {}
        self._chores: set[asyncio.Task[None]] = set()
        self._watchdog = Watchdog(self)
        self._stops: list[Remove] = [
            line.subscribe(self._take, system=system),
            line.on_switch(self._switched),
        ]

    # What is known

    @property
    def link_up(self) -> bool:
        """Whether the vehicle is being heard: False after 5 s of silence."""
        return self._watchdog.link_up

    def snapshot(self) -> VehicleSnapshot:
        """Return everything known now, frozen."""
        now_s = self._loop.time()
        return self.state.snapshot(system=self.target.system, now_s=now_s, link_up=self.link_up)

    def readings(self, kind: type[R], *, limit: int = DEFAULT_LIMIT) -> Stream[R]:
        """Return a stream of readings of a kind (see `dronepatrol.vehicle.readings`)."""
        outlets = self._readings.setdefault(MAKERS[kind][0], {}).setdefault(kind, Outlets())
        return outlets.open(limit)  # type: ignore[return-value]

    def messages(self, name: str, *, limit: int = DEFAULT_LIMIT) -> Stream[Message]:
        """Return a stream of messages of a type, by its name, with MAVLink's own fields and units."""
        return self._messages.setdefault(message_number(name), Outlets()).open(limit)

    def events(self, *, limit: int = DEFAULT_LIMIT) -> Stream[VehicleEvent]:
        """Return a stream of what happens to the vehicle (see `dronepatrol.vehicle.events`)."""
        return self._events.open(limit)

    def on_event(self, listener: Callable[[VehicleEvent], None]) -> Remove:
        """Give every event to a function; call the result to stop."""
        self._event_listeners.append(listener)
        return lambda: self._event_listeners.remove(listener)

    def on_text(self, listener: TextListener) -> Remove:
        """Give every status text to a function; call the result to stop."""
        self._text_listeners.append(listener)
        return lambda: self._text_listeners.remove(listener)

    def on_message(self, listener: Callable[[Message], None]) -> Remove:
        """Give every message to a function once the state was updated; call the result to stop."""
        self._message_listeners.append(listener)
        return lambda: self._message_listeners.remove(listener)

    # Waiting and asking

    async def wait_for(self, condition: Callable[[], bool], *, timeout_s: float, what: str) -> None:
        """Wait until a condition on the state holds; it is tested after each message.

        Raises
        ------
        FlightError
            It did not hold before the deadline.
        VehicleRebootedError
            The autopilot started again meanwhile.
        """
        if condition():
            return
        with self._waiting(what) as waiter:
            entry = (condition, waiter)
            self._conditions.append(entry)
            try:
                await asyncio.wait_for(waiter, timeout_s)
            except TimeoutError:
                raise FlightError(self._missed(what, timeout_s)) from None
            finally:
                if entry in self._conditions:
                    self._conditions.remove(entry)

    async def drive(self, machine: Machine, *, what: str) -> None:
        """Run a protocol exchange with this vehicle to its end.

        Raises
        ------
        ProtocolError
            The exchange's own error.
        VehicleRebootedError
            The autopilot started again meanwhile.
        """
        with self._waiting(what) as ended:
            await self.line.drive(machine, system=self.target.system, ended=ended)

    async def command(self, command: int, *params: float, attempts: int | None = None) -> None:
        """Send a command and wait for its acknowledgement.

        Parameters
        ----------
        attempts
            How often it is sent at most; by default 12 times, and once if repeating it could do harm.

        Raises
        ------
        CommandRefusedError, ProtocolTimeoutError
            It was refused, or never answered.
        """
        async with self._lock(command):
            machine = Command(command, params, self.target, attempts=attempts, **self._known)
            await self.drive(machine, what=f"an answer to {command_name(command)}")

    async def set_streams(self, rates_hz: Mapping[int, float]) -> None:
        """Ask for message types at rates in Hz; 0 stops one.

        They are asked for again by themselves after a reboot or on another link.
        """
        self._rates_hz.update(rates_hz)
        for number, rate_hz in rates_hz.items():
            interval_us = round(1e6 / rate_hz) if rate_hz > 0.0 else -1
            command = dialect.MAV_CMD_SET_MESSAGE_INTERVAL
            await self.command(command, number, interval_us, attempts=SETTING_ATTEMPTS)

    async def link_regained(self, *, timeout_s: float) -> None:
        """Wait until the vehicle is heard, at once if it is.

        Raises
        ------
        FlightError
            It stays silent.
        """
        await self.wait_for(lambda: self.link_up, timeout_s=timeout_s, what="sign of life")

    def close(self) -> None:
        """Let go of the vehicle: every wait and stream ends; the line stays open."""
        if self._closed:
            return
        self._closed = True
        for stop in self._stops:
            stop()
        self._watchdog.close()
        for chore in self._chores:
            chore.cancel()
        self._end_waits(
            lambda what: LinkError(f"system {self.target.system}: closed while waiting for {what}")
        )
        self._events.close()
        for message_outlets in self._messages.values():
            message_outlets.close()
        for kinds in self._readings.values():
            for outlets in kinds.values():
                outlets.close()

    # What the watchdog notices

    def link_was_lost(self, silent_s: float) -> None:
        """Take note that nothing was heard for so long (called by the watchdog)."""
        self._tell(LinkLost(self._loop.time(), silent_s))

    def link_is_back(self, silent_s: float) -> None:
        """Take note that the vehicle is heard again (called by the watchdog)."""
        self._tell(LinkRegained(self._loop.time(), silent_s))
        self._do_beside(self._look_at_clock())

    def has_rebooted(self, evidence: str) -> None:
        """End what was waited for: it will not come (called by the watchdog)."""
        self.state.forget()
        self._tell(Rebooted(self._loop.time(), evidence))
        self._end_waits(
            lambda what: VehicleRebootedError(
                f"system {self.target.system} has started again while waiting for {what}: {evidence}; "
                "nothing was repeated: look at the vehicle, then begin with ready()"
            )
        )
        self._do_beside(self._restore_streams())

    # Inside

    @property
    def _known(self) -> _Known:
        """What exchanges with this vehicle share."""
        return {
            "own_system": self.line.own_system,
            "round_trip": self.round_trip,
            "ledger": self._ledger,
        }

    def _lock(self, command: int) -> asyncio.Lock:
        """Return what keeps two commands of a kind apart: an acknowledgement names the kind alone."""
        return self._asking.setdefault(command, asyncio.Lock())

    @contextlib.contextmanager
    def _waiting(self, what: str) -> Iterator[asyncio.Future[None]]:
        """Give a future that ends with an error when the vehicle reboots or is closed."""
        if self._closed:
            raise LinkError(f"system {self.target.system}: closed, so there is no {what} to wait for")
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._pending[waiter] = what
        try:
            yield waiter
        finally:
            del self._pending[waiter]

    def _end_waits(self, error: Callable[[str], DronePatrolError]) -> None:
        for waiter, what in self._pending.items():
            if not waiter.done():
                waiter.set_exception(error(what))

    def _missed(self, what: str, timeout_s: float) -> str:
        state = self.state
        silent = "" if self.link_up else f"; nothing heard for {self._watchdog.silent_s:.0f} s"
        last = f"; last text: {state.texts[-1][1]!r}" if state.texts else ""
        return (
            f"system {self.target.system}: no {what} within {timeout_s:g} s "
            f"(mode {state.mode or 'unknown'}, armed {state.armed}){silent}{last}"
        )

    def _take(self, frame: Frame) -> None:
        if frame.component != self.target.component or not frame.known:
            return
        self._watchdog.take(frame)
        if self._fresh(frame):
            self._note(frame)
        number = frame.number
        for listener in tuple(self._message_listeners):
            listener(frame.message)
        outlets = self._messages.get(number)
        if outlets is not None:
            outlets.put(lambda: frame.message)
        for condition, waiter in tuple(self._conditions):
            if not waiter.done() and condition():
                waiter.set_result(None)

    def _fresh(self, frame: Frame) -> bool:
        """Mind the vehicle's clock; tell whether a frame is newer than the last of its kind."""
        boot_ms = frame.boot_ms
        if boot_ms is None:
            return True
        self._watchdog.take_clock(boot_ms)
        last = self.state.frame(frame.number)
        if last is None:
            return True
        late_ms = (last.boot_ms or 0) - boot_ms
        return not 0 < late_ms <= CLOCK_BACK_S * 1e3

    def _note(self, frame: Frame) -> None:
        state, now_s, number = self.state, self._loop.time(), frame.number
        if number == _HEARTBEAT:
            before = (state.mode, state.armed)
            state.take(frame, now_s)
            self._tell_changes(*before)
        elif number == _TEXT:
            self._take_text(frame)
        else:
            state.take(frame, now_s)
            if number == _REACHED:
                self._tell(ItemReached(now_s, frame.message.seq))
        for kind, outlets in self._readings.get(number, {}).items():
            outlets.put(partial(state.just_read, kind))

    def _tell_changes(self, mode: str, armed: bool) -> None:
        state, now_s = self.state, self._loop.time()
        if mode and state.mode != mode:
            self._tell(ModeChanged(now_s, mode, state.mode))
        if state.armed != armed:
            self._tell(ArmedChanged(now_s, state.armed))

    def _take_text(self, frame: Frame) -> None:
        message = frame.message
        self.state.take(frame, self._loop.time())
        self.state.add_text(message.severity, message.text)
        self._tell(TextHeard(self._loop.time(), message.severity, message.text))
        for listener in tuple(self._text_listeners):
            listener(message.severity, message.text)

    def _tell(self, event: VehicleEvent) -> None:
        for listener in tuple(self._event_listeners):
            listener(event)
        self._events.put(lambda: event)

    def _switched(self, system: int, old: str, new: str) -> None:
        if system == self.target.system:
            self._tell(LinkSwitched(self._loop.time(), old, new))
            self._do_beside(self._restore_streams())

    def _do_beside(self, chore: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(chore)
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)

    async def _look_at_clock(self) -> None:
        """Ask for the vehicle's clock after a silence: it may have started again meanwhile."""
        before_ms = self._watchdog.clock_ms
        for _ in range(CLOCK_ATTEMPTS):
            self.line.send(
                dialect.MAVLink_command_long_message(
                    self.target.system,
                    self.target.component,
                    dialect.MAV_CMD_REQUEST_MESSAGE,
                    0,
                    dialect.MAVLINK_MSG_ID_SYSTEM_TIME,
                    *[0.0] * 6,
                )
            )
            await asyncio.sleep(1.0)
            if self._watchdog.clock_ms != before_ms:
                return

    async def _restore_streams(self) -> None:
        rates, self._rates_hz = self._rates_hz, {}
        with contextlib.suppress(DronePatrolError):
            await self.set_streams(rates)
        # What could not be asked for now is asked for after the next reboot or switch.
        self._rates_hz = {**rates, **self._rates_hz}
