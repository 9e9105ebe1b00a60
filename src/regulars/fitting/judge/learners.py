"""Learners as candidates: what machine learning alone foretells from the same days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.fitting.judge.base import Forecasted
from regulars.fitting.stack.learners import lightgbm, train_trees
from regulars.fitting.ziln import fit_ziln
from regulars.terms.errors import FitError
from regulars.terms.period import Period
from regulars.terms.summary import Floats

LEAST_DAYS = 28
_ROUNDS = 150

Foretell = Callable[[Floats, Floats, Floats, int], Floats]


@dataclass(frozen=True)
class Learned:
    """A learner trained on one day inside the data and what came after it.

    The holdout is as long as the horizon, but at most half the days that are known; what is
    learnt of a shorter one is scaled to the horizon. There is one learner for orders and one for
    value.
    """

    name: str
    learn: Foretell

    def predict(
        self, orders: data.Orders, at: dt.date, horizon: Period, level: float, seed: int
    ) -> Forecasted:
        """Learn from the days up to `at`, foretell those after it.

        Raises:
            FitError: where too few days are known, or nothing came after the day inside them.
        """
        log = data.order_days(orders, at)
        days = int(min(horizon.days, (log.span - 1) / 2))
        if days < LEAST_DAYS:
            raise FitError(
                f"{log.span} days are too few to learn from what came after a day in them.",
                f"It takes {2 * LEAST_DAYS + 1} days.",
            )
        inside = at - dt.timedelta(days=days)
        before, now = log.features(inside), log.features(at)
        came, value = log.came(inside, days)
        if not came.any():
            raise FitError(f"Nobody came back in the {days} days after {inside}.")
        longer = horizon.days / days
        foreseen = self.learn(before, came, now, seed) * longer
        if not orders.has_money:
            return Forecasted(foreseen)
        worth = self.learn(before, np.maximum(value, 0.0), now, seed) * longer
        return Forecasted(foreseen, worth)


def boosted() -> Learned:
    """Boosted trees with a Poisson loss on the features of `OrderDays`.

    Raises:
        InputError: where LightGBM is not installed.
    """
    lightgbm()
    return Learned("lightgbm", _boost)


def network() -> Learned:
    """A zero-inflated log-normal network on the same features (Wang, Liu & Miao 2019)."""
    return Learned("ziln", _network)


def _boost(before: Floats, came: Floats, now: Floats, seed: int) -> Floats:
    scale = max(float(came.mean()), 1e-12)
    start = np.zeros(len(came))
    return scale * np.exp(train_trees(before, start, came / scale, _ROUNDS).log_factor(now))


def _network(before: Floats, came: Floats, now: Floats, seed: int) -> Floats:
    with np.errstate(invalid="ignore"):
        inputs = [np.sign(values) * np.log1p(np.abs(values)) for values in (before, now)]
    missing = [~np.isfinite(values) for values in inputs]
    filled = [
        np.column_stack([np.where(gone, 0.0, values), gone[:, missing[0].any(0)]])
        for values, gone in zip(inputs, missing, strict=True)
    ]
    return fit_ziln(filled[0], came, seed=seed, members=3).expected(filled[1])
