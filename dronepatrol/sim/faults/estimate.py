"""What the receiver and the estimator of one drone believe, against where the drone really is.

The course of a loss of GPS and of a jump of its position is that of EKF3 in ArduCopter 4.7 as recorded: times
below are seconds after the fault and were read off two recordings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, exp, hypot, pi, radians, sin, sqrt

import numpy as np

from dronepatrol.mavlink.dialect import dialect
from dronepatrol.sim.motion import Pilot

Vector = tuple[float, float, float]
Say = Callable[[int, str], None]
"""Sends a status text: severity and text."""

FIX_LOST_S = 0.35
"""The receiver says so."""
POSITION_LOST_S = 7.15
"""The estimator stops counting on its own speed (posRetryTimeNoVel of 7 s)."""
AIDING_LOST_S = 15.2
"""It gives up navigating (15 s) and holds the last place."""
BACK_S = 0.5
"""After a short loss the position is good again this long after the fix."""
READY_S = 10.0
"""After a long one the receiver has to be good for this long (EK3_GPS_CHECK)."""

GATE_M = 5.0
"""A jump of the GPS position by more than this is held for false."""
LANE_SWITCH_S, LANE_BACK_S = 0.41, 0.43
GLITCH_S = 1.46
"""The flag for a glitch goes up."""
RESET_S = 10.2
"""The false position is believed after all."""
LANE_AFTER_RESET_S = 0.16
CLEARED_S = 9.82
"""From good innovations to the end of the flag."""
SETTLE_S = 1.0
"""Time constant with which the estimator follows a small jump of GPS or barometer."""

DRIFT_MPS2 = 0.033
"""How fast the estimate runs away without GPS: 1.1 m after 8.2 s, 2.4 m after 12.2 s."""
WANDER_S = 30.0
"""Correlation time of GPS noise; receivers wander, they do not jump."""
METRES_PER_DEGREE = 6378100.0 * pi / 180.0
"""Of latitude, on ArduPilot's sphere."""

EKF_DEAD_RECKONING = 0x25
"""Attitude, vertical velocity, absolute height: the position is lost."""
EKF_NOT_AIDING = 0xA7
"""The same with velocity and constant position."""
EKF_GLITCH = 0x8000 | 831

_CRITICAL, _WARNING, _INFO = (
    dialect.MAV_SEVERITY_CRITICAL,
    dialect.MAV_SEVERITY_WARNING,
    dialect.MAV_SEVERITY_INFO,
)


@dataclass(slots=True)
class Variances:
    """Innovation test ratios of EKF_STATUS_REPORT: above 1 a measurement is not believed."""

    velocity: float = 0.0
    position: float = 0.0
    height: float = 0.0
    compass: float = 0.0

    @property
    def as_tuple(self) -> tuple[float, float, float, float]:
        """Velocity, horizontal and vertical position, compass."""
        return self.velocity, self.position, self.height, self.compass


