"""Customers by the month of their first order, month by month since."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.orders import Orders
from regulars.data.summary import Dates, Ints, cut_off, money
from regulars.terms.answer import CohortTable
from regulars.terms.errors import DataError


@dataclass(frozen=True)
class Weekly:
    """Purchases over time, for the tracking plot.

    week_end: the last day of each whole week from the first order on; repeat_orders: purchase
    days in it that were not a customer's first.
    first_day, first_orders: days on which customers came for the first time, and how many.
    """

    week_end: Dates
    repeat_orders: Ints
    first_day: Dates
    first_orders: Ints


def weekly_orders(orders: Orders, until: dt.date | None = None) -> Weekly:
    """Repeat purchase days per week and new customers per day, up to and including `until`.

    Weeks start on the weekday of the first order; a last week that is not over is left out.

    Raises:
        DataError: nobody bought anything by `until`.
    """
    until = cut_off(orders, until)
    table = orders.engine.query(orders.up_to(until).daily())
    if table.num_rows == 0:
        raise DataError(f"No customer bought anything up to {until}.", "Choose a later day.")
    day = table["day"].to_numpy().astype(np.int64)
    firsts = _counts(table["firsts"])
    start, end = int(day[0]), int(np.datetime64(until, "D").astype(np.int64))
    weeks = (end - start + 1) // 7
    week = (day - start) // 7
    whole = week < weeks
    repeats = np.bincount(week[whole], weights=_counts(table["repeats"])[whole], minlength=weeks)
    new = firsts > 0
    return Weekly(
        week_end=(start + 7 * np.arange(1, weeks + 1) - 1).astype("datetime64[D]"),
        repeat_orders=repeats.astype(np.int64),
        first_day=day[new].astype("datetime64[D]"),
        first_orders=firsts[new],
    )


def cohort_table(orders: Orders, until: str | dt.date | None = None) -> CohortTable:
    """Active customers, orders and net revenue per cohort (rows) and months since (columns).

    Raises:
        DataError: nobody bought anything by `until`.
    """
    until = cut_off(orders, until)
    table = orders.engine.query(orders.up_to(until).cohorts())
    if table.num_rows == 0:
        raise DataError(f"No customer bought anything up to {until}.", "Choose a later day.")
    cohort, age = (table[name].to_numpy().astype(np.int64) for name in ("cohort", "age"))
    last = until.year * 12 + until.month - 1
    months = np.arange(cohort[0], cohort.max() + 1)
    ages = np.arange(last - cohort[0] + 1)
    seen = months[:, None] + ages[None, :] <= last
    place = (cohort - cohort[0], age)

    def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
        cells = np.where(seen, 0.0, np.nan)
        cells[place] = values
        return cells

    active = spread(_counts(table["active"]).astype(np.float64))
    finished = (until + dt.timedelta(days=1)).day == 1
    return CohortTable(
        starts=(months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]"),
        sizes=active[:, 0].astype(np.int64),
        active=active,
        orders=spread(_counts(table["orders"]).astype(np.float64)),
        revenue=spread(money(table["net"])),
        unfinished=(months[:, None] + ages[None, :] == last) & (not finished),
    )


def _counts(column: pa.ChunkedArray) -> Ints:
    return column.to_numpy().astype(np.int64)
