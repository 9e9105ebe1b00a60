"""Moments in UTC as calendar days and months where the business is."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from regulars.data.ledger import month_of
from regulars.terms.service import Moments

Ints = NDArray[np.int64]
_DAY = dt.timedelta(days=1)


def days_of(moments: Moments, timezone: str) -> NDArray[np.datetime64]:
    """Calendar days; there must be no NaT."""
    if not len(moments):
        return np.empty(0, "datetime64[D]")
    first, last = _ends(moments)
    days = [first - _DAY + i * _DAY for i in range((last - first).days + 3)]
    at = _place(moments, days, timezone)
    return np.datetime64(days[0], "D") + at


def months_of(moments: Moments, timezone: str) -> Ints:
    """Calendar months, counted from year 0; there must be no NaT."""
    if not len(moments):
        return np.empty(0, np.int64)
    first, last = (month_of(day) for day in _ends(moments))
    months = [dt.date(m // 12, m % 12 + 1, 1) for m in range(first - 1, last + 2)]
    return first - 1 + _place(moments, months, timezone)


def _ends(moments: Moments) -> tuple[dt.date, dt.date]:
    """Days in UTC of the first and the last moment."""
    days = moments.astype("datetime64[D]")
    return days.min().item(), days.max().item()


def _place(moments: Moments, days: list[dt.date], timezone: str) -> Ints:
    """Which of the days, each from its local midnight on, a moment falls into."""
    zone = ZoneInfo(timezone)
    midnights = [dt.datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
    begins = np.array([int(midnight.timestamp()) for midnight in midnights])
    seconds = moments.astype("datetime64[s]").astype(np.int64)
    return np.searchsorted(begins, seconds, side="right") - 1
