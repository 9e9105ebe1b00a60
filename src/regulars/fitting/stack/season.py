"""Season: what the time of the year does to a total, where it was seen twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.fitting.fitted import Fitted
from regulars.fitting.tracking import expected_by_week
from regulars.terms.summary import Floats

_LEAST = 104  # weeks: a season must have been seen twice
_WAVES = 3  # of the year, its half and its third
_SPREAD = 0.15  # standard deviation of a wave's height before anything is seen
_YEAR = 365.25
_LONGEST = 10 * 366  # days of a window; the season of a longer one is none


@dataclass(frozen=True)
class Season:
    """Heights of waves of the log of demand through the year (2 x 3,), cosines first."""

    heights: Floats

    def factor(self, after: dt.date, days: float) -> float:
        """Demand in the days after a date, over that of an average day."""
        if not 0 < days <= _LONGEST:
            return 1.0
        start = np.datetime64(after, "D") + 1
        return float(np.exp(_waves(start + np.arange(round(days))) @ self.heights).mean())


def find_season(orders: data.Orders, fitted: Fitted, until: dt.date, unit: str) -> Season | None:
    """The season in weekly orders over those that a model expects; None in under two years.

    A Poisson regression of orders on waves of the year, with what the model expects, its drift
    from year to year taken out, as offset. Heights are shrunk towards none the more weeks scatter
    around them.

    Args:
        orders: the checked orders.
        fitted: a model fitted on all days up to `until`.
        until: last day that counts.
        unit: of the model's time.
    """
    weekly = data.weekly_orders(orders, until=until)
    weeks = len(weekly.week_end)
    if weeks < _LEAST:
        return None
    start = weekly.week_end[0] - np.timedelta64(6, "D")
    day = (weekly.first_day - start).astype(np.int64)
    joined = np.zeros(int(day.max()) + 1)
    joined[day] = weekly.first_orders
    expected = expected_by_week(fitted, joined, weeks, unit)
    came = weekly.repeat_orders.astype(np.float64)
    due = expected * _yearly(came) / np.maximum(_yearly(expected), 1e-12)
    usable = due > 0
    if not came.any() or not usable.any():
        return None
    middle = weekly.week_end - np.timedelta64(3, "D")
    return Season(_regress(_waves(middle[usable]), due[usable], came[usable]))


def _regress(waves: Floats, due: Floats, came: Floats) -> Floats:
    """Heights by a ridge that is scaled by how much weeks scatter."""
    heights = np.zeros(waves.shape[1])
    for _ in range(20):
        mean = due * np.exp(np.clip(waves @ heights, -2, 2))
        scatter = float(((came - mean) ** 2 / np.maximum(mean, 1e-9)).sum()) / len(came)
        ridge = max(scatter, 1.0) / _SPREAD**2
        slope = waves.T @ (came - mean) - ridge * heights
        bend = waves.T @ (mean[:, None] * waves) + ridge * np.eye(len(heights))
        step = np.linalg.solve(bend, slope)
        heights = heights + step
        if np.abs(step).max() < 1e-8:
            break
    return np.clip(heights, -1, 1)


def _waves(day: NDArray[np.datetime64]) -> Floats:
    into = day.astype("datetime64[D]").astype(np.int64) % _YEAR
    angle = np.multiply.outer(2 * np.pi * into / _YEAR, np.arange(1, _WAVES + 1))
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=-1)


def _yearly(values: Floats) -> Floats:
    """Sums over a year around each week, as wide as the ends allow."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    low = np.clip(np.arange(len(values)) - 26, 0, max(len(values) - 52, 0))
    return total[np.minimum(low + 52, len(values))] - total[low]
