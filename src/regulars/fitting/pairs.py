"""Pairs: the distinct (repeat orders, age) of a summary, so that a table serves every customer.

What a model expects of a customer who is still there depends on x and T alone, and whole days
repeat: the expensive expectation is taken once a pair and gathered, which is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Floats, Ints, Summary

_DENSE = 4_000_000  # keys up to which a flag per possible key beats sorting


@dataclass(frozen=True)
class Pairs:
    """Distinct pairs and where each customer finds its own.

    Attributes:
        x: repeat orders of a pair, floats (m,).
        age: age of a pair, in the summary's unit (m,).
        index: pair of each customer (n,).
    """

    x: Floats
    age: Floats
    index: NDArray[np.int64]


def pairs_of(summary: Summary) -> Pairs:
    """Group a summary's customers by (x, T); continuous ages stay one pair each."""
    x = summary.repeat_orders
    if summary.step is None:
        return Pairs(x.astype(np.float64), summary.age, np.arange(len(summary)))
    days = np.rint(summary.age / summary.step).astype(np.int64)
    width = int(days.max(initial=0)) + 1
    keys, index = _distinct(x * width + days)
    age = (keys % width).astype(np.float64) * np.float64(summary.step)
    return Pairs((keys // width).astype(np.float64), age, index)


def _distinct(keys: Ints) -> tuple[Ints, Ints]:
    size = int(keys.max(initial=-1)) + 1
    if size > max(_DENSE, 4 * len(keys)):
        values, index = np.unique(keys, return_inverse=True)
        return values, index.astype(np.int64)
    seen = np.zeros(size, dtype=bool)
    seen[keys] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[keys]
