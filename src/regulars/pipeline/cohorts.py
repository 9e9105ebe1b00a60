"""Cohorts: who stays, for how long, what they bring by age, and who moves in which period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars import data
from regulars.actions.cohorts import (
    Calendar,
    Rows,
    cohort_rows,
    cohort_sums,
    label_rows,
    serving_cost,
)
from regulars.actions.compare import row_differences
from regulars.actions.movements import customer_movements
from regulars.fitting.contracts.answer import SubscriptionAnswer
from regulars.pipeline.ahead import coming_cells
from regulars.pipeline.lifetimes import (
    contract_curves,
    contract_lifetimes,
    shop_curves,
    shop_lifetimes,
)
from regulars.pipeline.serving import counted, serving_rate
from regulars.pipeline.value import Valued, as_valued
from regulars.terms.cohorts import COHORT, NONE, TICKS, CohortGrid
from regulars.terms.errors import InputError
from regulars.terms.retention import CohortDifference, Cohorts
from regulars.terms.service import ServiceCosts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def cohorts(
    given: data.Orders | Valued,
    *,
    by: str = COHORT,
    every: str = "month",
    customers: data.Attributes | None = None,
    cac: Mapping[str, float] | Sequence[float] | None = None,
    serving: ServiceCosts | None = None,
    gap: int | None = None,
    against: tuple[str, str] | None = None,
    subscriptions: SubscriptionAnswer | None = None,
    **settings: Any,
) -> Cohorts:
    """Follow customers from their first order on: who comes again, and what they bring by age.

    Args:
        given: checked orders, or what `value_base` made of them.
        by: `cohort`, the period of the first order, or what else tells customers apart: `source`,
            `country`, `product`, a column of `customers` or of the orders.
        every: month, quarter or year: what an age counts and what a cohort is.
        customers: a table of customers, from `read_attributes`.
        cac: what a customer cost to win, by name of a row or in their order; NaN where unknown.
        serving: what serving customers cost; it is taken off the margin.
        gap: periods without an order that make a customer dormant.
        against: names of two rows to compare by age.
        subscriptions: what `value_subscriptions` found, for customers with a contract.
        settings: those of `value_customers`, where orders are given.

    Returns:
        The grid, whose rows add up to the net revenue of all customers to the last digit, how
        long customers stay, and movements.

    Raises:
        InputError: for a period, name or CAC that cannot be used.
    """
    valued = as_valued(given, **settings)
    ledger = valued.ledger
    calendar = Calendar.of(ledger, every)
    rows = (
        cohort_rows(ledger, calendar)
        if by == COHORT
        else label_rows(ledger, valued.labels(by, customers))
    )
    serving = counted(valued, serving)
    served, lost = serving_cost(ledger, serving)
    rate = serving_rate(valued, rows.code, len(rows.names), serving)
    grid = _grid(valued, rows, calendar, by, served, rate)
    costs = _cac(cac, rows)
    contracts = (
        ((), ())
        if subscriptions is None
        else (contract_lifetimes(subscriptions), contract_curves(subscriptions))
    )
    return Cohorts(
        grid=grid,
        currency=valued.answer.about.currency,
        data_date=valued.answer.about.data_date,
        level=valued.question.level,
        payback=_payback(grid, costs),
        cac=costs,
        lifetimes=(*shop_lifetimes(valued, rows), *contracts[0]),
        curves=(*shop_curves(valued, grid), *contracts[1]),
        movements=customer_movements(ledger, every, gap),
        difference=()
        if against is None
        else _against(valued, rows, calendar, against, grid.share, served),
        recurring=None if subscriptions is None else subscriptions.movements.columns(),
        notes=_notes(grid, costs, lost),
    )


def _grid(
    valued: Valued, rows: Rows, calendar: Calendar, by: str, served: Ints, rate: Floats
) -> CohortGrid:
    ledger, economics = valued.ledger, valued.economics
    cost = served + ledger.cost if economics.from_cost else served
    sums = cohort_sums(ledger, rows, calendar, cost)
    ahead = coming_cells(valued, rows, calendar)
    periods = np.arange(calendar.first, calendar.last + 1)
    return CohortGrid(
        by=by,
        every=calendar.every,
        names=rows.names,
        starts=calendar.starts(periods) if by == COHORT else None,
        sizes=sums.sizes,
        buyers=sums.buyers,
        orders=sums.orders,
        net=sums.net,
        refunds=sums.refunds,
        cost=sums.cost,
        finished=sums.finished,
        running=sums.running,
        coming=ahead,
        share=1.0 if economics.from_cost else economics.profit_share,
        profit_share=economics.profit_share,
        served=rate,
        has_money=ledger.has_money,
        level=valued.question.level,
    )


def _against(
    valued: Valued,
    rows: Rows,
    calendar: Calendar,
    pair: tuple[str, str],
    share: float | None,
    served: Ints,
) -> tuple[CohortDifference, ...]:
    ledger = valued.ledger
    cost = served + ledger.cost if valued.economics.from_cost else served
    return row_differences(ledger, rows, calendar, pair, cost, share, valued.question.level)


def _cac(given: Mapping[str, float] | Sequence[float] | None, rows: Rows) -> Floats | None:
    """CAC of each row.

    Raises:
        InputError: for a name that no row has, another number of rows, or a negative cost.
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        strange = [name for name in given if name not in rows.names]
        if strange:
            raise InputError(
                f"CAC is given for '{strange[0]}', which is no row.",
                f"Rows: {', '.join(rows.names[:8])}.",
            )
        found = np.array([given.get(name, np.nan) for name in rows.names], dtype=np.float64)
    else:
        found = np.asarray(given, dtype=np.float64)
    if found.shape != (len(rows.names),):
        raise InputError(f"{len(rows.names)} rows need a CAC each; {found.size} were given.")
    if (found < 0).any():
        raise InputError("A CAC is below 0.", "Give what it cost to win a customer.")
    return found


def _payback(grid: CohortGrid, cac: Floats | None) -> Ints | None:
    """First age at which cumulative margin reaches CAC, -1 where none known or foreseen does."""
    if cac is None or grid.share is None or not grid.has_money:
        return None
    ltv = grid.measure("ltv")
    with np.errstate(invalid="ignore"):
        reached = (ltv.values >= cac[:, None]) & (ltv.state != NONE)
    return np.where(reached.any(axis=1), reached.argmax(axis=1), -1)


def _notes(grid: CohortGrid, cac: Floats | None, lost: int) -> tuple[str, ...]:
    notes: list[str] = []
    if grid.coming is None:
        notes.append("Too little data to predict: cells to come stay empty.")
    if not grid.has_money:
        notes.append("The orders carry no amounts, so nothing is said of revenue.")
    elif cac is not None and grid.share is None:
        notes.append("Payback needs a margin or a cost column; without one none is shown.")
    if lost:
        notes.append(
            f"Service costs of {lost / TICKS:,.2f} belong to nobody with an order and are not in "
            "any cohort."
        )
    return tuple(notes)
