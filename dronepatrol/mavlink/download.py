"""Reading a list of items from a vehicle, without I/O.

Source: MAVLink mission protocol, https://mavlink.io/en/services/mission.html.
"""

from __future__ import annotations

from dronepatrol.errors import ProtocolError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.exchange import SILENCE_S, Target
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.list_exchange import BUSY_RETRY_S, Transfer, result_name
from dronepatrol.mavlink.round_trip import RoundTrip


class Download(Transfer):
    """Reads a list of items; `items` is complete once `done`.

    A refusal can be a late answer to an earlier transfer, or pass when a running upload ends, so the
    vehicle is asked again until the time is up. Only a kind of list that it does not have ends it at once.

    Parameters
    ----------
    window
        Items asked for ahead. ArduPilot answers each question by itself; PX4 wants them one after another.
    """

    def __init__(
        self,
        target: Target,
        mission_type: MissionType,
        *,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        patience_s: float = SILENCE_S,
        window: int = 1,
    ) -> None:
        super().__init__(
            target, mission_type, own_system=own_system, round_trip=round_trip, patience_s=patience_s
        )
        self.window = window
        self._count: int | None = None
        self._got: dict[int, WireItem] = {}
        self._asked_s: dict[int, list[float]] = {}
        self._next = 0
        self._opened_s: list[float] = []
        self._refusal: int | None = None

    @property
    def items(self) -> list[WireItem]:
        """What was received so far, in order."""
        return [self._got[seq] for seq in sorted(self._got)]

    def start(self, now_s: float) -> list[Message]:
        """Return the MISSION_REQUEST_LIST that opens the transfer."""
        self._progress_s = now_s
        return self._open(now_s)

    def _open(self, now_s: float) -> list[Message]:
        self._opened_s.append(now_s)
        self._resend_s = now_s + self.round_trip.timeout_s(len(self._opened_s) - 1)
        return [
            dialect.MAVLink_mission_request_list_message(
                self.target.system, self.target.component, int(self.mission_type)
            )
        ]

    def _take(self, message: Message, now_s: float) -> list[Message]:
        kind = message.get_type()
        if kind == "MISSION_COUNT":
            return self._take_count(message.count, now_s)
        if kind in ("MISSION_ITEM_INT", "MISSION_ITEM"):
            return self._take_item(WireItem.from_message(message), now_s)
        if kind == "MISSION_ACK" and message.type != dialect.MAV_MISSION_ACCEPTED:
            self._take_refusal(message.type, now_s)
        return []

    def _take_count(self, count: int, now_s: float) -> list[Message]:
        if count == self._count:
            return []
        if self._count is None:
            self.round_trip.answered(self._opened_s, now_s)
        # Another count in mid-transfer: the list was changed, and its items cannot be relied upon.
        self._got.clear()
        self._asked_s.clear()
        self._next = 0
        self._count = count
        self._progress_s = now_s
        return self._fill(now_s)

    def _take_item(self, item: WireItem, now_s: float) -> list[Message]:
        if self._count is None or item.seq in self._got or item.seq not in self._asked_s:
            return []
        self.round_trip.answered(self._asked_s.pop(item.seq), now_s)
        self._got[item.seq] = item
        self._progress_s = now_s
        return self._fill(now_s)

    def _take_refusal(self, result: int, now_s: float) -> None:
        self._refusal = result
        if result == dialect.MAV_MISSION_UNSUPPORTED:
            self.error = self._refused()
        elif self._count is None:
            self._resend_s = now_s + BUSY_RETRY_S

    def _fill(self, now_s: float) -> list[Message]:
        """Ask for as many items as the window holds, or end."""
        assert self._count is not None
        if len(self._got) >= self._count:
            self.done = True
            return [self._ack(dialect.MAV_MISSION_ACCEPTED)]
        messages = []
        while self._next < self._count and len(self._asked_s) < self.window:
            messages.append(self._ask(self._next, now_s))
            self._next += 1
        self._schedule()
        return messages

    def _ask(self, seq: int, now_s: float) -> Message:
        self._asked_s.setdefault(seq, []).append(now_s)
        return dialect.MAVLink_mission_request_int_message(
            self.target.system, self.target.component, seq, int(self.mission_type)
        )

    def _due_s(self, seq: int) -> float:
        asked_s = self._asked_s[seq]
        return asked_s[-1] + self.round_trip.timeout_s(len(asked_s) - 1)

    def _schedule(self) -> None:
        self._resend_s = min(map(self._due_s, self._asked_s))

    def _resend(self, now_s: float) -> list[Message]:
        if self._count is None:
            return self._open(now_s)
        messages = [self._ask(seq, now_s) for seq in sorted(self._asked_s) if now_s >= self._due_s(seq)]
        self._schedule()
        return messages

    def _refused(self) -> ProtocolError:
        return ProtocolError(
            f"the vehicle refused the {self._kind} download: {result_name(self._refusal or 0)}"
        )

    def _silence_error(self) -> ProtocolError:
        return super()._silence_error() if self._refusal is None else self._refused()

    def _silence_text(self) -> str:
        return f"the vehicle stopped answering the {self._kind} download after {self._have()} items"

    def _progress_text(self) -> str:
        return f"the vehicle had sent {self._have()} {self._kind} items"

    def _have(self) -> str:
        return "no" if self._count is None else f"{len(self._got)} of {self._count}"
