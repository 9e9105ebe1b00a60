"""The helpers of `lifetimes.utils`: frames of orders to frames of customers, and back to totals."""

from __future__ import annotations

from typing import Any

import numpy as np

from regulars.compat.extras import need
from regulars.compat.transactions import (
    alias,
    end_of,
    holdout,
    moment,
    moments,
    per_customer,
    purchases,
)
from regulars.terms.errors import FitError, InputError

_MONTH = {"W": 4.345, "M": 1.0, "D": 30, "H": 30 * 24, "h": 30 * 24}  # as lifetimes has it


class ConvergenceError(FitError, ValueError):
    """The search ended without a maximum."""


def summary_data_from_transaction_data(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    include_first_transaction: bool = False,
) -> Any:
    """Frequency, recency, T and mean value of each customer, from a frame of orders.

    Args:
        transactions: one order a row.
        customer_id_col: name of the column of customers.
        datetime_col: name of the column of dates.
        monetary_value_col: name of the column of amounts, if they are wanted.
        datetime_format: how the dates are written.
        observation_period_end: last day that counts; that of the last order unless given.
        freq: unit in which orders are one purchase: D, W, M, h.
        freq_multiplier: the ages are divided by it.
        include_first_transaction: count the first order too.

    Raises:
        ColumnError: for a column that is not there.
    """
    end = end_of(transactions, datetime_col, observation_period_end, datetime_format)
    table = purchases(
        transactions, customer_id_col, datetime_col, monetary_value_col, datetime_format, end, freq
    )
    found = per_customer(table, customer_id_col, datetime_col, monetary_value_col, end)
    columns = {
        "frequency": found["count"] - (0.0 if include_first_transaction else 1.0),
        "recency": found["recency"] / freq_multiplier,
        "T": found["T"] / freq_multiplier,
    }
    if monetary_value_col:
        columns["monetary_value"] = found["every" if include_first_transaction else "later"]
    return need("pandas").DataFrame(columns).astype(np.float64)


def calibration_and_holdout_data(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    calibration_period_end: Any,
    observation_period_end: Any = None,
    freq: str = "D",
    freq_multiplier: float = 1,
    datetime_format: str | None = None,
    monetary_value_col: str | None = None,
    include_first_transaction: bool = False,
) -> Any:
    """The summary up to one date, and what came between it and another.

    Columns end in `_cal` and `_holdout`; `duration_holdout` is the time between the dates.

    Raises:
        ValueError: where no order lies in between.
    """
    dates = moments(transactions, datetime_col, datetime_format)
    orders = transactions.assign(**{datetime_col: dates})
    until = end_of(orders, datetime_col, observation_period_end, datetime_format)
    cut = moment(calibration_period_end, datetime_format)
    before = summary_data_from_transaction_data(
        orders[dates <= cut],
        customer_id_col,
        datetime_col,
        monetary_value_col,
        observation_period_end=cut,
        freq=freq,
        freq_multiplier=freq_multiplier,
        include_first_transaction=include_first_transaction,
    ).add_suffix("_cal")
    after = holdout(orders, customer_id_col, datetime_col, monetary_value_col, freq, cut, until)
    after.columns = ["frequency_holdout", "monetary_value_holdout"][: after.shape[1]]
    both = before.join(after, how="left").fillna(0.0)
    pd = need("pandas")
    length = pd.Period(until, freq=alias(freq)).ordinal - pd.Period(cut, freq=alias(freq)).ordinal
    return both.assign(duration_holdout=length / freq_multiplier)


def find_first_transactions(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    freq: str = "D",
) -> Any:
    """One row for each period in which a customer ordered, and whether it is their `first`."""
    return purchases(
        transactions,
        customer_id_col,
        datetime_col,
        monetary_value_col,
        datetime_format,
        observation_period_end,
        freq,
    )


_find_first_transactions = find_first_transactions


