"""The mission file as Pydantic models; their docstrings become the descriptions of the JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

FORMAT_VERSION = 1

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

_POLYGON = {"type": "object", "required": ["type"], "description": "GeoJSON Polygon, MultiPolygon or Feature"}
_REFERENCE = {
    "type": "string",
    "pattern": "#",
    "description": "a feature of a GeoJSON file: areas.geojson#id",
}

Id = Annotated[
    str,
    Field(
        pattern=ID_PATTERN, description="Letters, digits, '.', '_' and '-'; it becomes part of file names."
    ),
]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Figure = Annotated[float, Field(gt=0, le=1e6)]
Speed = Annotated[float, Field(gt=0, le=100)]
Height = Annotated[float, Field(gt=0, le=10_000)]
Area = Annotated[
    Any,
    Field(
        description="The ground: a GeoJSON Polygon or MultiPolygon (longitude first, WGS84 degrees), "
        "or a reference to a feature of a GeoJSON file beside the mission file.",
        examples=["areas.geojson#ressun-lukio"],
        json_schema_extra={"anyOf": [_REFERENCE, _POLYGON]},
    ),
]


def _refuse(message: str, remedy: str) -> PydanticCustomError:
    """Return the error that the reader of the file sees with its remedy."""
    return PydanticCustomError("refused", "{message}", {"message": message, "remedy": remedy})


class Strict(BaseModel):
    """Base of all parts of the file: exact types, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def _point_schema(schema: dict[str, Any]) -> None:
    """Let the JSON Schema accept the short form too."""
    full = {key: schema.pop(key) for key in ("type", "properties", "required", "additionalProperties")}
    short = {
        "type": "array",
        "prefixItems": [full["properties"]["lon"], full["properties"]["lat"]],
        "minItems": 2,
        "maxItems": 2,
    }
    schema["anyOf"] = [short, full]


class PointModel(Strict):
    """A place: [lon, lat] in degrees, or {lon: ..., lat: ...}."""

    model_config = ConfigDict(json_schema_extra=_point_schema)

    lon: Annotated[float, Field(ge=-180, le=180)]
    """Longitude in degrees, east positive."""
    lat: Annotated[float, Field(ge=-90, le=90)]
    """Latitude in degrees, north positive."""

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        if len(value) != 2:
            raise _refuse(f"has {len(value)} numbers", "write [longitude, latitude]")
        return {"lon": value[0], "lat": value[1]}


class WindowModel(Strict):
    """A span of time: local times of the mission's day, or full date-times."""

    start: Annotated[str, Field(examples=["07:40"])]
    """Begin: HH:MM or HH:MM:SS on the mission's day, or a date-time, local or with its offset from UTC."""
    end: Annotated[str, Field(examples=["08:20"])]
    """End, later than the start; 24:00 is midnight at the end of the day."""


class BatteryModel(Strict):
    """Energy on board and what flight draws from it."""

    capacity_wh: Figure | None = None
    """Usable energy from full to empty."""
    hover_power_w: Figure | None = None
    """Electrical power while hovering; replaces endurance_min."""
    cruise_power_w: Figure | None = None
    """Electrical power at cruise speed; as much as hovering if left out."""
    climb_power_w: Figure | None = None
    """Electrical power while climbing at climb_mps; 1.5 times hovering if left out."""


