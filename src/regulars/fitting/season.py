"""Season: how much is bought in each week of the year, and any model fitted on that calendar."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars import data
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.fitting.registry import orders_model
from regulars.fitting.tracking import expected_by_week
from regulars.models.seasonal import Calendar, Seasonal
from regulars.terms.summary import Floats

_PARTS = 52  # of the year
_LEAST = 104  # weeks: a season must have been seen twice
_PRIOR = 20.0  # orders expected in a part of the year that weigh as much as no season at all
_SMOOTH = (0.25, 0.5, 0.25)
_YEAR = 52  # weeks


@dataclass(frozen=True)
class Season:
    """What the calendar of a shop looks like.

    Attributes:
        calendar: how fast time passes through the year.
        weeks: of data that it stands on.
        note: what must be said about it, or ''.
    """

    calendar: Calendar
    weeks: int
    note: str = ""

    @property
    def strength(self) -> float:
        """Standard deviation of the rates; 0 without seasons."""
        return float(np.std(self.calendar.rates))


def fit_seasonal(
    model: str,
    orders: data.Orders,
    until: str | dt.date | None = None,
    unit: str = "week",
    method: str = "maximum-likelihood",
) -> tuple[Fitted, Season]:
    """Fit a model of orders on the calendar of its shop.

    The season is the ratio of repeat orders that came to those that the model expects in each
    week of the year, whatever the drift from year to year, smoothed, and shrunk towards none where
    few came. Then the model is fitted on that calendar.

    Args:
        model: a model's name; not one of rhythm.
        orders: checked orders, of two years or more: a season that came once is not known to
            come again, and then the calendar stays even and `note` says so.
        until: last day that counts.
        unit: unit of the model's time.
        method: how to fit, as in `fit`.

    Returns:
        The fit, which predicts, saves and loads like any other, and the season.

    Raises:
        InputError: for a model that reads gaps between orders.
    """
    summary = data.summarise(orders, until=until, unit=unit)
    weekly = data.weekly_orders(orders, until=summary.until)
    base = orders_model(model)
    calendar = Calendar.of(np.ones(_PARTS))
    weeks = len(weekly.week_end)
    if weeks < _LEAST:
        note = f"{weeks} weeks show no season twice, so all weeks of the year count the same."
        seasonal = Seasonal(base, calendar, unit)
        return fit(seasonal, summary, method), Season(calendar, weeks, note)
    start = weekly.week_end[0] - np.timedelta64(6, "D")
    joined = np.zeros(int((weekly.first_day - start).astype(np.int64).max()) + 1)
    joined[(weekly.first_day - start).astype(np.int64)] = weekly.first_orders
    expected = expected_by_week(fit(model, summary), joined, weeks, unit)
    calendar = _calendar(weekly.week_end, weekly.repeat_orders.astype(np.float64), expected)
    return fit(Seasonal(base, calendar, unit), summary, method), Season(calendar, weeks)


def _calendar(week_end: Any, actual: Floats, expected: Floats) -> Calendar:
    """Orders over those expected by part of the year, without the drift from year to year."""
    level = _sums(actual, _YEAR) / np.maximum(_sums(expected, _YEAR), 1e-12)
    due = expected * level
    middle = week_end.astype("datetime64[D]") - np.timedelta64(3, "D")
    into = (middle - middle.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
    part = np.minimum(into * _PARTS // 366, _PARTS - 1)
    came, awaited = (np.bincount(part, weights=w, minlength=_PARTS) for w in (actual, due))
    came, awaited = (_smoothed(values) for values in (came, awaited))
    return Calendar.of((came + _PRIOR) / (awaited + _PRIOR))


def _sums(values: Floats, window: int) -> Floats:
    """Sums over a window around each entry, as wide as the ends allow."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low = np.clip(at - window // 2, 0, max(len(values) - window, 0))
    return total[np.minimum(low + window, len(values))] - total[low]


def _smoothed(values: Floats) -> Floats:
    """Around the year, each part with a share of its neighbours."""
    before, own, after = _SMOOTH
    return before * np.roll(values, 1) + own * values + after * np.roll(values, -1)
