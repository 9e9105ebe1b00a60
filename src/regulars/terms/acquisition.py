"""Acquisition: what winning customers costs and brings, by source or whatever tells them apart.

`pipeline` makes it and `reports` renders it. Rows are groups of customers; money that was counted
is in integers of 1/10000, estimates are in units of the currency. No value here has the cost of
winning subtracted but `difference` and the marginal `gain`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Texts = NDArray[np.object_]

SMALL = 30  # customers below which a row is flagged
LOSES, MAY_LOSE = "loses", "may lose"


@dataclass(frozen=True)
class Ranges:
    """An estimate of each row with its interval (r,); NaN where there is none."""

    value: Floats
    low: Floats
    high: Floats

    @classmethod
    def none(cls, rows: int) -> Ranges:
        """No estimate of any row."""
        return cls(*(np.full(rows, np.nan) for _ in range(3)))


@dataclass(frozen=True)
class Marginal:
    """What more spend wins, of each row (r,).

    Attributes:
        elasticity: by how many percent new customers rise with one percent more spend.
        reason: why it cannot be told; '' where it can.
        cac: what one more customer costs.
        gain: value at the horizon of one more customer less what that one costs.
        danger: `loses`, `may lose` or '' of the last customer that the spend won.
        period: what was compared: weeks or months.
    """

    elasticity: Ranges
    reason: Texts
    cac: Ranges
    gain: Ranges
    danger: Texts
    period: str


@dataclass(frozen=True)
class Touch:
    """The same customers by their last touch instead: labels and how many each has."""

    labels: Texts
    customers: Ints


@dataclass(frozen=True)
class Acquisition:
    """Groups of customers (r rows), what it cost to win them and what they bring.

    Attributes:
        by, touch: what tells customers apart, and at which touch (`first` or `last`).
        currency, level, data_date, first_date: of money, intervals and orders.
        margin: profit over revenue; None where it is unknown, and `ltv` is revenue then.
        horizon, horizons: months that the verdict looks at, and all that are told.
        labels: of the rows (r,).
        customers: who bought, of each row; all customers where they never did (r,).
        never: marks the row of those who never bought, and rows of spend that won nobody.
        won: customers won on the days that the row's spend covers.
        spend, counted: all spend, and the part on days that the orders cover; ticks.
        net, refunds, cost: realised; ticks. net is sales less refunds.
        serving: realised cost to serve; ticks. None where it is not known.
        cac, blended: spend over customers won of each row, and of all rows together.
        ltv, revenue: months -> value of a customer since the first order: margin less cost to
            serve, and net revenue. Seen where it has come, expected where not.
        everybody: months -> `ltv` of all customers together, one entry.
        coming: share of `ltv` at the horizon that is expected (r,).
        ratio: ltv at the horizon over cac.
        payback: months after the first order's until cumulative ltv reaches the cac; infinite
            where not within `horizons[-1]`, NaN where not known.
        bearable, bearable_three: the most a customer may cost, for 1:1 and for 3:1.
        difference: income less cost of winning, of the customers won.
        danger: `loses`, `may lose` or '' by the sign of `difference`.
        marginal: None without spend.
        curve: cumulative ltv by age in months (r, a), with its interval.
        other: by the other touch; None where it is not known.
        has_costs: whether any spend is known.
        notes: sentences that a reader must see. warnings: what to look at in the costs.
    """

    by: str
    touch: str
    currency: str
    level: float
    data_date: dt.date
    first_date: dt.date
    margin: float | None
    horizon: int
    horizons: tuple[int, ...]
    labels: Texts
    customers: Ints
    never: NDArray[np.bool_]
    won: Ints
    spend: Ints
    counted: Ints
    net: Ints
    refunds: Ints
    cost: Ints
    serving: Ints | None
    cac: Floats
    blended: float
    ltv: Mapping[int, Ranges]
    revenue: Mapping[int, Ranges]
    everybody: Mapping[int, Ranges]
    coming: Floats
    ratio: Ranges
    payback: Ranges
    bearable: Floats
    bearable_three: Floats
    difference: Ranges
    danger: Texts
    marginal: Marginal | None
    curve: Ranges
    other: Touch | None
    has_costs: bool
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def small(self) -> NDArray[np.bool_]:
        """Rows of fewer than 30 customers."""
        return self.customers < SMALL

    @property
    def basis(self) -> str:
        """What `ltv` is: margin, or revenue where no margin is known."""
        return "revenue" if self.margin is None else "margin"

    @property
    def losing(self) -> Texts:
        """Labels of rows that surely bring less than they cost."""
        return self.labels[self.danger == LOSES]
