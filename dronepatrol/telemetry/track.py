"""What a vehicle actually flew, as numpy columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Track:
    """One flight record of one vehicle on a common time base.

    All columns have shape (n,); a value that the vehicle did not report is NaN.

    Attributes
    ----------
    vehicle
        Drone id, or ``"system 1"`` where only the MAVLink system id is known.
    start_utc
        The moment of ``time_s == 0``.
    time_s
        Seconds since ``start_utc``, increasing.
    lon_deg, lat_deg
        WGS84.
    altitude_amsl_m, altitude_home_m
        Above mean sea level, and above the home position.
    ground_speed_mps, climb_mps
        Horizontal speed and climb rate (up positive).
    roll_deg, pitch_deg, yaw_deg
        Attitude; yaw clockwise from north.
    battery_percent, battery_v, battery_a
        Charge left, voltage and current.
    mode
        Flight mode names, dtype ``str``, empty where unknown.
    armed
        dtype ``bool``.
    """

    vehicle: str
    start_utc: datetime
    time_s: Column
    lon_deg: Column
    lat_deg: Column
    altitude_amsl_m: Column
    altitude_home_m: Column
    ground_speed_mps: Column
    climb_mps: Column
    roll_deg: Column
    pitch_deg: Column
    yaw_deg: Column
    battery_percent: Column
    battery_v: Column
    battery_a: Column
    mode: npt.NDArray[np.str_]
    armed: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.time_s.size)

    @property
    def lonlat_deg(self) -> Column:
        """Shape (n, 2), longitude and latitude."""
        return np.column_stack([self.lon_deg, self.lat_deg])
