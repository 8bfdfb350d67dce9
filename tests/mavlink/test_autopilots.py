"""What differs between ArduPilot and PX4."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dronepatrol.errors import UnsupportedByAutopilotError
from dronepatrol.mavlink.autopilots import ArduCopter, Autopilot, Intent, Px4, Version, autopilot_for
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import verify
from dronepatrol.mavlink.parameter_values import ParameterEncoding
from dronepatrol.sim.autopilot.identity import version_message

MISSION_INT, FENCE = (
    dialect.MAV_PROTOCOL_CAPABILITY_MISSION_INT,
    dialect.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE,
)
BYTEWISE = dialect.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE
ROUTE = [
    WireItem(0, 0, 16, x=300300000, y=1208700000, z=10.0),
    WireItem(1, 3, 22, z=20.0),
    WireItem(2, 3, 16, x=300301000, y=1208701000, z=20.0),
    WireItem(3, 2, 177, (2.0, 3.0, 0.0, 0.0)),
]


def heartbeat(autopilot: int, kind: int = dialect.MAV_TYPE_QUADROTOR) -> Any:
    """Return the heartbeat of a vehicle."""
    return dialect.MAVLink_heartbeat_message(kind, autopilot, 0, 0, 4, 3)


def version(capabilities: int, number: int = 1 << 24 | 15 << 16 | 4 << 8) -> Any:
    """Return an AUTOPILOT_VERSION."""
    return dialect.MAVLink_autopilot_version_message(
        capabilities, number, 0, 0, 0, [0] * 8, [0] * 8, [0] * 8, 0, 0, 0
    )


def test_simulated_drone_is_arducopter_with_all_lists() -> None:
    """The simulated drone is taken for what it says it is, and takes missions, fences and rally points."""
    found = autopilot_for(heartbeat(dialect.MAV_AUTOPILOT_ARDUPILOTMEGA), version_message(1))
    assert str(found) == "ArduCopter 4.7.0"
    for mission_type in MissionType:
        found.require(mission_type)


def test_px4_is_known_by_its_heartbeat() -> None:
    """PX4 is recognised, with its version and encoding."""
    found = autopilot_for(heartbeat(dialect.MAV_AUTOPILOT_PX4), version(MISSION_INT | BYTEWISE))
    assert isinstance(found, Px4)
    assert str(found) == "PX4 1.15.4"
    assert found.parameter_encoding is ParameterEncoding.BYTEWISE


@pytest.mark.parametrize(
    ("autopilot", "kind", "why"),
    [
        (dialect.MAV_AUTOPILOT_GENERIC, dialect.MAV_TYPE_QUADROTOR, "MAV_AUTOPILOT_GENERIC is not supported"),
        (
            dialect.MAV_AUTOPILOT_ARDUPILOTMEGA,
            dialect.MAV_TYPE_FIXED_WING,
            "FIXED_WING, which is no",
        ),
        (dialect.MAV_AUTOPILOT_PX4, dialect.MAV_TYPE_GROUND_ROVER, "GROUND_ROVER, which is no"),
        (250, dialect.MAV_TYPE_QUADROTOR, "MAV_AUTOPILOT 250 is not supported"),
    ],
)
def test_others_are_refused(autopilot: int, kind: int, why: str) -> None:
    """Another autopilot, or another kind of vehicle, is named."""
    with pytest.raises(UnsupportedByAutopilotError, match=why):
        autopilot_for(heartbeat(autopilot, kind))


def test_autopilot_that_tells_no_version_is_taken_at_its_best() -> None:
    """Without AUTOPILOT_VERSION nothing is forbidden, and the encoding is the autopilot's usual one."""
    found = autopilot_for(heartbeat(dialect.MAV_AUTOPILOT_PX4))
    found.require(MissionType.FENCE)
    assert str(found) == "PX4"
    assert found.parameter_encoding is ParameterEncoding.BYTEWISE
    assert ArduCopter().parameter_encoding is ParameterEncoding.CAST


@pytest.mark.parametrize("autopilot", [ArduCopter, Px4])
def test_missing_fence_is_told_before_anything_is_sent(autopilot: type[Autopilot]) -> None:
    """A capability bit that is not set is an error that says which, and what to do."""
    able, unable = autopilot(MISSION_INT | FENCE), autopilot(MISSION_INT)
    able.require(MissionType.FENCE)
    with pytest.raises(UnsupportedByAutopilotError, match=rf"takes no fences .*bit {FENCE} is not set"):
        unable.require(MissionType.FENCE)
    with pytest.raises(UnsupportedByAutopilotError, match="takes no rally points"):
        able.require(MissionType.RALLY)


def test_float_missions_only_is_an_error() -> None:
    """An autopilot without MISSION_ITEM_INT would place items metres off."""
    with pytest.raises(UnsupportedByAutopilotError, match="takes no MISSION_ITEM_INT"):
        ArduCopter(0).require(MissionType.MISSION)


