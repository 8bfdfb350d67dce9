"""GPS weeks to the calendar."""

from __future__ import annotations

_GPS_EPOCH_UNIX_S = 315_964_800
"""1980-01-06 00:00 UTC, IS-GPS-200, section 20.3.3.5.2.4."""
_WEEK_S = 604_800

# First GPS second with each number of leap seconds (IERS Bulletin C), latest first.
_LEAP_SECONDS = (
    (1_167_264_018, 18),  # 2017-01-01
    (1_119_744_017, 17),  # 2015-07-01
    (1_025_136_016, 16),  # 2012-07-01
    (914_803_215, 15),  # 2009-01-01
)


def gps_unix_s(week: int, time_of_week_s: float) -> float:
    """Return seconds since 1970, UTC, of a moment since 2009 in GPS time."""
    gps_s = week * _WEEK_S + time_of_week_s
    leap_s = next((seconds for since_s, seconds in _LEAP_SECONDS if gps_s >= since_s), 14)
    return _GPS_EPOCH_UNIX_S + gps_s - leap_s
