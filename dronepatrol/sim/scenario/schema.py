"""The scenario file as Pydantic models: exact types, no unknown keys."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dronepatrol.formats.mission.schema import Figure, Height, Id, PointModel, Speed, Strict, Text
from dronepatrol.sim.scenario.schema_base import Seconds, Share, refuse
from dronepatrol.sim.scenario.schema_expect import AnyExpectation
from dronepatrol.sim.scenario.schema_faults import AnyFault

Bearing = Annotated[float, Field(ge=0, le=360)]
Wind = Annotated[float, Field(ge=0, le=100)]

# Weather


class BreezeModel(Strict):
    """Mean wind at a time; between two entries it changes evenly."""

    at_s: Seconds = 0.0
    """Seconds since the run began."""
    speed_mps: Wind
    """Speed at the reference height."""
    from_deg: Bearing = 0.0
    """Direction the wind blows from, clockwise from north."""
    gust_mps: Wind = 0.0
    """Dryden gusts: the wind at 20 ft from which their intensity follows."""


class WeatherModel(Strict):
    """Wind over time and height."""

    profile: Literal["constant", "power", "root"] = "power"
    """Growth with height."""
    reference_m: Figure = 10.0
    """Height at which speed_mps holds."""
    wind: Annotated[list[BreezeModel], Field(min_length=1)]


# Links


class OutageModel(Strict):
    """A time in which nothing comes through."""

    from_s: Seconds
    """Seconds since the link was opened, which is when the run begins."""
    for_s: Seconds | None = None
    """Left out: for good."""


class LinkModel(Strict):
    """What the links of a drone do to frames."""

    drone: Id | None = None
    """Left out: every drone."""
    direction: Literal["both", "to_drone", "to_ground"] = "both"
    loss: Share = 0.0
    duplicate: Share = 0.0
    reorder: Share = 0.0
    corrupt: Share = 0.0
    delay_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    jitter_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    rate_bytes_per_s: Figure | None = None
    outages: list[OutageModel] = Field(default=[])


# Fleet and actions


class FleetDroneModel(Strict):
    """A drone without a mission."""

    id: Id
    model: Text = "quad-generic"
    """From the shipped table."""
    position: PointModel
    elevation_amsl_m: Annotated[float, Field(ge=-500, le=9000)] = 0.0


class ActionModel(Strict):
    """What a drone is told, one after the other."""

    drone: Id
    do: Literal["takeoff", "goto", "patrol", "wait", "mode", "return", "land", "set", "await_landing"]
    altitude_m: Height | None = None
    """Above home: takeoff, goto, patrol."""
    position: PointModel | None = None
    """goto."""
    path: list[PointModel] | None = None
    """patrol: a mission of these waypoints, then RTL."""
    for_s: Seconds | None = None
    """wait."""
    mode: Text | None = None
    """mode: LOITER, RTL, ..."""
    name: Text | None = None
    """set: an ArduCopter parameter ..."""
    value: Annotated[float, Field(ge=-1e9, le=1e9)] | None = None
    """... and its value."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for key in NEEDS[self.do]:
            if getattr(self, key) is None:
                raise refuse(f"'{self.do}' needs {key}", f"add '{key}:'")
        return self


NEEDS: dict[str, tuple[str, ...]] = {
    "takeoff": ("altitude_m",),
    "goto": ("position", "altitude_m"),
    "patrol": ("path", "altitude_m"),
    "wait": ("for_s",),
    "mode": ("mode",),
    "return": (),
    "land": (),
    "set": ("name", "value"),
    "await_landing": (),
}


Parameters = dict[str, Annotated[float, Field(ge=-1e9, le=1e9)]]


class ScenarioModel(Strict):
    """A rehearsal of a mission or a fleet under given conditions."""

    dronepatrol: Literal[1]
    """Version of the format."""
    name: Text
    description: str = ""
    mission: Text | None = None
    """A mission file, relative to this one ..."""
    date: Text | None = None
    """... and the day to fly it on, like 2026-09-14; left out: the mission's own."""
    fleet: Annotated[list[FleetDroneModel], Field(min_length=1)] | None = None
    """Or drones without a mission ..."""
    actions: list[ActionModel] = Field(default=[])
    """... and what they are told."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Of everything random."""
    clock: Literal["virtual", "wall"] | Speed = "virtual"
    """virtual, wall, or a number: times the wall clock."""
    limit_min: Figure = 30.0
    """Longest time the actions may take."""
    parameters: Parameters = Field(default={})
    """ArduCopter parameters of all drones."""
    drone_parameters: dict[Id, Parameters] = Field(default={})
    """ArduCopter parameters by drone."""
    weather: WeatherModel | None = None
    faults: list[AnyFault] = Field(default=[])
    links: list[LinkModel] = Field(default=[])
    expect: list[AnyExpectation] = Field(default=[])

    @model_validator(mode="after")
    def _mission_or_fleet(self) -> Self:
        if (self.mission is None) == (self.fleet is None):
            raise refuse("needs a mission or a fleet", "give one of 'mission:' and 'fleet:'")
        if self.mission is not None and self.actions:
            raise refuse("has actions beside a mission", "actions belong to a fleet without a mission")
        return self
