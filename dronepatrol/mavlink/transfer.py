"""The client's side of the mission protocol, without I/O.

Each machine takes messages and the time, and gives messages to send. Source: MAVLink mission protocol,
https://mavlink.io/en/services/mission.html, and what ArduCopter 4.7 was seen to do: it asks with
MISSION_REQUEST and re-asks every second, answers a wrong sequence number with a non-final ACK
of MAV_MISSION_INVALID_SEQUENCE, and gives up 8 s after the last good item.
"""

from __future__ import annotations

from collections.abc import Sequence

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError, UploadRefusedError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.download import Download
from dronepatrol.mavlink.exchange import SILENCE_S, Target
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.list_exchange import BUSY_RETRY_S, Transfer, result_name
from dronepatrol.mavlink.round_trip import RoundTrip

LOST_ACK_S = 3.0
"""Silence after the last item that means its ACK was lost: the vehicle asks again every second."""
SLOWEST_REPEAT_S = 2.0
"""However slow the link is, an item is sent again after this: the vehicle gives up after 8 s without one."""
AHEAD_FROM_S = 0.05
"""Round-trip time from which it pays to send items before they are asked for."""
RESTARTS = 3
"""How often an upload that the vehicle has forgotten begins again."""


class Upload(Transfer):
    """Sends a list of items.

    The vehicle asks for each item, again every second. Where the link loses frames that is too slow to keep
    it from giving up, so an item that brought no further question within a round trip is sent again,
    together with the next: one of the two is what the vehicle waits for. Where the round trip is long, items
    are sent ahead of the questions; the vehicle takes those that come in order.

    After the last item silence means that the final ACK was lost. MAV_MISSION_ERROR can mean the
    same: the vehicle answers so to a repeat of the last item. The transfer then ends with ``acknowledged``
    False, and the caller reads the items back, which it has to do in any case since an upload is not atomic.

    A vehicle that has forgotten the upload (it gave up, or started anew) is sent the whole list again.
    Calling `start` again after an error resumes: where the vehicle still asks, from there on.

    Parameters
    ----------
    items
        With sequence numbers from 0 without a gap.
    restarts
        How often the list may be begun again before the upload fails.
    window
        Items under way at most; 1 sends only what was asked for and repeats it alone.
    """

    def __init__(
        self,
        items: Sequence[WireItem],
        target: Target,
        mission_type: MissionType,
        *,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = SILENCE_S,
        restarts: int = RESTARTS,
        window: int = 2,
    ) -> None:
        super().__init__(
            target, mission_type, own_system=own_system, round_trip=round_trip, patience_s=patience_s
        )
        self._items = list(items)
        self._first, self._last = 0, len(self._items) - 1
        self.restarts_left = restarts
        self.acknowledged = False
        self.sent = 0
        self.window = window
        self._at: int | None = None
        self._front = -1
        self._item_s: dict[int, list[float]] = {}
        self._opened_s: list[float] = []
        self._last_repeated = False
        self._busy = False
        self._asked_s = 0.0
        self._deaf_until_s = -1.0

    def start(self, now_s: float) -> list[Message]:
        """Return the MISSION_COUNT that opens the transfer, or what finds out whether it can be resumed."""
        self.done, self.error = False, None
        self._progress_s = now_s
        return self._open(now_s) if self._at is None else self._repeat(now_s)

    def _opening(self) -> Message:
        return dialect.MAVLink_mission_count_message(
            self.target.system, self.target.component, len(self._items), int(self.mission_type)
        )

    def _open(self, now_s: float) -> list[Message]:
        self._opened_s.append(now_s)
        self._resend_s = now_s + self.round_trip.timeout_s(len(self._opened_s) - 1)
        return [self._opening()]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        kind = message.get_type()
        if kind in ("MISSION_REQUEST", "MISSION_REQUEST_INT"):
            return self._answer(message.seq, now_s)
        if kind == "MISSION_ACK":
            return self._take_ack(message.type, now_s)
        return []

    def _answer(self, seq: int, now_s: float) -> list[Message]:
        if not self._first <= seq <= self._last:
            self.error = ProtocolError(f"the vehicle asked for item {seq} of {len(self._items)}")
            return []
        if self._is_stale(seq, now_s):
            return []
        self._progress_s = self._asked_s = now_s
        self._busy = False
        if self._at is None:
            self.round_trip.answered(self._opened_s, now_s)
        elif seq > self._at:
            self.round_trip.answered(self._item_s.get(seq - 1, ()), now_s, any_copy=False)
        return self._advance(seq, now_s)

    def _is_stale(self, seq: int, now_s: float) -> bool:
        """Tell whether the link repeated a question, or brought it late.

        A vehicle that really wants an older item, because a late COUNT made it begin anew, asks again.
        """
        if self._at is None or seq > self._at:
            return False
        if seq < self._at:
            return now_s < self._asked_s + self.round_trip.timeout_s()
        return self._under_way(seq, now_s)

    def _under_way(self, seq: int, now_s: float) -> bool:
        """Tell whether an item was sent so lately that it, or the answer to it, may still be coming."""
        sent_s = self._item_s.get(seq, [])
        return bool(sent_s) and now_s < sent_s[-1] + self._repeat_after_s(0) / 2.0

    def _advance(self, seq: int, now_s: float) -> list[Message]:
        """Send the item asked for unless it is under way, and as many after it as may be."""
        self._at = seq
        self._item_s = {number: sent_s for number, sent_s in self._item_s.items() if number >= seq}
        if not self._under_way(seq, now_s):
            self._front = seq - 1
        return self._send(max(self._front + 1, seq), seq + self._ahead, now_s)

    @property
    def _ahead(self) -> int:
        """How many items to send after the one asked for."""
        slow = (self.round_trip.expected_s or 0.0) >= AHEAD_FROM_S
        return self.window - 1 if slow else 0

    def _send(self, first: int, last: int, now_s: float) -> list[Message]:
        """Send items of a range; set when the one that is waited for is sent again."""
        assert self._at is not None
        messages = []
        for seq in range(first, min(last, self._last) + 1):
            sent_s = self._item_s.setdefault(seq, [])
            self._last_repeated |= bool(sent_s) and seq == self._last
            sent_s.append(now_s)
            self._front = max(self._front, seq)
            messages.append(
                self._items[seq].message(self.target.system, self.target.component, self.mission_type)
            )
        self.sent = max(self.sent, self._front + 1)
        times = self._item_s[self._at]
        self._resend_s = max(times[-1], now_s) + self._repeat_after_s(len(times) - 1)
        return messages

    def _repeat_after_s(self, attempt: int) -> float:
        return min(self.round_trip.timeout_s(attempt), SLOWEST_REPEAT_S)

    def _repeat(self, now_s: float) -> list[Message]:
        """Send the present item again, and the next: the question for that may be what was lost.

        The last item is not sent unasked for, since the vehicle takes a repeat of it for an error.
        """
        assert self._at is not None
        follower = min(self._at + 1, max(self._last - 1, self._at)) if self.window > 1 else self._at
        return self._send(self._at, follower, now_s)

    def _resend(self, now_s: float) -> list[Message]:
        if self._at is None:
            return self._open(now_s)
        if self._front == self._last and now_s >= self._progress_s + self._lost_ack_s:
            self.done = True
            return []
        return self._repeat(now_s)

    @property
    def _lost_ack_s(self) -> float:
        return max(LOST_ACK_S, 4.0 * self.round_trip.timeout_s())

    def _take_ack(self, result: int, now_s: float) -> list[Message]:
        complete = self._at is not None and self._front == self._last
        if result == dialect.MAV_MISSION_ACCEPTED:
            # Before all items are sent it can only be a late answer to an earlier transfer.
            self.done = self.acknowledged = complete or not self._items
        elif result == dialect.MAV_MISSION_INVALID_SEQUENCE:
            return self._take_out_of_order(now_s)
        elif result == dialect.MAV_MISSION_DENIED and self._at is None:
            # Another client is uploading; the vehicle gives that up after some seconds of silence.
            self._busy = True
            self._resend_s = now_s + BUSY_RETRY_S
        elif result == dialect.MAV_MISSION_ERROR and complete and self._may_be_a_repeat():
            self.done = True
        elif result == dialect.MAV_MISSION_ERROR and now_s < self._deaf_until_s:
            pass  # One of several answers that said that the upload was forgotten.
        elif self.restarts_left and self._forgotten(result):
            return self._restart(now_s)
        elif result == dialect.MAV_MISSION_OPERATION_CANCELLED:
            self.error = ProtocolTimeoutError(f"the vehicle gave up: {self._silence_text()}")
        else:
            self.error = self._refused(result)
        return []

    def _forgotten(self, result: int) -> bool:
        """Tell whether an answer can mean that the vehicle no longer knows of this upload.

        It says MAV_MISSION_ERROR to an item when none is asked for, and to some that it cannot take; the
        latter only to an item that was not sent before.
        """
        if result == dialect.MAV_MISSION_OPERATION_CANCELLED:
            return True
        if result != dialect.MAV_MISSION_ERROR or self._at is None:
            return False
        return self._front > self._at or len(self._item_s[self._at]) > 1

    def _take_out_of_order(self, now_s: float) -> list[Message]:
        """Send again from the item asked for, if it must have come by now: those after it were refused."""
        self._progress_s = now_s
        expected_s = self.round_trip.expected_s
        if self._at is None or self._front == self._at or expected_s is None:
            return []
        if now_s < self._item_s[self._at][-1] + expected_s:
            return []
        return self._send(self._at, min(self._at + self._ahead, self._last - 1), now_s)

    def _restart(self, now_s: float) -> list[Message]:
        self.restarts_left -= 1
        self._progress_s = now_s
        self._deaf_until_s = now_s + 2.0 * self.round_trip.timeout_s()
        self._last_repeated = False
        self._at, self._front = None, -1
        self._item_s.clear()
        self._opened_s.clear()
        return self._open(now_s)

    def _may_be_a_repeat(self) -> bool:
        """Tell whether an error can be the answer to a repeat of the last item, the good ACK being lost.

        We or the link may have repeated it. A fence is checked as a whole after its last item, so there
        an error is more likely to be one.
        """
        if self._at != self._last and not self._last_repeated:
            return False
        return self._last_repeated or self.mission_type != MissionType.FENCE

    def _refused(self, result: int) -> UploadRefusedError:
        place = "its start"
        if self._at is not None:
            ahead = f" to {self._front}" if self._front > self._at else ""
            place = f"item{'s' if ahead else ''} {self._at}{ahead}"
        return UploadRefusedError(
            f"the vehicle refused the {self._kind} upload at {place}: {result_name(result)}"
        )

    def _silence_error(self) -> ProtocolError:
        return self._refused(dialect.MAV_MISSION_DENIED) if self._busy else super()._silence_error()

    def _silence_text(self) -> str:
        return f"the vehicle stopped asking for {self._kind} items after {self.sent} of {len(self._items)}"

    def _progress_text(self) -> str:
        return f"the vehicle had asked for {self.sent} of {len(self._items)} {self._kind} items"


