"""Parameter files of ground stations: read, written, compared.

Three layouts are in use, and told apart line by line:

- Mission Planner (``.param``): ``RTL_ALT,1500``;
- MAVProxy and ArduPilot's own defaults (``.parm``): ``RTL_ALT          1500.000000``;
- QGroundControl (``.params``): tab-separated vehicle, component, name, value and MAV_PARAM_TYPE.

All take ``#`` for comments. Sources: `mavparm.py` of pymavlink, the default parameter files of ArduPilot, and
https://dev.qgroundcontrol.com/master/en/file_formats/parameters.html.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from dronepatrol.errors import InputError, OutputError
from dronepatrol.mavlink.item_rules import single
from dronepatrol.mavlink.parameter_values import NAME_BYTES, Parameter, same_value

_QGC_COLUMNS = 5
_READ_ONLY = "@READONLY"
"""Mark of ArduPilot's default files for a parameter that cannot be set."""


class ParamLayout(Enum):
    """Layout of a parameter file."""

    MISSION_PLANNER = "name,value"
    MAVPROXY = "name value"
    QGROUNDCONTROL = "vehicle component name value type"


@dataclass(frozen=True, slots=True)
class ParameterDifference:
    """A parameter that differs between two sets.

    Attributes
    ----------
    ours, theirs
        None where the set does not have it.
    """

    name: str
    ours: float | None
    theirs: float | None

    def __str__(self) -> str:
        return f"{self.name}: {_told(self.ours)} here, {_told(self.theirs)} there"


def read_parameters(path: Path) -> dict[str, Parameter]:
    """Return the parameters of a file by name, in its order.

    Where a name stands twice, both with the same value, it is taken once.

    Raises
    ------
    InputError
        The file cannot be read, or a line is no parameter; the error has the line's number.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from error
    except UnicodeDecodeError as error:
        raise InputError("is no text in UTF-8", file=path, remedy="give a parameter file") from error
    return parse_parameters(text, file=path)


def parse_parameters(text: str, *, file: object = None) -> dict[str, Parameter]:
    """Return the parameters of a text by name; see `read_parameters`."""
    found: dict[str, Parameter] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            parameter = _parameter(line)
        except ValueError as error:
            raise InputError(
                str(error), file=file, place=f"line {number}", remedy="write NAME,VALUE or NAME VALUE"
            ) from None
        if parameter is None:
            continue
        before = found.get(parameter.name)
        if before is not None and not same_value(before.value, parameter.value):
            raise InputError(
                f"{parameter.name} is {parameter.value:g} here and {before.value:g} further up",
                file=file,
                place=f"line {number}",
                remedy="delete one of the two",
            )
        found[parameter.name] = parameter
    return found


def _parameter(line: str) -> Parameter | None:
    """Return the parameter of one line, or None for a comment or an empty line."""
    content = line.split("#", 1)[0].strip()
    if not content:
        return None
    columns = content.split("\t")
    if len(columns) == _QGC_COLUMNS:
        return Parameter(_name(columns[2]), _value(columns[3]), _kind(columns[4]))
    words = content.replace(",", " ").split()
    if words and words[-1] == _READ_ONLY:
        words.pop()
    if len(words) != 2:
        raise ValueError(f"{content!r} is no parameter")
    return Parameter(_name(words[0]), _value(words[1]))


def _name(text: str) -> str:
    name = text.strip()
    if not (name.isascii() and name.replace("_", "").isalnum() and len(name) <= NAME_BYTES):
        raise ValueError(f"{name!r} is no parameter name of at most {NAME_BYTES} letters, digits and _")
    return name


def _value(text: str) -> float:
    try:
        value = float(int(text, 16)) if text.lower().startswith("0x") else float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
    if not math.isfinite(value):
        raise ValueError(f"a parameter cannot be {text}")
    return value


def _kind(text: str) -> int:
    if not text.strip().isdigit() or not 1 <= int(text) <= 10:
        raise ValueError(f"{text!r} is no MAV_PARAM_TYPE (1 to 10)")
    return int(text)


def format_parameters(
    parameters: Iterable[Parameter],
    layout: ParamLayout = ParamLayout.MISSION_PLANNER,
    *,
    system: int = 1,
    component: int = 1,
    comment: str = "",
) -> str:
    """Return the text of a parameter file.

    Parameters
    ----------
    system, component
        Whose they are; only QGroundControl's layout says so.
    comment
        Put at the top, one or more lines.
    """
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    if layout is ParamLayout.QGROUNDCONTROL:
        lines += [f"# Onboard parameters for Vehicle {system}", "#"]
        lines.append("# Vehicle-Id Component-Id Name Value Type")
    for parameter in parameters:
        value = _number(parameter.value)
        if layout is ParamLayout.MISSION_PLANNER:
            lines.append(f"{parameter.name},{value}")
        elif layout is ParamLayout.MAVPROXY:
            lines.append(f"{parameter.name:<16} {value}")
        else:
            lines.append(f"{system}\t{component}\t{parameter.name}\t{value}\t{parameter.kind}")
    return "\n".join(lines) + "\n"


def write_parameters(
    path: Path,
    parameters: Mapping[str, Parameter],
    layout: ParamLayout | None = None,
    *,
    system: int = 1,
    component: int = 1,
    comment: str = "",
) -> None:
    """Write a parameter file.

    Parameters
    ----------
    layout
        None takes QGroundControl's for ``.params``, MAVProxy's for ``.parm`` and Mission Planner's for the
        rest.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    by_ending = {".params": ParamLayout.QGROUNDCONTROL, ".parm": ParamLayout.MAVPROXY}
    chosen = layout or by_ending.get(path.suffix.lower(), ParamLayout.MISSION_PLANNER)
    text = format_parameters(parameters.values(), chosen, system=system, component=component, comment=comment)
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _number(value: float) -> str:
    """Return the shortest decimal that reads back as the same single-precision value."""
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if single(float(text)) == single(value):
            return text
    return repr(value)


def parameter_differences(
    ours: Mapping[str, Parameter], theirs: Mapping[str, Parameter]
) -> list[ParameterDifference]:
    """Return what differs, by name: values beyond single precision, and names that only one set has."""
    found = []
    for name in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(name), theirs.get(name)
        if a is None or b is None or not same_value(a.value, b.value):
            found.append(
                ParameterDifference(name, None if a is None else a.value, None if b is None else b.value)
            )
    return found


def _told(value: float | None) -> str:
    return "not" if value is None else _number(value)


__all__ = [
    "ParamLayout",
    "Parameter",
    "ParameterDifference",
    "format_parameters",
    "parameter_differences",
    "parse_parameters",
    "read_parameters",
    "write_parameters",
]
