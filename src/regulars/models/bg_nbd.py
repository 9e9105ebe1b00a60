"""BG/NBD: customers order at random and may leave right after an order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals, dropout
from regulars.models.base import Floats, History, Parameter, Params
from regulars.models.maths import (
    expected_time_until_dropout,
    expected_until_dropout,
    survival_until_dropout,
)
from regulars.models.sample import Sample, gather, log_rising, typical_age
from regulars.terms.summary import Summary


class BGNBD:
    """Beta-geometric / NBD: Fader, Hardie & Lee 2005, "Counting Your Customers" the Easy Way.

    A customer orders by a Poisson process of rate lambda ~ Gamma(r, alpha) and leaves after each
    repeat order with chance p ~ Beta(a, b). Who never ordered again is certainly still there.
    """

    name = "bg-nbd"
    title = "BG/NBD"
    reads = ("x", "t_x", "T")
    state = ("x", "T")
    effects = (("purchase", "alpha", -1.0), *dropout.EFFECTS)
    parameters = (
        arrivals.SHAPE,
        arrivals.SCALE,
        Parameter(
            "a",
            "first shape of the chance to leave after an order",
            "nobody ever leaves, so NBD says it all",
            "everybody leaves after the first repeat order unless b grows with it",
        ),
        Parameter(
            "b",
            "second shape of the chance to leave after an order",
            "some leave at the first repeat order and the others never",
            "nobody leaves unless a grows with it; if both grow, the chance is the same for all",
        ),
    )
    detours = ()
    nested: ClassVar = {"nbd": {"r": "r", "alpha": "alpha", "a": 1e-6, "b": 1.0}}

    def start(self, summary: Summary) -> tuple[float, ...]:
        """A scale rule: 200 random data sets were fitted from it in 8 evaluations (median)."""
        return 0.5, 0.25 * typical_age(summary), 1.0, 2.5

    def prepare(self, summary: Summary) -> Sample:
        """Group the summary."""
        return gather(summary)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, shape of x (eq. 6, in logarithms)."""
        x, t_x, T = history.x, history.t_x, history.T
        r, alpha, a, b = params
        counts = log_rising(r, x) + log_rising(b, x) - log_rising(a + b, x) - x * np.log(alpha)
        now, last = np.log1p(T * (1.0 / alpha)), np.log1p(t_x * (1.0 / alpha))
        left = dropout.log_odds_left(params, np.maximum(x, 1.0) - 1.0, x + r, now - last)
        return counts - (x + r) * now + np.logaddexp(0.0, left) * (np.asarray(x) > 0)

    def terms(self, params: Params, data: Sample) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, with the terms in x alone taken from the histogram."""
        r, alpha, a, b = params
        yield data.rising(r)
        yield data.rising(b)
        ends, survivors = data.rising(a + b)
        yield ends, -survivors
        yield np.log(alpha) * -data.orders, 1.0
        scale = 1.0 / alpha
        yield data.waited(scale) * -r, 1.0
        for x, t_x, age, weight in data.repeat():
            shape, now = x + r, np.log1p(age * scale)
            left = dropout.log_odds_left(params, x - 1.0, shape, now - np.log1p(t_x * scale))
            yield np.logaddexp(0.0, left) - shape * now, weight

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T); 1 without a repeat order (Fader, Hardie & Lee 2008)."""
        return dropout.p_alive(params, history, first_chance=1)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still there: eq. 10 without its pole at a = 1."""
        r, alpha, a, b = params
        return expected_until_dropout(r + history.x, alpha + history.T, a, b + history.x, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to `age`] (eq. 9)."""
        r, alpha, a, b = params
        return expected_until_dropout(r, alpha, a, b, history.T)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there."""
        r, alpha, a, b = params
        return expected_time_until_dropout(r + history.x, alpha + history.T, a, b + history.x, cap)

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(no order within `ahead` is the last): E[(1 + p ahead / (alpha + T))^-(r + x)]."""
        r, alpha, a, b = params
        return survival_until_dropout(r + history.x, alpha + history.T, a, b + history.x, ahead)

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n)."""
        r, alpha, a, b = params
        return dropout.order_probabilities(
            a, b + history.x, r + history.x, alpha + history.T, horizon, most
        )

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        r, alpha, _, _ = params
        return arrivals.next_order(r + history.x, alpha + history.T, quantile)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        r, alpha, a, b = params
        rate = rng.gamma(r + history.x, 1.0 / (alpha + history.T), n)
        return dropout.draw_orders(rate, rng.beta(a, b + history.x, n), horizon, rng)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`."""
        r, alpha, a, b = params
        age = np.asarray(age, dtype=np.float64)
        rate, chance = rng.gamma(r, 1.0 / alpha, age.shape), rng.beta(a, b, age.shape)
        return arrivals.poisson_history(rate, dropout.draw_last(chance, rng), age, rng)
