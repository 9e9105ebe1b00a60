"""Business hours: seconds that a business was open between two moments."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from regulars.chat.zones import DAY, Ints, offsets, seconds, zone
from regulars.terms.errors import InputError

Floats = NDArray[np.float64]
Moments = NDArray[np.datetime64]
Opening = tuple[int, int]  # minutes after midnight, opening and closing
Week = tuple[tuple[Opening, ...], ...]  # seven days from Monday

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LINE = re.compile(
    r"(?P<first>[a-z]{3})[a-z]*(?:\s*-\s*(?P<last>[a-z]{3})[a-z]*)?\s+"
    r"(?P<times>\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2}(?:\s*\+\s*\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})*)"
)
_HOW = "Write it as 'Mon-Fri 09:00-17:00, Sat 10:00-14:00'."
_THURSDAY = 3  # 1 January 1970
_MINUTES = 24 * 60


@dataclass(frozen=True)
class BusinessHours:
    """When a business is open, by the clock on its wall.

    Attributes:
        week: for each day from Monday on, its openings in minutes after midnight, apart from one
            another and in order.
        timezone: an IANA name.
        holidays: days on which it stays closed.
        text: the hours as they were written.
    """

    week: Week
    timezone: str = "UTC"
    holidays: frozenset[dt.date] = frozenset()
    text: str = ""

    def __post_init__(self) -> None:
        zone(self.timezone)
        if len(self.week) != 7:
            raise InputError(f"A week has 7 days, not {len(self.week)}.", "Start with Monday.")
        for day in self.week:
            edges = [edge for opening in day for edge in opening]
            if any(not 0 <= edge <= _MINUTES for edge in edges) or any(
                b < a for a, b in itertools.pairwise(edges)
            ):
                raise InputError(f"The openings {day} of a day overlap or leave it.", _HOW)
        if not any(close > start for day in self.week for start, close in day):
            raise InputError("A business that is never open has no business hours.", _HOW)

    @classmethod
    def parse(
        cls, text: str, timezone: str = "UTC", holidays: Iterable[str | dt.date] = ()
    ) -> BusinessHours:
        """Read `Mon-Fri 09:00-12:30+13:30-18:00, Sat 10:00-14:00`.

        Hours past midnight (`22:00-06:00`) go on into the next day.

        Raises:
            InputError: the text, a holiday or the zone cannot be read.
        """
        days: list[list[Opening]] = [[] for _ in _DAYS]
        for part in text.strip().lower().replace("–", "-").split(","):
            found = _LINE.fullmatch(part.strip())
            if found is None:
                raise InputError(f"'{part.strip()}' are no business hours.", _HOW)
            for day in _span(found["first"], found["last"] or found["first"]):
                for times in found["times"].split("+"):
                    start, close = (_minutes(time) for time in times.split("-"))
                    if close <= start:  # past midnight
                        days[day].append((start, _MINUTES))
                        days[(day + 1) % 7].append((0, close))
                    else:
                        days[day].append((start, close))
        closed = frozenset(_holiday(day) for day in holidays)
        return cls(tuple(_joined(day) for day in days), timezone, closed, text.strip())

    @property
    def always(self) -> bool:
        """Whether it never closes."""
        whole = all(day == ((0, _MINUTES),) for day in self.week)
        return whole and not self.holidays

    def between(self, start: Moments, end: Moments) -> Floats:
        """Seconds open from `start` to `end` (n,), both in UTC; NaN where either is NaT.

        An end before its start gives 0.
        """
        known = ~(np.isnat(start) | np.isnat(end))
        open_for = np.full(len(start), np.nan)
        if not known.any():
            return open_for
        first, last = seconds(start[known]), seconds(end[known])
        if self.always:
            open_for[known] = np.maximum(last - first, 0)
            return open_for
        low, high = int(min(first.min(), last.min())), int(max(first.max(), last.max()))
        clock = _clock(self, low // (366 * DAY), high // (366 * DAY))
        open_for[known] = np.maximum(clock.at(last) - clock.at(first), 0)
        return open_for


ALWAYS = BusinessHours(((((0, _MINUTES)),),) * 7, "UTC", frozenset(), "always open")


@dataclass(frozen=True)
class _Clock:
    """A clock that runs while the business is open: openings in UTC seconds, and time before."""

    start: Ints
    close: Ints
    before: Ints

    def at(self, second: Ints) -> Ints:
        place = np.searchsorted(self.start, second, side="right") - 1
        held = np.maximum(place, 0)
        run = np.clip(second - self.start[held], 0, self.close[held] - self.start[held])
        return np.where(place >= 0, self.before[held] + run, 0)


@lru_cache(maxsize=32)
def _clock(hours: BusinessHours, first_block: int, last_block: int) -> _Clock:
    """Openings over whole blocks of 366 days, piece by piece of constant offset.

    Within a piece the wall is UTC shifted, so an hour that is skipped does not exist in any piece
    and one that comes twice exists in two.
    """
    first, last = first_block * 366 * DAY, (last_block + 1) * 366 * DAY
    spans = offsets(hours.timezone, first, last)
    ends = np.append(spans.since[1:], last)
    starts: list[Ints] = []
    closes: list[Ints] = []
    for since, until, ahead in zip(
        np.maximum(spans.since, first).tolist(), ends.tolist(), spans.ahead.tolist(), strict=True
    ):
        days: Ints = np.arange((since + ahead) // DAY, (until + ahead) // DAY + 1, dtype=np.int64)
        for start, close in _openings(hours, days):
            starts.append(np.clip(start - ahead, since, until))
            closes.append(np.clip(close - ahead, since, until))
    start, close = np.concatenate(starts), np.concatenate(closes)
    real = close > start
    order = np.argsort(start[real], kind="stable")
    start, close = start[real][order], close[real][order]
    return _Clock(start, close, np.concatenate(([0], np.cumsum(close - start)[:-1])))


def _openings(hours: BusinessHours, days: Ints) -> list[tuple[Ints, Ints]]:
    """Openings of local days, in seconds of wall time."""
    weekday = (days + _THURSDAY) % 7
    closed = np.array([_number(day) for day in sorted(hours.holidays)], np.int64)
    open_days = ~np.isin(days, closed)
    found: list[tuple[Ints, Ints]] = []
    for number, openings in enumerate(hours.week):
        midnight = days[open_days & (weekday == number)] * DAY
        found += [(midnight + a * 60, midnight + b * 60) for a, b in openings]
    return found or [(np.zeros(0, np.int64), np.zeros(0, np.int64))]


def _number(day: dt.date) -> int:
    return (day - dt.date(1970, 1, 1)).days


def _span(first: str, last: str) -> list[int]:
    if first not in _DAYS or last not in _DAYS:
        raise InputError(f"'{first}' or '{last}' is no day of the week.", _HOW)
    a, b = _DAYS.index(first), _DAYS.index(last)
    return [day % 7 for day in range(a, b + 1 if b >= a else b + 8)]


def _minutes(time: str) -> int:
    hour, _, minute = time.strip().partition(":")
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > _MINUTES:
        raise InputError(f"'{time.strip()}' is no time of day.", _HOW)
    return total


def _joined(openings: list[Opening]) -> tuple[Opening, ...]:
    """Openings of a day in order; those that touch or overlap become one."""
    merged: list[Opening] = []
    for start, close in sorted(openings):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(close, merged[-1][1]))
        elif close > start:
            merged.append((start, close))
    return tuple(merged)


def _holiday(day: str | dt.date) -> dt.date:
    if isinstance(day, dt.datetime):
        return day.date()
    if isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day.strip())
    except ValueError as error:
        raise InputError(f"'{day}' is no holiday.", "Write it as 2025-12-25.") from error
