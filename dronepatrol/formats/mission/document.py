"""YAML text to plain values, each with the line it stands on.

The scalars are those of YAML 1.2's core schema (section 10.3.2), so ``17:40`` and ``2026-09-14`` stay text
and ``yes`` is not a truth value: the YAML 1.1 readings (a number of seconds, a date object, true) would be
silent traps here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable
from dataclasses import dataclass, field
from math import inf, nan
from pathlib import Path
from typing import Any

import yaml

from dronepatrol.errors import MissionFileError

MAX_BYTES = 1 << 20
"""A mission file is written by people; large geometry belongs in a GeoJSON file."""
MAX_NODES = 100_000
"""Values after aliases are expanded; stops the file that grows exponentially when read."""
MAX_DIGITS = 40

Path_ = tuple[str | int, ...]
"""Where a value stands: ``("tasks", 2, "windows", 0)``."""

_TAG = "tag:yaml.org,2002:"


class _CoreLoader(yaml.SafeLoader):
    """PyYAML's safe loader with the plain scalars of YAML 1.2."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012  (replaces the table of the base class)
    composed = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Count values as they are read: a large file would else be read for long before it is refused."""
        self.composed += 1
        if self.composed > MAX_NODES:
            raise yaml.MarkedYAMLError(problem=f"more than {MAX_NODES} values", problem_mark=self.get_mark())
        return super().compose_node(parent, index)


_SCALARS = [
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
]
for _name, _pattern, _first in _SCALARS:
    _CoreLoader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), _first)


@dataclass(slots=True)
class Document:
    """A mapping read from YAML.

    Attributes
    ----------
    value
        Nested dicts (text keys only), lists, text, numbers, truth values and None.
    lines
        Line numbers, from 1, by path.
    """

    value: dict[str, Any]
    lines: dict[Path_, int]

    def place(self, path: Path_) -> str:
        """Return ``"line 31: tasks[2].windows[0]"``; the line of the nearest value around it that has one."""
        for length in range(len(path), -1, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return f"line {line}: {dotted(path)}" if path else f"line {line}"
        return dotted(path)


def dotted(path: Path_) -> str:
    """Return a path as people write it: ``tasks[2].windows[0]``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def read_bytes(path: Path, limit: int, what: str) -> bytes:
    """Return a file's bytes; `MissionFileError` if it is absent, no regular file, unreadable or too large."""
    try:
        if path.is_dir():
            raise MissionFileError("is a folder", file=path, remedy=f"name the {what} itself")
        if not path.exists():
            raise MissionFileError("does not exist", file=path, remedy="check the path")
        if not path.is_file():
            raise MissionFileError("is not a regular file", file=path, remedy=f"name the {what} itself")
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MissionFileError(f"cannot be read: {reason}", file=path) from error
    if len(data) > limit:
        raise MissionFileError(
            f"is larger than {limit // 1024} KiB, the limit for a {what}",
            file=path,
            remedy="move geometry into GeoJSON files" if what == "mission file" else "simplify it",
        )
    return data


def read_text(path: Path, limit: int, what: str) -> str:
    """Return a file's text, read as UTF-8 with or without a byte order mark."""
    data = read_bytes(path, limit, what)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = "looks like UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "is not UTF-8"
        line = data.count(b"\n", 0, error.start) + 1
        raise MissionFileError(
            f"{guess}: byte {data[error.start]:#04x} at offset {error.start}",
            file=path,
            place=f"line {line}",
            remedy="save it as UTF-8",
        ) from error


def read_document(path: Path) -> Document:
    """Read a YAML file whose top is a mapping.

    Raises
    ------
    MissionFileError
        For a file that cannot be read, broken YAML (with line and column), a repeated key, a key that is not
        text, an alias that contains itself or expands without end, a tag, or a top that is not a mapping.
    """
    return parse_document(read_text(path, MAX_BYTES, "mission file"), path)


