"""Pareto/NBD: customers order at random and may leave at any moment, unseen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals, pareto_sample
from regulars.models.base import Floats, History, Parameter, Params
from regulars.models.counts import counts_until_exit
from regulars.models.maths import saturation
from regulars.models.pareto_integral import log_odds_left
from regulars.models.pareto_sample import ParetoSample
from regulars.models.sample import log_rising, typical_age
from regulars.terms.summary import Summary

_LARGEST_MEAN = 1e15  # of a Poisson draw; beyond it a count no longer fits 64 bits


class ParetoNBD:
    """Pareto / NBD: Schmittlein, Morrison & Colombo 1987; Fader & Hardie 2005 (note on it).

    A customer orders by a Poisson process of rate lambda ~ Gamma(r, alpha) and leaves after an
    exponential lifetime of rate mu ~ Gamma(s, beta). Nobody is certain to be still there.
    """

    name = "pareto-nbd"
    title = "Pareto/NBD"
    reads = ("x", "t_x", "T")
    state = ("x", "T")
    effects = (("purchase", "alpha", -1.0), ("dropout", "beta", -1.0))
    parameters = (
        arrivals.SHAPE,
        arrivals.SCALE,
        Parameter(
            "s",
            "shape of the dropout rates across customers",
            "nobody ever leaves, so NBD says it all",
            "everybody leaves at the same rate",
        ),
        Parameter(
            "beta",
            "scale of the dropout rates, in time",
            "some leave at once and the others never",
            "nobody leaves unless s grows with it; if both grow, the rate is the same for all",
        ),
    )
    detours = ()
    nested: ClassVar = {"nbd": {"r": "r", "alpha": "alpha", "s": 1e-6, "beta": 1.0}}

    def start(self, summary: Summary) -> tuple[float, ...]:
        """A scale rule in the mean age of the customers."""
        age = typical_age(summary)
        return 0.5, 0.25 * age, 0.5, 0.35 * age

    def prepare(self, summary: Summary) -> ParetoSample:
        """Group the summary and choose the cheapest exact way for each part of it."""
        return pareto_sample.gather_pareto(summary)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer shape of x, for floats or jets."""
        x, t_x, T = history.x, history.t_x, history.T
        r, alpha, _, _ = params
        silent = pareto_sample.log_survival(params, x, t_x, T)
        return log_rising(r, x) - x * np.log(alpha) + silent

    def terms(self, params: Params, data: ParetoSample) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, with the terms in x alone taken from the histogram."""
        r, alpha, _, _ = params
        yield data.sample.rising(r)
        yield np.log(alpha) * -data.sample.orders, 1.0
        yield from data.terms(params)

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T): 1 / (1 + odds of having left); may underflow to 0."""
        return np.exp(-np.logaddexp(0.0, log_odds_left(params, history.x, history.t_x, history.T)))

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still there; endless if horizon = inf and s <= 1.

        (r + x) / (alpha + T) times the expected time still to come (Fader & Hardie 2005, eq. 41).
        """
        r, alpha, _, _ = params
        rate = (r + np.asarray(history.x)) / (alpha + np.asarray(history.T))
        return rate * self.expected_lifetime_alive(params, history, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to `age`] (Fader & Hardie 2005, eq. 17)."""
        r, alpha, s, beta = params
        return r / alpha * _expected_time(s, beta, np.asarray(history.T, dtype=np.float64))

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there: it depends on T alone."""
        _, _, s, beta = params
        return _expected_time(s, beta + np.broadcast_to(history.T, history.shape), np.float64(cap))

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(no leaving within `ahead`): (1 + ahead / (beta + T))^-s."""
        _, _, s, beta = params
        age = np.broadcast_to(np.asarray(history.T, dtype=np.float64), history.shape)
        return np.exp(-s * np.log1p(ahead / (beta + age)))

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n).

        The orders until the horizon or the moment of leaving, whichever comes first.
        """
        r, alpha, s, beta = params
        given = np.broadcast_arrays(r + history.x, alpha + history.T, s, beta + history.T)
        shape, rate, s, start = (np.asarray(v, dtype=np.float64).reshape(-1) for v in given)

        def there(u: Floats, rows: NDArray[np.int64]) -> Floats:
            return np.exp(-s[rows] * np.log1p(u / start[rows]))

        def leaves(u: Floats, rows: NDArray[np.int64]) -> Floats:
            return s[rows] / (start[rows] + u) * there(u, rows)

        scale = start / np.maximum(s, 1.0)
        found = counts_until_exit(most, shape, rate, horizon, there, leaves, scale)
        return found.reshape(-1, *given[0].shape)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        r, alpha, _, _ = params
        return arrivals.next_order(r + history.x, alpha + history.T, quantile)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        r, alpha, s, beta = params
        rate = rng.gamma(r + history.x, 1.0 / (alpha + history.T), n)
        time = np.minimum(_lifetimes(rng.gamma(s, 1.0 / (beta + history.T), n), rng), horizon)
        return rng.poisson(np.minimum(rate * time, _LARGEST_MEAN))

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`."""
        r, alpha, s, beta = params
        age = np.asarray(age, dtype=np.float64)
        rate = rng.gamma(r, 1.0 / alpha, age.shape)
        time = np.minimum(_lifetimes(rng.gamma(s, 1.0 / beta, age.shape), rng), age)
        never = np.full(age.shape, np.iinfo(np.int64).max)
        return replace(arrivals.poisson_history(rate, never, time, rng), T=age)


def _expected_time(s: Any, rate: Any, cap: Any) -> Floats:
    """E[min(lifetime, cap)] where the dropout rate is Gamma(s, rate): smooth at s = 1."""
    ends = np.isfinite(cap)
    finite = np.where(ends, cap, 0.0)
    mean = np.where(s > 1.0, rate / np.where(s > 1.0, s - 1.0, 1.0), np.inf)
    return np.where(ends, finite * saturation(s - 1.0, finite / rate), mean)


def _lifetimes(rate: Floats, rng: np.random.Generator) -> Floats:
    """Exponential lifetimes at given rates; endless where a rate underflowed to 0."""
    wait = rng.exponential(size=rate.shape)
    return np.divide(wait, rate, out=np.full(rate.shape, np.inf), where=rate > wait * 1e-300)
