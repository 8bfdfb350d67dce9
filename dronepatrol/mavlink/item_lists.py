"""The three lists of items that a vehicle stores: mission, fence, rally points.

Each list knows how it takes an upload: mission and rally items are written as they come, so an upload
that fails half-way leaves a mixture behind; a fence is collected and replaces the old one at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.fence_items import (
    FENCE_STORAGE_BYTES,
    MAX_FENCE_ITEMS,
    MAX_RALLY_POINTS,
    fence_bytes,
    fence_item,
    fence_problem,
    fence_total,
    rally_point,
)
from dronepatrol.mavlink.item_rules import MissionResult, centimetres, mission_item
from dronepatrol.mavlink.items import MissionType, WireItem

MAX_MISSION_ITEMS = 650


@dataclass(frozen=True, slots=True)
class Note:
    """A text that a list wants said; ``everyone`` means on all channels."""

    severity: int
    text: str
    everyone: bool = True


@dataclass(slots=True)
class Reports:
    """Where the lists say what happened.

    Attributes
    ----------
    announce
        Called with a parameter's name and its new value (MIS_TOTAL, FENCE_TOTAL, RALLY_TOTAL).
    changed
        Called with the list and the index that was written, or None when the list was cut or replaced.
    notes
        Texts not yet taken by the server.
    """

    announce: Callable[[str, float], None]
    changed: Callable[[MissionType, int | None], None]
    notes: list[Note] = field(default_factory=list)

    def say(self, severity: int, text: str, *, everyone: bool = True) -> None:
        """Keep a text until the server takes it."""
        self.notes.append(Note(severity, text, everyone))


class ItemList(ABC):
    """One list and its way of being uploaded."""

    mission_type: MissionType
    title: str
    maximum: int

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self.items: list[WireItem] = []

    @property
    def count(self) -> int:
        """Number of stored items."""
        return len(self.items)

    def item(self, seq: int) -> WireItem | None:
        """Return a stored item, or None."""
        return self.items[seq] if 0 <= seq < self.count else None

    def load(self, items: Sequence[WireItem]) -> None:
        """Replace the list by stored items without any check or announcement."""
        self.items = [item.numbered(seq) for seq, item in enumerate(items)]

    @abstractmethod
    def begin(self, count: int) -> None:
        """Prepare for an upload of so many items."""

    @abstractmethod
    def begin_update(self) -> None:
        """Prepare for replacing some of the stored items."""

    @abstractmethod
    def put(self, item: WireItem, last_seq: int) -> MissionResult:
        """Take one item of an upload that ends with the item `last_seq`."""

    @abstractmethod
    def finish(self) -> MissionResult:
        """End an upload whose items have all been taken."""

    @abstractmethod
    def abandon(self) -> None:
        """Forget what belongs to an upload alone."""

    @abstractmethod
    def clear(self) -> bool:
        """Empty the list; False if that is refused."""


class _WrittenInPlace(ItemList):
    """A list whose items are stored as they come."""

    total_name: str

    @abstractmethod
    def _kept(self, item: WireItem, last_seq: int) -> WireItem | MissionResult:
        """Return an item as it is stored, or why it is refused."""

    def begin(self, count: int) -> None:
        """Cut a longer list at once."""
        if self.count > count:
            del self.items[count:]
            self._total_changed(None)

    def begin_update(self) -> None:
        """Nothing to prepare: items are replaced where they are."""

    def put(self, item: WireItem, last_seq: int) -> MissionResult:
        """Replace a stored item or append one."""
        if item.seq > self.count:
            return MissionResult.ERROR
        kept = self._kept(item, last_seq)
        if isinstance(kept, MissionResult):
            return kept
        if item.seq < self.count:
            self.items[item.seq] = kept
            self._reports.changed(self.mission_type, item.seq)
        elif self.count >= self.maximum:
            return MissionResult.ERROR
        else:
            self._append(kept)
            self._total_changed(item.seq)
        return MissionResult.ACCEPTED

    def _append(self, item: WireItem) -> None:
        self.items.append(item)

    def finish(self) -> MissionResult:
        """Accept: everything is stored already."""
        return MissionResult.ACCEPTED

    def abandon(self) -> None:
        """Leave what has been stored."""

    def clear(self) -> bool:
        """Empty the list."""
        self.items.clear()
        self._total_changed(None)
        return True

    def _total_changed(self, index: int | None) -> None:
        self._reports.announce(self.total_name, float(self.count))
        self._reports.changed(self.mission_type, index)


class MissionList(_WrittenInPlace):
    """The mission. Index 0 is home: what is sent for it is checked and then never read.

    Parameters
    ----------
    home
        Returns an item with home's x, y and z (metres AMSL), or None before home is set.
    running
        Tells whether the mission is being flown, which forbids clearing it.
    """

    mission_type = MissionType.MISSION
    title = "Mission"
    total_name = "MIS_TOTAL"
    maximum = MAX_MISSION_ITEMS

    def __init__(
        self, reports: Reports, home: Callable[[], WireItem | None], running: Callable[[], bool]
    ) -> None:
        super().__init__(reports)
        self._home = home
        self._running = running

    def home_was_set(self) -> None:
        """Count home as the one item of an empty mission; call this when home is first known."""
        if not self.items:
            self.items.append(self._home_item())
            self._total_changed(None)

    def item(self, seq: int) -> WireItem | None:
        """Return home for 0, whether or not there is a mission."""
        return self._home_item() if seq == 0 else super().item(seq)

    def _home_item(self) -> WireItem:
        home = self._home()
        plain = WireItem(0, dialect.MAV_FRAME_GLOBAL, dialect.MAV_CMD_NAV_WAYPOINT)
        return plain if home is None else replace(plain, x=home.x, y=home.y, z=centimetres(home.z))

    def _append(self, item: WireItem) -> None:
        """Put home first into an empty mission, so that its first item lands at 1 and is then replaced.

        Seen on the real one: MIS_TOTAL goes from 0 to 2 with item 0, and stays 2 with item 1.
        """
        if not self.items:
            self.items.append(self._home_item())
        self.items.append(item.numbered(self.count))

    def _kept(self, item: WireItem, last_seq: int) -> WireItem | MissionResult:
        kept = mission_item(item)
        if isinstance(kept, WireItem) and kept.command == dialect.MAV_CMD_DO_JUMP:
            target = kept.params[0]
            if target == 0 or (target >= self.count and target > last_seq):
                return MissionResult.ERROR
        return kept

    def finish(self) -> MissionResult:
        """Say that the mission is there."""
        self._reports.say(dialect.MAV_SEVERITY_INFO, "Flight plan received", everyone=False)
        return MissionResult.ACCEPTED

    def clear(self) -> bool:
        """Empty the mission unless it is being flown."""
        return not self._running() and super().clear()


class RallyList(_WrittenInPlace):
    """The rally points."""

    mission_type = MissionType.RALLY
    title = "Rally"
    total_name = "RALLY_TOTAL"
    maximum = MAX_RALLY_POINTS

    def item(self, seq: int) -> WireItem | None:
        """Return a rally point; one at 0, 0 counts as none."""
        item = super().item(seq)
        return None if item is None or (item.x == 0 and item.y == 0) else item

    def _kept(self, item: WireItem, last_seq: int) -> WireItem | MissionResult:
        return rally_point(item)

    def clear(self) -> bool:
        """Empty the list, saying so only if it was not."""
        self.begin(0)
        return True


class FenceList(ItemList):
    """The fence, which changes only as a whole and only if it is valid."""

    mission_type = MissionType.FENCE
    title = "Fence"
    maximum = MAX_FENCE_ITEMS

    def __init__(self, reports: Reports) -> None:
        super().__init__(reports)
        self._new: dict[int, WireItem] = {}
        self._new_count = 0

    def begin(self, count: int) -> None:
        """Start from nothing."""
        self._new = {}
        self._new_count = count

    def begin_update(self) -> None:
        """Start from the stored fence."""
        self._new = dict(enumerate(self.items))
        self._new_count = self.count

    def put(self, item: WireItem, last_seq: int) -> MissionResult:
        """Collect one item."""
        if item.seq >= self._new_count:
            return MissionResult.INVALID_SEQUENCE
        kept = fence_item(item)
        if isinstance(kept, MissionResult):
            return kept
        self._new[item.seq] = kept
        return MissionResult.ACCEPTED

    def finish(self) -> MissionResult:
        """Replace the fence if the new one is valid."""
        new = [self._new[seq] for seq in sorted(self._new)]
        return MissionResult.ACCEPTED if self._write(new) else MissionResult.ERROR

    def abandon(self) -> None:
        """Drop the fence being uploaded."""
        self._new = {}

    def clear(self) -> bool:
        """Write an empty fence."""
        return self._write([])

    def _write(self, items: list[WireItem]) -> bool:
        if (problem := fence_problem(items)) is not None:
            self._reports.say(*problem)
            self._reports.say(dialect.MAV_SEVERITY_WARNING, "Fence validation failed")
            return False
        if fence_bytes(items) > FENCE_STORAGE_BYTES:
            self._reports.say(dialect.MAV_SEVERITY_WARNING, "Fence exceeds storage size")
            return False
        self.items = items
        self._reports.say(dialect.MAV_SEVERITY_DEBUG, "Fence Indexed OK")
        self._reports.announce("FENCE_TOTAL", float(fence_total(items)))
        self._reports.changed(self.mission_type, None)
        return True
