"""Habits: when and how each customer buys, as far as the orders tell."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.data.ledger import Ledger
from regulars.data.orders import EPOCH, Orders

Floats = NDArray[np.float64]

_DRAWN = 2.0  # days of the base that stand beside a customer's own, so that one order is no habit


def buying_habits(orders: Orders, ledger: Ledger) -> dict[str, Floats]:
    """What is known of each customer's sales up to the ledger's last day (N,).

    Names and meanings: `weekend` and `evening`, shares of the days with a sale that were a
    Saturday or Sunday, and on which a sale came between 18 and 6 o'clock (only where sales have
    times); `discount`, what was given over what full prices would have brought; each of these drawn
    towards the mean of all as if by two more days. And `products`, different ones on a day with a
    sale (where lines name them). NaN for customers without a sale.
    """
    until = (ledger.until - EPOCH).days
    sold = f"kind = 'sale' AND customer_id IS NOT NULL AND day <= {until}"
    hour = "EXTRACT(hour FROM ordered_at)"
    late = f"MAX(CASE WHEN {hour} >= 18 OR {hour} < 6 THEN 1 ELSE 0 END)"
    products = ", COUNT(DISTINCT product) AS products" if orders.has("product") else ""
    days = (
        f"SELECT customer_id, day, {late} AS late, SUM(ABS(COALESCE(discount, 0))) AS given,"
        f" SUM(net) AS net{products} FROM {orders.relation} WHERE {sold} GROUP BY customer_id, day"
    )
    table = orders.engine.query(
        "SELECT customer_id, COUNT(*) AS days, SUM(late) AS late,"
        " SUM(CASE WHEN (day + 3) % 7 >= 5 THEN 1 ELSE 0 END) AS weekend,"
        " CAST(SUM(given) AS DOUBLE) AS given, CAST(SUM(net) AS DOUBLE) AS net"
        f"{products.replace('COUNT(DISTINCT product)', 'SUM(products)')}"
        f" FROM ({days}) AS d GROUP BY customer_id ORDER BY customer_id"
    )
    rows = places(ledger, table["customer_id"])
    count, late_days, weekend, given, net = (
        _floats(table[name]) for name in ("days", "late", "weekend", "given", "net")
    )
    found = {"weekend": _drawn(weekend, count, count)}
    hours = f"SELECT COUNT(DISTINCT {hour}) FROM {orders.relation} WHERE {sold}"
    if int(orders.engine.scalar(hours)) > 1:
        found["evening"] = _drawn(late_days, count, count)
    if orders.has("product"):
        found["products"] = _floats(table["products"]) / count
    if orders.has_money and orders.has("discount"):
        found["discount"] = _drawn(given, np.maximum(net, 0.0) + given, count)
    return {name: _spread(values, rows, ledger) for name, values in found.items()}


def places(ledger: Ledger, ids: pa.ChunkedArray) -> NDArray[np.int64]:
    """The place in a ledger of each id of a sorted column; all are among its own."""
    own = pa.array(ledger.customer_id)
    named = ids.combine_chunks().cast(own.type)
    if named.equals(own):
        return np.arange(len(own), dtype=np.int64)
    where = {key: place for place, key in enumerate(own.to_pylist())}
    return np.array([where[key] for key in named.to_pylist()], dtype=np.int64)


def _drawn(part: Floats, whole: Floats, count: Floats) -> Floats:
    """Shares drawn towards that of all: each customer's days and two of the base's."""
    total = float(whole.sum())
    usual = float(part.sum()) / total if total > 0 else 0.0
    own = np.divide(part, whole, out=np.full(len(part), usual), where=whole > 0)
    return (own * count + usual * _DRAWN) / (count + _DRAWN)


def _floats(column: pa.ChunkedArray) -> Floats:
    return column.cast(pa.float64()).to_numpy()


def _spread(values: Floats, rows: NDArray[np.int64], ledger: Ledger) -> Floats:
    found = np.full(len(ledger.customer_id), np.nan)
    found[rows] = values
    return found
