"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dronepatrol.model import Finding, Mission, Plan, Position, Severity

SubjectT = TypeVar("SubjectT", Mission, Plan)


@dataclass(frozen=True, slots=True)
class Rule(Generic[SubjectT]):
    """One thing that a mission or a plan must keep to.

    Attributes
    ----------
    id
        Short name in findings: ``"zone-keep-out"``.
    title
        The rule in a few words.
    severity
        How bad a breach is, unless a finding says otherwise.
    source
        Clause, data sheet or key of the mission file that the rule comes from.
    function
        Looks for breaches.
    """

    id: str
    title: str
    severity: Severity
    source: str
    function: Callable[[SubjectT], Iterable[Finding]]

    def finding(
        self,
        where: str,
        message: str,
        *,
        remedy: str,
        value: str = "",
        limit: str = "",
        position: Position | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(
            rule=self.id,
            severity=severity or self.severity,
            where=where,
            message=message,
            value=value,
            limit=limit,
            source=self.source,
            remedy=remedy,
            position=position,
        )