class Estimate:
    """The error of a drone's own idea of its position, and what it says of its quality.

    Parameters
    ----------
    pilot
        Flies by the estimate: its `estimate_error` and `position_ok` are written here.
    parameters
        SIM_GPS1_* and SIM_BARO_* are read from it.
    say
        Takes the estimator's texts.
    seed
        Of noise and drift; the same seed gives the same errors.

    Attributes
    ----------
    gps_fixed
        Whether the receiver has a fix.
    gps_offset_m
        How far off the receiver's own position is, north, east and up.
    flags
        EKF_STATUS_FLAGS where they differ from a healthy estimator's, else None.
    glitching
        Whether the GPS position is held for false.
    variances
        Test ratios.
    """

    def __init__(
        self, pilot: Pilot, parameters: Mapping[str, float], say: Say, seed: tuple[int, ...]
    ) -> None:
        self._pilot = pilot
        self._value = parameters
        self._say = say
        self._random = np.random.default_rng(seed)
        angle = float(self._random.uniform(0.0, 2.0 * pi))
        self._drift_to = (cos(angle), sin(angle))
        self.gps_fixed = True
        self.gps_offset_m: Vector = (0.0, 0.0, 0.0)
        self.flags: int | None = None
        self.glitching = False
        self.variances = Variances()
        self._lost_s: float | None = None
        self._found_s: float | None = None
        self._frozen: tuple[float, float] | None = None
        self._drift_s = 0.0
        self._jump: tuple[float, float] = (0.0, 0.0)
        self._jump_s: float | None = None
        self._good_s = 0.0
        self._lane = 0
        self._told: set[str] = set()
        self._wander: Vector = (0.0, 0.0, 0.0)
        self._baro_m = self._height_m = 0.0

    @property
    def position_ok(self) -> bool:
        """Whether one can navigate by the estimate."""
        return self._pilot.position_ok

    @property
    def quiet(self) -> bool:
        """Whether nothing is wrong, so that a step can be left out."""
        value = self._value
        return (
            value["SIM_GPS1_ENABLE"] != 0.0
            and self.flags is None
            and self._lost_s is None
            and self._jump_s is None
            and self.gps_fixed
            and not any(self._pilot.estimate_error)
            and not any(value[name] for name in GPS_PARAMETERS[1:])
        )

    def step(self, now_s: float, dt_s: float) -> None:
        """Advance by a step of the simulation.

        Parameters
        ----------
        now_s
            Seconds since boot.
        """
        if self.quiet:
            return
        self._receive(now_s)
        self._jumped(now_s, dt_s)
        self._wander_on(dt_s)
        self._lose(now_s, dt_s)
        self._weigh(now_s)
        north, east = self._horizontal()
        self._move((north, east, self._height(dt_s)))

    # The receiver

    def _receive(self, now_s: float) -> None:
        """Note when the fix went and came."""
        if self._value["SIM_GPS1_ENABLE"] == 0.0:
            if self._lost_s is None:
                self._lost_s = now_s
            self._found_s = None
            self.gps_fixed = now_s - self._lost_s < FIX_LOST_S
        elif self._lost_s is not None and self._found_s is None:
            self._found_s = now_s
            self.gps_fixed = True

    def _jumped(self, now_s: float, dt_s: float) -> None:
        """Note a jump of what the receiver says; a small one is followed, a large one not believed."""
        value = self._value
        north = value["SIM_GPS1_GLTCH_X"] * METRES_PER_DEGREE
        east = value["SIM_GPS1_GLTCH_Y"] * METRES_PER_DEGREE * cos(radians(self._pilot.frame.lat_e7 / 1e7))
        self.gps_offset_m = (north, east, value["SIM_GPS1_GLTCH_Z"])
        off = hypot(north - self._jump[0], east - self._jump[1])
        if off <= GATE_M:
            if self._jump_s is not None and self._good_s <= self._jump_s:
                self._good_s = now_s
            if self._jump_s is None:
                share = 1.0 - exp(-dt_s / SETTLE_S)
                was_n, was_e = self._jump
                self._jump = (was_n + share * (north - was_n), was_e + share * (east - was_e))
        elif self._jump_s is None or self._good_s > self._jump_s:
            self._jump_s, self._good_s = now_s, 0.0
            self._told.clear()

    def _wander_on(self, dt_s: float) -> None:
        sigma = self._value["SIM_GPS1_NOISE"]
        if sigma <= 0.0 and not any(self._wander):
            return
        keep = exp(-dt_s / WANDER_S)
        add = sigma * sqrt(1.0 - keep * keep)
        draws = self._random.normal(size=3).tolist()
        n, e, u = (keep * w + add * x for w, x in zip(self._wander, draws, strict=True))
        self._wander = (n, e, u) if sigma > 0.0 else (0.0, 0.0, 0.0)

    # The loss of GPS

    def _lose(self, now_s: float, dt_s: float) -> None:
        if self._lost_s is None:
            return
        if self._found_s is not None:
            self._find(now_s)
            return
        since_s = now_s - self._lost_s
        self._drift_s += dt_s
        if since_s >= AIDING_LOST_S and self._frozen is None:
            self._frozen = self._pilot.position[:2]
            self.flags = EKF_NOT_AIDING
            self._say(_WARNING, "EKF3 IMU1 stopped aiding")
            self._say(_WARNING, "EKF3 IMU0 stopped aiding")
        elif since_s >= POSITION_LOST_S and self.flags is None:
            self.flags = EKF_DEAD_RECKONING
            self._pilot.position_ok = False

    def _find(self, now_s: float) -> None:
        """Take the position of a receiver that is back."""
        assert self._found_s is not None
        wait_s = BACK_S if self._frozen is None else READY_S
        if now_s - self._found_s < wait_s:
            return
        if self._frozen is not None:
            self._say(_INFO, "EKF3 IMU0 is using GPS")
            self._say(_INFO, "EKF3 IMU1 is using GPS")
        self._lost_s = self._found_s = self._frozen = None
        self._drift_s = 0.0
        self.flags = None
        self._pilot.position_ok = True

    # The jump of GPS

    def _weigh(self, now_s: float) -> None:
        """Follow a jump from disbelief to belief."""
        if self._jump_s is None:
            return
        since_s = now_s - self._jump_s
        north, east, _ = self.gps_offset_m
        off = hypot(north - self._jump[0], east - self._jump[1])
        good = self._good_s > self._jump_s
        self.variances.position = 0.0 if good else 0.268 * off / (1.0 + 0.026 * since_s)
        if not good:
            self._once("switch", since_s >= LANE_SWITCH_S, 1)
            self._once("back", since_s >= LANE_BACK_S, 0)
        if since_s >= GLITCH_S and "switch" in self._told:
            self.glitching = True
            if self.flags is None:
                self.flags = EKF_GLITCH
        if not good and since_s >= RESET_S:
            self._jump, self._good_s = (north, east), now_s
            self._told.add("reset")
            self.variances.position = 0.0
        if "reset" in self._told:
            self._once("after", now_s - self._good_s >= LANE_AFTER_RESET_S, 1)
        if good and now_s - self._good_s >= CLEARED_S:
            self._jump_s, self.glitching = None, False
            self.flags = None if self.flags == EKF_GLITCH else self.flags

    def _once(self, mark: str, due: bool, lane: int) -> None:
        """Tell of a change of the estimator's lane."""
        if not due or mark in self._told:
            return
        self._told.add(mark)
        self._say(_CRITICAL, f"EKF3 lane switch {lane}")
        self._say(_WARNING, f"EKF primary changed:{lane}")

    # The error

    def _horizontal(self) -> tuple[float, float]:
        true_n, true_e, _ = self._pilot.true_position
        if self._frozen is not None:
            return self._frozen[0] - true_n, self._frozen[1] - true_e
        reach = 0.5 * DRIFT_MPS2 * self._drift_s**2
        return (
            self._jump[0] + self._wander[0] + reach * self._drift_to[0],
            self._jump[1] + self._wander[1] + reach * self._drift_to[1],
        )

    def _height(self, dt_s: float) -> float:
        """Return the error of the height, which follows the barometer."""
        self._baro_m += self._value["SIM_BARO_DRIFT"] * dt_s
        wanted = self._baro_m + self._value["SIM_BARO_GLITCH"] + 0.2 * self._wander[2]
        self._height_m += (wanted - self._height_m) * (1.0 - exp(-dt_s / SETTLE_S))
        return self._height_m

    def _move(self, error: Vector) -> None:
        """Let the pilot fly by the new error; after a jump it keeps its place relative to the estimate."""
        pilot = self._pilot
        before = pilot.estimate_error
        pilot.estimate_error = error
        north, east = error[0] - before[0], error[1] - before[1]
        if hypot(north, east) > GATE_M:
            pilot.shift_targets(north, east)


GPS_PARAMETERS = (
    "SIM_GPS1_ENABLE",
    "SIM_GPS1_GLTCH_X",
    "SIM_GPS1_GLTCH_Y",
    "SIM_GPS1_GLTCH_Z",
    "SIM_GPS1_NOISE",
    "SIM_BARO_DRIFT",
    "SIM_BARO_GLITCH",
)
"""What this reads; all but the first are 0 when nothing is wrong."""
