"""Time as people write it: 39w, 12mo, 1y or forever; 10%/year; 2024-12-31."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from regulars.terms.errors import PeriodError

DAYS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
_SUFFIX = {"d": "day", "w": "week", "mo": "month", "y": "year"}
_WORDS = {**_SUFFIX, **{unit: unit for unit in DAYS}, **{f"{unit}s": unit for unit in DAYS}}
_SHORT = {unit: suffix for suffix, unit in _SUFFIX.items()}
_PATTERN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time: `length` times `unit` (day, week, month or year)."""

    length: float
    unit: str

    def __post_init__(self) -> None:
        if self.unit not in DAYS:
            raise PeriodError(f"'{self.unit}' is no unit of time.", "Use day, week, month or year.")
        if not self.length > 0:
            raise PeriodError(f"A period of {self.length} is empty.", "Give a length above 0.")

    @classmethod
    def parse(cls, text: str | Period) -> Period:
        """Read `39w`, `12mo`, `1y`, `90d`, `12 months` or `forever`."""
        if isinstance(text, Period):
            return text
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise PeriodError(f"{text!r} has no unit.", "Write 90d, 39w, 12mo, 1y or forever.")
        if text.strip().lower() == "forever":
            return FOREVER
        match = _PATTERN.fullmatch(text.strip().lower())
        if match is None or match[2] not in _WORDS:
            raise PeriodError(f"'{text}' is no period.", "Write 90d, 39w, 12mo, 1y or forever.")
        return cls(float(match[1]), _WORDS[match[2]])

    @property
    def days(self) -> float:
        """Length in days; a month is 365.25/12 days, a year 365.25."""
        return self.length * DAYS[self.unit]

    @property
    def is_forever(self) -> bool:
        """True for the period without an end."""
        return math.isinf(self.length)

    def count(self, unit: str) -> float:
        """The same span, counted in another unit."""
        return self.length if unit == self.unit else self.days / DAYS[unit]

    def __str__(self) -> str:
        return "forever" if self.is_forever else f"{self.length:g}{_SHORT[self.unit]}"


FOREVER = Period(math.inf, "year")


def annual_rate(text: str | float) -> float:
    """Read an annual discount rate: `10%/year`, `10%` or 0.1 give 0.1.

    Raises:
        PeriodError: for a rate outside 0 to 100 % a year or per another unit.
    """
    if isinstance(text, str):
        match = re.fullmatch(
            r"(\d+(?:\.\d+)?)\s*(%?)\s*(?:/\s*(?:year|y|a))?", text.strip().lower()
        )
        if match is None:
            raise PeriodError(f"'{text}' is no annual rate.", "Write 10%/year or 0.1.")
        rate = float(match[1]) / (100 if match[2] else 1)
    else:
        rate = float(text)
    if not 0 <= rate < 1:
        raise PeriodError(f"A discount of {rate:g} a year is not usable.", "Write 10%/year or 0.1.")
    return rate


def as_date(day: str | dt.date | None) -> dt.date | None:
    """Read a day written 2024-12-31; a date or None stays as it is.

    Raises:
        PeriodError: for anything else.
    """
    if isinstance(day, dt.datetime):  # a pandas Timestamp is one too
        return day.date()
    if day is None or isinstance(day, dt.date):
        return day
    try:
        return dt.date.fromisoformat(day.strip())
    except ValueError as error:
        raise PeriodError(f"'{day}' is no day.", "Write it as 2024-12-31.") from error
