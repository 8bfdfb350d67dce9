"""The telemetry recorder, read back by pymavlink."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymavlink import mavutil

from dronepatrol.errors import OutputError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.telemetry.reader import frames
from dronepatrol.telemetry.recorder import TlogRecorder

T0 = 1_789_360_000.0


def beat() -> object:
    """A ground station's heartbeat."""
    return dialect.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3)


def test_pymavlink_reads_every_frame_with_its_time(tmp_path: Path) -> None:
    """What is written comes back from mavutil in order, with the time it was written at."""
    codec, path = Codec(255, 190), tmp_path / "a.tlog"
    with TlogRecorder(path) as recorder:
        for k in range(500):
            recorder.write(codec.pack(beat()), T0 + 0.25 * k)
    log = mavutil.mavlink_connection(str(path))
    times = []
    while (message := log.recv_msg()) is not None:
        assert message.get_type() == "HEARTBEAT"
        times.append(message._timestamp)
    log.close()
    assert times == pytest.approx([T0 + 0.25 * k for k in range(500)], abs=1e-3)


def test_time_never_runs_backwards(tmp_path: Path) -> None:
    """A stamp earlier than the one before is raised to it."""
    codec, path = Codec(255, 190), tmp_path / "a.tlog"
    with TlogRecorder(path) as recorder:
        for at_s in (T0, T0 + 5.0, T0 + 3.0):
            recorder.write(codec.pack(beat()), at_s)
    stamps = [stamp for stamp, *_ in frames(path.read_bytes())]
    assert stamps == [round((T0 + d) * 1e6) for d in (0.0, 5.0, 5.0)]


def test_shift_moves_every_stamp(tmp_path: Path) -> None:
    """The shift is added to each time."""
    codec, path = Codec(255, 190), tmp_path / "a.tlog"
    with TlogRecorder(path, shift_s=-604_800.0) as recorder:
        recorder.write(codec.pack(beat()), T0)
    assert [stamp for stamp, *_ in frames(path.read_bytes())] == [round((T0 - 604_800.0) * 1e6)]


def test_an_existing_log_is_not_overwritten(tmp_path: Path) -> None:
    """A log that is there already is an error, and stays as it was."""
    path = tmp_path / "a.tlog"
    path.write_bytes(b"precious")
    with pytest.raises(OutputError, match=r"a\.tlog: cannot write the log"):
        TlogRecorder(path)
    assert path.read_bytes() == b"precious"
