"""The item server against the transfers in the recorded flights of a real ArduCopter."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.item_server import ItemHooks, ItemServer
from dronepatrol.mavlink.items import WireItem
from dronepatrol.mavlink.modes import CopterMode
from tests.mavlink.transcript import FOLDER

EXCHANGED = {"MISSION_REQUEST", "MISSION_ACK", "MISSION_COUNT", "MISSION_ITEM_INT"}
UPLOADED = {
    "MISSION_COUNT",
    "MISSION_ITEM_INT",
    "MISSION_REQUEST_LIST",
    "MISSION_REQUEST_INT",
    "MISSION_CLEAR_ALL",
}
FLIGHTS = [("flight", 1), ("mixed", 1), ("inflight-edit", 2), ("inflight-poly", 2), ("inflight-rally", 2)]
"""Recordings, and how many seconds passed on the vehicle for one on the clock of the stamps."""


def frames(name: str) -> Iterator[tuple[float, Any]]:
    """Return the messages of a tlog with their times."""
    data = (FOLDER / f"{name}.tlog").read_bytes()
    codec = Codec(9, 9)
    at = 0
    while at < len(data):
        (microseconds,) = struct.unpack_from(">Q", data, at)
        length = 12 + data[at + 9] + 13 * (data[at + 10] & 1)
        for message in codec.parse(data[at + 8 : at + 8 + length]):
            yield microseconds / 1e6, message
        at += 8 + length


class Vehicle:
    """An item server that knows home and the flight mode from the recording."""

    def __init__(self) -> None:
        self.home: WireItem | None = None
        self.in_auto = False
        hooks = ItemHooks(home=lambda: self.home, mission_running=lambda: self.in_auto)
        self.server = ItemServer(system=1, component=1, hooks=hooks)

    def observe(self, message: Any) -> None:
        """Take from the recorded vehicle what is not the item server's own."""
        kind = message.get_type()
        if kind == "HEARTBEAT":
            self.in_auto = message.custom_mode == CopterMode.AUTO
        elif kind == "HOME_POSITION":
            self.home = WireItem(0, 0, 16, x=message.latitude, y=message.longitude, z=message.altitude / 1000)
        elif kind == "PARAM_VALUE" and message.param_id == "MIS_TOTAL":
            self.server.mission.home_was_set()


def essence(message: Any) -> tuple[Any, ...]:
    """Return what identifies a message of the mission protocol."""
    fields = message.to_dict()
    return tuple(round(value, 5) if isinstance(value, float) else value for value in fields.values())


@pytest.mark.skipif(not FOLDER.exists(), reason="needs the shared recordings of a real ArduCopter")
@pytest.mark.parametrize(("name", "speed"), FLIGHTS)
def test_answers_are_those_of_the_flight(name: str, speed: int) -> None:
    """Every message of the mission protocol that the vehicle sent in a flight is sent in the same order."""
    vehicle = Vehicle()
    recorded: list[tuple[Any, ...]] = []
    answered: list[Any] = []
    for time_s, message in frames(name):
        now_s = time_s * speed
        while vehicle.server.next_wakeup_s <= now_s:
            due = vehicle.server.poll(vehicle.server.next_wakeup_s)
            answered += [answer.message for answer in due]
        kind = message.get_type()
        if message.get_srcSystem() == 1:
            vehicle.observe(message)
            if kind in EXCHANGED:
                recorded.append(essence(message))
        elif kind in UPLOADED:
            sender = (message.get_srcSystem(), message.get_srcComponent())
            answered += [answer.message for answer in vehicle.server.receive(message, sender, now_s)]
    assert len(recorded) >= 10
    assert [essence(message) for message in answered if message.get_type() in EXCHANGED] == recorded
