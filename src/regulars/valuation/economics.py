"""Economics: what share of revenue is profit, what later refunds leave, and the base in totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate, Totals
from regulars.valuation.estimate import scaled, shifted

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Economics:
    """Shares that hold for the whole base.

    Attributes:
        profit_share: profit over net revenue, None without margin and cost.
        from_cost: whether it comes from a cost column rather than from a given margin.
        kept_share: what refunds on later days leave of an order's value, 0 to 1.
    """

    profit_share: float | None
    from_cost: bool
    kept_share: float

    @classmethod
    def of(
        cls, historic: Floats, cost: Floats | None, bought: Floats, margin: float | None
    ) -> Economics:
        """From each customer's net revenue, cost and value of purchase days.

        A given margin wins over the cost column.
        """
        net, gross = float(historic.sum()), float(bought.sum())
        from_cost = margin is None and cost is not None and net > 0
        if from_cost and cost is not None:
            margin = 1 - float(cost.sum()) / net
        kept = min(max(net / gross, 0.0), 1.0) if gross > 0 else 1.0
        return cls(margin, from_cost, kept)

    def historic_profit(self, historic: Floats, cost: Floats | None) -> Floats | None:
        """Realised profit of each customer, None without margin and cost."""
        if self.profit_share is None:
            return None
        if self.from_cost and cost is not None:
            return historic - cost
        return historic * self.profit_share


def base_totals(
    historic: Floats,
    historic_profit: Floats | None,
    expected: Estimate,
    orders: Estimate,
    alive: float,
    profit_share: float | None,
) -> Totals:
    """The base as a whole and the average customer, in revenue and in profit.

    Args:
        historic: net revenue of each customer.
        historic_profit: the same in profit, or None.
        expected: expected revenue of all, with its interval.
        orders: expected orders of all, with their interval.
        alive: expected number who are still customers.
        profit_share: profit over net revenue, or None.
    """
    n = len(historic)
    realised = Estimate(float(historic.sum()), level=expected.level)
    lifetime = shifted(expected, realised.value)
    profit = None if profit_share is None else scaled(expected, profit_share)
    lifetime_profit = None
    if profit is not None and historic_profit is not None:
        lifetime_profit = shifted(profit, float(historic_profit.sum()))
    return Totals(
        customers=n,
        expected_customers_alive=alive,
        historic_value=realised,
        expected_value=expected,
        lifetime_value=lifetime,
        historic_value_mean=scaled(realised, 1 / n),
        expected_value_mean=scaled(expected, 1 / n),
        lifetime_value_mean=scaled(lifetime, 1 / n),
        expected_profit=profit,
        expected_profit_mean=None if profit is None else scaled(profit, 1 / n),
        lifetime_profit=lifetime_profit,
        lifetime_profit_mean=None if lifetime_profit is None else scaled(lifetime_profit, 1 / n),
        expected_orders=orders,
        expected_orders_mean=scaled(orders, 1 / n),
    )
