"""The order of mission items: one that is flown, beside it one that is done on the way, and jumps.

The rules are those of ArduPilot's mission library as seen in flight: do-items between two flown items start
with the later one, one after the other; a condition holds back the do-items behind it; what is left of them
is dropped when the flown item is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .commands import NAMES, Command, MissionState
from .events import Event, ItemReached, ItemStarted, MissionEnded, Text
from .items import MissionItem

_MAXIMUM_STEPS = 255
_LOOK_AHEAD = 3


class ItemFlyer(Protocol):
    """Who carries the items out."""

    def start_navigation(self, seq: int, item: MissionItem) -> None:
        """Begin to fly an item."""

    def verify_navigation(self, seq: int, item: MissionItem) -> bool:
        """Whether the item is complete."""

    def start_action(self, item: MissionItem) -> None:
        """Do an item, or begin to wait for its condition."""

    def verify_action(self, item: MissionItem) -> bool:
        """Whether a done item is complete."""

    def end_of_mission(self) -> None:
        """There is nothing more to fly."""


class MissionRunner:
    """Walks through a list of items that may change at any time.

    Attributes
    ----------
    current
        Sequence number of the item being flown, 0 before the first.
    """

    def __init__(
        self, items: Callable[[], Sequence[MissionItem]], flyer: ItemFlyer, emit: Callable[[Event], None]
    ) -> None:
        self._items = items
        self._flyer = flyer
        self._emit = emit
        self.current = 0
        self.running = False
        self.complete = False
        self.started = False
        self._flown: MissionItem | None = None
        self._action: tuple[int, MissionItem] | None = None
        self._action_seq = 0
        self._actions_done = True
        self._jumps: dict[int, int] = {}

    @property
    def total(self) -> int:
        """Number of items to fly or do, home not counted."""
        return max(len(self._items()) - 1, 0)

    def state(self, *, paused: bool) -> MissionState:
        """Return the state as MISSION_CURRENT gives it."""
        if self.total == 0:
            return MissionState.NO_MISSION
        if self.complete:
            return MissionState.COMPLETE
        if not self.running:
            return MissionState.NOT_STARTED
        return MissionState.PAUSED if paused else MissionState.ACTIVE

    def start(self) -> None:
        """Begin with the first item."""
        self.reset()
        self.complete = False
        self.running = self.started = True
        if not self._advance():
            self._end()

    def resume(self) -> None:
        """Go on with the current item from the beginning of it, or start."""
        if not self.started or self.complete or not 0 < self.current < len(self._items()):
            self.start()
            return
        self.running = True
        item = self._items()[self.current]
        if not item.is_navigation:
            if not self._advance(self.current):
                self._end()
            return
        self._begin(self.current, item)

    def stop(self) -> None:
        """Stop walking on; :meth:`resume` goes on."""
        self.running = False

    def reset(self) -> None:
        """Forget progress and jump counts; a running mission begins again at the next update.

        A complete one is reported as complete until it is started again.
        """
        self.current = 0
        self._flown = None
        self._action = None
        self._actions_done = True
        self._jumps.clear()
        self.started = self.running

    def set_current(self, seq: int) -> bool:
        """Make an item the current one; returns False where there is none."""
        if not 0 <= seq < len(self._items()):
            return False
        self.complete = False
        if seq == 0:
            running = self.running
            self.reset()
            if running:
                return self._advance() or self._fail()
            return True
        self._jumps.clear()
        if self.running:
            return self._advance(seq) or self._fail()
        found = self.next_navigation(seq)
        if found is None:
            return False
        self.current, self.started = found[0], True
        return True

    def _fail(self) -> bool:
        self._end()
        return False

    def ahead(self) -> list[tuple[int, MissionItem]]:
        """Return the item being flown and the next two, whose change matters to the present leg."""
        items: list[tuple[int, MissionItem]] = []
        found = self.next_navigation(self.current)
        while found is not None and len(items) < _LOOK_AHEAD:
            items.append(found)
            found = self.next_navigation(found[0] + 1)
        return items

    def restart_item(self) -> bool:
        """Begin the current item again after the list changed; returns False where it is gone."""
        if not self.running or not 0 < self.current < len(self._items()):
            return False
        self._begin(self.current, self._items()[self.current])
        return True

    def update(self) -> None:
        """Look whether items are complete, and begin what comes next."""
        if not self.running:
            return
        flown = self._flown
        if flown is None:
            if not self._advance():
                self._end()
                return
        elif self._flyer.verify_navigation(self.current, flown):
            self._emit(ItemReached(self.current))
            self._flown = None
            if not self._advance():
                self._end()
                return
        self._update_action()

    def _update_action(self) -> None:
        if self._action is None:
            if not self._actions_done:
                self._advance_action()
            return
        seq, item = self._action
        if self._flyer.verify_action(item):
            self._emit(ItemReached(seq))
            self._action = None

    def _advance_action(self) -> None:
        items, seq = self._items(), self._action_seq + 1
        while seq < len(items) and items[seq].command == Command.JUMP_TAG:
            seq += 1
        if seq >= len(items) or items[seq].is_navigation or items[seq].command in _JUMPS:
            self._actions_done = True
            return
        self._start_action(seq, items[seq])

    def _start_action(self, seq: int, item: MissionItem) -> None:
        self._action, self._action_seq = (seq, item), seq
        self._announce(seq, item)
        self._flyer.start_action(item)

    def _end(self) -> None:
        self.running, self.complete = False, True
        self._flown = self._action = None
        self._emit(MissionEnded())
        self._flyer.end_of_mission()

    def _announce(self, seq: int, item: MissionItem) -> None:
        self._emit(ItemStarted(seq, item.command))
        self._emit(Text(6, f"Mission: {seq} {NAMES.get(item.command, '?')}"))

    def _begin(self, seq: int, item: MissionItem) -> None:
        self.current, self._flown = seq, item
        self._announce(seq, item)
        self._flyer.start_navigation(seq, item)

    def _advance(self, start: int | None = None) -> bool:
        """Begin the next flown item and the first do-item before it."""
        self._action, self._actions_done, self._flown = None, False, None
        seq = self.current + 1 if start is None else start
        for _ in range(_MAXIMUM_STEPS):
            found = self._resolve(seq, count=True)
            if found is None:
                return False
            seq, item = found
            if item.is_navigation:
                self._actions_done = self._action is None
                self._begin(seq, item)
                return True
            if self._action is None and item.command != Command.JUMP_TAG:
                self._start_action(seq, item)
            seq += 1
        return False

    def next_navigation(self, start: int) -> tuple[int, MissionItem] | None:
        """Return the next item to be flown from `start` on, following jumps without counting them."""
        seq = start
        for _ in range(_MAXIMUM_STEPS):
            found = self._resolve(seq, count=False)
            if found is None or found[1].is_navigation:
                return found
            seq = found[0] + 1
        return None

    def _resolve(self, seq: int, *, count: bool) -> tuple[int, MissionItem] | None:
        """Follow jumps from an item to one that is none."""
        items = self._items()
        seen: dict[int, int] = {}
        for _ in range(_MAXIMUM_STEPS):
            if not 0 < seq < len(items):
                return None
            item = items[seq]
            if item.command not in _JUMPS:
                return seq, item
            target = self._target(item)
            if target is None:
                return None
            seq = self._jump(seq, item, target, seen, count=count)
        return None

    def _jump(self, seq: int, item: MissionItem, target: int, seen: dict[int, int], *, count: bool) -> int:
        times, done = int(item.p2), self._jumps.get(seq, 0) + seen.get(seq, 0)
        if times >= 0 and done >= times:
            return seq + 1
        if count:
            self._jumps[seq] = done + 1
            of = str(times) if times >= 0 else "unlimited"
            self._emit(Text(6, f"Mission: {seq} Jump {done + 1}/{of}"))
        else:
            seen[seq] = seen.get(seq, 0) + 1
        return target

    def _target(self, item: MissionItem) -> int | None:
        items, wanted = self._items(), int(item.p1)
        if item.command == Command.JUMP:
            return wanted if 0 < wanted < len(items) else None
        for seq, other in enumerate(items):
            if other.command == Command.JUMP_TAG and int(other.p1) == wanted:
                return seq
        return None


_JUMPS = frozenset({Command.JUMP, Command.DO_JUMP_TAG})
