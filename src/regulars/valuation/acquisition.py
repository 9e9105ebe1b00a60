"""Acquisition: value by age, payback and what a customer may cost, on arrays of groups.

Value here is gross of what it cost to win the customer; that cost is subtracted in one place,
`difference`, and nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

THREE_TO_ONE = 3.0  # the rule of thumb: value three times the cost
SPLITS = 50  # random groups of customers that the jackknife leaves out in turn


@dataclass(frozen=True)
class Curve:
    """Cumulative value per customer by age in months (g, a), and its variance.

    `coming` is the part of each value that is expected, not seen. Entry a of an age counts what
    customers bring up to the end of the a-th month after that of their first order. NaN from the
    first age that no customer of a group has reached.
    """

    value: Floats
    coming: Floats
    variance: Floats


def curve(seen: Floats, coming: Floats, customers: Floats, shared: float, own: Floats) -> Curve:
    """Cumulative value per customer by age, with its variance.

    The variance has three parts: which customers came (a jackknife that leaves out one of k random
    groups in turn; Shao & Tu 1995, 2.3), what all share (parameters, the calendar) and each
    customer's own chance in what is still to come.

    Args:
        seen: value that came at each age, by group and split (g, k, a).
        coming: the same, expected.
        customers: customers that the age counts over (g, k, a).
        shared: variance of the log of what is to come that all customers share.
        own: variance of a group's value to come (g,), per unit of it: var = own * value.
    """
    flow, people = seen + coming, customers
    total, everyone = flow.sum(axis=1), people.sum(axis=1)
    value = np.cumsum(_over(total, everyone), axis=1)
    left_out = np.cumsum(
        _over(total[:, None] - flow, everyone[:, None] - people), axis=2
    )  # (g, k, a)
    splits = flow.shape[1]
    centre = left_out.mean(axis=1, keepdims=True)
    sampling = (splits - 1) / splits * ((left_out - centre) ** 2).sum(axis=1)
    ahead = np.cumsum(_over(coming.sum(axis=1), everyone), axis=1)
    size = np.maximum(everyone, 1.0)
    variance = sampling + shared * ahead**2 + own[:, None] * np.maximum(ahead, 0.0) / size
    return Curve(value, ahead, variance)


def at_months(values: Floats, months: int) -> Floats:
    """A cumulative curve (g, a) after a number of months since the first order (g,).

    First orders fall on average in the middle of their month, so the last month counts by half.
    """
    if months <= 0:
        return np.zeros(len(values))
    return (values[:, months - 1] + values[:, months]) / 2


def interval(value: Floats, variance: Floats, level: float) -> tuple[Floats, Floats]:
    """Ends of the normal interval."""
    wide = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(variance)
    return value - wide, value + wide


def payback(values: Floats, cost: Floats) -> Floats:
    """First age (months) at which a cumulative curve (g, a) has paid a cost (g,) back.

    Infinite where it has not within the curve, NaN where cost or curve are not known.
    """
    reached = values >= cost[:, None]
    first = np.where(reached.any(axis=1), reached.argmax(axis=1), np.inf)
    blind = np.isnan(cost) | np.isnan(values[:, 0])
    cut = np.isnan(values).any(axis=1) & np.isinf(first)
    return np.where(blind | cut, np.nan, first)


def cost_of_winning(spend: Ints, won: Ints) -> Floats:
    """Spend in integers of 1/10000 over the customers it won (g,).

    NaN without spend, infinite where the spend won nobody.
    """
    some = np.where(spend > 0, np.inf, np.nan)
    return np.divide(spend / 10_000, won, out=some, where=(won > 0) & (spend > 0))


def bearable(value: Floats, times: float = 1.0) -> Floats:
    """The most that winning a customer may cost for value to be `times` the cost; at least 0."""
    return np.maximum(value, 0.0) / times


def difference(value: Floats, won: Ints, spend: Ints) -> Floats:
    """Income less the cost of winning (g,): value of a customer, of which that cost is no part yet.

    Args:
        value: per customer, cost of goods and of service taken off.
        won: customers that the spend won.
        spend: in integers of 1/10000.
    """
    return value * won - spend / 10_000


def danger(value: Floats, low: Floats, high: Floats, level: float) -> NDArray[np.object_]:
    """`loses` where a difference is surely below 0, `may lose` where it can be, else ''.

    The more rows are looked at, the surer each has to be (Holm 1979), so that among any number of
    rows that break even one `loses` no more often than an interval ends below 0.

    Args:
        value: differences (g,); NaN where not known.
        low: lower ends of their normal intervals.
        high: upper ends.
        level: coverage of those.
    """
    found = np.full(len(value), "", dtype=object)
    found[value < 0] = "may lose"
    known = ~(np.isnan(value) | np.isnan(low))
    found[~known] = ""
    tail = (1 - level) / 2
    chance = np.where(np.isinf(value), tail, _below_zero(value, high, tail))
    sure = _step_down(np.where(known, chance, np.nan)) <= tail
    found[known & (high < 0) & sure] = "loses"
    return found


def _below_zero(value: Floats, high: Floats, tail: float) -> Floats:
    """Chance of a difference as low as this, were it 0 in truth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        score = value / (high - value) * NormalDist().inv_cdf(1 - tail)
    score = np.where(np.isnan(score), 0.0, score)
    return np.array([math.erfc(-float(s) / math.sqrt(2)) / 2 for s in score])


def _step_down(p: Floats) -> Floats:
    """P-values adjusted for how many there are (Holm 1979); NaN, which fails any test, stays."""
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    found = np.full(len(p), np.nan)
    found[order] = np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1))
    return found


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
