"""Forecast: what a stack says of the customers at the cut-off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import Prediction, expected_orders, predict
from regulars.fitting.question import Question
from regulars.fitting.stack.stack import (
    Learnt,
    in_season,
    learner_features,
    mixture,
    same_total,
    with_one_time,
)
from regulars.terms.period import Period
from regulars.terms.summary import Floats, Summary


@dataclass(frozen=True)
class Forecast:
    """Expected orders of every customer, one entry each.

    orders: within the horizon. discounted_orders: the same, each discounted from its date.
    soon: within as many days as the inner origins held out.
    weights: of the models, without those that could not be fitted on all days.
    """

    orders: Floats
    discounted_orders: Floats
    soon: Floats
    weights: Mapping[str, float]


def forecast(
    learnt: Learnt,
    fits: Mapping[str, Fitted],
    features: Floats,
    summary: Summary,
    question: Question,
) -> Forecast | None:
    """Mix the models fitted on all days, then order and level as the inner origins taught.

    Args:
        learnt: what the inner origins taught.
        fits: models fitted on all days, by name.
        features: of `OrderDays.features` at the cut-off (n, k).
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
        seen = learner_features(features, fits[learnt.lead], summary, soon)
        shape = learnt.order.log_factor(seen)
    mixed = mixture({name: one.orders for name, one in found.items()}, weights)
    shaped = (
        with_one_time(same_total(mean, shape), summary, learnt.one_time) * learnt.level.factor
        for mean in (soon, mixed)
    )
    today = summary.until or dt.date.max
    near_orders, orders = (
        mean * in_season(learnt.season, today, period.days)
        for mean, period in zip(shaped, (near, question.horizon), strict=True)
    )
    plain = _mixed(found, weights, "orders")
    discount = _mixed(found, weights, "discounted_orders") / np.maximum(plain, 1e-300)
    return Forecast(orders, orders * discount, near_orders, weights)


def _mixed(found: Mapping[str, Prediction], weights: Mapping[str, float], name: str) -> Floats:
    return np.sum([w * getattr(found[n], name) for n, w in weights.items()], axis=0)
