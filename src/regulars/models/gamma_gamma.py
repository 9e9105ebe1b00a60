"""Gamma-Gamma: the value of an order varies around a customer's mean, and the mean by customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import BLOCK, Floats, Parameter, Params
from regulars.models.maths import log_beta
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Spending:
    """What Gamma-Gamma reads of a summary: repeat buyers whose orders had a value.

    Attributes:
        customers: how many, all weights counted.
        counts, buyers: the repeat counts found, and how many customers there are for each.
        spent: x times the mean spend of each row (n,).
        weight: customers a row stands for (n,).
        orders: x times the weight of each row (n,).
        log_orders: sum of x log(x mean_spend) over customers.
        log_spend: sum of log(mean_spend).
    """

    customers: int
    counts: Floats
    buyers: Floats
    spent: Floats
    weight: Floats
    orders: Floats
    log_orders: float
    log_spend: float


class GammaGamma:
    """Gamma-Gamma spend: Fader & Hardie 2013, "The Gamma-Gamma Model of Monetary Value".

    A customer's orders are worth Gamma(p, nu) each, with nu ~ Gamma(q, v). It holds for the mean
    of repeat orders and takes spend to be independent of how often a customer orders. For q <= 1
    the population has no mean: see `has_mean`.
    """

    name = "gamma-gamma"
    title = "Gamma-Gamma"
    parameters = (
        Parameter(
            "p",
            "shape of the values of one customer's orders",
            "one customer's orders differ without limit",
            "all orders of a customer have the same value",
        ),
        Parameter(
            "q",
            "shape of the customers' own scales",
            "customers differ so much that spend has no mean",
            "all customers spend alike",
        ),
        Parameter(
            "v",
            "scale of the customers' own scales, in money",
            "spend has no lower limit",
            "spend has no upper limit unless q grows with it",
        ),
    )
    detours = ()

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Moderate shapes at the scale of the mean spend."""
        spend = summary.mean_spend
        if spend is None or not (usable := (summary.repeat_orders > 0) & (spend > 0)).any():
            return 2.0, 3.0, 1.0
        weight = None if summary.weight is None else summary.weight[usable]
        mean = float(np.average(spend[usable], weights=weight))
        return 2.0, 3.0, mean

    def prepare(self, summary: Summary) -> Spending:
        """Keep the repeat buyers with a positive mean spend.

        Raises:
            DataError: without amounts, or if nobody has a repeat order of positive value.
        """
        if summary.mean_spend is None:
            raise DataError("The orders carry no amounts.", "Name the column of amounts.")
        usable = (summary.repeat_orders > 0) & (summary.mean_spend > 0)
        x, mean = summary.repeat_orders[usable], summary.mean_spend[usable]
        if not len(x):
            raise DataError(
                "Nobody has a repeat order of positive value, so spend cannot be modelled.",
                "Use a longer history.",
            )
        given = summary.weight
        weight = np.ones(len(x)) if given is None else given[usable].astype(np.float64)
        buyers = np.bincount(x, weights=None if given is None else weight).astype(np.float64)
        counts = np.flatnonzero(buyers)
        counted, logs = x.astype(np.float64), np.log(mean)
        orders = counted * weight
        return Spending(
            customers=round(float(buyers.sum())),
            counts=counts.astype(np.float64),
            buyers=buyers[counts],
            spent=counted * mean,
            weight=weight,
            orders=orders,
            log_orders=float(orders @ logs + buyers[counts] @ (counts * np.log(counts))),
            log_spend=float(weight @ logs),
        )

    def log_likelihood(self, params: Params, x: Floats, mean_spend: Floats) -> Any:
        """Log-likelihood of each mean of x repeat orders (n,), x >= 1, floats or jets (eq. 1a).

        v may have an entry for each customer; p and q are those of all.
        """
        p, q, v = params
        x, mean_spend = np.asarray(x, dtype=np.float64), np.asarray(mean_spend, dtype=np.float64)
        counts, place = np.unique(x, return_inverse=True)
        spent = x * mean_spend
        shares = p * x * np.log1p(v * (1.0 / spent)) + q * np.log1p(spent * (1.0 / v))
        return -log_beta(p * counts, q)[place] - shares - np.log(mean_spend)

    def terms(self, params: Params, data: Spending) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample: gamma functions once per repeat count, a log per row."""
        p, q, v = params
        yield log_beta(p * data.counts, q), -data.buyers
        once = q * np.log(v) * float(data.customers)
        yield once + p * data.log_orders - data.log_spend, 1.0
        for begin in range(0, len(data.spent), BLOCK):
            rows = slice(begin, begin + BLOCK)
            logs = np.log(data.spent[rows] + v)
            by_orders, by_customers = _dot(logs, data.orders[rows]), _dot(logs, data.weight[rows])
            yield p * by_orders + q * by_customers, -1.0

    def scaled(self, params: Params, factor: Any) -> tuple[Any, ...]:
        """The parameters for customers whose values are all `factor` times as large."""
        p, q, v = params
        return p, q, v * factor

    def has_mean(self, params: Params) -> bool:
        """Whether the population's mean spend exists: q > 1."""
        return bool(params[1] > 1.0)

    def population_mean(self, params: Params) -> float | None:
        """The expected value of a new customer's orders, p v / (q - 1) (eq. 2).

        None for q <= 1: the heavy tail has no mean, and the caller must fall back on an
        estimate that has one.
        """
        p, q, v = params
        return float(p * v / (q - 1.0)) if q > 1.0 else None

    def expected_spend(self, params: Params, x: Floats, mean_spend: Floats) -> Floats:
        """E[value of a future order | x repeat orders of this mean] (eq. 5).

        (v + x mean) p / (p x + q - 1): a weighted mean of the customer's own mean and the
        population's. Infinite where p x + q <= 1, which only happens for q <= 1 and few orders.
        """
        p, q, v = params
        x, mean_spend = np.broadcast_arrays(x, mean_spend)
        below = p * x + q - 1.0
        top = p * (v + np.where(x > 0, x * mean_spend, 0.0))
        return np.where(below > 0.0, top / np.where(below > 0.0, below, 1.0), np.inf)

    def sample_total_ratio(
        self, params: Params, x: Any, n_orders: Ints, rng: np.random.Generator
    ) -> Floats:
        """Draw the total of n future orders, as a ratio to v + x mean_spend; shape of n_orders.

        The total over v + x mean is BetaPrime(p n, q + p x), whatever the customer's mean is.
        0 where n is 0. The parameters may be arrays of that shape.
        """
        p, q, _ = params
        n_orders = np.asarray(n_orders)
        top = rng.gamma(np.where(n_orders > 0, p * n_orders, 1.0))
        bottom = rng.gamma(q + p * x, size=n_orders.shape)
        return np.where(n_orders > 0, top / np.maximum(bottom, np.finfo(np.float64).tiny), 0.0)


def _dot(values: Any, weights: Floats) -> Any:
    """Weighted sum of an array, or of a jet whose derivatives are arrays."""

    def add_up(part: Floats) -> Any:
        return part @ weights

    add = getattr(values, "map", None)
    return add_up(values) if add is None else add(add_up)
