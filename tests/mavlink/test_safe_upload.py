"""Uploads that end in a known state, on links good and bad."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError, UploadRefusedError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.item_server import ItemHooks, ItemServer
from dronepatrol.mavlink.items import MissionType, WireItem
from dronepatrol.mavlink.kept import verify
from dronepatrol.mavlink.round_trip import RoundTrip
from dronepatrol.mavlink.safe_upload import Outcome, SafeUpload
from dronepatrol.mavlink.transfer import Download, PartialUpload, Upload
from tests.mavlink.bad_link import BadLink, ItemVehicle, heard, route

VEHICLE = Target(1, 1)
BAD: dict[str, Any] = {"loss": 0.3, "repeat": 0.1, "reorder": 0.1, "delay_s": 0.2, "jitter_s": 0.1}
FENCE = [
    WireItem(0, 0, 5001, (3.0, 0.0, 0.0, 0.0), 300300000, 1208700000),
    WireItem(1, 0, 5001, (3.0, 0.0, 0.0, 0.0), 300310000, 1208700000),
    WireItem(2, 0, 5001, (3.0, 0.0, 0.0, 0.0), 300310000, 1208710000),
    WireItem(3, 0, 5004, (25.5, 0.0, 0.0, 0.0), 300305000, 1208705000),
]
RALLY = [WireItem(seq, 3, 5100, x=300300000 + seq, y=1208700000, z=30.7) for seq in range(5)]


class Forgetful(ItemVehicle):
    """A vehicle in whose memory items go wrong just after they were taken."""

    def __init__(self, wrong: set[int], *, lasting: bool = False) -> None:
        super().__init__()
        self._wrong = wrong
        self._lasting = lasting

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Spoil the list once when it is read back."""
        if message.get_type() == "MISSION_REQUEST_LIST":
            mission = self.server.mission
            for seq in self._wrong:
                if seq < len(mission.items):
                    mission.items[seq] = replace(mission.items[seq], x=1)
            if not self._lasting:
                self._wrong = set()
        return super().receive(message, now_s)


class Speechless(ItemVehicle):
    """A vehicle whose questions for items never come through, though all else does."""

    def _without_questions(self, answers: list[Any]) -> list[Any]:
        return [answer for answer in answers if answer.get_type() != "MISSION_REQUEST"]

    def receive(self, message: Any, now_s: float) -> list[Any]:
        """Take a message and keep questions back."""
        return self._without_questions(super().receive(message, now_s))

    def poll(self, now_s: float) -> list[Any]:
        """Keep questions back."""
        return self._without_questions(super().poll(now_s))


def test_good_link_needs_no_waiting() -> None:
    """On a link of 4 ms there and back, 500 items are sent and read back without one wait or repeat."""
    link = BadLink(ItemVehicle())
    upload = SafeUpload(route(500), VEHICLE)
    link.run(upload)
    assert upload.outcome is Outcome.HELD
    assert link.elapsed_s < 500 * 0.004 + 0.5
    assert link.sent == 1 + 500 + 1 + 500 + 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_long_mission_over_a_bad_link(seed: int) -> None:
    """30 % loss each way, 200 ms delay with jitter, repeats and reordering: 500 items are held."""
    link = BadLink(ItemVehicle(), seed, **BAD)
    mission = route(500)
    upload = SafeUpload(mission, VEHICLE)
    link.run(upload)
    assert upload.outcome is Outcome.HELD
    assert upload.held is not None
    assert verify(mission, upload.held, MissionType.MISSION) == []
    assert link.elapsed_s < 500.0


def test_long_round_trips_are_used_for_several_items() -> None:
    """On a clean link of 0.4 s there and back, items under way together cut the time to a third and less."""
    one, many = BadLink(ItemVehicle(), delay_s=0.2), BadLink(ItemVehicle(), delay_s=0.2)
    one.run(SafeUpload(route(60), VEHICLE, window=1))
    many.run(SafeUpload(route(60), VEHICLE, window=8))
    assert many.elapsed_s < one.elapsed_s / 3.0
    assert one.sent == 1 + 60 + 1 + 60 + 1


def test_round_trip_of_five_seconds_is_no_time_out() -> None:
    """A link slower than the vehicle's patience per item still carries a mission."""
    link = BadLink(ItemVehicle(), 4, delay_s=2.5, loss=0.1)
    upload = SafeUpload(route(30), VEHICLE)
    link.run(upload)
    assert upload.outcome is Outcome.HELD


