"""The item server's rules beyond the recordings."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.fence_items import fence_bytes, fence_total
from dronepatrol.mavlink.item_rules import SUPPORTED_COMMANDS, MissionResult, centimetres, mission_item, whole
from dronepatrol.mavlink.item_server import UPLOAD_TIMEOUT_S, Answer, ItemHooks, ItemServer
from dronepatrol.mavlink.items import MissionType, WireItem

CLIENT = (255, 190)
OTHER = (254, 190)
RADIO = "radio"
WAYPOINT = WireItem(0, 3, 16, x=300300000, y=1208700000, z=20.0)


def server(**hooks: Any) -> ItemServer:
    """Return a vehicle's item server without a mission."""
    return ItemServer(system=1, component=1, hooks=ItemHooks(**hooks))


def count(number: int, mission_type: int = 0) -> Any:
    """Return the message that opens an upload."""
    return dialect.MAVLink_mission_count_message(1, 1, number, mission_type)


def say(answers: list[Answer]) -> list[tuple[str, int | str]]:
    """Return the answers as kind and sequence number, result, count or text."""
    said: list[tuple[str, int | str]] = []
    for answer in answers:
        fields = answer.message.to_dict()
        key = next(name for name in ("type", "seq", "count", "text") if name in fields)
        said.append((answer.message.get_type(), fields[key]))
    return said


def upload(
    vehicle: ItemServer, items: list[WireItem], mission_type: MissionType
) -> list[tuple[str, int | str]]:
    """Upload a list at time 0 and return the last answers."""
    answers = vehicle.receive(count(len(items), mission_type), CLIENT, 0.0, RADIO)
    for seq, item in enumerate(items):
        assert say(answers)[0] == ("MISSION_REQUEST", seq)
        answers = vehicle.receive(item.numbered(seq).message(1, 1, mission_type), CLIENT, 0.0, RADIO)
    return say(answers)


@pytest.mark.parametrize("command", sorted(SUPPORTED_COMMANDS))
def test_what_is_kept_is_kept_again(command: int) -> None:
    """An item that is read back and sent again is kept unchanged, for every supported command."""
    sent = WireItem(3, 3, command, (2.6, 7.4, -3.5, 1.2), 300300000, 1208700000, 12.344)
    once = mission_item(sent)
    assert isinstance(once, WireItem)
    twice = mission_item(once)
    assert isinstance(twice, WireItem)
    assert (twice.params, twice.x, twice.y, twice.frame) == (once.params, once.x, once.y, once.frame)
    assert abs(twice.z - once.z) < 0.011


@pytest.mark.parametrize(
    ("command", "params", "kept"),
    [
        (16, (3.7, 5.0, 0.0, 90.0), (3.0, 0.0, 0.0, 0.0)),
        (16, (-1.0, 0.0, 0.0, math.nan), (65535.0, 0.0, 0.0, 0.0)),
        (17, (0.0, 0.0, -20.6, 0.0), (0.0, 0.0, -20.0, 0.0)),
        (18, (3.0, 0.0, 20.0, 1.0), (3.0, 0.0, 20.0, 1.0)),
        (18, (0.5, 0.0, 500.0, 0.0), (0.5, 0.0, 500.0, 0.0)),
        (19, (30.0, 0.0, -5.0, 0.0), (30.0, 0.0, -1.0, 0.0)),
        (21, (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)),
        (177, (2.0, -1.0, 0.0, 0.0), (2.0, -1.0, 0.0, 0.0)),
        (206, (12.5, 0.0, 1.0, 0.0), (12.5, 0.0, 1.0, 0.0)),
    ],
)
def test_each_command_keeps_its_own_fields(
    command: int, params: tuple[float, float, float, float], kept: tuple[float, float, float, float]
) -> None:
    """Parameters are cut to the fields that the store has for a command."""
    item = mission_item(WireItem(1, 6, command, params, 300300000, 1208700000, 20.0))
    assert isinstance(item, WireItem)
    assert item.params == kept


@pytest.mark.parametrize(
    ("value", "bits", "signed", "kept"),
    [
        (300.7, 8, False, 44),
        (-1.0, 16, False, 65535),
        (200.0, 8, True, -56),
        (math.nan, 16, True, 0),
        (1e20, 32, True, -(2**31)),
    ],
)
def test_numbers_wrap_in_narrow_fields(value: float, bits: int, signed: bool, kept: int) -> None:
    """A float is cut and wrapped into an integer field as a processor does it."""
    assert whole(value, bits, signed=signed) == kept


