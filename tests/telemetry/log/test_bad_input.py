"""What is no log, or hardly one: an error that names it, never a traceback, never a silent loss."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dronepatrol.errors import InputError, MissingExtraError
from dronepatrol.telemetry.log import (
    armed_spans,
    mission_items,
    mode_changes,
    parameters,
    read_log,
    texts,
    tracks,
)
from tests.telemetry.log.damage import small_log
from tests.telemetry.log.real_logs import real_log
from tests.telemetry.log.test_dataflash import HEAD, fmt, small_dataflash

SAME_FOLDER = [HealthCheck.function_scoped_fixture]

NO_LOGS = {
    "empty": (b"", "the file is empty"),
    "zeros": (bytes(5000), "only zero bytes"),
    "text": (b"# A note\nthat is no log\n" * 40, "looks like text"),
    "json": (b'{"type": "FeatureCollection"}', "looks like JSON"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
    "archive": (b"PK\x03\x04" + bytes(100), "a ZIP archive"),
    "kml": (b'<?xml version="1.0"?><kml/>', "an XML document"),
    "waypoints": (b"QGC WPL 110\n0\t1\t0\t16\t0\t0\t0\t0\t60\t24\t0\t1\n", "a waypoint list"),
    "noise": (
        np.random.default_rng(5).integers(0, 256, 20_000).astype(np.uint8).tobytes(),
        "no valid MAVLink",
    ),
}


@pytest.mark.parametrize("name", NO_LOGS)
def test_what_is_no_log_is_named(name: str, tmp_path: Path) -> None:
    """The error names the file and what its content looks like."""
    content, words = NO_LOGS[name]
    path = tmp_path / "flight.tlog"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_log(path)
    assert "flight.tlog" in str(caught.value)
    assert "name a .tlog" in str(caught.value)


def test_a_folder(tmp_path: Path) -> None:
    """A folder is refused as one."""
    with pytest.raises(InputError, match="a folder is no log"):
        read_log(tmp_path)


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is told with the system's words."""
    with pytest.raises(InputError, match=r"none\.tlog: cannot read the log: No such file"):
        read_log(tmp_path / "none.tlog")


@pytest.mark.parametrize("suffix", [".tlog", ".BIN", ".ulg", ".log", ".txt"])
def test_the_format_is_told_by_content(suffix: str, tmp_path: Path) -> None:
    """Names do not matter: both kinds of log are read under any."""
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    first.write_bytes(small_log(10)[0])
    second.write_bytes(small_dataflash())
    assert (read_log(first).format, read_log(second).format) == ("tlog", "dataflash")


def test_lengths_of_two_gibibytes(tmp_path: Path) -> None:
    """A ULog whose first message claims two gibibytes is refused, not allocated."""
    pytest.importorskip("pyulog")
    path = tmp_path / "a.ulg"
    path.write_bytes(
        b"ULog\x01\x12\x35\x01" + bytes(8) + struct.pack("<HB", 0xFFFF, ord("I")) + b"\xff" * 200
    )
    with pytest.raises(InputError, match=r"a\.ulg"):
        read_log(path)


def read_or_refuse(path: Path) -> None:
    """Read everything out of a file, or be refused; account for all of its bytes."""
    try:
        log = read_log(path)
    except (InputError, MissingExtraError):
        return
    for name in log:
        assert len(log.si(name)["time_s"]) == log.types[name]
        log.instances(name)
        log.vehicle_time_s(name)
    for ask in (texts, tracks, parameters, mission_items, mode_changes, armed_spans):
        ask(log)
    size = path.stat().st_size
    assert all(offset >= 0 and offset + length <= size for offset, length in log.skipped)
    assert log.integrity.messages == len(log) + (sum(log.unknown.values()) if log.format == "tlog" else 0)


@settings(max_examples=60, deadline=None, suppress_health_check=SAME_FOLDER)
@given(st.binary(max_size=400))
def test_random_bytes(tmp_path: Path, content: bytes) -> None:
    """Any bytes are read or refused."""
    path = tmp_path / "a.log"
    path.write_bytes(content)
    read_or_refuse(path)


