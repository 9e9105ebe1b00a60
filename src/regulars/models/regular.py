"""Customers who order at regular intervals: what BG/CNBD-k and MBG/CNBD-k share.

A gap between orders has k stages, each exponential with the customer's rate lambda ~ Gamma(r,
alpha), so it is Erlang-k. After an order the customer leaves with chance p ~ Beta(a, b). Stages
are a Poisson process: seen alive in silence since the x-th order, a customer has passed j < k
stages of the gap with chance proportional to (R)_j / j! z^j, where R = r + k x and z is the share
of alpha + T that was silent; given j the rate is Gamma(R + j, alpha + T). Orders to come are then
what the k-th, 2k-th, ... further stage makes of it, so every expectation is a mixture over j of
sums over stages (`stages.py`), exact, with positive terms, for each customer alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from regulars.models import arrivals, dropout, stages
from regulars.models.base import Floats, History, Parameter, Params
from regulars.models.maths import log_growth
from regulars.models.sample import Sample, gather, log_rising, typical_age
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary

_DETOURS = ((2.0, 2.0, 0.6, 0.08), (0.13, 0.37, 1.0, 1.0))
MOST_STAGES = 12  # beyond it a gap is a date in the calendar, not a waiting time


@dataclass(frozen=True, slots=True)
class RegularSample:
    """Grouped histories, and the sum of log gaps of all customers."""

    sample: Sample
    log_gaps: float

    @property
    def customers(self) -> int:
        """Customers in all."""
        return self.sample.customers


@dataclass(frozen=True)
class Regular:
    """The story with a fixed number of stages.

    Attributes:
        k: stages of a gap; 1 is a gap without memory.
        open: a fit tries k = 1, 2, ... and keeps the most likely; until then k stages it is.
    """

    k: int = 2
    open: bool = False

    stem: ClassVar[str]  # of the name
    prose: ClassVar[str]  # of the title
    at_first: ClassVar[bool]  # whether a customer may leave right after the first order
    state = ("x", "t_x", "T")
    effects = (("purchase", "alpha", -1.0), *dropout.EFFECTS)

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MOST_STAGES:
            raise InputError(f"A gap cannot have {self.k} stages.", f"Give 1 to {MOST_STAGES}.")

    @property
    def name(self) -> str:
        """`mbg-cnbd-2` for two stages, `mbg-cnbd-k` while they are open."""
        return f"{self.stem}-{'k' if self.open else self.k}"

    @property
    def title(self) -> str:
        """`MBG/CNBD-2` for two stages, `MBG/CNBD-k` while they are open."""
        return f"{self.prose}-{'k' if self.open else self.k}"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The rates at which stages pass (r, alpha) and the chance to leave (a, b)."""
        first = "first order" if self.at_first else "first repeat order"
        return (
            replace(
                arrivals.SHAPE, meaning="shape of the rates at which stages between orders pass"
            ),
            replace(arrivals.SCALE, meaning="scale of these rates, in time"),
            Parameter(
                "a",
                "first shape of the chance to leave after an order",
                "nobody ever leaves",
                f"everybody leaves after the {first} unless b grows with it",
            ),
            Parameter(
                "b",
                "second shape of the chance to leave after an order",
                f"some leave at the {first} and the others never",
                "nobody leaves unless a grows with it; if both grow, all leave as easily",
            ),
        )

    @property
    def detours(self) -> tuple[tuple[float, ...], ...]:
        """Those of MBG/NBD; BG/NBD has none."""
        return _DETOURS if self.at_first else ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The gaps matter to the likelihood as soon as they have stages, not to P(alive)."""
        times = ("x", "t_x", "T")
        return times if self.k == 1 and not self.open else (*times, "log_gaps")

    def members(self) -> Iterator[Self]:
        """The model with 1, 2, ... stages."""
        return (replace(self, k=k, open=False) for k in range(1, MOST_STAGES + 1))

    def start(self, summary: Summary) -> tuple[float, ...]:
        """A scale rule: that of BG/NBD, with k stages in the time of one."""
        return 0.5, 0.25 * typical_age(summary) / self.k, 1.0, 2.5

    def prepare(self, summary: Summary) -> RegularSample:
        """Group the summary and sum its log gaps.

        Raises:
            InputError: where gaps have stages and the summary has no log_gaps.
        """
        if self.k == 1:
            return RegularSample(gather(summary), 0.0)
        if summary.log_gaps is None:
            raise InputError(
                "This model reads the rhythm of orders, and the summary has no log_gaps.",
                "summarise(orders) has them; from_rfm takes log_gaps=, the sum of the logarithms "
                "of the gaps between orders.",
            )
        weight = 1.0 if summary.weight is None else summary.weight
        return RegularSample(gather(summary), math.fsum(weight * summary.log_gaps))

    def log_likelihood(self, params: Params, history: History) -> Any:
        """Log-likelihood of each customer; without log_gaps their part, a constant, is left out."""
        x, t_x, T = np.asarray(history.x, dtype=np.float64), history.t_x, history.T
        r, alpha, a, b = params
        passed = x + 1.0 if self.at_first else x
        counts = log_rising(r, self.k * x) - self.k * x * np.log(alpha)
        counts = counts + log_rising(b, passed) - log_rising(a + b, passed)
        counts = counts - x * math.lgamma(self.k)
        if history.log_gaps is not None:
            counts = counts + (self.k - 1.0) * history.log_gaps
        return counts + self._silent(params, x, t_x, T)

    def terms(self, params: Params, data: RegularSample) -> Iterator[tuple[Any, Any]]:
        """The same over a whole sample, with the terms in x alone taken from the histogram."""
        r, alpha, a, b = params
        sample = data.sample
        first = float(self.at_first)
        orders = np.repeat(sample.survivors, self.k)
        yield np.log(r + np.arange(len(orders), dtype=np.float64)), orders
        yield sample.rising(b + first)
        ends, survivors = sample.rising(a + b + first)
        yield ends, -survivors
        if self.at_first:
            yield np.log(b) - np.log(a + b), float(sample.customers)
        yield np.log(alpha) * (-self.k * sample.orders), 1.0
        yield (self.k - 1.0) * data.log_gaps - sample.orders * math.lgamma(self.k), 1.0
        for age, weight in sample.once():
            yield self._silent(params, np.zeros(1), np.zeros(1), age), weight
        for x, t_x, age, weight in sample.repeat():
            yield self._silent(params, x, t_x, age), weight

    def _silent(self, params: Params, x: Any, t_x: Any, T: Any) -> Any:
        """Log of the chance of the silence, with (1 + T / alpha)^-(r + k x) of the orders."""
        r, alpha, _, _ = params
        shape = x * float(self.k) + r
        now = shape * log_growth(alpha, 0.0, T)
        still = self._log_stages(params, x, t_x, T)
        left = self._log_odds_left(params, x, t_x, T) - still
        may_leave = np.asarray(x >= (0 if self.at_first else 1))
        return still - now + np.logaddexp(0.0, left) * may_leave

    def _log_stages(self, params: Params, x: Any, t_x: Any, T: Any) -> Any:
        """Log of 1 + R z + R (R + 1) z^2 / 2 + ..., k terms: stages passed in silence."""
        r, alpha, _, _ = params
        shape = x * float(self.k) + r
        return np.log1p(_more_stages(self.k, shape, (T - t_x) / (alpha + T)))

    def _log_odds_left(self, params: Params, x: Any, t_x: Any, T: Any) -> Any:
        """Log odds of having left after the last order, against no stage passed since."""
        r, alpha, a, b = params
        survived = x if self.at_first else np.maximum(x, 1.0) - 1.0
        ratio = (x * float(self.k) + r) * log_growth(alpha, t_x, np.asarray(T) - t_x)
        return np.log(a) - np.log(b + survived) + ratio

    def p_alive(self, params: Params, history: History) -> Floats:
        """P(still a customer at T); 1 before the first chance to leave."""
        x = np.asarray(history.x, dtype=np.float64)
        still = self._log_stages(params, x, history.t_x, history.T)
        left = self._log_odds_left(params, x, history.t_x, history.T) - still
        alive = np.exp(-np.logaddexp(0.0, left))
        return alive if self.at_first else np.where(x > 0, alive, 1.0)

    def expected_orders_alive(self, params: Params, history: History, horizon: float) -> Floats:
        """E[orders in (T, T + horizon)] given still there and silent since t_x."""
        return self._mixed(stages.orders, params, history, horizon)

    def expected_orders_new(self, params: Params, history: History) -> Floats:
        """E[repeat orders of a new customer up to `age`]."""
        r, alpha, a, b = params
        first = float(self.at_first)
        stay = b / (a + b) if self.at_first else 1.0
        age = np.asarray(history.T, dtype=np.float64)
        return stay * stages.orders(stages.Gap(self.k, 0), r, alpha, a, b + first, age)

    def expected_lifetime_alive(self, params: Params, history: History, cap: float) -> Floats:
        """E[min(remaining lifetime, cap)] given still there and silent since t_x."""
        return self._mixed(stages.lifetime, params, history, cap)

    def survival_alive(self, params: Params, history: History, ahead: float) -> Floats:
        """P(no order within `ahead` is the last) given still there and silent since t_x."""
        return np.minimum(self._mixed(stages.survival, params, history, ahead), 1.0)

    def order_probabilities_alive(
        self, params: Params, history: History, horizon: float, most: int
    ) -> Floats:
        """P(exactly j orders in the horizon) given still there, (most + 1, n).

        The n-th order to come is the (n k - j)-th stage to come.
        """
        return self._mixed(stages.Chances(most), params, history, horizon)

    def _mixed(self, of_gap: stages.OfGap, params: Params, history: History, time: float) -> Floats:
        """Mean over the stages passed since the last order; equal (x, T) are computed once."""
        _, alpha, a, b = params
        weights = self._passed(params, history)
        x, age = (np.asarray(v, dtype=np.float64) for v in (history.x, history.T))
        x, age = np.broadcast_arrays(x, age)
        index: Any = ...
        if x.ndim and not any(np.ndim(p) for p in params):
            pairs, index = np.unique(x + 1j * age, return_inverse=True)
            x, age = pairs.real, pairs.imag
        shape, chances = params[0] + self.k * x, b + x + float(self.at_first)
        parts = [
            of_gap(stages.Gap(self.k, j), shape + j, alpha + age, a, chances, time)
            for j in range(self.k)
        ]
        if index is not ...:
            parts = [part[..., index.reshape(weights.shape[1:])] for part in parts]
        # what is endless counts only where those stages may have passed
        terms = (w * np.where(w > 0, part, 0.0) for w, part in zip(weights, parts, strict=True))
        return np.asarray(sum(terms))

    def _passed(self, params: Params, history: History) -> Floats:
        """P(j stages of the gap have passed), (k, n)."""
        r, alpha, _, _ = params
        x, t_x, T = (np.asarray(v, dtype=np.float64) for v in (history.x, history.t_x, history.T))
        shape, z = np.broadcast_arrays(r + self.k * x, (T - t_x) / (alpha + T))
        parts = [np.ones(shape.shape)]
        for j in range(1, self.k):
            parts.append(parts[-1] * (shape + (j - 1)) * z / j)
        return np.array(parts) / sum(parts)

    def next_order_alive(self, params: Params, history: History, quantile: float) -> Floats:
        """Quantile of the waiting time to the next order, given silence since t_x.

        With v = log(1 + w / (alpha + T)) the chance of w more silence is exp(-R v) times what the
        stages make of it, a falling function whose root lies below that of its bound.
        """
        r, alpha, _, _ = params
        x, t_x, T = (np.asarray(v, dtype=np.float64) for v in (history.x, history.t_x, history.T))
        shape, age, silent = np.broadcast_arrays(r + self.k * x, alpha + T, T - t_x)
        if self.k == 1:
            return arrivals.next_order(shape, age, quantile)
        share = silent / age
        before = np.log1p(_more_stages(self.k, shape, share))
        aim = before + math.log1p(-quantile)
        low: Floats = np.zeros(shape.shape)
        high: Floats = (np.log1p(_more_stages(self.k, shape, np.ones(shape.shape))) - aim) / shape
        for _ in range(64):
            middle: Floats = 0.5 * (low + high)
            z = 1.0 - (1.0 - share) * np.exp(-middle)
            above: NDArray[np.bool_] = (
                np.log1p(_more_stages(self.k, shape, z)) - shape * middle > aim
            )
            low, high = np.where(above, middle, low), np.where(above, high, middle)
        with np.errstate(over="ignore"):
            return age * np.expm1(0.5 * (low + high))

    def sample_orders_alive(
        self, params: Params, history: History, horizon: float, rng: np.random.Generator, n: int
    ) -> NDArray[np.int64]:
        """Draw n numbers of orders in the horizon; parameters may be arrays of length n."""
        r, alpha, a, b = params
        reached = np.cumsum(self._passed(params, history), axis=0)
        u = rng.random(n)
        passed = (u >= np.broadcast_to(reached[:-1].T, (n, self.k - 1)).T).sum(0)
        rate = rng.gamma(r + self.k * history.x + passed, 1.0 / (alpha + history.T), n)
        last = dropout.draw_last(rng.beta(a, b + history.x + float(self.at_first), n), rng)
        if np.isinf(horizon):
            return last
        return np.minimum((rng.poisson(rate * horizon) + passed) // self.k, last)

    def simulate(self, params: Params, age: Floats, rng: np.random.Generator) -> History:
        """Histories of new customers watched up to `age`, with their log gaps.

        Given their number m the stages cut the age into m + 1 exponential pieces, scaled.
        """
        r, alpha, a, b = params
        age = np.asarray(age, dtype=np.float64)
        rate, chance = rng.gamma(r, 1.0 / alpha, age.shape), rng.beta(a, b, age.shape)
        passed = rng.poisson(rate * age)
        last = dropout.draw_last(chance, rng) - (1 if self.at_first else 0)
        x = np.minimum(passed // self.k, last)
        who = np.repeat(np.arange(age.size), x.reshape(-1))
        gaps = rng.standard_gamma(float(self.k), len(who))
        ordered = np.bincount(who, gaps, age.size).reshape(age.shape)
        logs = np.bincount(who, np.log(gaps), age.size).reshape(age.shape)
        scale = age / (ordered + rng.standard_gamma(passed - self.k * x + 1.0))
        logs = logs + x * np.log(np.where(x > 0, scale, 1.0))
        return History(x.astype(np.float64), ordered * scale, age, logs)


def _more_stages(k: int, shape: Any, z: Any) -> Any:
    """R z + R (R + 1) z^2 / 2! + ... up to z^(k - 1), for floats or jets: all positive."""
    rest: Any = 0.0 * z
    for j in range(k - 1, 0, -1):
        rest = (shape + (j - 1.0)) * (z * (1.0 / j)) * (1.0 + rest)
    return rest
