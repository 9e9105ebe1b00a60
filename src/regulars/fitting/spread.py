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

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import COUNTED
from regulars.fitting.spend import Spend
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

DRAWS = 4_000
_LEVELS = np.concatenate([np.linspace(0, 0.98, 99), [0.985, 0.99, 0.995, 0.999, 1.0]])
_GROWTH = 1.3  # step of the geometric lattice
_VALUED = Period(10, "year")  # the spread of value does not change with orders after it
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
    grid = _Lattice.around(summary)
    far, near = (
        min(horizon.count(summary.unit), end.count(summary.unit)) for end in (COUNTED, _VALUED)
    )
    orders, value, variance = grid.draw(fitted, spend, far, near, seed)
    tail = (1 - level) / 2
    marks = [_mark(alive, q) for q in (tail, 1 - tail)]
    counts = [grid.read(orders, mark) for mark in marks]
    values = [grid.read(value, mark) for mark in marks]
    second = grid.read_flat(variance)
    return Spread(
        orders_low=np.floor(counts[0] + 1e-9),
        orders_high=np.ceil(np.maximum(counts[1] - 1e-9, 0.0)),
        value_low=values[0],
        value_high=values[1],
        value_variance=alive * (second + 1) - alive**2,
    )


def _mark(alive: Floats, quantile: float) -> Floats:
    """The quantile among the living that is the given one among all; below 0 means nothing."""
    with np.errstate(divide="ignore", invalid="ignore"):
        mark = (quantile - (1 - alive)) / alive
    return np.where(alive > 0, mark, -1.0)


@dataclass(frozen=True)
class _Lattice:
    """Nodes in x and T, each customer's lower node and how far it is to the next."""

    x_nodes: Floats
    t_nodes: Floats
    x_low: NDArray[np.int64]
    t_low: NDArray[np.int64]
    x_share: Floats
    t_share: Floats

    @classmethod
    def around(cls, summary: Summary) -> _Lattice:
        x = summary.repeat_orders.astype(np.float64)
        age = np.maximum(summary.age, _smallest(summary.unit))
        x_nodes = _count_nodes(float(x.max(initial=0)))
        steps = int(np.ceil(np.log(age.max(initial=1) / _smallest(summary.unit)) / np.log(_GROWTH)))
        t_nodes = _smallest(summary.unit) * np.power(_GROWTH, np.arange(max(steps, 1) + 1))
        x_low, x_share = _place(np.log1p(x), np.log1p(x_nodes))
        t_low, t_share = _place(np.log(age), np.log(t_nodes))
        return cls(x_nodes, t_nodes, x_low, t_low, x_share, t_share)

    def draw(
        self, fitted: Fitted, spend: Spend | None, far: float, near: float, seed: int
    ) -> tuple[Floats, Floats, Floats]:
        """Quantiles of orders, of relative value, and its relative variance, at needed nodes."""
        shape = (len(self.x_nodes), len(self.t_nodes))
        orders = np.zeros((*shape, len(_LEVELS)))
        value = np.zeros((*shape, len(_LEVELS)))
        variance = np.zeros(shape)
        params = fitted.draws(DRAWS, seed).T
        for i, j in self._needed():
            x, age = float(self.x_nodes[i]), float(self.t_nodes[j])
            rng = np.random.default_rng([seed, int(i), int(j)])
            draw = partial(fitted.model.sample_orders_alive, tuple(params), x, age)
            soon = draw(near, rng, DRAWS)
            if spend is not None:
                total = spend.total_ratio(x, soon, rng)
                total /= max(float(total.mean()), 1e-300)
                value[i, j] = np.quantile(total, _LEVELS)
                variance[i, j] = float(total.var())
            counts = soon if near == far else draw(far, rng, DRAWS)
            orders[i, j] = np.quantile(counts, _LEVELS)
        return orders, value, variance

    def _needed(self) -> NDArray[np.int64]:
        need = np.zeros((len(self.x_nodes) + 1, len(self.t_nodes) + 1), dtype=bool)
        for a in (0, 1):
            for b in (0, 1):
                need[self.x_low + a, self.t_low + b] = True
        return np.argwhere(need[:-1, :-1])

    def read(self, table: Floats, mark: Floats) -> Floats:
        """Quantile of each customer at their own mark, 0 where the mark is below 0."""
        place, share = _place(np.clip(mark, 0, 1), _LEVELS)
        out = np.zeros(len(mark))
        for rows, columns, weight in self._corners():
            low, high = table[rows, columns, place], table[rows, columns, place + 1]
            out += weight * (low + share * (high - low))
        return np.where(mark > 0, out, 0.0)

    def read_flat(self, table: Floats) -> Floats:
        """Value of each customer in a table without levels."""
        out = np.zeros(len(self.x_low))
        for rows, columns, weight in self._corners():
            out += weight * table[rows, columns]
        return out

    def _corners(self) -> list[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
        x_high = np.minimum(self.x_low + 1, len(self.x_nodes) - 1)
        t_high = np.minimum(self.t_low + 1, len(self.t_nodes) - 1)
        return [
            (self.x_low, self.t_low, (1 - self.x_share) * (1 - self.t_share)),
            (x_high, self.t_low, self.x_share * (1 - self.t_share)),
            (self.x_low, t_high, (1 - self.x_share) * self.t_share),
            (x_high, t_high, self.x_share * self.t_share),
        ]


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