def test_home_is_sent_to_ardupilot_and_not_to_px4() -> None:
    """PX4's list begins with the first item, and its jumps lead to the same place."""
    ardupilot, px4 = ArduCopter().wire_items(ROUTE), Px4().wire_items(ROUTE)
    assert list(ardupilot) == ROUTE
    assert [(item.seq, item.command) for item in px4] == [(0, 22), (1, 16), (2, 177)]
    assert px4[2].params == (1.0, 3.0, 0.0, 0.0)
    assert [Px4().plan_index(item.seq) for item in px4] == [1, 2, 3]
    assert ArduCopter().plan_index(2) == 2


def test_px4_keeps_items_as_they_are() -> None:
    """What PX4 reads back compares item by item from the first, in single precision."""
    sent = Px4().wire_items([*ROUTE, WireItem(4, 6, 16, (0.1, 0.0, 0.0, math.nan), 1, 2, 20.3)])
    back = [*sent[:3], WireItem(3, 3, 16, (0.10000000149, 0.0, 0.0, math.nan), 1, 2, 20.3)]
    px4 = Px4()
    assert verify(sent, back, MissionType.MISSION, keeps=px4.keeps, home_first=px4.home_is_item_0) == []
    wrong = [back[1].numbered(0), *back[1:]]
    assert verify(sent, wrong, MissionType.MISSION, keeps=px4.keeps, home_first=False) == [
        "item 0: command 16 instead of 22"
    ]


@pytest.mark.parametrize(
    ("autopilot", "intent", "name", "custom_mode", "params"),
    [
        (ArduCopter(), Intent.MISSION, "AUTO", 3, (1.0, 3.0)),
        (ArduCopter(), Intent.HOLD, "BRAKE", 17, (1.0, 17.0)),
        (ArduCopter(), Intent.RETURN, "RTL", 6, (1.0, 6.0)),
        (Px4(), Intent.MISSION, "AUTO.MISSION", 4 << 16 | 4 << 24, (1.0, 4.0, 4.0)),
        (Px4(), Intent.HOLD, "AUTO.LOITER", 4 << 16 | 3 << 24, (1.0, 4.0, 3.0)),
        (Px4(), Intent.RETURN, "AUTO.RTL", 4 << 16 | 5 << 24, (1.0, 4.0, 5.0)),
        (Px4(), Intent.LAND, "AUTO.LAND", 4 << 16 | 6 << 24, (1.0, 4.0, 6.0)),
    ],
)
def test_modes(
    autopilot: Autopilot, intent: Intent, name: str, custom_mode: int, params: tuple[float, ...]
) -> None:
    """Each purpose has its mode, the number that a heartbeat shows, and the command that switches to it."""
    assert autopilot.mode_for(intent) == name
    assert autopilot.custom_mode(name.lower()) == custom_mode
    assert autopilot.mode_name(custom_mode) == name
    assert autopilot.is_in(intent, custom_mode)
    order = autopilot.mode_order(name)
    assert (order.command, order.params) == (dialect.MAV_CMD_DO_SET_MODE, params)


@pytest.mark.parametrize(
    ("autopilot", "name", "known"), [(ArduCopter(), "AUTO.RTL", "SMART_RTL"), (Px4(), "BRAKE", "AUTO.LOITER")]
)
def test_mode_of_the_other_autopilot(autopilot: Autopilot, name: str, known: str) -> None:
    """A mode that it does not have is an error that lists those it has."""
    with pytest.raises(UnsupportedByAutopilotError, match=f"has no mode {name}; it has .*{known}"):
        autopilot.mode_order(name)


def test_unknown_mode_numbers_have_a_name_all_the_same() -> None:
    """A heartbeat with a mode that is not known here is still shown."""
    assert Px4().mode_name(9 << 16) == "mode 9.0"
    assert ArduCopter().mode_name(99) == "mode 99"


def test_takeoff_altitude_is_above_home_or_above_the_sea() -> None:
    """ArduCopter takes it above home in GUIDED, PX4 above the sea."""
    guided, takeoff = ArduCopter().takeoff_orders(30.0, None)
    assert guided.params == (1.0, 4.0)
    assert takeoff.params[6] == 30.0
    (px4,) = Px4().takeoff_orders(30.0, 488.5)
    assert px4.params[6] == 518.5
    assert all(math.isnan(value) for value in px4.params[3:6])


def test_px4_takeoff_needs_home() -> None:
    """Without home's altitude PX4 would be told a height above the sea that nobody knows."""
    with pytest.raises(UnsupportedByAutopilotError, match="wait for HOME_POSITION"):
        Px4().takeoff_orders(30.0, None)


def test_start_of_a_mission() -> None:
    """ArduCopter is given MISSION_START, PX4 its mission mode; both from the first item that they fly."""
    assert [order.command for order in ArduCopter().start_orders()] == [
        dialect.MAV_CMD_DO_SET_MISSION_CURRENT,
        dialect.MAV_CMD_MISSION_START,
    ]
    first, mode = Px4().start_orders()
    assert first.params == (0.0,)
    assert mode.params == (1.0, 4.0, 4.0)


def test_versions_compare() -> None:
    """A version is at least another if major and minor are."""
    found = Version.from_message(version(0, 4 << 24 | 5 << 16 | 7 << 8 | 255))
    assert str(found) == "4.5.7"
    assert found.at_least(4, 5)
    assert not found.at_least(4, 6)
