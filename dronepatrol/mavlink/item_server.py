"""The vehicle's side of the mission protocol, without I/O, as ArduCopter 4.7 plays it.

Messages and the time go in, messages to send come out. What a client can see follows the real one:
it asks for items with MISSION_REQUEST, once a second; a wrong sequence number does not end an upload;
after 8 s without a good item it gives up. Source: recordings of ArduCopter 4.7-dev, and the order of
its checks in `MissionItemProtocol` (https://github.com/ArduPilot/ardupilot, libraries/GCS_MAVLink).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.item_lists import FenceList, ItemList, MissionList, RallyList, Reports
from dronepatrol.mavlink.item_rules import RAW_XY, MissionResult, mission_item, single, whole
from dronepatrol.mavlink.items import MissionType, WireItem

REPEAT_REQUEST_S = 1.0
UPLOAD_TIMEOUT_S = 8.0
GUIDED_WAYPOINT = 2
"""MISSION_ITEM.current of a position to fly to now."""
GUIDED_ALTITUDE = 3
"""MISSION_ITEM.current of an altitude to change to now."""

Sender = tuple[int, int]
"""System and component of a client."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A message to send.

    Attributes
    ----------
    channel
        The link it goes to, as it was given to `ItemServer.receive`; of no meaning for a broadcast.
    broadcast
        True for texts that go to all links.
    """

    message: Message
    channel: object = None
    broadcast: bool = False


def _never() -> bool:
    return False


def _no_home() -> WireItem | None:
    return None


def _ignore_total(name: str, value: float) -> None:
    """Nobody listens to parameters."""


def _ignore_change(mission_type: MissionType, index: int | None) -> None:
    """Nobody listens to changes."""


def _no_current(seq: int) -> Message | None:
    return None


def _no_guided(item: WireItem) -> bool:
    return item.current == GUIDED_ALTITUDE


@dataclass(frozen=True, slots=True)
class ItemHooks:
    """What the lists ask of, and tell, the rest of the vehicle.

    Attributes
    ----------
    home
        Item with home's x, y (1e-7 degrees) and z (metres AMSL), or None before home is set.
    mission_running
        True while the mission is flown; it cannot be cleared then.
    announce
        Called with MIS_TOTAL, FENCE_TOTAL or RALLY_TOTAL and the value that PARAM_VALUE has to report.
    changed
        Called with the list and the index written, or None when the list was cut, cleared or replaced.
    set_current
        Makes an item of the mission the current one, and returns the MISSION_CURRENT to answer with.
    guided
        Flies to an item sent with ``current`` 2 or changes to the altitude of one sent with 3; returns
        whether it was accepted.
    """

    home: Callable[[], WireItem | None] = _no_home
    mission_running: Callable[[], bool] = _never
    announce: Callable[[str, float], None] = _ignore_total
    changed: Callable[[MissionType, int | None], None] = _ignore_change
    set_current: Callable[[int], Message | None] = _no_current
    guided: Callable[[WireItem], bool] = _no_guided


@dataclass(slots=True)
class _Upload:
    """An upload in progress."""

    client: Sender
    channel: object
    next_seq: int
    last_seq: int
    heard_s: float
    asked_s: float

    @property
    def wakeup_s(self) -> float:
        """When the next repetition or the time-out is due."""
        return min(self.asked_s + REPEAT_REQUEST_S, self.heard_s + UPLOAD_TIMEOUT_S)


class _Exchange:
    """The protocol for one of the lists."""

    def __init__(self, items: ItemList, reports: Reports) -> None:
        self.items = items
        self.upload: _Upload | None = None
        self._reports = reports
        self._said_item = False
        self._said_request = False
        self.handlers: dict[str, Callable[[Message, Sender, float, object], list[Answer]]] = {
            "MISSION_COUNT": self._count,
            "MISSION_REQUEST_LIST": self._list,
            "MISSION_REQUEST_INT": self._request_int,
            "MISSION_REQUEST": self._request,
            "MISSION_WRITE_PARTIAL_LIST": self._partial,
            "MISSION_CLEAR_ALL": self._clear,
        }

    def ack(self, to: Sender, result: MissionResult, channel: object) -> Answer:
        """Return a MISSION_ACK."""
        return Answer(dialect.MAVLink_mission_ack_message(*to, result, self.items.mission_type), channel)

    def _end(self) -> None:
        self.upload = None
        self.items.abandon()

    def _may_restart(self, sender: Sender) -> bool:
        """Cancel an upload of the same client; return False if another client is uploading."""
        if self.upload is not None and self.upload.client != sender:
            return False
        self._end()
        return True

    def _count(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        if not self._may_restart(sender):
            return [self.ack(sender, MissionResult.DENIED, channel)]
        if message.count > self.items.maximum:
            text = f"Only {self.items.maximum} items are supported"
            self._reports.say(dialect.MAV_SEVERITY_WARNING, text)
            return [self.ack(sender, MissionResult.NO_SPACE, channel)]
        self.items.begin(message.count)
        if message.count == 0:
            return [self._finish(sender, channel)]
        return [self._ask_from(0, message.count - 1, sender, now_s, channel)]

    def _ask_from(self, first: int, last: int, sender: Sender, now_s: float, channel: object) -> Answer:
        self.upload = _Upload(sender, channel, first, last, now_s, now_s)
        self._said_item = self._said_request = False
        return self._ask(self.upload, now_s)

    def _ask(self, upload: _Upload, now_s: float) -> Answer:
        upload.asked_s = now_s
        request = dialect.MAVLink_mission_request_message(
            *upload.client, upload.next_seq, self.items.mission_type
        )
        return Answer(request, upload.channel)

    def _finish(self, sender: Sender, channel: object) -> Answer:
        result = self.items.finish()
        self._end()
        return self.ack(sender, result, channel)

    def _list(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        if self.upload is not None:
            return [self.ack(sender, MissionResult.DENIED, channel)]
        return [self._how_many(sender, channel)]

    def _how_many(self, sender: Sender, channel: object) -> Answer:
        count = dialect.MAVLink_mission_count_message(*sender, self.items.count, self.items.mission_type)
        return Answer(count, channel)

    def _request_int(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        if self.upload is not None:
            return [self.ack(sender, MissionResult.DENIED, channel)]
        item = self.items.item(message.seq)
        if item is None:
            refusal = self.ack(sender, MissionResult.INVALID_SEQUENCE, channel)
            return [self._how_many(sender, channel), refusal]
        numbered = item.numbered(message.seq)
        return [Answer(numbered.message(*sender, self.items.mission_type), channel)]

    def _request(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        """Answer in single precision, with a word of warning; an upload does not forbid it."""
        item = self.items.item(message.seq)
        if item is None:
            return [self.ack(sender, MissionResult.INVALID_SEQUENCE, channel)]
        if not self._said_request:
            self._said_request = True
            self._reports.say(dialect.MAV_SEVERITY_WARNING, "got MISSION_REQUEST; use MISSION_REQUEST_INT!")
        numbered = item.numbered(message.seq)
        return [Answer(_float_message(numbered, sender, self.items.mission_type), channel)]

    def _partial(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        if self.upload is not None:
            return [self.ack(sender, MissionResult.DENIED, channel)]
        first, last = message.start_index, message.end_index
        if not 0 <= first <= last <= self.items.count:
            self._reports.say(dialect.MAV_SEVERITY_WARNING, "Flight plan update rejected")
            return [self.ack(sender, MissionResult.ERROR, channel)]
        self.items.begin_update()
        return [self._ask_from(first, last, sender, now_s, channel)]

    def _clear(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        if not self._may_restart(sender):
            return [
                self.ack(sender, MissionResult.DENIED, channel),
                self.ack(sender, MissionResult.ERROR, channel),
            ]
        cleared = self.items.clear()
        return [self.ack(sender, MissionResult.ACCEPTED if cleared else MissionResult.ERROR, channel)]

    def take(
        self, item: WireItem, sender: Sender, now_s: float, channel: object, *, floating: bool
    ) -> list[Answer]:
        """Take an item that a client sent, asked for or not."""
        if floating and not self._said_item:
            self._said_item = True
            self._reports.say(
                dialect.MAV_SEVERITY_WARNING, "got MISSION_ITEM; GCS should send MISSION_ITEM_INT"
            )
        upload = self.upload
        if upload is None:
            return [self.ack(sender, MissionResult.ERROR, channel)]
        if item.seq != upload.next_seq:
            return [self.ack(sender, MissionResult.INVALID_SEQUENCE, upload.channel)]
        if sender != upload.client:
            return [self.ack(sender, MissionResult.DENIED, upload.channel)]
        result = self.items.put(item, upload.last_seq)
        if result is not MissionResult.ACCEPTED:
            self._end()
            return [self.ack(sender, result, upload.channel)]
        upload.heard_s = now_s
        upload.next_seq += 1
        if upload.next_seq > upload.last_seq:
            return [self._finish(sender, upload.channel)]
        return [self._ask(upload, now_s)]

    def poll(self, now_s: float) -> list[Answer]:
        """Ask again or give up."""
        upload = self.upload
        if upload is None or now_s < upload.wakeup_s:
            return []
        if now_s < upload.heard_s + UPLOAD_TIMEOUT_S:
            return [self._ask(upload, now_s)]
        self._end()
        text = f"{self.items.title} upload timeout"
        self._reports.say(dialect.MAV_SEVERITY_WARNING, text, everyone=False)
        return [self.ack(upload.client, MissionResult.CANCELLED, upload.channel)]


def _float_message(item: WireItem, to: Sender, mission_type: MissionType) -> Message:
    """Return the MISSION_ITEM of an item, its degrees in single precision."""
    scale = 1.0 if item.command in RAW_XY else single(1e-7)
    return dialect.MAVLink_mission_item_message(
        *to,
        item.seq,
        item.frame,
        item.command,
        item.current,
        item.autocontinue,
        *item.params,
        single(single(item.x) * scale),
        single(single(item.y) * scale),
        item.z,
        int(mission_type),
    )


def _item_of(message: Message) -> WireItem | MissionResult:
    """Return the item of MISSION_ITEM_INT or MISSION_ITEM; the degrees of the latter are checked here."""
    if message.get_type() == "MISSION_ITEM_INT":
        return WireItem.from_message(message)
    x, y = single(message.x), single(message.y)
    if message.command not in RAW_XY:
        if not abs(x) <= 90.0:
            return MissionResult.INVALID_LATITUDE
        if not abs(y) <= 180.0:
            return MissionResult.INVALID_LONGITUDE
        x, y = single(x * 1e7), single(y * 1e7)
    blank = WireItem(message.seq, message.frame, message.command, current=message.current)
    return replace(
        blank,
        params=(message.param1, message.param2, message.param3, message.param4),
        x=whole(x, 32, signed=True),
        y=whole(y, 32, signed=True),
        z=message.z,
        autocontinue=message.autocontinue,
    )


class ItemServer:
    """The mission, the fence and the rally points of one vehicle, and the protocol to exchange them.

    Parameters
    ----------
    system, component
        The vehicle's address. Messages for system 0 or this system are taken, whatever their component.
    hooks
        The rest of the vehicle.

    Attributes
    ----------
    mission, fence, rally
        The lists. ``mission.items[0]`` stands for home, whatever it holds; ``mission.item(0)`` is home.
    """

    def __init__(self, *, system: int, component: int, hooks: ItemHooks | None = None) -> None:
        self.system = system
        self.component = component
        self._hooks = hooks or ItemHooks()
        self._reports = Reports(self._hooks.announce, self._hooks.changed)
        self.mission = MissionList(self._reports, self._hooks.home, self._hooks.mission_running)
        self.fence = FenceList(self._reports)
        self.rally = RallyList(self._reports)
        self._exchanges = {
            items.mission_type: _Exchange(items, self._reports)
            for items in (self.mission, self.fence, self.rally)
        }

    @property
    def next_wakeup_s(self) -> float:
        """When `poll` wants to be called; infinity while no upload runs."""
        uploads = (exchange.upload for exchange in self._exchanges.values())
        return min((upload.wakeup_s for upload in uploads if upload), default=math.inf)

    def uploading(self, mission_type: MissionType) -> bool:
        """Return True while a client uploads this list."""
        return self._exchanges[mission_type].upload is not None

    def can_be_current(self, seq: int) -> bool:
        """Return True if the mission has an item that SET_CURRENT may choose; home alone is no mission."""
        return 0 <= seq < self.mission.count and self.mission.count != 1

    def receive(self, message: Message, sender: Sender, now_s: float, channel: object = None) -> list[Answer]:
        """Take one message from a client and return the answers; messages of other services give none."""
        if getattr(message, "target_system", -1) not in (0, self.system):
            return []
        kind = message.get_type()
        if kind == "MISSION_SET_CURRENT":
            return self._set_current(message.seq, channel)
        if kind in ("MISSION_ITEM_INT", "MISSION_ITEM"):
            return self._said(self._item(message, sender, now_s, channel), channel)
        if kind not in self._exchanges[MissionType.MISSION].handlers:
            return []
        exchange = self._exchange(message.mission_type)
        if exchange is None:
            return [_refuse(sender, MissionResult.UNSUPPORTED, message.mission_type, channel)]
        return self._said(exchange.handlers[kind](message, sender, now_s, channel), channel)

    def poll(self, now_s: float) -> list[Answer]:
        """Return repeated requests and time-outs that are due."""
        answers: list[Answer] = []
        for exchange in self._exchanges.values():
            due = exchange.poll(now_s)
            answers += self._said(due, due[0].channel) if due else []
        return answers

    def _exchange(self, mission_type: int) -> _Exchange | None:
        return next((e for kind, e in self._exchanges.items() if kind == mission_type), None)

    def _set_current(self, seq: int, channel: object) -> list[Answer]:
        if not self.can_be_current(seq):
            return []
        current = self._hooks.set_current(seq)
        return [] if current is None else [Answer(current, channel)]

    def _item(self, message: Message, sender: Sender, now_s: float, channel: object) -> list[Answer]:
        item = _item_of(message)
        if isinstance(item, MissionResult):
            return [_refuse(sender, item, message.mission_type, channel)]
        if message.mission_type == MissionType.MISSION and item.current in (GUIDED_WAYPOINT, GUIDED_ALTITUDE):
            return [_refuse(sender, self._guided(item), MissionType.MISSION, channel)]
        exchange = self._exchange(message.mission_type)
        if exchange is None:
            return [_refuse(sender, MissionResult.UNSUPPORTED, message.mission_type, channel)]
        floating = message.get_type() == "MISSION_ITEM"
        return exchange.take(item, sender, now_s, channel, floating=floating)

    def _guided(self, item: WireItem) -> MissionResult:
        kept = mission_item(item)
        if isinstance(kept, MissionResult):
            return kept
        accepted = self._hooks.guided(replace(kept, current=item.current))
        return MissionResult.ACCEPTED if accepted else MissionResult.ERROR

    def _said(self, answers: list[Answer], channel: object) -> list[Answer]:
        """Append the texts that this exchange gave rise to, which the real one sends after its answers."""
        notes, self._reports.notes = self._reports.notes, []
        for note in notes:
            text = dialect.MAVLink_statustext_message(note.severity, note.text.encode())
            answers.append(Answer(text, channel, broadcast=note.everyone))
        return answers


def _refuse(to: Sender, result: MissionResult, mission_type: int, channel: object) -> Answer:
    return Answer(dialect.MAVLink_mission_ack_message(*to, result, mission_type), channel)
