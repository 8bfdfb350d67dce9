"""Local times of a mission file as moments.

Moments carry their fixed offset from UTC and not the zone itself: Python compares and adds datetimes of one
zone by the wall clock, which is an hour wrong on the two days of the year when the clocks change.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from dronepatrol.errors import InputError
from dronepatrol.formats.mission.schema import WindowModel
from dronepatrol.formats.mission.suggest import suggestion
from dronepatrol.model import TimeWindow

_TIME = re.compile(r"\d{2}:\d{2}(?::\d{2})?\Z")
_FORMS = "write HH:MM, HH:MM:SS or a date-time such as 2026-09-14T07:40"


def read_time_zone(name: str) -> ZoneInfo:
    """Return the IANA zone; `InputError` with the nearest name if there is none."""
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        known = zoneinfo.available_timezones()
        raise InputError(f"time zone '{name}' is not known", remedy=suggestion(name, known)) from error


def read_day(text: str) -> date:
    """Return a calendar day written YYYY-MM-DD."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            raise ValueError("another form")
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'{text}' is not a date", remedy="write YYYY-MM-DD, such as 2026-09-14") from error


def today(zone: ZoneInfo) -> date:
    """Return the present day in a zone."""
    return datetime.now(zone).date()


def read_window(window: WindowModel, day: date, zone: ZoneInfo) -> TimeWindow:
    """Return the window on a day.

    Raises
    ------
    InputError
        If a time cannot be read, does not exist or happens twice on a day when the clocks change, or the
        window does not end after it starts; its place is ``start``, ``end`` or empty.
    """
    moments: list[datetime] = []
    for key, text in (("start", window.start), ("end", window.end)):
        try:
            moments.append(read_moment(text, day, zone))
        except InputError as error:
            raise error.located(place=key) from error
    start, end = moments
    if end < start:
        message = f"ends {window.end} before it starts {window.start}"
        raise InputError(message, remedy="swap them or add a date")
    if end == start:
        raise InputError(f"starts and ends {window.start}", remedy="let it end later")
    return TimeWindow(start, end)


def read_moment(text: str, day: date, zone: ZoneInfo) -> datetime:
    """Return one moment from a local time on a day, a local date-time, or a date-time with its own offset."""
    try:
        wall = _wall_clock(text, day)
    except (ValueError, OverflowError) as error:
        raise InputError(f"'{text}' is not a time", remedy=_FORMS) from error
    try:
        return wall.astimezone(_fixed(wall)) if wall.tzinfo else _local(wall, text, zone)
    except (OverflowError, ValueError) as error:
        raise InputError(f"'{text}' lies outside the calendar", remedy=_FORMS) from error


def _wall_clock(text: str, day: date) -> datetime:
    if text in ("24:00", "24:00:00"):
        return datetime.combine(day + timedelta(days=1), time())
    if _TIME.match(text) and text.isascii():
        return datetime.combine(day, time.fromisoformat(text))
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text, re.ASCII):
        raise ValueError("another form")
    return datetime.fromisoformat(text)


def _local(wall: datetime, text: str, zone: ZoneInfo) -> datetime:
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    offsets = first.utcoffset(), second.utcoffset()
    if offsets[0] == offsets[1]:
        return first.astimezone(_fixed(first))
    # In a gap and in an overlap alike fold 0 has the offset from before and fold 1 the one from after
    # (PEP 495); only in a gap does the way to UTC and back not return to the same wall clock.
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        moved = first.astimezone(UTC).astimezone(zone)
        raise InputError(
            f"'{text}' does not exist on {wall.date()} in {zone.key}: the clocks go forward",
            remedy=f"write {moved:%H:%M} or another time",
        )
    raise InputError(
        f"'{text}' happens twice on {wall.date()} in {zone.key}: the clocks go back",
        remedy=f"say which: {first.isoformat(timespec='minutes')} or {second.isoformat(timespec='minutes')}",
    )


def _fixed(moment: datetime) -> timezone:
    return timezone(moment.utcoffset() or timedelta())
