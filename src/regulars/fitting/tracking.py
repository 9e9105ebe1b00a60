"""Tracking: repeat orders expected week by week from customers as they joined."""

from __future__ import annotations

import datetime as dt

import numpy as np

from regulars import data
from regulars.fitting.fitted import Fitted
from regulars.models.base import History
from regulars.terms.answer import Tracking
from regulars.terms.period import DAYS, as_date
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


def track(fitted: Fitted, orders: data.Orders, until: str | dt.date | None = None) -> Tracking:
    """Repeat orders of each week, counted and expected from customers as they joined.

    Args:
        fitted: an orders model, fitted up to any day within the data.
        orders: checked orders.
        until: last day that counts; the last day with an order where None.

    Returns:
        Weekly `actual` and `expected` (incremental) and their cumulative sums; `split` is the
        day up to which the model was fitted.
    """
    weekly = data.weekly_orders(orders, until=as_date(until))
    start = weekly.week_end[0] - np.timedelta64(6, "D")
    day = (weekly.first_day - start).astype(np.int64)
    joined = np.zeros(int(day.max()) + 1)
    joined[day] = weekly.first_orders
    return Tracking(
        week_end=weekly.week_end,
        actual=weekly.repeat_orders.astype(np.float64),
        expected=expected_by_week(fitted, joined, len(weekly.week_end), fitted.unit),
        split=fitted.until or dt.date.min,
        model=fitted.model.name,
    )
