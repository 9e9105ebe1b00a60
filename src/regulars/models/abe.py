"""Abe: customers order and leave as in Pareto/NBD, their two rates a correlated log-normal pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals
from regulars.models.abe_draws import draw_alive
from regulars.models.abe_moments import log_integral
from regulars.models.abe_nodes import CLOSE, Nodes, Pair, nodes
from regulars.models.base import Floats, History, Parameter, Params
from regulars.models.counts import poisson_until_exit
from regulars.models.maths import value_of
from regulars.models.sample import Sample, gather, typical_age
from regulars.terms.summary import Summary

_LARGEST_MEAN = 1e15  # of a Poisson draw; beyond it a count no longer fits 64 bits
_NEWTON = 60


class Abe:
    """The hierarchical Pareto/NBD of Abe 2009, by marginal likelihood.

    A customer orders by a Poisson process of rate lambda and leaves after an exponential
    lifetime of rate mu. (log lambda, log mu) is bivariate normal across customers: those who
    order often may be those who stay, or those who leave.
    """

    name = "abe"
    title = "Abe's log-normal Pareto/NBD"
    reads = ("x", "t_x", "T")
    state = ("x", "T")
    effects = (("purchase", "m_l", 1.0), ("dropout", "m_m", 1.0))
    parameters = (
        Parameter(
            "m_l",
            "mean of the logarithm of the order rates",
            "nobody orders again",
            "order rates have no upper limit",
            real=True,
        ),
        Parameter(
            "m_m",
            "mean of the logarithm of the dropout rates",
            "nobody ever leaves",
            "everybody leaves at once",
            real=True,
        ),
        Parameter(
            "s_l",
            "standard deviation of the logarithm of the order rates",
            "all customers order at the same rate",
            "almost nobody orders again and a few order all the time",
        ),
        Parameter(
            "s_m",
            "standard deviation of the logarithm of the dropout rates",
            "everybody leaves at the same rate",
            "some leave at once and the others never",
        ),
        Parameter(
            "z",
            "correlation of the two logarithms, as its inverse hyperbolic tangent",
            "those who order more often stay longer, without exception",
            "those who order more often leave sooner, without exception",
            real=True,
        ),
    )
    detours = ((0.0, 0.0, 1.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0, -1.0))

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Rates by the scale of time in the data, and no correlation."""
        age = typical_age(summary)
        return -float(np.log(age)), -float(np.log(age)), 1.2, 1.5, 0.0

    def prepare(self, summary: Summary) -> Sample:
        """Group equal histories."""
        return gather(summary)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, for floats or jets."""
        x, t_x, T = _flat(history.shape, history.x, history.t_x, history.T)
        found = log_integral(params, x, t_x, T)
        return found if hasattr(found, "chain") else found.reshape(history.shape)

    def terms(self, params: Params, data: Sample) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights)."""
        for age, weight in data.once():
            nothing = np.zeros(len(age))
            yield log_integral(params, nothing, nothing, age), weight
        for x, t_x, T, weight in data.repeat():
            yield log_integral(params, x, t_x, T), weight

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T)."""
        x, t_x, T = _flat(history.shape, history.x, history.t_x, history.T)
        out = np.empty(len(x))
        for block in nodes(Pair.of(params, len(x)), x, t_x, T, CLOSE):
            alive, left = (part.sum(axis=(0, 1)) for part in (block.alive, block.left))
            out[block.rows] = alive / (alive + left)
        return out.reshape(history.shape)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still there.

        The mean of lambda (1 - exp(-mu horizon)) / mu, finite even for an endless horizon.
        """
        return _mean_alive(params, history, lambda n: n.order_rate * _until(n, horizon))

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to age T]."""
        new = replace(History.new(np.zeros(history.shape)), covariates=history.covariates)
        (age,) = _flat(history.shape, history.T)
        return _mean_alive(params, new, lambda n: n.order_rate * _until(n, age[n.rows]))

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there."""
        return _mean_alive(params, history, lambda n: _until(n, cap))

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(still a customer at T + ahead) given still a customer at T."""
        return _mean_alive(params, history, lambda n: np.exp(-n.dropout_rate * ahead))

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, ...)."""
        x, T = _flat(history.shape, history.x, history.T)
        out = np.empty((most + 1, len(x)))
        for block in nodes(Pair.of(params, len(x)), x, T, T, CLOSE):
            total = block.alive.sum(axis=(0, 1))
            rate = np.broadcast_to(block.order_rate, block.alive.shape)
            chances = poisson_until_exit(most, rate, block.dropout_rate, horizon)
            out[:, block.rows] = (chances * block.alive).sum(axis=(1, 2)) / total
        return out.reshape(most + 1, *history.shape)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        x, T = _flat(history.shape, history.x, history.T)
        out = np.empty(len(x))
        for block in nodes(Pair.of(params, len(x)), x, T, T, CLOSE):
            share = block.alive.sum(axis=0)
            out[block.rows] = _wait(block.order_rate, share / share.sum(axis=0), quantile)
        return out.reshape(history.shape)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        rate, drop = draw_alive(Pair.of(params, n), float(history.x), float(history.T), rng)
        time = np.minimum(_lifetimes(drop, rng), horizon)
        return rng.poisson(np.minimum(rate * time, _LARGEST_MEAN))

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`."""
        age = np.asarray(age, dtype=np.float64)
        pair = Pair.of(params, age.size)
        a, b = rng.standard_normal((2, age.size))
        rate = np.exp(pair.log_rate(a)).reshape(age.shape)
        drop = np.exp(pair.log_drop(a) + pair.kappa * b).reshape(age.shape)
        time = np.minimum(_lifetimes(drop, rng), age)
        never = np.full(age.shape, np.iinfo(np.int64).max)
        return replace(arrivals.poisson_history(rate, never, time, rng), T=age)


def _flat(shape: tuple[int, ...], *values: Any) -> list[Floats]:
    """The values as 1-d arrays of the shape's size."""
    arrays = (np.asarray(value_of(v), dtype=np.float64) for v in values)
    return [np.ascontiguousarray(np.broadcast_to(v, shape)).reshape(-1) for v in arrays]


def _mean_alive(params: Params, history: History, quantity: Callable[[Nodes], Floats]) -> Floats:
    """Mean of a quantity of the two rates given still there: t_x says no more of them then."""
    x, T = _flat(history.shape, history.x, history.T)
    out = np.empty(len(x))
    for block in nodes(Pair.of(params, len(x)), x, T, T, CLOSE):
        total = block.alive.sum(axis=(0, 1))
        out[block.rows] = (block.alive * quantity(block)).sum(axis=(0, 1)) / total
    return out.reshape(history.shape)


def _until(block: Nodes, time: Any) -> Floats:
    """E[min(lifetime, time)] at each node: (1 - exp(-mu time)) / mu."""
    drop = np.maximum(block.dropout_rate, 1e-300)
    return np.minimum(-np.expm1(-drop * time) / drop, time)


def _wait(rate: Floats, share: Floats, quantile: float) -> Floats:
    """Where the mean of exp(-rate wait) over the shares is 1 - quantile; arrays (a, n) give (n,).

    In the log of the wait the mean falls from 1 to 0: Newton's method, kept inside a bracket that
    it narrows.
    """
    target = float(np.log1p(-quantile))
    start = float(np.log(-target))
    low = start - np.log(rate.max(axis=0)) - 1.0
    high = start - np.log(np.maximum(rate.min(axis=0), 1e-300)) + 1.0
    at: Floats = start - np.log((rate * share).sum(axis=0))
    for _ in range(_NEWTON):
        wait = np.exp(at)
        silent = share * np.exp(-rate * wait)
        chance = np.maximum(silent.sum(axis=0), 1e-300)
        away = np.log(chance) - target
        slope = -(silent * rate).sum(axis=0) / chance * wait
        low, high = np.where(away > 0, at, low), np.where(away > 0, high, at)
        step: Floats = at - away / np.minimum(slope, -1e-300)
        step = np.where((step > low) & (step < high), step, 0.5 * (low + high))
        moved = float(np.abs(step - at).max(initial=0.0))
        at = step
        if moved < 1e-11:
            break
    return np.exp(at)


def _lifetimes(rate: Floats, rng: np.random.Generator) -> Floats:
    """Exponential lifetimes at given rates; endless where a rate underflowed to 0."""
    wait = rng.exponential(size=rate.shape)
    return np.divide(wait, rate, out=np.full(rate.shape, np.inf), where=rate > wait * 1e-300)
