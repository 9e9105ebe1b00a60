"""Digest: the tables of two spans of days that a digest compares, from the orders alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data, fitting
from regulars.actions.segments import rfm
from regulars.pipeline.value import Valued
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import as_date
from regulars.valuation.change import spans_of

Tables = dict[str, dict[str, NDArray[Any]]]
_TICKS = 10_000
SOURCE = "source"


def digest_tables(
    valued: Valued,
    since: str | dt.date,
    *,
    by: str = SOURCE,
    customers: data.Attributes | None = None,
) -> tuple[Tables, Tables]:
    """What was sold in the days after `since`, and in as many days up to it.

    Net revenue is that of the ledger, to the tick: what came between two days is what stands
    there at the later less what stood at the earlier.

    Args:
        valued: from `value_base`.
        since: last day of the span before.
        by: the label that sources are told apart by.
        customers: what else is known of customers.

    Returns:
        Tables of the span before and of the span now: `sources` (`source`, `customers`, `orders`,
        `net_revenue` and sums of squares over customers) and `customers` (`customer_id`,
        `p_alive`, `expected_value`, `segment` at its end; only those with a purchase by then).

    Raises:
        InputError: where `since` is not before the data date, or the orders begin too late.
    """
    until = valued.answer.about.data_date
    day = check_since(valued.orders, since, until)
    start = day - (until - day)
    ids = valued.ledger.customer_id
    known = [_so_far(valued, ids, end) for end in (start, day)]
    known.append(_totals(valued.ledger, np.arange(len(ids)), len(ids)))
    names, place = _sources(valued, by, customers)
    spans: list[dict[str, NDArray[Any]]] = []
    for (orders0, net0), (orders1, net1) in (known[:2], known[1:]):
        orders, revenue = (orders1 - orders0).astype(float), (net1 - net0) / _TICKS
        found = spans_of(place, len(names), orders, revenue)
        spans.append(
            {
                "source": np.array(names, dtype=object),
                "customers": np.array([span.customers for span in found]),
                "orders": np.array([span.orders for span in found]),
                "net_revenue": data.sum_by(place, net1 - net0, len(names)) / _TICKS,
                "orders_squares": np.array([span.orders_squares for span in found]),
                "revenue_squares": np.array([span.revenue_squares for span in found]),
                "products": np.array([span.products for span in found]),
            }
        )
    people = [_people(valued, end) for end in (day, until)]
    before, now = (
        {"sources": span} | ({"customers": who} if who else {})
        for span, who in zip(spans, people, strict=True)
    )
    return before, now


def check_since(
    orders: data.Orders, since: str | dt.date, until: str | dt.date | None = None
) -> dt.date:
    """The day that ends the span before, where the orders cover both spans whole.

    Args:
        orders: checked.
        since: last day of the span before.
        until: last day of the span now; the last day of the orders where None.

    Raises:
        InputError: where `since` is not before `until`, or as many days up to it begin before
            the first day of the orders: the two spans would not be of one length.
    """
    day, end = as_date(since), as_date(until)
    first, last = orders.bounds or (dt.date.min, dt.date.max)
    end = end or last
    if day is None or day >= end:
        raise InputError(f"{day} is not before the data date, {end}.", "Give an earlier day.")
    days = (end - day).days
    if (day - first).days + 1 >= days:
        return day
    earliest = end - dt.timedelta(days=((end - first).days + 1) // 2)
    raise InputError(
        f"The {days} days since {day} cannot be compared with as many days before: the orders "
        f"begin on {first}, later than those.",
        f"Give {earliest} or a later day." if earliest < end else "Wait for more orders.",
    )


def _sources(
    valued: Valued, by: str, customers: data.Attributes | None
) -> tuple[list[str], NDArray[np.int64]]:
    if by == SOURCE and not valued.orders.has(SOURCE) and customers is None:
        return ["All"], np.zeros(len(valued.ledger.customer_id), dtype=np.int64)
    found = valued.labels(by, customers)
    texts = np.array([data.UNKNOWN if v is None else str(v) for v in found.tolist()], dtype=object)
    names, place = np.unique(texts.astype(str), return_inverse=True)
    return [str(name) for name in names], place.astype(np.int64)


def _so_far(
    valued: Valued, ids: NDArray[Any], until: dt.date
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Orders and net revenue of each customer up to a day; nothing before there was any."""
    try:
        ledger = data.keep_ledger(valued.orders, until)
    except DataError:
        return np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.int64)
    return _totals(ledger, np.searchsorted(ids, ledger.customer_id), len(ids))


def _totals(
    ledger: data.Ledger, rows: NDArray[Any], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    orders, net = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    orders[rows] = ledger.per_customer(ledger.orders)
    net[rows] = ledger.net_of_customer
    return orders, net


def _people(valued: Valued, until: dt.date) -> dict[str, NDArray[Any]]:
    """Customers with a purchase by a day: P(alive) by the model of today, and RFM segment."""
    if until == valued.answer.about.data_date:
        summary, history = valued.summary, valued.history
    else:
        try:
            summary = data.summarise(valued.orders, until=until, unit=valued.summary.unit)
        except DataError:
            return {}
        history = data.customer_table(valued.orders, until=until)
    days = (np.datetime64(until, "D") - history.last_order).astype(np.int64)
    revenue = history.value if valued.orders.has_money else None
    scores = rfm.rfm_scores(days, history.orders, revenue)
    names = np.array([segment.name for segment in rfm.SEGMENTS], dtype=object)
    found = {
        "customer_id": history.customer_id,
        "segment": names[rfm.segment_codes(scores.r, scores.f, scores.m)],
    }
    if valued.outlook is not None:
        found["p_alive"] = fitting.p_alive(valued.outlook.fitted, summary)
        if until == valued.answer.about.data_date:
            share = valued.economics.profit_share
            found["expected_value"] = valued.outlook.value * (1.0 if share is None else share)
    return found
