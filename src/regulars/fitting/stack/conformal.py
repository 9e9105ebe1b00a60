"""Conformal: how wide intervals must be drawn so that they hold as often as they say.

At inner origins each customer's outcome is looked up among the quantiles that were foretold for
it. In each group of customers (by repeat orders, and whether they were thought to be there) the
marks between which an interval is read are moved until it holds often enough there; then for all,
until buyers are held nearly as often as everybody.

Counts come in steps, and an interval that begins at 0 holds everybody who does not come: so the
upper marks are set by the groups and by buyers. Where all together would still be held too often,
intervals begin at 1 instead of 0 up to a higher chance of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Floats, Ints

UPPER = 1 - np.array(
    [
        *(0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015),
        *(0.01, 0.007, 0.004, 0.002, 0.001),
    ]
)
LOWER = np.array(
    [
        *(0.0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15),
        *(0.2, 0.25, 0.3, 0.35, 0.4),
    ]
)
_KINDS = 6
_FEW = 200.0  # rows of a group whose own marks count half
_BUYERS = 0.01  # how far below the level the share of buyers held may lie
_ROOM = 0.035  # how far above the level the share of all may lie
_NOTHING = 0.2  # most chance of nothing at which an interval may begin at 1

Read = Callable[[float, float], tuple[Floats, Floats]]  # low, high at two marks


@dataclass(frozen=True)
class Marks:
    """Quantiles between which intervals are read, of each group of `groups` (6,).

    nothing: chance of no order up to which an interval begins above 0.
    """

    low: Floats
    high: Floats
    nothing: float

    def of(self, group: Ints) -> tuple[Floats, Floats]:
        """The marks of each customer."""
        return self.low[group], self.high[group]


@dataclass(frozen=True)
class Placed:
    """Where outcomes lay among the quantiles foretold for them (n,).

    above: index in `UPPER` of the first mark whose quantile reaches the outcome, its length
    where none does. below: index in `LOWER` of the last mark whose quantile does not pass it.
    sure: index of the first mark whose quantile is above 0, its length where none is.
    """

    group: Ints
    bought: NDArray[np.bool_]
    above: Ints
    below: Ints
    sure: Ints


def groups(repeat_orders: Ints, alive: Floats) -> Ints:
    """0 to 5: without, with one or two, with more repeat orders; thought gone, or there (n,)."""
    return 2 * np.digitize(repeat_orders, [1, 3]) + (alive >= 0.5)


def place(actual: Floats, group: Ints, read: Read) -> Placed:
    """Look outcomes up among the quantiles that `read` gives."""
    above = np.full(len(actual), len(UPPER), dtype=np.int64)
    for i in range(len(UPPER) - 1, -1, -1):
        _, high = read(0.0, float(UPPER[i]))
        above[actual <= high + 1e-9] = i
    below = np.zeros(len(actual), dtype=np.int64)
    sure = np.full(len(actual), len(LOWER), dtype=np.int64)
    for i in range(len(LOWER) - 1, -1, -1):
        low, _ = read(float(LOWER[i]), 1.0)
        below = np.maximum(below, np.where(actual >= low - 1e-9, i, 0))
        sure[low > 0] = i
    return Placed(group, actual > 0, above, below, sure)


def calibrate(placed: Sequence[Placed], level: float) -> Marks:
    """The marks of each group at which intervals would have held what came.

    Args:
        placed: of each inner origin.
        level: coverage of the intervals.
    """
    group, bought, above, below, sure = (
        np.concatenate([getattr(one, name) for one in placed])
        for name in ("group", "bought", "above", "below", "sure")
    )
    tail = (1 - level) / 2
    upper = _upper(group, above, 1 - tail)
    lower = _lower(group, below, tail)
    least = level - _BUYERS
    while bought.any() and _share(above[bought] <= upper[group[bought]]) < least:
        if (upper >= len(UPPER) - 1).all():
            break
        upper = np.minimum(upper + 1, len(UPPER) - 1)
    held = (above <= upper[group]) & (below >= lower[group])
    nothing = 0
    while nothing < _index(LOWER, _NOTHING):
        if _share(held & (bought | (sure > nothing))) <= level + _ROOM:
            break
        nothing += 1
    return Marks(LOWER[lower], UPPER[upper], float(LOWER[nothing]))


def _upper(group: Ints, above: Ints, wanted: float) -> Ints:
    """Of each group the least mark that holds the wanted share, drawn towards that of all."""
    whole = _least(above, wanted)
    found = np.full(_KINDS, whole)
    for kind in range(_KINDS):
        own = above[group == kind]
        if len(own):
            trust = len(own) / (len(own) + _FEW)
            found[kind] = round(trust * _least(own, wanted) + (1 - trust) * whole)
    return np.minimum(found, len(UPPER) - 1)


def _lower(group: Ints, below: Ints, tail: float) -> Ints:
    """The same for the lower ends: the highest mark that leaves out no more than the tail."""
    whole = _least(-below, 1 - tail)
    found = np.full(_KINDS, -whole)
    for kind in range(_KINDS):
        own = below[group == kind]
        if len(own):
            trust = len(own) / (len(own) + _FEW)
            found[kind] = round(trust * -_least(-own, 1 - tail) - (1 - trust) * whole)
    return np.clip(found, 0, _index(LOWER, tail))


def _least(values: Ints, share: float) -> int:
    """The least value that this share of them does not exceed, as conformal prediction has it."""
    rank = min(int(np.ceil(share * (len(values) + 1))), len(values)) - 1
    return int(np.partition(values, rank)[rank])


def _index(marks: Floats, value: float) -> int:
    return int(np.searchsorted(marks, value + 1e-12, side="right")) - 1


def _share(held: NDArray[np.bool_]) -> float:
    return float(held.mean()) if len(held) else 1.0
