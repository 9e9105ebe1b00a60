"""Touches: how customers are told apart by where they came from, what they first bought, and so on.

One entry for each customer of a ledger; None where nothing is known.
"""

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.attributes import Attributes, first_touch, summary_with
from regulars.data.ids import Ints, codes, places
from regulars.data.ledger import NEVER, Ledger, month_starts
from regulars.data.orders import Orders
from regulars.terms.summary import Summary

TOUCHES = ("source", "campaign", "country", "product")  # texts that orders may carry
COHORT = "cohort"
_ASKED = (("source", "campaign"), ("country",), ("product",))  # of the last order, together
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
    return labels_beside(orders, ledger, name, customers)[name]


def labels_beside(
    orders: Orders, ledger: Ledger, name: str, customers: Attributes | None = None
) -> dict[str, NDArray[Any]]:
    """A label as `customer_labels` gives it, with others that cost nothing more to find.

    Raises:
        ColumnError: for a name that nobody knows.
    """
    have = () if customers is None else customers.columns
    if name == COHORT:
        return {name: _cohorts(ledger)}
    if customers is not None and name in have:
        found = _of_table(ledger, customers)
        return {other: labels for other, labels in found.items() if other != COHORT}
    plain = name.removeprefix(_LAST)
    if plain not in TOUCHES or not orders.has(plain):
        return _of_table(ledger, first_touch(orders, [name], customers))
    before = _LAST if plain != name else ""
    group = next(group for group in _ASKED if plain in group) if before else TOUCHES
    names = [other for other in group if orders.has(other) and before + other not in have]
    return _of_orders(orders, ledger, names, before)


def known_labels(orders: Orders, customers: Attributes | None = None) -> tuple[str, ...]:
    """The names by which the customers can be told apart without asking for a column by name."""
    have = () if customers is None else tuple(customers.columns)
    return tuple(name for name in TOUCHES if orders.has(name) or name in have)


def _cohorts(ledger: Ledger) -> NDArray[Any]:
    bought = ledger.first != NEVER
    found = np.full(len(ledger.first), None, dtype=object)
    found[bought] = np.datetime_as_string(month_starts(ledger.first[bought]), unit="M")
    return found


def _of_table(ledger: Ledger, known: Attributes) -> dict[str, NDArray[Any]]:
    n = len(ledger.customer_id)
    everyone = Summary(
        repeat_orders=np.zeros(n, dtype=np.int64),
        last_order_age=np.zeros(n),
        age=np.zeros(n),
        customer_id=ledger.customer_id,
    )
    return dict(summary_with(everyone, known).covariates or {})


def _of_orders(
    orders: Orders, ledger: Ledger, names: list[str], before: str
) -> dict[str, NDArray[Any]]:
    until: dt.date = ledger.until
    table = orders.engine.query(orders.up_to(until).touches(names, before == _LAST))
    rows = places(table["customer_id"], ledger.customer_id)
    return {before + name: _spread(table[name], rows, ledger) for name in names}


def _spread(column: pa.ChunkedArray, rows: Ints, ledger: Ledger) -> NDArray[Any]:
    """A column of some customers as an entry for each of all."""
    found = np.full(len(ledger.customer_id), None, dtype=object)
    names, code = codes(column)
    found[rows] = np.array([*names, None], dtype=object)[code]  # equal labels are one object
    return found
