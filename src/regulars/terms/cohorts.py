"""Cohorts: a grid of sums by row and periods since the first order, and how to read it.

Money is in integers of 1/10000 where it was counted, in units of the currency where expected.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Dates = NDArray[np.datetime64]

TICKS = 10_000
SMALL = 30  # customers below which a row or a cell is flagged
LEAST_REACHED = 0.1  # share of all customers that a mean over cohorts needs
NONE, SEEN, RUNNING, EXPECTED = 0, 1, 2, 3  # what a cell is
STATES = ("none", "seen", "running", "expected")
MEASURES = ("retention", "repeat", "orders", "revenue", "margin", "ltv")
COHORT = "cohort"


@dataclass(frozen=True)
class CellSums:
    """Whole numbers over the customers of a row at an age; all arrays are (rows, ages).

    Attributes:
        customers: how many of the row are counted in the cell.
        active: how many of them bought in the period. repeaters: had ordered twice by its end.
        orders: placed in the period. net, cost: integers of 1/10000; cost holds that of goods,
            where it is known, and of service.
    """

    customers: Ints
    active: Ints
    repeaters: Ints
    orders: Ints
    net: Ints
    cost: Ints


@dataclass(frozen=True)
class ComingCells:
    """What is expected in periods that are not over; arrays are (rows, ages).

    Attributes:
        customers: how many of the row are counted; 0 beyond what is looked ahead.
        active, repeaters: expected in the period, and by its end (NaN where not foreseen).
        known_repeaters: those of the repeaters who have ordered twice already.
        orders, net: expected in periods to come. rest_orders, rest_net: the same in what is left
            of the running period.
        common: variance of the log of total orders that all customers share.
        spend: the same of the mean value of an order; money has both.
        own: per row, variance of the horizon's net over its mean, from single customers' chance.
        order_value: mean value of an expected order.
    """

    customers: Ints
    active: Floats
    repeaters: Floats
    known_repeaters: Ints
    orders: Floats
    net: Floats
    rest_orders: Floats
    rest_net: Floats
    common: float
    spend: float
    own: Floats
    order_value: float


@dataclass(frozen=True)
class Measure:
    """One reading of a grid.

    Attributes:
        key: one of `MEASURES`.
        values, low, high: (rows, ages); low and high are NaN where a cell was counted.
        state: (rows, ages), index into `STATES`.
        counted: customers behind each cell.
        mean: (ages,), weighted by customers over finished cells; NaN at ages that fewer than a
            tenth of all customers have reached.
    """

    key: str
    values: Floats
    low: Floats
    high: Floats
    state: NDArray[np.int8]
    counted: Ints
    mean: Floats


@dataclass(frozen=True)
class CohortGrid:
    """Customers in rows, periods since their first order in columns.

    Attributes:
        by: `cohort` for the period of the first order, else the name of an attribute.
        every: month, quarter or year: what a column is, and a row of cohorts.
        names: of the rows. starts: first days of cohorts, None for an attribute.
        sizes: customers of each row; buyers: those of them who ever bought.
        orders, net, refunds, cost: totals of each row; money in integers of 1/10000.
        finished, running: cells of periods that are over, and of the one that is not.
        coming: None with too little data to predict.
        share: profit over revenue before `cost` is taken off; None where margin is unknown.
        profit_share: the same of expected revenue.
        served: cost to serve over expected revenue of each row, taken off `profit_share`.
        has_money: whether orders carry amounts.
        level: coverage of the intervals.
    """

    by: str
    every: str
    names: tuple[str, ...]
    starts: Dates | None
    sizes: Ints
    buyers: Ints
    orders: Ints
    net: Ints
    refunds: Ints
    cost: Ints
    finished: CellSums
    running: CellSums
    coming: ComingCells | None
    share: float | None
    profit_share: float | None
    served: Floats
    has_money: bool
    level: float

    @property
    def ages(self) -> int:
        """Number of columns."""
        return self.finished.customers.shape[1]

    @property
    def measures(self) -> tuple[str, ...]:
        """What can be read of it: without amounts no money, without a margin no margin."""
        if not self.has_money:
            return MEASURES[:3]
        return tuple(m for m in MEASURES if m != "margin" or self.share is not None)

    @property
    def margin(self) -> Floats | None:
        """Realised margin of each row in units of the currency; None where it is unknown."""
        return None if self.share is None else (self.net * self.share - self.cost) / TICKS

    @cached_property
    def state(self) -> NDArray[np.int8]:
        """What each cell is: counted, running, expected or none (rows, ages).

        A cell of an attribute is counted once 30 customers (or all of the row) have finished it;
        until then those who have not are expected.
        """
        done, now = self.finished.customers, self.running.customers
        ahead = np.zeros_like(done) if self.coming is None else self.coming.customers
        enough = done >= np.minimum(SMALL, np.maximum(self.buyers, 1))[:, None]
        state = np.where(done > 0, SEEN, np.where(now > 0, RUNNING, NONE))
        awaited = ~enough & (ahead > 0) & ((now == 0) | (self.starts is None))
        return np.where(awaited, EXPECTED, state).astype(np.int8)

    def measure(self, key: str) -> Measure:
        """Read the grid: share active, share that ordered again, or a mean per customer.

        `retention` and `repeat` are shares; `orders`, `revenue` and `margin` are per customer in
        the period, `ltv` is revenue (margin where it is known) added up from age 0.
        """
        if key in ("retention", "repeat"):
            return self._share(key)
        return self._amount(key)

    def _share(self, key: str) -> Measure:
        name = "active" if key == "retention" else "repeaters"
        done: Ints = getattr(self.finished, name)
        now: Ints = getattr(self.running, name)
        n = self.finished.customers
        counted = np.where(self.state == RUNNING, self.running.customers, n)
        top = np.where(self.state == RUNNING, now, done).astype(np.float64)
        low, high = np.full(top.shape, np.nan), np.full(top.shape, np.nan)
        if self.coming is not None:
            ahead = self.state == EXPECTED
            counted = np.where(ahead, n + self.coming.customers, counted)
            coming: Floats = getattr(self.coming, name)
            more = np.where(ahead, coming, 0.0)
            top = top + more
            with np.errstate(divide="ignore", invalid="ignore"):
                sure = self.coming.known_repeaters if name == "repeaters" else 0
                part = np.maximum(more - np.where(ahead, sure, 0), 0.0) / counted
                chance = part * (1 - np.minimum(part, 1)) / counted
                spread = _z(self.level) * np.sqrt(chance + self.coming.common * part**2)
                share = top / counted
            low = np.where(ahead, np.clip(share - spread, 0, 1), np.nan)
            high = np.where(ahead, np.clip(share + spread, 0, 1), np.nan)
        values = _ratio(top, counted, self.state)
        return Measure(key, values, low, high, self.state, counted, self._mean(done))

    def _amount(self, key: str) -> Measure:
        basis = self._basis(key)
        done, now = self._money(self.finished, basis), self._money(self.running, basis)
        state, n = self.state, self.finished.customers
        counted = np.where(state == RUNNING, self.running.customers, n)
        known = np.where(state == RUNNING, now, done)
        mean = self._mean(done)
        sums = key == "ltv"
        if self.coming is None:
            each = _ratio(known, counted, state)
            blank = np.full(each.shape, np.nan)
            values = np.cumsum(each, axis=1) if sums else each
            return Measure(
                key, values, blank, blank, state, counted, np.cumsum(mean) if sums else mean
            )
        ahead = state == EXPECTED
        counted = np.where(ahead, n + self.coming.customers, counted)
        more = np.where(ahead, self._expected(basis, rest=False), 0.0)
        each = _ratio(known + more, counted, state)
        part = np.where(ahead, more / np.maximum(counted, 1), 0.0)
        if not sums:
            low, high = self._band(each, part, counted, basis, ahead)
            return Measure(key, each, low, high, state, counted, mean)
        rest = np.where(state == RUNNING, self._expected(basis, rest=True), 0.0)
        left = rest / np.maximum(counted, 1)
        behind = np.cumsum(left, axis=1) - left  # what was left of the running period by then
        values = np.cumsum(each, axis=1) + np.where(ahead, behind, 0.0)
        summed = np.where(ahead, np.cumsum(part, axis=1) + behind, 0.0)
        low, high = self._band(values, summed, counted, basis, ahead)
        return Measure(key, values, low, high, state, counted, np.cumsum(mean))

    def _basis(self, key: str) -> str:
        if key != "ltv":
            return key
        return "revenue" if self.share is None else "margin"

    def _money(self, cells: CellSums, basis: str) -> Floats:
        if basis == "orders":
            return cells.orders.astype(np.float64)
        if basis == "revenue":
            return cells.net / TICKS
        share = math.nan if self.share is None else self.share
        return (cells.net * share - cells.cost) / TICKS

    def _expected(self, basis: str, rest: bool) -> Floats:
        found = self.coming
        if found is None:
            return np.zeros(self.finished.net.shape)
        if basis == "orders":
            return found.rest_orders if rest else found.orders
        kept = 1.0 if basis == "revenue" else self._kept[:, None]
        return (found.rest_net if rest else found.net) * kept

    @property
    def _kept(self) -> Floats:
        """What is left of expected revenue in each row; NaN without a margin (r,)."""
        return (math.nan if self.profit_share is None else self.profit_share) - self.served

    def _band(
        self, values: Floats, part: Floats, counted: Ints, basis: str, ahead: Bools
    ) -> tuple[Floats, Floats]:
        """Gamma interval of the expected part, shifted by what was counted."""
        found = self.coming
        if found is None:
            return np.full(values.shape, np.nan), np.full(values.shape, np.nan)
        own = found.own[:, None]
        if basis == "orders":
            own = own / max(found.order_value, 1e-12)
        elif basis == "margin":
            own = own * np.abs(self._kept)[:, None]
        total = np.abs(part) * counted
        some = ahead & (total > 0)
        common = found.common + (0.0 if basis == "orders" else found.spend)
        spread = common + own / np.where(some, total, 1.0)
        ends = (values - part + part * _gamma(spread, side * _z(self.level)) for side in (-1, 1))
        low, high = ends
        low, high = np.minimum(low, high), np.maximum(low, high)
        return np.where(some, low, np.nan), np.where(some, high, np.nan)

    def _mean(self, sums: NDArray[Any]) -> Floats:
        """Sum over finished cells by age, over the customers in them."""
        n = self.finished.customers.sum(axis=0)
        whole = max(int(self.buyers.sum()), 1)
        enough = (n > 0) & (n >= LEAST_REACHED * whole)
        return np.where(enough, sums.sum(axis=0) / np.maximum(n, 1), np.nan)


def _ratio(top: Floats, bottom: Ints, state: NDArray[np.int8]) -> Floats:
    return np.where((state != NONE) & (bottom > 0), top / np.maximum(bottom, 1), np.nan)


def _gamma(variance: Floats, z: float) -> Floats:
    """Quantile of a gamma variable of mean 1, by its cube root (Wilson & Hilferty 1931)."""
    return np.maximum(1 - variance / 9 + z * np.sqrt(variance) / 3, 0.0) ** 3


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)
