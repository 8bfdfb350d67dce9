"""The hash chain beside a log, and the recorder under trouble."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import dialect
from dronepatrol.telemetry.chain import BLOCK_BYTES, Verdict, chain_path, verify_chain
from dronepatrol.telemetry.reader import frames
from dronepatrol.telemetry.recorder import TlogRecorder

T0 = 1_789_360_000.0
FRAME = Codec(1, 1).pack(dialect.MAVLink_heartbeat_message(2, 3, 81, 0, 3, 3))
RECORD_BYTES = 8 + len(FRAME)


def record(path: Path, count: int, **options: object) -> TlogRecorder:
    """Record heartbeats, one a millisecond, and close."""
    with TlogRecorder(path, **options) as recorder:  # type: ignore[arg-type]
        for k in range(count):
            recorder.write(FRAME, T0 + k * 1e-3)
    return recorder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A sealed log of a little more than four blocks."""
    path = tmp_path / "a.tlog"
    record(path, 4 * BLOCK_BYTES // RECORD_BYTES + 100)
    return path


def test_an_untouched_log_is_intact(log: Path) -> None:
    """Every block agrees, and the last link is what the recorder sealed."""
    evidence = verify_chain(log)
    assert (evidence.verdict, evidence.problems, evidence.blocks) == (Verdict.INTACT, (), 5)


def test_one_changed_byte_is_found_in_its_block(log: Path) -> None:
    """A byte flipped in block 2 is told as a change of block 2 and of no other."""
    data = bytearray(log.read_bytes())
    data[2 * BLOCK_BYTES + 17] ^= 1
    log.write_bytes(data)
    evidence = verify_chain(log)
    assert evidence.verdict is Verdict.BROKEN
    assert evidence.problems == (f"changed: block 2 of 5 (bytes {2 * BLOCK_BYTES} to {3 * BLOCK_BYTES - 1})",)


def test_a_cut_end_is_found(log: Path) -> None:
    """A log cut in block 3 is told as changed there, cut behind, and how much is missing."""
    data = log.read_bytes()
    log.write_bytes(data[: 3 * BLOCK_BYTES + 5])
    problems = verify_chain(log).problems
    assert problems[0].startswith("changed: block 3")
    assert problems[1].startswith("cut: block 4 of 5 is missing")
    assert problems[2].startswith(f"cut: {len(data) - 3 * BLOCK_BYTES - 5} of {len(data)} bytes")


def test_added_bytes_are_found(log: Path) -> None:
    """Records added behind the seal are told by their number of bytes."""
    size = log.stat().st_size
    with log.open("ab") as file:
        file.write(b"x" * 50)
    assert verify_chain(log).problems[-1] == f"added: 50 bytes behind byte {size}"


def test_an_edited_chain_does_not_hide_a_change(log: Path) -> None:
    """Whoever changes a block and its hash breaks the links that follow."""
    other = log.with_name("b.tlog")
    record(other, 4 * BLOCK_BYTES // RECORD_BYTES + 100)
    lines = chain_path(log).read_text("ascii").splitlines()
    lines[1] = "0" * 64 + " " + lines[1].split()[1]
    chain_path(log).write_text("\n".join(lines) + "\n", "ascii")
    assert any("does not follow" in problem for problem in verify_chain(log).problems)


def test_a_missing_chain_is_no_proof(log: Path) -> None:
    """Without its chain a log proves nothing."""
    chain_path(log).unlink()
    assert verify_chain(log).verdict is Verdict.BROKEN


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(tmp_path_factory: pytest.TempPathFactory, position: int, bit: int) -> None:
    """Wherever a bit is flipped, the block that holds it is named."""
    path = tmp_path_factory.mktemp("flip") / "a.tlog"
    record(path, 5000)
    data = bytearray(path.read_bytes())
    position %= len(data)
    data[position] ^= 1 << bit
    path.write_bytes(data)
    (problem,) = verify_chain(path).problems
    assert problem.startswith(f"changed: block {position // BLOCK_BYTES} of ")


def test_rotation_begins_another_file_and_loses_nothing(tmp_path: Path) -> None:
    """Logs of limited size hold all records together, each sealed for itself."""
    recorder = record(tmp_path / "a.tlog", 20_000, max_bytes=200_000)
    assert len(recorder.paths) > 2
    assert recorder.paths[1].name == "a.part2.tlog"
    assert sum(len(list(frames(path.read_bytes()))) for path in recorder.paths) == 20_000
    assert {verify_chain(path).verdict for path in recorder.paths} == {Verdict.INTACT}


def test_frames_that_come_together_are_records_of_their_own(tmp_path: Path) -> None:
    """A batch is written as one record per frame, all with the same time."""
    path = tmp_path / "a.tlog"
    with TlogRecorder(path) as recorder:
        recorder.write_all([FRAME] * 7, T0)
    assert [stamp for stamp, *_ in frames(path.read_bytes())] == [round(T0 * 1e6)] * 7


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Files may not grow beyond 100 kB, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_never_cuts_a_record(tmp_path: Path, small_disk: None) -> None:
    """Recording goes on in memory, the trouble is told once, and the file holds whole records that verify."""
    told: list[str] = []
    path = tmp_path / "a.tlog"
    recorder = record(path, 10_000, on_trouble=told.append)
    assert len(told) == 1
    assert "a.tlog: cannot record: File too large; trying again" in told[0]
    size = path.stat().st_size
    assert size > 50_000
    assert size % RECORD_BYTES == 0
    assert recorder.lost_bytes == 10_000 * RECORD_BYTES - size
    assert verify_chain(path).verdict is Verdict.INTACT


def test_recording_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    """What was kept in memory is written once the disk takes it; nothing is lost."""
    told: list[str] = []
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    path = tmp_path / "a.tlog"
    with TlogRecorder(path, on_trouble=told.append) as recorder:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        for k in range(10_000):
            recorder.write(FRAME, T0 + k * 1e-3)
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        recorder.flush()
    assert [text.split(": ", 1)[1].split(";")[0] for text in told] == [
        "cannot record: File too large",
        "recording goes on",
    ]
    assert len(list(frames(path.read_bytes()))) == 10_000
    assert verify_chain(path).verdict is Verdict.INTACT


def test_a_killed_process_loses_at_most_a_second(tmp_path: Path) -> None:
    """After kill -9 the log holds all but the last second, in whole records, and verifies as unsealed."""
    path = tmp_path / "a.tlog"
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from dronepatrol.telemetry.recorder import TlogRecorder\n"
        f"recorder, frame = TlogRecorder(Path(sys.argv[1])), bytes.fromhex('{FRAME.hex()}')\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    recorder.write(frame, time.time())\n"
        "    time.sleep(0.001)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(2.0)
        killed_s = time.time()
        process.send_signal(signal.SIGKILL)
    stamps = [stamp for stamp, *_ in frames(path.read_bytes())]
    assert os.path.getsize(path) % RECORD_BYTES == 0
    assert killed_s - stamps[-1] / 1e6 < 1.0
    assert verify_chain(path).verdict is Verdict.UNSEALED
