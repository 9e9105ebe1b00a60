"""Origins: the days inside the data from which the stack learns what came next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regulars import data
from regulars.terms.summary import Floats, Summary

LEAST_DAYS = 28  # a shorter holdout tells nothing about a model
LEAST_CUSTOMERS = 200  # at an origin, for what came after it to mean something
_MOST = 4


@dataclass(frozen=True)
class Origin:
    """A day inside the data, who was known by then, and what each of them did afterwards.

    Attributes:
        at: the last day that was known.
        days: length of the holdout after it.
        summary: the customers (n,).
        features: what learners see of them (n, k).
        orders: purchase days in the holdout (n,).
        value: net value of them (n,).
    """

    at: dt.date
    days: int
    summary: Summary
    features: Floats
    orders: Floats
    value: Floats


def holdout_days(span: float, horizon: float) -> int:
    """Whole weeks to hold out: a third of the span, at most the horizon."""
    return int(min(horizon, span / 3)) // 7 * 7


def inner_origins(
    orders: data.Orders, log: data.OrderDays, horizon: float, unit: str
) -> list[Origin]:
    """Up to four origins, latest first, half a holdout apart; [] where the data are too short.

    The earliest leaves at least a third of the span before it.
    """
    days = holdout_days(log.span - 1, horizon)
    if days < LEAST_DAYS:
        return []
    step = max(days // 2, 14)
    found: list[Origin] = []
    for i in range(_MOST):
        at = log.until - dt.timedelta(days=days + i * step)
        before = log.span - 1 - days - i * step
        if 3 * before < log.span - 1 or len(log.known(at)) < LEAST_CUSTOMERS:
            break
        came, value = log.came(at, days)
        if not came.any():
            break
        summary = data.summarise(orders, until=at, unit=unit)
        found.append(Origin(at, days, summary, log.features(at), came, value))
    return found


def pooled(origins: list[Origin]) -> tuple[Floats, Floats]:
    """Features and orders of all origins, one below the other."""
    return (
        np.concatenate([origin.features for origin in origins]),
        np.concatenate([origin.orders for origin in origins]),
    )
