"""Log download against the log server, on links good and bad."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.errors import ProtocolError, ProtocolTimeoutError
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.mavlink.exchange import Target
from dronepatrol.mavlink.log_client import LogDownload, LogEntry, LogList
from dronepatrol.mavlink.log_server import LogServer, StoredLog
from tests.mavlink.bad_link import BadLink, LogVehicle, heard

VEHICLE = Target(1, 1)
BAD: dict[str, Any] = {"loss": 0.3, "repeat": 0.1, "reorder": 0.1, "delay_s": 0.2, "jitter_s": 0.1}


def dataflash(size: int, seed: int = 0) -> bytes:
    """Return bytes of no pattern."""
    return random.Random(seed).randbytes(size)


def vehicle(*logs: bytes, **options: Any) -> LogVehicle:
    """Return a vehicle that has logs, the oldest first."""
    stored = [StoredLog.of_bytes(data, 1_700_000_000 + n) for n, data in enumerate(logs)]
    return LogVehicle(LogServer(lambda: stored, **options))


def fetch(link: BadLink, entry: LogEntry) -> LogDownload:
    """Download one log."""
    download = LogDownload(entry, VEHICLE)
    link.run(download)
    return download


def test_logs_are_listed() -> None:
    """Every log is told with number, size and time."""
    logs = LogList(VEHICLE)
    BadLink(vehicle(b"x" * 100, b"y" * 2000)).run(logs)
    assert logs.entries == [LogEntry(1, 100, 1_700_000_000), LogEntry(2, 2000, 1_700_000_001)]


def test_no_logs_is_no_error() -> None:
    """A vehicle without logs says so, and the list is empty."""
    logs = LogList(VEHICLE)
    BadLink(vehicle()).run(logs)
    assert logs.done
    assert logs.entries == []


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 40))
def test_list_is_complete_over_a_bad_link(seed: int, count: int) -> None:
    """Entries that were lost are asked for again until all are there."""
    logs = LogList(VEHICLE)
    BadLink(vehicle(*[b"x" * n for n in range(1, count + 1)]), seed, **BAD).run(logs)
    assert [entry.size for entry in logs.entries] == list(range(1, count + 1))


@pytest.mark.parametrize("size", [0, 1, 89, 90, 91, 9000, 400_000])
def test_log_of_any_size_comes_whole(size: int) -> None:
    """Sizes at the edges of a piece, and of a block, are read to the last byte."""
    data = dataflash(size)
    download = fetch(BadLink(vehicle(data)), LogEntry(1, size, 0))
    assert download.done
    assert download.data == data


def test_good_link_is_used_at_the_vehicles_pace() -> None:
    """A clean link brings what the vehicle sends per second, without pauses."""
    data = dataflash(800_000)
    link = BadLink(vehicle(data))
    download = fetch(link, LogEntry(1, len(data), 0))
    assert link.elapsed_s < 1.1 * len(data) / 200_000.0
    assert download.requests == -(-len(data) // (4096 * 90))


@pytest.mark.parametrize("seed", [1, 2])
def test_gaps_are_filled_over_a_bad_link(seed: int) -> None:
    """With 30 % lost, repeats and reordering a log comes whole in a few rounds and not piece by piece."""
    data = dataflash(150_000, seed)
    link = BadLink(vehicle(data), seed, **BAD)
    download = fetch(link, LogEntry(1, len(data), 0))
    assert download.data == data
    assert download.requests < 60
    assert link.elapsed_s < 60.0


def test_outage_is_sat_out() -> None:
    """A link dead for 8 s costs that time and not the log."""
    data = dataflash(1_000_000)
    link = BadLink(vehicle(data), delay_s=0.05, outages_s=((1.0, 9.0),))
    assert fetch(link, LogEntry(1, len(data), 0)).data == data
    assert link.elapsed_s < 16.0


def test_log_shorter_than_listed_ends_with_what_there_is() -> None:
    """A piece that is not full says that the log ends there."""
    data = dataflash(1000)
    download = fetch(BadLink(vehicle(data)), LogEntry(1, 5000, 0))
    assert download.data == data


def test_dead_link_is_a_time_out() -> None:
    """Without any answer both end in errors that say how far they came."""
    logs = LogList(VEHICLE)
    BadLink(vehicle(b"x"), loss=1.0).run(logs)
    download = fetch(BadLink(vehicle(b"x"), loss=1.0), LogEntry(1, 1, 0))
    assert isinstance(logs.error, ProtocolTimeoutError)
    assert str(logs.error) == "the vehicle told 0 of an unknown number of logs"
    assert str(download.error) == "the vehicle sent 0 of 1 pieces of log 1"


def test_cancel_stops_the_vehicle() -> None:
    """Cancelling sends LOG_REQUEST_END, after which the vehicle is idle."""
    far = vehicle(dataflash(1_000_000))
    link = BadLink(far)
    download = LogDownload(LogEntry(1, 1_000_000, 0), VEHICLE)
    link.run_until(download, 1.0)
    link.post(download.cancel(link.now_s))
    link.wait(1.1)
    assert isinstance(download.error, ProtocolError)
    assert "cancelled" in str(download.error)
    assert 0.1 < download.progress < 0.3
    assert not far.server.busy


def answers(server: LogServer, message: Any) -> Sequence[Any]:
    """Return what a server says to one message."""
    return server.receive(heard(message), 0.0)


def test_server_tells_the_asked_part_of_its_list() -> None:
    """Only the logs between the two ends that were asked for are told."""
    server = vehicle(b"a", b"b", b"c").server
    told = answers(server, dialect.MAVLink_log_request_list_message(1, 1, 2, 0xFFFF))
    assert [(entry.id, entry.num_logs, entry.last_log_num) for entry in told] == [(2, 3, 3), (3, 3, 3)]


def test_server_passes_over_a_log_that_it_does_not_have() -> None:
    """A request for a log of another number is not answered."""
    server = vehicle(b"a").server
    assert answers(server, dialect.MAVLink_log_request_data_message(1, 1, 2, 0, 90)) == []
    assert not server.busy


def test_server_ends_a_request_beyond_the_end_with_an_empty_piece() -> None:
    """Data from behind the end is a piece without bytes."""
    server = vehicle(b"abc").server
    (piece,) = answers(server, dialect.MAVLink_log_request_data_message(1, 1, 1, 180, 90))
    assert (piece.ofs, piece.count) == (180, 0)


def test_server_forgets_its_logs_when_told() -> None:
    """LOG_ERASE calls what erases, and is passed over where nothing does."""
    called = []
    server = LogServer(list, erase=lambda: called.append(1))
    answers(server, dialect.MAVLink_log_erase_message(1, 1))
    answers(LogServer(list), dialect.MAVLink_log_erase_message(1, 1))
    assert called == [1]
