"""Distances on the globe."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

from dronepatrol.model.position import Position

MEAN_RADIUS_M = 6371008.8
"""Mean radius of the Earth (IUGG; Moritz 2000, Geodetic Reference System 1980, section 4)."""


def great_circle_m(a: Position, b: Position) -> float:
    """Return the distance over a sphere, within 0.6 % of that over the ellipsoid (haversine formula)."""
    lat_a, lat_b = radians(a.lat_deg), radians(b.lat_deg)
    half_lat, half_lon = (lat_b - lat_a) / 2.0, radians(b.lon_deg - a.lon_deg) / 2.0
    chord = sin(half_lat) ** 2 + cos(lat_a) * cos(lat_b) * sin(half_lon) ** 2
    return 2.0 * MEAN_RADIUS_M * asin(min(1.0, sqrt(chord)))
