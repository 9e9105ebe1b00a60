"""GGom/NBD: customers order at random and leave ever more likely, or ever less, as time passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals
from regulars.models.base import Floats, History, Parameter, Params
from regulars.models.counts import counts_until_exit
from regulars.models.gompertz_integral import (
    expected_time,
    few_do,
    log_hazard_growth,
    log_odds_left,
    log_stay,
)
from regulars.models.maths import value_of
from regulars.models.sample import Sample, gather, log_rising, typical_age
from regulars.terms.summary import Summary

_ROWS = 512  # customers at a time: a jet of each of their nodes has 21 parts
_LARGEST_MEAN = 1e15  # of a Poisson draw; beyond it a count no longer fits 64 bits


class GGomNBD:
    """Gamma-Gompertz / NBD: Bemmaor & Glady 2012, Management Science 58(5).

    A customer orders by a Poisson process of rate lambda ~ Gamma(r, alpha). The hazard of leaving
    at age t is eta b exp(b t) with eta ~ Gamma(s, beta): at b near 0 it is that of Pareto/NBD.
    """

    name = "ggom-nbd"
    title = "GGom/NBD"
    reads = ("x", "t_x", "T")
    state = ("x", "T")
    effects = (("purchase", "alpha", -1.0), ("dropout", "beta", -1.0))
    parameters = (
        arrivals.SHAPE,
        arrivals.SCALE,
        Parameter(
            "b",
            "growth of the hazard to leave, per unit of time",
            "the hazard to leave does not grow, so Pareto/NBD says it all",
            "everybody leaves at one age",
        ),
        Parameter(
            "s",
            "shape of the hazards across customers",
            "nobody ever leaves, so NBD says it all",
            "everybody has the same hazard",
        ),
        Parameter(
            "beta",
            "scale of the hazards",
            "with b, it is Pareto/NBD with beta / b; alone, some leave at once and others never",
            "nobody leaves unless s grows with it; if both grow, the hazard is the same for all",
        ),
    )
    detours = ((1.0, 1.0, 0.05, 1.0, 0.05), (1.0, 1.0, 8.0, 0.5, 20.0))

    def start(self, summary: Summary) -> tuple[float, ...]:
        """A scale rule in the mean age of the customers: that of Pareto/NBD with a slow growth."""
        age = typical_age(summary)
        return 0.5, 0.25 * age, 1.0 / age, 0.5, 0.35

    def prepare(self, summary: Summary) -> Sample:
        """Group the summary."""
        return gather(summary)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, for floats or jets (eq. 9 as a positive integral)."""
        r, alpha, b, s, beta = params
        x, t_x, T = _flat(history)
        stayed = s * (log_hazard_growth(b, beta, T) + b * T - np.log(beta))
        there = log_rising(r, x) - x * np.log(alpha) - (x + r) * np.log1p(T * (1.0 / alpha))
        found = there - stayed + np.logaddexp(0.0, log_odds_left(params, x, t_x, T))
        return found if hasattr(found, "chain") else found.reshape(history.shape)

    def terms(self, params: Params, data: Sample) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, with the terms in x alone taken from the histogram."""
        r, alpha, _, _, _ = params
        yield data.rising(r)
        yield np.log(alpha) * -data.orders, 1.0
        for age, weight in data.once():
            zero = np.zeros_like(age)
            yield from self._silent(params, zero, zero, age, weight)
        for x, t_x, age, weight in data.repeat():
            yield from self._silent(params, x, t_x, age, weight)

    def _silent(
        self, params: Params, x: Floats, t_x: Floats, T: Floats, weight: Floats | None
    ) -> Iterator[tuple[Any, Any]]:
        """Blocks of what silence since t_x contributes; of customers who need alike many nodes."""
        r, alpha, b, s, beta = params
        for rows in _alike(params, x, t_x, T):
            age = T[rows]
            stayed = s * (log_hazard_growth(b, beta, age) + b * age - np.log(beta))
            there = -((x[rows] + r) * np.log1p(age * (1.0 / alpha))) - stayed
            odds = log_odds_left(params, x[rows], t_x[rows], age)
            yield np.logaddexp(0.0, odds) + there, None if weight is None else weight[rows]

    def _ratio(self, params: Params, history: History) -> Floats:
        """How far the hazard has grown by T, from 1 / beta towards 1: exp(b T) / B(T)."""
        _, _, b, _, beta = params
        return np.exp(-log_hazard_growth(b, beta, np.broadcast_to(history.T, history.shape)))

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T): 1 / (1 + odds of having left); may underflow to 0."""
        odds = log_odds_left(params, *_flat(history))
        return np.exp(-np.logaddexp(0.0, odds)).reshape(history.shape)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still there: rate times time still to come."""
        r, alpha, _, _, _ = params
        rate = (r + history.x) / (alpha + history.T)
        return rate * self.expected_lifetime_alive(params, history, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to age T]."""
        r, alpha, b, s, beta = params
        return r / alpha * expected_time(b, s, 1.0 / beta, history.T)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there: it depends on T alone."""
        _, _, b, s, _ = params
        return expected_time(b, s, self._ratio(params, history), cap)

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(no leaving within `ahead`)."""
        _, _, b, s, _ = params
        if np.isinf(ahead):
            return np.zeros(history.shape)
        return np.exp(log_stay(b, s, self._ratio(params, history), ahead))

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n)."""
        r, alpha, b, s, _ = params
        given = (r + history.x, alpha + history.T, b, s, self._ratio(params, history))
        arrays = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in given))
        shape, rate, b, s, ratio = (v.reshape(-1) for v in arrays)
        reach = np.minimum(horizon, np.log1p(1.0 / ratio) / b + 700.0 / (b * s)).max(initial=0.0)

        def there(u: Floats, rows: NDArray[np.int64]) -> Floats:
            return np.exp(log_stay(b[rows], s[rows], ratio[rows], u))

        def leaves(u: Floats, rows: NDArray[np.int64]) -> Floats:
            grown = log_stay(b[rows], 1.0, ratio[rows], u)
            hazard = s[rows] * b[rows] * (1.0 - (1.0 - ratio[rows]) * np.exp(grown))
            return hazard * there(u, rows)

        steady = 1.0 / (b * (1.0 + s))
        found = counts_until_exit(most, shape, rate, float(reach), there, leaves, steady)
        return found.reshape(most + 1, *history.shape)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        r, alpha, _, _, _ = params
        return arrivals.next_order(r + history.x, alpha + history.T, quantile)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        r, alpha, b, s, _ = params
        rate = rng.gamma(r + history.x, 1.0 / (alpha + history.T), n)
        life = _lifetimes(b, s, self._ratio(params, history), (n,), rng)
        time = np.minimum(life, horizon)
        return rng.poisson(np.minimum(rate * time, _LARGEST_MEAN))

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`."""
        r, alpha, b, s, beta = params
        age = np.asarray(age, dtype=np.float64)
        rate = rng.gamma(r, 1.0 / alpha, age.shape)
        time = np.minimum(_lifetimes(b, s, 1.0 / beta, age.shape, rng), age)
        never = np.full(age.shape, np.iinfo(np.int64).max)
        return replace(arrivals.poisson_history(rate, never, time, rng), T=age)


