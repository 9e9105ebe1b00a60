"""Totals: the interval of a whole base, where customers share what they do not choose.

Summing customers as if they were independent gives absurdly narrow intervals: they share the
parameters, which are estimates, and the calendar, which moves all of them at once. The log of the
total is taken as normal with three variances: parameters (delta method), each customer's own
chance, and a shared shock as large as the model's own misses of past totals.
"""

from __future__ import annotations

import math

import numpy as np

from regulars.fitting.coordinates import to_params
from regulars.fitting.fitted import Fitted
from regulars.fitting.groups import history_of, states_of
from regulars.fitting.predict import COUNTED
from regulars.terms.answer import Tracking
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

_SAMPLE = 4_000  # customers that are enough for the slope of a total
_STEP = 1e-4
_BLOCK = 13  # weeks: misses of shorter spans are mostly chance
_STEADY = 0.05  # standard deviation of the log of a year's total that no shop stays below
_UNSEEN = 0.10  # the same where no season has come twice
_SEASONS = 104  # weeks


def parameter_variance(
    fitted: Fitted, summary: Summary, spend: Floats, horizon: Period, seed: int = 0
) -> float:
    """Variance of the log of the expected total that comes from the parameters alone."""
    n = len(summary)
    if n > _SAMPLE:
        rows = np.sort(np.random.default_rng(seed).choice(n, _SAMPLE, replace=False))
        summary, spend = summary.select(rows), spend[rows]
    whole = history_of(summary, fitted.model.reads)
    states = states_of(summary, fitted.model.state)
    reach = min(horizon.count(summary.unit), COUNTED.count(summary.unit))
    centre = fitted.point

    def log_total(point: Floats) -> float:
        params = tuple(to_params(fitted.likelihood.parameters, point).tolist())
        alive = fitted.model.p_alive(params, whole)
        orders = fitted.model.expected_orders_alive(params, states.history, reach)
        return math.log(max(float((alive * orders[states.index]) @ spend), 1e-300))

    slope = np.zeros(len(centre))
    for i in range(len(centre)):
        step = np.zeros(len(centre))
        step[i] = _STEP
        slope[i] = (log_total(centre + step) - log_total(centre - step)) / (2 * _STEP)
    return float(max(slope @ fitted.covariance @ slope, 0.0))


def shock_variance(tracking: Tracking | None, holdout_bias: float | None) -> float:
    """Variance of the log of a total that customers share, from the model's own past misses.

    The mean square of log(actual / expected) over quarters since the base was a quarter of its
    size, or of the holdout's miss where that is larger; on top of it what no history shows.
    """
    floor = unseen_variance(tracking)
    misses: list[float] = []
    if holdout_bias is not None and holdout_bias > -1:
        misses.append(math.log1p(holdout_bias) ** 2)
    if tracking is not None:
        quarters = _quarters(tracking)
        if len(quarters):
            misses.append(float((quarters**2).mean()))
    return floor + max(misses, default=0.0)


def unseen_variance(tracking: Tracking | None) -> float:
    """Variance of the log of a total that no history shows; more where no season came twice."""
    seen = tracking is not None and len(tracking.actual) >= _SEASONS
    return (_STEADY if seen else _UNSEEN) ** 2


def _quarters(tracking: Tracking) -> Floats:
    blocks = len(tracking.actual) // _BLOCK
    if not blocks:
        return np.zeros(0)
    cut = slice(len(tracking.actual) - blocks * _BLOCK, None)
    actual = tracking.actual[cut].reshape(blocks, _BLOCK).sum(1)
    expected = tracking.expected[cut].reshape(blocks, _BLOCK).sum(1)
    large = expected > 0.25 * expected.max()
    return np.log(np.maximum(actual[large], 0.5) / np.maximum(expected[large], 0.5))
