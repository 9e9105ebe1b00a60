"""BG/BB: customers have one chance to order in each period, and may leave between two of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Floats, History, Parameter, Params
from regulars.models.discrete import (
    Rising,
    expected_chances,
    log_gamma_ratio,
    order_chances,
    quantile_of_wait,
)
from regulars.models.maths import value_of
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

Ints = NDArray[np.int64]

_CELLS = 200_000  # customers times chances to have left, at a time
_MOST_CHANCES = 10_000  # beyond, chances to come are not told apart
_NEVER = -1e4  # log-odds of what cannot have happened
_ENDLESS = 10**15  # chances that stand for no end; more do not fit a binomial draw


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct (x, t_x, n) with how many customers share each."""

    customers: int
    x: Ints
    t_x: Ints
    n: Ints
    weight: Floats


class BGBB:
    """Beta-geometric / beta-Bernoulli: Fader, Hardie & Shang 2010.

    In each period a customer orders with chance p ~ Beta(alpha, beta), until they leave before one
    of them with chance theta ~ Beta(gamma, delta). Ages are whole periods, each with one chance to
    order: a year of donations, a monthly event, a weekly delivery.
    """

    name = "bg-bb"
    title = "BG/BB"
    reads = ("x", "t_x", "T")
    state = ("x", "T")
    effects = (("purchase", "alpha", 1.0), ("dropout", "gamma", 1.0))
    parameters = (
        Parameter(
            "alpha",
            "first shape of the chance to order in a period",
            "most never order again, and the others at each chance",
            "everybody orders at each chance unless beta grows with it",
        ),
        Parameter(
            "beta",
            "second shape of the chance to order in a period",
            "customers order at each chance, or hardly ever",
            "nobody orders unless alpha grows with it; if both grow, all have one chance",
        ),
        Parameter(
            "gamma",
            "first shape of the chance to leave before a period",
            "nobody ever leaves",
            "everybody leaves at once unless delta grows with it",
        ),
        Parameter(
            "delta",
            "second shape of the chance to leave before a period",
            "some leave before the first chance and the others never",
            "nobody leaves unless gamma grows with it; if both grow, all have one chance",
        ),
    )
    detours = ()

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Both chances spread out; one order in three chances, one leaver in five."""
        return 0.7, 1.0, 0.7, 2.8

    def prepare(self, summary: Summary) -> Patterns:
        """Group the summary.

        Raises:
            DataError: for an empty summary, ages that are not whole periods, or more orders than
                chances.
        """
        if summary.customers == 0:
            raise DataError("The summary holds no customer.", "Check the cut-off and the filters.")
        triple = np.stack(
            [
                summary.repeat_orders,
                _whole(summary.last_order_age, summary.unit),
                _whole(summary.age, summary.unit),
            ]
        )
        beyond = int((triple[0] > triple[1]).sum())
        if beyond:
            raise DataError(
                f"{beyond} customers have more orders than periods up to the last of them.",
                "BG/BB counts periods with an order: count_chances(orders, every='month') does.",
            )
        found, place = np.unique(triple, axis=1, return_inverse=True)
        weight = np.bincount(place.reshape(-1), weights=summary.weight).astype(np.float64)
        return Patterns(summary.customers, found[0], found[1], found[2], weight)

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, for floats or jets (eq. 5, in logarithms)."""
        there, gone = _both(params, *_counts(history))
        return np.logaddexp(there, gone)

    def terms(self, params: Params, data: Patterns) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, block by block."""
        for rows in _blocks(data.t_x, data.n):
            there, gone = _both(params, data.x[rows], data.t_x[rows], data.n[rows])
            yield np.logaddexp(there, gone), data.weight[rows]

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still there at the last of the periods)."""
        there, gone = _both(params, *_counts(history))
        return np.exp(-np.logaddexp(0.0, gone - there))

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in the next `horizon` periods] given still there (eq. 13, over P(alive))."""
        alpha, beta, _, _ = params
        chance = (alpha + history.x) / (alpha + beta + history.T)
        return chance * self.expected_lifetime_alive(params, history, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[orders of a new customer in the first T periods] (eq. 8)."""
        alpha, beta, gamma, delta = params
        return alpha / (alpha + beta) * expected_chances(gamma, delta, history.T)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(periods still to come as a customer, cap)] given still there."""
        _, _, gamma, delta = params
        stayed = np.broadcast_to(history.T, history.shape)
        return expected_chances(gamma, delta + stayed, np.float64(cap))

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(not left before any of the next `ahead` periods)."""
        _, _, gamma, delta = params
        if np.isinf(ahead):
            return np.zeros(history.shape)
        stayed = delta + np.broadcast_to(history.T, history.shape)
        return np.exp(log_gamma_ratio(stayed, gamma) - log_gamma_ratio(stayed + ahead, gamma))

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n).

        The sum over how many of the next whole periods a customer stays for; a horizon beyond
        10,000 periods counts as that many.
        """
        given = np.broadcast_arrays(*params, history.x, history.T)
        alpha, beta, gamma, delta, x, n = (
            np.asarray(v, dtype=np.float64).reshape(-1) for v in given
        )
        chances = int(min(horizon, _MOST_CHANCES))
        a, b, stay = alpha + x, beta + n - x, delta + n
        size = max(1, _CELLS // (chances + 1))
        found = np.empty((most + 1, len(x)))
        for begin in range(0, len(x), size):
            rows = slice(begin, begin + size)
            own = a[rows], b[rows], gamma[rows], stay[rows]
            found[:, rows] = order_chances(*own, chances, most)
        return found.reshape(most + 1, *history.shape)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the number of periods until the next order, between whole ones too."""
        alpha, beta, _, _ = params
        x, T = np.broadcast_arrays(history.x, history.T)
        return quantile_of_wait(alpha + x, beta + T - x, quantile)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        alpha, beta, gamma, delta = params
        chance = rng.beta(alpha + history.x, beta + history.T - history.x, n)
        left = _chances_left(rng.beta(gamma, delta + history.T, n), rng)
        return rng.binomial(np.minimum(left, int(min(horizon, _ENDLESS))), chance)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched for `age` periods.

        Given x orders in m chances, those after the last order are as many as fall into the last
        of x + 1 gaps: beta-binomial(m - x; 1, x).
        """
        alpha, beta, gamma, delta = params
        age = np.asarray(age, dtype=np.float64)
        left = _chances_left(rng.beta(gamma, delta, age.shape), rng)
        chances = np.minimum(left, np.floor(age).astype(np.int64))
        x = rng.binomial(chances, rng.beta(alpha, beta, age.shape))
        after = rng.binomial(chances - x, rng.beta(1.0, np.maximum(x, 1)))
        last = np.where(x > 0, chances - after, 0)
        return History(x.astype(np.float64), last.astype(np.float64), age)


def _whole(ages: Floats, unit: str) -> Ints:
    """Ages as whole periods.

    Raises:
        DataError: where they are not.
    """
    whole = np.rint(ages)
    if np.abs(ages - whole).max(initial=0.0) > 1e-9:
        raise DataError(
            f"BG/BB counts whole periods, and ages here are fractions of a {unit}.",
            "Make the summary with count_chances(orders, every='month').",
        )
    return whole.astype(np.int64)


def _counts(history: History) -> list[Ints]:
    """x, t_x and n as whole numbers of one shape."""
    parts = np.broadcast_arrays(history.x, history.t_x, history.T)
    return [np.rint(part).astype(np.int64) for part in parts]


def _blocks(t_x: Ints, n: Ints) -> Iterator[slice]:
    """Slices of customers with few enough chances to have left in all."""
    rows = max(1, _CELLS // (int((n - t_x).max(initial=0)) + 1))
    for begin in range(0, len(n), rows):
        yield slice(begin, begin + rows)


def _both(params: Params, x: Ints, t_x: Ints, n: Ints) -> tuple[Any, Any]:
    """Log-probability of the history and of being there, and of the history and having left.

    Rising factorials a^(k) are one cumulated sum of logarithms each. Staying for all n chances
    has delta^(n) / (gamma + delta)^(n); leaving after m of them gamma delta^(m) / (gamma +
    delta)^(m + 1), summed over m = t_x .. n - 1.
    """
    alpha, beta, gamma, delta = params
    most = int(n.max(initial=0)) + 1
    order, miss = Rising(alpha, most), Rising(beta, most)
    chance, stay, end = (Rising(start, most) for start in (alpha + beta, delta, gamma + delta))
    both = stay.minus(chance)
    there = order[x] + miss[n - x] + both.minus(end)[n]
    later = np.arange(max(int((n - t_x).max(initial=0)), 1)).reshape(-1, *(1,) * x.ndim)
    m = np.minimum(t_x + later, np.maximum(n - 1, 0))
    parts = miss[np.maximum(m - x, 0)] + both.minus(end, ahead=1)[m]
    top = value_of(parts).max(0)
    total = (np.exp(parts - top) * (t_x + later < n)).sum(0)
    nobody = t_x >= n  # no chance since the last order
    gone = order[x] + np.log(gamma) + np.log(total + nobody) + top
    return there, gone + np.where(nobody, _NEVER, 0.0)


def _chances_left(leave: Floats, rng: np.random.Generator) -> Ints:
    """Draw how many chances come before a customer leaves."""
    return rng.geometric(np.maximum(leave, 1.0 / _ENDLESS)) - 1
