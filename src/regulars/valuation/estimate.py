"""Estimates: intervals of totals, scaled to means and shifted by what is already known."""

from __future__ import annotations

import math
from statistics import NormalDist

from regulars.terms.answer import Estimate

_KNOWN = 1.0  # beyond it a log-normal's mean leaves its own interval


def total_estimate(total: float, variance: float, level: float) -> Estimate:
    """A total with the interval of a log-normal whose mean it is.

    Args:
        total: the expected total; one that is not above 0 and finite gets no interval.
        variance: of the logarithm of the total; above 1 nothing is known and no interval given.
        level: coverage.
    """
    if not (math.isfinite(total) and total > 0 and variance <= _KNOWN):
        return Estimate(total, None, None, level)
    spread = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    centre = total * math.exp(-variance / 2)
    return Estimate(total, centre * math.exp(-spread), centre * math.exp(spread), level)


def scaled(estimate: Estimate, by: float) -> Estimate:
    """The estimate times a known factor; a negative one turns the interval around."""
    ends = [None if end is None else end * by for end in (estimate.low, estimate.high)]
    low, high = ends if by >= 0 else ends[::-1]
    return Estimate(estimate.value * by, low, high, estimate.level)


def shifted(estimate: Estimate, by: float) -> Estimate:
    """The estimate plus a known amount."""
    low, high = (None if end is None else end + by for end in (estimate.low, estimate.high))
    return Estimate(estimate.value + by, low, high, estimate.level)
