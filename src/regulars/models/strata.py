"""Strata: a few kinds of customers that stand for all, by what their covariates do to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST = 36  # distinct kinds that are kept as they are
_ONE, _TWO = (36,), (9, 4)  # parts by the predictor that varies most, and of each by the next
_ENOUGH = 50_000  # customers that tell the parts


@dataclass(frozen=True, slots=True)
class Strata:
    """Kinds of customers: their columns of the design, and their shares.

    Attributes:
        columns: of each kind (m, c); the mean over its customers.
        share: of all customers (m,), adding up to 1.
    """

    columns: Floats
    share: Floats

    @classmethod
    def of(cls, columns: Floats, predictors: Floats, weight: NDArray[Any] | None) -> Strata:
        """Find the kinds among customers.

        Up to 36 distinct rows of the design are kinds as they are. More are cut into 9 equal
        parts by the linear predictor that varies most, and each of these into 4 by the next; a
        single predictor is cut into 36.

        Args:
            columns: the design (n, c).
            predictors: linear predictors (n, p), what the columns do.
            weight: customers that each row stands for, or None.
        """
        many = np.ones(len(columns)) if weight is None else weight.astype(np.float64)
        if len(columns) > _ENOUGH:
            some = np.arange(0, len(columns), len(columns) // _ENOUGH)
            columns, predictors, many = columns[some], predictors[some], many[some]
        kinds, place = np.unique(columns, axis=0, return_inverse=True)
        place = place.reshape(-1).astype(np.int64)
        if len(kinds) > MOST:
            place = _cut(predictors, many)
        share = np.bincount(place, weights=many)
        sums = [np.bincount(place, weights=many * column) for column in columns.T]
        means = np.stack(sums, axis=1) / share[:, None] if sums else np.zeros((len(share), 0))
        return cls(means, share / share.sum())

    def nearest(self, own: Floats, predictors: Floats) -> Ints:
        """The kind of each customer, by distance in the predictors.

        Args:
            own: predictors of the kinds (m, p).
            predictors: those of the customers (n, p).
        """
        best = np.zeros(len(predictors), dtype=np.int64)
        least = np.full(len(predictors), np.inf)
        for kind, centre in enumerate(own):
            distance = ((predictors - centre) ** 2).sum(1)
            closer = distance < least
            best[closer], least[closer] = kind, distance[closer]
        return best


def _cut(predictors: Floats, weight: Floats) -> Ints:
    """Part of each customer, by the predictors in falling order of their spread."""
    place = np.zeros(len(predictors), dtype=np.int64)
    order = np.argsort(-predictors.std(axis=0), kind="stable")
    for axis, parts in zip(order, _ONE if len(order) == 1 else _TWO, strict=False):
        finer = np.zeros_like(place)
        for kind in range(int(place.max()) + 1):
            rows = np.flatnonzero(place == kind)
            finer[rows] = _parts(predictors[rows, axis], weight[rows], parts)
        place = np.unique(place * parts + finer, return_inverse=True)[1].astype(np.int64)
    return place


def _parts(values: Floats, weight: Floats, parts: int) -> Ints:
    """Equally heavy parts of values, equal values together."""
    distinct, place = np.unique(values, return_inverse=True)
    heavy = np.bincount(place, weights=weight)
    middle = (np.cumsum(heavy) - heavy / 2) / heavy.sum()
    return np.minimum((middle * parts).astype(np.int64), parts - 1)[place] * (len(distinct) > 0)
