"""A local east-north frame in metres, tangent to the WGS84 ellipsoid."""

from __future__ import annotations

from math import cos, radians, sin, sqrt

import numpy as np
import numpy.typing as npt

from dronepatrol.model.position import Position

Array = npt.NDArray[np.float64]

WGS84_A_M = 6378137.0
"""Semi-major axis (NIMA TR8350.2, table 3.1)."""
WGS84_F = 1.0 / 298.257223563
"""Flattening (NIMA TR8350.2, table 3.1)."""
WGS84_E2 = WGS84_F * (2.0 - WGS84_F)


class LocalFrame:
    """East-north metres around an origin on the WGS84 ellipsoid.

    The plane touches the ellipsoid at the origin; points are projected along the plane's normal
    (topocentric coordinates, EPSG guidance note 7-2, section 4.1.2, with the vertical coordinate dropped).
    Lengths are short by ``d**2 / (2 R**2)`` of themselves: 1 mm in a kilometre at 10 km from the origin.

    Parameters
    ----------
    origin
        The point where east and north are zero.
    """

    __slots__ = ("_cos_lat", "_cos_lon", "_origin_ecef_m", "_sin_lat", "_sin_lon", "origin")

    def __init__(self, origin: Position) -> None:
        self.origin = origin
        lon, lat = radians(origin.lon_deg), radians(origin.lat_deg)
        self._sin_lon, self._cos_lon = sin(lon), cos(lon)
        self._sin_lat, self._cos_lat = sin(lat), cos(lat)
        normal_m = WGS84_A_M / sqrt(1.0 - WGS84_E2 * self._sin_lat**2)
        self._origin_ecef_m = (
            normal_m * self._cos_lat * self._cos_lon,
            normal_m * self._cos_lat * self._sin_lon,
            normal_m * (1.0 - WGS84_E2) * self._sin_lat,
        )

    @classmethod
    def around(cls, lonlat_deg: npt.ArrayLike) -> LocalFrame:
        """Return a frame at the middle of the bounding box of points of shape (n, 2)."""
        points = np.asarray(lonlat_deg, dtype=np.float64).reshape(-1, 2)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2.0
        return cls(Position(float(middle[0]), float(middle[1])))

    def to_enu(self, lonlat_deg: npt.ArrayLike) -> Array:
        """Return east and north in metres, shape (n, 2), of longitudes and latitudes of shape (n, 2)."""
        points = np.asarray(lonlat_deg, dtype=np.float64)
        lon, lat = np.radians(points[..., 0]), np.radians(points[..., 1])
        sin_lat, cos_lat = np.sin(lat), np.cos(lat)
        normal_m = WGS84_A_M / np.sqrt(1.0 - WGS84_E2 * sin_lat**2)
        x = normal_m * cos_lat * np.cos(lon) - self._origin_ecef_m[0]
        y = normal_m * cos_lat * np.sin(lon) - self._origin_ecef_m[1]
        z = normal_m * (1.0 - WGS84_E2) * sin_lat - self._origin_ecef_m[2]
        east = -self._sin_lon * x + self._cos_lon * y
        north = -self._sin_lat * (self._cos_lon * x + self._sin_lon * y) + self._cos_lat * z
        return np.stack([east, north], axis=-1)

    def to_lonlat(self, path_enu_m: npt.ArrayLike) -> Array:
        """Return longitude and latitude in degrees, shape (n, 2), of east and north of shape (n, 2).

        The height of the tangent plane over the ellipsoid is found by fixed-point iteration; four rounds
        leave less than a micrometre within 100 km of the origin.
        """
        points = np.asarray(path_enu_m, dtype=np.float64)
        east, north = points[..., 0], points[..., 1]
        up = np.zeros_like(east)
        for _ in range(4):
            lon, lat, height_m = self._geodetic(east, north, up)
            up = up - height_m
        return np.stack([np.degrees(lon), np.degrees(lat)], axis=-1)

    def position(self, east_m: float, north_m: float) -> Position:
        """Return one point of the plane as a position."""
        lon, lat = self.to_lonlat(np.array([[east_m, north_m]]))[0]
        return Position(float(lon), float(lat))

    def enu(self, position: Position) -> tuple[float, float]:
        """Return east and north in metres of one position."""
        east, north = self.to_enu(np.array([position.lonlat]))[0]
        return float(east), float(north)

    def _geodetic(self, east: Array, north: Array, up: Array) -> tuple[Array, Array, Array]:
        """Latitude by Bowring's method (1976), good to 1e-11 rad at these heights."""
        x0, y0, z0 = self._origin_ecef_m
        radial = -self._sin_lat * north + self._cos_lat * up
        x = x0 - self._sin_lon * east + self._cos_lon * radial
        y = y0 + self._cos_lon * east + self._sin_lon * radial
        z = z0 + self._cos_lat * north + self._sin_lat * up
        p = np.hypot(x, y)
        b = WGS84_A_M * (1.0 - WGS84_F)
        theta = np.arctan2(z * WGS84_A_M, p * b)
        second_e2 = WGS84_E2 / (1.0 - WGS84_E2)
        lat = np.arctan2(
            z + second_e2 * b * np.sin(theta) ** 3,
            p - WGS84_E2 * WGS84_A_M * np.cos(theta) ** 3,
        )
        sin_lat, cos_lat = np.sin(lat), np.cos(lat)
        normal_m = WGS84_A_M / np.sqrt(1.0 - WGS84_E2 * sin_lat**2)
        height_m = p * cos_lat + z * sin_lat - WGS84_A_M**2 / normal_m
        return np.arctan2(y, x), lat, height_m
