"""Numbers of payments: what they are worth, and which number a contract reaches with a chance."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from regulars.terms.tenures import Floats


def annuity(payments: ArrayLike, discount: float) -> Floats:
    """Value at the first of a number of payments, one a period: (1 - d^j) / (1 - d)."""
    count = np.asarray(payments, dtype=np.float64)
    if discount == 0:
        return count
    rate = math.log1p(discount)
    return np.expm1(-rate * count) / math.expm1(-rate)


def payments_quantile(
    chance: Callable[[Any], Floats], n: int, steps: float, share: float
) -> Floats:
    """Smallest j with P(at most j payments) >= share, j = 0 .. steps, by bisection."""
    top = float(steps) if math.isfinite(steps) else 1e6
    low, high = np.full(n, -1.0), np.full(n, top)  # P(J <= low) < share <= P(J <= high)
    while (high - low > 1.0).any():
        middle = np.floor((low + high) / 2)
        middle = np.where(high - low > 1.0, middle, high)
        enough = 1.0 - chance(middle + 1.0) >= share - 1e-12
        enough |= middle >= top
        high = np.where(enough, middle, high)
        low = np.where(enough, low, middle)
    return high
