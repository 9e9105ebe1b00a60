"""The helpers of `pymc_marketing.clv.utils`: orders to customers, segments, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from regulars.terms.errors import InputError

_MONTH = {"W": 4.345, "M": 1.0, "D": 30, "H": 30 * 24, "h": 30 * 24}  # as PyMC-Marketing has it
_SEGMENTS = {
    "Premium Customer": "334 443 444 344 434 433 343 333",
    "Repeat Customer": "244 234 232 332 143 233 243",
    "Top Spender": "424 414 144 314 324 124 224 423 413 133 323 313 134",
    "At Risk Customer": "422 223 212 122 222 132 322 312 412 123 214",
    "Inactive Customer": "411 111 113 114 112 211 311",
}


def to_xarray(customer_id: Any, *arrays: Any, dim: str = "customer_id") -> Any:
    """Vectors as DataArrays over one dimension; one alone, several as a tuple."""
    xarray = need("xarray")
    coords = {dim: np.asarray(customer_id)}
    found = tuple(xarray.DataArray(np.asarray(v), coords=coords, dims=(dim,)) for v in arrays)
    return found[0] if len(found) == 1 else found


def customer_lifetime_value(
    transaction_model: Any,
    data: Any,
    future_t: int = 12,
    discount_rate: float = 0.0,
    time_unit: str = "D",
) -> Any:
    """Value of each customer's orders in the next `future_t` months, (chain, draw, customer_id).

    Args:
        transaction_model: a fitted model of orders.
        data: customers with `future_spend`, the value of one of their orders.
        future_t: months ahead, whatever the unit of the data.
        discount_rate: of one month.
        time_unit: unit of T: D, W, M or H.

    Raises:
        ValueError: without future_spend, or for another unit.
    """
    if "future_spend" not in data.columns:
        raise InputError("Required column future_spend missing.", "expected_customer_spend has it.")
    if time_unit not in _MONTH:
        raise InputError(f"A month has no length in '{time_unit}'.", "Use D, W, M or H.")
    month = _MONTH[time_unit]
    spend = to_xarray(data["customer_id"], data["future_spend"])
    steps = range(1, future_t + 1) if discount_rate else [future_t]
    before: Any = 0.0
    total: Any = 0.0
    for step in steps:
        orders = transaction_model.expected_purchases(data=data, future_t=step * month)
        total = total + (orders - before) * spend / (1.0 + discount_rate) ** step
        before = orders
    return total.transpose("chain", "draw", "customer_id")


def rfm_summary(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str | None = None,
    datetime_format: str | None = None,
    observation_period_end: Any = None,
    time_unit: str = "D",
    time_scaler: float | None = 1,
    include_first_transaction: bool | None = False,
    sort_transactions: bool | None = True,
) -> Any:
    """Customers with frequency, recency, T and mean value, from a frame of orders.

    With `include_first_transaction` it is a table for segments: the first order counts, and
    recency is the time since the last. `sort_transactions` changes nothing.

    Raises:
        ColumnError: for a column that is not there.
    """
    end = end_of(transactions, datetime_col, observation_period_end, datetime_format)
    table = purchases(
        transactions,
        customer_id_col,
        datetime_col,
        monetary_value_col,
        datetime_format,
        end,
        time_unit,
    )
    found = per_customer(table, customer_id_col, datetime_col, monetary_value_col, end)
    scale = time_scaler or 1
    recency, age = found["recency"] / scale, found["T"] / scale
    if include_first_transaction:
        columns = {"frequency": found["count"], "recency": age - recency}
    else:
        columns = {"frequency": found["count"] - 1.0, "recency": recency, "T": age}
    if monetary_value_col:
        columns["monetary_value"] = found["every" if include_first_transaction else "later"]
    told = need("pandas").DataFrame(columns).astype(np.float64).rename_axis("customer_id")
    return told.reset_index()


def rfm_train_test_split(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    train_period_end: Any,
    test_period_end: Any = None,
    time_unit: str = "D",
    time_scaler: float | None = 1,
    datetime_format: str | None = None,
    monetary_value_col: str | None = None,
    include_first_transaction: bool | None = False,
    sort_transactions: bool | None = True,
) -> Any:
    """The summary up to one date, and what came between it and another as `test_...` columns.

    Raises:
        ValueError: where no order lies before the first date, or none in between.
    """
    pd = need("pandas")
    dates = moments(transactions, datetime_col, datetime_format)
    orders = transactions.assign(**{datetime_col: dates})
    until = end_of(orders, datetime_col, test_period_end, datetime_format)
    cut = moment(train_period_end, datetime_format)
    if not (dates <= cut).any():
        raise InputError(f"No order lies before {cut}.", "Let the training end later.")
    before = rfm_summary(
        orders[dates <= cut],
        customer_id_col,
        datetime_col,
        monetary_value_col,
        observation_period_end=cut,
        time_unit=time_unit,
        time_scaler=time_scaler,
        include_first_transaction=include_first_transaction,
    )
    after = holdout(
        orders,
        customer_id_col,
        datetime_col,
        monetary_value_col,
        time_unit,
        cut,
        until,
        summed=True,
    )
    after.columns = ["test_frequency", "test_monetary_value"][: after.shape[1]]
    both = before.join(after, on="customer_id").fillna(0.0)
    freq = alias(time_unit)
    length = pd.Period(until, freq=freq).ordinal - pd.Period(cut, freq=freq).ordinal
    return both.assign(test_T=length / (time_scaler or 1))


def rfm_segments(
    transactions: Any,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str,
    segment_config: Mapping[str, Sequence[str]] | None = None,
    observation_period_end: Any = None,
    datetime_format: str | None = None,
    time_unit: str = "D",
    time_scaler: float | None = 1,
    sort_transactions: bool | None = True,
) -> Any:
    """Customers with a score from 1 to 4 for recency, frequency and value, and a segment by it.

    `segment_config` maps names to scores such as `["111", "123"]`; who has none of them is
    "Other". The table is for segments: no model is fitted to it.
    """
    table = rfm_summary(
        transactions,
        customer_id_col,
        datetime_col,
        monetary_value_col,
        datetime_format,
        observation_period_end,
        time_unit,
        time_scaler,
        include_first_transaction=True,
    )
    score: Any = ""
    for column in ("recency", "frequency", "monetary_value"):
        score = score + _quarters(table[column], falling=column == "recency")
    config = segment_config or {name: text.split() for name, text in _SEGMENTS.items()}
    names = {code: name for name, codes in config.items() for code in codes}
    return table.assign(rfm_score=score, segment=score.map(names).fillna("Other"))


def _quarters(values: Any, falling: bool) -> Any:
    """The quarter that each value lies in, as text, counted down where less is better.

    Many equal values make fewer than four quarters.
    """
    pd = need("pandas")
    code = pd.qcut(values, q=4, labels=False, duplicates="drop").fillna(0).astype(int)
    most = int(code.max())
    return ((most - code if falling else code) + 1).astype(str)
