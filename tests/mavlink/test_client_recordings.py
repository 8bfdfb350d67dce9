"""The client's side against what a real ArduCopter was recorded to send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import verify
from dronepatrol.mavlink.transfer import Download, Upload
from tests.mavlink.bad_link import heard
from tests.mavlink.test_item_server_flights import frames
from tests.mavlink.transcript import FOLDER, TRANSCRIPT, Heard, sections

pytestmark = pytest.mark.skipif(
    not FOLDER.exists(), reason="needs the shared recordings of a real ArduCopter"
)

VEHICLE = Target(1, 1)
UPLOADS = [
    ("flight", 0),
    ("survey", 0),
    ("mixed", 0),
    ("square-stop", 0),
    ("guided", 0),
    ("inflight-poly", 1),
    ("fault-poly", 1),
    ("inflight-rally", 2),
]
SECTIONS = sections() if TRANSCRIPT.exists() else []
PAIRS = [
    ("3. upload of 7 items", "4. download, comparing", MissionType.MISSION),
    ("FENCE: upload 4-vertex", "FENCE: download", MissionType.FENCE),
    ("RALLY: upload 2", "RALLY: download", MissionType.RALLY),
]


def message(told: Heard) -> Any:
    """Return a message that the transcript tells."""
    kind, fields = told
    return getattr(dialect, f"MAVLink_{kind.lower()}_message")(**fields)


def exchange(name: str, mission_type: int) -> Iterator[Any]:
    """Return the messages of the first upload of a list in a recording, both ways."""
    begun = False
    for _, one in frames(name):
        if not one.get_type().startswith("MISSION_") or getattr(one, "mission_type", -1) != mission_type:
            continue
        begun |= one.get_type() == "MISSION_COUNT" and one.get_srcSystem() == 255
        if begun:
            yield one
            if one.get_type() == "MISSION_ACK":
                return


@pytest.mark.parametrize(("name", "mission_type"), UPLOADS)
def test_upload_answers_the_real_vehicle_as_the_recorded_client_did(name: str, mission_type: int) -> None:
    """Given the vehicle's recorded questions, the upload sends the recorded items and ends acknowledged."""
    messages = list(exchange(name, mission_type))
    recorded = [m for m in messages if m.get_srcSystem() == 255 and m.get_type() == "MISSION_ITEM_INT"]
    items = [WireItem.from_message(m) for m in recorded]
    upload = Upload(items, VEHICLE, MissionType(mission_type))
    sent = [m for m in upload.start(0.0) if m.get_type() == "MISSION_ITEM_INT"]
    for number, one in enumerate(messages):
        if one.get_srcSystem() == 1:
            sent += upload.receive(one, number * 1e-3)
    assert upload.acknowledged
    assert [WireItem.from_message(m) for m in sent] == items


@pytest.mark.parametrize(("name", "count"), [("flight", 7), ("inflight-edit", 7)])
def test_what_a_real_vehicle_held_before_its_flight_verifies(name: str, count: int) -> None:
    """Items read back from the real vehicle are what our rules say it keeps of the items sent to it."""
    sent: dict[int, WireItem] = {}
    held: dict[int, WireItem] = {}
    for _, one in frames(name):
        if one.get_type() == "MISSION_ITEM_INT" and one.mission_type == 0:
            if one.get_srcSystem() == 1:
                held[one.seq] = WireItem.from_message(one)
            elif len(held) < count:
                sent[one.seq] = WireItem.from_message(one)
    assert len(held) == count
    assert verify([sent[n] for n in sorted(sent)], [held[n] for n in sorted(held)], MissionType.MISSION) == []


@pytest.mark.parametrize(("up", "down", "mission_type"), PAIRS)
def test_recorded_round_trips_verify(up: str, down: str, mission_type: MissionType) -> None:
    """Each list that was recorded going up and coming down again counts as held."""
    sent = [
        WireItem.from_message(message(one.sent))
        for section in SECTIONS
        if section.title.startswith(up)
        for one in section.exchanges
        if one.sent[0] == "MISSION_ITEM_INT"
    ]
    held = [
        WireItem.from_message(message(told))
        for section in SECTIONS
        if section.title.startswith(down)
        for one in section.exchanges
        for _, told in one.answers
        if told[0] == "MISSION_ITEM_INT"
    ]
    assert len(sent) >= 2
    assert verify(sent, held, mission_type) == []


@pytest.mark.parametrize(("up", "down", "mission_type"), PAIRS)
def test_download_reads_the_recorded_answers(up: str, down: str, mission_type: MissionType) -> None:
    """A download fed with the recorded answers asks the recorded questions and ends complete."""
    (section,) = (one for one in SECTIONS if one.title.startswith(down))
    download = Download(VEHICLE, mission_type)
    asked = download.start(0.0)
    for one in section.exchanges:
        for time_s, told in one.answers:
            asked += download.receive(heard(message(told)), time_s)
    assert download.done
    assert [m.get_type() for m in asked] == [one.sent[0] for one in section.exchanges]