def test_altitudes_are_kept_in_centimetres() -> None:
    """An altitude is cut, not rounded, to centimetres and reads back in single precision."""
    assert centimetres(12.349) == pytest.approx(12.34, abs=1e-6)
    assert centimetres(-0.019) == pytest.approx(-0.01, abs=1e-6)


@pytest.mark.parametrize("frame", [1, 7, 8, 9, 12, 99])
def test_unknown_frames_are_refused(frame: int) -> None:
    """A waypoint in a local or unknown frame gets UNSUPPORTED_FRAME."""
    assert mission_item(WireItem(0, frame, 16)) is MissionResult.UNSUPPORTED_FRAME


@pytest.mark.parametrize("command", [2, 23, 24, 80, 176, 190, 200, 5000, 5100, 31010, 65535])
def test_unsupported_commands_are_refused(command: int) -> None:
    """Commands of other vehicles, other lists and users get UNSUPPORTED."""
    assert mission_item(WireItem(0, 3, command)) is MissionResult.UNSUPPORTED


def test_first_item_into_an_empty_mission_lands_behind_home() -> None:
    """An upload of one item to a vehicle whose mission was cleared leaves home and that item."""
    totals: list[float] = []
    vehicle = server(announce=lambda name, value: totals.append(value))
    upload(vehicle, [WAYPOINT], MissionType.MISSION)
    assert totals == [2.0]
    assert [vehicle.mission.item(seq).seq for seq in range(vehicle.mission.count)] == [0, 1]  # type: ignore[union-attr]


def test_mission_in_flight_cannot_be_cleared() -> None:
    """CLEAR_ALL gets an error while the mission is flown, and the mission is kept."""
    vehicle = server(mission_running=lambda: True)
    upload(vehicle, [WAYPOINT] * 3, MissionType.MISSION)
    answers = vehicle.receive(dialect.MAVLink_mission_clear_all_message(1, 1, 0), CLIENT, 1.0)
    assert say(answers) == [("MISSION_ACK", MissionResult.ERROR)]
    assert vehicle.mission.count == 3


def test_changes_are_reported_item_by_item() -> None:
    """The flight side hears of every item that is written, and of a list that is cut."""
    changes: list[tuple[MissionType, int | None]] = []
    vehicle = server(changed=lambda kind, index: changes.append((kind, index)))
    upload(vehicle, [WAYPOINT] * 3, MissionType.MISSION)
    changes.clear()
    upload(vehicle, [WAYPOINT] * 2, MissionType.MISSION)
    assert changes == [(MissionType.MISSION, None), (MissionType.MISSION, 0), (MissionType.MISSION, 1)]


def test_another_clients_upload_survives_a_clear() -> None:
    """CLEAR_ALL from another client during an upload is denied and disturbs nothing."""
    vehicle = server()
    vehicle.receive(count(2), CLIENT, 0.0)
    answers = vehicle.receive(dialect.MAVLink_mission_clear_all_message(1, 1, 0), OTHER, 0.5)
    assert say(answers)[0] == ("MISSION_ACK", MissionResult.DENIED)
    assert vehicle.uploading(MissionType.MISSION)


def test_lists_are_uploaded_side_by_side() -> None:
    """An upload of a fence by one client does not disturb an upload of a mission by another."""
    vehicle = server()
    vehicle.receive(count(2), CLIENT, 0.0)
    answers = vehicle.receive(count(1, MissionType.FENCE), OTHER, 0.0)
    assert say(answers) == [("MISSION_REQUEST", 0)]
    assert vehicle.uploading(MissionType.MISSION)


def test_answers_go_where_they_were_asked() -> None:
    """Repeated requests and the time-out go to the channel of the upload, warnings to everyone."""
    vehicle = server()
    vehicle.receive(count(1), CLIENT, 0.0, RADIO)
    assert [answer.channel for answer in vehicle.poll(1.0)] == [RADIO]
    given_up = vehicle.poll(UPLOAD_TIMEOUT_S)
    assert say(given_up) == [
        ("MISSION_ACK", MissionResult.CANCELLED),
        ("STATUSTEXT", "Mission upload timeout"),
    ]
    assert [(answer.channel, answer.broadcast) for answer in given_up] == [(RADIO, False)] * 2
    assert vehicle.receive(count(9999), CLIENT, 9.0, RADIO)[1].broadcast


