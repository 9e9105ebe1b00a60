"""Moneyless: where the orders carry no amounts, the report speaks of orders instead of money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from regulars.terms.answer import Answer, Estimate

ORDERS = "orders"  # stands where a currency would
NOTE = "The file holds no amounts: this page counts orders where it would count money."


def in_money(answer: Answer) -> bool:
    """False where the report speaks of orders."""
    return answer.about.currency != ORDERS


def in_its_own_terms(answer: Answer) -> Answer:
    """The answer itself, or, without amounts, the same answer with orders in place of value.

    The interval of the whole base is that of its expected orders.
    """
    if answer.audit.get("has_money", True):
        return answer
    columns = dict(answer.customers)
    so_far = np.asarray(columns["orders"], dtype=np.float64)
    blank = np.full(len(so_far), np.nan)
    for end in ("", "_low", "_high"):
        columns[f"expected_value{end}"] = columns.get(f"expected_orders{end}", blank)
    columns["historic_value"] = so_far
    found, n = answer.totals, max(answer.totals.customers, 1)
    past = float(so_far.sum())
    totals = {
        "historic_value": Estimate(past),
        "historic_value_mean": Estimate(past / n),
        "expected_value": found.expected_orders,
        "expected_value_mean": found.expected_orders_mean,
        "lifetime_value": _more(found.expected_orders, past),
        "lifetime_value_mean": _more(found.expected_orders_mean, past / n),
    }
    no_profit = dict.fromkeys(
        ("expected_profit", "expected_profit_mean", "lifetime_profit", "lifetime_profit_mean")
    )
    return replace(
        answer,
        about=replace(answer.about, currency=ORDERS, margin=None, has_cost=False, discount=0.0),
        customers=columns,
        totals=replace(answer.totals, **totals, **no_profit),
        cohorts=replace(answer.cohorts, revenue=answer.cohorts.orders),
        notes=(NOTE, *answer.notes),
    )


def _more(estimate: Estimate, by: float) -> Estimate:
    low, high = (None if end is None else end + by for end in (estimate.low, estimate.high))
    return Estimate(estimate.value + by, low, high, estimate.level)
