"""What all dealings with one vehicle stand on: its state, waits that end, and exchanges."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import TypedDict

from dronepatrol.errors import DronePatrolError, FlightError, LinkError, VehicleRebootedError
from dronepatrol.mavlink.autopilots import ArduCopter, Autopilot
from dronepatrol.mavlink.command import AckLedger, Command, command_name
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, dialect
from dronepatrol.mavlink.exchange import Machine, Target
from dronepatrol.mavlink.framing import Frame
from dronepatrol.mavlink.message_interval import MessageIntervals
from dronepatrol.mavlink.round_trip import RoundTrip
from dronepatrol.mavlink.status_text import StatusText, TextJoiner
from dronepatrol.mavlink.timesync import ClockEstimate, TimeSync, timesync_answer
from dronepatrol.vehicle.audience import Audience
from dronepatrol.vehicle.events import (
    ArmedChanged,
    ItemReached,
    LinkLost,
    LinkRegained,
    LinkSwitched,
    ModeChanged,
    Rebooted,
    TextHeard,
)
from dronepatrol.vehicle.line import Line, Remove
from dronepatrol.vehicle.state import VehicleSnapshot, VehicleState
from dronepatrol.vehicle.watchdog import CLOCK_BACK_S, Watchdog

CLOCK_ATTEMPTS = 10
"""Questions for the vehicle's clock after a silence."""
_HEARTBEAT = dialect.MAVLINK_MSG_ID_HEARTBEAT
_TEXT = dialect.MAVLINK_MSG_ID_STATUSTEXT
_REACHED = dialect.MAVLINK_MSG_ID_MISSION_ITEM_REACHED
_TIMESYNC = dialect.MAVLINK_MSG_ID_TIMESYNC
_INTERVAL = dialect.MAV_CMD_SET_MESSAGE_INTERVAL


class _Known(TypedDict):
    own_system: int
    round_trip: RoundTrip
    ledger: AckLedger


