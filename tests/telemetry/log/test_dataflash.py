"""Dataflash logs, binary and as text."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink import DFReader

from dronepatrol.telemetry.log import read_log
from dronepatrol.telemetry.log.dataflash_scan import scan_dataflash
from dronepatrol.telemetry.log.gps_time import gps_unix_s
from tests.telemetry.log.real_logs import real_log

MAGIC = b"\xa3\x95"
# Every character, with a value of its own and what SI makes of it.
EVERYTHING = {
    "Q": ("TimeUS", 5_000_000, 5.0),
    "a": ("Arr", list(range(-16, 16)), list(range(-16, 16))),
    "b": ("I8", -7, -7),
    "B": ("U8", 200, 200),
    "h": ("I16", -300, -300),
    "H": ("U16", 60000, 60000),
    "i": ("I32", -70000, -70000),
    "I": ("U32", 4_000_000_000, 4_000_000_000),
    "q": ("I64", -(1 << 40), -(1 << 40)),
    "g": ("F16", 1.5, 1.5),
    "f": ("F32", 0.25, 0.25),
    "d": ("F64", 1e-9, 1e-9),
    "n": ("S4", b"abcd", "abcd"),
    "N": ("S16", b"sixteen", "sixteen"),
}
SCALED = {
    "c": ("C16", -1234, -12.34),
    "C": ("CU16", 1234, 12.34),
    "e": ("C32", -123456, -1234.56),
    "E": ("CU32", 123456, 1234.56),
    "L": ("Lat", 603000000, 60.3),
    "M": ("Mode", 4, 4),
    "Z": ("S64", b"a longer text", "a longer text"),
}


def fmt(number: int, name: str, characters: str, columns: str) -> bytes:
    """A FMT record."""
    length = 3 + sum(struct.calcsize("<" + DFReader.FORMAT_TO_STRUCT[c][0]) for c in characters)
    body = struct.pack("<BB4s16s64s", number, length, name.encode(), characters.encode(), columns.encode())
    return MAGIC + b"\x80" + body


def rec(number: int, characters: str, *values: object) -> bytes:
    """A record of the type that `fmt` described."""
    codes = "<" + "".join(DFReader.FORMAT_TO_STRUCT[c][0] for c in characters)
    raw = [struct.pack("<32h", *v) if c == "a" else v for c, v in zip(characters, values, strict=True)]  # type: ignore[misc]
    return MAGIC + bytes([number]) + struct.pack(codes, *raw)


HEAD = fmt(128, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")


def small_dataflash(count: int = 20) -> bytes:
    """A log with two types, units and multipliers."""
    parts = [
        HEAD,
        fmt(130, "UNIT", "QbZ", "TimeUS,Id,Label"),
        fmt(131, "MULT", "Qbd", "TimeUS,Id,Mult"),
        fmt(132, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds"),
        fmt(133, "BAT", "QBfc", "TimeUS,Inst,Volt,Curr"),
        fmt(134, "PRS", "Qhf", "TimeUS,Press,Temp"),
        rec(130, "QbZ", 10, ord("s"), b"s"),
        rec(130, "QbZ", 10, ord("v"), b"V"),
        rec(130, "QbZ", 10, ord("A"), b"A"),
        rec(130, "QbZ", 10, ord("P"), b"Pa"),
        rec(131, "Qbd", 10, ord("F"), 1e-6),
        rec(131, "Qbd", 10, ord("B"), 1e-2),
        rec(131, "Qbd", 10, ord("2"), 1e2),
        rec(131, "Qbd", 10, ord("-"), 0.0),
        rec(132, "QBNN", 11, 133, b"s#vA", b"F--B"),
        rec(132, "QBNN", 11, 134, b"sP-", b"F2-"),
    ]
    for k in range(count):
        parts.append(rec(133, "QBfc", 1000 * k + 20, k % 2, 12.5, 100 * k))
        parts.append(rec(134, "Qhf", 1000 * k + 520, 1013, 20.5))
    return b"".join(parts)


def written(path: Path, content: bytes) -> Path:
    """A file with a content."""
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kinds", [EVERYTHING, SCALED], ids=["plain", "scaled"])
def test_every_format_character(kinds: dict[str, tuple[str, object, object]], tmp_path: Path) -> None:
    """Values of every character come back raw, and with the factor of their type in SI."""
    characters, names = "".join(kinds), ",".join(name for name, *_ in kinds.values())
    body = rec(140, characters, *(raw for _, raw, _ in kinds.values()))
    log = read_log(written(tmp_path / "a.BIN", HEAD + fmt(140, "ALL", characters, names) + body * 3))
    columns = log.si("ALL")
    for name, raw, meant in kinds.values():
        assert log["ALL"][name][1].tolist() == raw
        if name != "TimeUS":
            assert columns[name][1].tolist() == pytest.approx(meant) if not isinstance(meant, str) else meant


def test_units_and_multipliers(tmp_path: Path) -> None:
    """FMTU's multipliers are applied once: not to columns whose type has its own factor."""
    log = read_log(written(tmp_path / "a.BIN", small_dataflash()))
    assert log.units("BAT") == {"time_s": "s", "TimeUS": "s", "Volt": "V", "Curr": "A"}
    assert log.si("BAT")["Curr"][3] == 3.0
    assert log.si("BAT")["TimeUS"][3] == pytest.approx(0.00302)
    assert (log.si("PRS")["Press"][0], log.units("PRS")["Press"]) == (101300.0, "Pa")


