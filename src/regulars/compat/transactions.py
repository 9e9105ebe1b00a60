"""Transactions: a frame of orders as periods per customer, for the helpers of both libraries."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.compat.extras import need
from regulars.terms.errors import ColumnError, InputError

_PERIODS = {"H": "h", "ME": "M", "YE": "Y", "QE": "Q", "S": "s", "T": "min"}


def alias(freq: str) -> str:
    """The unit of time as pandas calls it for periods today."""
    return _PERIODS.get(freq, freq)


def moments(orders: Any, column: str, datetime_format: str | None = None) -> Any:
    """A column as timestamps, without a time zone.

    Raises:
        ColumnError: where there is no such column.
    """
    pd = need("pandas")
    if column not in orders.columns:
        found = ", ".join(map(str, orders.columns))
        raise ColumnError(f"There is no column '{column}'. Columns found: {found}.")
    given = orders[column]
    if isinstance(given.dtype, pd.PeriodDtype):
        given = given.dt.to_timestamp()
    found = pd.to_datetime(given, format=datetime_format)
    return found.dt.tz_localize(None) if found.dt.tz is not None else found


def moment(value: Any, datetime_format: str | None = None) -> Any:
    """One date as a timestamp without a time zone."""
    pd = need("pandas")
    if isinstance(value, pd.Period):
        return value.to_timestamp()
    found = pd.to_datetime(value, format=datetime_format)
    return found.tz_localize(None) if found.tzinfo is not None else found


def purchases(
    orders: Any,
    customer: str,
    column: str,
    money: str | None = None,
    datetime_format: str | None = None,
    until: Any = None,
    freq: str = "D",
    order_by: str = "customer",
) -> Any:
    """One row for each period in which a customer ordered, amounts added up, with `first`.

    Orders after the day of `until` are left out, also where they fall into its week or month.

    Returns:
        A frame of customer, period (a pandas Period), amount if asked for, and `first`: whether
        it is the customer's first; by customer and period, or by period and customer.
    """
    pd = need("pandas")
    names = [customer, column, *([money] if money else [])]
    dates = moments(orders, column, datetime_format)
    table = orders[names].assign(**{column: dates}).dropna(subset=[customer, column])
    periods = table[column].dt.to_period(alias(freq))
    if until is None:
        until = table[column].max()
    end = moment(until, datetime_format)
    # finer than a day, the cut-off's own period is the last; coarser, its day is the last
    kept = periods <= pd.Period(end, freq=alias(freq))
    kept &= table[column].dt.normalize() <= end.normalize()
    table = table.assign(**{column: periods})[kept]
    groups = table.groupby([customer, column], sort=True, as_index=False)
    found = groups[money].sum() if money else groups.size()[[customer, column]]
    found = found.assign(first=~found.duplicated(customer))
    return found if order_by == "customer" else found.sort_values([column, customer])


def end_of(orders: Any, column: str, until: Any, datetime_format: str | None) -> Any:
    """The cut-off as a timestamp: the last order unless told otherwise.

    Raises:
        InputError: where there is neither.
    """
    if until is not None:
        return moment(until, datetime_format)
    last = moments(orders, column, datetime_format).max()
    if need("pandas").isna(last):
        raise InputError(f"No date in '{column}'.", "Check the table.")
    return last


def per_customer(table: Any, customer: str, column: str, money: str | None, end: Any) -> Any:
    """Counts and ages by customer, in periods: count, recency, T, and the mean of later amounts.

    `table` is what `purchases` returned; ages are differences of period numbers.
    """
    pd = need("pandas")
    ordinal = table[column].array.asi8
    groups = pd.Series(ordinal, index=table[customer].to_numpy()).groupby(level=0)
    found = groups.agg(["min", "max", "count"])
    found.index.name = customer
    last = pd.Period(end, freq=table[column].dtype.freq).ordinal
    result = pd.DataFrame(
        {
            "count": found["count"].astype(np.float64),
            "recency": (found["max"] - found["min"]).astype(np.float64),
            "T": (last - found["min"]).astype(np.float64),
        }
    )
    if money:
        later = table.loc[~table["first"]].groupby(customer)[money].mean()
        result["later"] = later.reindex(result.index).fillna(0.0)
        result["every"] = table.groupby(customer)[money].mean().reindex(result.index).fillna(0.0)
    return result


def holdout(
    orders: Any,
    customer: str,
    column: str,
    money: str | None,
    freq: str,
    after: Any,
    until: Any,
    summed: bool = False,
) -> Any:
    """By customer, periods with an order after one date up to another, and the mean amount.

    `orders` has timestamps in its column; the frame has `frequency` and, if asked for, `money`:
    the mean of the orders, or of their sums by period where `summed`.

    Raises:
        InputError: where there is no order in between.
    """
    dates = orders[column]
    held = orders[(dates > after) & (dates <= until)]
    if held.empty:
        raise InputError(
            f"No order lies after {after} and up to {until}.",
            "Let the calibration end earlier, or give a later observation_period_end.",
        )
    held = held.assign(_period=held[column].dt.to_period(alias(freq)))
    groups = held.groupby(customer)
    result = groups["_period"].nunique().to_frame("frequency")
    if money:
        sums = held.groupby([customer, "_period"])[money].sum().groupby(level=0)
        result["money"] = (sums if summed else groups[money]).mean()
    return result
