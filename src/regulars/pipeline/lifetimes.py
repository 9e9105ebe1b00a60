"""Lifetimes: how long customers stay, without a contract and with one, and curves of retention."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from regulars import data, fitting
from regulars.actions.cohorts import Rows
from regulars.fitting import Fitted, Outlook
from regulars.fitting.contracts.answer import GroupValue, PeriodFit, SubscriptionAnswer
from regulars.fitting.coordinates import to_params
from regulars.fitting.predict import LIFETIME_CAP, alive_of, gathered
from regulars.models.base import History
from regulars.pipeline.value import Valued
from regulars.terms.answer import Estimate
from regulars.terms.cohorts import COHORT, SMALL, CohortGrid
from regulars.terms.period import DAYS
from regulars.terms.retention import Lifetime, RetentionCurve
from regulars.terms.shares import wilson
from regulars.terms.summary import Summary
from regulars.valuation import total_estimate
from regulars.valuation.estimate import scaled

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

SHOP, CONTRACT, EVERYONE = "shop", "contract", "all"
ACTIVE, STILL = "bought in the period", "still customers"
_YEAR = 365  # days
_SAMPLE = 4_000  # customers that tell how uncertain the parameters leave a mean
_STEP = 1e-4
_CURVE = 36  # months


def shop_lifetimes(valued: Valued, rows: Rows) -> tuple[Lifetime, ...]:
    """How long customers without a contract stay: all of them, then each row with a customer.

    A lifetime is the age so far (up to the last order for the share that has left) plus the
    expected remaining time. The churn of a row is the share of those expected to be customers a
    year ago who are not expected to be now. All rows are read with the model of all customers,
    which does not know what tells the rows apart, so in truth rows differ somewhat more. The
    intervals hold the chance of single customers, uncertain parameters, and how far totals were
    off before.
    """
    outlook = valued.outlook
    if outlook is None or outlook.fitted.model.name == "nbd":
        return ()
    base = _Base(valued, outlook)
    code = rows.code[valued.ledger.bought]
    everyone = np.ones(len(code), dtype=bool)
    counts = np.bincount(code, minlength=len(rows.names))
    named = [(name, code == i) for i, name in enumerate(rows.names) if counts[i]]
    return tuple(base.lifetime(name, who) for name, who in [(EVERYONE, everyone), *named])


class _Base:
    """All customers with what is known of their stay, and how uncertain means of it are."""

    def __init__(self, valued: Valued, outlook: Outlook) -> None:
        summary, found = valued.summary, outlook.prediction
        month = DAYS[summary.unit] / DAYS["month"]
        self.level = valued.question.level
        self.alive = found.p_alive
        self.remaining = found.lifetime * month
        so_far = found.p_alive * summary.age + (1 - found.p_alive) * summary.last_order_age
        self.age = so_far * month
        self.before, self.now = _a_year_ago(valued, outlook.fitted)
        rng = np.random.default_rng(valued.question.seed)
        few = summary
        if len(summary) > _SAMPLE:
            few = summary.select(np.sort(rng.choice(len(summary), _SAMPLE, replace=False)))
        shared = outlook.total_variance  # misses of the model that all customers share
        self.alive_noise = shared + _log_variance(outlook.fitted, lambda f: _alive(f, few).mean())
        self.stay_noise = shared + _log_variance(outlook.fitted, lambda f: _stay(f, few).mean())

    def lifetime(self, name: str, who: Bools) -> Lifetime:
        """The stay of the customers at a mask."""
        p, left = self.alive[who], self.remaining[who]
        n = len(p)
        alive = float(p.sum())
        spread = math.sqrt(float((p * (1 - p)).sum()) + self.alive_noise * alive**2)
        mean = float(left.mean())
        own = np.where(p > 0, 2 * left**2 / np.where(p > 0, p, 1.0) - left**2, 0.0)
        noise = self.stay_noise + (float(own.sum()) / (n * mean) ** 2 if mean > 0 else 0.0)
        stay = total_estimate(mean, noise, self.level)
        age = float(self.age[who].mean())
        ends = [None if end is None else end + age for end in (stay.low, stay.high)]
        return Lifetime(
            name=name,
            world=SHOP,
            customers=n,
            alive=self._around(alive, spread, 0.0, float(n)),
            churn=self._churn(who),
            remaining=stay,
            lifetime=Estimate(age + mean, ends[0], ends[1], self.level),
        )

    def _churn(self, who: Bools) -> Estimate | None:
        if self.before is None or self.now is None:
            return None
        known = who & np.isfinite(self.before)
        there, still = float(self.before[known].sum()), float(self.now[known].sum())
        if there < 1:
            return None
        share = max(1 - still / there, 0.0)
        chance = share * (1 - share) / there
        unsure = float((self.now[known] * (1 - self.now[known])).sum()) / there**2
        spread = math.sqrt(chance + unsure + self.alive_noise * (1 - share) ** 2)
        return self._around(share, spread, 0.0, 1.0)

    def _around(self, value: float, spread: float, least: float, most: float) -> Estimate:
        half = NormalDist().inv_cdf((1 + self.level) / 2) * spread
        low, high = max(value - half, least), min(value + half, most)
        return Estimate(value, min(low, value), max(high, value), self.level)


def _a_year_ago(valued: Valued, fitted: Fitted) -> tuple[Floats | None, Floats | None]:
    """P(alive) a year ago and now by the leading model, NaN for who came since (n,)."""
    summary = valued.summary
    until = summary.until or dt.date.max
    old = np.rint(summary.age * DAYS[summary.unit]) >= _YEAR
    if not old.any():
        return None, None
    then = data.summarise(valued.orders, until - dt.timedelta(days=_YEAR), summary.unit)
    if len(then) != int(old.sum()):
        return None, None
    before, now = np.full(len(summary), np.nan), np.full(len(summary), np.nan)
    before[old] = _alive(fitted, then)
    now[old] = _alive(fitted, summary.select(old))
    return before, now


def _alive(fitted: Fitted, summary: Summary) -> Floats:
    return fitting.p_alive(fitted, summary)


def _stay(fitted: Fitted, summary: Summary) -> Floats:
    """Expected remaining time of each customer, counted up to ten years."""
    found = gathered(fitted, summary)
    cap = LIFETIME_CAP.count(summary.unit)
    table = fitted.model.expected_lifetime_alive(fitted.params, found.states.history, cap)
    return (alive_of(fitted, found) * table[found.states.index])[found.index]


def _log_variance(fitted: Fitted, mean: Callable[[Fitted], float]) -> float:
    """Variance of the log of a mean that comes from the parameters (delta method)."""
    centre, slope = fitted.point, np.zeros(len(fitted.point))
    for i in range(len(centre)):
        ends: list[float] = []
        for side in (-1, 1):
            point = centre.copy()
            point[i] += side * _STEP
            params = tuple(to_params(fitted.likelihood.parameters, point).tolist())
            ends.append(math.log(max(float(mean(replace(fitted, params=params))), 1e-300)))
        slope[i] = (ends[1] - ends[0]) / (2 * _STEP)
    variance = float(slope @ fitted.covariance @ slope)
    return variance if math.isfinite(variance) and variance > 0 else 0.0


def shop_curves(valued: Valued, grid: CohortGrid) -> tuple[RetentionCurve, ...]:
    """Who bought by age, counted with Wilson's interval and then expected; who is still there."""
    done = grid.finished
    mean = grid.measure("retention").mean
    n = done.customers.sum(axis=0)
    low, high = wilson(done.active.sum(axis=0), n, grid.level)
    value, counted = mean.copy(), n.astype(np.float64)
    expected = np.zeros(len(mean), dtype=bool)
    coming = grid.coming
    if coming is not None:
        people = n + coming.customers.sum(axis=0)
        open_ = ~np.isfinite(mean) & (coming.customers.sum(axis=0) > 0)
        share = (done.active.sum(axis=0) + coming.active.sum(axis=0)) / np.maximum(people, 1)
        z = NormalDist().inv_cdf((1 + grid.level) / 2)
        spread = z * np.sqrt(share * (1 - share) / np.maximum(people, 1) + coming.common * share**2)
        value = np.where(open_, share, mean)
        low = np.where(open_, np.maximum(share - spread, 0), low)
        high = np.where(open_, np.minimum(share + spread, 1), high)
        counted, expected = np.where(open_, people, n).astype(np.float64), open_
    known = np.isfinite(value)
    age = np.arange(len(value))
    first = RetentionCurve(
        name=ACTIVE,
        every=grid.every,
        world=SHOP,
        age=age[known],
        value=value[known],
        low=low[known],
        high=high[known],
        counted=counted[known],
        expected=expected[known],
    )
    outlook = valued.outlook
    if grid.by != COHORT or outlook is None or outlook.fitted.model.name == "nbd":
        return (first,)
    return first, _still(outlook.fitted, valued.summary.unit, grid.level, len(valued.summary))