class DroneModelModel(Strict):
    """A type of drone: changes one of the shipped table, or adds one."""

    extends: str | None = None
    """The model whose figures hold where this one says nothing: shipped, or further up in this file."""
    name: Text | None = None
    """What people call it."""
    cruise_speed_mps: Speed | None = None
    """Speed over ground flown on legs."""
    max_speed_mps: Speed | None = None
    """The most the airframe makes."""
    climb_mps: Speed | None = None
    """Vertical speed up."""
    descent_mps: Speed | None = None
    """Vertical speed down, positive."""
    acceleration_mps2: Annotated[float, Field(gt=0, le=50)] | None = None
    """Horizontal acceleration on legs."""
    wind_limit_mps: Speed | None = None
    """Strongest wind it may fly in."""
    endurance_min: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Quoted flight time from full to empty; the powers are derived from it and marked as assumed."""
    battery: BatteryModel | None = None
    """Measured energy and powers, instead of endurance_min."""
    cameras: Annotated[list[str], Field(min_length=1)] | None = None
    """Ids of the cameras it carries; the first is used unless a task names another."""
    source: str | None = None
    """Where the figures come from, with doubts named."""

    @model_validator(mode="after")
    def _one_energy_rule(self) -> Self:
        if (
            self.endurance_min is not None
            and self.battery is not None
            and self.battery.hover_power_w is not None
        ):
            raise _refuse("gives both endurance_min and battery.hover_power_w", "keep the measured one")
        if self.battery is not None and self.battery.hover_power_w is None:
            for key in ("cruise_power_w", "climb_power_w"):
                if getattr(self.battery, key) is not None:
                    raise _refuse(f"gives battery.{key} without battery.hover_power_w", "give both")
        return self


class CameraModel(Strict):
    """A camera as a pinhole: changes one of the shipped table, or adds one."""

    name: Text | None = None
    """What people call it."""
    sensor_width_mm: Annotated[float, Field(gt=0, le=200)] | None = None
    """Active width of the sensor; it lies across the flight direction."""
    sensor_height_mm: Annotated[float, Field(gt=0, le=200)] | None = None
    """Active height of the sensor."""
    focal_length_mm: Annotated[float, Field(gt=0, le=5000)] | None = None
    """Real focal length, not the 35 mm equivalent."""
    image_width_px: Annotated[int, Field(gt=0, le=100_000)] | None = None
    """Pixels across a full picture."""
    image_height_px: Annotated[int, Field(gt=0, le=100_000)] | None = None
    """Pixels along a full picture."""
    min_interval_s: Annotated[float, Field(ge=0, le=3600)] | None = None
    """Shortest time between two pictures."""
    source: str | None = None
    """Where the figures come from, with doubts named."""


class DroneEntry(Strict):
    """One aircraft."""

    id: Id
    """Its name in plans and its log file."""
    model: Annotated[str, Field(examples=["m4td"])]
    """A model of the shipped table or of drone_models."""


class StationModel(Strict):
    """A fixed base with drones and a launch point."""

    id: Id
    """Unique among stations."""
    name: Text | None = None
    """What people call it; the id if left out."""
    position: PointModel
    """The launch point."""
    elevation_amsl_m: Annotated[float, Field(ge=-500, le=9000)] = 0.0
    """Height of the launch point above mean sea level."""
    turnaround_min: Annotated[float, Field(ge=0, le=1440)] = 30.0
    """From landing until the same drone can launch again with a full battery."""
    drones: Annotated[list[DroneEntry], Field(min_length=1)]
    """The drones that live here."""


class ZoneModel(Strict):
    """Airspace with a rule."""

    id: Id
    """Unique among zones."""
    name: Text | None = None
    """What people call it; the id if left out."""
    kind: Literal["keep_out", "keep_in"]
    """keep_out: never fly inside. keep_in: never fly outside."""
    area: Area
    floor_agl_m: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    """The rule holds from this height above ground."""
    ceiling_agl_m: Height | None = None
    """The rule holds below this height above ground; unlimited if left out."""
    active: list[WindowModel] = []
    """Times when the rule holds; always if left out."""
    illustrative: bool = False
    """True for a zone drawn for demonstration that restricts nobody."""

    @model_validator(mode="after")
    def _band(self) -> Self:
        if self.ceiling_agl_m is not None and self.ceiling_agl_m <= self.floor_agl_m:
            raise _refuse(
                f"ceiling_agl_m {self.ceiling_agl_m:g} is not above floor_agl_m {self.floor_agl_m:g}",
                "swap them",
            )
        return self


def _zone_form(value: Any) -> str:
    """Tell a reference from a zone written out; anything else is reported as a faulty zone."""
    return "reference" if isinstance(value, str) else "zone"


ZoneEntry = Annotated[
    Annotated[ZoneModel, Tag("zone")]
    | Annotated[str, Field(json_schema_extra={"pattern": "#"}), Tag("reference")],
    Discriminator(_zone_form),
]


class AirspaceModel(Strict):
    """Rules that hold for the whole mission."""

    ceiling_agl_m: Height = 120.0
    """No leg is flown higher above ground."""
    zone_margin_m: Annotated[float, Field(ge=0, le=10_000)] = 10.0
    """Distance kept from the edge of every zone."""
    zones: list[ZoneEntry] = []
    """Zones written here, or references to GeoJSON features (their properties say kind and band)."""


class PhotoModel(Strict):
    """Take pictures while sweeping."""

    front_overlap: Annotated[float, Field(ge=0, le=0.95)] | None = None
    """Share that a picture has in common with the one before; 0.7 if nothing is said."""
    spacing_m: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Distance between pictures, instead of front_overlap."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if self.front_overlap is not None and self.spacing_m is not None:
            raise _refuse("gives both front_overlap and spacing_m", "keep one")
        return self


class VideoModel(Strict):
    """Record video from the first sweep to the last."""


def _action_schema(schema: dict[str, Any]) -> None:
    full = {key: schema.pop(key) for key in ("type", "properties", "additionalProperties")}
    schema["anyOf"] = [{"enum": ["photo", "video"]}, {**full, "minProperties": 1, "maxProperties": 1}]


class ActionModel(Strict):
    """What the camera does: 'photo', 'video', or photo with its settings."""

    model_config = ConfigDict(json_schema_extra=_action_schema)

    photo: PhotoModel | None = None
    """Take pictures while sweeping."""
    video: VideoModel | None = None
    """Record video from the first sweep to the last."""

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = {value: {}}
        if not isinstance(value, dict):
            return value
        if len(value) != 1:
            raise _refuse(f"names {len(value)} actions in one entry", "give each action its own list entry")
        return {key: {} if settings is None else settings for key, settings in value.items()}


class AreaTaskModel(Strict):
    """An area to be seen whole."""

    id: Id
    """Unique among tasks."""
    name: Text | None = None
    """What people call it; the id if left out."""
    area: Area
    altitude_agl_m: Height | None = None
    """Height of the sweeps above ground; or say ground_sampling_distance_cm."""
    ground_sampling_distance_cm: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Ground that one pixel may cover; the altitude follows from the camera."""
    overlap: Annotated[float, Field(ge=0, le=0.95)] | None = None
    """Share that neighbouring sweeps have in common; 0.3 if nothing is said."""
    track_spacing_m: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Distance between neighbouring sweeps, instead of overlap."""
    passes: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many times the area is swept, one after the other."""
    windows: list[WindowModel] = []
    """The task is flown once inside each window; once at any time if left out."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Higher is planned first."""
    camera: str | None = None
    """Id of the camera to use; each drone's first one if left out."""
    actions: list[ActionModel] = []
    """What the camera does during the sweeps."""

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if (self.altitude_agl_m is None) == (self.ground_sampling_distance_cm is None):
            both = "neither" if self.altitude_agl_m is None else "both"
            raise _refuse(f"gives {both} of altitude_agl_m and ground_sampling_distance_cm", "give one")
        if self.overlap is not None and self.track_spacing_m is not None:
            raise _refuse("gives both overlap and track_spacing_m", "keep one")
        return self


