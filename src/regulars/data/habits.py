"""Habits: when and how each customer buys, as far as the orders tell."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.ids import places
from regulars.data.ledger import Ledger
from regulars.data.orders import EPOCH, Orders

Floats = NDArray[np.float64]

_DRAWN = 2.0  # orders of the base that stand beside a customer's own: one order is no habit


def buying_habits(orders: Orders, ledger: Ledger) -> dict[str, Floats]:
    """What is known of each customer's sales up to the ledger's last day (N,).

    Names and meanings: `weekend` and `evening`, shares of the lines on a Saturday or Sunday, and
    from 18 to 6 o'clock (only where lines have times); `discount`, what was given over what full
    prices would have brought; each of these drawn towards that of all as if by two more orders.
    And `items`, lines an order. NaN for customers without a sale.
    """
    until = (ledger.until - EPOCH).days
    hour = "EXTRACT(hour FROM ordered_at)"
    late = f"CASE WHEN {hour} >= 18 OR {hour} < 6 THEN 1 ELSE 0 END"
    with_discount = orders.has_money and orders.has("discount")
    given = "SUM(ABS(COALESCE(discount, 0)))" if with_discount else "0"
    table = orders.engine.query(
        f"SELECT customer_id, COUNT(*) AS lines, SUM({late}) AS late,"
        " SUM(CASE WHEN (day + 3) % 7 >= 5 THEN 1 ELSE 0 END) AS weekend,"
        f" CAST({given} AS DOUBLE) AS given, CAST(SUM(net) AS DOUBLE) AS net,"
        f" MIN({hour}) AS earliest, MAX({hour}) AS latest FROM {orders.relation}"
        f" WHERE kind = 'sale' AND customer_id IS NOT NULL AND day <= {until}"
        " GROUP BY customer_id ORDER BY customer_id"
    )
    if table.num_rows == 0:
        return {}
    rows = places(table["customer_id"], ledger.customer_id)
    lines, late_lines, weekend, given_away, net, earliest, latest = (
        _floats(table[name])
        for name in ("lines", "late", "weekend", "given", "net", "earliest", "latest")
    )
    placed = np.maximum(ledger.per_customer(ledger.orders)[rows], 1).astype(np.float64)
    found = {"weekend": _drawn(weekend, lines, placed), "items": lines / placed}
    if earliest.min() < latest.max():
        found["evening"] = _drawn(late_lines, lines, placed)
    if with_discount:
        full = np.maximum(net, 0.0) + given_away
        found["discount"] = _drawn(given_away, full, placed)
    return {name: _spread(values, rows, ledger) for name, values in found.items()}


def _drawn(part: Floats, whole: Floats, orders: Floats) -> Floats:
    """Shares drawn towards that of all: a customer's orders and two of the base's."""
    total = float(whole.sum())
    usual = float(part.sum()) / total if total > 0 else 0.0
    own = np.divide(part, whole, out=np.full(len(part), usual), where=whole > 0)
    return (own * orders + usual * _DRAWN) / (orders + _DRAWN)


def _floats(column: pa.ChunkedArray) -> Floats:
    return column.cast(pa.float64()).to_numpy()


def _spread(values: Floats, rows: NDArray[np.int64], ledger: Ledger) -> Floats:
    found = np.full(len(ledger.customer_id), np.nan)
    found[rows] = values
    return found
