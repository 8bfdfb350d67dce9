"""Local times on ordinary days and on the two days when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dronepatrol.errors import InputError
from dronepatrol.formats.mission.schema import WindowModel
from dronepatrol.formats.mission.times import read_moment, read_window

HELSINKI = ZoneInfo("Europe/Helsinki")
SPRING = date(2026, 3, 29)
AUTUMN = date(2026, 10, 25)


def test_time_that_does_not_exist():
    """On 29 March 2026 Helsinki has no 03:30."""
    with pytest.raises(InputError, match=r"'03:30' does not exist on 2026-03-29 .* go forward; write 04:30"):
        read_moment("03:30", SPRING, HELSINKI)


def test_time_that_happens_twice():
    """On 25 October 2026 Helsinki has 03:30 two times, and both ways to write it are told."""
    with pytest.raises(
        InputError, match=r"'03:30' happens twice .*2026-10-25T03:30\+03:00 or .*03:30\+02:00"
    ):
        read_moment("03:30", AUTUMN, HELSINKI)


def test_offset_settles_which_of_two():
    """A date-time with an offset is taken as written."""
    moment = read_moment("2026-10-25T03:30+02:00", AUTUMN, HELSINKI)
    assert moment == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_utc_is_an_offset():
    """A Z stands for no offset."""
    assert read_moment("2026-10-25T01:30Z", AUTUMN, HELSINKI) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 2.0), (AUTUMN, 4.0), (date(2026, 6, 1), 3.0)])
def test_window_over_the_change_has_its_true_length(day, hours):
    """From 02:00 to 05:00 is two, four or three hours; adding that to the start gives the end."""
    window = read_window(WindowModel(start="02:00", end="05:00"), day, HELSINKI)
    assert window.duration_s == hours * 3600.0
    assert window.start + timedelta(hours=hours) == window.end


@pytest.mark.parametrize(("text", "hour"), [("02:59", 0), ("04:00", 1)])
def test_times_beside_the_gap_exist(text, hour):
    """The last minute before the gap and the first after it are an hour of wall clock but a minute apart."""
    moment = read_moment(text, SPRING, HELSINKI).astimezone(UTC)
    assert moment.hour == hour


def test_midnight_at_the_end_of_the_day():
    """24:00 is 00:00 of the next day."""
    assert read_moment("24:00", SPRING, HELSINKI) == read_moment("2026-03-30T00:00", SPRING, HELSINKI)


def test_window_past_midnight_with_dates():
    """A night patrol gives the date with its end."""
    window = read_window(WindowModel(start="22:00", end="2026-06-02T02:00"), date(2026, 6, 1), HELSINKI)
    assert window.duration_s == 4 * 3600.0


def test_zone_without_whole_hours():
    """Kathmandu is 5:45 ahead of UTC."""
    moment = read_moment("07:45", date(2026, 6, 1), ZoneInfo("Asia/Kathmandu"))
    assert moment == datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "7:40",
        "07.40",
        "noon",
        "",
        "07:60",
        "2026-02-30T07:40",
        "07:40+02:00",
        "٠٧:٤٠",
        "0001-01-01T00:00+14:00",
    ],
)
def test_what_is_no_time(text):
    """Other ways to write a time are refused with the ones that work."""
    with pytest.raises(InputError, match=r"is not a time; write HH:MM|outside the calendar"):
        read_moment(text, date(2026, 6, 1), HELSINKI).astimezone(UTC)
