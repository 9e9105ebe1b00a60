"""Pareto/GGG: customers order with a rhythm of their own and may leave at any moment, unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals, ggg_draws, ggg_future
from regulars.models.base import BLOCK, Floats, History, Parameter, Params
from regulars.models.ggg_moments import log_integral
from regulars.models.ggg_nodes import CLOSE, Known, nodes
from regulars.models.maths import value_of
from regulars.models.sample import typical_age
from regulars.terms.errors import DataError, InputError
from regulars.terms.summary import Summary

_POINTS = 10  # of a panel, for a prediction
_SHORTEST = 1e-12  # of a simulated gap
_MOST_GAPS = 1_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """Distinct histories, and how many customers each stands for."""

    customers: int
    history: History
    weight: Floats


class ParetoGGG:
    """Pareto / GGG: Platzer & Reutterer 2016, by marginal likelihood instead of sampling.

    The gaps between a customer's orders are Gamma(k, k lambda): k = 1 is a Poisson process, a
    larger k more regular. k ~ Gamma(t, gamma) and lambda ~ Gamma(r, alpha) across customers, who
    leave after an exponential lifetime of rate mu ~ Gamma(s, beta).
    """

    name = "pareto-ggg"
    title = "Pareto/GGG"
    reads = ("x", "t_x", "T", "log_gaps")
    state = ("x", "t_x", "T", "log_gaps")
    effects = (("purchase", "alpha", -1.0), ("dropout", "beta", -1.0))
    parameters = (
        Parameter(
            "t",
            "shape of the regularities across customers",
            "some order like clockwork and the others in bursts",
            "all customers are equally regular",
        ),
        Parameter(
            "gamma",
            "rate of the regularities across customers, their mean being t / gamma",
            "all order like clockwork unless t falls with it",
            "all order in bursts unless t grows with it; if both grow, all are equally regular",
        ),
        arrivals.SHAPE,
        arrivals.SCALE,
        Parameter(
            "s",
            "shape of the dropout rates across customers",
            "nobody ever leaves",
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

    def start(self, summary: Summary) -> tuple[float, ...]:
        """Some regularity, and a scale rule in the mean age of the customers."""
        age = typical_age(summary)
        return 2.0, 1.0, 0.7, 0.25 * age, 0.5, 0.35 * age

    def prepare(self, summary: Summary) -> Rows:
        """Group equal histories.

        Raises:
            DataError: for an empty summary.
            InputError: for one without log_gaps.
        """
        if summary.customers == 0:
            raise DataError("The summary holds no customer.", "Check the cut-off and the filters.")
        if summary.log_gaps is None:
            raise InputError(
                "Pareto/GGG reads the rhythm of orders, and the summary has no log_gaps.",
                "summarise(orders) has them; from_rfm takes log_gaps=, the sum of the logarithms "
                "of the gaps between orders.",
            )
        columns = np.column_stack(
            [summary.repeat_orders, summary.last_order_age, summary.age, summary.log_gaps]
        ).astype(np.float64)
        found, place = np.unique(columns, axis=0, return_inverse=True)
        weight = np.bincount(place.reshape(-1), weights=summary.weight, minlength=len(found))
        return Rows(
            summary.customers, History(*np.ascontiguousarray(found.T)), weight.astype(np.float64)
        )

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer, the gaps' own included, for floats or jets."""
        found = log_integral(params, *_flat(history))
        return found if hasattr(found, "chain") else found.reshape(history.shape)

    def terms(self, params: Params, data: Rows) -> Iterator[tuple[Any, Any]]:
        """Blocks of (values, weights)."""
        for begin in range(0, len(data.weight), BLOCK):
            rows = slice(begin, begin + BLOCK)
            yield self.log_likelihood(params, data.history.select(rows)), data.weight[rows]

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T)."""
        known = _known(params, history)
        out = np.empty(len(known.x))
        for block in nodes(known, CLOSE, _POINTS):
            alive, left = block.likelihood()
            out[block.rows] = alive / (alive + left)
        return out.reshape(history.shape)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still there; endless if horizon = inf and s <= 1."""
        known = _known(params, history)
        return ggg_future.expected_orders(known, np.full(len(known.x), horizon)).reshape(
            history.shape
        )

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to age T]."""
        new = History.new(np.zeros(history.shape))
        age = np.broadcast_to(np.asarray(history.T, dtype=np.float64), history.shape).reshape(-1)
        found = ggg_future.expected_orders(_known(params, new), age)
        return found.reshape(history.shape)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there: it depends on T alone."""
        return _of_age(params, history, lambda s, start: ggg_future.expected_time(s, start, cap))

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(no leaving within `ahead`): (1 + ahead / (beta + T))^-s."""
        return _of_age(params, history, lambda s, start: np.exp(-s * np.log1p(ahead / start)))

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, ...)."""
        found = ggg_future.order_probabilities(_known(params, history), horizon, most)
        return found.reshape(most + 1, *history.shape)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order."""
        return ggg_future.next_order(_known(params, history), quantile).reshape(history.shape)

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        story = (history.x, history.t_x, history.T, history.log_gaps)
        same = (np.full(n, float(value)) for value in story)
        return ggg_draws.draw_orders(Known.of(params, *same), horizon, rng)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`, gap by gap."""
        t, gamma, r, alpha, s, beta = params
        age = np.asarray(age, dtype=np.float64)
        k, rate, drop = (
            rng.gamma(shape, 1.0 / scale, age.shape)
            for shape, scale in ((t, gamma), (r, alpha), (s, beta))
        )
        k, rate = np.maximum(k, 1e-6), np.maximum(rate, 1e-300)
        wait = rng.exponential(size=age.shape)
        life = np.divide(wait, drop, out=np.full(age.shape, np.inf), where=drop > wait * 1e-300)
        end = np.minimum(life, age).reshape(-1)
        k, pace = k.reshape(-1), (k * rate).reshape(-1)
        x, t_x, log_gaps = np.zeros((3, age.size))
        going = np.arange(age.size)
        for _ in range(_MOST_GAPS):
            gap = np.maximum(rng.standard_gamma(k[going]) / pace[going], _SHORTEST)
            came = t_x[going] + gap < end[going]
            going, gap = going[came], gap[came]
            x[going] += 1.0
            t_x[going] += gap
            log_gaps[going] += np.log(gap)
            if not len(going):
                break
        x, t_x, log_gaps = (part.reshape(age.shape) for part in (x, t_x, log_gaps))
        return History(x, t_x, age, log_gaps)


def _flat(history: History) -> list[Floats]:
    """x, t_x, T and log_gaps as 1-d arrays."""
    values = (history.x, history.t_x, history.T, history.log_gaps)
    arrays = (np.asarray(value, dtype=np.float64) for value in values)
    return [np.ascontiguousarray(np.broadcast_to(v, history.shape)).reshape(-1) for v in arrays]


def _known(params: Params, history: History) -> Known:
    return Known.of([value_of(p) for p in params], *_flat(history))


def _of_age(params: Params, history: History, answer: Callable[[Floats, Floats], Floats]) -> Floats:
    """What depends on s and beta + T alone."""
    *_, s, beta = params
    age = np.broadcast_to(np.asarray(history.T, dtype=np.float64), history.shape)
    return np.broadcast_to(answer(np.asarray(s, dtype=np.float64), beta + age), history.shape)
