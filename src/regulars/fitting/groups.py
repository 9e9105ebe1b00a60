"""Groups: equal customers are predicted once, and each customer finds their own.

A prediction depends on the history (x, t_x, T), and what a model expects of a customer who is
still there on (x, T) alone. Whole days repeat, so the costly parts run over the distinct ones and
are gathered, which is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Floats, Ints, Summary

_DENSE = 4_000_000  # keys up to which a flag per possible key beats sorting


@dataclass(frozen=True)
class Pairs:
    """Distinct pairs (x, T) and where each customer finds its own.

    Attributes:
        x: repeat orders of a pair, floats (m,).
        age: age of a pair, in the summary's unit (m,).
        index: pair of each customer (n,).
    """

    x: Floats
    age: Floats
    index: NDArray[np.int64]


@dataclass(frozen=True)
class Histories:
    """Distinct histories (x, t_x, T) of a summary.

    Attributes:
        pairs: their distinct pairs; `pairs.index` is the pair of each history (h,).
        last_order_age: t_x of each history (h,).
        index: history of each customer (n,).
    """

    pairs: Pairs
    last_order_age: Floats
    index: NDArray[np.int64]

    @property
    def x(self) -> Floats:
        """Repeat orders of each history (h,)."""
        return self.pairs.x[self.pairs.index]

    @property
    def age(self) -> Floats:
        """Age of each history (h,)."""
        return self.pairs.age[self.pairs.index]


def pairs_of(summary: Summary) -> Pairs:
    """Group a summary's customers by (x, T); continuous ages stay one pair each."""
    x = summary.repeat_orders
    if summary.step is None:
        return Pairs(x.astype(np.float64), summary.age, np.arange(len(summary)))
    days = _days(summary.age, summary.step)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(x * width + days)
    age = (keys % width).astype(np.float64) * np.float64(summary.step)
    return Pairs((keys // width).astype(np.float64), age, index)


def histories_of(summary: Summary) -> Histories:
    """Group a summary's customers by (x, t_x, T); continuous ages stay one history each."""
    pairs = pairs_of(summary)
    if summary.step is None:
        return Histories(pairs, summary.last_order_age, np.arange(len(summary)))
    days = _days(summary.last_order_age, summary.step)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(pairs.index * width + days)
    last = (keys % width).astype(np.float64) * np.float64(summary.step)
    return Histories(Pairs(pairs.x, pairs.age, keys // width), last, index)


def _days(ages: Floats, step: float) -> Ints:
    return np.rint(ages / step).astype(np.int64)


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    """Distinct keys, sorted, and where each key is among them."""
    size = int(keys.max(initial=-1)) + 1
    if size > max(_DENSE, 4 * len(keys)):
        values, index = np.unique(keys, return_inverse=True)
        return values, index.astype(np.int64)
    seen = np.zeros(size, dtype=bool)
    seen[keys] = True
    values = np.flatnonzero(seen)
    place = np.empty(size, dtype=np.int64)
    place[values] = np.arange(len(values))
    return values, place[keys]
