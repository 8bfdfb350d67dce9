"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dronepatrol.model.position import Position


class Severity(StrEnum):
    """How bad a finding is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of a check.

    Attributes
    ----------
    rule
        Id of the rule: ``"zone-keep-out"``.
    severity
        An error forbids the flight.
    where
        What it is about: ``"sortie S1 leg 7 (transit)"``, ``"task ressun-lukio"``.
    message
        What is wrong, in one sentence.
    value, limit
        The figures with their units: ``"131 m"``, ``"120 m"``; empty where there are none.
    source
        Clause or file the rule comes from.
    remedy
        What to do.
    position
        A place to point at on a map, if there is one.
    """

    rule: str
    severity: Severity
    where: str
    message: str
    value: str
    limit: str
    source: str
    remedy: str
    position: Position | None = None
