"""Pareto/NBD with covariates that change over time: seasons, prices, campaigns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models.base import Floats, History, Loadings, Parameter, Params
from regulars.models.counts import gamma_poisson
from regulars.models.journey import Journey, expected_time, leaving_ahead, log_left_since
from regulars.models.sample import log_rising, typical_age
from regulars.terms.courses import INTERVAL, STARTED, at_orders
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

_OWN = 4  # parameters before the coefficients
_CELLS = 1_000  # segments of a block: a jet of each has dozens of parts
_STEPS = 400  # points at which a customer's clocks are laid out for draws


@dataclass(frozen=True, slots=True)
class Followed:
    """Customers with their courses; not grouped, for hardly two share a course."""

    customers: int
    history: History
    weight: Floats | None


class ParetoNBDOverTime:
    """Pareto/NBD with time-varying covariates: Bachmann, Meierer & Naef 2021, Marketing Science 40.

    The order rate at time t is lambda exp(g'x(t)) and the hazard of leaving mu exp(h'z(t)), with
    lambda ~ Gamma(r, alpha) and mu ~ Gamma(s, beta): a Pareto/NBD whose orders and leaving run on
    clocks of their own.
    """

    name = "pareto-nbd+course"
    title = "Pareto/NBD with covariates over time"
    detours: tuple[tuple[float, ...], ...] = ()
    effects: Loadings = (("purchase", "alpha", -1.0), ("dropout", "beta", -1.0))

    def __init__(
        self,
        own: Sequence[Parameter],
        purchase: Sequence[str] = (),
        dropout: Sequence[str] = (),
        fixed: Sequence[str] = (),
    ) -> None:
        """Name the covariates of each process.

        Args:
            own: the parameters of Pareto/NBD.
            purchase: covariates of the order rate.
            dropout: covariates of the hazard of leaving.
            fixed: those among them that stay as they are, one number for each customer.
        """
        self.purchase, self.dropout, self.fixed = tuple(purchase), tuple(dropout), tuple(fixed)
        self.parameters: tuple[Parameter, ...] = (
            *own,
            *(_coefficient("purchase", name, "the order rate") for name in self.purchase),
            *(_coefficient("dropout", name, "the hazard to leave") for name in self.dropout),
        )
        names = tuple(dict.fromkeys((*self.purchase, *self.dropout, STARTED, INTERVAL)))
        sums = tuple(at_orders(name) for name in self.purchase if name not in self.fixed)
        self.state = ("x", "T", *(f"covariates.{name}" for name in names))
        self.reads = ("t_x", *self.state, *(f"covariates.{name}" for name in sums))

    @property
    def attributes(self) -> tuple[str, ...]:
        """The covariates that stay as they are, which a table of customers can give."""
        return self.fixed

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Where Pareto/NBD starts, with all coefficients 0."""
        age = typical_age(summary)
        rest = (0.0,) * (len(self.parameters) - _OWN)
        return (0.5, 0.25 * age, 0.5, 0.35 * age, *rest)

    def prepare(self, summary: Summary) -> Followed:
        """Take the customers as they are.

        Raises:
            DataError: for an empty summary.
            InputError: for a covariate that is absent, or ends before the cut-off.
        """
        if summary.customers == 0:
            raise DataError("The summary holds no customer.", "Check the cut-off and the filters.")
        x = summary.repeat_orders.astype(np.float64)
        history = History(x, summary.last_order_age, summary.age, None, summary.covariates)
        self._journey(self.start(summary), history)
        weight = None if summary.weight is None else summary.weight.astype(np.float64)
        return Followed(summary.customers, history, weight)

    def terms(self, params: Params, data: Followed) -> Iterator[tuple[Any, Any]]:
        """Blocks of (log-likelihoods, weights)."""
        for rows in _blocks(data.history):
            weight = None if data.weight is None else data.weight[rows]
            yield np.logaddexp(*self._both(params, data.history.select(rows))), weight

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, for floats or jets."""
        if any(hasattr(p, "chain") for p in params):
            return np.logaddexp(*self._both(params, history))
        found = np.empty(history.shape)
        for rows in _blocks(history):
            found[rows] = np.logaddexp(*self._both(params, history.select(rows)))
        return found

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T)."""
        found = np.empty(history.shape)
        for rows in _blocks(history):
            there, gone = self._both(params, history.select(rows))
            found[rows] = np.exp(-np.logaddexp(0.0, gone - there))
        return found

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still a customer at T.

        Raises:
            InputError: where the covariates are not known to the end of the horizon.
        """
        r, alpha, s, beta = params[:_OWN]
        journey = self._journey(params, history, horizon)
        rate = (r + history.x) / (alpha + journey.ordered(history.T))
        return rate * expected_time(journey, s, beta, history.T, horizon, in_orders=True)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to age T], who starts where the covariates say."""
        r, alpha, s, beta = params[:_OWN]
        found = np.empty(history.shape)
        for i, age in enumerate(history.T):
            one = history.select(np.array([i]))
            journey = self._journey(params, one)
            time = expected_time(journey, s, beta, np.zeros(1), float(age), in_orders=True)
            found[i] = r / alpha * time[0]
        return found

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there; the last known hazard goes on."""
        _, _, s, beta = params[:_OWN]
        journey = self._journey(params, history)
        return expected_time(journey, s, beta, history.T, cap, in_orders=False)

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(still a customer at T + ahead) given at T, where the covariates reach that far."""
        _, _, s, beta = params[:_OWN]
        journey = self._journey(params, history, ahead)
        now, then = journey.left(history.T), journey.left(history.T + ahead)
        return np.exp(-s * np.log1p((then - now) / (beta + now)))

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n).

        On the clock of orders they are a Poisson process at a Gamma rate, up to the horizon or the
        moment of leaving: a few nodes in each interval.
        """
        r, alpha, s, beta = params[:_OWN]
        found = np.empty((most + 1, *history.shape))
        for rows in _blocks(history, most):
            part = history.select(rows)
            journey = self._journey(params, part, horizon)
            shape, rate = r + part.x, alpha + journey.ordered(part.T)
            stayed = self.survival_alive(params, part, horizon)
            ahead = journey.ordered(part.T + horizon) - journey.ordered(part.T)
            found[:, rows] = gamma_poisson(most, shape, rate, ahead)[0] * stayed
            cut, moment, gone = leaving_ahead(journey, s, beta, part.T, horizon)
            many = gamma_poisson(most, shape[cut.rows], rate[cut.rows], moment)[0]
            found[:, rows] += cut.total((many * gone).sum(1))
        return found

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the wait for the next order; the last known rate goes on."""
        r, alpha = params[:2]
        journey = self._journey(params, history)
        now = journey.ordered(history.T)
        wait = (alpha + now) * np.expm1(-np.log1p(-quantile) / (r + history.x))
        goal = now + journey.zero[0] + wait
        passed, rate = journey.orders.passed, journey.orders.rate
        k = np.minimum((passed <= goal[:, None]).sum(1) - 1, rate.shape[1] - 1)
        rows = np.arange(len(goal))
        there = k + (goal - passed[rows, k]) / (rate[rows, k] * journey.width)
        return (there - journey.position(history.T)) * journey.width

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders of one customer; clocks run at the mean of the coefficients."""
        r, alpha, s, beta = params[:_OWN]
        means = tuple(np.asarray(p, dtype=np.float64).mean().item() for p in params)
        one = _one(history)
        journey = self._journey(means, one, horizon)
        orders, leaving = _laid_out(journey, one.T, horizon)
        rate = rng.gamma(r + float(one.x[0]), 1.0 / (alpha + float(journey.ordered(one.T)[0])), n)
        hazard = rng.gamma(s, 1.0 / (beta + float(journey.left(one.T)[0])), n)
        life = rng.exponential(size=n) / np.maximum(hazard, 1e-300)
        clock = np.asarray(np.interp(life, leaving, orders), dtype=np.float64)
        mean = rate * clock
        return rng.poisson(mean)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Refused: a history needs the courses of its covariates.

        Raises:
            DataError: always; simulate with pareto-nbd.
        """
        raise DataError(
            "Customers with covariates over time cannot be simulated without their courses.",
            "Simulate with pareto-nbd.",
        )

    def _journey(self, params: Params, history: History, ahead: float = 0.0) -> Journey:
        return Journey.of(self.purchase, self.dropout, params[_OWN:], history, ahead)

    def _both(self, params: Params, history: History) -> tuple[Any, Any]:
        """Log-probability of the history and being there at T, and of it and having left."""
        r, alpha, s, beta = own = params[:_OWN]
        x, known = history.x, history.covariates or {}
        journey = self._journey(params, history)
        common = log_rising(r, x) + np.log(alpha) * r + np.log(beta) * s
        for name, coefficient in zip(self.purchase, params[_OWN:], strict=False):
            seen = x * known[name] if name in self.fixed else known[at_orders(name)]
            common = common + coefficient * seen
        there = np.log(journey.ordered(history.T) + alpha) * -(r + x)
        there = there - np.log(journey.left(history.T) + beta) * s
        gone = log_left_since(journey, own, x, history.t_x, history.T)
        return common + there, common + gone


