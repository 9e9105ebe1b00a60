"""Drivers: what is known of a customer that moves the scale of their spend."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulars.models.base import Parameter
from regulars.terms.summary import Floats, Summary

_RIM = 0.001  # share of first orders at each end whose size says no more than that of the next

_FIRST = Parameter(
    "first_factor",
    "factor on a customer's spend for each doubling of the value of the first order",
    "the smallest first order promises all",
    "the largest first order promises all",
)
_ORDERS = Parameter(
    "order_factor",
    "factor on a customer's spend for each doubling of the number of orders",
    "whoever orders often spends nothing an order",
    "whoever orders often spends without limit",
)


@dataclass(frozen=True)
class FirstOrder:
    """How a first order is read: in doublings of the typical one, within what was often seen.

    Attributes:
        typical: geometric mean of the first orders of repeat buyers.
        low, high: limits at which smaller and larger ones are held.
    """

    typical: float
    low: float
    high: float

    @classmethod
    def of(cls, summary: Summary) -> FirstOrder | None:
        """Of the repeat buyers; None where too little is known, or all are alike."""
        first, spend = summary.first_spend, summary.mean_spend
        if first is None or spend is None:
            return None
        rows = (summary.repeat_orders > 0) & (spend > 0) & (first > 0)
        if not rows.any():
            return None
        logs = np.log(first[rows])
        weight = np.ones(len(logs)) if summary.weight is None else summary.weight[rows]
        order = np.argsort(logs, kind="stable")
        reached = np.cumsum(weight[order]) / weight.sum()
        low, high = logs[order][np.searchsorted(reached, [_RIM, 1 - _RIM])]
        if not high > low:
            return None
        centre = float(np.average(np.clip(logs, low, high), weights=weight))
        return cls(math.exp(centre), math.exp(low), math.exp(high))

    def doublings(self, first_spend: Floats) -> Floats:
        """Doublings from the typical first order (n,); 0 where there is no positive value."""
        held = np.clip(first_spend, self.low, self.high)
        return np.where(first_spend > 0, np.log2(held / self.typical), 0.0)


@dataclass(frozen=True)
class Drivers:
    """Which drivers a spend model has: the number of orders, the value of the first one."""

    orders: bool = False
    first: FirstOrder | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """One factor each; 1 means that the driver moves nothing."""
        return (_FIRST,) * (self.first is not None) + (_ORDERS,) * self.orders

    def doublings(self, x: Floats, first_spend: Floats | None) -> Floats:
        """Doublings (k, n) of customers with x repeat orders; a first order unknown is typical."""
        rows: list[Floats] = []
        if self.first is not None:
            unknown = np.zeros(len(x))
            rows.append(unknown if first_spend is None else self.first.doublings(first_spend))
        if self.orders:
            rows.append(np.log2(1.0 + x))
        return np.array(rows, dtype=np.float64).reshape(len(rows), len(x))
