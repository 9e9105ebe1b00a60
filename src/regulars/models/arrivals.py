"""Orders that arrive at random, each customer at a Gamma-distributed rate of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import History, Parameter

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHAPE = Parameter(
    "r",
    "shape of the order rates across customers",
    "almost nobody orders again",
    "all customers order at the same rate",
)
SCALE = Parameter(
    "alpha",
    "scale of the order rates, in time",
    "order rates have no upper limit",
    "no orders at all unless r grows with it",
)


def next_order(shape: Any, rate: Any, quantile: float) -> Floats:
    """Quantile of the wait for an order whose rate is Gamma(shape, rate): Lomax, maybe inf."""
    with np.errstate(over="ignore"):
        return rate * np.expm1(-np.log1p(-quantile) / shape)


def poisson_history(rate: Floats, last: Ints, age: Floats, rng: np.random.Generator) -> History:
    """Histories up to `age` at constant rates, cut off after the `last`-th order.

    The m orders of a Poisson process in (0, age) are m uniform points, so the k-th of them lies
    at age x Beta(k, m - k + 1).
    """
    arrived = rng.poisson(rate * age)
    x = np.minimum(arrived, last)
    share = rng.beta(np.maximum(x, 1), arrived - x + 1)
    return History(x.astype(np.float64), np.where(x > 0, share * age, 0.0), age)
