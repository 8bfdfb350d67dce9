"""An upload that ends in a known state, although the vehicle's own is not atomic.

ArduCopter writes mission and rally items as they come: an upload that fails half-way leaves a mixture of
the new and the old list. So every upload is read back and compared with what the autopilot keeps of what was
sent; what differs is repaired, and what cannot be repaired is cleared.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from enum import Enum
from itertools import pairwise

from dronepatrol.errors import ProtocolError, UploadRefusedError
from dronepatrol.mavlink.dialect import Message
from dronepatrol.mavlink.exchange import Machine, Steps, Target
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import Difference, Keeps, ardupilot_keeps, compare
from dronepatrol.mavlink.round_trip import RoundTrip
from dronepatrol.mavlink.transfer import Clear, Download, PartialUpload, Upload

WINDOW = 8
"""Items under way at a time with an autopilot that allows it."""
MOST_RUNS = 10
"""Separate runs of wrong items that are repaired one by one; more are quicker sent as a whole."""
_TOLD = 5


class Outcome(Enum):
    """What the vehicle holds after a safe upload."""

    HELD = "held as sent"
    CLEARED = "cleared"
    OTHER = "other items than were sent"
    UNKNOWN = "unknown"


class SafeUpload(Steps):
    """Upload, read back, repair; ends with ``done`` only if the vehicle holds what was sent.

    Parameters
    ----------
    items
        With sequence numbers from 0 without a gap.
    keeps, home_first
        What the autopilot makes of a list; see `dronepatrol.mavlink.kept.compare`.
    window
        Items under way at a time; 1 where the autopilot wants them one after another.
    attempts
        How often the list is sent or repaired before it is given up.
    patience_s
        Time without progress after which one transfer has failed.

    Attributes
    ----------
    outcome
        None until it is finished. CLEARED, OTHER and UNKNOWN come with an `error` that says why.
    held
        What was read back last, or None if that failed.
    wrong
        In what it differs from what was sent.
    tries
        Uploads and repairs made.
    """

    def __init__(
        self,
        items: Sequence[WireItem],
        target: Target,
        mission_type: MissionType = MissionType.MISSION,
        *,
        own_system: int | None = None,
        round_trip: RoundTrip | None = None,
        keeps: Keeps = ardupilot_keeps,
        home_first: bool = True,
        window: int = WINDOW,
        attempts: int = 4,
        patience_s: float = 10.0,
    ) -> None:
        super().__init__()
        self.mission_type = mission_type
        self.attempts = attempts
        self.tries = 0
        self.outcome: Outcome | None = None
        self.held: list[WireItem] | None = None
        self.wrong: list[Difference] = []
        self._items = list(items)
        self._target = target
        self._own_system = own_system
        self._round_trip = round_trip or RoundTrip()
        self._keeps, self._home_first = keeps, home_first
        self._window = window
        self._patience_s = patience_s
        self._upload: Upload | None = None
        self._unread: ProtocolError | None = None
        self._cancelled = self._untouched = False

    @property
    def sent(self) -> int:
        """Items of the list that the vehicle has asked for so far in the present attempt."""
        return 0 if self._upload is None else self._upload.sent

    def cancel(self, now_s: float) -> list[Message]:
        """Stop sending; a mixture is cleared, while of a fence the vehicle keeps the old one."""
        self._cancelled = True
        if self._upload is None or self._upload.finished:
            return []
        return self._after(self._upload.cancel(now_s), now_s)

    def _steps(self) -> Generator[Machine, None, None]:
        while True:
            self.tries += 1
            yield from self._send()
            problem = None if self._upload is None else self._upload.error
            yield from self._read_back()
            if self.held is not None and not self.wrong:
                self.outcome, self.done = Outcome.HELD, True
                return
            final = self._cancelled or self.held is None or isinstance(problem, UploadRefusedError)
            if final or self.tries >= self.attempts:
                break
        yield from self._give_up(problem or self._unread or self._mismatch())

    def _send(self) -> Generator[Machine, None, None]:
        """Repair what is known to be wrong if that is little; else send everything."""
        for first, last in self._wrong_runs():
            self._upload = self._partial(first, last)
            yield self._upload
            if self._upload.error is not None:
                break
        else:
            if self._wrong_runs():
                return
        if not self._cancelled:
            self._upload = Upload(
                self._items,
                self._target,
                self.mission_type,
                own_system=self._own_system,
                round_trip=self._round_trip,
                patience_s=self._patience_s,
                window=self._window,
            )
            yield self._upload

    def _partial(self, first: int, last: int) -> PartialUpload:
        return PartialUpload(
            self._items,
            first,
            last,
            self._target,
            self.mission_type,
            own_system=self._own_system,
            round_trip=self._round_trip,
            patience_s=self._patience_s,
            window=self._window,
        )

    def _wrong_runs(self) -> list[tuple[int, int]]:
        """Return first and last of each run of wrong items; none if they are too many or not known."""
        seqs = [one.seq for one in self.wrong if one.seq is not None]
        if len(seqs) != len(self.wrong) or 2 * len(seqs) > len(self._items):
            return []
        breaks = [i + 1 for i, (a, b) in enumerate(pairwise(seqs)) if b != a + 1]
        edges = [0, *breaks, len(seqs)]
        runs = [(seqs[a], seqs[b - 1]) for a, b in pairwise(edges) if b > a]
        return runs if len(runs) <= MOST_RUNS else []

    def _read_back(self) -> Generator[Machine, None, None]:
        """Read what the vehicle holds; a second time if the link failed, so much depends on it."""
        for _ in range(2):
            download = Download(
                self._target,
                self.mission_type,
                own_system=self._own_system,
                round_trip=self._round_trip,
                patience_s=self._patience_s,
                window=self._window,
            )
            yield download
            self._unread = download.error
            if download.done:
                break
        self.held = download.items if download.done else None
        self.wrong = [] if self.held is None else self._compare(self._items, self.held)

    def _compare(self, items: Sequence[WireItem], held: Sequence[WireItem]) -> list[Difference]:
        return compare(items, held, self.mission_type, keeps=self._keeps, home_first=self._home_first)

    def _give_up(self, problem: ProtocolError) -> Generator[Machine, None, None]:
        if self.held is None:
            self._end(
                Outcome.UNKNOWN,
                problem,
                "what it holds could not be read back; upload or clear it before anything flies",
            )
            return
        # A COUNT that was heard cuts a longer list at once, so only a refusal of it leaves the old one whole.
        at_start = isinstance(problem, UploadRefusedError) and self.sent == 0
        self._untouched = at_start or self.mission_type == MissionType.FENCE
        if not self._untouched:
            yield Clear(
                self._target,
                self.mission_type,
                own_system=self._own_system,
                round_trip=self._round_trip,
                patience_s=self._patience_s,
            )
            yield from self._read_back()
        self._tell_state(problem, self.held)

    def _tell_state(self, problem: ProtocolError, held: Sequence[WireItem] | None) -> None:
        if held is None:
            self._end(Outcome.UNKNOWN, problem, "whether it was cleared could not be read back")
        elif self._is_empty(held):
            self._end(Outcome.CLEARED, problem, f"the vehicle now holds no {self._kind}")
        else:
            self._end(Outcome.OTHER, problem, f"the vehicle holds {self._describe(held)}")

    def _is_empty(self, held: Sequence[WireItem]) -> bool:
        home = int(self._home_first and self.mission_type == MissionType.MISSION)
        return len(held) <= home

    def _describe(self, held: Sequence[WireItem]) -> str:
        if self._untouched:
            return f"its former {self._kind} of {len(held)} items"
        told = "; ".join(str(one) for one in self.wrong[:_TOLD])
        more = f" and {len(self.wrong) - _TOLD} more" if len(self.wrong) > _TOLD else ""
        return f"{len(held)} items that differ from what was sent: {told}{more}"

    def _mismatch(self) -> ProtocolError:
        told = "; ".join(str(one) for one in self.wrong[:_TOLD])
        return ProtocolError(
            f"the vehicle kept another {self._kind} than was sent in {self.tries} attempts: {told}"
        )

    def _end(self, outcome: Outcome, problem: ProtocolError, state: str) -> None:
        self.outcome = outcome
        self.error = type(problem)(f"{problem}; {state}")

    @property
    def _kind(self) -> str:
        return self.mission_type.name.lower()