def _still(fitted: Fitted, unit: str, level: float, customers: int) -> RetentionCurve:
    """Share of new customers who are customers still after each month, by the model."""
    ages = np.arange(_CURVE + 1)
    month = DAYS["month"] / DAYS[unit]
    new = History.new(np.zeros(1))

    def share(own: Fitted, age: float) -> float:
        return float(own.model.survival_alive(own.params, new, age)[0])

    value = np.array([share(fitted, age * month) for age in ages])
    noise = np.array([_log_variance(fitted, lambda f, a=a: share(f, a * month)) for a in ages])
    wide = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(noise)
    return RetentionCurve(
        name=STILL,
        every="month",
        world=SHOP,
        age=ages,
        value=value,
        low=value * np.exp(-wide),
        high=np.minimum(value * np.exp(wide), 1.0),
        counted=np.full(len(ages), float(customers)),
        expected=np.ones(len(ages), dtype=bool),
    )


def contract_lifetimes(answer: SubscriptionAnswer) -> tuple[Lifetime, ...]:
    """How long customers with a contract stay: all, then plans and cohorts; churn is a month's."""
    totals, level = answer.totals, answer.about.level
    fit = answer.fits[0] if answer.fits else None
    stay = None if fit is None else fit.lifetime
    months = 1.0 if fit is None else fit.months
    whole = Lifetime(
        name=EVERYONE,
        world=CONTRACT,
        customers=totals.customers,
        alive=Estimate(float(totals.active), level=level),
        churn=_logo_churn(answer),
        remaining=_plain(totals.lifetime_months, level),
        lifetime=None if stay is None else scaled(stay, months),
    )
    return whole, *(_group(group, level) for group in (*answer.plans, *answer.cohorts))


