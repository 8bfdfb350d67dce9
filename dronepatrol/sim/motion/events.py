"""What a simulated pilot reports: one small class for each kind of event."""

from __future__ import annotations

from dataclasses import dataclass

from .commands import Mode, ModeReason


@dataclass(frozen=True, slots=True)
class Text:
    """A text for the ground station; severity as MAV_SEVERITY (2 critical, 4 warning, 6 info)."""

    severity: int
    text: str


@dataclass(frozen=True, slots=True)
class ItemStarted:
    """A mission item began."""

    seq: int
    command: int


@dataclass(frozen=True, slots=True)
class ItemReached:
    """A mission item is complete. Items completed in one step come one after the other, in mission order."""

    seq: int


@dataclass(frozen=True, slots=True)
class MissionEnded:
    """The mission has no more items; the vehicle hovers."""


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The mode is now `mode`."""

    mode: Mode
    reason: ModeReason


@dataclass(frozen=True, slots=True)
class Armed:
    """The motors turn."""


@dataclass(frozen=True, slots=True)
class Disarmed:
    """The motors stand; `forced` when it was not the pilot's own doing after landing."""

    forced: bool = False


@dataclass(frozen=True, slots=True)
class LiftOff:
    """The vehicle left the ground."""


@dataclass(frozen=True, slots=True)
class TouchDown:
    """The vehicle met the ground at a rate of descent in m/s."""

    speed_mps: float


@dataclass(frozen=True, slots=True)
class CameraTrigger:
    """One picture; `by_distance` when the distance flown asked for it."""

    by_distance: bool


@dataclass(frozen=True, slots=True)
class VideoStarted:
    """Recording began."""

    camera: int = 0


@dataclass(frozen=True, slots=True)
class VideoStopped:
    """Recording ended."""

    camera: int = 0


@dataclass(frozen=True, slots=True)
class ServoSet:
    """A servo output was set to a pulse width."""

    channel: int
    pwm_us: int


@dataclass(frozen=True, slots=True)
class RelaySet:
    """A relay was switched."""

    relay: int
    on: bool


@dataclass(frozen=True, slots=True)
class GripperSet:
    """A gripper was opened or closed."""

    gripper: int
    grab: bool


@dataclass(frozen=True, slots=True)
class GimbalSet:
    """The gimbal's wanted attitude; `yaw_deg` is from the nose unless `earth_frame`."""

    pitch_deg: float
    roll_deg: float = 0.0
    yaw_deg: float = 0.0
    earth_frame: bool = False


@dataclass(frozen=True, slots=True)
class RoiSet:
    """What nose and camera look at, or None: latitude, longitude (1e-7 degree), AMSL height (m)."""

    place: tuple[int, int, float] | None


@dataclass(frozen=True, slots=True)
class HomeSet:
    """Home moved to latitude, longitude (1e-7 degree) and AMSL height in metres."""

    lat_e7: int
    lon_e7: int
    altitude_amsl_m: float


@dataclass(frozen=True, slots=True)
class FenceSwitched:
    """A mission item switched the fence (0 off, 1 on, 2 floor off)."""

    setting: int


Event = (
    Text
    | ItemStarted
    | ItemReached
    | MissionEnded
    | ModeChanged
    | Armed
    | Disarmed
    | LiftOff
    | TouchDown
    | CameraTrigger
    | VideoStarted
    | VideoStopped
    | ServoSet
    | RelaySet
    | GripperSet
    | GimbalSet
    | RoiSet
    | HomeSet
    | FenceSwitched
)
