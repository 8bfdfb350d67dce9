"""Where a vehicle was, how it lay and what its battery held: the same columns from every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dronepatrol.telemetry.log.detect import TLOG, ULOG
from dronepatrol.telemetry.log.log import Log, Sender
from dronepatrol.telemetry.log.status import first_instance, of_vehicle
from dronepatrol.telemetry.log.table import Rows, has_numbers, quiet
from dronepatrol.telemetry.track import Column

_GPS_FIX_2D = 2
_NO_VALUE_16 = 0xFFFF
"""What SYS_STATUS sends for a voltage that is not known."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values that were told at the same times.

    Attributes
    ----------
    time_s
        Seconds since the log's start, in order, shape (n,).
    columns
        Shape (n,) each; names as in `Track`.
    """

    time_s: Column
    columns: Mapping[str, Column] = field(default_factory=dict)

    def at(self, name: str, at_s: Column) -> Column:
        """Return the last value told at or before each time, NaN before the first."""
        if name not in self.columns or self.time_s.size == 0:
            return np.full(at_s.size, np.nan)
        # A microsecond of grace: values of one moment are stamped one after the other.
        index = np.searchsorted(self.time_s, at_s + 1e-6, side="right") - 1
        values = self.columns[name].astype(np.float64)
        return np.where(index < 0, np.nan, values[np.maximum(index, 0)])


NOTHING = Series(np.zeros(0))


@dataclass(frozen=True, slots=True)
class Motion:
    """What a track is made of.

    Attributes
    ----------
    position
        ``lon_deg``, ``lat_deg``, ``altitude_amsl_m``, ``altitude_home_m``, ``ground_speed_mps``,
        ``climb_mps``.
    attitude
        ``roll_deg``, ``pitch_deg``, ``yaw_deg``.
    battery
        ``battery_percent``, ``battery_v``, ``battery_a``.
    """

    position: Series
    attitude: Series
    battery: Series


def motion(log: Log, vehicle: Sender) -> Motion:
    """Return where a vehicle was over time, whatever the log's format."""
    with quiet():
        if log.format == TLOG:
            parts = _heard_position, _heard_attitude, _heard_battery
            return Motion(*(part(log, vehicle) for part in parts))
        if log.format == ULOG:
            return Motion(_px4_position(log), _px4_attitude(log), _px4_battery(log))
        return Motion(_written_position(log), _written_attitude(log), _written_battery(log))


def _series(rows: Rows | None, **columns: npt.NDArray[np.generic]) -> Series:
    """Return columns in order of time; a log's own order may step back."""
    if rows is None or rows.size == 0:
        return NOTHING
    time_s = np.asarray(rows["time_s"], np.float64)
    order = np.argsort(time_s, kind="stable")
    return Series(
        time_s[order], {name: np.asarray(values, np.float64)[order] for name, values in columns.items()}
    )


def _heard_position(log: Log, vehicle: Sender) -> Series:
    rows = of_vehicle(log, vehicle, "GLOBAL_POSITION_INT")
    if rows is not None:
        rows = rows[(rows["lat"] != 0) | (rows["lon"] != 0)]
    if rows is None or rows.size == 0:
        return _heard_gps(of_vehicle(log, vehicle, "GPS_RAW_INT"))
    return _series(
        rows,
        lon_deg=rows["lon"] / 1e7,
        lat_deg=rows["lat"] / 1e7,
        altitude_amsl_m=rows["alt"] / 1e3,
        altitude_home_m=rows["relative_alt"] / 1e3,
        ground_speed_mps=np.hypot(rows["vx"], rows["vy"], dtype=np.float64) / 100.0,
        climb_mps=-rows["vz"].astype(np.float64) / 100.0,
    )


