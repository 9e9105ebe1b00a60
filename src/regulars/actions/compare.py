"""Compare: one row of customers against another, age by age, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from regulars.actions.cohorts import Calendar, Rows, first_of_period
from regulars.data.ledger import Ledger
from regulars.terms.cohorts import TICKS
from regulars.terms.errors import InputError
from regulars.terms.retention import CohortDifference
from regulars.terms.shares import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Side:
    """The customers of a row by age (a,): how many finished it, were active in it, brought."""

    customers: Ints
    active: Ints
    mean: Floats
    variance: Floats


def row_differences(
    ledger: Ledger,
    rows: Rows,
    calendar: Calendar,
    pair: tuple[str, str],
    cost: Ints,
    share: float | None,
    level: float,
) -> tuple[CohortDifference, ...]:
    """Retention and what a customer brought so far: the first row less the second, by age.

    Shares are compared by Newcombe's (1998) hybrid of score intervals, means by Welch's normal
    interval. What was brought is margin where it is known, else revenue.

    Args:
        ledger: what customers did.
        rows: who stands where.
        calendar: periods of an age.
        pair: names of two rows.
        cost: integers of 1/10000 to be taken off each row of the ledger (m,).
        share: margin over revenue before cost; None where it is unknown.
        level: coverage.

    Raises:
        InputError: for a name that no row has, or the same twice.
    """
    for name in pair:
        if name not in rows.names:
            more = f", and {len(rows.names) - 12} more" if len(rows.names) > 12 else ""
            raise InputError(f"'{name}' is no row.", f"Rows: {', '.join(rows.names[:12])}{more}.")
    if pair[0] == pair[1]:
        raise InputError(f"'{pair[0]}' cannot be held against itself.", "Name two rows.")
    sides = [_side(ledger, rows.code == rows.names.index(n), calendar, cost, share) for n in pair]
    ages = np.arange(calendar.count)
    known = (sides[0].customers > 0) & (sides[1].customers > 0)
    found: list[CohortDifference] = []
    for measure in ("retention", "ltv"):
        if measure == "ltv" and not ledger.has_money:
            continue
        share_of = measure == "retention"
        values = [s.active / np.maximum(s.customers, 1) if share_of else s.mean for s in sides]
        low, high = (newcombe if share_of else welch)(sides[0], sides[1], level)
        found.append(
            CohortDifference(
                first=pair[0],
                second=pair[1],
                measure=measure,
                age=ages[known],
                of_first=values[0][known],
                of_second=values[1][known],
                difference=(values[0] - values[1])[known],
                low=low[known],
                high=high[known],
                customers=(int(sides[0].customers.max()), int(sides[1].customers.max())),
            )
        )
    return tuple(found)


def _side(
    ledger: Ledger, members: NDArray[np.bool_], calendar: Calendar, cost: Ints, share: float | None
) -> Side:
    members = members & ledger.bought
    mine = members[ledger.customer]
    a = calendar.count
    number = np.cumsum(members) - 1  # place among the members
    first = ledger.first // calendar.months
    period = ledger.month // calendar.months
    who, age = number[ledger.customer[mine]], np.maximum(period - first[ledger.customer], 0)[mine]
    brought = (ledger.net * (1.0 if share is None else share) - cost * (share is not None)) / TICKS
    oldest = (calendar.done - first)[members]  # the last age that is over
    customers = np.array([int((oldest >= i).sum()) for i in range(a)], dtype=np.int64)
    new = first_of_period(ledger, period)[mine]
    over = age <= oldest[who]
    active = np.bincount(age[over], weights=new[over], minlength=a).astype(np.int64)
    order = np.argsort(age, kind="stable")
    ends = np.searchsorted(age[order], np.arange(a + 1))
    so_far, mean, variance = np.zeros(len(oldest)), np.full(a, np.nan), np.full(a, np.nan)
    for i in range(a):
        rows = order[ends[i] : ends[i + 1]]
        so_far += np.bincount(who[rows], weights=brought[mine][rows], minlength=len(oldest))
        there = so_far[oldest >= i]
        if len(there):
            mean[i] = there.mean()
            variance[i] = there.var(ddof=1) if len(there) > 1 else np.nan
    return Side(customers, active, mean, variance)


def newcombe(one: Side, two: Side, level: float) -> tuple[Floats, Floats]:
    """Interval of the difference of two shares (Newcombe 1998, method 10)."""
    p = one.active / np.maximum(one.customers, 1)
    q = two.active / np.maximum(two.customers, 1)
    (low_p, high_p) = wilson(one.active, one.customers, level)
    (low_q, high_q) = wilson(two.active, two.customers, level)
    low = p - q - np.sqrt((p - low_p) ** 2 + (high_q - q) ** 2)
    return low, p - q + np.sqrt((high_p - p) ** 2 + (q - low_q) ** 2)


def welch(one: Side, two: Side, level: float) -> tuple[Floats, Floats]:
    """Normal interval of the difference of two means with variances of their own."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    n, m = (np.maximum(side.customers, 1) for side in (one, two))
    half = z * np.sqrt(one.variance / n + two.variance / m)
    return one.mean - two.mean - half, one.mean - two.mean + half
