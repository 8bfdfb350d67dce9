"""What ArduPilot and PX4 do differently, in one place.

`autopilot_for` looks at a heartbeat and an AUTOPILOT_VERSION and returns what is to be done for this one.
What it lacks is an error before anything is sent. Sources: for ArduCopter, recordings of 4.7-dev; for PX4,
its documentation (https://docs.px4.io/main/en/mavlink/) and `px4_custom_mode.h` of 1.15.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

from dronepatrol.errors import UnsupportedByAutopilotError
from dronepatrol.mavlink.dialect import Message, dialect
from dronepatrol.mavlink.item_rules import MissionResult
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import ardupilot_keeps, px4_keeps
from dronepatrol.mavlink.modes import CopterMode, mode_name
from dronepatrol.mavlink.parameter_values import ParameterEncoding

_CUSTOM_MODE = dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
_FENCE = dialect.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
_RALLY = dialect.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
_BYTEWISE = dialect.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE
_MISSION_INT = dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT

MULTIROTORS = frozenset(
    {
        dialect.MAV_TYPE_QUADROTOR,
        dialect.MAV_TYPE_COAXIAL,
        dialect.MAV_TYPE_HEXAROTOR,
        dialect.MAV_TYPE_OCTOROTOR,
        dialect.MAV_TYPE_TRICOPTER,
        dialect.MAV_TYPE_DODECAROTOR,
        dialect.MAV_TYPE_DECAROTOR,
    }
)
"""MAV_TYPE of what can be flown by this package."""


class Intent(Enum):
    """What a mode is wanted for, whatever the autopilot calls it."""

    MISSION = "fly the mission"
    GUIDED = "fly to targets one by one"
    HOLD = "stay where it is"
    RETURN = "return home and land"
    LAND = "land here"


@dataclass(frozen=True, slots=True)
class CommandOrder:
    """A command with its parameters, ready for `dronepatrol.mavlink.command.Command`."""

    command: int
    params: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """Version of an autopilot's firmware; compares as expected."""

    major: int
    minor: int
    patch: int

    @classmethod
    def from_message(cls, message: Message) -> Version:
        """Return the version in an AUTOPILOT_VERSION."""
        number = message.flight_sw_version
        return cls(number >> 24 & 0xFF, number >> 16 & 0xFF, number >> 8 & 0xFF)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def at_least(self, major: int, minor: int = 0) -> bool:
        """Tell whether it is this version or a later one."""
        return (self.major, self.minor) >= (major, minor)


@dataclass(frozen=True, slots=True)
class Autopilot(ABC):
    """What an autopilot wants to be asked, and how; subclasses say what differs.

    Attributes
    ----------
    capabilities
        MAV_PROTOCOL_CAPABILITY bits, or None if it never told them.
    version
        Of its firmware, or None.
    """

    capabilities: int | None = None
    version: Version | None = None

    name: ClassVar[str]
    home_is_item_0: ClassVar[bool]
    """Whether a mission on the wire begins with home."""
    download_window: ClassVar[int]
    """Items that may be asked for at a time in a download."""
    default_encoding: ClassVar[ParameterEncoding]
    intents: ClassVar[Mapping[Intent, str]]
    """Name of the mode for each purpose."""

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name} {self.version}"

    # Modes

    @abstractmethod
    def mode_name(self, custom_mode: int) -> str:
        """Return the name of the custom mode of a heartbeat."""

    @abstractmethod
    def custom_mode(self, name: str) -> int:
        """Return the custom mode that a heartbeat shows for a name.

        Raises
        ------
        UnsupportedByAutopilotError
            It has no such mode.
        """

    @abstractmethod
    def mode_order(self, name: str) -> CommandOrder:
        """Return the command that switches to a mode.

        Raises
        ------
        UnsupportedByAutopilotError
            It has no such mode.
        """

    def mode_for(self, intent: Intent) -> str:
        """Return the name of the mode for a purpose."""
        return self.intents[intent]

    def is_in(self, intent: Intent, custom_mode: int) -> bool:
        """Tell whether a heartbeat shows the mode for a purpose."""
        return self.mode_name(custom_mode) == self.intents[intent]

    # Flight

    @abstractmethod
    def takeoff_orders(self, altitude_home_m: float, home_amsl_m: float | None) -> tuple[CommandOrder, ...]:
        """Return the commands that take an armed vehicle off to an altitude above home.

        Parameters
        ----------
        home_amsl_m
            Altitude of home, which some autopilots need.

        Raises
        ------
        UnsupportedByAutopilotError
            It needs the altitude of home, which is not known.
        """

    @abstractmethod
    def start_orders(self) -> tuple[CommandOrder, ...]:
        """Return the commands that start the uploaded mission on an armed vehicle."""

    # Lists of items

    @abstractmethod
    def keeps(self, item: WireItem, mission_type: MissionType) -> WireItem | MissionResult:
        """Return an item as it keeps it, or why it refuses it; see `dronepatrol.mavlink.kept`."""

    def wire_items(self, items: Sequence[WireItem]) -> tuple[WireItem, ...]:
        """Return a mission whose item 0 is home as this autopilot wants it on the wire."""
        kept = items if self.home_is_item_0 else items[1:]
        return tuple(
            self._renumbered(item, 0 if self.home_is_item_0 else 1).numbered(seq)
            for seq, item in enumerate(kept)
        )

    def plan_index(self, wire_seq: int) -> int:
        """Return the index in a mission with home as item 0 for a sequence number on the wire."""
        return wire_seq if self.home_is_item_0 else wire_seq + 1

    @staticmethod
    def _renumbered(item: WireItem, shift: int) -> WireItem:
        """Let a jump find its target although home is gone."""
        if item.command != dialect.MAV_CMD_DO_JUMP:
            return item
        target, times, c, d = item.params
        return replace(item, params=(target - shift, times, c, d))

    def require(self, mission_type: MissionType) -> None:
        """Raise unless it takes a list of this type.

        Raises
        ------
        UnsupportedByAutopilotError
            Its capability bits say that it does not, or it is known not to.
        """
        bit = {MissionType.FENCE: _FENCE, MissionType.RALLY: _RALLY}.get(mission_type)
        if bit is not None and not self._has(bit):
            kind = {MissionType.FENCE: "fences", MissionType.RALLY: "rally points"}[mission_type]
            raise UnsupportedByAutopilotError(
                f"{self} takes no {kind} by the mission protocol (capability bit {bit} is not set); "
                "update its firmware, or draw them with its own tool"
            )
        if not self._has(_MISSION_INT):
            raise UnsupportedByAutopilotError(
                f"{self} takes no MISSION_ITEM_INT, and in single precision positions are metres off; "
                "update its firmware"
            )

    def _has(self, bit: int) -> bool:
        """Tell whether a capability is there; one that never told its capabilities is taken at its best."""
        return self.capabilities is None or bool(self.capabilities & bit)

    # Parameters

    @property
    def parameter_encoding(self) -> ParameterEncoding:
        """How integers travel, by the capability bits if they say so."""
        if self.capabilities is not None and self.capabilities & _BYTEWISE:
            return ParameterEncoding.BYTEWISE
        return self.default_encoding


