"""A span of time on the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """From one moment to a later one; both carry their time zone.

    Attributes
    ----------
    start, end
        Aware datetimes, ``start < end``.
    """

    start: datetime
    end: datetime

    @property
    def duration_s(self) -> float:
        """Seconds from start to end."""
        return self.end.timestamp() - self.start.timestamp()

    def contains(self, moment: datetime) -> bool:
        """Say whether a moment lies in the window, ends included."""
        return self.start <= moment <= self.end

    def overlaps(self, other: TimeWindow) -> bool:
        """Say whether two windows share more than an instant."""
        return self.start < other.end and other.start < self.end
