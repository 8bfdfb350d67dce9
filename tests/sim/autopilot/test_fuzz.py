"""Bad input: garbage, truncated and foreign frames, absurd values, floods. Nothing may raise, leak or
stall.
"""

from __future__ import annotations

import math
import random
import struct
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.autopilot.channel import BACKLOG_BYTES, READ_BYTES
from dronepatrol.sim.autopilot.commands import CommandService
from dronepatrol.sim.autopilot.parameters import definitions
from tests.sim.autopilot.rig import Rig

HEARD = sorted(
    {
        *(
            "COMMAND_LONG",
            "COMMAND_INT",
            "SET_MODE",
            "REQUEST_DATA_STREAM",
            "PARAM_SET",
            "PARAM_REQUEST_READ",
        ),
        *("PARAM_REQUEST_LIST", "MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_ITEM", "MISSION_REQUEST_LIST"),
        *("MISSION_REQUEST_INT", "MISSION_CLEAR_ALL", "MISSION_SET_CURRENT", "MISSION_WRITE_PARTIAL_LIST"),
        *("SET_POSITION_TARGET_LOCAL_NED", "SET_POSITION_TARGET_GLOBAL_INT", "TIMESYNC", "HEARTBEAT"),
        *("RC_CHANNELS_OVERRIDE", "MANUAL_CONTROL", "TERRAIN_DATA", "TERRAIN_CHECK", "MISSION_REQUEST"),
        *("AUTOPILOT_VERSION_REQUEST", "MISSION_ACK", "PING", "LOG_REQUEST_LIST", "FILE_TRANSFER_PROTOCOL"),
    }
)
KINDS = {kind.msgname: kind for kind in dialect.mavlink_map.values()}
COMMANDS = [*sorted(CommandService(Rig().autopilot).supported), 9999, 0, 16]
_ODD = [0.0, 1.0, -1.0, math.nan, math.inf, -math.inf, 1e38, -1e38, 2.0**31, 3.5, 400.0, 1e-40]


def random_payload(kind: Any, dice: random.Random) -> bytes:
    """Return bytes of the message's size in which floats are often odd and addresses often right."""
    payload = bytearray(dice.randbytes(kind.unpacker.size))
    if dice.random() < 0.5:
        payload = bytearray(kind.unpacker.size)
    offset = 0
    for name, code in zip(kind.ordered_fieldnames, kind.fieldtypes_ordered(kind), strict=True):
        size = struct.calcsize(code)
        if code == "f" and dice.random() < 0.7:
            struct.pack_into("<f", payload, offset, dice.choice(_ODD))
        elif name == "target_system" and dice.random() < 0.8:
            payload[offset] = 1
        elif name == "command" and dice.random() < 0.9:
            struct.pack_into("<H", payload, offset, dice.choice(COMMANDS))
        offset += size
    return bytes(payload)


def field_codes(kind: Any) -> list[str]:
    """Return the struct code of each field in wire order, arrays as their whole."""
    names = {"float": "f", "double": "d", "char": "s", "int8_t": "b", "uint8_t": "B", "int16_t": "h"}
    names |= {"uint16_t": "H", "int32_t": "i", "uint32_t": "I", "int64_t": "q", "uint64_t": "Q"}
    codes = []
    for name in kind.ordered_fieldnames:
        index = kind.fieldnames.index(name)
        kind_name = kind.fieldtypes[index]
        count = max(kind.array_lengths[kind.ordered_fieldnames.index(name)], 1)
        codes.append((f"{count}" if count > 1 else "") + names[kind_name])
    return codes


for _kind in KINDS.values():
    _kind.fieldtypes_ordered = staticmethod(field_codes)


def framed(kind: Any, payload: bytes, sequence: int, system: int = 255) -> bytes:
    """Return a valid frame around any payload."""
    head = struct.pack(
        "<BBBBBBBHB", 253, len(payload), 0, 0, sequence & 255, system, 190, kind.id & 0xFFFF, kind.id >> 16
    )
    body = head + payload
    return body + struct.pack("<H", dialect.x25crc(body[1:] + bytes((kind.crc_extra,))).crc)


def alive(rig: Rig) -> bool:
    """Whether the drone still answers a well-behaved client."""
    rig.client.heard.clear()
    rig.client.raw(b"\0" * 300)  # ends a frame that garbage may have begun
    rig.run(1.5)
    rig.client.send(dialect.MAVLink_param_request_read_message(rig.autopilot.system, 1, b"RTL_ALT", -1))
    rig.run(0.2)
    return bool(rig.client.of("HEARTBEAT")) and bool(rig.client.of("PARAM_VALUE"))


@pytest.mark.parametrize("seed", range(6))
def test_valid_frames_with_any_content(seed: int) -> None:
    """Thousands of well-formed messages with random and odd values, in flight, raise nothing."""
    dice = random.Random(seed)
    rig = Rig()
    rig.take_off()
    for number in range(2500):
        kind = KINDS[dice.choice(HEARD)]
        rig.client.raw(framed(kind, random_payload(kind, dice), number))
        if number % 5 == 0:
            rig.step()
            rig.client.heard.clear()
    rig.run(5.0)
    assert alive(rig)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces=st.lists(st.binary(max_size=300), max_size=12))
