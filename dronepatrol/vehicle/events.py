"""What happens to a vehicle, as one typed event each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VehicleEvent:
    """Something that happened.

    Attributes
    ----------
    at_s
        Loop time at which it was noticed.
    """

    at_s: float


@dataclass(frozen=True, slots=True)
class LinkLost(VehicleEvent):
    """Nothing has been heard of the vehicle for `silent_s` seconds."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class LinkRegained(VehicleEvent):
    """The vehicle is heard again after `silent_s` seconds; what it was doing has gone on."""

    silent_s: float


@dataclass(frozen=True, slots=True)
class LinkSwitched(VehicleEvent):
    """The vehicle is reached by another of several links."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Rebooted(VehicleEvent):
    """The autopilot started again.

    Attributes
    ----------
    evidence
        How that shows: ``"its clock went back from 812 s to 3 s"``.
    """

    evidence: str


@dataclass(frozen=True, slots=True)
class ModeChanged(VehicleEvent):
    """The flight mode is another."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ArmedChanged(VehicleEvent):
    """The motors may turn, or may not any more."""

    armed: bool


@dataclass(frozen=True, slots=True)
class ItemReached(VehicleEvent):
    """A mission item was reached; the autopilot leaves some of them out."""

    seq: int


@dataclass(frozen=True, slots=True)
class TextHeard(VehicleEvent):
    """A status text with its MAV_SEVERITY."""

    severity: int
    text: str
