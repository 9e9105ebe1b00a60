"""Monthly: the calendar months of a shop, and everyone in its ledger, as tables."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.data.ledger import NEVER, Ledger, month_starts, sum_by

Columns = dict[str, NDArray[Any]]


def months_table(ledger: Ledger, margin: float | None = None) -> Columns:
    """One row for each calendar month from the first row to the cut-off, without a gap.

    Args:
        ledger: what every customer did.
        margin: share of net revenue that is profit; the cost column serves where it is None.

    Returns:
        month, finished, customers (who bought), new_customers, returning_customers, orders,
        net_revenue, refunds, and margin (NaN where neither margin nor cost is known).
    """
    start = int(ledger.month.min())
    count = ledger.last_month - start + 1
    place = ledger.month - start
    everyone = sum_by(place, ledger.active, count)
    first = ledger.first[ledger.first != NEVER] - start
    new = np.bincount(first, minlength=count).astype(np.int64)
    finished = np.ones(count, dtype=bool)
    finished[-1] = not ledger.unfinished
    return {
        "month": month_starts(start + np.arange(count)),
        "finished": finished,
        "customers": everyone,
        "new_customers": new,
        "returning_customers": everyone - new,
        "orders": sum_by(place, ledger.orders, count),
        **money_columns(ledger, place, count, margin),
    }


def money_columns(
    ledger: Ledger, place: NDArray[np.int64], count: int, margin: float | None
) -> Columns:
    """net_revenue, refunds and margin of groups of rows; NaN where the orders have no amounts.

    Args:
        ledger: whose rows are summed.
        place: the group of each row (m,).
        count: how many groups there are.
        margin: share of net revenue that is profit; the cost column serves where it is None.
    """
    blank = np.full(count, np.nan)
    if not ledger.has_money:
        return {"net_revenue": blank, "refunds": blank, "margin": blank}
    net = sum_by(place, ledger.net, count)
    kept = blank
    if margin is not None:
        kept = net * margin / 10_000
    elif ledger.has_cost:
        kept = (net - sum_by(place, ledger.cost, count)) / 10_000
    return {
        "net_revenue": net / 10_000,
        "refunds": sum_by(place, ledger.refunds, count) / 10_000,
        "margin": kept,
    }


def everyone_table(ledger: Ledger, columns: Mapping[str, NDArray[Any]]) -> Columns:
    """One row for each customer of the ledger: id, net_revenue, and the given columns (N,)."""
    net = ledger.net_of_customer / 10_000
    if not ledger.has_money:
        net = np.full(len(net), np.nan)
    return {"customer_id": ledger.customer_id, "net_revenue": net, **columns}
