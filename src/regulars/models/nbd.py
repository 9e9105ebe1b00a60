"""NBD: customers order at random at rates of their own, and never leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals
from regulars.models.base import Floats, History, Params
from regulars.models.counts import gamma_poisson
from regulars.models.sample import Sample, gather, log_rising, typical_age
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary


class NBD:
    """Negative binomial: Ehrenberg 1959; the yardstick for models in which customers leave.

    A customer orders by a Poisson process of rate lambda ~ Gamma(r, alpha).
    """

    name = "nbd"
    title = "NBD"
    reads = ("x", "t_x", "T")
    state = ("x", "T")
    effects = (("purchase", "alpha", -1.0),)
    parameters = (
        arrivals.SHAPE,
        arrivals.SCALE,
    )
    detours = ()

    def start(self, summary: Summary) -> tuple[float, ...]:
        """A scale rule: half-heavy tails at the age of the customers."""
        return 0.5, 0.25 * typical_age(summary)

    def prepare(self, summary: Summary) -> Sample:
        """Group the summary."""
        return gather(summary)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, shape of x; t_x does not matter."""
        x, T = history.x, history.T
        r, alpha = params
        return log_rising(r, x) - x * np.log(alpha) - (x + r) * np.log1p(T * (1.0 / alpha))

    def terms(self, params: Params, data: Sample) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, with the terms in x alone taken from the histogram."""
        r, alpha = params
        yield data.rising(r)
        yield np.log(alpha) * -data.orders, 1.0
        rate = 1.0 / alpha
        yield data.waited(rate) * -r, 1.0
        for x, _, age, weight in data.repeat():
            yield -((x + r) * np.log1p(age * rate)), weight

    def p_alive(self, params: Params, history: History) -> Floats:
        """1: in this story nobody leaves."""
        return np.ones(history.shape)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """The posterior rate times the horizon: (r + x) horizon / (alpha + T), maybe inf."""
        r, alpha = params
        if horizon == 0:
            return np.zeros(history.shape)
        return (r + history.x) / (alpha + history.T) * horizon

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """The mean rate times the age: r age / alpha."""
        r, alpha = params
        return history.T * (r / alpha)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """The cap: in this story nobody leaves."""
        return np.full(history.shape, float(cap))

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """1: in this story nobody leaves."""
        return np.ones(history.shape)

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon), (most + 1, n): negative binomial."""
        r, alpha = params
        return gamma_poisson(most, r + history.x, alpha + history.T, horizon)[0]

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        r, alpha = params
        return arrivals.next_order(r + history.x, alpha + history.T, quantile)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n.

        Raises:
            InputError: for an endless horizon, in which orders have no end.
        """
        if np.isinf(horizon):
            raise InputError("Under NBD nobody leaves: orders have no end.", "Give a horizon.")
        r, alpha = params
        return rng.poisson(rng.gamma(r + history.x, 1.0 / (alpha + history.T), n) * horizon)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`."""
        r, alpha = params
        age = np.asarray(age, dtype=np.float64)
        never = np.full(age.shape, np.iinfo(np.int64).max)
        return arrivals.poisson_history(rng.gamma(r, 1.0 / alpha, age.shape), never, age, rng)
