"""Retention: how long customers stay, who moves, who differs, and all of it together.

`pipeline` makes these and `reports` renders them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate
from regulars.terms.cohorts import CohortGrid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class RetentionCurve:
    """A share by age with its interval: counted up to now, expected after it.

    Attributes:
        name: whose. every: what an age counts. world: `shop` or `contract`.
        age: 0, 1, 2 ... value, low, high: the share. counted: customers it is known of.
        expected: which entries are foreseen.
    """

    name: str
    every: str
    world: str
    age: Ints
    value: Floats
    low: Floats
    high: Floats
    counted: Floats
    expected: Bools


@dataclass(frozen=True)
class Lifetime:
    """How long customers of a group stay.

    Attributes:
        name: of the group, `all` for everyone. world: `shop` or `contract`.
        customers: how many. alive: expected number who are customers still.
        churn: share of those there a year ago who left since (a month's share with a contract);
            None where nobody was there.
        remaining: expected months that a customer of the group is still to stay.
        lifetime: age so far (up to the last order for who left) + remaining, in months.
    """

    name: str
    world: str
    customers: int
    alive: Estimate
    churn: Estimate | None
    remaining: Estimate | None
    lifetime: Estimate | None


@dataclass(frozen=True)
class CustomerMovements:
    """In which state every customer is in each period, and the revenue of each state.

    Who buys for the first time is new; who bought within the last `gap` periods is returning and
    who did not is resurrected. Without an order, a customer is resting until `gap` periods are
    over, dormant in the period in which they are, and asleep after it.

    Attributes:
        every, gap: what a period is, and how many of them without an order make dormant.
        periods: first days (p,). unfinished: whether the last one is.
        customers: state -> how many customers (p,).
        net: state -> net revenue in integers of 1/10000 (p,); `idle` is that of customers who did
            not buy in the period, which is refunds.
    """

    every: str
    gap: int
    periods: Dates
    unfinished: bool
    customers: Mapping[str, Ints]
    net: Mapping[str, Ints]

    @property
    def active(self) -> Ints:
        """Customers who bought in each period."""
        states = ("new", "returning", "resurrected")
        return np.sum([self.customers[state] for state in states], axis=0).astype(np.int64)

    @property
    def net_revenue(self) -> Ints:
        """Net revenue of each period in integers of 1/10000."""
        return np.sum(list(self.net.values()), axis=0).astype(np.int64)


@dataclass(frozen=True)
class CohortDifference:
    """One cohort against another by age: `first` minus `second`, with intervals.

    Attributes:
        measure: what is compared. age: compared ages, finished in both.
        of_first, of_second, difference, low, high: one entry an age.
        customers: of the two cohorts.
    """

    first: str
    second: str
    measure: str
    age: Ints
    of_first: Floats
    of_second: Floats
    difference: Floats
    low: Floats
    high: Floats
    customers: tuple[int, int]


@dataclass(frozen=True)
class DriverRow:
    """One value of one attribute and how the worth of its customers differs from the others'.

    Attributes:
        attribute, value: what is compared. customers, others: how many on each side.
        mean, others_mean: of what is compared, not adjusted.
        difference: adjusted for the period of the first order, with its interval.
        p_value: two-sided; adjusted: the same after Benjamini and Hochberg (1995).
        clear: whether the adjusted one is below 1 - level.
        small: fewer than 30 customers on a side.
        label: `association`, or `effect` under a random assignment.
    """

    attribute: str
    value: str
    customers: int
    others: int
    mean: float
    others_mean: float
    difference: Estimate
    p_value: float
    adjusted: float
    clear: bool
    small: bool
    label: str


@dataclass(frozen=True)
class Balance:
    """Whether the arms of an assignment look alike in what was known before it."""

    characteristic: str
    p_value: float


@dataclass(frozen=True)
class Drivers:
    """What goes with a higher value.

    Attributes:
        title: the claim, checked for causal words. measure: what is compared, in words.
        window: months after the first order that count. customers: who had them in full.
        mean: of all of them. currency, data_date, level: of every number.
        rows: the clear ones first, each part by difference.
        assignment: column of a random assignment, None for associations; balance: its checks.
        notes: sentences that a reader must see.
    """

    title: str
    measure: str
    window: int
    customers: int
    mean: float
    currency: str
    data_date: dt.date
    level: float
    rows: tuple[DriverRow, ...]
    assignment: str | None
    balance: tuple[Balance, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Cohorts:
    """Everything found of how customers stay.

    Attributes:
        grid: the cohorts. currency, data_date, level: of every number.
        payback: age at which cumulative margin has reached CAC, per row (-1 never within what is
            known or foreseen); None without costs. cac: what a customer of the row cost to win.
        lifetimes: all, then each row. curves: retention by age, one a world.
        movements: of customers. difference: of two rows, where asked for.
        recurring: column -> array, movements of recurring revenue where there are subscriptions.
        notes: sentences that a reader must see.
    """

    grid: CohortGrid
    currency: str
    data_date: dt.date
    level: float
    payback: Ints | None
    cac: Floats | None
    lifetimes: tuple[Lifetime, ...]
    curves: tuple[RetentionCurve, ...]
    movements: CustomerMovements
    difference: tuple[CohortDifference, ...] = ()
    recurring: Mapping[str, NDArray[Any]] | None = None
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        customers = int(self.grid.buyers.sum())
        return f"<Cohorts of {customers:,} customers by {self.grid.by}, up to {self.data_date}>"
