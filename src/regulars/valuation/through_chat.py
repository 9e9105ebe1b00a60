"""Through chat: which conversation a purchase belongs to, and what goes with talking."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from regulars.terms.answer import Estimate
from regulars.terms.errors import InputError
from regulars.terms.shares import wilson
from regulars.valuation.formula import formula_value

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NOBODY = -1
_OWN = 5  # customers of a cohort from which on its own variance is used


def attribute(
    customer: Ints,
    earliest: Ints,
    latest: Ints,
    link: Ints,
    talker: Ints,
    started: Ints,
    ended: Ints,
    window: int,
) -> Ints:
    """The conversation of each purchase, -1 for none; each purchase has at most one.

    A purchase that names its conversation has that one. Else it is the customer's last
    conversation that began before the purchase and ended no longer than the window before it; of
    several that began together, the last one given. A wider window never takes a conversation
    from a purchase.

    Args:
        customer: who bought (n,).
        earliest: the first second at which it may have been (n,).
        latest: the last one (n,); the same where orders have times, else the ends of the day.
        link: place of the conversation that the purchase names, -1 without (n,).
        talker: whose conversation it is, -1 for nobody known (c,); sorted by `started`.
        started: seconds (c,).
        ended: seconds (c,).
        window: seconds after the end.

    Raises:
        InputError: for a negative window.
    """
    if window < 0:
        raise InputError("A window cannot be negative.", "Write 7d, or 0d for none after the end.")
    found = np.asarray(link, dtype=np.int64).copy()
    known = np.flatnonzero(talker >= 0)
    open_ = np.flatnonzero((found < 0) & (customer >= 0))
    if not len(known) or not len(open_):
        return found
    order = known[np.argsort(talker[known], kind="stable")]
    who, starts, ends = talker[order], started[order], ended[order]
    first = np.searchsorted(who, customer[open_])
    at = _last_before(who, starts, customer[open_], latest[open_])
    least = earliest[open_] - window
    reach = _running_most(who, ends)
    while len(open_):
        at_one = np.maximum(at, 0)
        alive = (at >= first) & (reach[at_one] >= least)
        open_, at, first, least = open_[alive], at[alive], first[alive], least[alive]
        hit = ends[at] >= least
        found[open_[hit]] = order[at[hit]]
        rest = ~hit
        open_, at, first, least = open_[rest], at[rest] - 1, first[rest], least[rest]
    return found


def _last_before(who: Ints, starts: Ints, customer: Ints, moment: Ints) -> Ints:
    """Place of each customer's last start that is not after the moment, or the place before."""
    low = min(int(starts.min()), int(moment.min()))
    span = max(int(starts.max()), int(moment.max())) - low + 2
    keys = who * span + (starts - low)
    return np.searchsorted(keys, customer * span + (moment - low), side="right") - 1


def _running_most(who: Ints, ends: Ints) -> Ints:
    """The latest end of each customer's conversations so far."""
    low = int(ends.min())
    span = int(ends.max()) - low + 1
    return np.maximum.accumulate(who * span + (ends - low)) - who * span + low


@dataclass(frozen=True, slots=True)
class Parts:
    """The formula's parts: value of a purchase, purchases a month, months, and their products."""

    purchase_value: float
    frequency: float
    customer_value: float
    lifespan: float
    ltv: float


def through_chat_formula(
    revenue: float, purchases: int, customer_months: float, lifespan: float
) -> Parts:
    """Average purchase value x purchase frequency = customer value; x lifespan = LTV.

    Args:
        revenue: net revenue through chat.
        purchases: through chat.
        customer_months: months of those who bought through chat, each at least one.
        lifespan: months that a customer is taken to stay.

    Raises:
        InputError: for a negative lifespan.
    """
    worth = revenue / purchases if purchases else 0.0
    pace = purchases / customer_months if customer_months > 0 else 0.0
    return Parts(
        purchase_value=worth,
        frequency=pace,
        customer_value=worth * pace,
        lifespan=lifespan,
        ltv=formula_value(worth, pace, lifespan),
    )


@dataclass(frozen=True, slots=True)
class Alike:
    """Means of two groups, and of the second with the cohorts of the first.

    compared: customers of the first group who have others in their cohort.
    """

    first: float
    second: float
    alike: float
    difference: Estimate
    compared: int


def within_cohorts(
    values: Floats, group: NDArray[np.bool_], cohort: Ints, level: float = 0.9
) -> Alike:
    """Compare a group with others of the same cohorts, so that age does not tell them apart.

    The difference is the mean over cohorts, weighted by the group's customers, of the group's mean
    less the others'. Its interval is normal, from the variances within cohorts (pooled where a
    cohort has few); it covers chance among customers, and not what a model may have wrong.

    Args:
        values: of each customer (n,).
        group: who belongs to it (n,).
        cohort: codes from 0 on (n,).
        level: coverage of the interval.
    """
    nan = float("nan")
    first, second = _mean(values[group]), _mean(values[~group])
    if not group.any() or group.all():
        return Alike(first, second, nan, Estimate(nan, level=level), 0)
    cohorts = int(cohort.max()) + 1
    n, mean, spread = zip(
        *(_moments(values[mask], cohort[mask], cohorts) for mask in (group, ~group)), strict=True
    )
    both = (n[0] > 0) & (n[1] > 0)
    compared = int(n[0][both].sum())
    if not compared:
        return Alike(first, second, nan, Estimate(nan, level=level), 0)
    weight = np.where(both, n[0], 0) / compared
    difference = float(weight @ np.where(both, mean[0] - mean[1], 0.0))
    alike = float(weight @ np.where(both, mean[1], 0.0))
    variance = sum(
        float((weight[both] ** 2) @ (s[both] / size[both]))
        for s, size in zip(spread, n, strict=True)
    )
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    told = Estimate(difference, difference - half, difference + half, level)
    if not math.isfinite(half):
        told = Estimate(difference, None, None, level)
    return Alike(first, second, alike, told, compared)


def _moments(values: Floats, cohort: Ints, cohorts: int) -> tuple[Ints, Floats, Floats]:
    """Customers, mean and variance of each cohort; pooled variance where it has few."""
    n = np.bincount(cohort, minlength=cohorts)
    total = np.bincount(cohort, weights=values, minlength=cohorts)
    mean = np.divide(total, n, out=np.zeros(cohorts), where=n > 0)
    squares = np.bincount(cohort, weights=(values - mean[cohort]) ** 2, minlength=cohorts)
    free = int((n - 1)[n > 0].sum())
    pooled = float(squares.sum()) / free if free else math.nan
    own = np.divide(squares, n - 1, out=np.full(cohorts, pooled), where=n >= _OWN)
    return n, mean, own


def share_estimate(part: int, whole: int, level: float = 0.9) -> Estimate:
    """A share with the interval of Wilson (1927); NaN of nothing."""
    if whole == 0:
        return Estimate(float("nan"), level=level)
    low, high = wilson(part, whole, level)
    return Estimate(part / whole, float(low), float(high), level)


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")
