"""Stakes: what an action on a group of customers can move, from their valuation and ledger."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regulars.fitting.coming import coming
from regulars.pipeline.grouping import base_of, group_of
from regulars.pipeline.serving import counted, serving_rate
from regulars.pipeline.value import Valued
from regulars.terms.answer import Estimate
from regulars.terms.errors import DataError, InputError
from regulars.terms.period import DAYS, Period
from regulars.terms.service import ServiceCosts
from regulars.valuation.decision import Stake, points_lift, scaled_lift
from regulars.valuation.estimate import scaled

Floats = NDArray[np.float64]
_TICKS = 10_000
_MOST_MONTHS = 60  # of a horizon without an end
_YEAR = 12


def kept_stake(
    valued: Valued, members: NDArray[np.bool_], share: float, on: str
) -> tuple[Stake, Estimate, float]:
    """What can be moved of customers who are there, their margin, and their mean P(alive).

    Args:
        valued: the customers.
        members: who of those with a purchase (n,).
        share: of revenue that is margin.
        on: what the effect changes.

    Raises:
        DataError: where nothing was predicted, or no margin is expected.
    """
    outlook = valued.outlook
    if outlook is None or not np.isfinite(outlook.value).any():
        raise DataError(
            "Nothing could be predicted of these customers, so no gain can be told.",
            "Give a longer history; `regulars audit` says what is there.",
        )
    base = base_of(valued, None)
    everyone = np.zeros(len(base), dtype=bool)
    everyone[base.bought] = members
    expected = group_of(base, "group", "", everyone).expected
    alive = outlook.prediction.p_alive[members]
    margin = np.nan_to_num(outlook.value[members]) * share
    if_alive = np.nan_to_num(outlook.if_alive[members]) * share
    total = float(margin.sum())
    if expected is None or total <= 0:
        raise DataError(
            "These customers are expected to bring no margin, so there is nothing to gain.",
            "Widen the group, or look at the margin.",
        )
    own = np.nan_to_num(outlook.own_variance[members]) * share**2
    shared = outlook.total_variance + outlook.spend_variance
    n, mean_alive = len(margin), float(alive.mean())
    lost = float(((1 - alive) * if_alive).sum())
    lifts = {
        "retention": points_lift(alive, if_alive),
        "churn": scaled_lift(lost),
        "orders": scaled_lift(total),
        "order value": scaled_lift(total),
    }
    still = math.sqrt(mean_alive * (1 - mean_alive))
    between = math.sqrt(float(own.mean()) + float(margin.var())) / (total / n)
    spreads = {"retention": still, "churn": still / max(1 - mean_alive, 1e-9)}
    stake = Stake(
        customers=n,
        lift=lifts[on],
        most=1.0 if on in ("retention", "churn") else math.inf,
        variance=shared + float(own.sum()) / total**2,
        level=valued.question.level,
        curve=_curve(valued, members),
        spread=spreads.get(on, between),
    )
    return stake, scaled(expected, share), mean_alive


def _curve(valued: Valued, members: NDArray[np.bool_]) -> Floats:
    """Share of the group's value that has come in by the end of each month of the horizon."""
    outlook, until = valued.outlook, valued.summary.until
    months = _months(valued.question.horizon)
    if outlook is None or until is None:
        return np.arange(1, months + 1) / months
    days = np.rint(np.arange(1, months + 1) * DAYS["month"]).astype(np.int64)
    if not valued.question.horizon.is_forever:
        days[-1] = max(round(valued.question.horizon.days), 1)
        days = np.unique(np.minimum(days, days[-1]))
    ends = np.datetime64(until, "D") + days
    codes = np.where(members, 0, 1)
    found = _coming(valued, ends, codes)
    middles = np.diff(days, prepend=0) / 2 + np.concatenate([[0], days[:-1]])
    worth = found * (1 + valued.question.discount) ** (-middles / DAYS["year"])
    whole = float(np.nansum(outlook.value[members]))
    if not valued.question.horizon.is_forever:
        whole = float(worth.sum())
    return np.minimum(np.cumsum(worth) / whole, 1.0) if whole > 0 else np.zeros(len(days))


