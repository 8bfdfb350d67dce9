"""The air of a simulation: its weather, or what a drone's SIM_WIND_ parameters say instead."""

from __future__ import annotations

from collections.abc import Sequence

from dronepatrol.sim.autopilot.parameters import ParameterStore, Watcher
from dronepatrol.sim.motion import FleetMotion
from dronepatrol.sim.motion.fleet import Wind
from dronepatrol.sim.weather import Weather

_NAMES = ("SIM_WIND_SPD", "SIM_WIND_DIR", "SIM_WIND_TURB")

Vector = tuple[float, float, float]


class Air:
    """Gives each drone the wind of its place; the parameters of a drone that has SIM_WIND_SPD set come first.

    Parameters
    ----------
    motion
        The drones; they feel this air from the moment there is any wind.
    stores
        Their parameters.
    weather
        The wind for all; None for calm.
    seed
        Of the turbulence that SIM_WIND_TURB makes.
    """

    def __init__(
        self, motion: FleetMotion, stores: Sequence[ParameterStore], weather: Wind | None, seed: int
    ) -> None:
        self._motion = motion
        self._stores = stores
        self._seed = seed
        self._own: dict[int, Weather] = {}
        self._weather = weather
        if weather is not None:
            motion.wind = self
        for index, store in enumerate(stores):
            for name in _NAMES:
                store.watch(name, self._watcher(index))

    @property
    def weather(self) -> Wind | None:
        """The wind for all; may be replaced at any time."""
        return self._weather

    @weather.setter
    def weather(self, weather: Wind | None) -> None:
        self._weather = weather
        self._motion.wind = self

    def at(self, drone: int, time_s: float, dt_s: float, height_m: float, air_speed_mps: float) -> Vector:
        """Return the air's velocity towards north, east and up (m/s) for a drone at a height above ground."""
        wind = self._own.get(drone, self._weather)
        if wind is None:
            return 0.0, 0.0, 0.0
        return wind.at(drone, time_s, dt_s, height_m, air_speed_mps)

    def _watcher(self, index: int) -> Watcher:
        return lambda _value: self._changed(index)

    def _changed(self, index: int) -> None:
        speed, direction, turbulence = (self._stores[index][name] for name in _NAMES)
        if speed > 0.0 or turbulence > 0.0:
            self._own[index] = Weather.reference(
                max(speed, 0.0), direction, max(turbulence, 0.0), seed=self._seed
            )
        else:
            self._own.pop(index, None)
        self._motion.wind = self
