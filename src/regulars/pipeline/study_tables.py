"""The tables of a study that belong to no single question: every customer, and every month."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.pipeline.value import Valued
from regulars.terms.segments import Segments

Columns = dict[str, NDArray[Any]]

_OF_SEGMENTS = ("r", "f", "m", "rfm_segment", "tier", "stage", "persona", "value_at_risk")


def customers_table(
    valued: Valued, customers: data.Attributes | None, segments: Segments | None
) -> Columns:
    """One row for each customer with any row in the orders, with all that was found of them.

    Who never bought has a net_revenue and no orders; everything else of theirs is empty.
    """
    ledger = valued.ledger
    known = data.known_labels(valued.orders, customers)
    columns: Columns = {name: valued.labels(name, customers) for name in (*known, "cohort")}
    for name, values in valued.answer.customers.items():
        if name not in ("customer_id", "orders"):
            columns[name] = valued.to_all(values)
    columns["orders"] = ledger.per_customer(ledger.orders)
    if segments is not None:
        columns |= {name: segments.columns[name] for name in _OF_SEGMENTS}
    return data.everyone_table(ledger, columns)


def months_with_spend(valued: Valued, costs: data.Costs | None) -> Columns:
    """One row for each calendar month of the orders, with what was spent to win customers."""
    ledger = valued.ledger
    months = data.months_table(ledger, valued.question.margin)
    if costs is None or not len(costs):
        return months
    spent, total = costs.by_month(np.zeros(len(costs), dtype=np.int64), 1)
    start = int(ledger.month.min())
    place = spent - start
    inside = (place >= 0) & (place < len(months["month"]))
    spend = np.zeros(len(months["month"]))
    spend[place[inside]] = total[0][inside] / 10_000
    return {**months, "spend": spend}
