"""Faults in the scenario file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from dronepatrol.formats.mission.schema import Figure, Id, PointModel, Strict, Text
from dronepatrol.sim.scenario.schema_base import Seconds, Share, by_kind, refuse

Metres = Annotated[float, Field(ge=-1e6, le=1e6)]


class NearModel(Strict):
    """A place and how near to it."""

    position: PointModel
    radius_m: Figure = 20.0


class FaultModel(Strict):
    """Something that breaks, on one drone or on all, from a moment on, for ever or for a time."""

    drone: Id | None = None
    """Left out: every drone."""
    at_s: Seconds | None = None
    """Begins this long after the run began ..."""
    airborne_s: Seconds | None = None
    """... or after the drone's first lift-off ..."""
    near: NearModel | None = None
    """... or when the drone is at a place ..."""
    task: Id | None = None
    """... or when it starts a task."""
    after_s: Seconds = 0.0
    """Delay after the place or the task."""
    for_s: Seconds | None = None
    """How long it lasts."""

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        given = [self.at_s, self.airborne_s, self.near, self.task]
        if sum(value is not None for value in given) != 1:
            raise refuse(
                "needs exactly one moment to begin at", "give one of at_s, airborne_s, near and task"
            )
        return self


class GpsLossModel(FaultModel):
    """The receiver has no fix."""

    kind: Literal["gps_loss"]


class GpsGlitchModel(FaultModel):
    """The receiver's position is wrong by this much."""

    kind: Literal["gps_glitch"]
    north_m: Metres = 0.0
    east_m: Metres = 0.0
    up_m: Metres = 0.0


class GpsNoiseModel(FaultModel):
    """The receiver's position wanders with this standard deviation."""

    kind: Literal["gps_noise"]
    sigma_m: Annotated[float, Field(gt=0, le=100)]


class BaroDriftModel(FaultModel):
    """The barometer's height grows at this rate without reason."""

    kind: Literal["baro_drift"]
    rate_mps: Annotated[float, Field(ge=-10, le=10)]


class RcLossModel(FaultModel):
    """The radio control link is lost."""

    kind: Literal["rc_loss"]


class BatteryVoltageModel(FaultModel):
    """The voltage that is measured."""

    kind: Literal["battery_voltage"]
    voltage_v: Annotated[float, Field(ge=0, le=1000)]


class BatteryChargeModel(FaultModel):
    """The battery suddenly has this share of its charge left."""

    kind: Literal["battery_charge"]
    remaining: Share


class MotorLossModel(FaultModel):
    """A motor of a quadrotor gives only a share of its thrust."""

    kind: Literal["motor_loss"]
    motor: Annotated[int, Field(ge=1, le=4)] = 1
    thrust_left: Share = 0.0


class CompassModel(FaultModel):
    """Compasses are dead or disturbed."""

    kind: Literal["compass"]
    compasses: Annotated[list[Annotated[int, Field(ge=1, le=3)]], Field(min_length=1)] = Field(default=[1])
    disturbance_mgauss: Annotated[float, Field(gt=0, le=5000)] | None = None
    """Left out: they are dead."""


class VibrationModel(FaultModel):
    """The accelerometers shake; above 60 m/s2 they clip."""

    kind: Literal["vibration"]
    level_mps2: Annotated[float, Field(ge=0, le=1000)]


class ParameterFaultModel(FaultModel):
    """Any parameter takes a value."""

    kind: Literal["parameter"]
    name: Text
    value: Annotated[float, Field(ge=-1e9, le=1e9)]


AnyFault = Annotated[
    Annotated[GpsLossModel, Tag("gps_loss")]
    | Annotated[GpsGlitchModel, Tag("gps_glitch")]
    | Annotated[GpsNoiseModel, Tag("gps_noise")]
    | Annotated[BaroDriftModel, Tag("baro_drift")]
    | Annotated[RcLossModel, Tag("rc_loss")]
    | Annotated[BatteryVoltageModel, Tag("battery_voltage")]
    | Annotated[BatteryChargeModel, Tag("battery_charge")]
    | Annotated[MotorLossModel, Tag("motor_loss")]
    | Annotated[CompassModel, Tag("compass")]
    | Annotated[VibrationModel, Tag("vibration")]
    | Annotated[ParameterFaultModel, Tag("parameter")],
    by_kind(),
]
