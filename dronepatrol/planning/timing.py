"""How long a path takes, and what it costs in energy, as an ArduCopter flies it.

Constants without another source were fitted to the recorded flights of ArduCopter V4.7.0-dev (default
parameters, still air): the flights ``survey``, ``square-stop``, ``mixed`` and ``rtl-high``, 26 legs in all.
The legs of the surveys come out within 3 %, all legs within 8 % but for one short descending leg into a stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt

import numpy as np
import numpy.typing as npt

from dronepatrol.model.drone import DroneModel

Array = npt.NDArray[np.float64]

CORNER_TURN_DEG = (48.0, 81.0, 90.0, 99.0, 115.0, 129.0, 159.0, 180.0)
"""Changes of course at which the slowest speed of a passed waypoint was recorded (180: extrapolated)."""
CORNER_SPEED_MPS = (5.0, 3.3, 3.0, 2.6, 2.0, 1.5, 0.6, 0.3)
"""Slowest speed at those corners; it hardly depends on the cruise speed."""
STRAIGHT_TURN_DEG = 1.0
"""Below this change of course a waypoint is passed at cruise speed."""
JERK_MPS3 = 2.0
"""Jerk of the speed changes (fitted with an acceleration of WPNAV_ACCEL, 2.5 m/s2)."""
START_DELAY_S = 1.6
"""From rest, the aircraft has to lean before it moves (fitted)."""
STOP_SETTLE_S = 0.9
"""A stop overshoots by 0.9 m and creeps back before the waypoint counts as reached (fitted)."""
TAKEOFF_EXTRA_S = 6.32
"""A take-off item lasts this long plus altitude over climb speed, spinning up included (recorded)."""
VERTICAL_EXTRA_S = 2.3
"""A climb in place lasts this much longer than height over speed (recorded: 30 m at 2.5 m/s in 14.3 s)."""
LANDING_WAIT_S = 6.7
"""Over home the aircraft comes to rest and waits RTL_LOIT_TIME, 5 s, before it descends (recorded)."""
LAND_SPEED_MPS = 0.5
"""Descent speed near the ground (LAND_SPEED; recorded at touch-down)."""
LAND_SLOW_BELOW_M = 10.0
"""Height under which LAND_SPEED holds (LAND_ALT_LOW)."""
LANDING_EXTRA_S = 1.1
"""Starting and slowing the descent: recorded 21.1 s + (altitude - 10 m) / 1.5; 20 s are the last 10 m."""


def corner_speed_mps(turn_deg: float, cruise_mps: float) -> float:
    """Return the slowest speed passing a waypoint where the course changes by ``turn_deg`` (0 to 180)."""
    if turn_deg <= STRAIGHT_TURN_DEG:
        return cruise_mps
    turns = (0.0, *CORNER_TURN_DEG)
    speeds = (max(cruise_mps, CORNER_SPEED_MPS[0]), *CORNER_SPEED_MPS)
    return min(cruise_mps, float(np.interp(turn_deg, turns, speeds)))


def turns_deg(path_enu_m: npt.ArrayLike) -> Array:
    """Return the change of course at each inner point of a path of shape (n, 2); shape (n - 2,), 0 to 180.

    A step without horizontal length keeps the course before it.
    """
    steps = np.diff(np.asarray(path_enu_m, dtype=np.float64)[:, :2], axis=0)
    heading = np.arctan2(steps[:, 1], steps[:, 0])
    change = np.abs((np.diff(heading) + np.pi) % (2.0 * np.pi) - np.pi)
    still = np.hypot(steps[:, 0], steps[:, 1]) < 1e-6
    change[still[1:] | still[:-1]] = 0.0
    return np.degrees(change)


def _ramp_time_s(change_mps: float, acceleration_mps2: float) -> float:
    """Time of an S-shaped speed change with limited jerk."""
    if change_mps > acceleration_mps2**2 / JERK_MPS3:
        return change_mps / acceleration_mps2 + acceleration_mps2 / JERK_MPS3
    return 2.0 * sqrt(max(change_mps, 0.0) / JERK_MPS3)


def _ramp_m(low_mps: float, high_mps: float, acceleration_mps2: float) -> float:
    """Length of that speed change; the S is symmetric, so the mean speed holds."""
    return (low_mps + high_mps) / 2.0 * _ramp_time_s(high_mps - low_mps, acceleration_mps2)


def leg_time_s(
    length_m: float, entry_mps: float, exit_mps: float, cruise_mps: float, acceleration_mps2: float
) -> float:
    """Return the time of a straight leg entered and left at given speeds.

    The speed follows S-shaped ramps of limited acceleration and jerk, with cruise between them where the leg
    is long enough; on a short leg the peak speed is found by bisection. Delays at standing starts and
    stops are not included.
    """
    if length_m <= 0.0:
        return 0.0

    def ramps_m(peak_mps: float) -> float:
        return sum(_ramp_m(slow_mps, peak_mps, acceleration_mps2) for slow_mps in (entry_mps, exit_mps))

    peak_mps, cruise_s = cruise_mps, 0.0
    low_mps = max(entry_mps, exit_mps)
    if ramps_m(cruise_mps) <= length_m:
        cruise_s = (length_m - ramps_m(cruise_mps)) / cruise_mps
    elif ramps_m(low_mps) >= length_m:
        return 2.0 * length_m / max(entry_mps + exit_mps, 0.2)
    else:
        high_mps = cruise_mps
        for _ in range(24):
            peak_mps = (low_mps + high_mps) / 2.0
            if ramps_m(peak_mps) > length_m:
                high_mps = peak_mps
            else:
                low_mps = peak_mps
    speeding_s = _ramp_time_s(peak_mps - entry_mps, acceleration_mps2)
    braking_s = _ramp_time_s(peak_mps - exit_mps, acceleration_mps2)
    return speeding_s + cruise_s + braking_s


def path_times_s(
    lengths_m: Sequence[float],
    turns: Sequence[float],
    speeds_mps: Sequence[float],
    stops: Sequence[bool],
    acceleration_mps2: float,
) -> list[float]:
    """Return the time of each leg of a chain that starts and ends at rest.

    Parameters
    ----------
    lengths_m, speeds_mps
        Length and cruise speed of each of n legs.
    turns
        Change of course in degrees at each of the n - 1 waypoints between them.
    stops
        Whether the aircraft comes to rest at each of those n - 1 waypoints.
    acceleration_mps2
        Horizontal acceleration.
    """
    count = len(lengths_m)
    speed = [0.0] * (count + 1)
    for i in range(1, count):
        cruise_mps = min(speeds_mps[i - 1], speeds_mps[i])
        speed[i] = 0.0 if stops[i - 1] else corner_speed_mps(turns[i - 1], cruise_mps)
    _limit_by_length(speed, lengths_m, acceleration_mps2)
    times: list[float] = []
    for i in range(count):
        time_s = leg_time_s(lengths_m[i], speed[i], speed[i + 1], speeds_mps[i], acceleration_mps2)
        if lengths_m[i] > 0.0:
            from_rest = i == 0 or stops[i - 1]
            to_rest = i == count - 1 or stops[i]
            time_s += START_DELAY_S * from_rest + STOP_SETTLE_S * to_rest
        times.append(time_s)
    return times


def _limit_by_length(speed: list[float], lengths_m: Sequence[float], acceleration_mps2: float) -> None:
    """Lower waypoint speeds in place until each can be reached from its neighbours."""
    for i, length_m in enumerate(lengths_m):
        speed[i + 1] = min(speed[i + 1], sqrt(speed[i] ** 2 + 2.0 * acceleration_mps2 * length_m))
    for i in range(len(lengths_m) - 1, -1, -1):
        speed[i] = min(speed[i], sqrt(speed[i + 1] ** 2 + 2.0 * acceleration_mps2 * lengths_m[i]))


def route_time_s(path_enu_m: npt.ArrayLike, cruise_mps: float, acceleration_mps2: float) -> float:
    """Return the time of a level path of shape (n, 2) flown from rest to rest through its corners."""
    path = np.asarray(path_enu_m, dtype=np.float64)
    if len(path) < 2:
        return 0.0
    steps = np.diff(path, axis=0)
    lengths = np.hypot(steps[:, 0], steps[:, 1]).tolist()
    turns = turns_deg(path).tolist()
    count = len(lengths)
    return sum(path_times_s(lengths, turns, [cruise_mps] * count, [False] * (count - 1), acceleration_mps2))


def corner_loss_s(turns: npt.ArrayLike, cruise_mps: float, acceleration_mps2: float) -> Array:
    """Return the time lost by braking for and speeding up after corners, on legs that are long enough.

    Parameters
    ----------
    turns
        Changes of course in degrees, any shape.
    cruise_mps, acceleration_mps2
        Speed between the corners and horizontal acceleration.
    """
    grid = np.linspace(0.0, 180.0, 37)
    losses = []
    for turn in grid:
        slow_mps = corner_speed_mps(float(turn), cruise_mps)
        ramp_s = _ramp_time_s(cruise_mps - slow_mps, acceleration_mps2)
        losses.append(2.0 * (ramp_s - _ramp_m(slow_mps, cruise_mps, acceleration_mps2) / cruise_mps))
    return np.interp(np.asarray(turns, dtype=np.float64), grid, losses)


def takeoff_time_s(altitude_home_m: float, climb_mps: float) -> float:
    """Return the time from arming to the end of a take-off item."""
    return TAKEOFF_EXTRA_S + altitude_home_m / climb_mps


def vertical_time_s(rise_m: float, climb_mps: float, descent_mps: float) -> float:
    """Return the time of a climb (positive) or descent (negative) in place."""
    if rise_m == 0.0:
        return 0.0
    rate_mps = climb_mps if rise_m > 0.0 else descent_mps
    return VERTICAL_EXTRA_S + abs(rise_m) / rate_mps


def landing_time_s(altitude_home_m: float, descent_mps: float) -> float:
    """Return the time from coming over home at a height to touch-down, waiting included."""
    slow_m = min(altitude_home_m, LAND_SLOW_BELOW_M)
    fast_m = max(altitude_home_m - LAND_SLOW_BELOW_M, 0.0)
    return LANDING_WAIT_S + LANDING_EXTRA_S + slow_m / LAND_SPEED_MPS + fast_m / descent_mps


@dataclass(frozen=True, slots=True)
class Motion:
    """The figures of a drone model that time and energy depend on."""

    model: DroneModel

    @property
    def cruise_mps(self) -> float:
        """Ground speed on legs."""
        return min(self.model.cruise_speed_mps, self.model.max_speed_mps)

    def speed_along_mps(self, horizontal_m: float, rise_m: float, speed_mps: float) -> float:
        """Return the speed along a sloped leg that keeps the climb and descent speeds of the model."""
        length_m = hypot(horizontal_m, rise_m)
        if rise_m == 0.0 or length_m == 0.0:
            return speed_mps
        rate_mps = self.model.climb_mps if rise_m > 0.0 else self.model.descent_mps
        return min(speed_mps, rate_mps * length_m / abs(rise_m))

    def energy_wh(self, duration_s: float, horizontal_m: float, rise_m: float) -> float:
        """Return the energy of a leg from its duration and its horizontal and vertical extent.

        Hover power, plus the surplus of cruising by the square of mean speed over cruise speed (drag grows
        so), plus the surplus of climbing by the mean climb rate. Descending is counted as hovering: the
        recorded current is 2 to 4 % below it.
        """
        if duration_s <= 0.0:
            return 0.0
        battery = self.model.battery
        moving = min((horizontal_m / duration_s / self.cruise_mps) ** 2, 1.0)
        climbing = max(rise_m, 0.0) / duration_s / self.model.climb_mps
        power_w = (
            battery.hover_power_w
            + (battery.cruise_power_w - battery.hover_power_w) * moving
            + (battery.climb_power_w - battery.hover_power_w) * min(climbing, 1.0)
        )
        return power_w * duration_s / 3600.0
