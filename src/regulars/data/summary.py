"""The one place where tables become arrays."""

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.orders import EPOCH, Orders
from regulars.data.relations import Relations
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Summary


def summarise(orders: Orders, until: dt.date | None = None, unit: str = "week") -> Summary:
    """Per customer up to and including the day `until`, all that an orders model needs.

    Entries are sorted by customer_id. Ages are days divided by the days of `unit`; customers
    without a purchase by then are left out. `until` defaults to the last day of the data.

    Raises:
        DataError: nobody bought anything by `until`.
    """
    if unit not in DAYS:
        raise InputError(f"'{unit}' is no unit.", "Use day, week, month or year.")
    until = cut_off(orders, until)
    table = orders.engine.query(relations(orders, until).summary())
    if table.num_rows == 0:
        raise DataError(
            f"No customer bought anything up to {until}.",
            "Check the audit for refused rows and orders without a customer.",
        )
    columns = {name: table[name].to_numpy() for name in table.column_names if name != "customer_id"}
    days = DAYS[unit]
    return Summary(
        repeat_orders=columns["repeat_orders"].astype(np.int64, copy=False),
        last_order_age=columns["last_order_age"] / days,
        age=columns["age"] / days,
        mean_spend=columns["mean_spend"] if orders.has_money else None,
        customer_id=labels(table["customer_id"]),
        unit=unit,
        until=until,
        step=1.0 / days,
    )


def cut_off(orders: Orders, until: dt.date | None) -> dt.date:
    """`until`, or the last day of the data; DataError without a single order."""
    if until is not None:
        return until
    if orders.bounds is None:
        raise DataError(
            "There is no order that could be read.", "Look at the audit's refused rows."
        )
    return orders.bounds[1]


def relations(orders: Orders, until: dt.date) -> Relations:
    """The queries of the flow over these orders."""
    return Relations(
        lines=orders.relation,
        until=(until - EPOCH).days,
        by_sign=orders.by_sign,
        has_order_id=orders.has_order_id,
    )


def labels(column: Any) -> NDArray[Any]:
    """Customer ids as an array: integers as they are, anything else as text."""
    values = column.to_numpy()
    return values if values.dtype.kind in "iu" else np.asarray(values, dtype=object)
