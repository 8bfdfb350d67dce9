"""The client's transfers against the vehicle's item server over bad channels."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError, UploadRefusedError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.item_rules import mission_item
from dronepatrol.mavlink.item_server import ItemServer
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import differences
from dronepatrol.mavlink.transfer import Download, Target, Upload

VEHICLE = Target(1, 1)
ROUTE = [
    WireItem(0, 0, 16, x=300300000, y=1208700000, z=10.0),
    WireItem(1, 3, 22, z=20.0),
    WireItem(2, 6, 16, (3.7, 5.0, 0.0, 90.0), 300301000, 1208701000, 20.123),
    WireItem(3, 2, 178, (1.0, 5.5, -1.0, 0.0)),
    WireItem(4, 6, 82, (2.0, 0.0, 0.0, 0.0), 300302000, 1208702000, 25.0),
    WireItem(5, 2, 20),
]


class Channel:
    """Both directions of a link on a simulated clock, with frames lost, repeated and out of order."""

    def __init__(
        self, seed: int = 0, *, loss: float = 0.0, repeat: float = 0.0, delay_s: float = 0.0
    ) -> None:
        self.now_s = 1000.1
        self.server = ItemServer(system=1, component=1)
        self._random = random.Random(seed)
        self._loss, self._repeat, self._delay_s = loss, repeat, delay_s
        self._flying: list[tuple[float, int, bool, bytes]] = []
        self._number = 0
        self._client, self._vehicle = Codec(255, 190), Codec(1, 1)
        self._heard_by_client, self._heard_by_vehicle = Codec(9, 9), Codec(9, 9)
        self.steps = 0

    def _post(self, messages: Sequence[Any], *, to_vehicle: bool) -> None:
        for message in messages:
            frame = (self._client if to_vehicle else self._vehicle).pack(message)
            for _ in range(1 + (self._random.random() < self._repeat)):
                if self._random.random() >= self._loss:
                    arrival_s = self.now_s + 0.005 + self._random.random() * self._delay_s
                    self._number += 1
                    heapq.heappush(self._flying, (arrival_s, self._number, to_vehicle, frame))

    def run(self, machine: Upload | Download, *, limit_s: float = 300.0) -> None:
        """Drive a transfer to its end."""
        self._post(machine.start(self.now_s), to_vehicle=True)
        end_s = self.now_s + limit_s
        while not machine.finished:
            self.steps += 1
            assert self.steps < 20_000, "the clock stands still"
            arrival_s = self._flying[0][0] if self._flying else end_s
            self.now_s = max(self.now_s, min(arrival_s, machine.next_wakeup_s, self.server.next_wakeup_s))
            assert self.now_s < end_s, "the transfer hangs"
            if self._flying and arrival_s <= self.now_s:
                self._deliver(machine)
            self._post([answer.message for answer in self.server.poll(self.now_s)], to_vehicle=False)
            self._post(machine.poll(self.now_s), to_vehicle=True)

    def _deliver(self, machine: Upload | Download) -> None:
        _, _, to_vehicle, frame = heapq.heappop(self._flying)
        if to_vehicle:
            for message in self._heard_by_vehicle.parse(frame):
                answers = self.server.receive(message, (255, 190), self.now_s)
                self._post([answer.message for answer in answers], to_vehicle=False)
        else:
            for message in self._heard_by_client.parse(frame):
                self._post(machine.receive(message, self.now_s), to_vehicle=True)


def kept(items: Sequence[WireItem]) -> list[WireItem]:
    """Return what the vehicle keeps of a mission, without home."""
    found = [mission_item(item) for item in items[1:]]
    assert all(isinstance(item, WireItem) for item in found)
    return [item for item in found if isinstance(item, WireItem)]


def test_clean_round_trip() -> None:
    """On a good link a mission is acknowledged, and read back as the vehicle keeps it."""
    channel = Channel()
    upload = Upload(ROUTE, VEHICLE, MissionType.MISSION)
    channel.run(upload)
    download = Download(VEHICLE, MissionType.MISSION)
    channel.run(download)
    assert upload.acknowledged
    assert len(download.items) == len(ROUTE)
    assert differences(ROUTE, download.items) == []
    assert channel.now_s < 1000.1 + 0.5


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(0, 6))
def test_upload_over_a_lossy_channel_ends(seed: int, count: int) -> None:
    """With 30 % of frames lost, repeats and reordering, an upload ends, and an acknowledged one is held."""
    channel = Channel(seed, loss=0.3, repeat=0.2, delay_s=0.2)
    channel.server.mission.load([WireItem(i, 3, 16, x=i) for i in range(4)])
    upload = Upload(ROUTE[:count], VEHICLE, MissionType.MISSION)
    channel.run(upload)
    assert upload.done != (upload.error is not None)
    assert not isinstance(upload.error, UploadRefusedError)
    if upload.acknowledged:
        assert channel.server.mission.items[1:] == kept(ROUTE[:count])


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_download_over_a_lossy_channel_ends(seed: int) -> None:
    """With 30 % of frames lost, repeats and reordering, a download that is done is complete and right."""
    channel = Channel(seed, loss=0.3, repeat=0.2, delay_s=0.2)
    channel.server.mission.load([item for item in map(mission_item, ROUTE) if isinstance(item, WireItem)])
    download = Download(VEHICLE, MissionType.MISSION)
    channel.run(download)
    if download.error is None:
        assert download.items[1:] == channel.server.mission.items[1:]
    else:
        assert isinstance(download.error, ProtocolTimeoutError)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_upload_and_reading_back_succeed_within_a_few_attempts(seed: int) -> None:
    """Uploading until what is read back is right takes a few attempts at 30 % loss, never a wrong yes."""
    channel = Channel(seed, loss=0.3, repeat=0.1, delay_s=0.1)
    for _ in range(8):
        upload = Upload(ROUTE, VEHICLE, MissionType.MISSION)
        channel.run(upload)
        download = Download(VEHICLE, MissionType.MISSION)
        channel.run(download)
        if download.error is None and differences(ROUTE, download.items) == []:
            break
    assert channel.server.mission.items[1:] == kept(ROUTE)


def test_most_uploads_survive_heavy_loss() -> None:
    """At 30 % loss nine uploads of ten end well at the first attempt."""
    good = 0
    for seed in range(100):
        channel = Channel(seed, loss=0.3, repeat=0.1, delay_s=0.1)
        upload = Upload(ROUTE, VEHICLE, MissionType.MISSION)
        channel.run(upload)
        good += upload.done and channel.server.mission.items[1:] == kept(ROUTE)
    assert good >= 90


def test_dead_link_ends_in_a_timeout() -> None:
    """Without any answer both transfers end in an error that says how far they came."""
    upload = Upload(ROUTE, VEHICLE, MissionType.MISSION)
    Channel(loss=1.0).run(upload)
    download = Download(VEHICLE, MissionType.MISSION)
    Channel(loss=1.0).run(download)
    assert isinstance(upload.error, ProtocolTimeoutError)
    assert "after 0 of 6" in str(upload.error)
    assert "after no items" in str(download.error)


def test_refused_item_is_named() -> None:
    """A bad item ends the upload at once with its number and the vehicle's reason."""
    bad = [*ROUTE[:3], WireItem(3, 6, 16, x=950000000)]
    upload = Upload(bad, VEHICLE, MissionType.MISSION)
    Channel().run(upload)
    assert isinstance(upload.error, UploadRefusedError)
    assert (
        str(upload.error) == "the vehicle refused the mission upload at item 3: MAV_MISSION_INVALID_PARAM5_X"
    )


