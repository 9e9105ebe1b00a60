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

    Orders have no interval for the whole base, because the answer holds none.
    """
    if answer.audit.get("has_money", True):
        return answer
    columns = dict(answer.customers)
    so_far = np.asarray(columns["orders"], dtype=np.float64)
    blank = np.full(len(so_far), np.nan)
    for end in ("", "_low", "_high"):
        columns[f"expected_value{end}"] = columns.get(f"expected_orders{end}", blank)
    columns["historic_value"] = so_far
    expected = float(np.sum(columns["expected_value"]))
    n = max(answer.totals.customers, 1)

    def plain(total: float) -> dict[str, Estimate]:
        return {"": Estimate(total), "_mean": Estimate(total / n)}

    sums = {
        "historic_value": plain(float(so_far.sum())),
        "expected_value": plain(expected),
        "lifetime_value": plain(float(so_far.sum()) + expected),
    }
    totals = {f"{name}{end}": found for name, both in sums.items() for end, found in both.items()}
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
