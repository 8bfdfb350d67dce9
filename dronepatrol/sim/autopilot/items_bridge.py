"""Between the lists of mission, fence and rally items and the pilot that flies them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.item_server import GUIDED_ALTITUDE, Answer, ItemHooks, ItemServer
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.sim.autopilot.channel import Channel
from dronepatrol.sim.autopilot.parameters import NO_INDEX
from dronepatrol.sim.motion import Frame, MissionItem, Mode

if TYPE_CHECKING:
    from dronepatrol.sim.autopilot.autopilot import Autopilot

_MESSAGES = (
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


class Items:
    """The item lists of one autopilot and their MAVLink service."""

    def __init__(self, autopilot: Autopilot) -> None:
        self._autopilot = autopilot
        hooks = ItemHooks(
            home=self._home,
            mission_running=self._running,
            announce=self._announce_total,
            changed=self._changed,
            set_current=self._set_current,
            guided=self._guided,
        )
        self.server = ItemServer(system=autopilot.system, component=AUTOPILOT_COMPONENT, hooks=hooks)
        self.handlers = dict.fromkeys(_MESSAGES, self._receive)

    def _receive(self, channel: Channel, message: Message) -> None:
        sender = (message.get_srcSystem(), message.get_srcComponent())
        self._send(self.server.receive(message, sender, self._autopilot.now_s, channel))

    def step(self, now_s: float) -> None:
        """Repeat requests and give up on uploads."""
        if now_s >= self.server.next_wakeup_s:
            self._send(self.server.poll(now_s))

    def _send(self, answers: list[Answer]) -> None:
        for answer in answers:
            if answer.broadcast:
                self._autopilot.outbox.spoken(answer.message)
            elif isinstance(answer.channel, Channel):
                answer.channel.send(answer.message)

    def _running(self) -> bool:
        pilot = self._autopilot.pilot
        return pilot.armed and pilot.mode is Mode.AUTO

    def _home(self) -> WireItem | None:
        if not self._autopilot.health.origin_set:
            return None
        lat_e7, lon_e7, altitude_m = self._autopilot.pilot.home
        return WireItem(0, 0, dialect.MAV_CMD_NAV_WAYPOINT, x=lat_e7, y=lon_e7, z=altitude_m)

    def _announce_total(self, name: str, value: float) -> None:
        store = self._autopilot.parameters
        store.set(name, value)
        self._autopilot.broadcast(store.message(name, index=NO_INDEX))

    def _changed(self, mission_type: MissionType, index: int | None) -> None:
        pilot = self._autopilot.pilot
        if mission_type is MissionType.MISSION:
            items = self.server.mission.items
            if index is not None and index < len(pilot.mission) and len(pilot.mission) == len(items):
                pilot.mission[index] = flown(items[index])
            elif index is not None and index == len(pilot.mission) == len(items) - 1:
                pilot.mission.append(flown(items[index]))
            else:
                pilot.mission = [flown(item) for item in items]
        elif mission_type is MissionType.RALLY:
            pilot.rally = [(item.x, item.y, item.z) for item in self.server.rally.items]

    def _set_current(self, seq: int) -> Message | None:
        self._autopilot.pilot.set_current(seq)
        return self._autopilot.build(dialect.MAVLINK_MSG_ID_MISSION_CURRENT, fresh=True)

    def _guided(self, item: WireItem) -> bool:
        pilot = self._autopilot.pilot
        if item.current == GUIDED_ALTITUDE:
            north, east, _ = pilot.position_ned_m
            down = -pilot.height_u(item.frame, item.z, item.x, item.y)
            pilot.goto_ned((north, east, down))
            return True
        if not self._autopilot.allowed(item.x, item.y, item.z, item.frame):
            return False
        return pilot.mode is Mode.GUIDED and pilot.goto(item.x, item.y, item.z, Frame(item.frame))


def flown(item: WireItem) -> MissionItem:
    """Return an item as the pilot takes it."""
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
