"""The one place where tables become arrays."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.orders import EPOCH, Orders
from regulars.data.tally import LOG_TICKS, MOST_ROWS, Tally, tally
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS, as_date
from regulars.terms.summary import Summary

Dates = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_SILENCE = 31  # days without any order that a cut-off may lie after the last one


@dataclass(frozen=True)
class Customers:
    """What every customer bought, one entry each, sorted by customer_id.

    Attributes:
        customer_id: integers as the source had them, anything else as text.
        first_order, last_order: days of the first and the last purchase.
        orders: orders placed on purchase days, at least 1.
        value: sales less refunds, 0 without amounts; refunds: what was paid back.
        purchased: net of the purchase days alone, so refunds of other days are not in it.
        cost: of what was kept, or None where the source has no costs.
    """

    customer_id: NDArray[Any]
    first_order: Dates
    last_order: Dates
    orders: Ints
    value: Floats
    purchased: Floats
    refunds: Floats
    cost: Floats | None = None

    def __len__(self) -> int:
        return len(self.customer_id)


def summarise(orders: Orders, until: str | dt.date | None = None, unit: str = "week") -> Summary:
    """Per customer up to and including the day `until`, all that an orders model needs.

    Entries are sorted by customer_id. Ages are days divided by the days of `unit`; customers
    without a purchase by then are left out. `until` defaults to the last day of the data.

    Raises:
        DataError: nobody bought anything by `until`.
    """
    until = cut_off(orders, until)
    queries = orders.up_to(until, kept=False)
    found = None
    if orders.rows <= MOST_ROWS:
        found = tally(orders.engine.stream(queries.rows()), orders.rows)
    table = orders.engine.query(queries.summary()) if found is None else _from_tally(found, until)
    table = _filled(table, until)
    return _summary(table, until, unit, orders.has_money, labels(table["customer_id"]))


def grouped(orders: Orders, until: str | dt.date | None = None, unit: str = "week") -> Summary:
    """The summary with equal customers as one entry, counted by `weight`; no ids and no spend.

    Raises:
        DataError: nobody bought anything by `until`.
    """
    until = cut_off(orders, until)
    table = _filled(orders.engine.query(orders.up_to(until).grouped()), until)
    return _summary(table, until, unit, False, None)


def customer_table(orders: Orders, until: str | dt.date | None = None) -> Customers:
    """Everything that happened up to `until`, per customer, in the order of `summarise`.

    Raises:
        DataError: nobody bought anything by `until`.
    """
    until = cut_off(orders, until)
    queries = orders.up_to(until)
    table = _filled(orders.engine.query(queries.customers()), until)
    return Customers(
        customer_id=labels(table["customer_id"]),
        first_order=dates(table["first_day"]),
        last_order=dates(table["last_day"]),
        orders=table["orders"].to_numpy().astype(np.int64, copy=False),
        value=money(table["net"]),
        purchased=money(table["purchased"]),
        refunds=money(table["refunded"]),
        cost=money(table["cost"]) if orders.has_cost else None,
    )


def _summary(
    table: pa.Table, until: dt.date, unit: str, spend: bool, ids: NDArray[Any] | None
) -> Summary:
    if unit not in DAYS:
        raise InputError(f"'{unit}' is no unit.", "Use day, week, month or year.")
    days = DAYS[unit]
    weights = table["weight"].to_numpy() if "weight" in table.column_names else None
    repeats = table["repeat_orders"].to_numpy().astype(np.int64, copy=False)
    gaps = None
    if "log_gaps" in table.column_names:
        gaps = table["log_gaps"].to_numpy() / LOG_TICKS - repeats * np.log(days)
    return Summary(
        repeat_orders=repeats,
        last_order_age=table["last_order_age"].to_numpy() / days,
        age=table["age"].to_numpy() / days,
        mean_spend=table["mean_spend"].to_numpy() if spend else None,
        weight=weights,
        customer_id=ids,
        unit=unit,
        until=until,
        step=1.0 / days,
        first_spend=money(table["first_net"]) if spend else None,
        log_gaps=gaps,
    )


def _from_tally(found: Tally, until: dt.date) -> pa.Table:
    """A tally as the table that `Relations.summary` makes."""
    repeats = found.days - 1
    spent = (found.total - found.first_net).astype(np.float64)
    mean = np.divide(spent, repeats, out=np.zeros(len(spent)), where=repeats > 0) / 10_000
    return pa.table(
        {
            "customer_id": found.customer_id,
            "repeat_orders": repeats,
            "last_order_age": found.last_day - found.first_day,
            "age": (until - EPOCH).days - found.first_day,
            "mean_spend": mean,
            "first_net": found.first_net,
            "log_gaps": found.log_gaps,
        }
    )


def _filled(table: pa.Table, until: dt.date) -> pa.Table:
    if table.num_rows == 0:
        raise DataError(
            f"No customer bought anything up to {until}.",
            "Check the audit for refused rows and orders without a customer.",
        )
    return table


def money(ticks: pa.ChunkedArray) -> Floats:
    """Integers of 1/10000 as amounts; up to 9e11 each is the nearest float of the exact sum."""
    return ticks.cast(pa.float64(), safe=False).to_numpy() / 10_000


def dates(days: pa.ChunkedArray) -> Dates:
    """Days since 1970-01-01 as dates."""
    return days.to_numpy().astype("datetime64[D]")


def cut_off(orders: Orders, until: str | dt.date | None) -> dt.date:
    """`until` (2024-12-31 as text too), or the last day of the data.

    Raises:
        DataError: there is no order.
        InputError: the data end more than a month before `until`.
    """
    if orders.bounds is None:
        raise DataError(
            "There is no order that could be read.", "Look at the audit's refused rows."
        )
    day, last = as_date(until), orders.bounds[1]
    if day is not None and day > last + dt.timedelta(days=_SILENCE):
        raise InputError(
            f"The data end on {last}, and {day} is {(day - last).days} days later.",
            "Give an earlier --until, or the orders up to then: silence would look like leaving.",
        )
    return day or last


def labels(column: Any) -> NDArray[Any]:
    """Customer ids as an array: integers as they are, anything else as text."""
    values = column.to_numpy()
    return values if values.dtype.kind in "iu" else np.asarray(values, dtype=object)