def test_set_current_is_answered_by_the_flight_side() -> None:
    """SET_CURRENT within the mission asks the hook; beyond it there is silence."""
    asked: list[int] = []

    def choose(seq: int) -> Any:
        asked.append(seq)
        return dialect.MAVLink_mission_current_message(seq)

    vehicle = server(set_current=choose)
    upload(vehicle, [WAYPOINT] * 3, MissionType.MISSION)
    answers = vehicle.receive(dialect.MAVLink_mission_set_current_message(1, 1, 2), CLIENT, 0.0)
    assert say(answers) == [("MISSION_CURRENT", 2)]
    assert vehicle.receive(dialect.MAVLink_mission_set_current_message(1, 1, 3), CLIENT, 0.0) == []
    assert asked == [2]


@pytest.mark.parametrize(
    ("accepts", "result"), [(True, MissionResult.ACCEPTED), (False, MissionResult.ERROR)]
)
def test_guided_items_are_flown_not_stored(accepts: bool, result: MissionResult) -> None:
    """An item with current 2 is a position to fly to now and is acknowledged as the flight side decides."""
    flown: list[WireItem] = []

    def fly(item: WireItem) -> bool:
        flown.append(item)
        return accepts

    vehicle = server(guided=fly)
    message = WireItem(0, 6, 16, x=1, y=2, z=3.0, current=2).message(1, 1, MissionType.MISSION)
    assert say(vehicle.receive(message, CLIENT, 0.0)) == [("MISSION_ACK", result)]
    assert [(item.x, item.frame) for item in flown] == [(1, 3)]
    assert vehicle.mission.count == 0


def vertex(radius_or_count: float, command: int = 5001) -> WireItem:
    """Return a fence item."""
    return WireItem(0, 0, command, (radius_or_count, 0.0, 0.0, 0.0), 300300000, 1208700000)


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([vertex(3), vertex(3), vertex(3, 5002)], "Received incorrect vertex type (want=98 got=97)"),
        ([vertex(3), vertex(9, 5003)], "Received incorrect type (want=98 got=92)"),
        ([vertex(0, 5000), vertex(0, 5000)], "Multiple return points"),
        ([vertex(math.nan, 5004)], "Non-positive circle radius"),
        ([vertex(math.nan)], "Invalid vertex count (0)"),
    ],
)
def test_bad_fences_are_named(items: list[WireItem], text: str) -> None:
    """A fence that does not add up is refused as a whole, with a text that says why."""
    vehicle = server()
    assert upload(vehicle, items, MissionType.FENCE) == [
        ("MISSION_ACK", MissionResult.ERROR),
        ("STATUSTEXT", text),
        ("STATUSTEXT", "Fence validation failed"),
    ]
    assert vehicle.fence.count == 0


def test_fence_of_too_many_circles_does_not_fit() -> None:
    """Seventy circles are fewer than the limit of items, but need more than the store has."""
    said = upload(server(), [vertex(9.0, 5003)] * 70, MissionType.FENCE)
    assert said == [("MISSION_ACK", MissionResult.ERROR), ("STATUSTEXT", "Fence exceeds storage size")]


def test_fence_sizes() -> None:
    """Two polygons, a circle and a return point have the bytes and the total of the real store."""
    items = [vertex(3)] * 6 + [vertex(9.0, 5003), vertex(0, 5000)]
    assert fence_bytes(items) == 4 + 2 * (2 + 24) + 13 + 9
    assert fence_total(items) == 9


def test_part_of_a_fence_can_be_replaced() -> None:
    """WRITE_PARTIAL_LIST on a fence keeps the items that are not sent again."""
    vehicle = server()
    upload(vehicle, [vertex(5.0, 5003), vertex(6.0, 5003)], MissionType.FENCE)
    vehicle.receive(dialect.MAVLink_mission_write_partial_list_message(1, 1, 1, 1, 1), CLIENT, 0.0)
    answers = vehicle.receive(vertex(7.0, 5004).numbered(1).message(1, 1, MissionType.FENCE), CLIENT, 0.0)
    assert say(answers)[0] == ("MISSION_ACK", MissionResult.ACCEPTED)
    assert [(item.command, item.params[0]) for item in vehicle.fence.items] == [(5003, 5.0), (5004, 7.0)]


