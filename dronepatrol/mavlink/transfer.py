"""The client's side of the mission protocol, without I/O.

Each machine takes messages and the time, and gives messages to send. ``next_wakeup_s`` says when
`poll` wants to be called if nothing is heard before. Source: MAVLink mission protocol,
https://mavlink.io/en/services/mission.html, and what ArduCopter 4.7 was seen to do: it asks with
MISSION_REQUEST and re-asks every second, answers a wrong sequence number with a non-final ACK
of MAV_MISSION_INVALID_SEQUENCE, and gives up 8 s after the last good item.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError, UploadRefusedError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.items import MissionType, WireItem

RETRY_S = 1.5
"""Time before a message without answer is sent again."""
LOST_ACK_S = 3.0
"""Silence after the last item that means its ACK was lost: the vehicle asks again every second."""
SILENCE_S = 10.0
"""Time without any progress after which a transfer has failed: longer than the vehicle's own 8 s."""


def result_name(result: int) -> str:
    """Return the name of a MAV_MISSION_RESULT, or its number."""
    known = dialect.enums["MAV_MISSION_RESULT"].get(result)
    return known.name if known else f"MAV_MISSION_RESULT {result}"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a transfer is with."""

    system: int
    component: int


class _Transfer(ABC):
    """What upload and download share: retry timers and the end of a transfer."""

    def __init__(self, target: Target, mission_type: MissionType, *, own_system: int | None = None) -> None:
        self.target = target
        self.mission_type = mission_type
        self.own_system = own_system
        self.done = False
        self.error: ProtocolError | None = None
        self._last_progress_s = 0.0
        self._last_sent_s = 0.0
        self._pending: list[Message] = []

    @property
    def finished(self) -> bool:
        """True once the transfer succeeded or failed."""
        return self.done or self.error is not None

    @property
    def next_wakeup_s(self) -> float:
        """Latest time at which `poll` wants to be called."""
        return min(self._last_sent_s + RETRY_S, self._last_progress_s + SILENCE_S)

    def _begin(self, now_s: float, message: Message) -> list[Message]:
        self._last_progress_s = now_s
        return self._send(now_s, message)

    def _send(self, now_s: float, message: Message) -> list[Message]:
        self._last_sent_s = now_s
        self._pending = [message]
        return [message]

    def poll(self, now_s: float) -> list[Message]:
        """Return what to send again because nothing was heard; set `error` once it has been too long."""
        if self.finished:
            return []
        # The sums are those of next_wakeup_s: a difference could round to just below the limit, and a
        # caller on a virtual clock would then be woken at the same instant for ever.
        if now_s >= self._last_progress_s + SILENCE_S:
            self.error = self._silence_error()
            return []
        if now_s >= self._last_sent_s + RETRY_S:
            self._last_sent_s = now_s
            return list(self._pending)
        return []

    def _silence_error(self) -> ProtocolError:
        return ProtocolTimeoutError(self._silence_text())

    @abstractmethod
    def _silence_text(self) -> str:
        """Say how far the transfer came."""

    def _is_ours(self, message: Message) -> bool:
        meant_for_us = self.own_system is None or getattr(message, "target_system", 0) in (0, self.own_system)
        return (
            meant_for_us
            and message.get_srcSystem() == self.target.system
            and getattr(message, "mission_type", 0) == self.mission_type
        )


class Upload(_Transfer):
    """Sends a list of items.

    After the last item has been sent, silence means that the final ACK was lost: a lost item would
    have been asked for again. MAV_MISSION_ERROR can mean the same: the vehicle answers so to a repeat of
    the last item. The transfer then ends with ``acknowledged`` False, and the caller reads
    the items back, which it has to do in any case since an upload is not atomic.

    Parameters
    ----------
    items
        With sequence numbers from 0 without a gap.
    own_system
        Who we are, if answers to other clients can be heard on the link.
    """

    def __init__(
        self,
        items: Sequence[WireItem],
        target: Target,
        mission_type: MissionType,
        *,
        own_system: int | None = None,
    ) -> None:
        super().__init__(target, mission_type, own_system=own_system)
        self._items = list(items)
        self.acknowledged = False
        self.sent = 0
        self._last_item_repeated = False

    def start(self, now_s: float) -> list[Message]:
        """Return the MISSION_COUNT that opens the transfer."""
        count = dialect.MAVLink_mission_count_message(
            self.target.system, self.target.component, len(self._items), int(self.mission_type)
        )
        return self._begin(now_s, count)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take one message from the vehicle and return the answers."""
        if self.finished or not self._is_ours(message):
            return []
        kind = message.get_type()
        if kind in ("MISSION_REQUEST", "MISSION_REQUEST_INT"):
            return self._answer(message.seq, now_s)
        if kind == "MISSION_ACK":
            self._take_ack(message.type, now_s)
        return []

    def _answer(self, seq: int, now_s: float) -> list[Message]:
        if seq >= len(self._items):
            self.error = ProtocolError(f"the vehicle asked for item {seq} of {len(self._items)}")
            return []
        self._last_progress_s = now_s
        self._last_item_repeated |= self.sent == len(self._items) == seq + 1
        self.sent = max(self.sent, seq + 1)
        target = self.target
        return self._send(now_s, self._items[seq].message(target.system, target.component, self.mission_type))

    def _take_ack(self, result: int, now_s: float) -> None:
        if result == dialect.MAV_MISSION_ACCEPTED:
            # Before all items are sent it can only be a late answer to an earlier transfer.
            self.done = self.acknowledged = self.sent == len(self._items)
        elif result == dialect.MAV_MISSION_INVALID_SEQUENCE:
            self._last_progress_s = now_s
        elif result == dialect.MAV_MISSION_ERROR and self._may_be_a_repeat():
            self.done = True
        elif result == dialect.MAV_MISSION_OPERATION_CANCELLED:
            self.error = ProtocolTimeoutError(f"the vehicle gave up: {self._silence_text()}")
        else:
            item = f" item {self.sent - 1}" if self.sent else ""
            self.error = UploadRefusedError(
                f"the vehicle refused the {self.mission_type.name.lower()} upload at{item or ' its start'}:"
                f" {result_name(result)}"
            )

    def _may_be_a_repeat(self) -> bool:
        """Tell whether an error can be the answer to a repeat of the last item, the good ACK being lost.

        We or the link may have repeated it. A fence is checked as a whole after its last item, so there
        an error is more likely to be one.
        """
        if self.sent < len(self._items):
            return False
        return self._last_item_repeated or self.mission_type != MissionType.FENCE

    def poll(self, now_s: float) -> list[Message]:
        """Resend the COUNT until an item is asked for; from then on the vehicle does the asking."""
        if self.finished or not self.sent:
            return super().poll(now_s)
        if self.sent == len(self._items) and now_s >= self._last_progress_s + LOST_ACK_S:
            self.done = True
        elif now_s >= self._last_progress_s + SILENCE_S:
            self.error = self._silence_error()
        else:
            self._last_sent_s = now_s
        return []

    def _silence_text(self) -> str:
        return (
            f"the vehicle stopped asking for {self.mission_type.name.lower()} items after "
            f"{self.sent} of {len(self._items)}"
        )


