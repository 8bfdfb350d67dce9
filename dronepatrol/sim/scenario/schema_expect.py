"""Expectations in the scenario file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from dronepatrol.formats.mission.schema import Figure, Id, Strict, Text
from dronepatrol.sim.scenario.schema_base import Seconds, Share, by_kind


class ExpectModel(Strict):
    """Something that is to hold after the run."""

    drone: Id | None = None
    """Left out: every drone that flew."""


class SortiesModel(ExpectModel):
    """All sorties were flown as planned."""

    kind: Literal["all_sorties_complete"]


class LandsModel(ExpectModel):
    """The drone is down with its motors stopped at the end."""

    kind: Literal["lands"]
    near_home_m: Figure | None = None
    """At most this far from where it started, really."""
    by_s: Seconds | None = None
    """At the latest, since the run began."""


class TextModel(ExpectModel):
    """The autopilot said a text."""

    kind: Literal["text"]
    text: Text
    """Part of it."""
    within_s: Seconds | None = None
    """At the latest after the drone's first fault."""


class NoTextModel(ExpectModel):
    """No autopilot said a text."""

    kind: Literal["no_text"]
    text: Text


class ModeModel(ExpectModel):
    """A mode was reached."""

    kind: Literal["mode"]
    mode: Text
    within_s: Seconds | None = None
    """At the latest after the drone's first fault."""
    by_s: Seconds | None = None
    """At the latest, since the run began."""


class BatteryModel(ExpectModel):
    """Charge left at each landing."""

    kind: Literal["battery_at_landing"]
    at_least: Share


class NoZoneModel(ExpectModel):
    """No drone was really inside a keep-out zone or outside a keep-in zone."""

    kind: Literal["no_zone_breached"]


class SeenModel(ExpectModel):
    """Share of a task's area that was really seen."""

    kind: Literal["task_seen"]
    task: Id
    at_least: Share = 0.95


class EventModel(ExpectModel):
    """An event of the run."""

    kind: Literal["event"]
    event: Text
    """Its kind, as in events.jsonl."""
    at_least: Annotated[int, Field(ge=1)] = 1


class StaysModel(ExpectModel):
    """The drone stayed near where it started, really."""

    kind: Literal["stays_within"]
    of_home_m: Figure


AnyExpectation = Annotated[
    Annotated[SortiesModel, Tag("all_sorties_complete")]
    | Annotated[LandsModel, Tag("lands")]
    | Annotated[TextModel, Tag("text")]
    | Annotated[NoTextModel, Tag("no_text")]
    | Annotated[ModeModel, Tag("mode")]
    | Annotated[BatteryModel, Tag("battery_at_landing")]
    | Annotated[NoZoneModel, Tag("no_zone_breached")]
    | Annotated[SeenModel, Tag("task_seen")]
    | Annotated[EventModel, Tag("event")]
    | Annotated[StaysModel, Tag("stays_within")],
    by_kind(),
]
