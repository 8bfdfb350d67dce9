"""Files that are no YAML, no text, or no files at all."""

from __future__ import annotations

import os

import pytest

from dronepatrol.errors import MissionFileError
from dronepatrol.formats.mission import load_mission


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("- a\n- b\n", "is not a mapping of keys to values; begin with 'dronepatrol: 1'"),
        ("just words", "is not a mapping"),
        ("a: [1, 2", r"line 1, column 9: broken YAML: while parsing a flow sequence"),
        ("a: 1\n b: 2\n", r"line 2, column 3: broken YAML"),
        ("a: b\nc: d\na: e\n", r"line 3, column 1: key 'a' is given twice \(first on line 1\)"),
        ("1: a\n", r"key '1' is no plain text; put it in quotes"),
        ("? [a]\n: b\n", r"key 'a list or mapping' is no plain text"),
        ("a: 1\n---\nb: 2\n", "expected a single document"),
        ("a: &x [*x]\n", "an alias refers to something that contains it"),
        ("a: !!python/object:os.system ls\n", "tag 'python/object:os.system' means nothing here"),
        ("a: !mine 5\n", "tag '!mine' means nothing here"),
        ("a: !!int x\n", "'x' cannot be read as int"),
        ("a: " + "9" * 5000, "a number of 5000 digits is too long"),
        ("a: " + "[" * 5000, "nested too deeply|broken YAML"),
        ("a: " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ('a: "\\ud800"', "holds a control character or half a surrogate pair; remove it"),
        ('"a\\nb": 1', "is no plain text"),
        ("a: [" + "1," * 200_000 + "]", "broken YAML: more than 100000 values"),
        ("a: \x07\n", "broken YAML: unacceptable character"),
    ],
)
def test_broken_yaml_names_the_place(load, text, message):
    """What is no YAML, or YAML that is no mission, says where."""
    with pytest.raises(MissionFileError, match=message):
        load(text)


def test_alias_bomb_is_refused_quickly(load):
    """Nine levels of tenfold aliases would make a thousand million values."""
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(MissionFileError, match="more than 100000 values once its aliases are expanded"):
        load("\n".join(rows))


def test_missing_file(tmp_path):
    """A path that leads nowhere says so."""
    with pytest.raises(MissionFileError, match=r"nothing\.yaml: does not exist"):
        load_mission(tmp_path / "nothing.yaml")


def test_folder_for_a_file(tmp_path):
    """A folder is no mission file."""
    with pytest.raises(MissionFileError, match="is a folder; name the mission file itself"):
        load_mission(tmp_path)


def test_pipe_for_a_file(tmp_path):
    """A named pipe would be waited on for ever, so it is not opened."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MissionFileError, match="is not a regular file"):
        load_mission(tmp_path / "pipe")


def test_huge_file(tmp_path):
    """A mission file of more than a mebibyte is refused unread."""
    path = tmp_path / "mission.yaml"
    path.write_text("# " + "x" * (1 << 20))
    with pytest.raises(MissionFileError, match="larger than 1024 KiB, the limit for a mission file"):
        load_mission(path)


@pytest.mark.parametrize(
    ("encoding", "message"), [("latin-1", "line 1: is not UTF-8"), ("utf-16", "looks like UTF-16")]
)
def test_other_encodings(tmp_path, encoding, message):
    """A file that is not UTF-8 says at which byte, and what to do."""
    path = tmp_path / "mission.yaml"
    path.write_bytes("name: Kruununhaan yläaste\n".encode(encoding))
    with pytest.raises(MissionFileError, match=f"{message}.*; save it as UTF-8"):
        load_mission(path)
