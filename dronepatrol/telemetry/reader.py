"""Read a telemetry log into a track."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from dronepatrol.errors import InputError
from dronepatrol.mavlink.codec import Codec
from dronepatrol.mavlink.dialect import AUTOPILOT_COMPONENT, Message, dialect
from dronepatrol.mavlink.modes import mode_name
from dronepatrol.telemetry.track import Column, Track

_STAMP = struct.Struct(">Q")
_MAVLINK2_MAGIC = 0xFD
_MAVLINK2_OVERHEAD = 12
_SIGNATURE_BYTES = 13
_SIGNED = 0x01


def frames(data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    """Yield microseconds since 1970, system id, message id and frame of each record of a `.tlog`.

    Records that are no MAVLink 2 frame end the iteration: this reads the logs that dronepatrol writes.
    """
    at, size = 0, len(data)
    while at + 8 + _MAVLINK2_OVERHEAD <= size and data[at + 8] == _MAVLINK2_MAGIC:
        start = at + 8
        signed = data[start + 2] & _SIGNED
        end = start + _MAVLINK2_OVERHEAD + data[start + 1] + (_SIGNATURE_BYTES if signed else 0)
        if end > size:
            return
        number = data[start + 7] | data[start + 8] << 8 | data[start + 9] << 16
        yield _STAMP.unpack_from(data, at)[0], data[start + 5], number, data[start:end]
        at = end


def messages(path: Path, numbers: Collection[int]) -> Iterator[tuple[float, Message]]:
    """Yield seconds since 1970 and the decoded message of every autopilot frame of the given types.

    Raises
    ------
    InputError
        The file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the log: {error.strerror or error}", file=path) from error
    codec = Codec(0, 0)
    wanted = frozenset(numbers)
    for stamp_us, _, number, frame in frames(data):
        if number in wanted and frame[6] == AUTOPILOT_COMPONENT:
            for message in codec.parse(frame):
                yield stamp_us / 1e6, message


_TRACK_TYPES = (
    dialect.MAVLINK_MSG_ID_GLOBAL_POSITION_INT,
    dialect.MAVLINK_MSG_ID_ATTITUDE,
    dialect.MAVLINK_MSG_ID_SYS_STATUS,
    dialect.MAVLINK_MSG_ID_HEARTBEAT,
)


class _Series:
    """Values of one message type with their times, to be sampled at other times."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.rows: list[tuple[float, ...]] = []

    def add(self, time_s: float, *row: float) -> None:
        self.times.append(time_s)
        self.rows.append(row)

    def last_before(self, at_s: Column, width: int) -> Column:
        """Shape (n, width): the last row at or before each time, NaN where there is none."""
        if not self.times:
            return np.full((at_s.size, width), np.nan)
        index = np.searchsorted(np.asarray(self.times), at_s + 1e-6, side="right") - 1
        rows = np.asarray(self.rows, dtype=np.float64)[np.maximum(index, 0)]
        rows[index < 0] = np.nan
        return rows


def read_track(path: Path, vehicle: str) -> Track:
    """Return the track in a `.tlog` of one vehicle, one row per reported position.

    Raises
    ------
    InputError
        The file cannot be read or holds no position.
    """
    position, attitude, status, beat = _Series(), _Series(), _Series(), _Series()
    for time_s, m in messages(path, _TRACK_TYPES):
        match m.get_type():
            case "GLOBAL_POSITION_INT" if m.lat or m.lon:
                climb = -m.vz / 100.0
                speed = float(np.hypot(m.vx, m.vy)) / 100.0
                position.add(
                    time_s, m.lon / 1e7, m.lat / 1e7, m.alt / 1e3, m.relative_alt / 1e3, speed, climb
                )
            case "ATTITUDE":
                attitude.add(time_s, *np.degrees([m.roll, m.pitch, m.yaw % (2.0 * np.pi)]))
            case "SYS_STATUS":
                percent = m.battery_remaining if m.battery_remaining >= 0 else np.nan
                status.add(time_s, percent, m.voltage_battery / 1e3, m.current_battery / 1e2)
            case "HEARTBEAT":
                armed = bool(m.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
                beat.add(time_s, m.custom_mode, armed)
    if not position.times:
        raise InputError("the log holds no position", file=path)
    return _track(vehicle, position, attitude, status, beat)


def _track(vehicle: str, position: _Series, attitude: _Series, status: _Series, beat: _Series) -> Track:
    at_s = np.asarray(position.times)
    rows = np.asarray(position.rows, dtype=np.float64)
    angles = attitude.last_before(at_s, 3)
    battery = status.last_before(at_s, 3)
    beats = beat.last_before(at_s, 2)
    modes = [mode_name(int(number)) if number == number else "" for number in beats[:, 0]]
    return Track(
        vehicle=vehicle,
        start_utc=datetime.fromtimestamp(at_s[0], UTC),
        time_s=at_s - at_s[0],
        lon_deg=rows[:, 0],
        lat_deg=rows[:, 1],
        altitude_amsl_m=rows[:, 2],
        altitude_home_m=rows[:, 3],
        ground_speed_mps=rows[:, 4],
        climb_mps=rows[:, 5],
        roll_deg=angles[:, 0],
        pitch_deg=angles[:, 1],
        yaw_deg=angles[:, 2],
        battery_percent=battery[:, 0],
        battery_v=battery[:, 1],
        battery_a=battery[:, 2],
        mode=np.asarray(modes, dtype=np.str_),
        armed=np.nan_to_num(beats[:, 1]).astype(np.bool_),
    )