def _coming(valued: Valued, ends: NDArray[Any], codes: NDArray[Any]) -> Floats:
    """Revenue of the group's customers in each coming period."""
    outlook = valued.outlook
    if outlook is None:
        return np.zeros(len(ends))
    return np.nan_to_num(coming(outlook, valued.summary, ends, codes, 2).value[0])


def _months(horizon: Period) -> int:
    if horizon.is_forever:
        return _MOST_MONTHS
    return min(max(math.ceil(horizon.count("month") - 1e-9), 1), 10 * _MOST_MONTHS)


def new_stake(
    valued: Valued,
    members: NDArray[np.bool_],
    share: float,
    prospects: int,
    likely: float,
    serving: ServiceCosts | None,
) -> tuple[Stake, Estimate]:
    """What new customers bring: the margin that those like them brought in their first months.

    Args:
        valued: the customers.
        members: who of those with a purchase the new ones will be like (n,).
        share: of revenue that is margin.
        prospects: how many the action goes to.
        likely: share of them that is likely won.
        serving: what serving cost, taken off.

    Raises:
        InputError: for a horizon without an end.
        DataError: where no such first months have been seen, or they brought no margin.
    """
    if valued.question.horizon.is_forever:
        raise InputError(
            "What new customers bring is counted, so it needs an end.", "Give --horizon 12mo."
        )
    ledger, months = valued.ledger, _months(valued.question.horizon)
    everyone = np.zeros(len(ledger.customer_id), dtype=bool)
    everyone[ledger.bought] = members
    whole_months = ledger.last_month - (1 if ledger.unfinished else 0)
    old = everyone & (ledger.first + months - 1 <= whole_months)
    n = int(old.sum())
    if n < 2:
        raise DataError(
            f"No customers of the group began {months} months ago, so what a new one brings "
            "within the horizon has not been seen yet.",
            "Shorten --horizon, or widen the group.",
        )
    rows = old[ledger.customer] & (ledger.age < months)
    net = ledger.net[rows] / _TICKS
    from_cost = valued.economics.from_cost and ledger.has_cost
    profit = net - ledger.cost[rows] / _TICKS if from_cost else net * share
    who, age = ledger.customer[rows], ledger.age[rows]
    serving = counted(valued, serving)
    if serving is not None:
        cost = _served_rows(valued, serving, old, months)
        who, age = np.concatenate([who, cost[0]]), np.concatenate([age, cost[1]])
        profit = np.concatenate([profit, -cost[2]])
    profit = profit * (1 + valued.question.discount) ** (-age / _YEAR)
    each = np.bincount(who, profit, len(everyone))[old]
    mean, error = float(each.mean()), float(each.std(ddof=1)) / math.sqrt(n)
    if mean <= 0:
        raise DataError(
            "New customers of the group have brought no margin within the horizon, so there is "
            "nothing to gain by winning more.",
            "Choose a longer horizon or another group.",
        )
    variance = math.log1p((error / mean) ** 2)
    z = NormalDist().inv_cdf((1 + valued.question.level) / 2)
    by_month = np.bincount(age, profit, months)
    won = min(max(likely, 1e-4), 0.5)
    stake = Stake(
        customers=prospects,
        lift=scaled_lift(prospects * mean),
        most=1.0,
        variance=variance,
        level=valued.question.level,
        curve=np.cumsum(by_month) / by_month.sum(),
        spread=math.sqrt(won * (1 - won)),
    )
    return stake, Estimate(mean, mean - z * error, mean + z * error, valued.question.level)


def served_share(valued: Valued, members: NDArray[np.bool_], serving: ServiceCosts | None) -> float:
    """What serving a group is expected to cost over its net revenue; 0 where not known."""
    codes = np.full(len(valued.ledger.customer_id), -1)
    codes[valued.ledger.bought] = np.where(members, 0, -1)
    return float(serving_rate(valued, codes, 1, serving)[0])


def _served_rows(
    valued: Valued, serving: ServiceCosts, old: NDArray[np.bool_], months: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Customer, age in months and cost of what serving some customers cost when they were new."""
    ledger = valued.ledger
    who = valued.places(serving.customer_id)
    known = who >= 0
    age = np.maximum(serving.month - ledger.first[np.where(known, who, 0)], 0)
    kept = known & old[np.where(known, who, 0)] & (age < months)
    return who[kept], age[kept], serving.ticks[kept] / _TICKS