@pytest.mark.parametrize(
    ("mission_type", "items"),
    [(MissionType.FENCE, FENCE), (MissionType.RALLY, RALLY)],
    ids=["fence", "rally"],
)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_fence_and_rally_over_a_bad_link(mission_type: MissionType, items: list[WireItem], seed: int) -> None:
    """Fences and rally points end held, and what is held is what the vehicle keeps of what was sent."""
    vehicle = ItemVehicle()
    upload = SafeUpload(items, VEHICLE, mission_type)
    BadLink(vehicle, seed, **BAD).run(upload)
    stored = vehicle.server.fence if mission_type == MissionType.FENCE else vehicle.server.rally
    assert upload.outcome is Outcome.HELD
    assert verify(items, stored.items, mission_type) == []


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12), loss=st.floats(0.0, 0.6))
def test_held_is_never_claimed_wrongly(seed: int, count: int, loss: float) -> None:
    """Whatever the link does, HELD means held, CLEARED means empty, and everything else is an error."""
    vehicle = ItemVehicle()
    vehicle.server.mission.load(route(20))
    upload = SafeUpload(route(count), VEHICLE)
    BadLink(vehicle, seed, loss=loss, repeat=0.2, reorder=0.2, delay_s=0.1, jitter_s=0.1).run(upload)
    stored = vehicle.server.mission
    held = [item for seq in range(stored.count) if (item := stored.item(seq))]
    assert (upload.outcome is Outcome.HELD) == upload.done == (upload.error is None)
    if upload.done:
        assert verify(route(count), held, MissionType.MISSION) == []
    elif upload.outcome is Outcome.CLEARED:
        assert len(held) <= 1


@pytest.mark.parametrize("wrong", [{7}, {3, 4, 9}])
def test_few_wrong_items_are_repaired_in_place(wrong: set[int]) -> None:
    """Items that read back wrong are written anew by themselves."""
    link = BadLink(Forgetful(wrong))
    upload = SafeUpload(route(40), VEHICLE)
    link.run(upload)
    assert upload.outcome is Outcome.HELD
    assert upload.tries == 2
    runs = 1 if wrong == {7} else 2
    assert link.sent == (1 + 40) + (runs + len(wrong)) + 2 * (1 + 40 + 1)


def test_vehicle_that_never_keeps_an_item_ends_cleared() -> None:
    """A list that reads back wrong time and again is cleared, and the error names the item."""
    vehicle = Forgetful({5}, lasting=True)
    upload = SafeUpload(route(10), VEHICLE)
    BadLink(vehicle).run(upload)
    assert upload.outcome is Outcome.CLEARED
    assert "in 4 attempts: item 5: position 1, " in str(upload.error)
    assert str(upload.error).endswith("; the vehicle now holds no mission")
    assert vehicle.server.mission.items == []


def test_refused_mission_is_cleared_and_not_tried_again() -> None:
    """A bad item ends the upload at once; the mixture that it left is cleared."""
    vehicle = ItemVehicle()
    vehicle.server.mission.load(route(8))
    mission = [*route(6)[:4], WireItem(4, 6, 16, x=950000000)]
    upload = SafeUpload(mission, VEHICLE)
    BadLink(vehicle).run(upload)
    assert isinstance(upload.error, UploadRefusedError)
    assert upload.outcome is Outcome.CLEARED
    assert upload.tries == 1
    assert "at item 4: MAV_MISSION_INVALID_PARAM5_X; the vehicle now holds no mission" in str(upload.error)


def test_too_long_mission_leaves_the_old_one() -> None:
    """What is refused before its first item has changed nothing, and nothing is cleared for it."""
    vehicle = ItemVehicle()
    vehicle.server.mission.load(route(8))
    upload = SafeUpload(route(651), VEHICLE)
    BadLink(vehicle).run(upload)
    assert upload.outcome is Outcome.OTHER
    assert str(upload.error).endswith("the vehicle holds its former mission of 8 items")


def test_list_cut_by_an_unanswered_count_is_cleared() -> None:
    """A COUNT cuts the old mission at once; if no item follows, its first half must not stay to be flown."""
    vehicle = Speechless()
    vehicle.server.mission.load(route(20))
    upload = SafeUpload(route(5), VEHICLE, attempts=1)
    BadLink(vehicle).run(upload)
    assert upload.outcome is Outcome.CLEARED
    assert upload.sent == 0
    assert vehicle.server.mission.items == []


def test_refused_fence_leaves_the_old_one() -> None:
    """A fence changes only as a whole: the old one stays, and the error says so."""
    vehicle = ItemVehicle()
    vehicle.server.fence.load(FENCE)
    upload = SafeUpload(FENCE[:2], VEHICLE, MissionType.FENCE)
    BadLink(vehicle).run(upload)
    assert upload.outcome is Outcome.OTHER
    assert str(upload.error).endswith("the vehicle holds its former fence of 4 items")
    assert len(vehicle.server.fence.items) == 4


def test_mission_in_flight_cannot_be_cleared() -> None:
    """A vehicle that flies its mission keeps the mixture, and the error says what it holds."""
    vehicle = ItemVehicle(ItemServer(system=1, component=1, hooks=ItemHooks(mission_running=lambda: True)))
    vehicle.server.mission.load(route(8))
    upload = SafeUpload([*route(6)[:4], WireItem(4, 6, 16, x=950000000)], VEHICLE)
    BadLink(vehicle).run(upload)
    assert upload.outcome is Outcome.OTHER
    assert "the vehicle holds 5 items that differ from what was sent: item 4: held although" in str(
        upload.error
    )