def test_instances(tmp_path: Path) -> None:
    """The column that FMTU marks tells two batteries apart."""
    log = read_log(written(tmp_path / "a.BIN", small_dataflash()))
    assert {k: len(rows) for k, rows in log.instances("BAT").items()} == {0: 10, 1: 10}


def test_a_vehicle_without_a_sender(tmp_path: Path) -> None:
    """A log that a vehicle wrote itself names no sender and is not narrowed by one."""
    log = read_log(written(tmp_path / "a.BIN", small_dataflash()))
    assert log.systems == ()
    assert log.select(system=9, start_s=0.005)["BAT"]["time_s"].min() >= 0.005


def test_a_description_that_changes(tmp_path: Path) -> None:
    """After a second description of a number, as when two logs are joined, both kinds are read."""
    first = fmt(140, "AAA", "QB", "TimeUS,X") + rec(140, "QB", 1, 7) * 2
    second = fmt(140, "AAA", "Qf", "TimeUS,Y") + rec(140, "Qf", 2, 0.5) * 3
    log = read_log(written(tmp_path / "a.BIN", HEAD + first + second))
    assert log.types == {"FMT": 3, "AAA": 2, "AAA~": 3}
    assert log["AAA~"]["Y"].tolist() == [0.5] * 3


def test_an_undescribed_type_is_counted(tmp_path: Path) -> None:
    """Records of a type that no FMT describes are skipped, counted and located."""
    strange = MAGIC + b"\xc8" + b"12345"
    content = HEAD + fmt(140, "AAA", "QB", "TimeUS,X") + rec(140, "QB", 1, 7) + strange + rec(140, "QB", 2, 8)
    log = read_log(written(tmp_path / "a.BIN", content))
    assert log["AAA"]["X"].tolist() == [7, 8]
    assert log.unknown == {0xC8: 1}
    assert log.skipped == ((len(HEAD) * 2 + 12, len(strange)),)


def test_calendar_from_gps(tmp_path: Path) -> None:
    """The first fix gives the date, leap seconds of its time taken off."""
    # 2024-01-01 00:00:00 UTC is GPS week 2295, second 86418.
    assert gps_unix_s(2295, 86_418.0) == 1_704_067_200.0
    gps = fmt(140, "GPS", "QBIH", "TimeUS,Status,GMS,GWk")
    records = rec(140, "QBIH", 1_000_000, 1, 0, 0) + rec(140, "QBIH", 3_000_000, 3, 86_418_000, 2295)
    log = read_log(written(tmp_path / "a.BIN", HEAD + gps + records))
    assert log.start_us == 1_704_067_198_000_000


