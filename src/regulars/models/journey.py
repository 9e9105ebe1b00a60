"""Journeys: customers on two clocks, one that orders run on and one that leaving runs on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from regulars.models.base import Floats, History, Params
from regulars.models.courses import Clock, Segments, of_customers
from regulars.models.maths import saturation, value_of
from regulars.models.pareto_integral import legendre, nodes_for
from regulars.terms.courses import INTERVAL, STARTED

_FINE = 10  # nodes in an interval where counts of orders are weighed
_FALL = 40.0  # nats below which a segment adds nothing


@dataclass(frozen=True)
class Journey:
    """The clocks of some customers, both at 0 at their first order.

    Attributes:
        orders, leaving: the clocks, over the intervals of the covariates.
        started: interval at which each first order lies (n,).
        zero: both clocks there.
        width: length of an interval in units of time.
    """

    orders: Clock
    leaving: Clock
    started: Floats
    zero: tuple[Any, Any]
    width: float

    @classmethod
    def of(
        cls,
        purchase: Sequence[str],
        dropout: Sequence[str],
        coefficients: Params,
        history: History,
        ahead: float = 0.0,
    ) -> Journey:
        """The journeys of a history's customers, known up to `ahead` after their age.

        Raises:
            InputError: for a covariate that is absent, or ends too early.
        """
        known = history.covariates or {}
        count = len(history.T)
        width = float(known[INTERVAL][0]) if INTERVAL in known and count else 1.0
        started = np.asarray(known.get(STARTED, np.zeros(count)), dtype=np.float64)
        courses = of_customers((*purchase, *dropout), known, history.T + ahead, width)
        shape = (count, courses[0].shape[1] if courses else 1)
        split = len(purchase)
        orders = Clock.running(coefficients[:split], courses[:split], shape, width)
        leaving = Clock.running(coefficients[split:], courses[split:], shape, width)
        every = np.arange(count)
        zero = orders.at(every, started), leaving.at(every, started)
        return cls(orders, leaving, started, zero, width)

    def ordered(self, age: Floats) -> Any:
        """The clock of orders at an age (n,)."""
        return self.orders.at(np.arange(len(age)), self.position(age)) - self.zero[0]

    def left(self, age: Floats) -> Any:
        """The clock of leaving at an age (n,)."""
        return self.leaving.at(np.arange(len(age)), self.position(age)) - self.zero[1]

    def position(self, age: Floats) -> Floats:
        """The interval, and how far in it, that an age lies in (n,)."""
        return self.started + age / self.width

    def at(self, cut: Segments, share: Floats) -> tuple[Any, Any]:
        """Both clocks within segments, at a share (q, 1) of each: (q, s)."""
        inside = (cut.low - cut.k + share * (cut.high - cut.low)) * self.width
        clocks = ((self.orders, self.zero[0]), (self.leaving, self.zero[1]))
        found = [
            clock.passed[cut.rows, cut.k] - zero[cut.rows] + clock.rate[cut.rows, cut.k] * inside
            for clock, zero in clocks
        ]
        return found[0], found[1]


def log_left_since(journey: Journey, params: Params, x: Floats, t_x: Floats, T: Floats) -> Any:
    """Log of the integral over the moment of leaving, from t_x to T; floats or jets (n,).

    s times the sum over intervals of the integral of h (alpha + A)^-(r + x) (beta + B)^-(s + 1),
    with A and B the clocks of orders and of leaving and h the rate of the latter. Both clocks are
    straight lines within an interval, so a few Gauss-Legendre nodes in each are exact to rounding.
    """
    r, alpha, s, beta = params
    cut = Segments.between(journey.position(t_x), journey.position(T))
    hazard = journey.leaving.rate[cut.rows, cut.k]
    span = (cut.high - cut.low) * journey.width
    share, weight = _nodes(journey, [value_of(p) for p in params], x, cut, span)
    a, b = journey.at(cut, share)
    with np.errstate(divide="ignore"):
        scale = np.maximum(np.log(weight * span), -1e300)
    logs = np.log(hazard) + scale - np.log(a + alpha) * (r + x[cut.rows])
    logs = logs - np.log(b + beta) * (s + 1.0)
    top = np.maximum.reduceat(value_of(logs).max(0), cut.first)
    return np.log(s) + np.log(cut.total(np.exp(logs - top[cut.rows]).sum(0))) + top


def leaving_ahead(
    journey: Journey, s: Any, beta: Any, T: Floats, horizon: float
) -> tuple[Segments, Floats, Floats]:
    """When a customer who is there at T may leave in the horizon, on the clock of orders.

    Returns:
        The segments (s of them), nodes in each on the clock of orders since T (q, s), and the
        probability that each node stands for (q, s).
    """
    cut = Segments.between(journey.position(T), journey.position(T + horizon))
    points, weights = legendre(_FINE)
    a, b = journey.at(cut, points[:, None])
    level = (beta + journey.left(T))[cut.rows]
    hazard = journey.leaving.rate[cut.rows, cut.k]
    stayed = np.exp(s * (np.log(level) - np.log(beta + b)))
    span = weights[:, None] * (cut.high - cut.low) * journey.width
    return cut, a - journey.ordered(T)[cut.rows], s * hazard / (beta + b) * stayed * span


def expected_time(
    journey: Journey, s: Any, beta: Any, T: Floats, ahead: float, *, in_orders: bool
) -> Floats:
    """E[time still to come as a customer, at most `ahead`] (n,); on the order clock `in_orders`.

    The share that stays falls as ((beta + B) / (beta + B + h y))^s within an interval, so each
    adds its length times a saturation. Beyond the last interval its hazard goes on.
    """
    begin = journey.position(T)
    known = float(journey.leaving.rate.shape[1])
    end = np.maximum(np.minimum(begin + ahead / journey.width, known), begin)
    cut = Segments.between(begin, end)
    level = beta + journey.left(T)
    _, at = journey.at(cut, np.zeros((1, 1)))
    at = at[0] + beta
    length = (cut.high - cut.low) * journey.width
    hazard = journey.leaving.rate[cut.rows, cut.k]
    stayed = np.exp(s * (np.log(level[cut.rows]) - np.log(at)))
    each = stayed * length * saturation(s - 1.0, hazard * length / at)
    if in_orders:
        return cut.total(each * journey.orders.rate[cut.rows, cut.k])
    rest = ahead - (end - begin) * journey.width
    last = beta + journey.leaving.at(np.arange(len(T)), end) - journey.zero[1]
    stayed = np.exp(s * (np.log(level) - np.log(last)))
    return cut.total(each) + stayed * _after(s, last, journey.leaving.rate[:, -1], rest)


def _after(s: Any, level: Floats, hazard: Floats, cap: Floats) -> Floats:
    """E[min(lifetime, cap)] at a constant hazard; cap may be inf."""
    ends = np.isfinite(cap)
    finite = np.where(ends, cap, 0.0)
    endless = level / (hazard * (s - 1.0)) if s > 1.0 else np.full(len(level), np.inf)
    return np.where(ends, finite * saturation(s - 1.0, hazard * finite / level), endless)


def _nodes(
    journey: Journey, params: Sequence[float], x: Floats, cut: Segments, span: Floats
) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights (q, 1): as many as the steepest segment needs."""
    r, alpha, s, beta = params
    rates = [value_of(c.rate)[cut.rows, cut.k] for c in (journey.orders, journey.leaving)]
    fall = (r + x[cut.rows]) * np.log1p(rates[0] * span / alpha)
    fall = fall + (s + 1.0) * np.log1p(rates[1] * span / beta)
    points, weights = legendre(nodes_for(float(np.minimum(fall, _FALL).max(initial=0.0))))
    return points[:, None], weights[:, None]
