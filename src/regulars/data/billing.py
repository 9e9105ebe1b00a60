"""Billing periods: the words that plans use for them, and the calendar that counts them."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.errors import PeriodError
from regulars.terms.period import DAYS

Floats = NDArray[np.float64]
Days = NDArray[np.int64]  # whole days since 1970-01-01

_WORDS: dict[str, tuple[int, str]] = {
    **dict.fromkeys(("day", "daily", "days", "d", "täglich", "tag", "p1d"), (1, "day")),
    **dict.fromkeys(("week", "weekly", "weeks", "w", "wk", "wöchentlich", "woche"), (7, "day")),
    **dict.fromkeys(("hebdomadaire", "semanal", "settimanale", "wekelijks", "p1w"), (7, "day")),
    **dict.fromkeys(("biweekly", "fortnightly", "fortnight", "p2w"), (14, "day")),
    **dict.fromkeys(("month", "monthly", "months", "mo", "mon", "m", "p1m"), (1, "month")),
    **dict.fromkeys(("mtl", "monatlich", "monat", "mensuel", "mensual"), (1, "month")),
    **dict.fromkeys(("mensile", "mensuelle", "maandelijks"), (1, "month")),
    **dict.fromkeys(("quarter", "quarterly", "q", "qtr", "p3m", "vierteljährlich"), (3, "month")),
    **dict.fromkeys(("quartal", "quartalsweise", "trimestriel", "trimestral"), (3, "month")),
    **dict.fromkeys(("halfyear", "halfyearly", "semiannual", "semiannually"), (6, "month")),
    **dict.fromkeys(("biannual", "halbjährlich", "p6m", "semestriel", "semestral"), (6, "month")),
    **dict.fromkeys(
        ("year", "yearly", "years", "y", "yr", "a", "pa", "p1y", "p12m"), (12, "month")
    ),
    **dict.fromkeys(
        ("annual", "annually", "jährlich", "jahr", "annuel", "annuelle"), (12, "month")
    ),
    **dict.fromkeys(("anual", "annuale", "jaarlijks", "12month"), (12, "month")),
    **dict.fromkeys(("biennial", "biennially", "p24m", "p2y"), (24, "month")),
}
_COUNTED = re.compile(r"(?:every|each|alle|per)?(\d{1,4})([a-zäöü]+)")
_UNITS = {
    **dict.fromkeys(("d", "day", "days", "tage", "tag"), (1, "day")),
    **dict.fromkeys(("w", "wk", "week", "weeks", "wochen", "woche"), (7, "day")),
    **dict.fromkeys(("m", "mo", "mon", "month", "months", "monate", "monat"), (1, "month")),
    **dict.fromkeys(("q", "quarter", "quarters"), (3, "month")),
    **dict.fromkeys(("y", "yr", "year", "years", "jahre", "jahr"), (12, "month")),
}
_NAMES = {
    (1, "day"): "day",
    (7, "day"): "week",
    (14, "day"): "fortnight",
    (1, "month"): "month",
    (3, "month"): "quarter",
    (6, "month"): "half-year",
    (12, "month"): "year",
}
_MONTH = DAYS["month"]


@dataclass(frozen=True, slots=True, order=True)
class Billing:
    """How often a plan is billed: every `count` days or calendar months."""

    unit: str
    count: int

    @classmethod
    def parse(cls, text: str) -> "Billing":
        """Read monthly, year, 3 months, P1Y, every 4 weeks, vierteljährlich ...

        Raises:
            PeriodError: for anything else.
        """
        found = parse_billing(text)
        if found is None:
            raise PeriodError(
                f"'{text}' is no billing period.", "Write month, quarter, year, week or 4 weeks."
            )
        return found

    @property
    def name(self) -> str:
        """In words: month, year, 2 months, 30 days."""
        found = _NAMES.get((self.count, self.unit))
        if found is None and self.unit == "month" and self.count % 12 == 0:
            return f"{self.count // 12} years"
        if found is None and self.unit == "day" and self.count % 7 == 0:
            return f"{self.count // 7} weeks"
        return found or f"{self.count} {self.unit}s"

    @property
    def months(self) -> float:
        """Length in months of 365.25/12 days."""
        return float(self.count) if self.unit == "month" else self.count / _MONTH

    @property
    def years(self) -> float:
        """Length in years."""
        return self.months / 12.0

    def monthly(self, ticks: NDArray[np.int64]) -> NDArray[np.int64]:
        """What a charge per period is in a month, to the nearest 1/10000; halves go up."""
        if self.unit == "month":
            return (2 * ticks + self.count) // (2 * self.count)
        # a month is 365.25 / 12 days = 487 / 16
        return (2 * ticks * 487 + 16 * self.count) // (32 * self.count)

    def elapsed(self, start: Days, end: Days) -> Floats:
        """Periods from one day to another, whole ones by the calendar and a fraction of the next.

        A month that begins on the 31st renews on the last day of a shorter one.
        """
        if self.unit == "day":
            return (end - start) / float(self.count)
        return months_between(start, end) / self.count

    def renewals_after(self, start: Days, number: NDArray[np.int64]) -> Days:
        """The day of a renewal by its number, for contracts that began on `start`."""
        if self.unit == "day":
            return start + number * self.count
        return add_months(start, number * self.count)


def parse_billing(text: str) -> Billing | None:
    """The billing period that a word means; None for one that is unknown."""
    word = re.sub(r"[\s_\-./()]+", "", text.strip().casefold())
    found = _WORDS.get(word)
    if found is None and (match := _COUNTED.fullmatch(word)) is not None:
        unit = _UNITS.get(match[2])
        found = None if unit is None or int(match[1]) == 0 else (int(match[1]) * unit[0], unit[1])
    return None if found is None else Billing(found[1], found[0])


def add_months(day: Days, months: Any) -> Days:
    """The same day of the month so many months later, the month's last where it has none."""
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    of_month = (date - month.astype("datetime64[D]")).astype(np.int64)
    target = month + np.asarray(months, dtype="timedelta64[M]")
    first = target.astype("datetime64[D]")
    length = ((target + 1).astype("datetime64[D]") - first).astype(np.int64)
    return first.astype(np.int64) + np.minimum(of_month, length - 1)


def months_between(start: Days, end: Days) -> Floats:
    """Months from one day to another: whole ones by the calendar, and a fraction of the next."""
    months = end.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    months = months - start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    whole = months - (add_months(start, months) > end)
    here, there = add_months(start, whole), add_months(start, whole + 1)
    return whole + (end - here) / (there - here)