def test_dead_link_ends_unknown() -> None:
    """When nothing comes back, nobody can know what the vehicle holds, and the error says what to do."""
    upload = SafeUpload(route(5), VEHICLE)
    BadLink(ItemVehicle(), loss=1.0).run(upload)
    assert upload.outcome is Outcome.UNKNOWN
    assert isinstance(upload.error, ProtocolTimeoutError)
    assert "upload or clear it before anything flies" in str(upload.error)


def test_cancelled_upload_is_cleared() -> None:
    """Cancelling half-way ends the transfer, clears the mixture and says how far it came."""
    vehicle = ItemVehicle()
    link = BadLink(vehicle)
    upload = SafeUpload(route(100), VEHICLE)
    link.run_until(upload, 0.2)
    link.post(upload.cancel(link.now_s))
    link.go_on(upload)
    assert upload.outcome is Outcome.CLEARED
    assert "cancelled: the vehicle had asked for" in str(upload.error)
    assert vehicle.server.mission.items == []


@pytest.mark.parametrize("length_s", [3.0, 60.0])
def test_short_and_long_outages_are_sat_out(length_s: float) -> None:
    """A link that dies in mid-upload is waited for; a vehicle that gave up meanwhile is sent all again."""
    link = BadLink(ItemVehicle(), delay_s=0.02, outages_s=((1.0, 1.0 + length_s),))
    upload = Upload(route(200), VEHICLE, MissionType.MISSION, patience_s=90.0, window=1)
    link.run(upload)
    assert upload.acknowledged
    assert upload.restarts_left == (3 if length_s < 8.0 else 2)


@pytest.mark.parametrize("length_s", [5.0, 30.0])
def test_interrupted_upload_is_resumed(length_s: float) -> None:
    """Started again after its time-out, an upload goes on where the vehicle asks, else begins anew."""
    vehicle = ItemVehicle()
    known = RoundTrip()
    known.answered([0.0], 0.004)
    link = BadLink(vehicle, outages_s=((0.2, 0.2 + length_s),))
    patience_s = 3.0 if length_s < 8.0 else 12.0
    upload = Upload(route(200), VEHICLE, MissionType.MISSION, patience_s=patience_s, round_trip=known)
    link.run(upload)
    assert isinstance(upload.error, ProtocolTimeoutError)
    sent_before = link.sent
    link.wait(0.3 + length_s)
    link.run(upload)
    assert upload.acknowledged
    assert verify(route(200), vehicle.server.mission.items, MissionType.MISSION) == []
    assert (link.sent - sent_before < 190) == (length_s < 8.0)


def test_partial_upload_replaces_only_its_part() -> None:
    """Items 3 to 5 are replaced and all others stay."""
    vehicle = ItemVehicle()
    vehicle.server.mission.load([replace(item, x=7) for item in route(10)])
    part = PartialUpload(route(10), 3, 5, VEHICLE, MissionType.MISSION)
    BadLink(vehicle, 3, **BAD).run(part)
    assert part.done
    assert [seq for seq, item in enumerate(vehicle.server.mission.items) if item.x != 7] == [3, 4, 5]


def test_part_outside_the_list_is_refused_at_once() -> None:
    """A part that the list does not have is a mistake of the caller."""
    with pytest.raises(ValueError, match="items 3 to 10 are not within a list of 10"):
        PartialUpload(route(10), 3, 10, VEHICLE, MissionType.MISSION)


def test_upload_waits_for_another_client_to_finish() -> None:
    """While another ground station uploads, ours is denied and tries again until that has ended."""
    vehicle = ItemVehicle()
    vehicle.server.receive(dialect.MAVLink_mission_count_message(1, 1, 3, 0), (254, 1), 1000.0)
    link = BadLink(vehicle)
    upload = Upload(route(5), VEHICLE, MissionType.MISSION, own_system=255)
    link.run(upload)
    assert upload.acknowledged
    assert 8.0 < link.elapsed_s < 11.0


def test_changed_count_restarts_a_download() -> None:
    """A list that gets longer while it is read is read from its beginning."""
    download = Download(VEHICLE, MissionType.MISSION, window=4)
    download.start(0.0)
    count = [heard(dialect.MAVLink_mission_count_message(255, 190, n, 0)) for n in (3, 2)]
    download.receive(count[0], 0.1)
    download.receive(heard(route(3)[0].message(255, 190, MissionType.MISSION)), 0.2)
    asked = download.receive(count[1], 0.3)
    assert [message.seq for message in asked] == [0, 1]
    assert download.items == []


def test_cancelled_download_tells_the_vehicle() -> None:
    """Cancelling a download sends the ACK that ends it and says how far it came."""
    download = Download(VEHICLE, MissionType.MISSION)
    download.start(0.0)
    (ack,) = download.cancel(0.5)
    assert ack.type == dialect.MAV_MISSION_OPERATION_CANCELLED
    assert isinstance(download.error, ProtocolError)
    assert str(download.error) == "cancelled: the vehicle had sent no mission items"
