"""A path as corners with radii: its straight and curved pieces, its time, and the changes of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, atan2, cos, hypot, sqrt

from dronepatrol.planning.coverage.flight import LEAST_RADIUS_M, XY, Turning, curve_points
from dronepatrol.planning.coverage.seen import Arc, Straight

Corner = tuple[float, float, float]
"""East, north, and the radius wanted there; neighbours may leave room for less."""
GENTLE_TAN = 0.0829
"""Half-angle tangent of a turn of 9.5 degrees: gentler turns get the widest circle there is room for."""
LEAST_LEG_M = 0.05
"""Corners nearer than this are not rounded."""
REVERSAL_TAN = 60.0
"""Sharper turns (178 degrees) are not rounded."""


@dataclass(slots=True)
class Pieces:
    """What a run of corners is made of.

    Attributes
    ----------
    wanted
        Per corner, how far its curve would reach into both legs.
    tangents
        Per corner, how far it does.
    radii
        Per corner, the radius flown.
    arcs
        Per corner, its arc (a disc where it is not rounded), or None where the course hardly changes.
    straights
        Per leg, what is left between the curves.
    lengths
        Per leg, the length of that.
    curve_lengths
        Per corner, length of its curve.
    caps2
        Per corner, the square of its greatest speed.
    """

    wanted: list[float]
    tangents: list[float]
    radii: list[float]
    arcs: list[Arc | None]
    straights: list[Straight]
    lengths: list[float]
    curve_lengths: list[float]
    caps2: list[float]


def pieces_of(
    corners: Sequence[Corner],
    turning: Turning,
    first: tuple[float, float] = (0.0, 0.0),
    last: tuple[float, float] = (0.0, 0.0),
) -> Pieces:
    """Return the pieces of a run of corners.

    The wanted and the actual tangents of its two ends are given (0: ends of the path).
    """
    count = len(corners)
    ux, uy, legs = [0.0] * count, [0.0] * count, [0.0] * count
    for i in range(count - 1):
        dx, dy = corners[i + 1][0] - corners[i][0], corners[i + 1][1] - corners[i][1]
        length = hypot(dx, dy)
        legs[i] = length
        if length > 1e-9:
            ux[i], uy[i] = dx / length, dy / length
    half, crosses, wanted = [0.0] * count, [0.0] * count, [0.0] * count
    free = 1.2 * turning.free_radius_m
    for i in range(1, count - 1):
        dot = ux[i - 1] * ux[i] + uy[i - 1] * uy[i]
        cross = ux[i - 1] * uy[i] - uy[i - 1] * ux[i]
        # Without a leg between them, two corners are one that turns by the sum of both: taken for a stop.
        sharp = dot <= -0.9995 or legs[i - 1] < LEAST_LEG_M or legs[i] < LEAST_LEG_M
        tan_half = 1e9 if sharp else abs(cross) / (1.0 + dot)
        half[i], crosses[i] = tan_half, cross
        radius = corners[i][2]
        if tan_half < GENTLE_TAN and radius < free:
            radius = free
        wanted[i] = radius * tan_half if tan_half < REVERSAL_TAN else 0.0
    wanted[0], wanted[-1] = first[0], last[0]
    tangents, radii = [0.0] * count, [0.0] * count
    arcs: list[Arc | None] = [None] * count
    curves, caps2 = [0.0] * count, [0.0] * count
    cruise2, accel = turning.cruise_mps**2, turning.acceleration_mps2
    tangents[0], tangents[-1] = first[1], last[1]
    for i in range(1, count - 1):
        t = wanted[i]
        both = max(1.0, (wanted[i - 1] + t) / (legs[i - 1] + 1e-9), (t + wanted[i + 1]) / (legs[i] + 1e-9))
        t /= both
        tan_half = half[i]
        if tan_half < 1e-4:
            caps2[i] = cruise2
            continue
        radius = t / tan_half
        if radius < LEAST_RADIUS_M:
            arcs[i] = disc(corners[i])
            continue
        tangents[i], radii[i] = t, radius
        curves[i] = 2.0 * radius * atan(tan_half)
        caps2[i] = min(cruise2, accel * radius)
        arcs[i] = _arc(corners[i], t, radius, tan_half, (ux[i - 1], uy[i - 1]), (ux[i], uy[i]), crosses[i])
    if not first[0]:
        arcs[0] = disc(corners[0])
    if not last[0]:
        arcs[-1] = disc(corners[-1])
    straights, lengths = _straights(corners, tangents, legs, ux, uy)
    return Pieces(wanted, tangents, radii, arcs, straights, lengths, curves, caps2)


def disc(corner: Corner) -> Arc:
    """Return what stands for a place where the aircraft turns on the spot, or starts or ends."""
    return (corner[0], corner[1], 0.0, 0.0, 0.0, 0.0, 0.0)


def _straights(
    corners: Sequence[Corner], tangents: list[float], legs: list[float], ux: list[float], uy: list[float]
) -> tuple[list[Straight], list[float]]:
    straights: list[Straight] = []
    lengths: list[float] = []
    for i in range(len(corners) - 1):
        t, s = tangents[i], tangents[i + 1]
        a = (corners[i][0] + t * ux[i], corners[i][1] + t * uy[i])
        b = (corners[i + 1][0] - s * ux[i], corners[i + 1][1] - s * uy[i])
        straights.append((*a, *b) if a <= b else (*b, *a))
        lengths.append(max(legs[i] - t - s, 0.0))
    return straights, lengths


def _arc(
    corner: Corner, tangent: float, radius: float, tan_half: float, into: XY, out: XY, cross: float
) -> Arc:
    """Return the arc of a corner; its ends are named counterclockwise, whichever way it is flown."""
    far = radius * sqrt(1.0 + tan_half * tan_half)
    bx, by = out[0] - into[0], out[1] - into[1]
    norm = hypot(bx, by) or 1.0
    cx, cy = corner[0] + far * bx / norm, corner[1] + far * by / norm
    e1 = ((corner[0] - tangent * into[0] - cx), (corner[1] - tangent * into[1] - cy))
    e2 = ((corner[0] + tangent * out[0] - cx), (corner[1] + tangent * out[1] - cy))
    return (cx, cy, radius, *e1, *e2) if cross > 0.0 else (cx, cy, radius, *e2, *e1)


def profile(
    pieces: Pieces, turning: Turning, entry2: float = 0.0, exit2: float = 0.0
) -> tuple[list[float], list[float], list[float]]:
    """Return squares of the speeds into and out of each corner, and the time from each corner to the next.

    The run begins where the curve of its first corner ends, with a speed whose square is at most ``entry2``,
    and ends where the curve of its last corner begins, with at most ``exit2``.
    """
    lengths, curves, caps2 = pieces.lengths, pieces.curve_lengths, pieces.caps2
    twice, cruise = 2.0 * turning.acceleration_mps2, turning.cruise_mps
    accel, cruise2 = turning.acceleration_mps2, cruise * cruise
    count = len(caps2)
    into, out = [0.0] * count, [0.0] * count
    q = out[0] = entry2
    for i in range(1, count - 1):
        cap = caps2[i]
        q = min(q + twice * lengths[i - 1], cap)
        into[i] = q
        q = min(q + twice * curves[i], cap)
        out[i] = q
    q = into[-1] = min(exit2, q + twice * lengths[-1])
    spent = [0.0] * (count - 1)
    for i in range(count - 2, -1, -1):
        length = lengths[i]
        low = q + twice * length
        if low < out[i]:
            out[i] = low
        p = out[i]
        spent[i] += _straight_s(length, p, q, accel, cruise, cruise2)
        q = p
        if i:
            low = q + twice * curves[i]
            if low < into[i]:
                into[i] = low
            spent[i - 1] += _curve_s(curves[i], into[i], q, accel, caps2[i])
            q = into[i]
    return into, out, spent


def _straight_s(length: float, p: float, q: float, accel: float, cruise: float, cruise2: float) -> float:
    top = (p + q) * 0.5 + accel * length
    if top < cruise2:
        return (2.0 * sqrt(top) - sqrt(p) - sqrt(q)) / accel
    ramps = (2.0 * cruise2 - p - q) / (2.0 * accel)
    return (2.0 * cruise - sqrt(p) - sqrt(q)) / accel + (length - ramps) / cruise


def _curve_s(length: float, p: float, q: float, accel: float, cap2: float) -> float:
    if length <= 0.0:
        return 0.0
    if p >= cap2 - 1e-9 and q >= cap2 - 1e-9:
        return length / sqrt(cap2)
    return _straight_s(length, p, q, accel, sqrt(cap2), cap2)


def polyline(corners: Sequence[Corner], pieces: Pieces) -> list[XY]:
    """Return the vertices of a rounded run of corners, from its first curve's end to its last one's start."""
    points: list[XY] = [_toward(corners[0], corners[1], pieces.tangents[0])]
    for i in range(1, len(corners) - 1):
        points += curve_points(corners[i - 1][:2], corners[i][:2], corners[i + 1][:2], pieces.radii[i])
    points.append(_toward(corners[-1], corners[-2], pieces.tangents[-1]))
    return points


def _toward(a: Corner, b: Corner, distance_m: float) -> XY:
    length = hypot(b[0] - a[0], b[1] - a[1])
    share = distance_m / length if length > 1e-9 else 0.0
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def cut_by(corners: Sequence[Corner], depth_m: float, widest_m: float) -> list[Corner]:
    """Return corners with the radii whose curves pass them at a distance, but no wider than a limit."""
    cut = [(*corner[:2], depth_m) for corner in corners]
    for i in range(1, len(corners) - 1):
        (ax, ay, _), (bx, by, _), (cx, cy, _) = corners[i - 1 : i + 2]
        ux, uy, vx, vy = bx - ax, by - ay, cx - bx, cy - by
        half = abs(atan2(ux * vy - uy * vx, ux * vx + uy * vy)) / 2.0
        share = 1.0 / max(cos(half), 1e-6) - 1.0
        cut[i] = (bx, by, min(widest_m, depth_m / max(share, 1e-6)))
    return cut


def simplified(points: Sequence[XY]) -> list[Corner]:
    """Return corners for the points of a path, without repeated ones and without those on a straight line."""
    kept: list[XY] = []
    for x, y in points:
        if kept and hypot(x - kept[-1][0], y - kept[-1][1]) < 0.05:
            continue
        while len(kept) > 1 and _is_straight(kept[-2], kept[-1], (x, y)):
            kept.pop()
        kept.append((float(x), float(y)))
    return [(x, y, 0.0) for x, y in kept]


def _is_straight(a: XY, b: XY, c: XY) -> bool:
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], c[0] - b[0], c[1] - b[1]
    return ux * vx + uy * vy > 0.0 and abs(ux * vy - uy * vx) < 1e-6 * (hypot(ux, uy) * hypot(vx, vy) + 1e-9)