def _heard_gps(rows: Rows | None) -> Series:
    """Vehicles without an estimator send only what the receiver says."""
    if rows is None:
        return NOTHING
    rows = rows[(rows["fix_type"] >= _GPS_FIX_2D) & ((rows["lat"] != 0) | (rows["lon"] != 0))]
    speed = np.where(rows["vel"] == _NO_VALUE_16, np.nan, rows["vel"] / 100.0)
    return _series(
        rows,
        lon_deg=rows["lon"] / 1e7,
        lat_deg=rows["lat"] / 1e7,
        altitude_amsl_m=rows["alt"] / 1e3,
        ground_speed_mps=speed,
    )


def _heard_attitude(log: Log, vehicle: Sender) -> Series:
    rows = of_vehicle(log, vehicle, "ATTITUDE")
    if rows is None:
        return NOTHING
    yaw = rows["yaw"].astype(np.float64) % (2.0 * np.pi)
    return _series(
        rows,
        roll_deg=np.degrees(rows["roll"].astype(np.float64)),
        pitch_deg=np.degrees(rows["pitch"].astype(np.float64)),
        yaw_deg=np.degrees(yaw),
    )


def _heard_battery(log: Log, vehicle: Sender) -> Series:
    rows = of_vehicle(log, vehicle, "SYS_STATUS")
    if rows is None:
        return NOTHING
    voltage, current, percent = rows["voltage_battery"], rows["current_battery"], rows["battery_remaining"]
    return _series(
        rows,
        battery_percent=np.where(percent >= 0, percent, np.nan),
        battery_v=np.where(voltage == _NO_VALUE_16, np.nan, voltage / 1e3),
        battery_a=np.where(current < 0, np.nan, current / 1e2),
    )


def _written_position(log: Log) -> Series:
    rows, gps = first_instance(log, "POS"), _written_gps(log)
    if rows is None or not has_numbers(rows, "Lat", "Lng", "Alt"):
        return gps
    velocity = _written_velocity(log)
    told = velocity if velocity.time_s.size else gps
    place = _series(
        rows,
        lon_deg=_degrees(rows["Lng"]),
        lat_deg=_degrees(rows["Lat"]),
        altitude_amsl_m=rows["Alt"],
        altitude_home_m=rows["RelHomeAlt"] if has_numbers(rows, "RelHomeAlt") else np.full(rows.size, np.nan),
    )
    return _with(place, told, "ground_speed_mps", "climb_mps")


def _with(place: Series, moves: Series, *names: str) -> Series:
    """Return positions together with what else was told by then."""
    return Series(place.time_s, {**place.columns, **{name: moves.at(name, place.time_s) for name in names}})


def _degrees(values: npt.NDArray[np.generic]) -> Column:
    """Return an angle that is stored in 1e-7 degrees, or in degrees in logs written as text."""
    wide = values.astype(np.float64)
    return wide / 1e7 if values.dtype.kind == "i" else wide


def _written_velocity(log: Log) -> Series:
    """Return the velocity of the first core of ArduPilot's estimator."""
    rows = first_instance(log, "XKF1", "NKF1")
    if rows is None or not has_numbers(rows, "VN", "VE", "VD"):
        return NOTHING
    north, east = rows["VN"].astype(np.float64), rows["VE"].astype(np.float64)
    return _series(rows, ground_speed_mps=np.hypot(north, east), climb_mps=-rows["VD"])


def _written_gps(log: Log) -> Series:
    rows = first_instance(log, "GPS")
    if rows is None or not has_numbers(rows, "Lat", "Lng", "Alt", "Spd", "Status"):
        return NOTHING
    rows = rows[rows["Status"] >= _GPS_FIX_2D]
    altitude = rows["Alt"] / 100.0 if rows["Alt"].dtype.kind == "i" else rows["Alt"]
    climb = -rows["VZ"] if has_numbers(rows, "VZ") else np.full(rows.size, np.nan)
    return _series(
        rows,
        lon_deg=_degrees(rows["Lng"]),
        lat_deg=_degrees(rows["Lat"]),
        altitude_amsl_m=altitude,
        ground_speed_mps=rows["Spd"],
        climb_mps=climb,
    )


