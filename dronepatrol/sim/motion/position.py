"""Position control: a wanted motion turned into a lean and a lift.

The structure is ArduPilot's published cascade: position error to speed by the square-root law, speed error
to acceleration by a PID loop with filtered error, the acceleration limited by the greatest lean. Axes are
north, east and up in metres.
"""

from __future__ import annotations

from math import exp, pi, sqrt

from .airframe import GRAVITY_MPS2
from .parameters import FlightParameters
from .shaping import (
    approach_speed,
    clamp,
    direction_limit,
    limit_cornering,
    limit_length,
    limit_turning,
    shaped_acceleration,
    sqrt_correction,
    stopping_distance,
)

POSITION_GAIN = 1.0
"""PSC_POSXY_P and PSC_POSZ_P, 1/s."""
SPEED_P, SPEED_I, SPEED_D = 2.0, 1.0, 0.25
"""PSC_VELXY_P, _I and _D."""
CLIMB_P = 5.0
"""PSC_VELZ_P, 1/s."""
FILTER_HZ = 5.0
"""PSC_VELXY_FLTE, PSC_VELXY_FLTD and PSC_VELZ_FLTE."""
LIFT_LAG_S = 0.11
"""Lag of the vertical response, fitted to the slow start of recorded climbs."""
INTEGRATOR_LIMIT_MPS2 = 10.0
"""PSC_VELXY_IMAX."""

SUBSTEPS = 4
"""Shaping steps within one step of the loops: the law is stiff near its target."""

Vector = tuple[float, float, float]