numbers = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, 1.0, 3.0, math.nan, math.inf, -math.inf, 1e30]),
    st.integers(-3, 80),
)
seqs = st.one_of(st.integers(0, 4), st.integers(0, 65535))
types = st.sampled_from([0, 0, 1, 2, 9, 255])
commands = st.one_of(
    st.sampled_from(sorted(SUPPORTED_COMMANDS | {0, 1, 5000, 5001, 5003, 5100})), st.integers(0, 65535)
)
frames = st.sampled_from([0, 2, 3, 5, 6, 10, 11, 99])
degrees_e7 = st.one_of(st.sampled_from([0, 300300000]), st.integers(-(2**31), 2**31 - 1))
items_int = st.builds(
    lambda seq, frame, command, current, p, x, y, z, kind: dialect.MAVLink_mission_item_int_message(
        1, 1, seq, frame, command, current, 1, *p, x, y, z, kind
    ),
    seqs, frames, commands, st.integers(0, 3), st.tuples(*[numbers] * 4),
    degrees_e7, degrees_e7, numbers, types,
)  # fmt: skip
items_float = st.builds(
    lambda seq, frame, command, p, x, y, z, kind: dialect.MAVLink_mission_item_message(
        1, 1, seq, frame, command, 0, 1, *p, x, y, z, kind
    ),
    seqs, frames, commands, st.tuples(*[numbers] * 4), numbers, numbers, numbers, types,
)  # fmt: skip
others = st.one_of(
    st.builds(count, st.one_of(st.integers(0, 5), st.just(10_000)), types),
    st.builds(lambda kind: dialect.MAVLink_mission_request_list_message(1, 1, kind), types),
    st.builds(lambda seq, kind: dialect.MAVLink_mission_request_int_message(1, 1, seq, kind), seqs, types),
    st.builds(lambda seq, kind: dialect.MAVLink_mission_request_message(1, 1, seq, kind), seqs, types),
    st.builds(lambda kind: dialect.MAVLink_mission_clear_all_message(1, 1, kind), types),
    st.builds(lambda seq: dialect.MAVLink_mission_set_current_message(1, 1, seq), seqs),
    st.builds(lambda kind: dialect.MAVLink_mission_ack_message(1, 1, 0, kind), types),
    st.builds(
        lambda first, last, kind: dialect.MAVLink_mission_write_partial_list_message(1, 1, first, last, kind),
        st.integers(-2, 5), st.integers(-2, 5), types,
    ),
)  # fmt: skip
steps = st.tuples(
    st.one_of(items_int, items_float, others), st.sampled_from([CLIENT, CLIENT, OTHER]), st.floats(0, 3)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=40))
def test_no_sequence_of_messages_raises(messages: list[tuple[Any, tuple[int, int], float]]) -> None:
    """Whatever clients send in whatever order, the answers can be packed and the lists stay within bounds."""
    vehicle = server()
    mavlink = dialect.MAVLink(None, 1, 1)
    now_s = 0.0
    for message, sender, wait_s in messages:
        now_s += wait_s
        answers = vehicle.poll(now_s) + vehicle.receive(message, sender, now_s)
        assert len(answers) <= 8
        for answer in answers:
            answer.message.pack(mavlink)
        assert vehicle.mission.count <= 650
        assert vehicle.fence.count <= 70
        assert vehicle.rally.count <= 46
        assert vehicle.next_wakeup_s > now_s


def test_full_lists_take_no_more() -> None:
    """The largest mission is accepted, and one item more is refused with the limit in a text."""
    vehicle = server()
    assert upload(vehicle, [WAYPOINT] * 650, MissionType.MISSION)[0] == (
        "MISSION_ACK",
        MissionResult.ACCEPTED,
    )
    vehicle.receive(dialect.MAVLink_mission_write_partial_list_message(1, 1, 650, 650, 0), CLIENT, 0.0)
    answers = vehicle.receive(WAYPOINT.numbered(650).message(1, 1, MissionType.MISSION), CLIENT, 0.0)
    assert say(answers) == [("MISSION_ACK", MissionResult.ERROR)]
    assert vehicle.mission.count == 650