def records_of(data: bytes) -> set[int]:
    """Offsets of the records that are found."""
    return set(scan_dataflash(np.frombuffer(data, np.uint8)).starts.tolist())


SMALL = small_dataflash()
STARTS = sorted(records_of(SMALL))
LENGTHS = {start: end - start for start, end in zip(STARTS, [*STARTS[1:], len(SMALL)], strict=True)}
BODY = STARTS[6]
"""Behind the descriptions, which everything else depends on."""


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(BODY, len(SMALL) - 1), st.integers(1, 255)), min_size=1, max_size=20))
def test_flipped_bytes_lose_only_their_own_records(flips: list[tuple[int, int]]) -> None:
    """A record whose bytes are unchanged is found, unless a changed header beside it swallows it."""
    data = bytearray(SMALL)
    for at, mask in flips:
        data[at] ^= mask
    changed = {at for at in range(len(SMALL)) if data[at] != SMALL[at]}
    types = {start + 2 for start in STARTS}
    if changed & types:
        # A type byte that became another described type has another length; nothing can prove it wrong.
        return
    for start, length in LENGTHS.items():
        if not changed & set(range(start, start + length)):
            assert start in records_of(bytes(data)), start


@settings(max_examples=30, deadline=None)
@given(st.integers(BODY, len(SMALL)))
def test_cut_off_anywhere(end: int) -> None:
    """A log cut off gives the records that are whole in it, and tells the rest."""
    part = SMALL[:end]
    scan = scan_dataflash(np.frombuffer(part, np.uint8))
    assert scan.starts.tolist() == [start for start in STARTS if start + LENGTHS[start] <= end]
    assert sum(LENGTHS[start] for start in scan.starts.tolist()) + scan.skipped[:, 1].sum() == end


def as_text(path: Path) -> str:
    """A binary log as ArduPilot's ground stations write it: values with their type's factor applied."""
    log, lines = DFReader.DFReader_binary(str(path)), []
    while (message := log.recv_msg()) is not None:
        values = [getattr(message, field) for field in message.get_fieldnames()]
        lines.append(", ".join([message.get_type(), *map(str, values)]))
    log.filehandle.close()
    return "\n".join(lines) + "\n"


def test_text_logs_hold_the_same(tmp_path: Path) -> None:
    """A log written as text gives the columns of the binary one, in SI units."""
    path = real_log("logs/pymavlink_test.BIN")
    target = tmp_path / "a.log"
    target.write_text(as_text(path), "utf-8")
    binary, text = read_log(path), read_log(target)
    assert text.format == "dataflash text"
    assert text.types == binary.types
    assert text.start_us == binary.start_us
    for name in binary:
        ours, theirs = text.si(name), binary.si(name)
        assert text.units(name) == binary.units(name)
        for field, column in theirs.items():
            if column.dtype.kind in "US":
                assert ours[field].tolist() == column.tolist()
            else:
                np.testing.assert_allclose(
                    ours[field], column, rtol=1e-9, atol=1e-9, err_msg=f"{name}.{field}"
                )


def test_damaged_lines_are_told(tmp_path: Path) -> None:
    """Lines that are no record are skipped and located; commas within a text belong to it."""
    lines = [
        "FMT, 130, 20, MSG, QZ, TimeUS,Message",
        "MSG, 5, one, two",
        "nonsense",
        "MSG, x, bad",
        "MSG, 9, end",
    ]
    path = tmp_path / "a.log"
    path.write_text("\n".join(lines), "utf-8")
    log = read_log(path)
    assert log.si("MSG")["Message"].tolist() == ["one, two", "end"]
    at = path.read_text("utf-8")
    assert log.skipped == ((at.index("nonsense"), 8), (at.index("MSG, x"), 11))
