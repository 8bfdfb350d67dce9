"""All drones of a simulation, their physics advanced together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .airframe import GRAVITY_MPS2, Airframe
from .pilot import Pilot, TerrainHeight
from .plant import ARRAY, LIFT_I, LIFT_P, SCALAR, STATE, Constants, advance

DEFAULT_DT_S = 0.05
"""Step of guidance and physics in seconds."""

SCALAR_LIMIT = 8
"""Fleets up to this size are advanced drone by drone: the overhead of arrays pays off only beyond."""

INPUT_LAG_S = 0.15
"""ATC_INPUT_TC, the shaping of the attitude target."""

_YAW = STATE.index("yaw")
_CONTACT = STATE.index("contact")

Home = tuple[int, int, float, float]
"""Latitude and longitude (1e-7 degree), height above mean sea level (m), heading (deg)."""


class Wind(Protocol):
    """Where the wind comes from; :class:`dronepatrol.sim.weather.Weather` is one."""

    def at(
        self, drone: int, time_s: float, dt_s: float, height_m: float, air_speed_mps: float
    ) -> tuple[float, float, float]:
        """Return the air's velocity towards north, east and up (m/s) for a drone at a height above ground."""


class FleetMotion:
    """The motion of n drones.

    Parameters
    ----------
    airframes
        One per drone.
    homes
        Where each stands at first.
    parameters
        ArduCopter parameters of each drone by name, read live; None for defaults.
    wind
        Moves the air; None for calm.
    dt_s
        Step in seconds.
    terrain
        Ground height above mean sea level by latitude and longitude in 1e-7 degree.
    """

    def __init__(
        self,
        airframes: Sequence[Airframe],
        homes: Sequence[Home],
        parameters: Sequence[Mapping[str, float]] | None = None,
        *,
        wind: Wind | None = None,
        dt_s: float = DEFAULT_DT_S,
        terrain: TerrainHeight | None = None,
    ) -> None:
        self.dt_s = dt_s
        self.time_s = 0.0
        self._steps = 0
        self.wind = wind
        values = parameters if parameters is not None else [{} for _ in airframes]
        self.pilots = [
            Pilot(a, h, p, dt_s, terrain) for a, h, p in zip(airframes, homes, values, strict=True)
        ]
        self._scalar = len(self.pilots) <= SCALAR_LIMIT
        rows = []
        for pilot in self.pilots:
            row = [0.0] * len(STATE)
            row[_YAW], row[_CONTACT] = pilot.yaw.heading_rad, 1.0
            rows.append(tuple(row))
            pilot.absorb(rows[-1])
        self._rows = rows
        self._each = [_constants([a], dt_s, single=True) for a in airframes] if self._scalar else []
        self._all = None if self._scalar else _constants(airframes, dt_s, single=False)
        self._state = np.array(rows, dtype=np.float64).reshape(len(rows), len(STATE)).T.copy()

    def step(self) -> None:
        """Advance all drones by one step."""
        self._steps += 1
        self._blow()
        if self._all is None:
            self._step_each()
        else:
            self._step_all(self._all)
        self.time_s = self._steps * self.dt_s

    def _blow(self) -> None:
        """Let each drone feel the wind of its place."""
        wind = self.wind
        if wind is None:
            return
        for index, pilot in enumerate(self.pilots):
            pilot.wind = wind.at(
                index, self.time_s, self.dt_s, pilot.height_above_ground_m, pilot.air_speed_mps
            )

    def _step_each(self) -> None:
        rows = self._rows
        for index, pilot in enumerate(self.pilots):
            row = advance(SCALAR, self._each[index], rows[index], pilot.step(), pilot.wind)
            rows[index] = row
            pilot.absorb(row)

    def _step_all(self, constants: Constants) -> None:
        pilots = self.pilots
        n, e, u = np.array([p.wind for p in pilots]).T
        commands = np.array([p.step() for p in pilots]).T
        self._state = np.array(advance(ARRAY, constants, tuple(self._state), tuple(commands), (n, e, u)))
        for pilot, row in zip(pilots, self._state.T.tolist(), strict=True):
            pilot.absorb(tuple(row))

    @property
    def state(self) -> NDArray[np.float64]:
        """Physical state of shape (quantities, n), rows in the order of `plant.STATE`."""
        if self._all is not None:
            return self._state
        return np.array(self._rows).reshape(len(self.pilots), len(STATE)).T

    @property
    def positions_ned_m(self) -> NDArray[np.float64]:
        """Positions of shape (n, 3), each from its own origin."""
        return np.asarray(self.state[:3].T * np.array([1.0, 1.0, -1.0]))

    @property
    def velocities_ned_mps(self) -> NDArray[np.float64]:
        """Velocities of shape (n, 3)."""
        return np.asarray(self.state[3:6].T * np.array([1.0, 1.0, -1.0]))


def _constants(airframes: Sequence[Airframe], dt_s: float, *, single: bool) -> Constants:
    lag = [1.0 - exp(-dt_s / a.attitude_lag_s) for a in airframes]
    full = [GRAVITY_MPS2 / a.hover_throttle for a in airframes]
    # Thrust loop gains: thousandths of throttle per cm/s2, and full throttle is g over hover throttle.
    p = [LIFT_P * 0.1 * t for t in full]
    i = [LIFT_I * 0.1 * t for t in full]
    columns = [
        lag,
        [a.linear_drag_per_s for a in airframes],
        [a.quadratic_drag_per_m for a in airframes],
        full,
        p,
        i,
    ]
    shape = 1.0 - exp(-dt_s / INPUT_LAG_S)
    if single:
        return Constants(dt_s, shape, *(c[0] for c in columns))
    return Constants(dt_s, shape, *(np.array(c) for c in columns))