def parse_document(text: str, path: Path) -> Document:
    """Read YAML text; ``path`` is only named in errors. Raises as `read_document` does."""
    try:
        node = yaml.compose(text, Loader=_CoreLoader)
        if not isinstance(node, yaml.MappingNode):
            what = "is empty" if node is None else "is not a mapping of keys to values"
            raise MissionFileError(what, file=path, remedy="begin with 'dronepatrol: 1'")
        builder = _Builder(path)
        builder.lines[()] = node.start_mark.line + 1
        value = builder.mapping(node, ())
    except RecursionError as error:
        raise MissionFileError("is nested too deeply", file=path, remedy="flatten it") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        detail = ", ".join(part for part in (error.context, error.problem) if part)
        raise MissionFileError(f"broken YAML: {detail}", file=path, place=place) from error
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())
        raise MissionFileError(f"broken YAML: {detail}", file=path) from error
    return Document(value, builder.lines)


@dataclass(slots=True)
class _Builder:
    """Turns composed nodes into values and keeps their lines."""

    path: Path
    lines: dict[Path_, int] = field(default_factory=dict)
    count: int = 0
    open_nodes: set[int] = field(default_factory=set)

    def fail(self, node: yaml.Node, message: str, remedy: str = "") -> MissionFileError:
        mark = node.start_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}"
        return MissionFileError(message, file=self.path, place=place, remedy=remedy)

    def build(self, node: yaml.Node, at: Path_) -> Any:
        self.count += 1
        if self.count > MAX_NODES:
            raise self.fail(node, f"holds more than {MAX_NODES} values once its aliases are expanded")
        self.lines.setdefault(at, node.start_mark.line + 1)
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        if id(node) in self.open_nodes:
            raise self.fail(node, "an alias refers to something that contains it")
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, at)
        return self.sequence(node, at)

    def sequence(self, node: yaml.Node, at: Path_) -> list[Any]:
        if node.tag != _TAG + "seq":
            raise self.fail(node, f"tag {node.tag.removeprefix(_TAG)!r} means nothing here", "remove it")
        self.open_nodes.add(id(node))
        values = [self.build(child, (*at, index)) for index, child in enumerate(node.value)]
        self.open_nodes.discard(id(node))
        return values

    def mapping(self, node: yaml.MappingNode, at: Path_) -> dict[str, Any]:
        if node.tag != _TAG + "map":
            raise self.fail(node, f"tag {node.tag.removeprefix(_TAG)!r} means nothing here", "remove it")
        self.open_nodes.add(id(node))
        values: dict[str, Any] = {}
        for key_node, child in node.value:
            key = self.key(key_node)
            if key in values:
                first = self.lines[(*at, key)]
                raise self.fail(key_node, f"key '{key}' is given twice (first on line {first})", "keep one")
            self.lines[(*at, key)] = key_node.start_mark.line + 1
            values[key] = self.build(child, (*at, key))
        self.open_nodes.discard(id(node))
        return values

    def key(self, node: yaml.Node) -> str:
        key: Hashable = self.scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if isinstance(key, str) and key.isprintable() and key:
            return key
        shown = node.value if isinstance(node, yaml.ScalarNode) else "a list or mapping"
        raise self.fail(node, f"key {shown!r} is no plain text", "put it in quotes")

    def scalar(self, node: yaml.ScalarNode) -> str | int | float | bool | None:
        kind, text = node.tag.removeprefix(_TAG), str(node.value)
        if kind in ("str", "!"):
            if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t" for letter in text):
                raise self.fail(node, "holds a control character or half a surrogate pair", "remove it")
            return text
        if kind == "null":
            return None
        try:
            if kind == "bool":
                return {"true": True, "false": False}[text.lower()]
            if kind == "int":
                return self.integer(node, text)
            if kind == "float":
                return _real(text)
        except (ValueError, KeyError) as error:
            raise self.fail(node, f"{text!r} cannot be read as {kind}") from error
        raise self.fail(node, f"tag {kind!r} means nothing here", "remove it")

    def integer(self, node: yaml.ScalarNode, text: str) -> int:
        if len(text) > MAX_DIGITS:
            raise self.fail(node, f"a number of {len(text)} digits is too long")
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)


def _real(text: str) -> float:
    special = text.lower().lstrip("+-")
    if special == ".nan":
        return nan
    if special == ".inf":
        return -inf if text.startswith("-") else inf
    return float(text)
