"""A straight leg flown with limits on speed, acceleration, jerk and snap, starting and ending at rest.

The jerk rises and falls as a raised cosine, which limits snap. A ramp of acceleration to `A` then lasts ``2
tj + t2`` with ``A = J (tj + t2)``; it is point-symmetric, so speed gained and distance covered follow from
mean values. This is the trajectory that ArduPilot publishes as its S-curve navigation.
"""

from __future__ import annotations

from math import cbrt, cos, pi, sin, sqrt

from .shaping import direction_limit

_CONSTANT, _RISING, _FALLING = 0, 1, 2

Segment = tuple[float, int, float, float, float, float, float, float]
"""(end_s, kind, jerk, duration_s, start_s, acceleration, speed, distance), the last three at its start."""

State = tuple[float, float, float, float]
"""(time, acceleration, speed, distance)."""

Times = tuple[float, float, float, float]
"""(jerk, tj, t2, t4) of a ramp."""


def ramp_times(snap: float, jerk: float, acceleration: float, speed: float, distance: float) -> Times:
    """Return (jerk, tj, t2, t4) of the ramp from rest that gains up to `speed` within `distance`.

    The ramp is: jerk up tj, held t2, down tj; constant acceleration t4; the same mirrored.
    """
    tj = jerk * pi / (2.0 * snap)
    # With t2 = t4 = 0 a ramp gains 2 J tj^2 in speed and covers 4 J tj^3 with J = 2 snap tj / pi.
    shortest = min(
        tj,
        sqrt(sqrt(distance * pi / (8.0 * snap))),
        cbrt(speed * pi / (4.0 * snap)),
        sqrt(acceleration * pi / (2.0 * snap)),
    )
    if shortest < tj:
        return 2.0 * snap * shortest / pi, shortest, 0.0, 0.0
    # With t4 = 0 and A = J (tj + t2): speed A (2 tj + t2), distance A (2 tj + t2)^2.
    by_speed = 0.5 * (sqrt(tj * tj + 4.0 * speed / jerk) - tj) * jerk
    by_distance = _peak_for_distance(jerk, tj, distance)
    peak = min(acceleration, by_speed, by_distance)
    t2 = max(peak / jerk - tj, 0.0)
    if peak < acceleration:
        return jerk, tj, t2, 0.0
    rise = 2.0 * tj + t2
    t4_speed = speed / peak - rise
    t4_distance = _hold_for_distance(peak, rise, distance)
    return jerk, tj, t2, max(min(t4_speed, t4_distance), 0.0)


def _peak_for_distance(jerk: float, tj: float, distance: float) -> float:
    # Solve J (tj + t2) (2 tj + t2)^2 = distance for t2 by Newton; it is convex and increasing.
    t2 = cbrt(distance / jerk)
    for _ in range(20):
        a, b = tj + t2, 2.0 * tj + t2
        step = (jerk * a * b * b - distance) / (jerk * (b * b + 2.0 * a * b))
        t2 -= step
        if abs(step) < 1e-12:
            break
    return jerk * (tj + max(t2, 0.0))


def _hold_for_distance(peak: float, rise: float, distance: float) -> float:
    # Half the mean speed times the ramp's length: peak (rise + t4) (2 rise + t4) / 2 = distance.
    return 0.5 * (sqrt(rise * rise + 8.0 * distance / peak) - 3.0 * rise)


