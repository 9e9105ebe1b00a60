"""Money still to come from each contract that runs, with what is uncertain about all of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing
from regulars.data.spells import Runs
from regulars.fitting.contracts import predict
from regulars.fitting.contracts.answer import PeriodFit
from regulars.fitting.contracts.choose import LIFETIME_MONTHS, payments_within, period_rate
from regulars.fitting.contracts.fit import FittedContract
from regulars.fitting.contracts.predict import (
    DRAWS,
    predict_contracts,
    residual_lifetime,
)
from regulars.terms.answer import Estimate
from regulars.terms.tenures import Floats

Ints = NDArray[np.int64]
ALL_PLANS = -1
Fits = dict[tuple[int, int], PeriodFit]  # (billing period, plan or ALL_PLANS) -> its model
# indices of runs, months of their period, their model, renewals within the horizon, discount
_Part = tuple[Ints, float, FittedContract, float, float]


@dataclass(frozen=True)
class ContractValues:
    """One entry per run: revenue to come within the horizon, discounted to the data date.

    Attributes:
        expected, low, high: money; 0 for those that ended, NaN without a model.
        variance: of a single contract's money.
        renewal: chance to continue at the next renewal, NaN for those that ended.
        months: expected months still to be paid, up to ten years.
    """

    expected: Floats
    low: Floats
    high: Floats
    variance: Floats
    renewal: Floats
    months: Floats


@dataclass(frozen=True)
class Setting:
    """How far to look, at what discount, and how sure to be."""

    horizon_months: float
    annual_discount: float
    level: float
    seed: int


def value_runs(
    runs: Runs, billings: tuple[Billing, ...], fits: Fits, setting: Setting
) -> ContractValues:
    """Value each run that goes on by the model of its plan, else of its billing period."""
    n = len(runs)
    zero = np.where(runs.running, np.nan, 0.0)
    out = {name: zero.copy() for name in ("expected", "low", "high", "variance", "months")}
    renewal = np.full(n, np.nan)
    for rows, months, fitted, renewals, rate in _parts(runs, billings, fits, setting):
        age = runs.age[rows]
        amount = runs.ticks[rows] / 10_000 * (1.0 + rate) ** -runs.waiting[rows]
        found = predict_contracts(
            fitted, age, renewals=renewals, discount=rate, level=setting.level, seed=setting.seed
        )
        life = residual_lifetime(fitted, age, renewals=LIFETIME_MONTHS // months)
        out["expected"][rows] = amount * found.residual
        out["low"][rows] = amount * found.residual_low
        out["high"][rows] = amount * found.residual_high
        out["variance"][rows] = amount**2 * found.residual_variance
        out["months"][rows] = life * months
        renewal[rows] = found.retention
    return ContractValues(renewal=renewal, **out)


def group_draws(
    runs: Runs,
    billings: tuple[Billing, ...],
    fits: Fits,
    setting: Setting,
    group: Ints,
    count: int,
) -> Floats:
    """Draws (groups, d) of the money to come of each group: what the models leave uncertain."""
    result = np.zeros((count, DRAWS))
    for rows, _, fitted, renewals, rate in _parts(runs, billings, fits, setting):
        amount = runs.ticks[rows] / 10_000 * (1.0 + rate) ** -runs.waiting[rows]
        places, own = np.unique(group[rows], return_inverse=True)
        weights = np.where(own.reshape(-1) == np.arange(len(places))[:, None], amount, 0.0)
        result[places] += predict.group_draws(
            fitted,
            runs.age[rows],
            weights,
            renewals=renewals,
            discount=rate,
            seed=setting.seed,
        )
    return result


def sum_estimate(value: float, draws: Floats, variance: float, setting: Setting) -> Estimate:
    """A sum over contracts: the models' uncertainty, which all share, and each one's own chance."""
    if not math.isfinite(value):
        return Estimate(value, None, None, setting.level)
    rng = np.random.default_rng(setting.seed)
    noise = rng.standard_normal(len(draws)) * math.sqrt(max(variance, 0.0))
    tail = (1 - setting.level) / 2
    low, high = np.quantile(draws + noise, [tail, 1 - tail])
    return Estimate(value, min(max(float(low), 0.0), value), max(float(high), value), setting.level)


def _parts(runs: Runs, billings: tuple[Billing, ...], fits: Fits, setting: Setting) -> list[_Part]:
    """Running runs that share a model and a number of renewals within the horizon."""
    parts: list[_Part] = []
    own = {place for place in fits if place[1] != ALL_PLANS}
    for (i, plan), fit in sorted(fits.items()):
        billing = billings[i]
        mine = runs.running & (runs.billing == i)
        if plan == ALL_PLANS:
            mine &= ~np.isin(runs.plan, [other for period, other in own if period == i])
        else:
            mine &= runs.plan == plan
        rows = np.flatnonzero(mine)
        if fit.fitted is None or not len(rows):
            continue
        rate = period_rate(setting.annual_discount, billing.months)
        ahead = payments_within(setting.horizon_months / billing.months, runs.waiting[rows])
        for k in np.unique(ahead):
            parts.append((rows[ahead == k], fit.months, fit.fitted, float(k), rate))
    return parts
