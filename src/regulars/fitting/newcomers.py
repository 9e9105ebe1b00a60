"""Newcomers: what one new customer is expected to bring, month by month since the first order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.fitting.spend import Spend
from regulars.models.base import History
from regulars.terms.period import DAYS
from regulars.terms.summary import Floats, Summary

_NODES = 4  # moments of a month at which customers join
_RECENT = 6.0  # months whose first orders tell what first orders are worth


@dataclass(frozen=True)
class Newcomers:
    """A cohort that joins evenly over a month, per customer.

    Attributes:
        orders: repeat orders in the month of joining, in the next one, and so on (p,).
        stays: share still customers at the end of each of these months (p,).
        first_value: net value of a first order; NaN without amounts.
        repeat_value: net value of a later order; NaN without amounts.
    """

    orders: Floats
    stays: Floats
    first_value: float = float("nan")
    repeat_value: float = float("nan")

    @property
    def value(self) -> Floats:
        """Expected net revenue in each month, the first order included (p,)."""
        first = np.zeros(len(self.orders))
        first[:1] = self.first_value
        return first + self.orders * self.repeat_value


def newcomers(fitted: Fitted, months: int) -> Newcomers:
    """Expected repeat orders of a new customer by month since joining, and who stays.

    Customers join at Gauss-Legendre nodes of the first month; a month has 365.25 / 12 days.
    """
    ends, shares = _moments(fitted, months)
    fresh = History.new(np.zeros(1))
    stays = np.array(
        [
            [fitted.model.survival_alive(fitted.params, fresh, float(t))[0] for t in row]
            for row in ends
        ]
    )
    return Newcomers(repeats_of_new(fitted, months), stays @ shares)


def repeats_of_new(fitted: Fitted, months: int) -> Floats:
    """Expected repeat orders of a new customer by month since joining alone (p,)."""
    ends, shares = _moments(fitted, months)
    ages = History.new(ends.ravel())
    upto = fitted.model.expected_orders_new(fitted.params, ages).reshape(ends.shape)
    return np.diff(upto @ shares, prepend=0.0)


def _moments(fitted: Fitted, months: int) -> tuple[Floats, Floats]:
    """Ages at the ends of months of those who join at the nodes, (p, nodes), and their shares."""
    length = DAYS["month"] / DAYS[fitted.unit]
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    return (np.arange(1, months + 1)[:, None] - (points + 1) / 2) * length, weights / 2


def valued_as(
    new: Newcomers, spend: Spend | None, summary: Summary, kept_share: float = 1.0
) -> Newcomers:
    """The same with the value of orders.

    A first order is worth the mean of those of the last six months (of all where few fell into
    them), a later one what the spend model expects of a customer of whom no other is known.
    """
    if spend is None or summary.mean_spend is None or summary.first_spend is None:
        return new
    recent = summary.age * DAYS[summary.unit] <= _RECENT * DAYS["month"]
    chosen = recent if recent.sum() >= 100 else np.ones(len(summary), dtype=bool)
    firsts = summary.first_spend[chosen]
    zero = np.zeros(len(firsts))
    later = float(spend.expected(zero, zero, firsts).mean())
    return Newcomers(new.orders, new.stays, float(firsts.mean()) * kept_share, later * kept_share)
