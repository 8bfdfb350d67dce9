"""One simulated autopilot: its links and services around a pilot that flies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.sim.autopilot.arming import NEED_POSITION, Arming, mode_title
from dronepatrol.sim.autopilot.boot import BOOT_TEXTS, ORIGIN_S, READY_S
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.clock_sync import ClockSync
from dronepatrol.sim.autopilot.commands import CommandService
from dronepatrol.sim.autopilot.fence import FenceSwitch
from dronepatrol.sim.autopilot.files import NoFiles
from dronepatrol.sim.autopilot.flight_events import EventReporter
from dronepatrol.sim.autopilot.health import BATTERY_READ_S, Faults, Health
from dronepatrol.sim.autopilot.heartbeat import heartbeat_message, position_control_active
from dronepatrol.sim.autopilot.items_bridge import Items
from dronepatrol.sim.autopilot.messages import MessageBook
from dronepatrol.sim.autopilot.neighbours import Traffic
from dronepatrol.sim.autopilot.outbox import Outbox
from dronepatrol.sim.autopilot.parameters import ParameterService, ParameterStore
from dronepatrol.sim.autopilot.payload import Payload, PayloadMessages
from dronepatrol.sim.autopilot.remote_id import RemoteId
from dronepatrol.sim.autopilot.security import Security
from dronepatrol.sim.autopilot.snapshot import Snapshot
from dronepatrol.sim.autopilot.statistics import Statistics
from dronepatrol.sim.autopilot.sticks import SticksOverride
from dronepatrol.sim.autopilot.targets import Targets
from dronepatrol.sim.autopilot.terrain import Terrain
from dronepatrol.sim.autopilot.view import View
from dronepatrol.sim.battery import Battery
from dronepatrol.sim.motion import Mode, ModeReason, Pilot

HEARTBEAT_S = 1.0
REBOOT_S = 0.2
"""Between the acknowledgement of a reboot and the silence."""
GPS_SATELLITES = 10

Handler = Callable[[Channel, Message], None]
Guard = Callable[[int, int, float, int], bool]
"""Says whether a target (latitude, longitude in 1e-7 degree, altitude in m, frame) may be flown to."""


class Monitor(Protocol):
    """Watches the vehicle and acts: a failsafe, a fence, an injected fault."""

    def step(self, autopilot: Autopilot) -> None:
        """Look once, in every step of the simulation, before anything is sent."""


class Autopilot:
    """What answers on the links of one simulated drone.

    Parameters
    ----------
    pilot
        Flies the drone; see `dronepatrol.sim.motion`.
    battery
        Feeds it.
    system
        MAVLink system id; MAV_SYSID follows it.
    parameters
        Shared with the pilot, so that a changed parameter acts at once.

    Attributes
    ----------
    now_s, boot_s
        The loop's time of the present step, and seconds since power-on.
    faults
        What is broken.
    monitors
        Stepped each time, in order.
    guards
        All must allow a GUIDED target.
    gcs_heard_s
        Seconds since boot at which the ground station's last heartbeat came, or None.
    ignored
        Messages heard that no service here takes, or that were for another system.
    unmeasurable
        Messages left out because what they tell was no number.
    on_reboot
        Called when the autopilot goes silent to start again, for servers to drop their clients.
    """

    def __init__(self, pilot: Pilot, battery: Battery, *, system: int, parameters: ParameterStore) -> None:
        self.pilot = pilot
        self.battery = battery
        self.system = system
        self.parameters = parameters
        parameters.set("MAV_SYSID", float(system))
        parameters.watch("MAV_SYSID", self._renumber)
        self.now_s = self.boot_s = self._unix_s = 0.0
        self.faults = Faults()
        self.health = Health(self.faults)
        self.monitors: list[Monitor] = []
        self.guards: list[Guard] = []
        self.on_reboot: list[Callable[[], None]] = []
        self.gcs_heard_s: float | None = None
        self.ignored = self.unmeasurable = 0
        self.armed_once = False
        self._state = Snapshot()
        self._measured_age_s: float | None = None
        self._booted_s: float | None = None
        self._reboot_s: float | None = None
        self._boot_texts = 0
        self._heartbeat_s = 0.0
        self._origin_told = False
        self.outbox = Outbox()
        self.view = View(pilot)
        self._item_service = Items(self)
        self.items = self._item_service.server
        self.arming = Arming(self)
        self.fence = FenceSwitch(self)
        self.payload = Payload()
        self.payload_messages = PayloadMessages(self)
        self.statistics = Statistics(self)
        self.terrain = Terrain(self)
        self.traffic = Traffic(self)
        self.remote_id = RemoteId(self)
        self.sticks = SticksOverride(self)
        self.targets = Targets(self)
        self.security = Security(self)
        self.clock_sync = ClockSync(self)
        self.book = MessageBook(self)
        self._parameter_service = ParameterService(parameters, self.broadcast)
        self._reporter = EventReporter(self)
        self._commands = CommandService(self)
        self._handlers: dict[int, Handler] = {
            **self._parameter_service.handlers,
            **self._commands.handlers,
            **self._item_service.handlers,
            **self.clock_sync.handlers,
            **self.terrain.handlers,
            **self.sticks.handlers,
            **self.targets.handlers,
            **self.security.handlers,
            **NoFiles().handlers,
            dialect.MAVLINK_MSG_ID_HEARTBEAT: self._ground_station,
            dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION_REQUEST: self._version_request,
        }

    # Links

    @property
    def channels(self) -> list[Channel]:
        """The links, in the order they were attached."""
        return self.outbox.channels

    def attach(self, transport: Transport) -> Channel:
        """Talk on one more link."""
        channel = Channel(transport, self.system, len(self.channels))
        self.security.key_to(channel)
        self.channels.append(channel)
        channel.on_data = self._hear
        return channel

    def detach(self, channel: Channel) -> None:
        """Talk on a link no more."""
        channel.on_data = None
        if channel in self.channels:
            self.channels.remove(channel)

    def broadcast(self, message: Message) -> None:
        """Send on every link."""
        self.outbox.broadcast(message)

    def text(self, severity: int, text: str, *, only: Channel | None = None) -> None:
        """Send a status text to every client that has spoken, in chunks if it is long."""
        self.outbox.text(severity, text, only=only)

    def can_stream(self, number: int) -> bool:
        """Whether a message type can be asked for at an interval."""
        return number in self.book.builders

    def build(self, number: int, *, fresh: bool = False) -> Message | None:
        """Make a message of what is measured now; `fresh` if something changed within this step."""
        if fresh:
            self._measured_age_s = None
        return self._built(number, 0.0)

    def send_once(self, channel: Channel, number: int) -> bool:
        """Send one message of a type now; say whether the autopilot has it."""
        if number not in self.book.builders:
            return False
        message = self.build(number)
        if message is not None:
            channel.send(message)
        return True

    # Orders, called by the services

    def set_mode(self, number: int, reason: ModeReason = ModeReason.GCS_COMMAND) -> bool:
        """Switch the mode as a ground station asks; a refusal is told as a text."""
        try:
            mode = Mode(number)
        except ValueError:
            self.text(dialect.MAV_SEVERITY_WARNING, f"No such mode {number}")
            return False
        refusal = ""
        if mode is not self.pilot.mode:
            if self.pilot.armed and mode in NEED_POSITION and not self.health.position_ok:
                refusal = "requires position"
            else:
                accepted, why = self.pilot.set_mode(mode, reason)
                refusal = "" if accepted else "init failed"
                if why == "Missing Takeoff Cmd":
                    self.text(dialect.MAV_SEVERITY_CRITICAL, f"Auto: {why}")
        if refusal:
            title = f"Mode change to {mode_title(mode)} failed: {refusal}"
            self.text(dialect.MAV_SEVERITY_WARNING, title)
        return not refusal

    def set_current(self, seq: int) -> bool:
        """Make an item the current one; say whether there is such an item."""
        return self.items.can_be_current(seq) and bool(self.pilot.set_current(seq))

    def allowed(self, lat_e7: int, lon_e7: int, altitude_m: float, frame: int) -> bool:
        """Whether every guard lets the vehicle fly to a place."""
        return all(guard(lat_e7, lon_e7, altitude_m, frame) for guard in self.guards)

    def tell_home(self) -> None:
        """Send where origin and home are, as after each arming."""
        for number in (dialect.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN, dialect.MAVLINK_MSG_ID_HOME_POSITION):
            message = self.build(number)
            if message is not None:
                self.broadcast(message)

    def reboot_soon(self) -> None:
        """Start again once the acknowledgement is out; mission and parameters are kept."""
        self._reboot_s = self.now_s + REBOOT_S

    def heartbeat(self) -> Message:
        """Return the heartbeat of this moment."""
        return heartbeat_message(self.pilot, self.health)

    # The step

    def step(self, now_s: float, unix_s: float) -> None:
        """Read what was heard, tell what happened since the last step, send what is due.

        Parameters
        ----------
        now_s
            The loop's time.
        unix_s
            Seconds since 1970.
        """
        if self._booted_s is None:
            self._booted_s = self._heartbeat_s = now_s
        elif self._reboot_s is not None and now_s >= self._reboot_s:
            self._reboot(now_s)
        dt_s = now_s - self.now_s
        self.now_s = now_s
        self.boot_s = self.health.boot_s = boot_s = now_s - self._booted_s
        self._unix_s = unix_s
        self._measured_age_s = None
        for channel in self.channels:
            channel.new_step()
            if channel.waiting:
                self._read(channel)
        if boot_s < BOOT_TEXTS[-1][0] + 1.0:
            self._tell_boot()
        for monitor in self.monitors:
            monitor.step(self)
        self._reporter.report()
        self._item_service.step(now_s)
        self._parameter_service.step(dt_s)
        self._commands.step()
        self.sticks.step()
        self.arming.step()
        self.statistics.step()
        self.clock_sync.step()
        self.remote_id.step()
        if now_s >= self._heartbeat_s - 1e-9:
            self._heartbeat_s += HEARTBEAT_S
            self.security.step()
            self.broadcast(self.heartbeat())
        self._stream()
        self.outbox.flush()

    @property
    def unix_s(self) -> float:
        """Seconds since 1970 at the present step."""
        return self._unix_s

    @property
    def state(self) -> Snapshot:
        """What is measured in this step, made when first asked for: most steps send nothing."""
        return self.state_at(0.0)

    def state_at(self, age_s: float) -> Snapshot:
        """Return what was measured a moment before the end of this step."""
        if self._measured_age_s != age_s:
            self._measured_age_s = age_s
            self._measure(self._state, age_s)
        return self._state

    def _measure(self, state: Snapshot, age_s: float) -> None:
        health, battery = self.health, self.battery
        state.inertial = None
        state.boot_s, state.unix_s = self.boot_s - age_s, self._unix_s - age_s
        state.gps_ok, state.origin_set, state.position_ok = (
            health.gps_found,
            health.origin_set,
            health.position_ok,
        )
        state.gps_fix = dialect.GPS_FIX_TYPE_NO_GPS
        state.satellites = 0
        if health.gps_ok:
            state.gps_fix, state.satellites = dialect.GPS_FIX_TYPE_RTK_FIXED, GPS_SATELLITES
        elif health.gps_found:
            state.gps_fix, state.satellites = dialect.GPS_FIX_TYPE_NO_FIX, 3
        state.ekf_flags = health.ekf_flags
        state.ekf_ratios, state.charge_state = self.faults.variances, self.faults.charge_state
        state.vibration = self.faults.vibration
        self.view.measure(state, age_s)
        self.view.measure_gps(state, self.faults.gps_offset_m)
        state.battery_read = self.boot_s >= BATTERY_READ_S
        state.battery_v, state.battery_a = battery.voltage_v, battery.current_a
        state.battery_mah, state.battery_wh = battery.used_mah, battery.used_wh
        state.battery_percent = round(100.0 * battery.remaining_share)
        state.sensors = health.sensors(
            prearm_ok=self.pilot.armed or self.arming.ok,
            position_control=position_control_active(self.pilot, health),
            logging=self.armed_once,
            fence=self.fence.enabled,
        )
        self.terrain.measure(state)
        state.mission_total = max(self.items.mission.count - 1, 0)

    def _hear(self, channel: Channel) -> None:
        """Answer at once what comes between two steps."""
        if self._booted_s is not None and self._reboot_s is None:
            self._measured_age_s = None
            self._read(channel)
            self._reporter.report()
            self.outbox.flush()

    def _read(self, channel: Channel) -> None:
        for message in channel.read():
            target = getattr(message, "target_system", 0)
            handler = self._handlers.get(message.get_msgId())
            if handler is None or target not in (0, self.system):
                self.ignored += 1
            else:
                handler(channel, message)

    def _tell_boot(self) -> None:
        while self._boot_texts < len(BOOT_TEXTS) and BOOT_TEXTS[self._boot_texts][0] <= self.boot_s:
            at_s, severity, text = BOOT_TEXTS[self._boot_texts]
            self._boot_texts += 1
            self.text(severity, text)
            if at_s == READY_S and self.pilot.mode is not Mode.STABILIZE and not self.pilot.armed:
                # The mode switch of the radio is read for the first time.
                self.pilot.set_mode(Mode.STABILIZE, ModeReason.RC_COMMAND)
        if not self._origin_told and self.boot_s >= ORIGIN_S:
            self._origin_told = True
            self.tell_home()
            self.items.mission.home_was_set()
            elevation = f"Field Elevation Set: {self.view.origin_altitude_m:.0f}m"
            self.text(dialect.MAV_SEVERITY_INFO, elevation)

    def _stream(self) -> None:
        made: dict[tuple[float, int], Message | None] = {}
        for channel in self.channels:
            for due in channel.take_due(self.now_s):
                if due in made:
                    message = made[due]
                else:
                    late_s = self.now_s - due[0]
                    message = made[due] = self._built(due[1], late_s if late_s > 1e-6 else 0.0)
                if message is not None:
                    channel.send(message)

    def _built(self, number: int, age_s: float) -> Message | None:
        try:
            return self.book.builders[number](self.state_at(age_s))
        except (ValueError, OverflowError):  # not a number, or infinite: absurd parameters can lead there
            self.unmeasurable += 1
            return None

    def _reboot(self, now_s: float) -> None:
        self._reboot_s = None
        self._booted_s = self._heartbeat_s = now_s
        self._boot_texts = 0
        self._origin_told = False
        self.armed_once = False
        self.gcs_heard_s = None
        self.pilot.disarm(force=True)
        self.pilot.set_mode(Mode.STABILIZE, ModeReason.RC_COMMAND)
        self.sticks.release()
        for service in (
            self.arming,
            self.statistics,
            self.clock_sync,
            self.remote_id,
            self._parameter_service,
            self._commands,
            self._reporter,
        ):
            service.restart()
        for channel in self.channels:
            channel.silence()
        for listener in self.on_reboot:
            listener()

    # Small services

    def _ground_station(self, _channel: Channel, message: Message) -> None:
        if message.get_srcSystem() == int(self.parameters["MAV_GCS_SYSID"]):
            self.gcs_heard_s = self.boot_s

    def _version_request(self, channel: Channel, _message: Message) -> None:
        self.send_once(channel, dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION)

    def _renumber(self, value: float) -> None:
        if 1.0 <= value <= 255.0:
            self.system = self.items.system = int(value)
            for channel in self.channels:
                channel.codec.system = self.system