class VehicleCore(Audience):
    """A vehicle on a line, addressed by its system and component ids.

    Attributes
    ----------
    line
        The link, or the several links, that lead to it.
    state
        The last value heard of everything.
    autopilot
        What this one wants to be asked, and how.
    round_trip
        How long answers take on this line.
    clock
        How the vehicle's time relates to the loop's, once `synchronise` has asked.
    missing_streams
        Messages asked for that the vehicle does not have.
    """

    def __init__(
        self,
        line: Line,
        system: int,
        component: int = AUTOPILOT_COMPONENT,
        *,
        autopilot: Autopilot | None = None,
    ) -> None:
        super().__init__()
        self.line = line
        self.target = Target(system, component)
        self.autopilot = autopilot or ArduCopter()
        self.state = VehicleState(self.autopilot.mode_name)
        self.round_trip = RoundTrip()
        self.clock = ClockEstimate()
        self.missing_streams: set[int] = set()
        self._ledger = AckLedger()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._pending: dict[asyncio.Future[None], str] = {}
        self._conditions: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._rates_hz: dict[int, float] = {}
        self._asking: dict[int, asyncio.Lock] = {}
        self._chores: set[asyncio.Task[None]] = set()
        self._measured_ms: dict[int, int] = {}
        self._joiner = TextJoiner()
        self._joining: asyncio.TimerHandle | None = None
        self._watchdog = Watchdog(self)
        self._stops: list[Remove] = [
            line.subscribe(self._take, system=system),
            line.on_switch(self._switched),
        ]

    @property
    def link_up(self) -> bool:
        """Whether the vehicle is being heard: False after 5 s of silence."""
        return self._watchdog.link_up

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def snapshot(self) -> VehicleSnapshot:
        """Return everything known now, frozen."""
        now_s = self._loop.time()
        return self.state.snapshot(system=self.target.system, now_s=now_s, link_up=self.link_up)

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

        They are asked for again by themselves after a reboot or on another link. Types that the vehicle does
        not have are noted in `missing_streams`.

        Raises
        ------
        ProtocolTimeoutError
            The vehicle does not answer.
        """
        self._rates_hz.update(rates_hz)
        machine = MessageIntervals(rates_hz, self.target, **self._known)
        async with self._lock(_INTERVAL):
            await self.drive(machine, what="an answer to the request for messages")
        self.missing_streams -= set(rates_hz)
        self.missing_streams.update(machine.missing)

    async def synchronise(self) -> ClockEstimate:
        """Relate the vehicle's clock to the loop's by TIMESYNC; a later call makes it better.

        Raises
        ------
        ProtocolTimeoutError
            The vehicle does not answer such questions.
        """
        sync = TimeSync(self.target, estimate=self.clock, round_trip=self.round_trip)
        await self.drive(sync, what="its clock")
        return self.clock

    async def link_regained(self, *, timeout_s: float) -> None:
        """Wait until the vehicle is heard, at once if it is.

        Raises
        ------
        FlightError
            It stays silent.
        """
        await self.wait_for(lambda: self.link_up, timeout_s=timeout_s, what="sign of life")

    def close(self) -> None:
        """Let go of the vehicle: every wait and stream ends."""
        if self._closed:
            return
        self._closed = True
        for stop in self._stops:
            stop()
        self._watchdog.close()
        if self._joining is not None:
            self._joining.cancel()
        for chore in self._chores:
            chore.cancel()
        name = f"system {self.target.system}"
        self._end_waits(lambda what: LinkError(f"{name}: closed while waiting for {what}"))
        self._end_streams()

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
        self._measured_ms.clear()
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
        self._tell_frame(frame)
        if self._conditions:
            for condition, waiter in tuple(self._conditions):
                if not waiter.done() and condition():
                    waiter.set_result(None)

    def _fresh(self, frame: Frame) -> bool:
        """Mind the vehicle's clock; tell whether a frame is newer than the last of its kind."""
        boot_ms = frame.boot_ms
        if boot_ms is None:
            return True
        self._watchdog.take_clock(boot_ms)
        late_ms = self._measured_ms.get(frame.number, -1) - boot_ms
        if 0 < late_ms <= CLOCK_BACK_S * 1e3:
            return False
        self._measured_ms[frame.number] = boot_ms
        return True

    def _note(self, frame: Frame) -> None:
        state, now_s, number = self.state, self._loop.time(), frame.number
        if number == _HEARTBEAT:
            mode, armed = state.mode, state.armed
            state.take(frame, now_s)
            if mode and state.mode != mode:
                self._tell(ModeChanged(now_s, mode, state.mode))
            if state.armed != armed:
                self._tell(ArmedChanged(now_s, state.armed))
        else:
            state.take(frame, now_s)
            if number == _TEXT:
                self._say(self._joiner.receive(frame.message, now_s))
            elif number == _REACHED:
                self._tell(ItemReached(now_s, frame.message.seq))
            elif number == _TIMESYNC:
                answer = timesync_answer(frame.message, now_s)
                if answer is not None:
                    self.line.send(answer)
        if number in self._readings:
            self._tell_readings(number, state)

    def _say(self, texts: list[StatusText]) -> None:
        now_s = self._loop.time()
        for text in texts:
            self.state.add_text(text.severity, text.text)
            self._tell(TextHeard(now_s, text.severity, text.text))
            self._tell_text(text.severity, text.text)
        if self._joining is not None:
            self._joining.cancel()
            self._joining = None
        if self._joiner.next_wakeup_s < float("inf"):
            self._joining = self._loop.call_at(self._joiner.next_wakeup_s, self._say_late)

    def _say_late(self) -> None:
        self._say(self._joiner.poll(self._loop.time()))

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
        wanted = float(dialect.MAVLINK_MSG_ID_SYSTEM_TIME)
        for _ in range(CLOCK_ATTEMPTS):
            self.line.send(
                dialect.MAVLink_command_long_message(
                    self.target.system,
                    self.target.component,
                    dialect.MAV_CMD_REQUEST_MESSAGE,
                    0,
                    wanted,
                    *[0.0] * 6,
                )
            )
            await asyncio.sleep(1.0)
            if self._watchdog.clock_ms != before_ms:
                return

    async def _restore_streams(self) -> None:
        """Ask again for what was asked for; what cannot be had now is asked for at the next occasion."""
        if self._rates_hz:
            with contextlib.suppress(DronePatrolError):
                await self.set_streams(dict(self._rates_hz))
