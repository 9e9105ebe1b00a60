"""Spread: how far a customer's future may lie from what is expected of them.

A future is drawn in full: parameters from their posterior, the customer's own rate, when they
leave, how many orders come, what each is worth. Given that a customer is still there, all of it
depends on (x, T) alone, relative to its mean; so quantiles are drawn once on a fixed lattice of
(x, T) and read off for any number of customers. A customer's chance of having left then mixes in
exactly: F(y) = (1 - P(alive)) + P(alive) F_alive(y).

The lattice and its random streams depend on the seed alone, so one customer gets the same
interval alone as among a million.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.covariates import by_kind
from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import COUNTED
from regulars.fitting.spend import Spend
from regulars.models.base import History
from regulars.models.covariates import WithCovariates
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

DRAWS = 4_000
_LEVELS = np.concatenate([np.linspace(0, 0.98, 99), [0.985, 0.99, 0.995, 0.999, 1.0]])
_GROWTH = 1.3  # step of the geometric lattice
_VALUED = Period(10, "year")  # the spread of value does not change with orders after it
_SILENCE = np.array([0.0, 0.05, 0.15, 0.35, 0.65, 1.0])  # nodes in the share of T since t_x
_SHORTEST = 1e-3  # share of T before the last order at the node where nearly all of it was silent
_EXACT = 8  # repeat orders up to which every count has a node of its own


@dataclass(frozen=True)
class Spread:
    """Quantiles of orders and of value for the customers of one summary.

    Attributes:
        orders_low, orders_high: interval of the number of orders.
        value_low, value_high: interval of the value, over its mean if alive.
        value_variance: variance of the value, over the squared mean if alive.
    """

    orders_low: Floats
    orders_high: Floats
    value_low: Floats
    value_high: Floats
    value_variance: Floats


def spread(
    fitted: Fitted,
    spend: Spend | None,
    summary: Summary,
    alive: Floats,
    horizon: Period,
    *,
    level: float = 0.9,
    seed: int = 0,
) -> Spread:
    """Draw the lattice that the customers need and read their intervals off it.

    Args:
        fitted: the orders model.
        spend: the value of orders, or None where orders carry none.
        summary: the customers.
        alive: their P(alive).
        horizon: how far to look. Orders are drawn up to fifty years of it, and value, whose
            later part the discount makes small, up to ten.
        level: coverage of the intervals.
        seed: the same seed gives the same intervals.
    """
    tail = (1 - level) / 2
    return futures(fitted, spend, summary, horizon, seed=seed).read(alive, tail, 1 - tail)


@dataclass(frozen=True)
class Futures:
    """The drawn lattice of one summary, from which intervals of any coverage are read."""

    grid: _Lattice
    orders: Floats
    value: Floats
    variance: Floats

    def read(
        self,
        alive: Floats,
        low: Floats | float,
        high: Floats | float,
        stretch: Floats | float = 1.0,
    ) -> Spread:
        """Intervals between two quantiles, for all customers or for each (n,).

        Args:
            alive: P(alive), or whatever share of the customer's futures is one of somebody alive.
            low: quantile of the lower ends.
            high: quantile of the upper ends.
            stretch: factor on the number of orders of somebody alive; value is relative anyway.
        """
        marks = [_mark(alive, low), _mark(alive, high)]
        counts = [self.grid.read(self.orders, mark) * stretch for mark in marks]
        values = [self.grid.read(self.value, mark) for mark in marks]
        second = self.grid.read_flat(self.variance)
        return Spread(
            orders_low=np.floor(counts[0] + 1e-9),
            orders_high=np.ceil(np.maximum(counts[1] - 1e-9, 0.0)),
            value_low=values[0],
            value_high=values[1],
            value_variance=alive * (second + 1) - alive**2,
        )


@dataclass(frozen=True)
class Kinds:
    """The futures of each kind of customers, where covariates tell them apart.

    Attributes:
        parts: rows of the summary, and the lattice drawn for these.
    """

    parts: list[tuple[NDArray[np.int64], Futures]]

    def read(
        self,
        alive: Floats,
        low: Floats | float,
        high: Floats | float,
        stretch: Floats | float = 1.0,
    ) -> Spread:
        """As `Futures.read`, each customer from the lattice of their kind."""
        columns = {field.name: np.zeros(len(alive)) for field in fields(Spread)}
        each = [np.broadcast_to(v, alive.shape) for v in (alive, low, high, stretch)]
        for rows, own in self.parts:
            found = own.read(*(v[rows] for v in each))
            for name, values in columns.items():
                values[rows] = getattr(found, name)
        return Spread(**columns)


def futures(
    fitted: Fitted,
    spend: Spend | None,
    summary: Summary,
    horizon: Period,
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> Futures | Kinds:
    """Draw the lattice that the customers need; arguments as `spread`.

    With covariates there is one for each kind of customers (`models.strata`).
    """
    far, near = (
        min(horizon.count(summary.unit), end.count(summary.unit)) for end in (COUNTED, _VALUED)
    )

    def drawn(own: Fitted, few: Summary) -> Futures:
        grid = _Lattice.around(few, own.model.state)
        return Futures(grid, *grid.draw(own, spend, far, near, seed, draws))

    if not isinstance(fitted.model, WithCovariates):
        return drawn(fitted, summary)
    kinds = by_kind(fitted, summary, draws, seed)
    return Kinds([(rows, drawn(own, summary.select(rows))) for own, rows in kinds])


def _mark(alive: Floats, quantile: Floats | float) -> Floats:
    """The quantile among the living that is the given one among all; below 0 means nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mark = (quantile - (1 - alive)) / alive
    return np.where(alive > 0, mark, -1.0)


