"""Log-normal spend: the log value of an order varies around a customer's, and that by customer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Floats, Parameter, Params
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LogSpending:
    """Repeat buyers by how many repeat orders they have: all that the likelihood depends on.

    Attributes:
        customers: how many, all weights counted.
        x: the repeat counts found (k,).
        buyers: customers of each count (k,).
        mean: their mean log mean spend (k,).
        variance: its variance among them (k,).
    """

    customers: int
    x: Floats
    buyers: Floats
    mean: Floats
    variance: Floats


class LogNormalSpend:
    """Hierarchical log-normal spend, seen through the mean of a customer's repeat orders.

    A customer's log values are Normal(level, within) and the levels Normal(log typical, between),
    both variances. The mean of x such values has no closed density; it is taken as log-normal
    with the same two moments (Fenton 1960), which is exact for one order and for very many. Its
    log variance given the level is log(1 + (exp(within) - 1) / x), so all is normal in the log,
    and a customer's level is drawn towards the typical one in closed form.
    """

    name = "log-normal-spend"
    title = "Log-normal spend"
    parameters = (
        Parameter(
            "typical",
            "median value of an order of the median customer, in money",
            "orders are worth nothing",
            "orders are worth more than any number",
        ),
        Parameter(
            "between",
            "variance of the log value between customers",
            "all customers spend alike",
            "customers differ without limit",
        ),
        Parameter(
            "within",
            "variance of the log value between one customer's orders",
            "all orders of a customer have the same value",
            "one customer's orders differ without limit",
        ),
    )
    detours = ()

    def start(self, summary: Summary) -> tuple[float, ...]:
        """The median mean spend, and half of the variance of its logarithm for each part."""
        spend = summary.mean_spend
        if spend is None or not (usable := _usable(summary)).any():
            return 1.0, 0.5, 0.5
        logs = np.log(spend[usable])
        half = max(float(np.var(logs)) / 2, 1e-4)
        return float(np.exp(np.median(logs))), half, half

    def prepare(self, summary: Summary) -> LogSpending:
        """Count, mean and variance of the log mean spend for each number of repeat orders.

        Raises:
            DataError: without amounts, or if nobody has a repeat order of positive value.
        """
        if summary.mean_spend is None:
            raise DataError("The orders carry no amounts.", "Name the column of amounts.")
        usable = _usable(summary)
        if not usable.any():
            raise DataError(
                "Nobody has a repeat order of positive value, so spend cannot be modelled.",
                "Use a longer history.",
            )
        x, logs = summary.repeat_orders[usable], np.log(summary.mean_spend[usable])
        given = summary.weight
        weight = np.ones(len(x)) if given is None else given[usable].astype(np.float64)
        counts, place = np.unique(x, return_inverse=True)
        buyers = np.bincount(place, weights=weight).astype(np.float64)
        mean = np.bincount(place, weights=weight * logs) / buyers
        apart = np.bincount(place, weights=weight * (logs - mean[place]) ** 2)
        return LogSpending(
            customers=round(float(buyers.sum())),
            x=counts.astype(np.float64),
            buyers=buyers,
            mean=mean,
            variance=apart / buyers,
        )

    def log_likelihood(self, params: Params, x: Floats, mean_spend: Floats) -> Any:
        """Log-likelihood of each mean of x repeat orders (n,), x >= 1, floats or jets."""
        return self._log_density(params, np.asarray(x, dtype=np.float64), np.log(mean_spend), 0.0)

    def terms(self, params: Params, data: LogSpending) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, one row for each repeat count."""
        yield self._log_density(params, data.x, data.mean, data.variance), data.buyers

    def _log_density(self, params: Params, x: Floats, mean: Floats, variance: Any) -> Any:
        """Mean log-density of log means of this mean and variance, each of x orders."""
        typical, between, within = params
        noise = _noise(within, x)
        spread = between + noise
        apart = mean - np.log(typical) - 0.5 * (within - noise)
        return -0.5 * (np.log(spread * (2 * np.pi)) + (apart * apart + variance) / spread) - mean

    def scaled(self, params: Params, factor: Any) -> tuple[Any, ...]:
        """The parameters for customers whose values are all `factor` times as large."""
        typical, between, within = params
        return typical * factor, between, within

    def has_mean(self, params: Params) -> bool:
        """Always: a log-normal has every moment."""
        return True

    def population_mean(self, params: Params) -> float:
        """The expected value of a new customer's orders."""
        typical, between, within = params
        return float(typical * np.exp((between + within) / 2))

    def expected_spend(self, params: Params, x: Floats, mean_spend: Floats) -> Floats:
        """E[value of a future order | x repeat orders of this mean].

        The mean of a log-normal whose level is drawn from the customer's own towards the typical
        one, the less so the more orders were seen. A mean of 0 or less counts as none seen.
        """
        typical, _, within = params
        x, mean_spend = np.broadcast_arrays(x, mean_spend)
        seen = (x > 0) & (mean_spend > 0)
        trust, left = self._trust(params, np.where(seen, x, 0.0))
        own = np.log(np.where(seen, mean_spend, 1.0)) - 0.5 * (
            within - _noise(within, np.maximum(x, 1.0))
        )
        level = np.log(typical) + trust * (own - np.log(typical))
        return np.exp(level + 0.5 * (left + within))

    def sample_total_ratio(
        self, params: Params, x: Any, n_orders: Ints, rng: np.random.Generator
    ) -> Floats:
        """Draw the total of n future orders over the expected value of one; shape of n_orders.

        0 where n is 0. The parameters may be arrays of that shape.
        """
        n_orders = np.asarray(n_orders)
        _, left = self._trust(params, np.asarray(x, dtype=np.float64))
        variance = left + _noise(params[2], np.maximum(n_orders, 1.0))
        drawn = rng.standard_normal(n_orders.shape)
        return n_orders * np.exp(np.sqrt(variance) * drawn - 0.5 * variance)

    def _trust(self, params: Params, x: Floats) -> tuple[Floats, Floats]:
        """Share of a customer's own mean in the level, and the variance that is left of it."""
        _, between, within = params
        noise = _noise(within, np.maximum(x, 1.0))
        trust = np.where(x > 0, between / (between + noise), 0.0)
        return trust, between * (1 - trust)


def _noise(within: Any, x: Any) -> Any:
    """Variance of the log mean of x orders, given the customer's level (Fenton 1960)."""
    return np.log1p(np.expm1(within) / x)


def _usable(summary: Summary) -> NDArray[np.bool_]:
    """Who has a repeat order of positive value."""
    spend = summary.mean_spend
    return (summary.repeat_orders > 0) & (spend > 0) if spend is not None else np.zeros(0, np.bool_)
