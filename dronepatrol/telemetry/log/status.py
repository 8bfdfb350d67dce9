"""What state a vehicle was in: its modes, whether it was armed, and what it said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dronepatrol.mavlink.mode_names import (
    ARMED_FLAG,
    GROUND_STATION,
    NO_AUTOPILOT,
    flight_mode,
    nav_state_name,
    type_of_firmware,
)
from dronepatrol.telemetry.log.detect import TLOG, ULOG
from dronepatrol.telemetry.log.log import Log, Sender
from dronepatrol.telemetry.log.table import Rows, has_numbers, has_text

Seconds = npt.NDArray[np.float64]

_ARDUPILOT = 3
_PX4_ARMED = 2
"""`arming_state` of PX4's vehicle_status, ARMING_STATE_ARMED."""
_EVENT_ARMED, _EVENT_DISARMED = 10, 11
"""`Id` of ArduPilot's EV, AP_Logger LogEvent."""


class ModeChange(NamedTuple):
    """From when on a vehicle was in a mode."""

    time_s: float
    mode: str


class Text(NamedTuple):
    """A message in words; severity from 0, emergency, to 7, debug (RFC 5424, section 6.2.1)."""

    time_s: float
    severity: int
    text: str


class Span(NamedTuple):
    """A stretch of time."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Status:
    """Mode and arming of one vehicle over time.

    Attributes
    ----------
    mode_s, modes
        When the mode was told, and its name, shape (m,).
    armed_s, armed
        When arming was told, and whether it was armed, shape (k,).
    """

    mode_s: Seconds
    modes: npt.NDArray[np.str_]
    armed_s: Seconds
    armed: npt.NDArray[np.bool_]


_NONE = np.zeros(0)


def vehicles(log: Log) -> tuple[Sender, ...]:
    """Return the autopilots that a log has messages of, in order.

    In a telemetry log those are the senders of heartbeats that are neither a ground station nor without an
    autopilot (cameras, gimbals), or where there is no such heartbeat, of positions. A log that a vehicle
    wrote itself is of one vehicle, 1/1.
    """
    if log.format != TLOG:
        return (Sender(1, 1),)
    if "HEARTBEAT" in log:
        beats = log["HEARTBEAT"]
        flying = (beats["type"] != GROUND_STATION) & (beats["autopilot"] != NO_AUTOPILOT)
        found = _senders(beats[flying])
        if found:
            return found
    return _senders(log["GLOBAL_POSITION_INT"]) if "GLOBAL_POSITION_INT" in log else ()


def _senders(rows: Rows) -> tuple[Sender, ...]:
    pairs = set(zip(rows["system"].tolist(), rows["component"].tolist(), strict=True))
    return tuple(Sender(*pair) for pair in sorted(pairs))


def of_vehicle(log: Log, vehicle: Sender, name: str) -> Rows | None:
    """Return a vehicle's messages of a type, None where there are none."""
    if name not in log:
        return None
    rows = log[name]
    if "system" in (rows.dtype.names or ()):
        rows = rows[(rows["system"] == vehicle.system) & (rows["component"] == vehicle.component)]
    return rows if rows.size else None


def status(log: Log, vehicle: Sender) -> Status:
    """Return mode and arming of a vehicle over time."""
    if log.format == TLOG:
        return _of_heartbeats(log, vehicle)
    return _of_px4(log) if log.format == ULOG else _of_dataflash(log)


def _of_heartbeats(log: Log, vehicle: Sender) -> Status:
    beats = of_vehicle(log, vehicle, "HEARTBEAT")
    if beats is None:
        return Status(_NONE, _NONE.astype(np.str_), _NONE, _NONE.astype(np.bool_))
    keys = np.stack([beats["autopilot"], beats["type"], beats["custom_mode"]]).T.astype(np.int64)
    kinds, which = np.unique(keys, axis=0, return_inverse=True)
    names = np.array([flight_mode(*kind) for kind in kinds.tolist()])
    armed = (beats["base_mode"] & ARMED_FLAG) != 0
    return Status(beats["time_s"], names[which.reshape(-1)], beats["time_s"], armed)


def _of_px4(log: Log) -> Status:
    if "vehicle_status" not in log:
        return Status(_NONE, _NONE.astype(np.str_), _NONE, _NONE.astype(np.bool_))
    rows = log["vehicle_status"]
    names = np.array([nav_state_name(number) for number in rows["nav_state"].tolist()])
    return Status(rows["time_s"], names, rows["time_s"], rows["arming_state"] == _PX4_ARMED)


def _of_dataflash(log: Log) -> Status:
    mode_s, names = _NONE, _NONE.astype(np.str_)
    rows = first_instance(log, "MODE")
    column = "ModeNum" if has_numbers(rows, "ModeNum") else "Mode"
    if rows is not None and has_numbers(rows, column):
        kind = _vehicle_type(log)
        mode_s = rows["time_s"]
        names = np.array(
            [flight_mode(_ARDUPILOT, kind, int(number)) for number in np.nan_to_num(rows[column]).tolist()]
        )
    armed_s, armed = _arming(log)
    if armed.size and not armed[0]:
        # A log that begins with arming tells only of the end of it.
        armed_s = np.concatenate([[min(0.0, float(armed_s[0]))], armed_s])
        armed = np.concatenate([[True], armed])
    return Status(mode_s, names, armed_s, armed)