@settings(max_examples=40, deadline=None, suppress_health_check=SAME_FOLDER)
@given(st.data())
def test_damaged_logs(tmp_path: Path, data: st.DataObject) -> None:
    """Logs of either kind with changed bytes and cut off anywhere are read or refused."""
    whole = data.draw(st.sampled_from([small_log(30)[0], small_dataflash()]))
    content = bytearray(whole[data.draw(st.integers(0, 200)) : data.draw(st.integers(0, len(whole)))])
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(whole)), st.integers(0, 255)), max_size=30)
    ):
        if at < len(content):
            content[at] = value
    path = tmp_path / "a.bin"
    path.write_bytes(content)
    read_or_refuse(path)


@pytest.mark.parametrize("name", ["logs/eaics_flight.tlog", "logs/pymavlink_test.BIN"])
@pytest.mark.parametrize("seed", range(4))
def test_damaged_real_logs(name: str, seed: int, tmp_path: Path) -> None:
    """Real logs with changed bytes and holes are read or refused."""
    data = np.frombuffer(real_log(name).read_bytes(), np.uint8).copy()
    random = np.random.default_rng(seed)
    at = random.choice(data.size, data.size // 200, replace=False)
    data[at] ^= random.integers(1, 256, at.size).astype(np.uint8)
    first, last = sorted(random.integers(0, data.size, 2).tolist())
    path = tmp_path / "a.log"
    path.write_bytes(np.delete(data, slice(first, min(last, first + 5000))).tobytes())
    read_or_refuse(path)


NAMES = [
    "GPS",
    "POS",
    "ATT",
    "BAT",
    "XKF1",
    "MODE",
    "ARM",
    "EV",
    "STAT",
    "MSG",
    "PARM",
    "CMD",
    "FNCE",
    "RALY",
]
SIZES = {"a": 64, "Z": 64, "N": 16}
COLUMNS = [
    *("TimeUS", "TimeMS", "Lat", "Lng", "Alt", "RelHomeAlt", "Spd", "Status", "GMS", "GWk", "VZ", "Roll"),
    *("Pitch", "Yaw", "Volt", "Curr", "RemPct", "VN", "VE", "VD", "Mode", "ModeNum", "ArmState", "Id"),
    *("Armed", "Message", "Name", "Value", "CNum", "CTot", "CId", "Seq", "Tot", "Type", "Prm1", "Label"),
    *("Mult", "FmtType", "UnitIds", "MultIds"),
]


@settings(max_examples=150, deadline=None, suppress_health_check=SAME_FOLDER)
@given(st.data())
def test_descriptions_that_lie(tmp_path: Path, data: st.DataObject) -> None:
    """Records of known names with columns of any types are read, whatever is asked of them."""
    parts = [HEAD]
    for number in range(140, 140 + data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from([*NAMES, "UNIT", "MULT", "FMTU"]))
        columns = data.draw(st.lists(st.sampled_from(COLUMNS), max_size=8))
        characters = "".join(data.draw(st.sampled_from("abBhHiIqQgfdnNZcCeELM")) for _ in columns)
        if len(",".join(columns)) > 64 or sum(SIZES.get(c, 8) for c in characters) > 250:
            continue  # longer than a description, or a record, can be
        described = fmt(number, name, characters, ",".join(columns))
        body = bytes(data.draw(st.binary(min_size=4, max_size=12))) * 50
        parts += [
            described,
            *(b"\xa3\x95" + bytes([number]) + body[k : k + described[4] - 3] for k in range(3)),
        ]
    path = tmp_path / "a.BIN"
    path.write_bytes(b"".join(parts))
    read_or_refuse(path)


@settings(max_examples=100, deadline=None, suppress_health_check=SAME_FOLDER)
@given(st.data())
def test_text_logs_that_lie(tmp_path: Path, data: st.DataObject) -> None:
    """Lines of known names with any values are read or told as skipped."""
    values = st.sampled_from(["1", "-5", "0.5", "nan", "abc", "", "99999999999999999999", "1e400", "MSG"])
    lines = []
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from([*NAMES, "UNIT", "MULT", "FMTU"]))
        columns = data.draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6))
        characters = "".join(data.draw(st.sampled_from("abBhHiIqQgfdnNZcCeELM?")) for _ in columns)
        lines.append(f"FMT, 140, 20, {name}, {characters}, {','.join(columns)}")
        lines += [", ".join([name, *(data.draw(values) for _ in columns)]) for _ in range(3)]
    path = tmp_path / "a.log"
    path.write_text("\n".join(lines), "utf-8")
    read_or_refuse(path)
