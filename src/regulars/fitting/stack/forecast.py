"""Forecast: what a stack says of the customers at the cut-off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import Prediction, expected_orders, predict
from regulars.fitting.question import Question
from regulars.fitting.stack.stack import (
    LAST_RESORT,
    Learnt,
    in_season,
    learner_features,
    mixture,
    same_total,
    with_one_time,
)
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary

_BLOCK = 250_000  # customers whose features are in memory at once


@dataclass(frozen=True)
class Forecast:
    """Expected orders of every customer, one entry each.

    orders: within the horizon. discounted_orders: the same, each discounted from its date.
    soon: within as many days as the inner origins held out.
    weights: of the models, without those that could not be fitted on all days.
    p_alive: the mean of the models in which people leave, by the same weights, with odds moved as
        the learner moved expected orders: who orders more than the models think is there.
    lifetime: mixed alike, and moved with it.
    """

    orders: Floats
    discounted_orders: Floats
    soon: Floats
    weights: Mapping[str, float]
    p_alive: Floats
    lifetime: Floats


def forecast(
    learnt: Learnt,
    fits: Mapping[str, Fitted],
    log: data.OrderDays,
    summary: Summary,
    question: Question,
) -> Forecast | None:
    """Mix the models fitted on all days, then order and level as the inner origins taught.

    Args:
        learnt: what the inner origins taught.
        fits: models fitted on all days, by name.
        log: the purchase days of the customers up to the cut-off.
        summary: the customers at the cut-off.
        question: horizon and discount.

    Returns:
        The forecast; None where no model of the mixture could be fitted.
    """
    weights = {n: w for n, w in learnt.weights.items() if n in fits and w > 0}
    total = sum(weights.values())
    if not total:
        return None
    weights = {name: weight / total for name, weight in weights.items()}
    found = {
        name: predict(fits[name], summary, question.horizon, question.discount, question.level)
        for name in weights
    }
    near = Period(learnt.days, "day")
    soon = mixture({name: expected_orders(fits[name], summary, near) for name in weights}, weights)
    shape = np.zeros(len(summary))
    if learnt.lead in fits and learnt.order.share:
        shape = _log_factor(learnt, fits[learnt.lead], log, summary, soon)
    mixed = mixture({name: one.orders for name, one in found.items()}, weights)
    shaped = [
        with_one_time(same_total(mean, shape), summary, learnt.one_time) for mean in (soon, mixed)
    ]
    today = summary.until or dt.date.max
    near_orders, orders = (
        mean * learnt.level.factor * in_season(learnt.season, today, period.days)
        for mean, period in zip(shaped, (near, question.horizon), strict=True)
    )
    plain = _mixed(found, weights, "orders")
    discount = _mixed(found, weights, "discounted_orders") / np.maximum(plain, 1e-300)
    alive, lifetime = _still_there(found, weights, shaped[1])
    return Forecast(orders, orders * discount, near_orders, weights, alive, lifetime)


def _log_factor(
    learnt: Learnt, lead: Fitted, log: data.OrderDays, summary: Summary, soon: Floats
) -> Floats:
    """What the learner makes of each customer, some of them at a time."""
    found = np.zeros(len(summary))
    for begin in range(0, len(summary), _BLOCK):
        rows = np.arange(begin, min(begin + _BLOCK, len(summary)))
        features = log.only(rows).features(log.until)
        seen = learner_features(features, lead, summary.select(rows), soon[rows])
        found[rows] = learnt.order.log_factor(seen)
    return found


def _still_there(
    found: Mapping[str, Prediction], weights: Mapping[str, float], orders: Floats
) -> tuple[Floats, Floats]:
    """P(alive) and lifetime that go with the expected orders, whose level does not matter."""
    leaving = {name: w for name, w in weights.items() if name != LAST_RESORT} or weights
    share = sum(leaving.values())
    alive, lifetime, plain = (
        _mixed(found, leaving, what) / share for what in ("p_alive", "lifetime", "orders")
    )
    moved = np.where(plain > 0, orders / np.maximum(plain, 1e-300), 1.0)
    odds = alive * moved
    there = np.where(alive < 1, odds / np.maximum(odds + 1 - alive, 1e-300), 1.0)
    return there, lifetime * np.where(alive > 0, there / np.maximum(alive, 1e-300), 1.0)


def _mixed(found: Mapping[str, Prediction], weights: Mapping[str, float], name: str) -> Floats:
    return np.sum([w * getattr(found[n], name) for n, w in weights.items()], axis=0)
