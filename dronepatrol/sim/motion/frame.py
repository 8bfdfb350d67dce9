"""Latitude and longitude against local north and east, the way ArduPilot computes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians

METRES_PER_E7 = 0.011131884502145034
"""Metres of latitude per 1e-7 degree: 1e-7 degree on a sphere of 6378100 m (ArduPilot, `definitions.h`)."""

_MINIMUM_LONGITUDE_SCALE = 0.01


def longitude_scale(lat_e7: float) -> float:
    """Return the shrinking of a degree of longitude at a latitude in 1e-7 degree, never below 0.01."""
    return max(cos(radians(lat_e7 * 1e-7)), _MINIMUM_LONGITUDE_SCALE)


def _wrap_e7(lon_e7: float) -> float:
    return (lon_e7 + 1_800_000_000) % 3_600_000_000 - 1_800_000_000


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """A flat frame of north and east metres about an origin.

    Attributes
    ----------
    lat_e7, lon_e7
        The origin in units of 1e-7 degree.
    """

    lat_e7: int
    lon_e7: int

    def north_east_m(self, lat_e7: float, lon_e7: float) -> tuple[float, float]:
        """Return metres north and east of the origin; longitude is scaled at the mean latitude."""
        scale = longitude_scale((lat_e7 + self.lat_e7) / 2)
        return (
            (lat_e7 - self.lat_e7) * METRES_PER_E7,
            _wrap_e7(lon_e7 - self.lon_e7) * METRES_PER_E7 * scale,
        )

    def lat_lon_e7(self, north_m: float, east_m: float) -> tuple[int, int]:
        """Return latitude and longitude in 1e-7 degree, the inverse of :meth:`north_east_m`."""
        d_lat_e7 = north_m / METRES_PER_E7
        scale = longitude_scale(self.lat_e7 + d_lat_e7 / 2)
        lon_e7 = _wrap_e7(self.lon_e7 + east_m / METRES_PER_E7 / scale)
        return round(self.lat_e7 + d_lat_e7), round(lon_e7)
