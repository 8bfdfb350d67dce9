"""A place on the ground: longitude and latitude in one type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A point on WGS84, without height.

    Attributes
    ----------
    lon_deg
        Longitude in degrees, east positive, -180 to 180.
    lat_deg
        Latitude in degrees, north positive, -90 to 90.
    """

    lon_deg: float
    lat_deg: float

    @property
    def lonlat(self) -> tuple[float, float]:
        """``(lon_deg, lat_deg)``, the order of GeoJSON (RFC 7946, section 3.1.1)."""
        return (self.lon_deg, self.lat_deg)