def first_instance(log: Log, *names: str) -> Rows | None:
    """Return the first of some types that a log holds, of its first instance."""
    for name in names:
        if name in log:
            return next(iter(log.instances(name).values()))
    return None


def _arming(log: Log) -> tuple[Seconds, npt.NDArray[np.bool_]]:
    if "ARM" in log and has_numbers(log["ARM"], "ArmState"):
        return log["ARM"]["time_s"], log["ARM"]["ArmState"] != 0
    if "EV" in log and has_numbers(log["EV"], "Id"):
        rows = log["EV"][np.isin(log["EV"]["Id"], (_EVENT_ARMED, _EVENT_DISARMED))]
        if rows.size:
            return rows["time_s"], rows["Id"] == _EVENT_ARMED
    if "STAT" in log and has_numbers(log["STAT"], "Armed"):
        return log["STAT"]["time_s"], log["STAT"]["Armed"] != 0
    return _NONE, _NONE.astype(np.bool_)


def _vehicle_type(log: Log) -> int:
    """Return what the firmware's name in the log's texts stands for."""
    firmware = next((text.text for text in texts(log) if text.text.startswith("Ardu")), "")
    return type_of_firmware(firmware)


def mode_changes(log: Log, vehicle: Sender | None = None) -> list[ModeChange]:
    """Return the modes of a vehicle, by default the first, from when on it was in each."""
    chosen = vehicle or first_vehicle(log)
    if chosen is None:
        return []
    state = status(log, chosen)
    if state.modes.size == 0:
        return []
    starts = np.flatnonzero(np.concatenate([[True], state.modes[1:] != state.modes[:-1]]))
    return [ModeChange(float(state.mode_s[k]), str(state.modes[k])) for k in starts.tolist()]


def armed_spans(log: Log, vehicle: Sender | None = None) -> list[Span]:
    """Return when a vehicle, by default the first, was armed.

    A span ends with the message that tells of disarming, or with the last that the vehicle sent.
    """
    chosen = vehicle or first_vehicle(log)
    if chosen is None:
        return []
    state = status(log, chosen)
    if state.armed.size == 0:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], state.armed]).astype(np.int8)))
    times = [float(state.armed_s[k]) for k in edges.tolist()]
    if len(times) % 2:
        last = log.end_s if log.format != TLOG else float(state.armed_s[-1])
        times.append(max(last, times[-1]))
    return [Span(start, end) for start, end in zip(times[::2], times[1::2], strict=True)]


def first_vehicle(log: Log) -> Sender | None:
    """Return the first vehicle of a log."""
    return next(iter(vehicles(log)), None)


def texts(log: Log, vehicle: Sender | None = None) -> list[Text]:
    """Return what vehicles said in words, in order; None is all of them.

    Long texts travel in pieces, which are joined again (MAVLink's STATUSTEXT, ``id`` and ``chunk_seq``).
    """
    if log.format == TLOG:
        return _status_texts(log, vehicle)
    name, words = ("logged_messages", "message") if log.format == ULOG else ("MSG", "Message")
    if name not in log or not has_text(log[name], words):
        return []
    columns = log.si(name)
    levels = columns["level"] if "level" in columns else np.full(columns[words].size, 6)
    pairs = zip(columns["time_s"].tolist(), levels.tolist(), columns[words].tolist(), strict=True)
    return [Text(*pair) for pair in pairs]


def _status_texts(log: Log, vehicle: Sender | None) -> list[Text]:
    if "STATUSTEXT" not in log:
        return []
    rows = log["STATUSTEXT"]
    if vehicle is not None:
        rows = rows[(rows["system"] == vehicle.system) & (rows["component"] == vehicle.component)]
    found: list[Text] = []
    pieces: list[bytes] = []
    begun: dict[tuple[int, int, int], tuple[int, list[bytes], int]] = {}
    for row in rows[np.argsort(rows["time_s"], kind="stable")]:
        number, piece = int(row["id"]), int(row["chunk_seq"])
        key = (int(row["system"]), int(row["component"]), number)
        known = begun.get(key) if number else None
        if known and piece == known[2] + 1:
            place, pieces, _ = known
            pieces.append(bytes(row["text"]))
            found[place] = found[place]._replace(text=_joined(pieces))
        else:
            place, pieces = len(found), [bytes(row["text"])]
            found.append(Text(float(row["time_s"]), int(row["severity"]), _joined(pieces)))
        begun[key] = (place, pieces, piece)
    return found


def _joined(pieces: list[bytes]) -> str:
    return b"".join(pieces).split(b"\0", 1)[0].decode("utf-8", "replace")
