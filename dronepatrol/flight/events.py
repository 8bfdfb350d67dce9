"""The event log of a run: what happened, to whom, when, in order."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from dronepatrol.clock import unix_now_s
from dronepatrol.errors import OutputError

Event = dict[str, Any]
Observer = Callable[[Event], None]


class EventLog:
    """Appends one JSON object a line to a file and tells observers.

    Parameters
    ----------
    path
        The file to make.
    observers
        Called with each event after it was written.

    Raises
    ------
    OutputError
        The file cannot be made.
    """

    def __init__(self, path: Path, observers: tuple[Observer, ...] = ()) -> None:
        self.events: list[Event] = []
        self._observers = observers
        self._start_s: float | None = None
        try:
            self._file: TextIO = path.open("x", encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{path}: cannot write the event log: {error.strerror or error}") from error

    def add(
        self, kind: str, text: str, *, drone: str | None = None, sortie: str | None = None, **extra: Any
    ) -> None:
        """Record that something happened now, on the loop's clock."""
        now_s = unix_now_s()
        if self._start_s is None:
            self._start_s = now_s
        moment = datetime.fromtimestamp(now_s, UTC).isoformat(timespec="milliseconds")
        event: Event = {
            "t_s": round(now_s - self._start_s, 3),
            "t_utc": moment.replace("+00:00", "Z"),
            "drone": drone,
            "sortie": sortie,
            "kind": kind,
            "text": text,
            **extra,
        }
        self.events.append(event)
        self._file.write(json.dumps(event, ensure_ascii=False) + "\n")
        self._file.flush()
        for observer in self._observers:
            observer(event)

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        self._file.close()