def calculate_alive_path(
    model: Any, transactions: Any, datetime_col: str, t: int, freq: str = "D"
) -> Any:
    """P(alive) of one customer at each age from 0 to t, a Series.

    Args:
        model: a fitted model of orders in units of `freq`.
        transactions: the orders of that customer.
        datetime_col: name of the column of dates.
        t: how many units after the first order to end at.
        freq: unit of time.
    """
    pd = need("pandas")
    number = moments(transactions, datetime_col).dt.to_period(alias(freq)).array.asi8
    bought = np.unique(number - number.min())
    ages = np.arange(max(int(t), int(bought[-1])) + 1)
    before = np.searchsorted(bought, ages, side="right")
    frequency, recency = before - 1.0, bought[before - 1].astype(np.float64)
    alive = model.conditional_probability_alive(frequency, recency, ages.astype(np.float64))
    return pd.Series(np.asarray(alive), index=ages)


def _customer_lifetime_value(
    transaction_prediction_model: Any,
    frequency: Any,
    recency: Any,
    T: Any,
    monetary_value: Any,
    time: int = 12,
    discount_rate: float = 0.01,
    freq: str = "D",
) -> Any:
    """Value of the orders of the next `time` months, discounted by the month, a Series.

    Raises:
        InputError: for a unit of time other than D, h, W and M.
    """
    pd = need("pandas")
    if freq not in _MONTH:
        raise InputError(f"A month has no length in '{freq}'.", "Use D, h, W or M.")
    month = _MONTH[freq]
    columns = [np.asarray(v, dtype=np.float64) for v in (frequency, recency, T)]
    worth, before = np.zeros(len(columns[0])), 0.0
    for step in range(1, int(time) + 1):
        orders = np.asarray(transaction_prediction_model.predict(step * month, *columns))
        worth += (orders - before) / (1.0 + discount_rate) ** step
        before = orders
    worth = worth * np.asarray(monetary_value, dtype=np.float64)
    return pd.Series(worth, index=getattr(frequency, "index", None), name="clv")


def expected_cumulative_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    datetime_format: str | None = None,
    freq: str = "D",
    freq_multiplier: int = 1,
    set_index_date: bool = False,
) -> Any:
    """Repeat orders so far, actual and as a model of new customers predicts: a frame by period.

    Args:
        model: a fitted model with `expected_number_of_purchases_up_to_time`.
        transactions: one order a row.
        datetime_col: name of the column of dates.
        customer_id_col: name of the column of customers.
        t: how many units of `freq` from the first order to follow.
        datetime_format: how the dates are written.
        freq: unit of the periods.
        freq_multiplier: how many of them are one unit of the model's time.
        set_index_date: index the frame by period instead of 0, 1, ...
    """
    pd = need("pandas")
    dates = moments(transactions, datetime_col, datetime_format)
    begin = dates.min().to_period(alias(freq))
    until = (begin + t).end_time
    table = purchases(
        transactions, customer_id_col, datetime_col, None, datetime_format, until, freq
    )
    place = table[datetime_col].array.asi8 - begin.ordinal
    first = table["first"].to_numpy()
    born = np.bincount(place[first], minlength=t + 1).astype(np.float64)
    again = np.bincount(place[~first], minlength=t + 1).astype(np.float64)
    ends = np.arange(freq_multiplier, t + 1, freq_multiplier)
    waits = np.arange(1, t + 1) / freq_multiplier
    expected = np.zeros(t + 1)
    expected[1:] = np.asarray(model.expected_number_of_purchases_up_to_time(waits))
    predicted = [float(born[:end] @ expected[end:0:-1]) for end in ends.tolist()]
    index: Any = range(len(ends))
    if set_index_date:
        index = pd.period_range(begin, periods=t + 1, freq=alias(freq))[freq_multiplier - 1 :]
        index = index[:-1:freq_multiplier]
    return pd.DataFrame({"actual": again.cumsum()[ends - 1], "predicted": predicted}, index=index)
