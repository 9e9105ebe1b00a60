"""Business hours: exact through changes of clocks, holidays and nights."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from regulars.chat.hours import ALWAYS, BusinessHours
from regulars.chat.zones import end_of_day, local
from regulars.terms.errors import InputError

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
WEEKS = [
    "Mon-Fri 09:00-17:00",
    "Mon-Sun 00:00-24:00",
    "Mon-Fri 08:30-12:15+13:00-18:45, Sat 10:00-14:00",
    "Fri-Sun 22:00-06:00",
    "Sun 01:30-02:30",
]
# minutes around which clocks change in 2025: Berlin, New York, Lord Howe (by half an hour)
CHANGES = [
    "2025-03-30T01:00",
    "2025-10-26T01:00",
    "2025-03-09T07:00",
    "2025-11-02T06:00",
    "2025-04-05T15:00",
    "2025-10-04T15:30",
]


def minutes_open(hours: BusinessHours, start: np.datetime64, end: np.datetime64) -> int:
    """Ask the clock on the wall every minute whether the business is open."""
    where, open_ = ZoneInfo(hours.timezone), 0
    moment = start.astype("datetime64[m]").item().replace(tzinfo=dt.UTC)
    last = end.astype("datetime64[m]").item().replace(tzinfo=dt.UTC)
    while moment < last:
        wall = moment.astimezone(where)
        minute = wall.hour * 60 + wall.minute
        openings = () if wall.date() in hours.holidays else hours.week[wall.weekday()]
        open_ += any(a <= minute < b for a, b in openings)
        moment += dt.timedelta(minutes=1)
    return open_


def moment(text: str) -> np.ndarray:
    return np.array([text], "datetime64[s]")


@settings(max_examples=60, deadline=None)
@given(
    text=st.sampled_from(WEEKS),
    zone=st.sampled_from(ZONES),
    around=st.sampled_from(CHANGES),
    before=st.integers(0, 60 * 60),
    length=st.integers(0, 4 * 24 * 60),
    holiday=st.booleans(),
)
@example("Sun 01:30-02:30", "Europe/Berlin", CHANGES[0], 300, 600, False)
@example("Sun 01:30-02:30", "Europe/Berlin", CHANGES[1], 300, 600, False)
@example("Sun 01:30-02:30", "Australia/Lord_Howe", CHANGES[4], 300, 600, False)
def test_every_minute_is_counted_as_the_wall_shows_it(text, zone, around, before, length, holiday):
    start = np.datetime64(around, "s") - np.timedelta64(before, "m")
    end = start + np.timedelta64(length, "m")
    closed = {start.astype("datetime64[D]").item() + dt.timedelta(days=1)} if holiday else ()
    hours = BusinessHours.parse(text, zone, closed)
    found = hours.between(np.array([start]), np.array([end]))[0]
    assert found == 60 * minutes_open(hours, start, end)


@pytest.mark.parametrize(
    ("start", "end", "open_for"),
    [
        ("2025-03-07T16:00:00", "2025-03-10T09:30:00", 3600 + 1800),  # over a weekend
        ("2025-03-08T10:00:00", "2025-03-08T12:00:00", 0),  # on a Saturday
        ("2025-03-10T12:00:00", "2025-03-10T11:00:00", 0),  # backwards
        ("2025-03-10T08:59:59", "2025-03-10T09:00:01", 1),  # to the second
    ],
)
def test_office_hours(start, end, open_for):
    office = BusinessHours.parse("Mon-Fri 09:00-17:00")
    assert office.between(moment(start), moment(end))[0] == open_for


def test_days_touch_at_midnight_and_dashes_are_dashes():
    night = BusinessHours.parse("Fri–Sun 22:00–06:00")
    assert night.week[4] == ((22 * 60, 24 * 60),)
    assert night.week[5] == ((0, 6 * 60), (22 * 60, 24 * 60))
    assert night.week[0] == ((0, 6 * 60),)


def test_unknown_moments_have_no_time():
    office = BusinessHours.parse("Mon-Fri 09:00-17:00")
    assert np.isnan(office.between(moment("NaT"), moment("2025-03-10T10:00:00")))[0]
    assert np.isnan(ALWAYS.between(moment("2025-03-10T10:00:00"), moment("NaT")))[0]
    assert np.isnan(office.between(moment("NaT"), moment("NaT")))[0]


def test_years_apart_add_up():
    """Splitting a long time anywhere changes nothing."""
    office = BusinessHours.parse("Mon-Fri 09:00-17:00", "Europe/Berlin", ["2025-12-25"])
    a, b, c = (np.datetime64(t, "s") for t in ("1969-01-01", "2025-07-01T11:11:11", "2031-01-01"))
    whole = office.between(np.array([a]), np.array([c]))[0]
    assert whole == office.between(np.array([a, b]), np.array([b, c])).sum()


@pytest.mark.parametrize(
    "text", ["", "always", "Mon 9-17", "Mon 09:00-25:00", "Xyz 09:00-10:00", "Mon 09:61-10:00"]
)
def test_hours_that_cannot_be_read_are_refused(text):
    with pytest.raises(InputError):
        BusinessHours.parse(text)


@pytest.mark.parametrize(
    ("week", "zone"),
    [
        ((((540, 1020),),) * 6, "UTC"),
        ((((540, 1020), (600, 700)),) * 7, "UTC"),
        (((),) * 7, "UTC"),
        ((((540, 1020),),) * 7, "Mars/Olympus"),
    ],
)
def test_hours_that_cannot_be_are_refused(week, zone):
    with pytest.raises(InputError):
        BusinessHours(week, zone)


def test_holidays_are_days():
    with pytest.raises(InputError, match="holiday"):
        BusinessHours.parse("Mon 09:00-10:00", holidays=["Christmas"])
    day = dt.datetime(2025, 3, 3, 12)
    assert BusinessHours.parse("Mon 09:00-10:00", holidays=[day]).holidays == {dt.date(2025, 3, 3)}


def test_a_day_ends_when_the_wall_says_so():
    assert end_of_day(dt.date(2025, 3, 30), "Europe/Berlin") == np.datetime64("2025-03-30T22:00:00")
    assert end_of_day(dt.date(2025, 3, 29), "Europe/Berlin") == np.datetime64("2025-03-29T23:00:00")
    wall = local(moment("2025-03-30T01:00:00"), "Europe/Berlin")
    assert wall[0] == np.datetime64("2025-03-30T03:00:00")