@dataclass(frozen=True)
class _Lattice:
    """Nodes along x, T and, where the state needs it, the share of T that was silent.

    Attributes:
        nodes: of each axis.
        low: each customer's lower node on each axis.
        share: how far each customer is from it to the next.
        state: what a future depends on.
        rhythm: mean log of a gap over the customer's mean gap, 0 for clockwork.
    """

    nodes: tuple[Floats, Floats, Floats]
    low: tuple[NDArray[np.int64], ...]
    share: tuple[Floats, ...]
    state: tuple[str, ...]
    rhythm: float

    @classmethod
    def around(cls, summary: Summary, state: tuple[str, ...]) -> _Lattice:
        x = summary.repeat_orders.astype(np.float64)
        age = np.maximum(summary.age, _smallest(summary.unit))
        steps = int(np.ceil(np.log(age.max(initial=1) / _smallest(summary.unit)) / np.log(_GROWTH)))
        nodes = (
            _count_nodes(float(x.max(initial=0))),
            _smallest(summary.unit) * np.power(_GROWTH, np.arange(max(steps, 1) + 1)),
            _SILENCE if "t_x" in state else _SILENCE[-1:],
        )
        silent = np.where(x > 0, 1.0 - summary.last_order_age / age, 1.0)
        places = (
            _place(np.log1p(x), np.log1p(nodes[0])),
            _place(np.log(age), np.log(nodes[1])),
            _place(silent, nodes[2]),
        )
        low = tuple(place[0] for place in places)
        share = tuple(place[1] for place in places)
        return cls(nodes, low, share, state, _rhythm(summary) if "log_gaps" in state else 0.0)

    def draw(
        self,
        fitted: Fitted,
        spend: Spend | None,
        far: float,
        near: float,
        seed: int,
        draws: int = DRAWS,
    ) -> tuple[Floats, Floats, Floats]:
        """Quantiles of orders, of relative value, and its relative variance, at needed nodes."""
        shape = tuple(len(nodes) for nodes in self.nodes)
        orders = np.zeros((*shape, len(_LEVELS)))
        value = np.zeros((*shape, len(_LEVELS)))
        variance = np.zeros(shape)
        params = tuple(fitted.draws(draws, seed).T)
        for node in self._needed():
            history = self._history(*(int(i) for i in node))
            x = float(history.x)
            rng = np.random.default_rng([seed, *(int(i) for i in node)])
            draw = partial(fitted.model.sample_orders_alive, params, history)
            soon = draw(near, rng, draws)
            at = tuple(node)
            if spend is not None:
                total = spend.total_ratio(x, soon, rng)
                total /= max(float(total.mean()), 1e-300)
                value[at] = np.quantile(total, _LEVELS)
                variance[at] = float(total.var())
            counts = soon if near == far else draw(far, rng, draws)
            orders[at] = np.quantile(counts, _LEVELS)
        return orders, value, variance

    def _history(self, i: int, j: int, k: int) -> History:
        """The customer at a node."""
        x, age = float(self.nodes[0][i]), float(self.nodes[1][j])
        if "t_x" not in self.state:
            return History(x, np.nan, age)
        last = age * max(1.0 - float(self.nodes[2][k]), _SHORTEST) if x else 0.0
        gaps = x * (np.log(last / x) + self.rhythm) if x else 0.0
        return History(x, last, age, gaps if "log_gaps" in self.state else None)

    def _needed(self) -> NDArray[np.int64]:
        need = np.zeros(tuple(len(nodes) for nodes in self.nodes), dtype=bool)
        for index, weight in self._corners():
            used = weight > 0
            need[tuple(axis[used] for axis in index)] = True
        return np.argwhere(need)

    def read(self, table: Floats, mark: Floats) -> Floats:
        """Quantile of each customer at their own mark, 0 where the mark is below 0."""
        place, share = _place(np.clip(mark, 0, 1), _LEVELS)
        out = np.zeros(len(mark))
        for index, weight in self._corners():
            low, high = table[(*index, place)], table[(*index, place + 1)]
            out += weight * (low + share * (high - low))
        return np.where(mark > 0, out, 0.0)

    def read_flat(self, table: Floats) -> Floats:
        """Value of each customer in a table without levels."""
        out = np.zeros(len(self.low[0]))
        for index, weight in self._corners():
            out += weight * table[index]
        return out

    def _corners(self) -> Iterator[tuple[tuple[NDArray[np.int64], ...], Floats]]:
        """Nodes around each customer with their weights, which add up to 1."""
        axes = [i for i, nodes in enumerate(self.nodes) if len(nodes) > 1]
        for sides in product((0, 1), repeat=len(axes)):
            index, weight = list(self.low), np.ones(len(self.low[0]))
            for axis, side in zip(axes, sides, strict=True):
                index[axis] = np.minimum(self.low[axis] + side, len(self.nodes[axis]) - 1)
                weight = weight * (self.share[axis] if side else 1.0 - self.share[axis])
            yield tuple(index), weight


def _rhythm(summary: Summary) -> float:
    """Mean over customers of how far their log gaps lie below the log of their mean gap."""
    x = summary.repeat_orders.astype(np.float64)
    usable = (x > 1) & (summary.last_order_age > 0)
    if summary.log_gaps is None or not usable.any():
        return 0.0
    mean_gap = summary.last_order_age[usable] / x[usable]
    return float(np.mean(summary.log_gaps[usable] / x[usable] - np.log(mean_gap)))


def _smallest(unit: str) -> float:
    """A day, counted in the unit: the first node in T."""
    return Period(1, "day").count(unit)


def _count_nodes(largest: float) -> Floats:
    nodes = list(range(_EXACT + 1))
    while nodes[-1] < largest:
        nodes.append(int(np.ceil(nodes[-1] * _GROWTH)))
    return np.array(nodes, dtype=np.float64)


def _place(values: Floats, nodes: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Index of the node at or below each value, and the share of the way to the next."""
    low = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, max(len(nodes) - 2, 0))
    width = nodes[np.minimum(low + 1, len(nodes) - 1)] - nodes[low]
    share = np.clip((values - nodes[low]) / np.where(width > 0, width, 1.0), 0.0, 1.0)
    return low.astype(np.int64), share
