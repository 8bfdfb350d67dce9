"""Wind that changes with height and time, and gusts with a known spectrum.

Heights are above ground, times are seconds of the simulation, wind is the velocity of the air.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import cos, exp, radians, sin, sqrt

import numpy as np

from dronepatrol.errors import InputError

FEET_PER_METRE = 1.0 / 0.3048
_LOWEST_M, _HIGHEST_M = 3.048, 304.8
_W20_HEIGHT_M = 6.096
_REFRESH_S = 0.25
_BLOCK = 256

Vector = tuple[float, float, float]


class Profile(Enum):
    """How the mean wind grows with height."""

    CONSTANT = "constant"
    POWER = "power"
    ROOT = "root"


@dataclass(frozen=True, slots=True)
class Breeze:
    """Mean wind at a time.

    Attributes
    ----------
    time_s
        When it holds; between two times the wind is interpolated along the shorter turn.
    speed_mps
        Speed at the reference height of the profile.
    from_deg
        Direction it blows from, clockwise from north.
    gust_mps
        Strength of the gusts: for Dryden gusts the wind at 20 ft on which the specification bases
        intensity, for noise the standard deviation. Zero for none.
    """

    time_s: float
    speed_mps: float
    from_deg: float
    gust_mps: float = 0.0


class GustModel(Enum):
    """Kind of gusts."""

    DRYDEN = "dryden"
    NOISE = "noise"


class Weather:
    """The wind that every drone of a fleet feels at its own place.

    Parameters
    ----------
    breezes
        Mean wind over time, at least one, in order of time.
    profile
        Growth with height: `POWER` is ``(h / reference)**exponent``; `ROOT` is ``sqrt(h / reference)``, the
        law of ArduPilot's simulator.
    reference_m
        Height at which the breezes' speed holds.
    exponent
        Of the power law; 1/7 over open ground (Hellmann).
    gusts
        Dryden spectrum after MIL-F-8785C, or the short noise of ArduPilot's simulator.
    seed
        Same seed, same gusts; drones have independent gusts.

    Raises
    ------
    InputError
        Where there is no breeze, times go backwards, or a speed is negative.
    """

    def __init__(
        self,
        breezes: Sequence[Breeze],
        *,
        profile: Profile = Profile.POWER,
        reference_m: float = 10.0,
        exponent: float = 1.0 / 7.0,
        gusts: GustModel = GustModel.DRYDEN,
        seed: int = 0,
    ) -> None:
        _check(breezes, reference_m)
        self._breezes = tuple(breezes)
        self._times = [b.time_s for b in breezes]
        self._profile, self._reference_m, self._exponent = profile, reference_m, exponent
        self._model = gusts
        self._seed = seed
        self._gusts: dict[int, DrydenGusts | NoiseGusts] = {}

    @classmethod
    def calm(cls) -> Weather:
        """Return weather without wind."""
        return cls([Breeze(0.0, 0.0, 0.0)])

    @classmethod
    def reference(cls, speed_mps: float, from_deg: float, turbulence_mps: float, *, seed: int = 0) -> Weather:
        """Return what ArduPilot's simulator makes of SIM_WIND_SPD, SIM_WIND_DIR and SIM_WIND_TURB.

        The wind grows with the root of height up to SIM_WIND_T_ALT of 60 m; turbulence is noise with a time
        constant of 41 ms.
        """
        return cls(
            [Breeze(0.0, speed_mps, from_deg, turbulence_mps)],
            profile=Profile.ROOT,
            reference_m=60.0,
            gusts=GustModel.NOISE,
            seed=seed,
        )

    def breeze_at(self, time_s: float) -> Breeze:
        """Return the mean wind at a time, interpolated between the given ones."""
        breezes = self._breezes
        index = bisect_right(self._times, time_s)
        if index == 0:
            return breezes[0]
        if index == len(breezes):
            return breezes[-1]
        a, b = breezes[index - 1], breezes[index]
        share = (time_s - a.time_s) / (b.time_s - a.time_s)
        turn = (b.from_deg - a.from_deg + 180.0) % 360.0 - 180.0
        return Breeze(
            time_s,
            a.speed_mps + share * (b.speed_mps - a.speed_mps),
            (a.from_deg + share * turn) % 360.0,
            a.gust_mps + share * (b.gust_mps - a.gust_mps),
        )

    def factor_at(self, height_m: float) -> float:
        """Return the wind at a height as a share of that at the reference height."""
        if self._profile is Profile.CONSTANT:
            return 1.0
        if self._profile is Profile.ROOT:
            return sqrt(min(max(height_m, 0.0) / self._reference_m, 1.0))
        return float((max(height_m, 0.5) / self._reference_m) ** self._exponent)

    def at(
        self, drone: int, time_s: float, dt_s: float, height_m: float, air_speed_mps: float = 0.0
    ) -> Vector:
        """Advance a drone's gusts by a step and return the air's velocity towards north, east and up in m/s.

        Parameters
        ----------
        drone
            Index in the fleet; each has gusts of its own.
        time_s, dt_s
            Time and step.
        height_m
            Height above ground.
        air_speed_mps
            Speed through the air, with which gusts pass; at least the mean wind.
        """
        breeze = self._breezes[0] if len(self._breezes) == 1 else self.breeze_at(time_s)
        speed = breeze.speed_mps * self.factor_at(height_m)
        towards = radians(breeze.from_deg + 180.0)
        c, s = cos(towards), sin(towards)
        if breeze.gust_mps <= 0.0:
            return speed * c, speed * s, 0.0
        gusts = self._gusts.get(drone)
        if gusts is None:
            kind = DrydenGusts if self._model is GustModel.DRYDEN else NoiseGusts
            gusts = self._gusts[drone] = kind((self._seed, drone))
        along, across, up = gusts.step(dt_s, breeze.gust_mps, height_m, max(air_speed_mps, speed))
        along += speed
        return along * c - across * s, along * s + across * c, up


def _check(breezes: Sequence[Breeze], reference_m: float) -> None:
    if not breezes:
        raise InputError("weather without any wind entry", remedy="give at least one, with speed 0 for calm")
    for index, breeze in enumerate(breezes):
        place = f"breezes[{index}]"
        if breeze.speed_mps < 0.0 or breeze.gust_mps < 0.0:
            raise InputError("negative wind speed", place=place, remedy="turn the direction instead")
        if index and breeze.time_s <= breezes[index - 1].time_s:
            raise InputError(
                f"time {breeze.time_s} s is not after {breezes[index - 1].time_s} s",
                place=place,
                remedy="put the entries in order of time",
            )
    if reference_m <= 0.0:
        raise InputError(f"reference height {reference_m} m is not above 0", place="reference_m")


class _Normals:
    """Standard normal numbers, drawn in blocks because one at a time is slow."""

    def __init__(self, seed: tuple[int, int]) -> None:
        self._generator = np.random.default_rng(seed)
        self._block: list[float] = []

    def next(self) -> float:
        if not self._block:
            self._block = self._generator.standard_normal(_BLOCK).tolist()
        return self._block.pop()


class NoiseGusts:
    """First-order noise in a random direction, as ArduPilot's simulator makes turbulence.

    The time constant of 41 ms was measured on flights of it.
    """

    time_constant_s = 0.041

    def __init__(self, seed: tuple[int, int]) -> None:
        self._normals = _Normals(seed)
        self._state = [0.0, 0.0]
        self._dt_s = 0.0
        self._coefficients = (0.0, 0.0)

    def step(self, dt_s: float, intensity_mps: float, height_m: float, speed_mps: float) -> Vector:
        """Advance a step; returns gusts along, across and up, of the given size in the plane."""
        keep, add = self._step(dt_s)
        state, normal = self._state, self._normals.next
        state[0] = state[0] * keep + add * normal()
        state[1] = state[1] * keep + add * normal()
        scale = intensity_mps * 0.5**0.5
        return state[0] * scale, state[1] * scale, 0.0

    def _step(self, dt_s: float) -> tuple[float, float]:
        """Return decay and new noise of a step.

        A step as long as the time constant feels the mean of the noise: its variance is smaller, and decay
        is chosen so that slow variations, which move the vehicle, keep their strength of twice the time
        constant.
        """
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            x = dt_s / self.time_constant_s
            variance = 2.0 * (x - 1.0 + exp(-x)) / (x * x) if x > 1e-3 else 1.0 - x / 3.0
            slow = 2.0 * self.time_constant_s / (variance * dt_s)
            keep = max((slow - 1.0) / (slow + 1.0), 0.0)
            self._coefficients = (keep, sqrt(variance * (1.0 - keep * keep)))
        return self._coefficients


@dataclass(frozen=True, slots=True)
class DrydenFigures:
    """Intensities (m/s) and scale lengths (m) along, across and up."""

    sigma_u: float
    sigma_w: float
    length_u: float
    length_w: float


def dryden_figures(wind_20ft_mps: float, height_m: float) -> DrydenFigures:
    """Return the low-altitude figures of MIL-F-8785C, 3.7.3.4, valid from 10 to 1000 ft.

    ``sigma_w = 0.1 W20``, ``sigma_u / sigma_w = (0.177 + 0.000823 h)**-0.4``, ``L_w = h`` and
    ``L_u = h (0.177 + 0.000823 h)**-1.2`` with h in feet; across is as along.
    """
    h = min(max(height_m, _LOWEST_M), _HIGHEST_M) * FEET_PER_METRE
    base = 0.177 + 0.000823 * h
    sigma_w = 0.1 * wind_20ft_mps
    length_u = h / base**1.2
    return DrydenFigures(sigma_w / base**0.4, sigma_w, length_u / FEET_PER_METRE, h / FEET_PER_METRE)


class DrydenGusts:
    """Gusts with the Dryden spectra of MIL-F-8785C.

    Along the wind the shaping filter is of first order; across and up it is ``(1 + sqrt(3) T s) / (1 + T
    s)**2``, which splits into ``sqrt(3) a + (1 - sqrt(3)) b`` with a first-order state a and b following a.
    Both are advanced exactly for any step, with the covariance that keeps them stationary.
    """

    def __init__(self, seed: tuple[int, int]) -> None:
        self._normals = _Normals(seed)
        self._in_s = 0.0
        self._u = self._normals.next()
        self._v = self._stationary()
        self._w = self._stationary()
        self._figures = dryden_figures(0.0, 10.0)
        self._step_u = (0.0, 1.0)
        self._step_v = self._step_w = (0.0, 0.0, 0.0, 0.0, 0.0)

    def _stationary(self) -> tuple[float, float]:
        # Covariance of (a, b): [[1/2, 1/4], [1/4, 1/4]].
        x, y = self._normals.next(), self._normals.next()
        return sqrt(0.5) * x, sqrt(0.125) * (x + y)

    def step(self, dt_s: float, intensity_mps: float, height_m: float, speed_mps: float) -> Vector:
        """Advance a step; returns gusts along, across and up in m/s."""
        self._in_s -= dt_s
        if self._in_s <= 0.0:
            self._in_s = _REFRESH_S
            self._refresh(dt_s, intensity_mps, height_m, max(speed_mps, 1.0))
        normal = self._normals.next
        keep, add = self._step_u
        self._u = self._u * keep + add * normal()
        self._v = _second_order(self._v, self._step_v, normal(), normal())
        self._w = _second_order(self._w, self._step_w, normal(), normal())
        f = self._figures
        return self._u * f.sigma_u, _output(self._v) * f.sigma_u, _output(self._w) * f.sigma_w

    def _refresh(self, dt_s: float, intensity_mps: float, height_m: float, speed_mps: float) -> None:
        f = self._figures = dryden_figures(intensity_mps, height_m)
        keep = exp(-dt_s * speed_mps / f.length_u)
        self._step_u = (keep, sqrt(1.0 - keep * keep))
        self._step_v = _transition(dt_s * speed_mps / f.length_u)
        self._step_w = _transition(dt_s * speed_mps / f.length_w)


def _transition(x: float) -> tuple[float, float, float, float, float]:
    """Decay, coupling and the Cholesky factors of the noise of one step of x time constants."""
    keep = exp(-x)
    k2 = keep * keep
    # Covariance lost in the step: P - F P F' with F = keep [[1, 0], [x, 1]].
    aa = 0.5 * (1.0 - k2)
    ab = 0.25 - k2 * (0.5 * x + 0.25)
    bb = 0.25 - k2 * (0.5 * x * x + 0.5 * x + 0.25)
    first = sqrt(max(aa, 0.0))
    second = ab / first if first > 0.0 else 0.0
    return keep, keep * x, first, second, sqrt(max(bb - second * second, 0.0))


def _second_order(
    state: tuple[float, float], step: tuple[float, float, float, float, float], x: float, y: float
) -> tuple[float, float]:
    a, b = state
    keep, couple, first, second, third = step
    return keep * a + first * x, keep * b + couple * a + second * x + third * y


def _output(state: tuple[float, float]) -> float:
    return 1.7320508075688772 * state[0] - 0.7320508075688772 * state[1]
