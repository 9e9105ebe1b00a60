"""Stack: what `auto` expects of every customer, learnt from what came after inner origins."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.fitting.fitted import Fitted
from regulars.fitting.predict import p_alive
from regulars.fitting.stack.aggregate import Level, level_factor
from regulars.fitting.stack.learners import Train, best_learner
from regulars.fitting.stack.level import Trials, deviances, stack_weights, try_models
from regulars.fitting.stack.order import Order, train_order
from regulars.fitting.stack.origins import Origin, inner_origins
from regulars.fitting.stack.season import Season
from regulars.terms.errors import RegularsError
from regulars.terms.summary import Floats, Ints, Summary

LAST_RESORT = "nbd"  # nobody ever leaves: in the mixture only where the data let it in
_TASTE = 0.04  # of it in any mixture: it ranks those whom the others count as lost
_SURE = 1.0  # standard errors by which the mixture with more of it must be better
_MOST_ROWS = 120_000  # of all origins together; beyond that every k-th customer trains


@dataclass(frozen=True)
class Learnt:
    """What the inner origins taught; it holds no customer.

    Attributes:
        weights: of each model in the mixture, by name; they add up to 1.
        order: the learner and the share of it that is believed.
        learner: its name in prose.
        level: the factor on the total.
        season: what the time of the year does to it, or None.
        one_time: the factor on one-time buyers over that on the others.
        origins: how many, each with `days` held out; rows: customers in them.
        lead: the model whose P(alive) the learner reads.
    """

    weights: Mapping[str, float]
    order: Order
    learner: str
    level: Level
    season: Season | None
    one_time: float
    origins: int
    days: int
    rows: int
    lead: str


@dataclass(frozen=True)
class Lesson:
    """The inner origins with what the whole stack would have expected at each, out of sample."""

    learnt: Learnt
    origins: Sequence[Origin]
    trials: Sequence[Trials]
    expected: Sequence[Floats]


def learn(
    log: data.OrderDays,
    horizon: float,
    unit: str,
    names: Sequence[str],
    season: Season | None = None,
) -> Lesson | None:
    """Learn from inner origins; None where the data are too short for any.

    Args:
        log: the orders' purchase days up to the cut-off.
        horizon: days to look ahead in the end.
        unit: of the models' time.
        names: the models to mix.
        season: what the time of the year does to totals, where it is known.
    """
    origins = inner_origins(log, horizon, unit)
    if not origins:
        return None
    try:
        trials = [try_models(origin, names) for origin in origins]
    except RegularsError:
        return None
    usable = _distinct([n for n in names if all(n in t.names for t in trials)], trials)
    if not usable:
        return None
    found = [_columns(trial, usable) for trial in trials]
    came = [origin.orders for origin in origins]
    who = [origin.customer for origin in origins]
    shares = _shares(usable, found, came, np.concatenate(who))
    mixed = [mixture(dict(zip(usable, columns.T, strict=True)), shares) for columns in found]
    lead = max(shares, key=lambda name: shares[name])
    features = [
        learner_features(origin.features, trial.fits[lead], origin.summary, mix)
        for origin, trial, mix in zip(origins, trials, mixed, strict=True)
    ]
    title, train = best_learner()
    order, ordered = _refine(train, features, mixed, came, who)
    one_time = _one_time_factor(origins, ordered)
    shaped = [
        with_one_time(mean, origin.summary, one_time) * in_season(season, origin.at, origin.days)
        for mean, origin in zip(ordered, origins, strict=True)
    ]
    level = level_factor(
        np.array([origin.orders.sum() for origin in origins]),
        np.array([mean.sum() for mean in shaped]),
    )
    learnt = Learnt(
        weights=shares,
        order=order,
        learner=title,
        level=level,
        season=season,
        one_time=one_time,
        origins=len(origins),
        days=origins[0].days,
        rows=sum(len(mean) for mean in mixed),
        lead=lead,
    )
    return Lesson(learnt, origins, trials, [mean * level.factor for mean in shaped])


def _shares(
    names: Sequence[str], expected: Sequence[Floats], actual: Sequence[Floats], customer: Ints
) -> dict[str, float]:
    """The weight of each model, by name; NBD has one only where it clearly helps."""
    leaving = np.array([name != LAST_RESORT for name in names])
    if leaving.all() or not leaving.any():
        prior = np.full(len(names), 1 / len(names))
        return dict(zip(names, stack_weights(expected, actual, prior).tolist(), strict=True))
    prior = leaving / leaving.sum()
    whole = stack_weights(expected, actual, prior)
    part = np.zeros(len(names))
    some = [columns[:, leaving] for columns in expected]
    part[leaving] = stack_weights(some, actual, prior[leaving])
    part = part * (1 - _TASTE) + _TASTE * ~leaving
    many, came = np.concatenate(expected), np.concatenate(actual)
    saved = deviances(many @ part, came) - deviances(many @ whole, came)
    each = np.bincount(customer, weights=saved)
    helps = each.sum() > _SURE * np.sqrt((each**2).sum())
    return dict(zip(names, (whole if helps else part).tolist(), strict=True))


def mixture(expected: Mapping[str, Floats], weights: Mapping[str, float]) -> Floats:
    """The weighted mean of the models' expectations (n,).

    NBD, in which nobody leaves, tells who orders more, but its total lies too high by all who
    leave; so the total is that of the others, where there are any.
    """
    mixed = np.sum([weight * expected[name] for name, weight in weights.items()], axis=0)
    others = {name: weight for name, weight in weights.items() if name != LAST_RESORT}
    if not sum(others.values()) or len(others) == len(weights):
        return mixed
    total = sum(weight * float(expected[name].sum()) for name, weight in others.items())
    return mixed * total / sum(others.values()) / max(float(mixed.sum()), 1e-300)


def learner_features(features: Floats, lead: Fitted, summary: Summary, expected: Floats) -> Floats:
    """Features of the log, with what the models say of each customer: (n, k + 2).

    `expected` is over as many days as the inner origins held out.
    """
    rate = np.log(np.maximum(expected, 1e-9))
    return np.column_stack([features, rate, p_alive(lead, summary)])


def in_season(season: Season | None, after: dt.date, days: float) -> float:
    """The season's factor on a total of the days after a date, 1 where none is known."""
    return 1.0 if season is None else season.factor(after, days)


