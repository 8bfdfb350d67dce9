"""The physics of a multirotor: attitude lag, thrust, air drag, ground.

One kernel serves one drone and a hundred. It is written against a tiny set of functions, either of `math`
for one drone (plain floats, no array overhead) or of `numpy` for a fleet (one array per quantity). Axes are
north, east and up in metres.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .airframe import GRAVITY_MPS2

Quantity = Any
"""A float for one drone, or an array of shape (n,) for n drones."""

STATE = (
    *("n", "e", "u"),
    *("vn", "ve", "vu"),
    *("shaped_n", "shaped_e", "lean_n", "lean_e"),
    *("yaw", "lift_integral", "thrust"),
    *("an", "ae", "au"),
    *("contact", "sink"),
)
"""Order of the state: position, velocity, shaped and true lean (horizontal over vertical thrust), heading
in radians, integral of the lift loop and thrust (m/s2), acceleration, 1 on the ground, and the rate of
descent at the last contact."""

COMMANDS = ("lean_n", "lean_e", "yaw", "lift", "drive", "share", "ground_u")
"""Order of the commands: wanted lean, heading, vertical acceleration, thrust, share of thrust, ground.

Thrust is in m/s2, and negative for the closed loop on the vertical acceleration; the share of full thrust
that is available is less than 1 after a failure; the ground is a height.
"""

LIFT_P, LIFT_I = 0.5, 1.0
"""PSC_ACCZ_P and PSC_ACCZ_I, thrust in thousandths per cm/s2."""


@dataclass(frozen=True, slots=True)
class Functions:
    """The few functions that the kernel needs, for floats or for arrays."""

    sqrt: Callable[[Quantity], Quantity]
    cos: Callable[[Quantity], Quantity]
    sin: Callable[[Quantity], Quantity]
    minimum: Callable[[Quantity, Quantity], Quantity]
    maximum: Callable[[Quantity, Quantity], Quantity]
    where: Callable[[Quantity, Quantity, Quantity], Quantity]


def _choose(condition: bool, yes: float, no: float) -> float:
    return yes if condition else no


SCALAR = Functions(math.sqrt, math.cos, math.sin, min, max, _choose)
ARRAY = Functions(np.sqrt, np.cos, np.sin, np.minimum, np.maximum, np.where)


@dataclass(frozen=True, slots=True)
class Constants:
    """Figures of the airframes and of the step, floats or arrays of shape (n,)."""

    dt_s: float
    shape_share: Quantity
    lag_share: Quantity
    linear_drag: Quantity
    quadratic_drag: Quantity
    full_thrust: Quantity
    lift_p: Quantity
    lift_i: Quantity


def advance(
    f: Functions,
    k: Constants,
    state: tuple[Quantity, ...],
    command: tuple[Quantity, ...],
    wind: tuple[Quantity, Quantity, Quantity],
) -> tuple[Quantity, ...]:
    """Return the state one step later.

    Parameters
    ----------
    f
        `SCALAR` or `ARRAY`.
    k
        Constants.
    state, command
        Values in the order of `STATE` and `COMMANDS`.
    wind
        Velocity of the air towards north, east and up, m/s.
    """
    n, e, u, vn, ve, vu, shaped_n, shaped_e, lean_n, lean_e, _, integral, thrust, _, _, _, was_down, sink = (
        state
    )
    want_n, want_e, yaw, lift, drive, share, ground = command
    dt = k.dt_s
    sqrt, where = f.sqrt, f.where
    # Attitude: the controller's input shaping, then the lag of motors and airframe.
    shaped_n = shaped_n + (want_n - shaped_n) * k.shape_share
    shaped_e = shaped_e + (want_e - shaped_e) * k.shape_share
    new_n = lean_n + (shaped_n - lean_n) * k.lag_share
    new_e = lean_e + (shaped_e - lean_e) * k.lag_share
    tn, te = 0.5 * (lean_n + new_n), 0.5 * (lean_e + new_e)
    # Thrust direction, and the heading turned by the shortest rotation that tilts up to it: the attitude is a
    # turn and then a tilt, so that lean and heading do not disturb each other.
    slope = sqrt(1.0 + tn * tn + te * te)
    tilt_n, tilt_e, upright = tn / slope, te / slope, 1.0 / slope
    cos_yaw, sin_yaw = f.cos(yaw), f.sin(yaw)
    ahead = tilt_n * cos_yaw + tilt_e * sin_yaw
    right = tilt_e * cos_yaw - tilt_n * sin_yaw
    share_up = 1.0 / (1.0 + upright)
    # Air velocity along the body axes x, y and the thrust, and the drag along them.
    air_n, air_e, air_u = vn - wind[0], ve - wind[1], vu - wind[2]
    across = tilt_n * air_n + tilt_e * air_e
    tilted = across * share_up + air_u
    bx = air_n * cos_yaw + air_e * sin_yaw - ahead * tilted
    by = air_e * cos_yaw - air_n * sin_yaw - right * tilted
    bz = across + upright * air_u
    linear = k.linear_drag * sqrt(thrust / GRAVITY_MPS2)
    dx = -bx * (linear + k.quadratic_drag * abs(bx))
    dy = -by * (linear + k.quadratic_drag * abs(by))
    dz = -bz * (linear + k.quadratic_drag * abs(bz))
    sideways = dx * ahead + dy * right
    drag_u = dz * upright - sideways
    # Lift loop: thrust = g + P (lift - a_u) + I, boosted for the wanted lean and solved for its own a_u.
    boost = sqrt(1.0 + shaped_n * shaped_n + shaped_e * shaped_e)
    gain = boost * upright
    pull = GRAVITY_MPS2 + k.lift_p * lift + integral
    climb = (gain * pull + drag_u - GRAVITY_MPS2) / (1.0 + gain * k.lift_p)
    closed = boost * (pull - k.lift_p * climb)
    limit = k.full_thrust * share
    thrust = where(drive >= 0.0, drive, f.minimum(f.maximum(closed, 0.0), limit))
    free = where(drive >= 0.0, 0.0, where(closed > limit, 0.0, 1.0))
    along = thrust + dz - sideways * share_up
    acc_n = along * tilt_n + dx * cos_yaw - dy * sin_yaw
    acc_e = along * tilt_e + dx * sin_yaw + dy * cos_yaw
    acc_u = thrust * upright + drag_u - GRAVITY_MPS2
    integral = where(drive >= 0.0, 0.0, integral + free * k.lift_i * (lift - acc_u) * dt)
    new_vn, new_ve, new_vu = vn + acc_n * dt, ve + acc_e * dt, vu + acc_u * dt
    next_u = u + 0.5 * (vu + new_vu) * dt
    # The ground carries what would fall through it, and holds what stands on it.
    down = (next_u <= ground) & (new_vu <= 0.0)
    sink = where(down, where(was_down > 0.0, sink, -new_vu), sink)
    fly = where(down, 0.0, 1.0)
    return (
        n + 0.5 * (vn + new_vn) * dt * fly,
        e + 0.5 * (ve + new_ve) * dt * fly,
        where(down, ground, next_u),
        new_vn * fly,
        new_ve * fly,
        new_vu * fly,
        shaped_n * fly,
        shaped_e * fly,
        new_n * fly,
        new_e * fly,
        yaw,
        integral,
        thrust,
        acc_n * fly,
        acc_e * fly,
        acc_u * fly,
        1.0 - fly,
        sink,
    )
