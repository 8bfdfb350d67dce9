"""Airspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shapely.geometry import MultiPolygon

from dronepatrol.model.window import TimeWindow


class ZoneKind(StrEnum):
    """What a zone asks of a drone."""

    KEEP_OUT = "keep_out"
    KEEP_IN = "keep_in"


@dataclass(frozen=True, slots=True)
class Zone:
    """Airspace with a rule.

    Attributes
    ----------
    polygon
        Longitude and latitude in degrees, holes allowed.
    floor_agl_m, ceiling_agl_m
        The band above ground in which the rule holds; the ceiling may be infinite.
    active
        Times when the rule holds; empty means always.
    illustrative
        True for a zone drawn for demonstration that restricts nobody.
    """

    id: str
    name: str
    kind: ZoneKind
    polygon: MultiPolygon
    floor_agl_m: float
    ceiling_agl_m: float
    active: tuple[TimeWindow, ...]
    illustrative: bool

    def is_active(self, start: datetime, end: datetime) -> bool:
        """Say whether the rule holds at any moment from start to end."""
        return not self.active or any(start <= w.end and w.start <= end for w in self.active)

    def holds_at(self, low_agl_m: float, high_agl_m: float) -> bool:
        """Say whether the band of the rule meets the band from low to high."""
        return low_agl_m < self.ceiling_agl_m and high_agl_m >= self.floor_agl_m