def test_too_many_items_are_refused_at_the_start() -> None:
    """A mission longer than the vehicle's store is refused before any item is sent."""
    upload = Upload([ROUTE[0].numbered(i) for i in range(651)], VEHICLE, MissionType.MISSION)
    Channel().run(upload)
    assert "at its start: MAV_MISSION_NO_SPACE" in str(upload.error)


def test_download_waits_for_an_upload_to_time_out() -> None:
    """A download denied because an upload was left unfinished succeeds once the vehicle has given that up."""
    channel = Channel()
    channel.server.receive(dialect.MAVLink_mission_count_message(1, 1, 3, 0), (254, 1), channel.now_s)
    download = Download(VEHICLE, MissionType.MISSION)
    channel.run(download)
    assert download.done
    assert 1008.1 <= channel.now_s < 1010.1


def test_lasting_refusal_of_a_download_is_told() -> None:
    """A download that stays refused ends with the vehicle's reason."""
    download = Download(VEHICLE, MissionType.MISSION)
    download.start(0.0)
    ack = dialect.MAVLink_mission_ack_message(255, 190, dialect.MAV_MISSION_DENIED, 0)
    for second in range(21):
        download.receive(from_vehicle(ack), float(second))
        download.poll(float(second))
    assert isinstance(download.error, ProtocolError)
    assert str(download.error) == "the vehicle refused the mission download: MAV_MISSION_DENIED"