def same_total(expected: Floats, log_factor: Floats) -> Floats:
    """Expectations times a factor, with their total as before."""
    moved = expected * np.exp(log_factor)
    return moved * float(expected.sum()) / max(float(moved.sum()), 1e-300)


def with_one_time(expected: Floats, summary: Summary, factor: float) -> Floats:
    """One-time buyers' share of the total moved by a factor; the total stays."""
    moved = np.where(summary.repeat_orders == 0, factor, 1.0) * expected
    return moved * float(expected.sum()) / max(float(moved.sum()), 1e-300)


def _refine(
    train: Train,
    features: Sequence[Floats],
    expected: Sequence[Floats],
    actual: Sequence[Floats],
    customer: Sequence[Ints],
) -> tuple[Order, list[Floats]]:
    """Train the order, and what it makes of each origin where it did not see the customer."""
    rows, rest = _sample(sum(len(part) for part in expected))
    whole, mixed = np.concatenate(features), np.concatenate(expected)
    came, who = np.concatenate(actual), np.concatenate(customer)
    order, unseen = train_order(train, whole[rows], mixed[rows], came[rows], who[rows])
    factors = np.zeros(len(mixed))
    factors[rows], factors[rest] = unseen, order.log_factor(whole[rest])
    parts = np.split(factors, np.cumsum([len(part) for part in expected])[:-1])
    return order, [same_total(mean, part) for mean, part in zip(expected, parts, strict=True)]


def _one_time_factor(origins: Sequence[Origin], expected: Sequence[Floats]) -> float:
    """The shrunk factor on one-time buyers over that on the others."""
    factors: list[float] = []
    for once in (True, False):
        rows = [(origin.summary.repeat_orders == 0) == once for origin in origins]
        came = [o.orders[r].sum() for o, r in zip(origins, rows, strict=True)]
        foretold = [m[r].sum() for m, r in zip(expected, rows, strict=True)]
        factors.append(level_factor(np.array(came), np.array(foretold)).factor)
    return factors[0] / factors[1]


def _distinct(names: Sequence[str], trials: Sequence[Trials]) -> list[str]:
    """Names without those that say what an earlier one does, as MBG/CNBD-1 what MBG/NBD does."""
    kept: list[str] = []
    for name in names:
        mine = np.concatenate([_columns(trial, [name]) for trial in trials])
        others = (np.concatenate([_columns(trial, [other]) for trial in trials]) for other in kept)
        if not any(np.allclose(mine, other, rtol=1e-3, atol=1e-6) for other in others):
            kept.append(name)
    return kept


def _columns(trial: Trials, names: Sequence[str]) -> Floats:
    return trial.expected[:, [trial.names.index(name) for name in names]]


def _sample(total: int) -> tuple[Ints, Ints]:
    """Rows that train, all or every k-th, and the rest."""
    every = np.arange(total)
    trains = every % max(-(-total // _MOST_ROWS), 1) == 0
    return every[trains], every[~trains]