@dataclass(frozen=True, slots=True)
class ArduCopter(Autopilot):
    """ArduPilot's multirotor firmware."""

    name = "ArduCopter"
    home_is_item_0 = True
    download_window = 8
    default_encoding = ParameterEncoding.CAST
    # BRAKE and not LOITER holds: LOITER obeys the throttle stick, which is at its bottom or absent.
    intents: ClassVar[Mapping[Intent, str]] = {
        Intent.MISSION: "AUTO",
        Intent.GUIDED: "GUIDED",
        Intent.HOLD: "BRAKE",
        Intent.RETURN: "RTL",
        Intent.LAND: "LAND",
    }

    def keeps(self, item: WireItem, mission_type: MissionType) -> WireItem | MissionResult:
        """Return an item as ArduCopter keeps it, or why it refuses it."""
        return ardupilot_keeps(item, mission_type)

    def mode_name(self, custom_mode: int) -> str:
        """Return the name of a mode number."""
        return mode_name(custom_mode)

    def custom_mode(self, name: str) -> int:
        """Return the mode number of a name."""
        try:
            return int(CopterMode[name.upper()])
        except KeyError:
            raise _no_mode(self, name, [mode.name for mode in CopterMode]) from None

    def mode_order(self, name: str) -> CommandOrder:
        """Return the command that switches to a mode."""
        return CommandOrder(dialect.MAV_CMD_DO_SET_MODE, (float(_CUSTOM_MODE), float(self.custom_mode(name))))

    def takeoff_orders(self, altitude_home_m: float, home_amsl_m: float | None) -> tuple[CommandOrder, ...]:
        """Return GUIDED and NAV_TAKEOFF, whose altitude is above home."""
        takeoff = CommandOrder(dialect.MAV_CMD_NAV_TAKEOFF, (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, altitude_home_m))
        return self.mode_order("GUIDED"), takeoff

    def start_orders(self) -> tuple[CommandOrder, ...]:
        """Return MISSION_START from the first item: AUTO itself does not take off (AUTO_OPTIONS 0)."""
        return (
            CommandOrder(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, (1.0,)),
            CommandOrder(dialect.MAV_CMD_MISSION_START),
        )


_PX4_MAIN = {1: "MANUAL", 2: "ALTCTL", 3: "POSCTL", 5: "ACRO", 6: "OFFBOARD", 7: "STABILIZED", 8: "RATTITUDE"}
_PX4_AUTO_MAIN = 4
_PX4_AUTO = {
    1: "AUTO.READY",
    2: "AUTO.TAKEOFF",
    3: "AUTO.LOITER",
    4: "AUTO.MISSION",
    5: "AUTO.RTL",
    6: "AUTO.LAND",
    8: "AUTO.FOLLOW_TARGET",
    9: "AUTO.PRECLAND",
    10: "AUTO.VTOL_TAKEOFF",
}
_PX4_NUMBERS: Mapping[str, tuple[int, int]] = {
    **{name: (main, 0) for main, name in _PX4_MAIN.items()},
    **{name: (_PX4_AUTO_MAIN, sub) for sub, name in _PX4_AUTO.items()},
}
"""Main and sub mode by name (`PX4_CUSTOM_MAIN_MODE` and `PX4_CUSTOM_SUB_MODE_AUTO`)."""


