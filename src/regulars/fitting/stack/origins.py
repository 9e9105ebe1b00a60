"""Origins: the days inside the data from which the stack learns what came next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.terms.summary import Floats, Ints, Summary

LEAST_DAYS = 28  # a shorter holdout tells nothing about a model
LEAST_CUSTOMERS = 200  # at an origin, for what came after it to mean something
_MOST = 3
_ENOUGH = 30_000  # customers teach all there is to learn; beyond that every k-th is asked


@dataclass(frozen=True)
class Origin:
    """A day inside the data, who was known by then, and what each of them did afterwards.

    Attributes:
        at: the last day that was known.
        days: length of the holdout after it.
        customer: which customers of the log they are (n,).
        summary: the customers (n,).
        features: what learners see of them (n, k).
        orders: purchase days in the holdout (n,).
        value: net value of them (n,).
    """

    at: dt.date
    days: int
    customer: Ints
    summary: Summary
    features: Floats
    orders: Floats
    value: Floats


def holdout_days(span: float, horizon: float) -> int:
    """Whole weeks to hold out: a third of the span, at most the horizon."""
    return int(min(horizon, span / 3)) // 7 * 7


def inner_origins(log: data.OrderDays, horizon: float, unit: str) -> list[Origin]:
    """The origins, latest first; [] where the data are too short.

    Up to three with a third of the span held out, half of that apart and with as much before
    them; and one in the middle with up to a half held out, for what a long horizon does. Of a
    large base the same customers are taken at each.
    """
    span = log.span - 1
    days = holdout_days(span, horizon)
    if days < LEAST_DAYS:
        return []
    step = max(days // 2, 14)
    places = [(days + i * step, days) for i in range(_MOST)]
    places = [(back, held) for back, held in places if 3 * (span - back) >= span]
    longer = int(min(horizon, span / 2)) // 7 * 7
    if longer > days:
        places.append((longer, longer))
    every = -(-len(log.first) // _ENOUGH)
    found: list[Origin] = []
    for back, held in places:
        at = log.until - dt.timedelta(days=back)
        known = log.known(at)
        if len(known) < LEAST_CUSTOMERS:
            continue
        rows = np.flatnonzero(known % every == 0)
        came, value = (values[rows] for values in log.came(at, held))
        if not came.any():
            continue
        own = log.only(known[rows])
        summary = own.summary(at, unit)
        found.append(Origin(at, held, known[rows], summary, own.features(at), came, value))
    return found