def test_garbage(pieces: list[bytes]) -> None:
    """Any bytes in any pieces are ignored and counted."""
    rig = Rig()
    for piece in pieces:
        rig.client.raw(piece)
        rig.step()
    assert alive(rig)


@settings(max_examples=60, deadline=None)
@given(cut=st.integers(1, 40), flip=st.integers(0, 40), value=st.integers(1, 255))
def test_truncated_and_damaged_frames(cut: int, flip: int, value: int) -> None:
    """A frame that lost its end or a byte is not obeyed, and the next good one is."""
    rig = Rig()
    rig.run(3.0)
    codec = Codec(255, 190)
    order = dialect.MAVLink_command_long_message(1, 1, dialect.MAV_CMD_DO_SET_MODE, 0, 1, 5, 0, 0, 0, 0, 0)
    frame = bytearray(codec.pack(order))
    rig.client.raw(bytes(frame[: len(frame) - min(cut, len(frame) - 1)]) + b"\0" * 50)
    frame[flip % len(frame)] ^= value
    rig.client.raw(bytes(frame) + b"\0" * 300)
    rig.run(0.5)
    assert rig.pilot.mode == dialect.COPTER_MODE_STABILIZE
    assert alive(rig)


def test_bad_bytes_are_counted() -> None:
    """The link says how many bytes made no sense."""
    rig = Rig()
    before = rig.client.channel.codec.bad_bytes
    rig.client.raw(b"\x01\x02" * 100)
    rig.run(0.2)
    assert rig.client.channel.codec.bad_bytes - before == 200


def test_frames_for_another_system_are_ignored_and_counted() -> None:
    """A command to system 9 is met with silence."""
    rig = Rig()
    before = rig.autopilot.ignored
    order = dialect.MAVLink_command_long_message(9, 1, dialect.MAV_CMD_DO_SET_MODE, 0, 1, 5, 0, 0, 0, 0, 0)
    rig.client.send(order)
    rig.run(0.2)
    assert not rig.client.of("COMMAND_ACK")
    assert rig.autopilot.ignored == before + 1


def test_ten_thousand_items_are_refused() -> None:
    """A COUNT beyond the store is answered with "no space" at once and costs nothing."""
    rig = Rig()
    for count in (10_000, 65_535):
        rig.client.send(dialect.MAVLink_mission_count_message(1, 1, count, 0))
        assert rig.client.last("MISSION_ACK").type == dialect.MAV_MISSION_NO_SPACE


@pytest.mark.parametrize("kind", ["garbage", "commands", "lists"])
def test_a_flood_does_not_stall_the_others(kind: str) -> None:
    """One client that sends all it can costs each step little; another client is served meanwhile."""
    rig = Rig()
    rig.run(3.0)
    other = rig.connect(system=254)
    other.send(dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
    codec = Codec(255, 190)
    flood = {
        "garbage": random.Random(1).randbytes(20_000),
        "commands": codec.pack(dialect.MAVLink_command_long_message(1, 1, 9999, 0, *([0.0] * 7))) * 500,
        "lists": codec.pack(dialect.MAVLink_param_request_list_message(1, 1)) * 1000,
    }[kind]
    slowest_s = 0.0
    for _ in range(40):
        rig.client.wire.receiver(flood)  # type: ignore[misc]
        start_s = time.process_time()
        rig.step()
        slowest_s = max(slowest_s, time.process_time() - start_s)
        rig.client.heard.clear()
    channel = rig.client.channel
    assert channel.bytes_dropped > 0
    assert len(channel._backlog) <= BACKLOG_BYTES
    assert slowest_s < 0.25
    assert len(other.of("HEARTBEAT")) >= 2
    assert len(flood) > READ_BYTES


@pytest.mark.parametrize("value", [1e38, -1e38, 0.0, 1e-30, 32767.0, -32768.0])
def test_absurd_parameters_in_flight(value: float) -> None:
    """With every flight parameter set to an absurd value the drone may fly badly, and still talks."""
    rig = Rig()
    rig.take_off()
    rig.client.send(dialect.MAVLink_request_data_stream_message(1, 1, 0, 10, 1))
    names = [
        n
        for n in definitions()
        if n.split("_")[0] in ("WPNAV", "ATC", "PSC", "LOIT", "RTL", "LAND", "GUID", "ANGLE")
    ]
    for name in names:
        rig.client.send(dialect.MAVLink_param_set_message(1, 1, name.encode(), value, 9))
    rig.step(10)
    lat_e7, lon_e7 = rig.place(200.0, 100.0)
    rig.command_int(dialect.MAV_CMD_DO_REPOSITION, 6, (-1, 1, 0, 0), lat_e7, lon_e7, 30.0)
    rig.run(10.0)
    for mode in (5, 6, 7, 9, 17):
        rig.set_mode(mode)
        rig.run(3.0)
    assert alive(rig)
