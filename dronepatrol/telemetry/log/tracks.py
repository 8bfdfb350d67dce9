"""What each vehicle in a log flew, flight by flight."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.log import Log, Sender
from dronepatrol.telemetry.log.motion import motion
from dronepatrol.telemetry.log.status import Span, armed_spans, status, vehicles
from dronepatrol.telemetry.track import Column, Track

_T = TypeVar("_T", bound=np.generic)

_PAUSE_S = 300.0
"""A vehicle that told no position for this long ended its flight unseen."""
_REBOOT_S = 5.0
"""A vehicle's clock that steps back by more than frames overtake one another was started anew."""
_SHORTEST_FLIGHT_S = 1.0
_FEWEST_POSITIONS = 2
_INSTANT_S = 1e-6


def whole_track(log: Log, vehicle: Sender, name: str | None = None) -> Track | None:
    """Return all positions of a vehicle in a log, None where there are none.

    Parameters
    ----------
    log
        The log.
    vehicle
        Whose.
    name
        Name of the vehicle in the track, by default ``"system N"``.
    """
    found = motion(log, vehicle)
    at_s = found.position.time_s
    if at_s.size == 0:
        return None
    state = status(log, vehicle)
    return Track(
        vehicle=name or f"system {vehicle.system}",
        start_utc=log.moment(float(at_s[0])),
        time_s=at_s - at_s[0],
        lon_deg=found.position.at("lon_deg", at_s),
        lat_deg=found.position.at("lat_deg", at_s),
        altitude_amsl_m=found.position.at("altitude_amsl_m", at_s),
        altitude_home_m=found.position.at("altitude_home_m", at_s),
        ground_speed_mps=found.position.at("ground_speed_mps", at_s),
        climb_mps=found.position.at("climb_mps", at_s),
        roll_deg=found.attitude.at("roll_deg", at_s),
        pitch_deg=found.attitude.at("pitch_deg", at_s),
        yaw_deg=found.attitude.at("yaw_deg", at_s),
        battery_percent=found.battery.at("battery_percent", at_s),
        battery_v=found.battery.at("battery_v", at_s),
        battery_a=found.battery.at("battery_a", at_s),
        mode=_last_told(state.mode_s, state.modes, at_s),
        armed=_last_told(state.armed_s, state.armed, at_s),
    )


def _last_told(told_s: Column, values: npt.NDArray[_T], at_s: Column) -> npt.NDArray[_T]:
    """Return the last value told at or before each time, empty or false before the first."""
    if told_s.size == 0:
        return np.zeros(at_s.size, values.dtype)
    index = np.searchsorted(told_s, at_s + 1e-6, side="right") - 1
    found = values[np.maximum(index, 0)].copy()
    found[index < 0] = values.dtype.type()
    return found


def flights(log: Log, vehicle: Sender) -> list[Span]:
    """Return when a vehicle flew: armed, without a reboot and without a long silence in between.

    A vehicle that never tells whether it is armed has one flight per stretch of positions.
    """
    at_s = motion(log, vehicle).position.time_s
    if at_s.size == 0:
        return []
    state = status(log, vehicle)
    armed = armed_spans(log, vehicle) if state.armed.size else [Span(float(at_s[0]), float(at_s[-1]))]
    cuts = _cuts(log, vehicle, at_s)
    found: list[Span] = []
    for span in armed:
        inner = [span.start_s, *(cut for cut in cuts if span.start_s < cut < span.end_s), span.end_s]
        # What is told at a cut belongs to the flight after it.
        ends = [*(cut - _INSTANT_S for cut in inner[1:-1]), span.end_s]
        found.extend(Span(start, end) for start, end in zip(inner[:-1], ends, strict=True))
    return [span for span in found if span.end_s - span.start_s >= _SHORTEST_FLIGHT_S]


def _cuts(log: Log, vehicle: Sender, at_s: Column) -> list[float]:
    """Return the times at which a flight ends though nothing says so."""
    after_pause = at_s[1:][np.diff(at_s) > _PAUSE_S].tolist()
    return sorted([*after_pause, *_reboots(log, vehicle)])


def _reboots(log: Log, vehicle: Sender) -> list[float]:
    if "GLOBAL_POSITION_INT" not in log:
        return []
    rows = log["GLOBAL_POSITION_INT"]
    rows = rows[(rows["system"] == vehicle.system) & (rows["component"] == vehicle.component)]
    steps_s = np.diff(rows["time_boot_ms"].astype(np.float64)) / 1e3
    again: list[float] = rows["time_s"][1:][steps_s < -_REBOOT_S].tolist()
    return again


def tracks(log: Log) -> list[Track]:
    """Return one track per flight and vehicle, vehicles in order, flights by time.

    A vehicle that told positions and was never armed has no flight, and one track of all of them.
    """
    found = []
    for vehicle in vehicles(log):
        whole = whole_track(log, vehicle)
        if whole is None:
            continue
        spans = flights(log, vehicle)
        first_s = float(motion(log, vehicle).position.time_s[0])
        parts = [part for span in spans if (part := _part(log, whole, span, first_s)) is not None]
        found.extend(parts or [whole])
    return found


def _part(log: Log, whole: Track, span: Span, offset_s: float) -> Track | None:
    """Return the part of a track within a span of the log's time."""
    at_s = whole.time_s + offset_s
    chosen = (at_s >= span.start_s) & (at_s <= span.end_s)
    if np.count_nonzero(chosen) < _FEWEST_POSITIONS:
        return None
    names = [name for name in Track.__slots__ if isinstance(getattr(whole, name), np.ndarray)]
    columns = {name: getattr(whole, name)[chosen] for name in names}
    first_s = float(columns["time_s"][0])
    columns["time_s"] = columns["time_s"] - first_s
    return replace(whole, start_utc=log.moment(first_s + offset_s), **columns)
