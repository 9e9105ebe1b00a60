"""Intervals: how many orders each customer may place, and all together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import expected_orders, p_alive
from regulars.fitting.spread import spread
from regulars.fitting.totals import parameter_variance, shock_variance
from regulars.terms.answer import Estimate, Tracking
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Ints, Summary
from regulars.valuation import total_estimate


@dataclass(frozen=True)
class OrderIntervals:
    """What may come within a horizon.

    Attributes:
        expected: expected orders of each customer (n,).
        low, high: interval of each customer's number of orders (n,): uncertain parameters and
            chance.
        total: of all customers, with its interval: uncertain parameters, chance, and shocks that
            all customers share.
    """

    expected: Floats
    low: Floats
    high: Floats
    total: Estimate


class _Counted:
    """A spend of one for each order, so that values are counts."""

    report = None
    note = ""
    findings: tuple[str, ...] = ()

    def expected(self, x: Floats, mean_spend: Floats, first_spend: Floats | None = None) -> Floats:
        """One."""
        return np.ones(len(x))

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """As many as there are orders."""
        return orders.astype(np.float64)

    def log_variance(
        self, x: Floats, mean_spend: Floats, orders: Floats, first_spend: Floats | None = None
    ) -> float:
        """None."""
        return 0.0


def predict_intervals(
    fitted: Fitted,
    summary: Summary,
    horizon: str | Period = "12mo",
    *,
    level: float = 0.9,
    tracking: Tracking | None = None,
    seed: int = 0,
) -> OrderIntervals:
    """Predictive intervals of orders for each customer and for their total.

    Args:
        fitted: an orders model, fitted in the summary's unit.
        summary: the customers.
        horizon: how far to look, `39w`; at most fifty years of forever.
        level: coverage of the intervals.
        tracking: what `track` says of the past; the model's misses of past totals widen the
            interval of the total. Without it shocks are taken as those of a shop whose seasons
            were not seen twice.
        seed: the same seed gives the same intervals.

    Raises:
        InputError: where the summary counts in another unit than the fit.
    """
    period = Period.parse(horizon)
    alive = p_alive(fitted, summary)
    expected = expected_orders(fitted, summary, period)
    ranges = spread(fitted, _Counted(), summary, alive, period, level=level, seed=seed)
    weight = np.ones(len(summary)) if summary.weight is None else summary.weight.astype(np.float64)
    total = float(expected @ weight)
    variance = parameter_variance(fitted, summary, np.ones(len(summary)), period, seed)
    variance += shock_variance(tracking, None)
    if total > 0:
        if_alive = expected / np.where(alive > 0, alive, 1.0)
        variance += float((ranges.value_variance * if_alive**2) @ weight) / total**2
    return OrderIntervals(
        expected=expected,
        low=ranges.orders_low,
        high=ranges.orders_high,
        total=total_estimate(total, variance, level),
    )