def from_vehicle(message: Any, system: int = 1) -> Any:
    """Return a message as it is heard from the vehicle."""
    (heard,) = Codec(9, 9).parse(Codec(system, 1).pack(message))
    return heard


def sent_all(upload: Upload) -> None:
    """Let the vehicle ask for every item once."""
    upload.start(0.0)
    for seq in range(len(ROUTE)):
        request = dialect.MAVLink_mission_request_message(255, 190, seq, upload.mission_type)
        upload.receive(from_vehicle(request), 0.0)


def ack(result: int, target: int = 255, kind: int = 0) -> Any:
    """Return a MISSION_ACK as heard."""
    return from_vehicle(dialect.MAVLink_mission_ack_message(target, 190, result, kind))


def test_early_acceptance_is_not_ours() -> None:
    """An acceptance before any item was sent belongs to an earlier transfer and is passed over."""
    upload = Upload(ROUTE, VEHICLE, MissionType.MISSION)
    upload.start(0.0)
    upload.receive(ack(dialect.MAV_MISSION_ACCEPTED), 0.1)
    assert not upload.finished


@pytest.mark.parametrize(
    ("kind", "repeats", "done"),
    [(MissionType.MISSION, 0, True), (MissionType.FENCE, 0, False), (MissionType.FENCE, 1, True)],
)
def test_error_after_the_last_item_may_mean_a_lost_ack(kind: MissionType, repeats: int, done: bool) -> None:
    """MAV_MISSION_ERROR after the last item leaves an upload in doubt, but refuses a fence sent once."""
    upload = Upload(ROUTE, VEHICLE, kind)
    sent_all(upload)
    last = dialect.MAVLink_mission_request_message(255, 190, len(ROUTE) - 1, kind)
    for _ in range(repeats):
        upload.receive(from_vehicle(last), 1.0)
    upload.receive(ack(dialect.MAV_MISSION_ERROR, kind=kind), 1.1)
    assert upload.done is done
    assert not upload.acknowledged
    assert (upload.error is None) is done


def test_vehicle_giving_up_is_no_refusal() -> None:
    """When the vehicle's own time-out ends the upload, the error allows another attempt."""
    upload = Upload(ROUTE, VEHICLE, MissionType.MISSION, restarts=0)
    upload.start(0.0)
    upload.receive(ack(dialect.MAV_MISSION_OPERATION_CANCELLED), 8.0)
    assert isinstance(upload.error, ProtocolTimeoutError)


def test_answers_to_other_clients_are_passed_over() -> None:
    """On a shared link the refusal of another client's upload does not end ours."""
    upload = Upload(ROUTE, VEHICLE, MissionType.MISSION, own_system=255)
    upload.start(0.0)
    upload.receive(ack(dialect.MAV_MISSION_NO_SPACE, target=254), 0.1)
    assert not upload.finished
    upload.receive(ack(dialect.MAV_MISSION_NO_SPACE, target=255), 0.2)
    assert upload.finished
