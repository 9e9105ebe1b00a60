"""Drivers: which attributes, first products, sources and experiences go with a higher value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.actions.drivers import (
    Compared,
    association_rows,
    check_balance,
    check_claim,
    effect_rows,
)
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.cohorts import TICKS
from regulars.terms.errors import DataError, InputError
from regulars.terms.retention import Balance, DriverRow, Drivers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TITLE = "What goes with a higher value"
WINDOWS = (12, 6, 3)  # months, the longest that is over for enough customers counts
_ENOUGH = 200  # customers whose window is over
_EARLY = ("source", "campaign", "country", "product")  # known with the first order


def drivers(
    given: data.Orders | Valued,
    names: Sequence[str] | None = None,
    *,
    customers: data.Attributes | None = None,
    months: int | None = None,
    title: str = TITLE,
    assignment: str | None = None,
    control: str | None = None,
    **settings: Any,
) -> Drivers:
    """Compare what customers brought in their first months by what is known of them.

    Only customers whose first months are over count, so each had the same time; they are compared
    within the quarter of their first order. What is compared was counted, not predicted.

    Args:
        given: checked orders, or what `value_base` made of them.
        names: what to compare by, as for `cohorts`: source, country, product, columns of
            `customers`; all that is known where None.
        customers: a table of customers, from `read_attributes`: attributes, or experiences with
            the service, such as a bucket of the first response time.
        months: how many of the first months count; 12, or 6 or 3 where 12 are over for fewer than
            200 customers.
        title: a claim to stand above; a causal word is refused without an assignment.
        assignment: column of a random assignment made before or at the first order. Its arms are
            checked for balance and then compared with `control`; those differences are effects.
        control: the arm to compare with.
        settings: those of `value_customers`, where orders are given.

    Raises:
        InputError: for a causal word without an assignment, an assignment whose arms differ in
            what was known before it, or a name that nobody knows.
        DataError: where too few customers have had their first months.
    """
    check_claim(title, assignment)
    valued = as_valued(given, **settings)
    window, who = first_months(valued, months)
    value, measure = _brought(valued, window)
    quarter = valued.ledger.first[who] // 3
    known = Compared(value[who], quarter)
    asked = _names(valued, names, customers, assignment)
    attributes = {name: valued.labels(name, customers)[who] for name in asked}
    rows: tuple[DriverRow, ...] = ()
    balance: tuple[Balance, ...] = ()
    level = valued.question.level
    if assignment is not None:
        arms = valued.labels(assignment, customers)[who]
        balance = check_balance(assignment, arms, _before(valued, who, customers, assignment))
        rows = effect_rows(known, assignment, arms, level, control)
    rows = (*rows, *association_rows(known, attributes, level))
    return Drivers(
        title=title,
        measure=measure,
        window=window,
        customers=len(known.value),
        mean=float(known.value.mean()),
        currency=valued.answer.about.currency,
        data_date=valued.answer.about.data_date,
        level=level,
        rows=rows,
        assignment=assignment,
        balance=balance,
        notes=_notes(valued, window, months, len(known.value), assignment, bool(rows)),
    )


def first_months(valued: Valued, months: int | None = None) -> tuple[int, NDArray[np.bool_]]:
    """Months that count, and the customers for whom they are over (N,).

    Raises:
        InputError: for a window without a month.
        DataError: where they are over for nobody.
    """
    if months is not None and months < 1:
        raise InputError(f"A window of {months} months holds nothing.", "Give 1 or more.")
    ledger = valued.ledger
    last = ledger.last_month - (1 if ledger.unfinished else 0)
    tried = WINDOWS if months is None else (months,)
    through = [ledger.bought & (ledger.first + window - 1 <= last) for window in tried]
    enough = [i for i, who in enumerate(through) if who.sum() >= _ENOUGH]
    best = enough[0] if enough else len(tried) - 1
    window, who = tried[best], through[best]
    if who.sum() < 2:
        raise DataError(
            f"Nobody's first {window} months are over, so nobody can be compared.",
            "Give a longer history, or fewer months.",
        )
    return window, who


def _brought(valued: Valued, window: int) -> tuple[Floats, str]:
    """What each customer of the ledger brought in the first months, and what that is (N,)."""
    ledger, economics = valued.ledger, valued.economics
    early = ledger.age < window
    if not ledger.has_money:
        return ledger.per_customer(np.where(early, ledger.orders, 0)).astype(np.float64), "orders"
    net = ledger.per_customer(np.where(early, ledger.net, 0)) / TICKS
    if economics.profit_share is None:
        return net, "revenue"
    if not economics.from_cost:
        return net * economics.profit_share, "margin"
    return net - ledger.per_customer(np.where(early, ledger.cost, 0)) / TICKS, "margin"


def _names(
    valued: Valued,
    names: Sequence[str] | None,
    customers: data.Attributes | None,
    assignment: str | None,
) -> list[str]:
    if names is None:
        own = () if customers is None else tuple(customers.columns)
        names = (*data.known_labels(valued.orders), *own)
    return [name for name in dict.fromkeys(names) if name != assignment]


def _before(
    valued: Valued,
    who: NDArray[np.bool_],
    customers: data.Attributes | None,
    assignment: str,
) -> dict[str, NDArray[Any]]:
    """What was known before the assignment: the month, source, country ... of the first order."""
    found: dict[str, NDArray[Any]] = {"month of the first order": valued.ledger.first[who] * 1.0}
    for name in data.known_labels(valued.orders, customers):
        if name in _EARLY and name != assignment:
            found[name] = valued.labels(name, customers)[who]
    return found


def _notes(
    valued: Valued,
    window: int,
    months: int | None,
    customers: int,
    assignment: str | None,
    compared: bool,
) -> tuple[str, ...]:
    notes: list[str] = []
    if assignment is None:
        notes.append(
            "Each difference is an association: customers who differ in one thing may differ in "
            "others, and whoever stays longer has had more time to meet the service."
        )
    else:
        notes.append(
            f"'{assignment}' was taken as given by chance at or before the first order; all other "
            "differences are associations."
        )
    if months is None and window != WINDOWS[0]:
        notes.append(
            f"Only {customers:,} customers have had {window} months; a longer history would allow "
            f"{WINDOWS[0]}."
        )
    if not compared:
        notes.append("Nothing tells the customers apart: give a table of them, or orders' sources.")
    if not valued.ledger.has_money:
        notes.append("The orders carry no amounts, so orders are compared.")
    return tuple(notes)
