"""Parameter files of ground stations."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.mavparm import MAVParmDict

from dronepatrol.errors import InputError, OutputError
from dronepatrol.formats.param_file import (
    ParamLayout,
    format_parameters,
    parameter_differences,
    parse_parameters,
    read_parameters,
    write_parameters,
)
from dronepatrol.mavlink.item_rules import single
from dronepatrol.mavlink.parameter_values import Parameter

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "data" / "arducopter"
INT32, REAL32 = 6, 9
SET = {
    "RTL_ALT": Parameter("RTL_ALT", 1500.0, INT32),
    "ATC_RAT_RLL_P": Parameter("ATC_RAT_RLL_P", single(0.135), REAL32),
    "COMPASS_DEC": Parameter("COMPASS_DEC", single(-1.5e-7), REAL32),
}
names = st.from_regex(r"[A-Z][A-Z0-9_]{0,15}", fullmatch=True)
values = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.dictionaries(names, values, max_size=20), st.sampled_from(ParamLayout))
def test_every_layout_reads_back_what_was_written(numbers: dict[str, float], layout: ParamLayout) -> None:
    """Names, order and every single-precision value survive each of the three layouts."""
    parameters = {name: Parameter(name, value) for name, value in numbers.items()}
    text = format_parameters(parameters.values(), layout, comment="made by hand\nof two lines")
    found = parse_parameters(text)
    assert list(found) == list(parameters)
    assert {name: single(one.value) for name, one in found.items()} == numbers


@pytest.mark.parametrize(
    ("layout", "line"),
    [
        (ParamLayout.MISSION_PLANNER, "ATC_RAT_RLL_P,0.135"),
        (ParamLayout.MAVPROXY, "ATC_RAT_RLL_P    0.135"),
        (ParamLayout.QGROUNDCONTROL, "3\t1\tATC_RAT_RLL_P\t0.135\t9"),
    ],
)
def test_lines_are_those_of_the_ground_stations(layout: ParamLayout, line: str) -> None:
    """Each layout writes the line that its ground station writes, with the shortest number that is exact."""
    assert line in format_parameters(SET.values(), layout, system=3).splitlines()


def test_pymavlink_reads_what_we_write(tmp_path: Path) -> None:
    """The reader of MAVProxy takes Mission Planner's layout and its own."""
    for layout in (ParamLayout.MISSION_PLANNER, ParamLayout.MAVPROXY):
        path = tmp_path / f"{layout.name}.param"
        write_parameters(path, SET, layout, comment="for MAVProxy")
        theirs = MAVParmDict()
        theirs.load(str(path), mav=None, check=False)
        assert {name: single(value) for name, value in theirs.items()} == {
            name: one.value for name, one in SET.items()
        }


def test_we_read_what_pymavlink_writes(tmp_path: Path) -> None:
    """A file saved by MAVProxy is read to six decimals, which is what it writes."""
    path = tmp_path / "saved.parm"
    theirs = MAVParmDict()
    theirs["RTL_ALT"], theirs["ATC_RAT_RLL_P"] = 1500.0, 0.135
    theirs.save(str(path))
    assert {name: one.value for name, one in read_parameters(path).items()} == {
        "ATC_RAT_RLL_P": 0.135,
        "RTL_ALT": 1500.0,
    }


@pytest.mark.parametrize(
    ("ending", "layout"),
    [
        (".param", ParamLayout.MISSION_PLANNER),
        (".parm", ParamLayout.MAVPROXY),
        (".params", ParamLayout.QGROUNDCONTROL),
    ],
)
def test_ending_chooses_the_layout(tmp_path: Path, ending: str, layout: ParamLayout) -> None:
    """The usual ending of each ground station gets its layout."""
    path = tmp_path / f"drone{ending}"
    write_parameters(path, SET)
    assert path.read_text() == format_parameters(SET.values(), layout)


@pytest.mark.skipif(not RECORDED.exists(), reason="needs the shared recordings of a real ArduCopter")
def test_recorded_parameters_are_read_with_their_types() -> None:
    """A file in QGroundControl's layout from a real vehicle gives all its parameters."""
    found = read_parameters(RECORDED / "guided.params")
    assert len(found) == 162
    assert found["ATC_ACCEL_P_MAX"] == Parameter("ATC_ACCEL_P_MAX", 110000.0, REAL32)


def test_habits_of_hand_written_files() -> None:
    """Comments, blank lines, a byte-order mark, tabs, hexadecimals and ArduPilot's marks are taken."""
    text = "#NOTE: today\n\nRTL_ALT , 1500 # metres\r\nLOG_BITMASK\t0xFFFF\nSTAT_RUNTIME 12 @READONLY\n"
    assert {name: one.value for name, one in parse_parameters(text).items()} == {
        "RTL_ALT": 1500.0,
        "LOG_BITMASK": 65535.0,
        "STAT_RUNTIME": 12.0,
    }


def test_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    """Files saved by Windows editors begin with one."""
    path = tmp_path / "windows.param"
    path.write_bytes("RTL_ALT,1500\r\n".encode("utf-8-sig"))
    assert list(read_parameters(path)) == ["RTL_ALT"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("RTL_ALT", "'RTL_ALT' is no parameter"),
        ("RTL_ALT,high", "'high' is no number"),
        ("RTL_ALT,nan", "a parameter cannot be nan"),
        ("RTL ALT,1500", "'RTL ALT,1500' is no parameter"),
        ("A_NAME_THAT_IS_TOO_LONG,1", "no parameter name of at most 16"),
        ("1\t1\tRTL_ALT\t1500\t77", "'77' is no MAV_PARAM_TYPE"),
        ("RTL_ALT,3000", "RTL_ALT is 3000 here and 1500 further up"),
    ],
)
def test_bad_lines_are_told_with_their_number(tmp_path: Path, line: str, why: str) -> None:
    """What is no parameter is an error with file, line and value."""
    path = tmp_path / "bad.param"
    path.write_text(f"# comment\nRTL_ALT,1500\n{line}\n")
    with pytest.raises(InputError) as raised:
        read_parameters(path)
    assert str(raised.value).startswith(f"{path}: line 3: ")
    assert why in str(raised.value)


def test_same_value_twice_is_taken_once() -> None:
    """A repeated line that says the same is no mistake."""
    assert len(parse_parameters("A,1\nA,1.0\n")) == 1


def test_files_that_are_none(tmp_path: Path) -> None:
    """A missing file, a binary one and a folder that is not there are named."""
    binary = tmp_path / "log.bin"
    binary.write_bytes(b"\xa3\x95\x80")
    with pytest.raises(InputError, match="cannot be read"):
        read_parameters(tmp_path / "none.param")
    with pytest.raises(InputError, match="no text in UTF-8"):
        read_parameters(binary)
    with pytest.raises(OutputError, match="cannot be written"):
        write_parameters(tmp_path / "none" / "x.param", SET)


def test_differences_name_both_sides() -> None:
    """Values that differ beyond single precision, and names that one side lacks, are listed by name."""
    theirs = {
        "RTL_ALT": Parameter("RTL_ALT", 3000.0),
        "ATC_RAT_RLL_P": Parameter("ATC_RAT_RLL_P", 0.135),
        "NEW": Parameter("NEW", 1.0),
    }
    assert [str(one) for one in parameter_differences(SET, theirs)] == [
        "COMPASS_DEC: -1.5e-07 here, not there",
        "NEW: not here, 1 there",
        "RTL_ALT: 1500 here, 3000 there",
    ]
