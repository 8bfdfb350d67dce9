"""One simulated autopilot: channels, services, boot, heartbeats and texts around a pilot that flies."""

from __future__ import annotations

import math
from collections.abc import Callable

from dronepatrol.link.transport import Transport
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.item_server import Answer, ItemHooks, ItemServer
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.sim.autopilot import identity
from dronepatrol.sim.autopilot.boot import BOOT_TEXTS, GPS_FOUND_S, ORIGIN_S, POSITION_S
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.commands import CommandService
from dronepatrol.sim.autopilot.flight_events import EventReporter
from dronepatrol.sim.autopilot.parameters import ParameterService, ParameterStore
from dronepatrol.sim.autopilot.snapshot import Snapshot
from dronepatrol.sim.autopilot.streams import BUILDERS
from dronepatrol.sim.autopilot.view import View
from dronepatrol.sim.battery import Battery
from dronepatrol.sim.motion import Mode, ModeReason, Pilot
from dronepatrol.sim.motion.items import MissionItem

HEARTBEAT_S = 1.0
TIMESYNC_S = 10.0
TEXT_BYTES = 50
"""Bytes of text in one STATUSTEXT; longer ones are sent in chunks."""
_ITEM_MESSAGES = (
    dialect.MAVLINK_MSG_ID_MISSION_COUNT,
    dialect.MAVLINK_MSG_ID_MISSION_REQUEST_LIST,
    dialect.MAVLINK_MSG_ID_MISSION_REQUEST_INT,
    dialect.MAVLINK_MSG_ID_MISSION_REQUEST,
    dialect.MAVLINK_MSG_ID_MISSION_ITEM_INT,
    dialect.MAVLINK_MSG_ID_MISSION_ITEM,
    dialect.MAVLINK_MSG_ID_MISSION_WRITE_PARTIAL_LIST,
    dialect.MAVLINK_MSG_ID_MISSION_CLEAR_ALL,
    dialect.MAVLINK_MSG_ID_MISSION_SET_CURRENT,
)

Handler = Callable[[Channel, Message], None]