def _flat(history: History) -> list[Floats]:
    """x, t_x, T as arrays of one dimension."""
    arrays = np.broadcast_arrays(history.x, history.t_x, history.T)
    return [np.asarray(array, dtype=np.float64).reshape(-1) for array in arrays]


def _alike(params: Params, x: Floats, t_x: Floats, T: Floats) -> Iterator[Any]:
    """Rows in blocks; for jets of those for whom few nodes are enough, and of the others."""
    every = np.arange(len(x))
    groups = [every]
    if any(hasattr(p, "chain") for p in params):
        few = few_do([value_of(p) for p in params], x, t_x, T)
        groups = [every[few], every[~few]]
    for group in groups:
        for begin in range(0, len(group), _ROWS):
            yield group[begin : begin + _ROWS]


def _lifetimes(
    b: Any, s: Any, ratio: Any, shape: tuple[int, ...], rng: np.random.Generator
) -> Floats:
    """Remaining lifetimes: log(1 + E / (G ratio)) / b for an exponential E and G ~ Gamma(s, 1)."""
    wait, level = rng.exponential(size=shape), rng.gamma(s, 1.0, shape)
    hazard = np.maximum(level * ratio, 1e-300)
    return np.log1p(np.minimum(wait / hazard, 1e300)) / b