class PositionControl:
    """Desired motion of one vehicle and the loops that make it follow.

    The attributes `n`, `e`, `u` (m), `vn`, `ve`, `vu` (m/s) and `an`, `ae`, `au` (m/s2) are the desired
    motion, to be set by guidance.
    """

    def __init__(self, parameters: FlightParameters, dt_s: float) -> None:
        self.parameters = parameters
        self.dt_s = dt_s
        self._shape_dt_s = dt_s / SUBSTEPS
        self.n = self.e = self.u = 0.0
        self.vn = self.ve = self.vu = 0.0
        self.an = self.ae = self.au = 0.0
        self.speed_mps, self.acceleration_mps2 = 10.0, 2.5
        self.up_mps, self.down_mps, self.acceleration_z_mps2 = 2.5, 1.5, 1.0
        self.position_error = (0.0, 0.0, 0.0)
        self.speed_error = (0.0, 0.0, 0.0)
        self._filter = 1.0 - exp(-2.0 * pi * FILTER_HZ * dt_s)
        self._lift_share = 1.0 - exp(-dt_s / LIFT_LAG_S)
        self._error_n = self._error_e = self._error_u = 0.0
        self._slope_n = self._slope_e = 0.0
        self.integral_n = self.integral_e = 0.0
        self.limit_n = self.limit_e = 0.0
        self._moving_n = self._moving_e = self._gaining_n = self._gaining_e = 0.0
        self.lean_n = self.lean_e = 0.0
        self.lift_mps2 = 0.0

    def set_limits(
        self,
        *,
        speed_mps: float | None = None,
        acceleration_mps2: float | None = None,
        up_mps: float | None = None,
        down_mps: float | None = None,
        acceleration_z_mps2: float | None = None,
    ) -> None:
        """Set limits of the desired motion; what is not given comes from the WPNAV parameters."""
        p = self.parameters
        self.speed_mps = p.speed_mps if speed_mps is None else speed_mps
        self.acceleration_mps2 = p.acceleration_mps2 if acceleration_mps2 is None else acceleration_mps2
        self.up_mps = p.climb_mps if up_mps is None else up_mps
        self.down_mps = p.descent_mps if down_mps is None else down_mps
        self.acceleration_z_mps2 = (
            p.vertical_acceleration_mps2 if acceleration_z_mps2 is None else acceleration_z_mps2
        )

    def start(self, position: Vector, velocity: Vector, lift_mps2: float = 0.0) -> None:
        """Begin from the present motion, keeping the lean that holds it against wind and drag.

        The vertical acceleration is taken over as well; the horizontal one starts at zero, as in the
        reference.
        """
        self.n, self.e, self.u = position
        self.vn, self.ve, self.vu = velocity
        self.an, self.ae, self.au = 0.0, 0.0, lift_mps2
        self._error_n = self._error_e = self._error_u = 0.0
        self._slope_n = self._slope_e = 0.0
        self.integral_n = GRAVITY_MPS2 * self.lean_n
        self.integral_e = GRAVITY_MPS2 * self.lean_e
        self.limit_n = self.limit_e = 0.0

    def relax(self, position: Vector) -> None:
        """Forget everything, for a vehicle that stands on the ground."""
        self.lean_n = self.lean_e = 0.0
        self.start(position, (0.0, 0.0, 0.0))

    def stopping_point(self, position: Vector, velocity: Vector) -> Vector:
        """Return where the loops can bring the vehicle to rest."""
        vn, ve, vu = velocity
        flat = sqrt(vn * vn + ve * ve)
        n, e, u = position
        if flat > 0.0:
            reach = stopping_distance(min(flat, self.speed_mps), POSITION_GAIN, self.acceleration_mps2)
            n, e = n + vn * reach / flat, e + ve * reach / flat
        if vu != 0.0:
            reach = min(stopping_distance(abs(vu), POSITION_GAIN, self.acceleration_z_mps2), 3.0)
            u += reach if vu > 0.0 else -reach
        return n, e, u

    def shape_position(self, target: Vector) -> None:
        """Move the desired motion towards a fixed position by the direct way, within all limits."""
        for _ in range(SUBSTEPS):
            self._integrate_horizontal()
            self._integrate_vertical()
            dn, de, du = target[0] - self.n, target[1] - self.e, target[2] - self.u
            length = sqrt(dn * dn + de * de + du * du)
            if length == 0.0:
                return
            speed = direction_limit(dn, de, du, self.speed_mps, self.up_mps, self.down_mps)
            self._shape_horizontal(dn, de, speed * sqrt(dn * dn + de * de) / length)
            steep = speed * abs(du) / length
            self._shape_vertical_position(du, (-steep, steep))

    def shape_horizontal_position(self, target_n: float, target_e: float) -> None:
        """Move the desired horizontal motion towards a point, and leave the vertical alone."""
        for _ in range(SUBSTEPS):
            self._integrate_horizontal()
            self._shape_horizontal(target_n - self.n, target_e - self.e, self.speed_mps)

    def shape_velocity(self, vn: float, ve: float) -> None:
        """Change the desired horizontal velocity within acceleration and jerk limits."""
        for _ in range(SUBSTEPS):
            self._integrate_horizontal()
            self._shape_velocity(vn, ve)

    def shape_height(self, target_u: float) -> None:
        """Move the desired height towards a height."""
        for _ in range(SUBSTEPS):
            self._integrate_vertical()
            self._shape_vertical_position(target_u - self.u, (-self.down_mps, self.up_mps))

    def shape_climb(self, vu: float) -> None:
        """Change the desired rate of climb within acceleration and jerk limits."""
        a, jerk, dt = self.acceleration_z_mps2, self.parameters.shaping_jerk_z_mps3, self._shape_dt_s
        for _ in range(SUBSTEPS):
            self._integrate_vertical()
            self.au = shaped_acceleration(vu - self.vu, self.au, 0.0, (-a, a), jerk, dt)

    def hold(self, position: Vector, velocity: Vector, acceleration: Vector) -> None:
        """Set the desired motion as it is given (by a leg that has its own limits)."""
        self.n, self.e, self.u = position
        self.vn, self.ve, self.vu = velocity
        self.an, self.ae, self.au = acceleration

    def _integrate_horizontal(self) -> None:
        dt = self._shape_dt_s
        step_n = self.vn * dt + 0.5 * self.an * dt * dt
        step_e = self.ve * dt + 0.5 * self.ae * dt * dt
        change_n, change_e = self.an * dt, self.ae * dt
        ln, le = self.limit_n, self.limit_e
        # While the lean is at its limit the target must not run away from the vehicle. The reference skips
        # steps of 2.5 ms so that the demand slides along the limit; in one long step that is the share the
        # vehicle moves itself.
        if ln or le:
            pn, pe, _ = self.position_error
            ahead = step_n * ln + step_e * le
            if ahead > 0.0 and pn * ln + pe * le > 0.0:
                share = clamp((self._moving_n * ln + self._moving_e * le) * dt / ahead, 0.0, 1.0)
                step_n, step_e = step_n * share, step_e * share
            sn, se, _ = self.speed_error
            faster = change_n * ln + change_e * le
            if faster > 0.0 and sn * ln + se * le > 0.0 and self.vn * ln + self.ve * le >= 0.0:
                share = clamp((self._gaining_n * ln + self._gaining_e * le) * dt / faster, 0.0, 1.0)
                change_n, change_e = change_n * share, change_e * share
        self.n += step_n
        self.e += step_e
        self.vn += change_n
        self.ve += change_e

    def _integrate_vertical(self) -> None:
        dt = self._shape_dt_s
        self.u += self.vu * dt + 0.5 * self.au * dt * dt
        self.vu += self.au * dt

    def _shape_horizontal(self, dn: float, de: float, speed: float) -> None:
        a, jerk = self.acceleration_mps2, self.parameters.shaping_jerk_mps3
        distance = sqrt(dn * dn + de * de)
        vn = ve = 0.0
        if distance > 0.0:
            rate = sqrt_correction(distance, 0.5 * jerk / a, 0.5 * a, self._shape_dt_s)
            rate = min(rate, speed) / distance
            vn, ve = dn * rate, de * rate
        self._shape_velocity(vn, ve)

    def _shape_velocity(self, vn: float, ve: float) -> None:
        a, jerk = self.acceleration_mps2, self.parameters.shaping_jerk_mps3
        dn, de = vn - self.vn, ve - self.ve
        size = sqrt(dn * dn + de * de)
        an = ae = 0.0
        if size > 0.0:
            rate = sqrt_correction(size, jerk / a, jerk, self._shape_dt_s) / size
            an, ae = limit_turning(vn, ve, dn * rate, de * rate, a)
        step_n, step_e = limit_length(an - self.an, ae - self.ae, jerk * self._shape_dt_s)
        self.an += step_n
        self.ae += step_e

    def _shape_vertical_position(self, du: float, speeds: tuple[float, float]) -> None:
        a, p = self.acceleration_z_mps2, self.parameters
        jerk, dt = p.shaping_jerk_z_mps3, self._shape_dt_s
        speed = approach_speed(du, speeds, (-a, a), jerk, dt)
        self.au = shaped_acceleration(speed - self.vu, self.au, 0.0, (-a, a), jerk, dt)

    def update(self, position: Vector, velocity: Vector, acceleration: Vector) -> None:
        """Run the loops once: sets `lean_n`, `lean_e` (horizontal over vertical force) and `lift_mps2`.

        Guidance has moved the desired motion to the end of the step, so the measured one is carried forward
        to there; without that a step of 50 ms would look like half a metre of error at 10 m/s.
        """
        dt = self.dt_s
        xn, xe, xu = acceleration
        cn, ce, cu = velocity[0] + xn * dt, velocity[1] + xe * dt, velocity[2] + xu * dt
        self._moving_n, self._moving_e, self._gaining_n, self._gaining_e = cn, ce, xn, xe
        half = 0.5 * dt
        dn = self.n - position[0] - (velocity[0] + cn) * half
        de = self.e - position[1] - (velocity[1] + ce) * half
        du = self.u - position[2] - (velocity[2] + cu) * half
        self.position_error = (dn, de, du)
        gain, distance = POSITION_GAIN, sqrt(dn * dn + de * de)
        if distance * POSITION_GAIN * POSITION_GAIN > self.acceleration_mps2:
            gain = sqrt_correction(distance, POSITION_GAIN, self.acceleration_mps2) / distance
        wanted_n, wanted_e = self.vn + dn * gain, self.ve + de * gain
        climb = self.vu + sqrt_correction(du, POSITION_GAIN, self.acceleration_z_mps2)
        rn, re, ru = wanted_n - cn, wanted_e - ce, climb - cu
        self.speed_error = (rn, re, ru)
        k = self._filter
        last_n, last_e = self._error_n, self._error_e
        self._error_n += (rn - last_n) * k
        self._error_e += (re - last_e) * k
        self._slope_n += ((self._error_n - last_n) / dt - self._slope_n) * k
        self._slope_e += ((self._error_e - last_e) / dt - self._slope_e) * k
        self._error_u += (ru - self._error_u) * k
        self._integrate()
        an = SPEED_P * self._error_n + self.integral_n + SPEED_D * self._slope_n + self.an
        ae = SPEED_P * self._error_e + self.integral_e + SPEED_D * self._slope_e + self.ae
        self._lean(an, ae)
        self.lift_mps2 += (CLIMB_P * self._error_u + self.au - self.lift_mps2) * self._lift_share

    def _integrate(self) -> None:
        step_n, step_e = self._error_n * SPEED_I * self.dt_s, self._error_e * SPEED_I * self.dt_s
        before = sqrt(self.integral_n**2 + self.integral_e**2)
        n, e = self.integral_n + step_n, self.integral_e + step_e
        if step_n * self.limit_n + step_e * self.limit_e > 0.0:
            n, e = limit_length(n, e, before)
        self.integral_n = clamp(n, -INTEGRATOR_LIMIT_MPS2, INTEGRATOR_LIMIT_MPS2)
        self.integral_e = clamp(e, -INTEGRATOR_LIMIT_MPS2, INTEGRATOR_LIMIT_MPS2)

    def _lean(self, an: float, ae: float) -> None:
        limit = GRAVITY_MPS2 * self.parameters.lean_limit
        if an * an + ae * ae > limit * limit:
            an, ae = limit_cornering(self.vn, self.ve, an, ae, limit)
            self.limit_n, self.limit_e = an, ae
        else:
            self.limit_n = self.limit_e = 0.0
        self.lean_n, self.lean_e = an / GRAVITY_MPS2, ae / GRAVITY_MPS2