class Autopilot:
    """What answers on the links of one simulated drone.

    Parameters
    ----------
    pilot
        Flies the drone; see `dronepatrol.sim.motion`.
    battery
        Feeds it.
    system
        MAVLink system id.
    parameters
        Shared with the pilot, so that a changed parameter acts at once.
    """

    def __init__(self, pilot: Pilot, battery: Battery, *, system: int, parameters: ParameterStore) -> None:
        self.pilot = pilot
        self.battery = battery
        self.system = system
        self.parameters = parameters
        self.channels: list[Channel] = []
        self.now_s = 0.0
        self.state = Snapshot()
        self._view = View(pilot)
        self._booted_s: float | None = None
        self._boot_texts = 0
        self._heartbeat_s = 0.0
        self._timesync_s = 0.0
        self._text_id = 0
        self._origin_told = False
        self.items = ItemServer(
            system=system,
            component=AUTOPILOT_COMPONENT,
            hooks=ItemHooks(
                home=self._home,
                mission_running=lambda: self.state.armed and self.pilot.mode is Mode.AUTO,
                announce=self._announce_total,
                changed=self._items_changed,
                set_current=self._set_current_message,
            ),
        )
        self._parameter_service = ParameterService(parameters)
        self._reporter = EventReporter(self)
        self._handlers: dict[int, Handler] = {
            **self._parameter_service.handlers,
            **CommandService(self).handlers,
            **dict.fromkeys(_ITEM_MESSAGES, self._item_message),
            dialect.MAVLINK_MSG_ID_TIMESYNC: self._timesync,
        }

    # Links

    def attach(self, transport: Transport) -> Channel:
        """Talk on one more link."""
        channel = Channel(transport, self.system)
        self.channels.append(channel)
        return channel

    def broadcast(self, message: Message) -> None:
        """Send on every link."""
        for channel in self.channels:
            channel.send(message)

    def text(self, severity: int, text: str, *, only: Channel | None = None) -> None:
        """Send a status text to every client that has spoken, in chunks if it is long."""
        data = text.encode("utf-8")
        pieces = [data[at : at + TEXT_BYTES] for at in range(0, len(data), TEXT_BYTES)] or [b""]
        number = 0
        if len(pieces) > 1:
            self._text_id = self._text_id % 65535 + 1
            number = self._text_id
        for channel in self.channels if only is None else [only]:
            if channel.heard:
                for index, piece in enumerate(pieces):
                    channel.send(dialect.MAVLink_statustext_message(severity, piece, number, index))

    def send_once(self, channel: Channel, number: int) -> bool:
        """Send one message of a type now; say whether the autopilot has it."""
        builder = BUILDERS.get(number)
        if builder is not None:
            message = builder(self.state)
            if message is not None:
                channel.send(message)
            return True
        single = self._single(number)
        if single is not None:
            channel.send(single)
        return single is not None

    def _single(self, number: int) -> Message | None:
        if number == dialect.MAVLINK_MSG_ID_AUTOPILOT_VERSION:
            return identity.version_message(self.system)
        if number == dialect.MAVLINK_MSG_ID_HEARTBEAT:
            return self._heartbeat()
        if number == dialect.MAVLINK_MSG_ID_HOME_POSITION and self.state.origin_set:
            return self._home_message()
        if number == dialect.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN and self.state.origin_set:
            return self._origin_message()
        return None

    # Orders, called by the command service

    def set_mode(self, number: int) -> bool:
        """Switch the mode as a ground station asks; a refusal is told as a text."""
        try:
            mode = Mode(number)
        except ValueError:
            self.text(dialect.MAV_SEVERITY_NOTICE, f"No such mode {number}")
            return False
        accepted, refusal = self.pilot.set_mode(mode, ModeReason.GCS_COMMAND)
        if not accepted:
            self.text(dialect.MAV_SEVERITY_WARNING, refusal)
        return bool(accepted)

    def arm(self) -> bool:
        """Arm if the checks pass; the reasons are told as texts."""
        if self.state.armed:
            return True
        if not self.run_prearm_checks(report=True, prefix="Arm"):
            return False
        return bool(self.pilot.arm())

    def disarm(self, *, force: bool) -> bool:
        """Disarm if landed, or in any case if forced."""
        return bool(self.pilot.disarm(force=force))

    def tell_home(self) -> None:
        """Send where home is, as after each arming."""
        self.broadcast(self._origin_message())
        self.broadcast(self._home_message())

    def run_prearm_checks(self, *, report: bool, prefix: str = "PreArm") -> bool:
        """Say whether the drone could be armed now."""
        problems = list(self._prearm_problems())
        if report:
            for problem in problems:
                self.text(dialect.MAV_SEVERITY_CRITICAL, f"{prefix}: {problem}")
        return not problems

    def _prearm_problems(self) -> list[str]:
        problems = []
        needs_position = self.pilot.mode not in (Mode.STABILIZE, Mode.ALT_HOLD)
        if needs_position and not self.state.position_ok:
            problems.append("Need Position Estimate")
        if self.pilot.mode in (Mode.RTL, Mode.LAND, Mode.BRAKE, Mode.CIRCLE, Mode.SMART_RTL):
            problems.append(f"{self.pilot.mode.name} mode not armable")
        if self.pilot.mode is Mode.AUTO and not int(self.parameters["AUTO_OPTIONS"]) & 1:
            problems.append("AUTO mode not armable")
        return problems

    def set_current(self, seq: int) -> bool:
        """Make an item the current one; say whether there is such an item."""
        return self.items.can_be_current(seq) and bool(self.pilot.set_current(seq))

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
            self._timesync_s = now_s + TIMESYNC_S
        self.now_s = now_s
        self._measure(now_s - self._booted_s, unix_s)
        for channel in self.channels:
            inbox, channel.inbox = channel.inbox, []
            for message in inbox:
                self._dispatch(channel, message)
        self._tell_boot()
        self._reporter.report()
        self._send_answers(self.items.poll(now_s))
        self._parameter_service.step()
        self._beat()
        self._stream()
        for channel in self.channels:
            channel.flush()

    def _measure(self, boot_s: float, unix_s: float) -> None:
        state = self.state
        state.boot_s, state.unix_s = boot_s, unix_s
        state.gps_ok = boot_s >= GPS_FOUND_S
        state.gps_fix = dialect.GPS_FIX_TYPE_RTK_FIXED if state.gps_ok else dialect.GPS_FIX_TYPE_NO_GPS
        state.satellites = 10 if state.gps_ok else 0
        state.origin_set = boot_s >= ORIGIN_S
        state.position_ok = boot_s >= POSITION_S
        self._view.measure(state)
        battery = self.battery
        state.battery_v, state.battery_a = battery.voltage_v, battery.current_a
        state.battery_mah, state.battery_wh = battery.used_mah, battery.used_wh
        state.battery_percent = round(100.0 * battery.remaining_share)
        state.prearm_ok = not self._prearm_problems()
        total = self.items.mission.count
        state.mission_total = max(total - 1, 0)

    def _dispatch(self, channel: Channel, message: Message) -> None:
        target = getattr(message, "target_system", 0)
        if target not in (0, self.system):
            return
        handler = self._handlers.get(message.get_msgId())
        if handler is not None:
            handler(channel, message)

    def _tell_boot(self) -> None:
        while self._boot_texts < len(BOOT_TEXTS) and BOOT_TEXTS[self._boot_texts][0] <= self.state.boot_s:
            _, severity, text = BOOT_TEXTS[self._boot_texts]
            self._boot_texts += 1
            self.text(severity, text)
        if self.state.origin_set and not self._origin_told:
            self._origin_told = True
            self.tell_home()
            self.text(dialect.MAV_SEVERITY_INFO, f"Field Elevation Set: {self._view.origin_altitude_m:.0f}m")

    def _beat(self) -> None:
        if self.now_s >= self._heartbeat_s - 1e-9:
            self._heartbeat_s += HEARTBEAT_S
            self.broadcast(self._heartbeat())
        if self.now_s >= self._timesync_s - 1e-9:
            self._timesync_s += TIMESYNC_S
            self.broadcast(dialect.MAVLink_timesync_message(0, int(self.state.boot_s * 1e9) + self.system))

    def _heartbeat(self) -> Message:
        mode = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | dialect.MAV_MODE_FLAG_STABILIZE_ENABLED
        mode |= dialect.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
        if self.pilot.mode not in (Mode.STABILIZE, Mode.ALT_HOLD):
            mode |= dialect.MAV_MODE_FLAG_GUIDED_ENABLED
        if self.state.armed:
            mode |= dialect.MAV_MODE_FLAG_SAFETY_ARMED
        status = dialect.MAV_STATE_ACTIVE if self.state.flying else dialect.MAV_STATE_STANDBY
        if self.state.boot_s < 2.3:
            status = dialect.MAV_STATE_CALIBRATING
        return dialect.MAVLink_heartbeat_message(
            dialect.MAV_TYPE_QUADROTOR,
            dialect.MAV_AUTOPILOT_ARDUPILOTMEGA,
            mode,
            int(self.pilot.mode),
            status,
            3,
        )

    def _stream(self) -> None:
        made: dict[int, Message | None] = {}
        for channel in self.channels:
            for number in channel.take_due(self.now_s):
                if number not in made:
                    made[number] = BUILDERS[number](self.state)
                message = made[number]
                if message is not None:
                    channel.send(message)

    # Items

    def _item_message(self, channel: Channel, message: Message) -> None:
        sender = (message.get_srcSystem(), message.get_srcComponent())
        self._send_answers(self.items.receive(message, sender, self.now_s, channel))

    def _send_answers(self, answers: list[Answer]) -> None:
        for answer in answers:
            if answer.broadcast:
                for channel in self.channels:
                    if channel.heard:
                        channel.send(answer.message)
            elif isinstance(answer.channel, Channel):
                answer.channel.send(answer.message)

    def _items_changed(self, mission_type: MissionType, index: int | None) -> None:
        if mission_type is MissionType.MISSION:
            self.pilot.mission = [_flown(item) for item in self.items.mission.items]
        elif mission_type is MissionType.RALLY:
            self.pilot.rally = [(item.x, item.y, item.z) for item in self.items.rally.items]

    def _announce_total(self, name: str, value: float) -> None:
        if name in self.parameters:
            self.parameters.set(name, value)
            self.broadcast(self.parameters.message(name, index=65535))

    def _set_current_message(self, seq: int) -> Message | None:
        self.pilot.set_current(seq)
        self._view.measure(self.state)
        return BUILDERS[dialect.MAVLINK_MSG_ID_MISSION_CURRENT](self.state)

    def _home(self) -> WireItem | None:
        if not self.state.origin_set:
            return None
        lat_e7, lon_e7, altitude_m = self._view.home
        return WireItem(0, 0, dialect.MAV_CMD_NAV_WAYPOINT, x=lat_e7, y=lon_e7, z=altitude_m)

    def _home_message(self) -> Message:
        lat_e7, lon_e7, altitude_m = self._view.home
        nan = math.nan
        return dialect.MAVLink_home_position_message(
            lat_e7,
            lon_e7,
            round(altitude_m * 1e3),
            0.0,
            0.0,
            self._view.origin_altitude_m - altitude_m,
            [nan] * 4,
            0.0,
            0.0,
            0.0,
            round(self.state.boot_s * 1e6),
        )

    def _origin_message(self) -> Message:
        lat_e7, lon_e7 = self._view.origin
        altitude_mm = round(self._view.origin_altitude_m * 1e3)
        return dialect.MAVLink_gps_global_origin_message(
            lat_e7, lon_e7, altitude_mm, round(self.state.boot_s * 1e6)
        )

    def _timesync(self, channel: Channel, message: Message) -> None:
        if message.tc1 == 0:
            channel.send(dialect.MAVLink_timesync_message(int(self.state.boot_s * 1e9), message.ts1))


def _flown(item: WireItem) -> MissionItem:
    p1, p2, p3, p4 = item.params
    return MissionItem(
        command=item.command,
        frame=item.frame,
        p1=p1,
        p2=p2,
        p3=p3,
        p4=p4,
        lat_e7=item.x,
        lon_e7=item.y,
        altitude_m=item.z,
        autocontinue=bool(item.autocontinue),
    )
