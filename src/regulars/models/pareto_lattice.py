"""Pareto/NBD on whole days: one integral per repeat count and day serves all customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import BLOCK, Params
from regulars.models.maths import value_of
from regulars.models.pareto_integral import legendre, nodes_for, spread
from regulars.models.sample import Sample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_CROWDED = 0.5  # rows per day from which a repeat count is worth its row of the lattice
_DEEPEST = 600.0  # nats that the integrand may fall across the lattice without underflow
_MOST_NODES = 20  # nodes of a day; parameters that need more are left to the quadrature


@dataclass(frozen=True, slots=True)
class Lattice:
    """Customers with repeat orders on a lattice of repeat counts and days.

    With f(u) = (alpha + u)^-(r + x) (beta + u)^-(s + 1) and G(u) its integral from u on, a
    customer's likelihood is, up to terms in x,

        f(T) (beta + T) + s [G(t_x) - G(T)],

    where f and G depend on x and a day only. So f and G are tabled once per evaluation, by a
    few Gauss-Legendre nodes a day and a backward sum, and each customer costs two look-ups and
    a logarithm. The difference is harmless: both its parts are at most twice the sum.

    Attributes:
        counts: the repeat counts x (m,).
        first: the earliest day of a last order for each (m,); f is tabled relative to it.
        customers: how many there are for each (m,).
        begin, days: the first day, and how many days there are.
        step: the length of a day.
        last_cell, age_cell: for each customer, the flat cells of (x, t_x) and (x, T).
        weight: customers a row stands for, or None.
    """

    counts: Floats
    first: Floats
    customers: Floats
    begin: float
    days: int
    step: float
    last_cell: Ints
    age_cell: Ints
    weight: Floats | None

    def serves(self, params: Params) -> bool:
        """Whether the table is exact and free of underflow at these parameters."""
        r, alpha, s, beta = (float(value_of(p)) for p in params)
        nearest = min(alpha, beta)
        start, end = self.first * self.step, (self.begin + self.days) * self.step
        shape = self.counts + r
        fall = shape * np.log((alpha + end) / (alpha + start))
        fall += (s + 1.0) * np.log((beta + end) / (beta + start))
        return bool(fall.max() < _DEEPEST) and self._nodes(r, s, nearest) <= _MOST_NODES

    def _nodes(self, r: float, s: float, nearest: float) -> int:
        """Nodes that a day needs: that of the steepest fall, at a count's first day."""
        width = np.log1p(self.step / (nearest + self.first * self.step))
        return nodes_for(float(spread((self.counts + r + s + 1.0) * width, width).max()))

    def terms(self, params: Params) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights): all of the likelihood but the terms in x alone."""
        r, alpha, s, beta = params
        start = self.first * self.step
        base = (self.counts + r) * np.log1p(start * (1.0 / alpha)) + np.log(beta + start)
        yield base + s * np.log1p(start * (1.0 / beta)), -self.customers
        at_age, at_last = self._tables(params)
        for begin in range(0, len(self.age_cell), BLOCK):
            rows = slice(begin, begin + BLOCK)
            whole = at_age.take(self.age_cell[rows]) + at_last.take(self.last_cell[rows])
            yield np.log(whole), None if self.weight is None else self.weight[rows]

    def _tables(self, params: Params) -> tuple[Any, Any]:
        """f(T) (beta + T) - s G(T) and s G(t_x), relative to f at `first`, flat over (x, day)."""
        r, alpha, s, beta = params
        nearest = min(float(value_of(alpha)), float(value_of(beta)))
        shape, after = (self.counts + r)[:, None], s + 1.0
        start = (self.first * self.step)[:, None]
        start_a, start_b = np.log(alpha + start), np.log(beta + start)

        def fall(age: Floats) -> Any:
            by_orders = shape * (np.log(alpha + age) - start_a)
            return by_orders + after * (np.log(beta + age) - start_b)

        age = (self.begin + np.arange(self.days + 1.0)) * self.step
        width = np.log1p(self.step / (nearest + age))
        nodes = self._nodes(float(value_of(r)), float(value_of(s)), nearest)
        day: Any = 0.0
        with np.errstate(over="ignore", invalid="ignore"):  # before `first`, where nobody looks
            for point, weight in zip(*legendre(nodes), strict=True):
                grown = np.expm1(point * width) * (nearest + age)
                log_weight = np.log(weight * width * (nearest + age + grown))
                day = day + np.exp(log_weight - fall(age + grown))
            tail = s * _sum_from(day)
            now = np.exp(-fall(age)) * (beta + age) - tail
        return now.ravel(), tail.ravel()

    def rows(self) -> tuple[Floats, Floats, Floats, Floats | None]:
        """(x, t_x, T, weight) of the customers on the lattice."""
        place, last = np.divmod(self.last_cell, self.days + 1)
        age = self.age_cell % (self.days + 1)
        days = self.begin + np.arange(self.days + 1.0)
        return self.counts[place], days[last] * self.step, days[age] * self.step, self.weight


def lay_out(sample: Sample) -> tuple[Lattice | None, NDArray[np.bool_]]:
    """The lattice of all repeat counts that many rows share, and a mask of the rows left over."""
    everyone = np.ones(len(sample.x), dtype=bool)
    if sample.step is None or not len(sample.x):
        return None, everyone
    x = sample.x.astype(np.int64)
    last, age = (np.rint(t / sample.step).astype(np.int64) for t in (sample.t_x, sample.T))
    crowded = np.bincount(x) > _CROWDED * float(age.max() + 1)
    mine = crowded[x]
    if not mine.any():
        return None, everyone
    counts = np.flatnonzero(crowded)
    place = (np.cumsum(crowded) - 1)[x[mine]]
    last, age = last[mine], age[mine]
    weight = None if sample.weight is None else sample.weight[mine]
    first = np.full(len(counts), age.max())
    np.minimum.at(first, place, last)
    begin = int(first.min())
    days = int(age.max()) - begin
    lattice = Lattice(
        counts=counts.astype(np.float64),
        first=first.astype(np.float64),
        customers=np.bincount(place, weights=weight).astype(np.float64),
        begin=float(begin),
        days=days,
        step=sample.step,
        last_cell=place * (days + 1) + last - begin,
        age_cell=place * (days + 1) + age - begin,
        weight=weight,
    )
    return lattice, ~mine


def _sum_from(parts: Any) -> Any:
    """Sums along the last axis from each element to the end, for an array or a jet."""
    add = getattr(parts, "map", None)
    return _backwards(parts) if add is None else add(_backwards)


def _backwards(parts: Floats) -> Floats:
    return np.cumsum(parts[..., ::-1], axis=-1)[..., ::-1]
