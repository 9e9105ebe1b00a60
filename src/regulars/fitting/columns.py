"""Columns: predictions as the columns of `customers.parquet` and of a scored file."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data import Customers
from regulars.fitting.outlook import Outlook
from regulars.fitting.predict import LIFETIME_CAP, Prediction
from regulars.terms.period import DAYS
from regulars.terms.summary import Floats, Summary
from regulars.valuation import Economics

Columns = dict[str, NDArray[Any]]


def customer_columns(
    summary: Summary, history: Customers, outlook: Outlook | None, economics: Economics
) -> Columns:
    """The columns of `customers.parquet`, in their order; NaN where nothing could be predicted."""
    historic = history.value
    blank = np.full(len(summary), np.nan)
    value, low, high = (
        (blank, blank, blank)
        if outlook is None
        else (outlook.value, outlook.value_low, outlook.value_high)
    )
    foreseen = None if outlook is None else outlook.prediction
    columns: Columns = {
        "customer_id": history.customer_id,
        "first_order": history.first_order,
        "last_order": history.last_order,
        "days_since_last_order": _days_since(summary),
        "orders": history.orders,
        "repeat_orders": summary.repeat_orders,
        "historic_value": historic,
        "p_alive": blank if foreseen is None else foreseen.p_alive,
        "expected_orders": blank if foreseen is None else foreseen.orders,
        "expected_orders_low": blank if outlook is None else outlook.spread.orders_low,
        "expected_orders_high": blank if outlook is None else outlook.spread.orders_high,
        "expected_value": value,
        "expected_value_low": low,
        "expected_value_high": high,
        "lifetime_value": historic + value,
        "lifetime_value_low": historic + low,
        "lifetime_value_high": historic + high,
        "expected_lifetime": blank if foreseen is None else foreseen.lifetime,
        **_next_order(summary, foreseen),
    }
    profit, share = (
        economics.historic_profit(historic, history.cost),
        economics.profit_share,
    )
    if profit is not None and share is not None:
        ends = (low * share, high * share)
        columns |= {
            "historic_profit": profit,
            "expected_profit": value * share,
            "expected_profit_low": np.minimum(*ends),
            "expected_profit_high": np.maximum(*ends),
            "lifetime_profit": profit + value * share,
            "lifetime_profit_low": profit + np.minimum(*ends),
            "lifetime_profit_high": profit + np.maximum(*ends),
        }
    return columns


def score_columns(summary: Summary, foreseen: Prediction) -> Columns:
    """The columns of a scored file."""
    return {
        "customer_id": _ids(summary),
        "repeat_orders": summary.repeat_orders,
        "p_alive": foreseen.p_alive,
        "expected_orders": foreseen.orders,
        "discounted_orders": foreseen.discounted_orders,
        "expected_lifetime": foreseen.lifetime,
        **_next_order(summary, foreseen),
    }


def _ids(summary: Summary) -> NDArray[Any]:
    return np.arange(len(summary)) if summary.customer_id is None else summary.customer_id


def _days_since(summary: Summary) -> NDArray[np.int64]:
    days = (summary.age - summary.last_order_age) * DAYS[summary.unit]
    return np.rint(days).astype(np.int64)


def _next_order(summary: Summary, foreseen: Prediction | None) -> Columns:
    """Dates of the next order with their interval; none where it is beyond ten years."""
    none = np.full(len(summary), np.datetime64("NaT", "D"))
    if foreseen is None or summary.until is None:
        return {"next_order": none, "next_order_low": none, "next_order_high": none}
    waits = {
        "next_order": foreseen.next_order,
        "next_order_low": foreseen.next_order_low,
        "next_order_high": foreseen.next_order_high,
    }
    today = np.datetime64(summary.until, "D")
    return {name: _dates(today, wait * DAYS[summary.unit]) for name, wait in waits.items()}


def _dates(today: np.datetime64, days: Floats) -> NDArray[np.datetime64]:
    near = days < LIFETIME_CAP.days
    ahead = np.ceil(np.where(near, days, 0.0)).astype("timedelta64[D]")
    return np.where(near, today + ahead, np.datetime64("NaT", "D"))
