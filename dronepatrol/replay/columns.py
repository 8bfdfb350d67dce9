"""Tracks as the page takes them: thinned, joined by drone, packed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dronepatrol.replay.data import ReplayData, epoch_s
from dronepatrol.replay.decimation import needed_samples
from dronepatrol.telemetry.track import Track

Array = npt.NDArray[np.float64]
Project = Callable[[npt.ArrayLike], Array]

GAP_S = 10.0
"""Longer silence is shown as such and not as straight flight."""
TOLERANCES = (0.25, 0.25, 0.3, 0.4, 0.25, 6.0)
"""East and north (m), altitude (m), speed (m/s), battery (%), yaw (degrees): below what the eye sees."""


@dataclass(frozen=True, slots=True)
class DroneColumns:
    """One drone's samples.

    Attributes
    ----------
    time_s
        Shape (n,), since the replay's start. In a silence stands one row of NaN values.
    values
        Shape (n, 6): east and north in metres, altitude above home in metres, ground speed in m/s, battery in
        percent, yaw in degrees (unwrapped, so that a turn through north is a short one).
    modes
        ``(since_s, mode)``.
    """

    drone: str
    time_s: Array
    values: Array
    modes: list[tuple[float, str]]

    def encoded(self) -> dict[str, Any]:
        """Return times as float64 and then each column as float32, little-endian, in base64."""
        packed = self.time_s.astype("<f8").tobytes() + self.values.T.astype("<f4").tobytes()
        return {
            "id": self.drone,
            "n": len(self.time_s),
            "columns": base64.b64encode(packed).decode("ascii"),
            "modes": [[round(since_s, 2), mode] for since_s, mode in self.modes],
        }


def drone_columns(data: ReplayData, project: Project, budget: int) -> list[DroneColumns]:
    """Return each drone's thinned columns, together at most about ``budget`` samples.

    Drones of the plan that left no track are among them, without samples.
    """
    start_s = data.start_utc.timestamp()
    by_drone = {drone: [t for t in data.tracks if t.vehicle == drone] for drone in data.drones}
    full = {drone: _joined(tracks, start_s, project) for drone, tracks in by_drone.items()}
    scale = 1.0
    columns = {drone: _thin_pieces(*values, scale) for drone, values in full.items()}
    # noise can need every sample; coarser tolerances always end it. Thinning what is thin already adds the
    # tolerances up, to less than twice the last one
    while sum(len(time_s) for time_s, _ in columns.values()) > budget and scale < 1000.0:
        scale *= 2.0
        columns = {drone: _thin_pieces(*values, scale) for drone, values in columns.items()}
    return [
        DroneColumns(drone, *values, sorted(change for t in by_drone[drone] for change in _modes(t, start_s)))
        for drone, values in columns.items()
    ]


def _joined(tracks: list[Track], start_s: float, project: Project) -> tuple[Array, Array]:
    """Join a drone's tracks: samples without a position are left out, a silence gets a NaN row."""
    ordered = sorted((t for t in tracks if len(t)), key=lambda t: float(epoch_s(t)[0]))
    parts = [_columns(track, start_s, project) for track in ordered]
    if not parts:
        return np.zeros(0), np.zeros((0, 6))
    time_s, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(time_s, kind="stable")
    time_s, values = time_s[order], values[order]
    known = np.isfinite(values[:, :2]).all(axis=1) & np.diff(time_s, prepend=-np.inf).astype(bool)
    time_s, values = time_s[known], values[known]
    silences = np.flatnonzero(np.diff(time_s) > GAP_S) + 1
    return np.insert(time_s, silences, time_s[silences - 1] + 1e-3), np.insert(
        values, silences, np.nan, axis=0
    )


def _columns(track: Track, start_s: float, project: Project) -> tuple[Array, Array]:
    path = project(track.lonlat_deg)
    yaw_deg = np.array(track.yaw_deg, dtype=np.float64)
    finite = np.isfinite(yaw_deg)
    yaw_deg[finite] = np.unwrap(yaw_deg[finite], period=360.0)
    columns = [path, track.altitude_home_m, track.ground_speed_mps, track.battery_percent, yaw_deg]
    return epoch_s(track) - start_s, np.column_stack(columns)


def _thin_pieces(time_s: Array, values: Array, scale: float) -> tuple[Array, Array]:
    """Thin what lies between silences, each stretch with its ends."""
    silent = np.flatnonzero(np.isnan(values[:, 0]))
    pieces = np.split(np.arange(len(time_s)), np.sort(np.concatenate([silent, silent + 1])))
    scaled = values / (np.array(TOLERANCES) * scale)
    kept = np.concatenate([piece[needed_samples(time_s[piece], scaled[piece])] for piece in pieces])
    return time_s[kept], values[kept]


def _modes(track: Track, start_s: float) -> list[tuple[float, str]]:
    if not len(track):
        return []
    changed = np.flatnonzero(np.concatenate([[True], track.mode[1:] != track.mode[:-1]]))
    times = epoch_s(track) - start_s
    return [(float(times[i]), str(track.mode[i])) for i in changed]
