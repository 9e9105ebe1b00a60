"""Zones: moments in UTC as a clock on the wall shows them, exact through every change of clocks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import InputError

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]

DAY = 86_400
_UTC = dt.UTC
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=_UTC)


@dataclass(frozen=True)
class Offsets:
    """From each of `since` (UTC seconds, ascending) on, the wall is `ahead` seconds of UTC."""

    since: Ints
    ahead: Ints


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        InputError: no such zone is known.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"'{name}' is no time zone.", "Write it as Europe/Berlin, America/New_York or UTC."
        ) from error


def seconds(moments: Moments) -> Ints:
    """Moments in UTC as seconds since 1970; NaT must have been taken out."""
    return moments.astype("datetime64[s]").astype(np.int64)


def offsets(name: str, first: int, last: int) -> Offsets:
    """The offsets of a zone from one moment to another, both in UTC seconds.

    A zone tells its offset only moment by moment, so each day is asked and where two differ the
    second of the change is found by halving.
    """
    return _offsets(name, first // DAY - 1, last // DAY + 2)


@lru_cache(maxsize=64)
def _offsets(name: str, first_day: int, last_day: int) -> Offsets:
    where = zone(name)

    def ahead(second: int) -> int:
        told = (_EPOCH + dt.timedelta(seconds=second)).astimezone(where).utcoffset()
        return int(told.total_seconds()) if told is not None else 0

    since, found = [first_day * DAY], [ahead(first_day * DAY)]
    for day in range(first_day + 1, last_day + 1):
        now = ahead(day * DAY)
        if now == found[-1]:
            continue
        low, high = (day - 1) * DAY, day * DAY
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if ahead(middle) == found[-1] else (low, middle)
        since.append(high)
        found.append(now)
    return Offsets(np.array(since, np.int64), np.array(found, np.int64))


def local(moments: Moments, timezone: str) -> Moments:
    """Moments in UTC as wall time in a zone; NaT stays NaT."""
    known = ~np.isnat(moments)
    wall = moments.astype("datetime64[s]")
    if not known.any() or timezone == "UTC":
        return wall
    utc = seconds(moments[known])
    spans = offsets(timezone, int(utc.min()), int(utc.max()))
    place = np.searchsorted(spans.since, utc, side="right") - 1
    wall[known] = (utc + spans.ahead[place]).astype("datetime64[s]")
    return wall


def end_of_day(day: dt.date, timezone: str) -> np.datetime64:
    """The first moment after a day in a zone, in UTC."""
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone(timezone))
    return np.datetime64(after.astimezone(_UTC).replace(tzinfo=None), "s")