class Download(_Transfer):
    """Reads a list of items; `items` is complete once `done`.

    A refusal can be a late answer to an earlier transfer, or pass when a running upload ends, so the
    vehicle is asked again until the time is up. Only a kind of list that it does not have ends it at once.
    """

    def __init__(self, target: Target, mission_type: MissionType, *, own_system: int | None = None) -> None:
        super().__init__(target, mission_type, own_system=own_system)
        self.items: list[WireItem] = []
        self._count: int | None = None
        self._refusal: int | None = None

    def start(self, now_s: float) -> list[Message]:
        """Return the MISSION_REQUEST_LIST that opens the transfer."""
        request = dialect.MAVLink_mission_request_list_message(
            self.target.system, self.target.component, int(self.mission_type)
        )
        return self._begin(now_s, request)

    def receive(self, message: Message, now_s: float) -> list[Message]:
        """Take one message from the vehicle and return the answers."""
        if self.finished or not self._is_ours(message):
            return []
        kind = message.get_type()
        if kind == "MISSION_COUNT" and self._count is None:
            self._count = message.count
            self._last_progress_s = now_s
            return self._next(now_s)
        if kind in ("MISSION_ITEM_INT", "MISSION_ITEM") and message.seq == len(self.items):
            self.items.append(WireItem.from_message(message))
            self._last_progress_s = now_s
            return self._next(now_s)
        if kind == "MISSION_ACK" and message.type != dialect.MAV_MISSION_ACCEPTED:
            self._refusal = message.type
            if message.type == dialect.MAV_MISSION_UNSUPPORTED:
                self.error = self._refused()
        return []

    def _refused(self) -> ProtocolError:
        return ProtocolError(
            f"the vehicle refused the {self.mission_type.name.lower()} download: "
            f"{result_name(self._refusal or 0)}"
        )

    def _silence_error(self) -> ProtocolError:
        return super()._silence_error() if self._refusal is None else self._refused()

    def _next(self, now_s: float) -> list[Message]:
        target = self.target
        if self._count is not None and len(self.items) >= self._count:
            self.done = True
            return [
                dialect.MAVLink_mission_ack_message(
                    target.system, target.component, dialect.MAV_MISSION_ACCEPTED, int(self.mission_type)
                )
            ]
        request = dialect.MAVLink_mission_request_int_message(
            target.system, target.component, len(self.items), int(self.mission_type)
        )
        return self._send(now_s, request)

    def _silence_text(self) -> str:
        got = f"{len(self.items)} of {self._count}" if self._count is not None else "no"
        return (
            f"the vehicle stopped answering the {self.mission_type.name.lower()} download after {got} items"
        )