class PartialUpload(Upload):
    """Replaces some items of a list that the vehicle holds (MISSION_WRITE_PARTIAL_LIST).

    Parameters
    ----------
    items
        The whole list.
    first, last
        Sequence numbers of the ends of the part that is sent, both included.
    """

    def __init__(
        self,
        items: Sequence[WireItem],
        first: int,
        last: int,
        target: Target,
        mission_type: MissionType,
        *,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = SILENCE_S,
        restarts: int = RESTARTS,
        window: int = 2,
    ) -> None:
        if not 0 <= first <= last < len(items):
            raise ValueError(f"items {first} to {last} are not within a list of {len(items)}")
        super().__init__(
            items,
            target,
            mission_type,
            own_system=own_system,
            round_trip=round_trip,
            patience_s=patience_s,
            restarts=restarts,
            window=window,
        )
        self._first, self._last = first, last

    def _opening(self) -> Message:
        target = self.target
        return dialect.MAVLink_mission_write_partial_list_message(
            target.system, target.component, self._first, self._last, int(self.mission_type)
        )


class Clear(Transfer):
    """Empties a list of the vehicle.

    An ACK that belongs to an earlier transfer cannot be told from ours, so the caller reads back if it has to
    be sure.
    """

    def start(self, now_s: float) -> list[Message]:
        """Return the MISSION_CLEAR_ALL."""
        self._progress_s = now_s
        self._attempt = 0
        return self._resend(now_s)

    def _resend(self, now_s: float) -> list[Message]:
        self._resend_s = now_s + self.round_trip.timeout_s(self._attempt)
        self._attempt += 1
        target = self.target
        return [
            dialect.MAVLink_mission_clear_all_message(target.system, target.component, int(self.mission_type))
        ]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        if message.get_type() != "MISSION_ACK" or message.type == dialect.MAV_MISSION_INVALID_SEQUENCE:
            return []
        if message.type == dialect.MAV_MISSION_ACCEPTED:
            self.done = True
        else:
            self.error = UploadRefusedError(
                f"the vehicle refused to clear its {self._kind}: {result_name(message.type)}; "
                "a mission that is being flown cannot be cleared"
            )
        return []

    def _silence_text(self) -> str:
        return f"the vehicle did not answer the request to clear its {self._kind}"

    def _progress_text(self) -> str:
        return f"the vehicle had not answered the request to clear its {self._kind}"


__all__ = ["Clear", "Download", "PartialUpload", "Target", "Transfer", "Upload", "result_name"]
