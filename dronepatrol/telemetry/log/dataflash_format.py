"""How the messages of an ArduPilot dataflash log describe themselves: FMT, UNIT, MULT and FMTU.

Source of the format characters and of the meaning of multipliers: `libraries/AP_Logger/README.md` and
`LogStructure.h` of ArduPilot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from dronepatrol.telemetry.log.si import Scale

FMT_TYPE = 0x80
FMT_LENGTH = 89

# Character: dtype, and the factor that is part of the type, if any.
_CHARACTERS: dict[str, tuple[str, float | None]] = {
    "a": ("(32,)<i2", None),
    "b": ("i1", None),
    "B": ("u1", None),
    "h": ("<i2", None),
    "H": ("<u2", None),
    "i": ("<i4", None),
    "I": ("<u4", None),
    "q": ("<i8", None),
    "Q": ("<u8", None),
    "g": ("<f2", None),
    "f": ("<f4", None),
    "d": ("<f8", None),
    "n": ("S4", None),
    "N": ("S16", None),
    "Z": ("S64", None),
    "c": ("<i2", 1e-2),
    "C": ("<u2", 1e-2),
    "e": ("<i4", 1e-2),
    "E": ("<u4", 1e-2),
    "L": ("<i4", 1e-7),
    "M": ("u1", None),
}

TEXT = "nNZ"
INSTANCE = "#"
"""What FMTU writes instead of a unit for the column that tells several sensors apart."""
_NO_FACTOR = (0.0, 1.0)
"""Multipliers that say "none" ('-' is written as 0) and "as it is"."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of message in a dataflash log.

    Attributes
    ----------
    number
        The byte after the two magic ones.
    length
        Bytes of the whole record, header included.
    name
        ``"GPS"``.
    characters
        One per column.
    columns
        Names.
    """

    number: int
    length: int
    name: str
    characters: str
    columns: tuple[str, ...]

    @property
    def readable(self) -> bool:
        """Whether the description is whole and fits the length, so that records can be decoded."""
        if not self.name or not self.known_characters:
            return False
        return self.length == 3 + sum(dtype.itemsize for dtype in self.dtypes)

    @property
    def known_characters(self) -> bool:
        """Whether every column is of a known type."""
        return set(self.characters) <= set(_CHARACTERS)

    @property
    def dtypes(self) -> list[np.dtype[np.generic]]:
        """Dtype of each column."""
        return [np.dtype(_CHARACTERS[character][0]) for character in self.characters]

    def factor(self, column: int) -> float | None:
        """Return the factor that is part of a column's type."""
        return _CHARACTERS[self.characters[column]][1]


FMT = Format(FMT_TYPE, FMT_LENGTH, "FMT", "BBnNZ", ("Type", "Length", "Name", "Format", "Columns"))


def text(raw: bytes) -> str:
    """Return a text field as far as its first zero byte."""
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def parse_format(body: bytes) -> Format:
    """Return what the 86 bytes of a FMT record say; see `Format.readable` for whether it makes sense."""
    characters = text(body[6:22])
    return Format(body[0], body[1], text(body[2:6]), characters, columns_of(text(body[22:86]), characters))


def columns_of(listed: str, characters: str) -> tuple[str, ...]:
    """Return one name per column, whatever was listed: missing ones are numbered, doubles marked."""
    names = [name.strip() for name in listed.split(",")] if listed else []
    found: list[str] = []
    for k in range(len(characters)):
        name = (names[k] if k < len(names) else "") or f"column{k + 1}"
        while name in found or name == "time_s":
            name += "~"
        found.append(name)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Units:
    """Units, multipliers and instance column of one kind of message, as FMTU gives them.

    Attributes
    ----------
    unit_ids, multiplier_ids
        One character per column; `INSTANCE` among the units marks the instance column.
    """

    unit_ids: str = ""
    multiplier_ids: str = ""

    def instance(self, columns: tuple[str, ...]) -> str | None:
        """Return the instance column."""
        at = self.unit_ids.find(INSTANCE)
        return columns[at] if 0 <= at < len(columns) else None


def scales(
    form: Format, units: Units, labels: Mapping[str, str], multipliers: Mapping[str, float]
) -> dict[str, Scale]:
    """Return how to get SI values from the columns of one kind of message.

    The factor of a type (centi for ``c``, 1e-7 for ``L``) stands for itself; only columns without one take
    the multiplier of FMTU, which else would be applied twice.
    """
    found = {}
    for k, column in enumerate(form.columns):
        factor = form.factor(k)
        if factor is None:
            factor = multipliers.get(units.multiplier_ids[k : k + 1], 1.0)
        unit_id = units.unit_ids[k : k + 1]
        unit = "" if unit_id == INSTANCE else labels.get(unit_id, "")
        if factor in _NO_FACTOR:
            factor = 1.0
        if unit or factor != 1.0:
            found[column] = Scale(factor, unit)
    return found


def labels_of(rows: Iterable[tuple[int, bytes]]) -> dict[str, str]:
    """Return what UNIT records say: label by id character."""
    return {chr(number & 0xFF): text(label) for number, label in rows}


def multipliers_of(rows: Iterable[tuple[int, float]]) -> dict[str, float]:
    """Return what MULT records say: factor by id character.

    They are single-precision numbers stored in double precision; seven digits are what was meant.
    """
    return {chr(number & 0xFF): float(f"{factor:.7g}") for number, factor in rows if np.isfinite(factor)}
