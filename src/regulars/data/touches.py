"""Touches: how customers are told apart by where they came from, what they first bought, and so on.

One entry for each customer of a ledger; None where nothing is known.
"""

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.attributes import Attributes, first_touch, summary_with
from regulars.data.ids import codes, places
from regulars.data.ledger import NEVER, Ledger, month_starts
from regulars.data.orders import Orders
from regulars.terms.summary import Summary

TOUCHES = ("source", "campaign", "country", "product")  # texts that orders may carry
COHORT = "cohort"
_LAST = "last_"  # before a name: of the last order rather than of the first


def customer_labels(
    orders: Orders, ledger: Ledger, name: str, customers: Attributes | None = None
) -> NDArray[Any]:
    """A label of every customer of a ledger: text, a number as it was, or None where unknown.

    Args:
        orders: the checked orders that the ledger was made of.
        ledger: whose customers are asked for.
        name: `cohort`, the month of the first order; `source`, `campaign`, `country` or `product`
            of the first order, or with `last_` before it of the last; else a column of `customers`
            or of the orders as it stood on a customer's first row.
        customers: a table of theirs; where it has the name, it wins over the orders.

    Raises:
        ColumnError: for a name that nobody knows.
    """
    if name == COHORT:
        return _cohorts(ledger)
    if customers is not None and name in customers.columns:
        return _of_table(ledger, customers, name)
    plain = name.removeprefix(_LAST)
    if plain in TOUCHES and orders.has(plain):
        return _of_orders(orders, ledger, plain, last=plain != name)
    return _of_table(ledger, first_touch(orders, [name], customers), name)


def known_labels(orders: Orders, customers: Attributes | None = None) -> tuple[str, ...]:
    """The names by which the customers can be told apart without asking for a column by name."""
    have = () if customers is None else tuple(customers.columns)
    return tuple(name for name in TOUCHES if orders.has(name) or name in have)


def _cohorts(ledger: Ledger) -> NDArray[Any]:
    bought = ledger.first != NEVER
    found = np.full(len(ledger.first), None, dtype=object)
    found[bought] = np.datetime_as_string(month_starts(ledger.first[bought]), unit="M")
    return found


def _of_table(ledger: Ledger, known: Attributes, name: str) -> NDArray[Any]:
    n = len(ledger.customer_id)
    everyone = Summary(
        repeat_orders=np.zeros(n, dtype=np.int64),
        last_order_age=np.zeros(n),
        age=np.zeros(n),
        customer_id=ledger.customer_id,
    )
    joined = summary_with(everyone, known).covariates
    return np.asarray((joined or {})[name])


def _of_orders(orders: Orders, ledger: Ledger, name: str, last: bool) -> NDArray[Any]:
    until: dt.date = ledger.until
    table = orders.engine.query(orders.up_to(until).touches((name,), last))
    found = np.full(len(ledger.customer_id), None, dtype=object)
    names, code = codes(table[name])
    rows = places(table["customer_id"], ledger.customer_id)
    found[rows] = np.array([*names, None], dtype=object)[code]  # equal labels are one object
    return found