class SchoolZoneModel(AreaTaskModel):
    """The surroundings of a school: its ground with the gates and crossings around it."""

    kind: Literal["school_zone"]
    """What is watched."""


class EventAreaModel(AreaTaskModel):
    """A square, park or stadium where people gather."""

    kind: Literal["event_area"]
    """What is watched."""


TaskModel = Annotated[SchoolZoneModel | EventAreaModel, Field(discriminator="kind")]


def _whole_number(value: Any) -> Any:
    """Keep ``true`` and ``1.0`` from passing as version 1, to which Python holds them equal."""
    if type(value) is int:
        return value
    raise _refuse(f"version {value!r} of the format is not known", "write 'dronepatrol: 1'")


class MissionModel(Strict):
    """A dronepatrol mission: what stations want watched, by which drones, when and under which rules."""

    dronepatrol: Annotated[Literal[1], BeforeValidator(_whole_number)]
    """Version of this format."""
    name: Text
    """What people call the mission."""
    time_zone: Annotated[str, Field(examples=["Europe/Helsinki"])]
    """IANA time zone of all local times in this file."""
    date: Annotated[str, Field(examples=["2026-09-14"])] | None = None
    """Local day the windows refer to; today if left out."""
    stations: Annotated[list[StationModel], Field(min_length=1)]
    """Bases and their drones."""
    drone_models: dict[str, DroneModelModel] = {}
    """Drone models by id, on top of the shipped table."""
    cameras: dict[str, CameraModel] = {}
    """Cameras by id, on top of the shipped table."""
    airspace: AirspaceModel = AirspaceModel()
    """Ceiling and zones."""
    transit_altitude_agl_m: Height = 60.0
    """Height flown between stations and tasks."""
    reserve: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    """Share of the battery that must be left at landing."""
    layers: list[str] = []
    """GeoJSON files drawn under plans and replays, in order."""
    tasks: Annotated[list[TaskModel], Field(min_length=1)]
    """What is to be watched."""


def mission_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of mission files, for editors that complete and check them."""
    schema = MissionModel.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "dronepatrol mission",
    }
