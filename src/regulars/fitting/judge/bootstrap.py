"""Bootstrap: is one candidate better than another beyond what other customers would change?

Customers are drawn with replacement as weights, the same for every candidate (paired), so that
what is easy or hard about a draw cancels in the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.summary import Floats

DRAWS = 500
COVER = 0.95
_CELLS = 200_000  # weights held at once, so that they stay in cache


@dataclass(frozen=True)
class Difference:
    """A candidate's score minus the reference's, with its interval over redrawn customers.

    `score` is the reference's own; `significantly_worse` says that the whole interval lies on the
    worse side of 0.
    """

    candidate: str
    reference: str
    metric: str
    score: float
    difference: float
    low: float
    high: float
    significantly_worse: bool


def differences(
    actual: Floats,
    expected: Mapping[str, Floats],
    reference: str | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[Difference]:
    """Paired differences in RMSE and normalised Gini of every candidate to a reference.

    Args:
        actual: what came (n,).
        expected: what each candidate foretold (n,).
        reference: whom to compare to; the best of each metric where None.
        draws: how many times the customers are redrawn.
        seed: the same seed redraws the same customers.

    Returns:
        Two entries per candidate but the reference; a metric that the reference or the candidate
        does not have (everybody expected the same) is left out, and without draws all are.
    """
    if not draws or not expected:
        return []
    rmse, gini = _replicates(actual, expected, draws, seed)
    return [
        *_compared("rmse", rmse, reference, worse=1.0),
        *_compared("gini", gini, reference, worse=-1.0),
    ]


def _compared(
    metric: str, replicates: dict[str, Floats], reference: str | None, worse: float
) -> list[Difference]:
    """Differences of one metric; `worse` is the sign of a difference to the worse."""
    known = {name: values for name, values in replicates.items() if np.isfinite(values[0])}
    if reference is not None and reference not in known:
        return []
    if not known:
        return []
    best = reference or min(known, key=lambda name: worse * float(known[name][0]))
    found: list[Difference] = []
    for name, values in known.items():
        if name == best:
            continue
        apart = values - known[best]
        drawn = apart[1:][np.isfinite(apart[1:])]
        if not len(drawn):
            continue
        low, high = np.quantile(drawn, [(1 - COVER) / 2, (1 + COVER) / 2]).tolist()
        lost = low > 0 if worse > 0 else high < 0
        score = float(known[best][0])
        found.append(Difference(name, best, metric, score, float(apart[0]), low, high, lost))
    return found


def _replicates(
    actual: Floats, expected: Mapping[str, Floats], draws: int, seed: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """RMSE and Gini by name (1 + draws,): on the customers as they are, then on each redraw."""
    n, rng = len(actual), np.random.default_rng(seed)
    squares = np.column_stack([(mean - actual) ** 2 for mean in expected.values()])
    orders = {name: _Order.of(actual, mean) for name, mean in expected.items()}
    perfect = _Order.of(actual, actual)
    parts: list[Floats] = []
    ginis: dict[str, list[Floats]] = {name: [] for name in expected}
    for weights in _weights(n, draws, rng):
        parts.append(np.sqrt(weights.T @ squares / n))
        total = actual @ weights
        ideal = perfect.concentration(weights, total)
        for name, order in orders.items():
            ginis[name].append(_ratio(order.concentration(weights, total), ideal))
    errors = np.concatenate(parts)
    return (
        {name: errors[:, i] for i, name in enumerate(expected)},
        {name: np.concatenate(values) for name, values in ginis.items()},
    )


def _weights(n: int, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Blocks (n, b) of how often each customer is drawn; the first is once each."""
    size = max(min(_CELLS // max(n, 1), draws), 1)
    yield np.ones((n, 1))
    for begin in range(0, draws, size):
        count = min(size, draws - begin)
        columns = [np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(count)]
        yield np.column_stack(columns).astype(np.float64)


@dataclass(frozen=True)
class _Order:
    """Customers in rising order of an expectation, and where each group of equals begins."""

    rows: NDArray[np.int64]
    begins: NDArray[np.int64]
    actual: Floats

    @classmethod
    def of(cls, actual: Floats, by: Floats) -> _Order:
        rows = np.argsort(by, kind="stable")
        begins = np.flatnonzero(np.diff(by[rows], prepend=-np.inf) > 0)
        return cls(rows, begins, actual[rows])

    def concentration(self, weights: Floats, total: Floats) -> Floats:
        """Concentration index of each redraw (b,): `scores._concentration` with weights."""
        if len(self.begins) < 2:
            return np.full_like(total, np.nan)
        drawn: Floats = weights[self.rows]
        people: Floats = np.add.reduceat(drawn, self.begins)
        came: Floats = np.add.reduceat(drawn * self.actual[:, None], self.begins)
        middle = (np.cumsum(people, axis=0) - people / 2) / len(self.rows)
        placed = np.einsum("gb,gb->b", came, middle)
        return 2.0 * _ratio(placed, total) - 1.0


def _ratio(above: Floats, below: Floats) -> Floats:
    """Above over below, NaN where below is not above 0."""
    out = np.full(len(above), np.nan)
    return np.divide(above, below, out=out, where=below > 0)
