"""Tracking: repeat orders expected week by week from customers as they joined."""

from __future__ import annotations

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.models.base import History
from regulars.terms.period import DAYS
from regulars.terms.summary import Floats


def expected_by_week(fitted: Fitted, joined: Floats, weeks: int, unit: str = "week") -> Floats:
    """Expected repeat orders of each week, given how many customers joined on each day.

    Args:
        fitted: the orders model, in `unit`.
        joined: customers whose first order fell on day 0, 1, 2 ... (days,).
        weeks: number of whole weeks from day 0; the days in them are what is counted.
        unit: the unit of the model's time.

    Returns:
        (weeks,) expected repeat orders in each week.
    """
    days = weeks * 7
    ages = np.arange(days + 1) / DAYS[unit]
    curve = fitted.model.expected_orders_new(fitted.params, History.new(ages))
    new = joined[:days].astype(np.float64)
    ends = np.arange(1, weeks + 1) * 7 - 1  # the last day of each week, wholly included
    cumulative = np.array(
        [new[: end + 1] @ curve[end - np.arange(min(end + 1, len(new)))] for end in ends]
    )
    return np.diff(cumulative, prepend=0.0)
