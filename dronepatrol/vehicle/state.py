"""What is known of a vehicle, in SI units."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.framing import Frame
from dronepatrol.mavlink.modes import mode_name
from dronepatrol.model.position import Position
from dronepatrol.vehicle.readings import (
    MAKERS,
    AttitudeReading,
    BatteryReading,
    EstimatorReading,
    GpsReading,
    HealthReading,
    HomeReading,
    MissionReading,
    PositionReading,
    Reading,
    StatusReading,
    Triple,
    status_reading,
)

R = TypeVar("R", bound=Reading)
_NOWHERE: Triple = (math.nan, math.nan, math.nan)
_NUMBERS = {kind.msgname: number for number, kind in dialect.mavlink_map.items()}
MOST_TEXTS = 1000
"""Texts and reached items kept; the oldest go first."""


def message_number(name: str) -> int:
    """Return the message id of a name such as ``"ATTITUDE"``.

    Raises
    ------
    ValueError
        The dialect has no such message.
    """
    try:
        return int(_NUMBERS[name.upper()])
    except KeyError:
        raise ValueError(f"{name!r} is no message of the dialect") from None


@dataclass(frozen=True, slots=True)
class VehicleSnapshot:
    """Everything known of a vehicle at one moment; None where nothing was heard yet.

    Attributes
    ----------
    taken_s
        Loop time of the moment; `Reading.age_s` tells how old each part was then.
    link_up
        Whether the vehicle was being heard.
    """

    taken_s: float
    system: int
    link_up: bool
    status: StatusReading | None
    position: PositionReading | None
    attitude: AttitudeReading | None
    battery: BatteryReading | None
    gps: GpsReading | None
    estimator: EstimatorReading | None
    health: HealthReading | None
    mission: MissionReading | None
    home: HomeReading | None


class VehicleState:
    """The last value heard of everything; NaN or None where nothing was heard yet.

    A message is taken apart when somebody looks, so that what nobody reads costs nothing.

    Parameters
    ----------
    name_mode
        What the autopilot calls a custom mode.

    Attributes
    ----------
    reached
        Items reported as reached, in order.
    texts
        Severity (MAV_SEVERITY) and text of every status text, in order.
    """

    def __init__(self, name_mode: Callable[[int], str] = mode_name) -> None:
        self._name_mode = name_mode
        self.reached: list[int] = []
        self.texts: list[tuple[int, str]] = []
        self._latest: dict[int, tuple[Frame, float]] = {}
        self._made: dict[type[Reading], tuple[Frame, Reading]] = {}

    def take(self, frame: Frame, heard_s: float) -> None:
        """Note one frame of the vehicle's autopilot."""
        number = frame.number
        self._latest[number] = (frame, heard_s)
        if number == dialect.MAVLINK_MSG_ID_MISSION_ITEM_REACHED:
            _append(self.reached, frame.message.seq)

    def add_text(self, severity: int, text: str) -> None:
        """Note a status text."""
        _append(self.texts, (severity, text))

    def forget(self) -> None:
        """Forget what was measured: the autopilot started again."""
        self._latest.clear()
        self._made.clear()

    def read(self, kind: type[R]) -> R | None:
        """Return the latest reading of a kind (see `dronepatrol.vehicle.readings`), None if not heard yet."""
        number, make = MAKERS[kind]
        entry = self._latest.get(number)
        if entry is None:
            return None
        frame, heard_s = entry
        made = self._made.get(kind)
        if made is None or made[0] is not frame:
            if kind is StatusReading:
                made = (frame, status_reading(frame.message, heard_s, self._name_mode))
            else:
                made = (frame, make(frame.message, heard_s))
            self._made[kind] = made
        return cast("R", made[1])

    def just_read(self, kind: type[R]) -> R:
        """Return a reading of a kind that has been heard."""
        reading = self.read(kind)
        assert reading is not None
        return reading

    def latest(self, name: str) -> Message | None:
        """Return the latest message of a type by its name, with MAVLink's own fields and units."""
        entry = self._latest.get(message_number(name))
        return None if entry is None else entry[0].message

    def snapshot(self, *, system: int, now_s: float, link_up: bool) -> VehicleSnapshot:
        """Return what is known now."""
        return VehicleSnapshot(
            now_s,
            system,
            link_up,
            self.read(StatusReading),
            self.read(PositionReading),
            self.read(AttitudeReading),
            self.read(BatteryReading),
            self.read(GpsReading),
            self.read(EstimatorReading),
            self.read(HealthReading),
            self.read(MissionReading),
            self.read(HomeReading),
        )

    # Single values, for code that decides by one of them

    @property
    def mode(self) -> str:
        """Flight mode by name; empty if not heard."""
        status = self.read(StatusReading)
        return "" if status is None else status.mode

    @property
    def custom_mode(self) -> int:
        """Flight mode by number; -1 if not heard."""
        status = self.read(StatusReading)
        return -1 if status is None else status.custom_mode

    @property
    def armed(self) -> bool:
        """Whether the motors may turn."""
        status = self.read(StatusReading)
        return status is not None and status.armed

    @property
    def system_status(self) -> int:
        """MAV_STATE of the heartbeat; 0 if not heard."""
        status = self.read(StatusReading)
        return 0 if status is None else status.system_status

    @property
    def position(self) -> Position | None:
        """Longitude and latitude."""
        reading = self.read(PositionReading)
        return None if reading is None else reading.position

    @property
    def altitude_home_m(self) -> float:
        """Altitude above home."""
        return self._number(PositionReading, "altitude_home_m")

    @property
    def altitude_amsl_m(self) -> float:
        """Altitude above mean sea level."""
        return self._number(PositionReading, "altitude_amsl_m")

    @property
    def velocity_ned_mps(self) -> Triple:
        """North, east, down."""
        reading = self.read(PositionReading)
        return _NOWHERE if reading is None else reading.velocity_ned_mps

    @property
    def heading_deg(self) -> float:
        """Clockwise from north."""
        return self._number(PositionReading, "heading_deg")

    @property
    def rpy_rad(self) -> Triple:
        """Roll, pitch, yaw."""
        reading = self.read(AttitudeReading)
        return _NOWHERE if reading is None else reading.rpy_rad

    @property
    def battery_left(self) -> float:
        """Share of the charge, 0 to 1."""
        return self._number(BatteryReading, "left")

    @property
    def battery_v(self) -> float:
        """Voltage."""
        return self._number(BatteryReading, "voltage_v")

    @property
    def battery_a(self) -> float:
        """Current."""
        return self._number(BatteryReading, "current_a")

    @property
    def gps_fix(self) -> int:
        """GPS_FIX_TYPE; 0 if not heard."""
        reading = self.read(GpsReading)
        return 0 if reading is None else reading.fix

    @property
    def mission_seq(self) -> int:
        """The item being flown."""
        reading = self.read(MissionReading)
        return 0 if reading is None else reading.seq

    @property
    def mission_state(self) -> int:
        """MISSION_STATE of the dialect."""
        reading = self.read(MissionReading)
        return 0 if reading is None else reading.state

    @property
    def position_ok(self) -> bool:
        """Whether the estimator has an absolute horizontal position and is not in constant-position mode."""
        reading = self.read(EstimatorReading)
        return reading is not None and reading.position_ok

    @property
    def prearm_ok(self) -> bool:
        """Whether the vehicle's own pre-arm checks pass."""
        reading = self.read(HealthReading)
        return reading is not None and reading.prearm_ok

    def _number(self, kind: type[Reading], name: str) -> float:
        reading = self.read(kind)
        return math.nan if reading is None else float(getattr(reading, name))


def _append(values: list[Any], value: Any) -> None:
    values.append(value)
    if len(values) > 2 * MOST_TEXTS:
        del values[:MOST_TEXTS]