def _written_attitude(log: Log) -> Series:
    if "ATT" not in log:
        return NOTHING
    columns = log.si("ATT")
    if not has_numbers(log["ATT"], "Roll", "Pitch", "Yaw"):
        return NOTHING
    # Logs of before units were described have these as hundredths, which their type says.
    return _series(
        log["ATT"],
        roll_deg=columns["Roll"],
        pitch_deg=columns["Pitch"],
        yaw_deg=np.asarray(columns["Yaw"], np.float64) % 360.0,
    )


def _written_battery(log: Log) -> Series:
    rows = first_instance(log, "BAT", "CURR")
    if rows is None or not has_numbers(rows, "Volt", "Curr"):
        return NOTHING
    percent = rows["RemPct"] if has_numbers(rows, "RemPct") else np.full(rows.size, np.nan)
    return _series(rows, battery_percent=percent, battery_v=rows["Volt"], battery_a=rows["Curr"])


def _px4_position(log: Log) -> Series:
    rows = first_instance(log, "vehicle_global_position")
    if rows is None or not has_numbers(rows, "lat", "lon", "alt"):
        return _px4_gps(log)
    place = _series(rows, lon_deg=rows["lon"], lat_deg=rows["lat"], altitude_amsl_m=rows["alt"])
    local = first_instance(log, "vehicle_local_position")
    moves = NOTHING
    if local is not None and has_numbers(local, "vx", "vy", "vz", "z"):
        moves = _series(
            local,
            altitude_home_m=-local["z"],
            ground_speed_mps=np.hypot(local["vx"], local["vy"]),
            climb_mps=-local["vz"],
        )
    return _with(place, moves, "altitude_home_m", "ground_speed_mps", "climb_mps")


def _px4_gps(log: Log) -> Series:
    rows = first_instance(log, "vehicle_gps_position", "sensor_gps")
    if rows is None:
        return NOTHING
    if has_numbers(rows, "latitude_deg", "longitude_deg", "altitude_msl_m"):
        lat, lon, altitude = rows["latitude_deg"], rows["longitude_deg"], rows["altitude_msl_m"]
    elif has_numbers(rows, "lat", "lon", "alt"):
        lat, lon, altitude = rows["lat"] / 1e7, rows["lon"] / 1e7, rows["alt"] / 1e3
    else:
        return NOTHING
    speed = rows["vel_m_s"] if has_numbers(rows, "vel_m_s") else np.full(rows.size, np.nan)
    climb = -rows["vel_d_m_s"] if has_numbers(rows, "vel_d_m_s") else np.full(rows.size, np.nan)
    return _series(
        rows, lon_deg=lon, lat_deg=lat, altitude_amsl_m=altitude, ground_speed_mps=speed, climb_mps=climb
    )


def _px4_attitude(log: Log) -> Series:
    rows = first_instance(log, "vehicle_attitude")
    if rows is None or "q" not in (rows.dtype.names or ()) or rows.dtype["q"].shape != (4,):
        return NOTHING
    w, x, y, z = rows["q"].astype(np.float64).T
    # Tait-Bryan angles of a Hamilton quaternion, order Z-Y-X: Diebel, Representing Attitude (2006), eq. 290.
    roll = np.arctan2(2.0 * (w * x + y * z), 1.0 - 2.0 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2.0 * (w * y - z * x), -1.0, 1.0))
    yaw = np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)) % (2.0 * np.pi)
    return _series(rows, roll_deg=np.degrees(roll), pitch_deg=np.degrees(pitch), yaw_deg=np.degrees(yaw))


def _px4_battery(log: Log) -> Series:
    rows = first_instance(log, "battery_status")
    if rows is None or not has_numbers(rows, "remaining", "voltage_v", "current_a"):
        return NOTHING
    return _series(
        rows,
        battery_percent=np.where(rows["remaining"] < 0, np.nan, rows["remaining"] * 100.0),
        battery_v=rows["voltage_v"],
        battery_a=rows["current_a"],
    )
