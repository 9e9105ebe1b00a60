"""Sample: sufficient statistics of order histories, exact, with equal customers grouped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import BLOCK
from regulars.models.maths import value_of
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_ORDERS = 10_000_000  # survivor counts are dense in x
DENSE = 1_000_000  # cells up to which counting each possible triple beats sorting
_FACTORS = 64  # factors of a rising factorial that are taken one by one
LARGEST_KEY = 2**53  # keys of (x, t_x, T) are exact as floats too


@dataclass(frozen=True, slots=True)
class Sample:
    """Order histories, split by whether the customer came back.

    The likelihoods depend on (x, t_x, T) alone, so customers with equal triples are one row with
    a weight. Terms in x alone need only `survivors`, and those who never came back only T.

    Attributes:
        customers: how many, all weights counted.
        orders: repeat orders in all.
        survivors: M_j, customers with x > j, for j = 0 .. max(x) - 1.
        once_T, once_weight: ages of the customers without a repeat order.
        x, t_x, T, weight: the others; a weight of None counts each row once.
        step: ages are whole multiples of it, or None.
    """

    customers: int
    orders: float
    survivors: Floats
    once_T: Floats
    once_weight: Floats | None
    x: Floats
    t_x: Floats
    T: Floats
    weight: Floats | None
    step: float | None

    def rising(self, start: Any) -> tuple[Any, Floats]:
        """Sum over customers of log(start (start + 1) ... (start + x - 1)), as one block.

        That is log Gamma(start + x) - log Gamma(start), without a special function and without
        cancellation: log(start + j) counts once for each customer with x > j.
        """
        return np.log(start + np.arange(len(self.survivors), dtype=np.float64)), self.survivors

    def once(self) -> Iterator[tuple[Floats, Floats | None]]:
        """Blocks of (T, weight) of the customers without a repeat order."""
        for rows in _blocks(len(self.once_T)):
            yield self.once_T[rows], None if self.once_weight is None else self.once_weight[rows]

    def waited(self, scale: Any) -> Any:
        """Sum of log(1 + scale T) over the customers without a repeat order: one number or jet."""
        total: Any = 0.0
        for age, weight in self.once():
            logs = np.log1p(age * scale)
            total = total + (logs if weight is None else logs * weight).sum(0)
        return total

    def repeat(self) -> Iterator[tuple[Floats, Floats, Floats, Floats | None]]:
        """Blocks of (x, t_x, T, weight) of the customers with repeat orders."""
        for rows in _blocks(len(self.x)):
            weight = None if self.weight is None else self.weight[rows]
            yield self.x[rows], self.t_x[rows], self.T[rows], weight


def typical_age(summary: Summary) -> float:
    """Mean age of the customers, the scale of time in the data; 1 where all ages are 0."""
    mean = float(np.average(summary.age, weights=summary.weight)) if len(summary) else 0.0
    return mean if mean > 0.0 else 1.0


def log_rising(start: Any, x: Floats) -> Any:
    """log(start (start + 1) ... (start + x - 1)) for whole x >= 0, shape of x, floats or jets.

    `start` is one number for all, or an array (or a jet of one) of the shape of x.
    """
    if np.ndim(value_of(start)):
        return _rising_each(start, x)
    counts = np.asarray(x).astype(np.int64)
    logs = np.log(start + np.arange(max(int(counts.max(initial=0)), 1), dtype=np.float64))
    sums = logs.map(np.cumsum) if hasattr(logs, "map") else np.cumsum(logs)
    return sums[np.maximum(counts - 1, 0)] * (counts > 0)


def _rising_each(start: Any, x: Floats) -> Any:
    """The same where each row has a start of its own; cheapest where x falls from row to row."""
    first, counts = np.broadcast_arrays(value_of(start), np.asarray(x))
    shape, first, counts = counts.shape, first.reshape(-1), counts.reshape(-1).astype(np.int64)
    order = None if (np.diff(counts) <= 0).all() else np.argsort(-counts, kind="stable")
    if order is not None:
        first, counts = first[order], counts[order]
    value, slope, bend = (np.zeros(len(first)) for _ in range(3))
    chain = getattr(start, "chain", None)
    ends = np.searchsorted(-counts, -np.arange(min(int(counts.max(initial=0)), _FACTORS)))
    for step, end in enumerate(ends.tolist()):
        factor = first[:end] + step
        value[:end] += np.log(factor)
        if chain is not None:
            np.reciprocal(factor, out=factor)
            slope[:end] += factor
            factor *= factor
            bend[:end] -= factor
    long = int(np.searchsorted(-counts, -_FACTORS))
    if long:
        rest = _gamma_ratio(first[:long] + _FACTORS, (counts[:long] - _FACTORS).astype(np.float64))
        for total, part in zip((value, slope, bend), rest, strict=True):
            total[:long] += part
    back = slice(None) if order is None else np.argsort(order, kind="stable")
    value, slope, bend = (total[back].reshape(shape) for total in (value, slope, bend))
    return value if chain is None else chain(value, slope, bend)


def _gamma_ratio(y: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """Log Gamma(y + n) - log Gamma(y) with two derivatives by y, for y >= `_FACTORS`.

    The Stirling series (DLMF 5.11), whose terms beyond the third are below rounding there.
    """
    end, growth = y + n, np.log1p(n / y)
    rest = [_stirling_terms(at) for at in (end, y)]
    value, slope, bend = (high - low for high, low in zip(*rest, strict=True))
    return (
        value + (y - 0.5) * growth + n * (np.log(end) - 1.0),
        slope + growth,
        bend + (1.0 / end - 1.0 / y),
    )


def _stirling_terms(y: Floats) -> tuple[Floats, Floats, Floats]:
    """What log Gamma has beyond (y - 1/2) log y - y, and psi beyond log y; and its slope."""
    i = 1.0 / y
    square = i * i
    return (
        i * (1 / 12 - square * (1 / 360 - square / 1260)),
        -0.5 * i - square * (1 / 12 - square * (1 / 120 - square / 252)),
        square * (0.5 + i * (1 / 6 - square * (1 / 30 - square / 42))),
    )


def gather(summary: Summary) -> Sample:
    """Reduce a summary to its sufficient statistics.

    Raises:
        DataError: for an empty summary, or counts too large to be order days.
    """
    if summary.customers == 0:
        raise DataError("The summary holds no customer.", "Check the cut-off and the filters.")
    most = int(summary.repeat_orders.max())
    if most > MOST_ORDERS:
        raise DataError(f"A customer has {most} repeat orders; count days with an order.")
    x, t_x, T, weight = _grouped(summary, most)
    per_count = np.bincount(x, weights=weight, minlength=1).astype(np.float64)
    came_back = x > 0
    only_first = ~came_back
    return Sample(
        customers=summary.customers,
        orders=float(per_count @ np.arange(most + 1)),
        survivors=per_count[::-1].cumsum()[::-1][1:].copy(),
        once_T=T[only_first],
        once_weight=None if weight is None else weight[only_first],
        x=x[came_back].astype(np.float64),
        t_x=t_x[came_back],
        T=T[came_back],
        weight=None if weight is None else weight[came_back],
        step=summary.step,
    )


def _grouped(summary: Summary, most: int) -> tuple[Ints, Floats, Floats, Floats | None]:
    """Equal triples as one row, where ages are whole steps; otherwise the rows as they are."""
    x, weight, step = summary.repeat_orders, summary.weight, summary.step
    low, high = (round(float(age) / (step or 1.0)) for age in _extremes(summary.age))
    width, height = high - low + 1, high + 1
    cells = (most + 1) * height * width
    if step is None or cells > LARGEST_KEY:
        weights = None if weight is None else weight.astype(np.float64)
        return x, summary.last_order_age, summary.age, weights
    keys = _keys(summary, 1.0 / step, low, height, width)
    if cells < DENSE + 4 * len(x):
        found, counts = _counted(keys, cells, weight)
    else:
        found, counts = _sorted(np.concatenate([key for _, key in keys]), weight)
    rest, age = np.divmod(found, width)
    x, last = np.divmod(rest, height)
    return x, last * step, (age + low) * step, counts.astype(np.float64)


def _extremes(values: Floats) -> tuple[np.float64, np.float64]:
    return values.min(), values.max()


def _keys(
    summary: Summary, per_step: float, low: int, height: int, width: int
) -> Iterator[tuple[slice, Ints]]:
    """Blocks of (rows, one integer for each triple)."""
    for rows in _blocks(len(summary)):
        last = np.rint(summary.last_order_age[rows] * per_step)
        age = np.rint(summary.age[rows] * per_step) - low
        yield rows, ((summary.repeat_orders[rows] * height + last) * width + age).astype(np.int64)


def _counted(
    keys: Iterator[tuple[slice, Ints]], cells: int, weight: Ints | None
) -> tuple[Ints, NDArray[Any]]:
    """The keys found and how often, with a counter for every possible one."""
    counts = np.zeros(cells, dtype=np.int32 if weight is None else np.int64)
    for rows, key in keys:
        np.add.at(counts, key, np.int32(1) if weight is None else weight[rows])
    found = np.flatnonzero(counts != 0)
    return found, counts[found]


def _sorted(key: Ints, weight: Ints | None) -> tuple[Ints, NDArray[Any]]:
    if weight is None:
        return np.unique(key, return_counts=True)
    found, place = np.unique(key, return_inverse=True)
    return found, np.bincount(place, weights=weight)


def _blocks(rows: int) -> Iterator[slice]:
    for begin in range(0, rows, BLOCK):
        yield slice(begin, begin + BLOCK)
