"""The tables of a study that belong to no single question: every customer, and every month."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.data.ledger import month_starts
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
    ticks = [int(costs.within(*days).sum()) for days in _days_of(ledger)]
    return {**months, "spend": np.array(ticks) / 10_000}


def spend_elsewhere(valued: Valued, costs: data.Costs | None) -> tuple[str, ...]:
    """What to say of spend that lies in no month of the orders."""
    if costs is None or not len(costs):
        return ()
    days = _days_of(valued.ledger)
    first, last = days[0][0], days[-1][1]
    before = int(costs.up_to(first).sum())
    after = costs.total - before - int(costs.within(first, last).sum())
    parts = [
        f"{ticks / 10_000:,.2f} {when}"
        for ticks, when in ((before, f"before {first}"), (after, f"after {last}"))
        if ticks
    ]
    if not parts:
        return ()
    return (f"Of the spend, {' and '.join(parts)} lie outside the months of the orders.",)


def _days_of(ledger: data.Ledger) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each month of the orders; the last one ends with the data date."""
    edges = month_starts(np.arange(int(ledger.month.min()), ledger.last_month + 2)).tolist()
    day = dt.timedelta(days=1)
    return [(first, min(after - day, ledger.until)) for first, after in pairwise(edges)]
