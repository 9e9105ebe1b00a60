"""Orders counted in whole calendar periods, for models in which each period is one chance."""

from __future__ import annotations

import datetime as dt

from regulars.data.orders import EPOCH, Orders
from regulars.data.summary import cut_off, labels
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Summary


def count_chances(
    orders: Orders, every: str = "month", until: str | dt.date | None = None
) -> Summary:
    """Per customer up to `until`: in how many periods they bought, the first one not counted.

    Args:
        orders: checked orders.
        every: day, week (from Monday), month or year; also the unit of the summary.
        until: last day that counts; a period that it leaves unfinished does not count.

    Returns:
        A summary whose repeat orders are later periods with a purchase, and whose ages are whole
        periods, sorted by customer_id: what BG/BB is fitted to.

    Raises:
        InputError: for an unknown period.
        DataError: nobody bought anything in a whole period.
    """
    if every not in DAYS:
        raise InputError(f"'{every}' is no period.", f"Use {', '.join(DAYS)}.")
    end = cut_off(orders, until)
    last = period_of(end + dt.timedelta(days=1), every) - 1
    table = orders.engine.query(orders.up_to(end).chances(every, last))
    if table.num_rows == 0:
        raise DataError(
            f"No customer bought anything in a whole {every} up to {end}.",
            "Count in shorter periods.",
        )
    return Summary(
        repeat_orders=table["repeat_orders"].to_numpy().astype("int64", copy=False),
        last_order_age=table["last_order_age"].to_numpy().astype("float64"),
        age=table["age"].to_numpy().astype("float64"),
        mean_spend=table["mean_spend"].to_numpy() if orders.has_money else None,
        customer_id=labels(table["customer_id"]),
        unit=every,
        until=end,
        step=1.0,
    )


def period_of(day: dt.date, every: str) -> int:
    """The number of the calendar period of a day, as `Dialect.period` counts it."""
    if every == "week":
        return ((day - EPOCH).days + 3) // 7
    if every == "month":
        return day.year * 12 + day.month - 1
    return day.year if every == "year" else (day - EPOCH).days