def _logo_churn(answer: SubscriptionAnswer) -> Estimate | None:
    """Share of customers lost a month over the last year, with Wilson's interval."""
    share, level = answer.totals.logo_churn, answer.about.level
    if share is None:
        return None
    opening = answer.movements.customers_opening[-12:].sum(keepdims=True)
    low, high = wilson(share * opening, opening, level)
    return Estimate(share, float(low[0]), float(high[0]), level)


def _group(group: GroupValue, level: float) -> Lifetime:
    return Lifetime(
        name=group.group,
        world=CONTRACT,
        customers=group.customers,
        alive=Estimate(float(group.active), level=level),
        churn=Estimate(group.churn, level=level) if math.isfinite(group.churn) else None,
        remaining=_plain(group.lifetime_months, level),
        lifetime=None,
    )


def _plain(value: float | None, level: float) -> Estimate | None:
    return None if value is None else Estimate(value, level=level)


def contract_curves(answer: SubscriptionAnswer) -> tuple[RetentionCurve, ...]:
    """Share of contracts left after each renewal, seen (log-log interval), then the model's.

    What was seen ends where fewer than 30 contracts were due.
    """
    return tuple(_survival(fit, answer.about.level) for fit in answer.fits)


def _survival(fit: PeriodFit, level: float) -> RetentionCurve:
    seen = fit.observed
    low, high = log_log(seen.due, seen.lost, seen.survival, level)
    enough = int(np.cumprod(seen.due >= SMALL).sum()) + 1 if len(seen.due) else 1
    age = np.arange(max(enough, min(2, len(seen.survival))))
    low, high = low[: len(age)], high[: len(age)]
    ahead = np.zeros(0, dtype=np.int64)
    curve = fit.survival
    later = [np.zeros(0)] * 3
    if curve is not None:
        rows = curve.time > age[-1]
        ahead = curve.time[rows].astype(np.int64)
        later = [curve.value[rows], curve.low[rows], curve.high[rows]]
    due = np.concatenate([[fit.contracts], seen.due])[: len(age)]
    return RetentionCurve(
        name=f"contracts a {fit.billing}",
        every=fit.billing,
        world=CONTRACT,
        age=np.concatenate([age, ahead]),
        value=np.concatenate([seen.survival[: len(age)], later[0]]),
        low=np.concatenate([low, later[1]]),
        high=np.concatenate([high, later[2]]),
        counted=np.concatenate([due, np.zeros(len(ahead))]),
        expected=np.concatenate([np.zeros(len(age), bool), np.ones(len(ahead), bool)]),
    )


def log_log(due: Floats, lost: Floats, survival: Floats, level: float) -> tuple[Floats, Floats]:
    """Interval of a Kaplan-Meier curve on the log-log scale (Kalbfleisch & Prentice 1980).

    Args:
        due: at risk at each renewal (k,).
        lost: of them at it (k,).
        survival: share left after 0, 1, ... renewals (k + 1,).
        level: coverage.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(due > lost, lost / (due * np.where(due > lost, due - lost, 1.0)), np.nan)
        wide = z * np.sqrt(np.concatenate([[0.0], np.cumsum(steps)])) / np.log(survival)
        low, high = survival ** np.exp(-wide), survival ** np.exp(wide)
    inside = (survival > 0) & (survival < 1)
    return np.where(inside, low, survival), np.where(inside, high, survival)