class SCurveLeg:
    """The motion along one straight leg.

    Parameters
    ----------
    origin, destination
        North, east and up in metres.
    speeds
        Horizontal, climb and descent limits in m/s.
    accelerations
        Horizontal and vertical limits in m/s2.
    jerk, snap
        Limits in m/s3 and m/s4.
    """

    __slots__ = (
        "_end_speed",
        "_index",
        "_limits",
        "_ramp_up",
        "_rest_ramp",
        "_rest_speed",
        "_segments",
        "_start_speed",
        "acceleration_mps2",
        "decelerate_at_s",
        "end_s",
        "length_m",
        "settled_s",
        "speed_mps",
        "time_s",
        "track",
        "ux",
        "uy",
        "uz",
    )

    def __init__(
        self,
        origin: tuple[float, float, float],
        destination: tuple[float, float, float],
        speeds: tuple[float, float, float],
        accelerations: tuple[float, float],
        jerk: float,
        snap: float,
    ) -> None:
        dx, dy, dz = (destination[i] - origin[i] for i in range(3))
        self.track = (dx, dy, dz)
        self.length_m = length = sqrt(dx * dx + dy * dy + dz * dz)
        self.time_s = 0.0
        self._index = 0
        self._segments: list[Segment] = []
        self._ramp_up: tuple[int, State, Times] | None = None
        self.ux, self.uy, self.uz = (dx / length, dy / length, dz / length) if length else (0.0, 0.0, 0.0)
        self.speed_mps = direction_limit(dx, dy, dz, *speeds)
        self.acceleration_mps2 = direction_limit(
            dx, dy, dz, accelerations[0], accelerations[1], accelerations[1]
        )
        self._limits = (snap, jerk)
        self._start_speed = self._end_speed = 0.0
        self.settled_s = self.decelerate_at_s = self.end_s = 0.0
        if length > 0.0:
            self._begin()

    def _plan(self, start_s: float, speed: float, distance: float, kept: list[Segment], top: float) -> None:
        """Lay out the rest of the leg from a state without acceleration, at a speed to be held."""
        segments = list(kept)
        state = (start_s, 0.0, speed, distance)
        end = min(self._end_speed, top)
        up = self._rest_ramp if speed == 0.0 else self._ramp(top - speed)
        down = self._rest_ramp if end == 0.0 and top == self._rest_speed else self._ramp(top - end)
        sign = 1.0 if top > speed else -1.0
        self._ramp_up = (len(segments), state, up) if sign > 0.0 else None
        state = _append_ramp(segments, state, up, sign)
        self.settled_s = state[0]
        brake_m = 0.5 * (state[2] + end) * _ramp_duration(down)
        cruise_s = max((self.length_m - brake_m - state[3]) / max(state[2], 1e-6), 0.0)
        state = _append(segments, state, _CONSTANT, 0.0, cruise_s)
        self.decelerate_at_s = state[0]
        state = _append_ramp(segments, state, down, -1.0)
        self.end_s = state[0]
        self._segments = segments
        self._index = 0

    def _begin(self) -> None:
        """Plan the whole leg: the speed held is the one that a leg from rest to rest would reach."""
        self._rest_ramp = ramp_times(
            *self._limits, self.acceleration_mps2, self.speed_mps, 0.5 * self.length_m
        )
        jerk, tj, t2, t4 = self._rest_ramp
        # Between rest and rest each half of the leg has one ramp.
        self._rest_speed = jerk * (tj + t2) * (2.0 * tj + t2 + t4)
        self._start_speed = min(self._start_speed, self._rest_speed)
        end = min(self._end_speed, self._rest_speed)
        half = 0.5 * self.length_m
        top = min(
            self._fitting(self._start_speed, self._rest_speed, half),
            self._fitting(end, self._rest_speed, half),
        )
        self._plan(0.0, self._start_speed, 0.0, [], max(top, self._start_speed))

    def _fitting(self, speed: float, goal: float, room: float) -> float:
        """Return the goal, or the speed nearest to it, that a ramp from a speed reaches within a distance."""

        def fits(top: float) -> bool:
            return 0.5 * (speed + top) * _ramp_duration(self._ramp(top - speed)) <= room * (1.0 + 1e-9)

        if speed == 0.0 or fits(goal):
            return goal
        low, high = 0.0, 1.0
        for _ in range(30):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if fits(speed + (goal - speed) * middle) else (low, middle)
        return speed + (goal - speed) * low

    def _ramp(self, change: float) -> Times:
        return ramp_times(*self._limits, self.acceleration_mps2, abs(change), 1e9)

    def _next_speed(self, speed: float, distance: float) -> float:
        """Return the speed to change to under way: the wanted one only where there is plenty of room.

        The reference wants twelve jerk times of cruise for a change, and gives half of the room to it.
        """
        end = min(self._end_speed, speed, self.speed_mps)
        down = self._ramp(speed - end)
        room = self.length_m - distance - 0.5 * (speed + end) * _ramp_duration(down)
        wanted, (snap, jerk) = self.speed_mps, self._limits
        needed_s = 12.0 * min(cbrt(abs(wanted - speed) * pi / (4.0 * snap)), jerk * pi / (2.0 * snap))
        if needed_s <= 0.0 or room <= speed * needed_s:
            return speed
        goal = min(wanted, room / needed_s) if wanted > speed else wanted
        return self._fitting(speed, goal, 0.5 * room)

    def set_origin_speed(self, speed_mps: float) -> float:
        """Let the leg begin at a speed; returns the part of it that the leg takes."""
        if self.length_m == 0.0:
            return 0.0
        self._start_speed = speed_mps
        self._begin()
        return self._start_speed

    def set_destination_speed(self, speed_mps: float) -> None:
        """Let the leg end at a speed instead of at rest; only before it is under way."""
        self._end_speed = speed_mps
        if self.length_m > 0.0:
            self._begin()

    def set_speeds(self, speeds: tuple[float, float, float]) -> None:
        """Change the speed limits; a leg under way changes speed as soon as its present ramp allows."""
        if self.length_m == 0.0:
            return
        wanted = direction_limit(*self.track, *speeds)
        if wanted == self.speed_mps or wanted <= 0.0:
            return
        self.speed_mps = wanted
        if self.time_s <= 0.0:
            self._begin()
            return
        if self.time_s >= self.decelerate_at_s:
            return
        at_s = max(self.time_s, self.settled_s)
        if self._cut_ramp():
            return
        kept = [s for s in self._segments if s[4] < at_s]
        if kept and kept[-1][0] > at_s:
            last = kept[-1]
            kept[-1] = (at_s, last[1], last[2], at_s - last[4], *last[4:])
        distance, speed, _ = self.at(at_s)
        self._plan(at_s, speed, distance, kept, self._next_speed(speed, distance))

    def _cut_ramp(self) -> bool:
        """End a ramp up early by shortening its constant acceleration, where the leg is not beyond that."""
        if self._ramp_up is None:
            return False
        count, state, (jerk, tj, t2, t4) = self._ramp_up
        begin = state[0] + 2.0 * tj + t2
        if t4 <= 0.0 or self.time_s > begin + t4:
            return False
        push = jerk * (tj + t2)
        top = state[2] + push * (2.0 * tj + t2 + t4)
        if self.speed_mps >= top:
            return False
        least = max(self.time_s - begin, 0.0)
        hold = max(t4 - (top - self.speed_mps) / push, least)
        kept = self._segments[:count]
        at_s, _, speed, distance = _append_ramp(kept, state, (jerk, tj, t2, hold), 1.0)
        self._plan(at_s, speed, distance, kept, self._next_speed(speed, distance))
        return True

    @property
    def remaining_s(self) -> float:
        """Seconds until the leg ends."""
        return self.end_s - self.time_s

    @property
    def finished(self) -> bool:
        """Whether the leg's time has run out (a leg of no length is finished at once)."""
        return self.time_s >= self.end_s

    def advance(self, dt_s: float) -> None:
        """Move the leg's clock on, not beyond its end."""
        self.time_s = min(self.time_s + dt_s, self.end_s)

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Return distance (m), speed (m/s) and acceleration (m/s2) along the leg at a time of its clock."""
        segments = self._segments
        if not segments or time_s >= self.end_s:
            return self.length_m, self._end_speed, 0.0
        index = self._index
        if index and segments[index][4] > time_s:
            index = 0
        while segments[index][0] <= time_s:
            index += 1
        self._index = index
        return _evaluate(segments[index], time_s)


def _ramp_duration(times: Times) -> float:
    return 4.0 * times[1] + 2.0 * times[2] + times[3]


def _append(
    segments: list[Segment],
    state: State,
    kind: int,
    jerk: float,
    duration_s: float,
) -> Times:
    if duration_s <= 0.0:
        return state
    start_s, acceleration, speed, distance = state
    end_s = start_s + duration_s
    segment = (end_s, kind, jerk, duration_s, start_s, acceleration, speed, distance)
    segments.append(segment)
    distance, speed, acceleration = _evaluate(segment, end_s)
    return end_s, acceleration, speed, distance


def _append_ramp(
    segments: list[Segment],
    state: State,
    times: Times,
    sign: float,
) -> Times:
    jerk, tj, t2, t4 = times
    for side in (sign * jerk, -sign * jerk):
        state = _append(segments, state, _RISING, side, tj)
        state = _append(segments, state, _CONSTANT, side, t2)
        state = _append(segments, state, _FALLING, side, tj)
        if side == sign * jerk:
            state = _append(segments, state, _CONSTANT, 0.0, t4)
    return state[0], 0.0, max(state[2], 0.0), state[3]


def _evaluate(segment: Segment, time_s: float) -> tuple[float, float, float]:
    _, kind, jerk, duration, start_s, a0, v0, p0 = segment
    t = time_s - start_s
    if kind == _CONSTANT:
        return (
            p0 + t * (v0 + t * (0.5 * a0 + t * jerk / 6.0)),
            v0 + t * (a0 + 0.5 * t * jerk),
            a0 + jerk * t,
        )
    # Jerk J/2 (1 -+ cos(w t)), integrated three times from the segment's start.
    half, w = 0.5 * jerk, pi / duration
    s, c = sin(w * t), cos(w * t)
    sign = 1.0 if kind == _RISING else -1.0
    k = sign * half / w
    acceleration = a0 + half * t - k * s
    speed = v0 + t * (a0 + 0.5 * half * t) + k / w * (c - 1.0)
    distance = p0 + t * (v0 + t * (0.5 * a0 + half * t / 6.0)) + k / w * (s / w - t)
    return distance, speed, acceleration
