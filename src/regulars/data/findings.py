"""What the audit counts: rows and money, customers and their days, products, gaps in time."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from regulars.data.quoting import value

if TYPE_CHECKING:
    from regulars.data.orders import Orders

_GAP = 14  # days without a sale that deserve a word
_BUSY = 0.005  # of all sales, left out at either end when gaps are looked for
_TEST = r"(^|[^a-z])test([^a-z]|[0-9]|$)"
_EXTRA_CODES = (
    "post|dot|m|d|b|s|c2|c3|adjust[0-9]*|bank charges|amazonfee|cruk|fee|shipping|postage"
)
_EXTRA_WORDS = (
    r"^(postage|dotcom postage|carriage|shipping|delivery|bank charges|manual|discount|samples"
    r"|adjust\w*( bad debt| by .*)?|amazon fee|handling fee)$"
)


@dataclass(frozen=True)
class Findings:
    """Counts of rows, days and customers; money in integers of 1/10000.

    customers bought at least once; cancelled_days are (customer, day) with a sale that was taken
    back whole; equal_rows are further copies of a row; tests and extras are (rows, net).
    free are sales of nothing to a customer; below are rows below zero that no word and no order
    number calls a refund.
    gaps are (first, last day without a sale).
    """

    rows: int
    sales: int
    refund_rows: int
    chargebacks: int
    orders: int
    gross: int
    refunds: int
    net: int
    free: int
    below: int
    below_net: int
    unowned: int
    unowned_net: int
    customers: int
    one_time: int
    three_times: int
    busiest: int
    purchase_days: int
    refund_only: int
    refund_only_net: int
    cancelled_days: int
    equal_rows: int
    tests: tuple[int, int]
    extras: tuple[int, int]
    gaps: list[tuple[dt.date, dt.date]]
    first_date: dt.date | None
    last_date: dt.date | None

    @property
    def days(self) -> int:
        """Days from the first to the last, both included; 0 without rows."""
        if self.first_date is None or self.last_date is None:
            return 0
        return (self.last_date - self.first_date).days + 1


def find(orders: "Orders") -> Findings:
    """Count everything the audit tells."""
    engine, lines = orders.engine, orders.relation
    first, last = orders.bounds or (None, None)
    none = "customer_id IS NULL"
    owned = "customer_id IS NOT NULL AND kind = 'sale'"
    free = f"{owned} AND gross = 0"
    below = f"kind = 'refund' AND NOT ({_declared(orders)})"
    totals = engine.row(
        "SELECT COUNT(*), count_if(kind = 'sale'), count_if(kind = 'refund'),"
        f" count_if(kind = 'chargeback'), SUM(gross), SUM(refunded), SUM(net), count_if({free}),"
        f" count_if({below}), SUM(CASE WHEN {below} THEN net ELSE 0 END), count_if({none}),"
        f" SUM(CASE WHEN {none} THEN net ELSE 0 END) FROM {lines}"
    )
    rows, sales, back, charged, gross, refunds, net, *rest = _ints(totals)
    free_rows, below_rows, below_net, unowned, unowned_net = rest
    placed = sales
    if orders.has_order_id:
        (placed,) = _ints(
            engine.row(
                "SELECT COUNT(DISTINCT order_id) + count_if(order_id IS NULL)"
                f" FROM {lines} WHERE kind = 'sale'"
            )
        )
    if orders.has_order_id and free_rows:
        given = (
            f"SELECT order_id FROM {lines} WHERE {owned} GROUP BY order_id HAVING MAX(gross) = 0"
        )
        (free_rows,) = _ints(engine.row(f"SELECT COUNT(*) FROM ({given})"))
    return Findings(
        rows=rows,
        sales=sales,
        refund_rows=back,
        chargebacks=charged,
        orders=placed,
        gross=gross,
        refunds=refunds,
        net=net,
        free=free_rows if orders.has_money else 0,
        below=below_rows,
        below_net=below_net,
        unowned=unowned,
        unowned_net=unowned_net,
        **_people(orders, last),
        equal_rows=_equal_rows(orders),
        tests=_named(orders, _TEST, _TEST),
        extras=_named(orders, f"^({_EXTRA_CODES})$", _EXTRA_WORDS),
        gaps=_gaps(orders),
        first_date=first,
        last_date=last,
    )


def _declared(orders: "Orders") -> str:
    """Whether a refund was called one, as far as the lines can still tell."""
    tests = [
        f"(file = {part.file} AND {part.kinds.declared})"
        for part in orders.lines
        if part.kinds.declared != "FALSE"
    ]
    return " OR ".join(tests) or "FALSE"


def _people(orders: "Orders", last: dt.date | None) -> dict[str, int]:
    """Customers by how often they bought, and days that came to nothing."""
    queries = orders.up_to(last or dt.date(1970, 1, 1))
    row = orders.engine.row(
        "SELECT count_if(days > 0), count_if(days = 1), count_if(days >= 3), MAX(days), SUM(days),"
        " count_if(days = 0), SUM(CASE WHEN days = 0 THEN net ELSE 0 END), SUM(undone) FROM"
        " (SELECT SUM(bought) AS days, SUM(net) AS net, SUM(CASE WHEN bought = 0 AND orders > 0"
        f" THEN 1 ELSE 0 END) AS undone FROM ({queries.days()}) GROUP BY customer_id)"
    )
    names = ("customers", "one_time", "three_times", "busiest", "purchase_days", "refund_only")
    return dict(zip((*names, "refund_only_net", "cancelled_days"), _ints(row), strict=True))


def _equal_rows(orders: "Orders") -> int:
    copies = (
        f"SELECT COUNT(*) - 1 AS n FROM {orders.relation} GROUP BY row_hash HAVING COUNT(*) > 1"
    )
    return _ints(orders.engine.row(f"SELECT SUM(n) FROM ({copies})"))[0]


def _named(orders: "Orders", code: str, words: str) -> tuple[int, int]:
    """Rows, and their net, whose product code or description says what they are."""
    named = [part for part in orders.lines if {"product", "description"} & set(part.fields)]
    if not named:
        return 0, 0
    found = (
        f"regexp_matches(lower(coalesce(product, '')), {value(code)})"
        f" OR regexp_matches(lower(coalesce(description, '')), {value(words)})"
    )
    row = orders.engine.row(f"SELECT COUNT(*), SUM(net) FROM {orders.relation} WHERE {found}")
    rows, net = _ints(row)
    return rows, net


def _gaps(orders: "Orders") -> list[tuple[dt.date, dt.date]]:
    """Spans of more than two weeks without any sale, between the first and the last busy day."""
    table = orders.engine.query(
        f"SELECT day, COUNT(*) AS n FROM {orders.relation} WHERE kind = 'sale'"
        " GROUP BY day ORDER BY day"
    )
    day = table["day"].to_numpy().astype("datetime64[D]")
    share = np.cumsum(table["n"].to_numpy())
    busy = (share > share[-1] * _BUSY) & (share <= share[-1] * (1 - _BUSY)) if len(day) else []
    day = day[busy] if len(day) else day
    quiet = np.flatnonzero(np.diff(day).astype(np.int64) > _GAP + 1)
    return [((day[i] + 1).item(), (day[i + 1] - 1).item()) for i in quiet]


def _ints(row: tuple[Any, ...]) -> list[int]:
    return [int(item or 0) for item in row]