def _coefficient(process: str, name: str, what: str) -> Parameter:
    return Parameter(
        f"{process}.{name}",
        f"effect of {name} on the logarithm of {what}",
        f"where {name} is high, {what} is next to nothing",
        f"where {name} is high, {what} has no limit",
        real=True,
    )


def _laid_out(journey: Journey, T: Floats, horizon: float) -> tuple[Floats, Floats]:
    """How far both clocks of one customer go in a horizon, at even steps of time."""
    ages = T + np.linspace(0.0, horizon, _STEPS)
    rows = np.zeros(_STEPS, dtype=np.int64)
    position = journey.started + ages / journey.width
    runs = [clock.at(rows, position) for clock in (journey.orders, journey.leaving)]
    return runs[0] - runs[0][0], runs[1] - runs[1][0]


def _one(history: History) -> History:
    """One customer given as scalars, as arrays of length 1."""
    known = history.covariates or {}
    x, t_x, T = (np.full(1, float(v)) for v in (history.x, history.t_x, history.T))
    return History(x, t_x, T, None, {name: np.asarray(v)[None] for name, v in known.items()})


def _blocks(history: History, most: int = 0) -> Iterator[slice]:
    """Slices of customers with few enough segments, and counts of orders in each."""
    known = history.covariates or {}
    width = float(known[INTERVAL][0]) if len(history.T) else 1.0
    silence = np.asarray(history.T - history.t_x, dtype=np.float64)
    segments = silence.mean().item() / width + 2.0 if len(silence) else 1.0
    rows = max(1, int(_CELLS / segments / (1.0 + most / 10.0)))
    for begin in range(0, len(history.T), rows):
        yield slice(begin, begin + rows)
