"""Several things wrong with one mission file, told at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dronepatrol.errors import InputError, MissionFileError
from dronepatrol.formats.mission.document import Document, Path_

MAX_SHOWN = 20
MAX_VALUE_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, where, and what to do about it."""

    path: Path_
    message: str
    remedy: str = ""


@dataclass(slots=True)
class Problems:
    """Collects problems and raises them as one error.

    Parameters
    ----------
    file
        The mission file.
    document
        Its content, which knows the lines.
    """

    file: Path
    document: Document
    found: list[Problem] = field(default_factory=list)

    def add(self, path: Path_, message: str, remedy: str = "") -> None:
        """Note one problem."""
        self.found.append(Problem(path, message, remedy))

    def add_error(self, path: Path_, error: InputError, about: str = "") -> None:
        """Note what an error says, with the other file it concerns or the reference it came by."""
        head = (about, "" if about else error.file or "", error.place)
        message = ": ".join([part for part in head if part] + [error.message])
        self.add(path, message, error.remedy)

    def raise_if_any(self) -> None:
        """Raise `MissionFileError` with everything noted, one problem a line; return if there is nothing."""
        if not self.found:
            return
        first, document = self.found[0], self.document
        if len(self.found) == 1:
            place = document.place(first.path)
            raise MissionFileError(first.message, file=self.file, place=place, remedy=first.remedy)
        lines = [self._line(problem) for problem in self.found[:MAX_SHOWN]]
        hidden = len(self.found) - len(lines)
        if hidden:
            lines.append(f"  ... and {hidden} more")
        raise MissionFileError("\n".join([f"{len(self.found)} problems", *lines]), file=self.file)

    def _line(self, problem: Problem) -> str:
        tail = f"; {problem.remedy}" if problem.remedy else ""
        return f"  {self.document.place(problem.path)}: {problem.message}{tail}"


def shown(value: Any) -> str:
    """Return a value as it would stand in the file, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_VALUE_LETTERS else text[: MAX_VALUE_LETTERS - 3] + "..."