@dataclass(frozen=True, slots=True)
class Px4(Autopilot):
    """PX4 on a multirotor."""

    name = "PX4"
    home_is_item_0 = False
    download_window = 1
    default_encoding = ParameterEncoding.BYTEWISE
    intents: ClassVar[Mapping[Intent, str]] = {
        Intent.MISSION: "AUTO.MISSION",
        Intent.GUIDED: "AUTO.LOITER",
        Intent.HOLD: "AUTO.LOITER",
        Intent.RETURN: "AUTO.RTL",
        Intent.LAND: "AUTO.LAND",
    }

    def keeps(self, item: WireItem, mission_type: MissionType) -> WireItem | MissionResult:
        """Return an item as PX4 keeps it."""
        return px4_keeps(item, mission_type)

    def mode_name(self, custom_mode: int) -> str:
        """Return the name of a custom mode: main mode in bits 16 to 23, sub mode in bits 24 to 31."""
        main, sub = custom_mode >> 16 & 0xFF, custom_mode >> 24 & 0xFF
        name = _PX4_AUTO.get(sub) if main == _PX4_AUTO_MAIN else _PX4_MAIN.get(main)
        return name or f"mode {main}.{sub}"

    def custom_mode(self, name: str) -> int:
        """Return the custom mode of a name."""
        main, sub = self._numbers(name)
        return main << 16 | sub << 24

    def _numbers(self, name: str) -> tuple[int, int]:
        numbers = _PX4_NUMBERS.get(name.upper())
        if numbers is None:
            raise _no_mode(self, name, list(_PX4_NUMBERS))
        return numbers

    def mode_order(self, name: str) -> CommandOrder:
        """Return the command that switches to a mode: main and sub mode are parameters of their own."""
        main, sub = self._numbers(name)
        return CommandOrder(dialect.MAV_CMD_DO_SET_MODE, (float(_CUSTOM_MODE), float(main), float(sub)))

    def takeoff_orders(self, altitude_home_m: float, home_amsl_m: float | None) -> tuple[CommandOrder, ...]:
        """Return NAV_TAKEOFF, whose altitude is above the sea; NaN stands for "here" and "as it is"."""
        if home_amsl_m is None:
            raise UnsupportedByAutopilotError(
                f"{self} wants the altitude of take-off above the sea, and home is not known yet; "
                "wait for HOME_POSITION"
            )
        nan = math.nan
        params = (-1.0, 0.0, 0.0, nan, nan, nan, home_amsl_m + altitude_home_m)
        return (CommandOrder(dialect.MAV_CMD_NAV_TAKEOFF, params),)

    def start_orders(self) -> tuple[CommandOrder, ...]:
        """Return the first item's choice and the switch to AUTO.MISSION, which takes off by itself."""
        return (
            CommandOrder(dialect.MAV_CMD_DO_SET_MISSION_CURRENT, (0.0,)),
            self.mode_order("AUTO.MISSION"),
        )


def _no_mode(autopilot: Autopilot, name: str, known: Sequence[str]) -> UnsupportedByAutopilotError:
    return UnsupportedByAutopilotError(f"{autopilot} has no mode {name}; it has {', '.join(sorted(known))}")


def autopilot_for(heartbeat: Message, version: Message | None = None) -> Autopilot:
    """Return what is to be done for the autopilot behind a heartbeat.

    Parameters
    ----------
    heartbeat
        Its HEARTBEAT.
    version
        Its AUTOPILOT_VERSION, or None if it does not answer; it is then taken at its best.

    Raises
    ------
    UnsupportedByAutopilotError
        It is neither ArduPilot nor PX4, or flies no multirotor.
    """
    kind = {dialect.MAV_AUTOPILOT_ARDUPILOTMEGA: ArduCopter, dialect.MAV_AUTOPILOT_PX4: Px4}.get(
        heartbeat.autopilot
    )
    if kind is None:
        raise UnsupportedByAutopilotError(
            f"{_enum_name('MAV_AUTOPILOT', heartbeat.autopilot)} is not supported; ArduPilot and PX4 are"
        )
    if heartbeat.type not in MULTIROTORS:
        raise UnsupportedByAutopilotError(
            f"the vehicle is of type {_enum_name('MAV_TYPE', heartbeat.type)}, which is no multirotor"
        )
    if version is None:
        return kind()
    return kind(int(version.capabilities), Version.from_message(version))


def _enum_name(enum: str, number: int) -> str:
    known = dialect.enums[enum].get(number)
    return str(known.name) if known else f"{enum} {number}"
