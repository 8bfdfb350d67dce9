"""Square-root shaping of errors into speeds and accelerations, and jerk-limited integration.

The law is ArduPilot's published one: near the target the correction is proportional to the error; further
away it is the speed from which a constant deceleration stops at the target, so that the two branches meet
with equal slope.
"""

from __future__ import annotations

from math import hypot, sqrt

_TURNING_SHARE = 0.5**0.5


def clamp(value: float, low: float, high: float) -> float:
    """Return `value` held between `low` and `high`."""
    return low if value < low else high if value > high else value


def sqrt_correction(error: float, gain: float, limit: float, dt_s: float = 0.0) -> float:
    """Return the rate that closes `error`, proportional when small and limited in its own rate when large.

    Parameters
    ----------
    error
        Distance still to go, any unit.
    gain
        Proportional gain in 1/s.
    limit
        Greatest rate of change of the result; zero or less leaves it proportional.
    dt_s
        With a step given the result never runs past the target within it.
    """
    size = error if error >= 0.0 else -error
    if limit <= 0.0:
        rate = size * gain
    elif gain <= 0.0:
        rate = sqrt(2.0 * limit * size)
    else:
        linear = limit / (gain * gain)
        rate = sqrt(2.0 * limit * (size - 0.5 * linear)) if size > linear else size * gain
    if dt_s > 0.0 and rate * dt_s > size:
        rate = size / dt_s
    return rate if error >= 0.0 else -rate


def stopping_distance(speed: float, gain: float, limit: float) -> float:
    """Return the error at which :func:`sqrt_correction` asks for `speed` (its inverse)."""
    if gain <= 0.0:
        return speed * speed / (2.0 * limit)
    if limit <= 0.0 or speed < limit / gain:
        return speed / gain
    return 0.5 * limit / (gain * gain) + speed * speed / (2.0 * limit)


def shaped_acceleration(
    speed_error: float,
    acceleration: float,
    feed_forward: float,
    limits: tuple[float, float],
    jerk: float,
    dt_s: float,
) -> float:
    """Return the next jerk-limited acceleration that removes a speed error.

    Parameters
    ----------
    speed_error
        Wanted minus present speed.
    acceleration
        Present acceleration.
    feed_forward
        Acceleration that goes with the wanted speed.
    limits
        Least (negative) and greatest acceleration of the correction.
    jerk
        Greatest change of acceleration per second.
    dt_s
        Step.
    """
    low, high = limits
    bound = high if speed_error > 0.0 else -low
    wanted = clamp(sqrt_correction(speed_error, jerk / bound, jerk, dt_s), low, high) + feed_forward
    step = jerk * dt_s
    return acceleration + clamp(wanted - acceleration, -step, step)


def approach_speed(
    error: float, limits: tuple[float, float], accelerations: tuple[float, float], jerk: float, dt_s: float
) -> float:
    """Return the speed that closes a position error within speed and acceleration limits.

    The gain is half of jerk over acceleration, so that the acceleration loop inside it stays stable.
    """
    bound = -accelerations[0] if error > 0.0 else accelerations[1]
    speed = sqrt_correction(error, 0.5 * jerk / bound, 0.5 * bound, dt_s)
    return clamp(speed, limits[0], limits[1])


def limit_length(x: float, y: float, limit: float) -> tuple[float, float]:
    """Return the vector shortened to `limit`."""
    length = hypot(x, y)
    if length <= limit or length == 0.0:
        return x, y
    scale = limit / length
    return x * scale, y * scale


def limit_cornering(vx: float, vy: float, ax: float, ay: float, limit: float) -> tuple[float, float]:
    """Return an acceleration within `limit`, keeping what turns the velocity before what changes its size."""
    if ax * ax + ay * ay <= limit * limit:
        return ax, ay
    speed = hypot(vx, vy)
    if speed < 1e-9:
        return limit_length(ax, ay, limit)
    ux, uy = vx / speed, vy / speed
    along = ux * ax + uy * ay
    cx, cy = ax - ux * along, ay - uy * along
    cross = hypot(cx, cy)
    if cross >= limit:
        return cx * limit / cross, cy * limit / cross
    room = sqrt(limit * limit - cross * cross)
    along = clamp(along, -room, room)
    return cx + ux * along, cy + uy * along


def limit_turning(vx: float, vy: float, ax: float, ay: float, limit: float) -> tuple[float, float]:
    """Return an acceleration within `limit`, with a share of it kept for what is across the wanted course.

    Where the acceleration is mostly across the wanted velocity (vx, vy) it is only shortened; where it is
    mostly along it, what is across goes first, up to its share, and the rest is left to what is along.
    """
    speed = hypot(vx, vy)
    if speed < 1e-9:
        return limit_length(ax, ay, limit)
    ux, uy = vx / speed, vy / speed
    along = ux * ax + uy * ay
    cx, cy = ax - ux * along, ay - uy * along
    if along * along <= cx * cx + cy * cy:
        return limit_length(ax, ay, limit)
    cx, cy = limit_length(cx, cy, limit * _TURNING_SHARE)
    room = sqrt(max(limit * limit - cx * cx - cy * cy, 0.0))
    along = clamp(along, -room, room)
    return cx + ux * along, cy + uy * along


def direction_limit(dx: float, dy: float, dz: float, horizontal: float, up: float, down: float) -> float:
    """Return the greatest length along direction (x, y, z up) that keeps each axis within its own limit."""
    length = sqrt(dx * dx + dy * dy + dz * dz)
    if length == 0.0:
        return 0.0
    flat = hypot(dx, dy) / length
    steep = abs(dz) / length
    vertical = up if dz > 0.0 else down
    if flat == 0.0:
        return vertical
    if steep == 0.0:
        return horizontal
    return min(horizontal / flat, vertical / steep)
