"""Choose a model for the contracts of one billing period, and project it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from regulars.data.billing import Billing
from regulars.fitting.contracts.answer import Observed, PeriodFit
from regulars.fitting.contracts.fit import FittedContract, contract_model, fit_contract, information
from regulars.fitting.contracts.predict import (
    residual_lifetime,
    retention_curve,
    survival_curve,
    total_draws,
)
from regulars.models.contract import gather_renewals
from regulars.terms.answer import Estimate
from regulars.terms.errors import DataError, FitError
from regulars.terms.tenures import Floats, Tenures

LIFETIME_MONTHS = 120.0  # beyond ten years no projection of contracts is worth a number
FEWEST_CONTRACTS, FEWEST_LOST = 20, 5
AUTO = ("sbg", "bdw")
_AHEAD = 12  # renewals that a curve goes beyond those that were seen


def fit_period(
    billing: Billing,
    tenures: Tenures,
    *,
    model: str,
    plan: str = "",
    running: int,
    amount: float,
    horizon_months: float,
    annual_discount: float,
    level: float,
    seed: int,
) -> PeriodFit:
    """What was seen of the contracts of a billing period, the model for them, its projections.

    `auto` takes the beta-discrete-Weibull over the sBG inside it only where BIC says that it is
    worth its further parameter. Nothing is fitted to fewer than 20 contracts or 5 that ended.
    """
    seen = observe(tenures)
    fitted, reason, others = choose_contract_model(tenures, model)
    due, lost = float(seen.due.sum()), float(seen.lost.sum())
    churn = lost / due if due else math.nan
    retention = survival = lifetime = value = None
    if fitted is not None:
        periods = max(len(seen.due) + _AHEAD, 12)
        retention = retention_curve(fitted, periods, level=level, seed=seed)
        survival = survival_curve(fitted, periods, level=level, seed=seed)
        discount = period_rate(annual_discount, billing.months)
        lifetime = new_contract(fitted, LIFETIME_MONTHS / billing.months, 0.0, level, seed)
        value = _times(
            new_contract(fitted, horizon_months / billing.months, discount, level, seed), amount
        )
    return PeriodFit(
        billing=billing.name,
        months=billing.months,
        plan=plan,
        contracts=tenures.contracts,
        lost=tenures.lost,
        running=running,
        amount=amount,
        churn=churn,
        observed=seen,
        fitted=fitted,
        reason=reason,
        others=others,
        retention=retention,
        survival=survival,
        lifetime=lifetime,
        value=value,
        formula_lifetime=1 / churn if churn > 0 else None,
        formula_value=amount / churn if churn > 0 else None,
    )


def choose_contract_model(
    tenures: Tenures, model: str = "auto"
) -> tuple[FittedContract | None, str, dict[str, float]]:
    """The model for these contracts, why it and no other, and the BIC of those tried."""
    if tenures.contracts < FEWEST_CONTRACTS or tenures.lost < FEWEST_LOST:
        return (
            None,
            f"No model: {tenures.contracts:,.0f} contracts, {tenures.lost:,.0f} of which ended;"
            f" it takes {FEWEST_CONTRACTS} and {FEWEST_LOST}.",
            {},
        )
    tried: dict[str, FittedContract] = {}
    trouble = ""
    for name in AUTO if model == "auto" else (model,):
        step = None if contract_model(name).discrete else 1.0
        try:
            tried[name] = fit_contract(name, replace(tenures, step=step))
        except (DataError, FitError) as error:
            trouble = error.message
    if not tried:
        return None, f"No model: {trouble}", {}
    others = {name: information(fitted) for name, fitted in tried.items()}
    usable = {n: f for n, f in tried.items() if f.report.verdict == "converged"} or tried
    best = min(usable, key=lambda name: (others[name], len(tried[name].params)))
    return tried[best], _why(tried, best, others, model), others


def observe(tenures: Tenures) -> Observed:
    """Due and lost by number of the renewal; nothing where no renewal came up."""
    try:
        found = gather_renewals(tenures)
    except DataError:
        empty = np.zeros(0)
        return Observed(empty, empty, empty, np.ones(1))
    count = int(found.number.max())
    due, lost = np.zeros(count), np.zeros(count)
    due[found.number.astype(int) - 1], lost[found.number.astype(int) - 1] = found.due, found.lost
    stay = np.divide(due - lost, due, out=np.full(count, np.nan), where=due > 0)
    survival = np.concatenate([[1.0], np.cumprod(stay)])
    return Observed(due, lost, stay, survival)


def period_rate(annual: float, months: float) -> float:
    """The discount rate of a billing period."""
    return math.expm1(math.log1p(annual) * months / 12.0)


def payments_within(horizon: float, waiting: Floats) -> Floats:
    """Renewals within a horizon (in periods) when the next is due in `waiting` periods."""
    if math.isinf(horizon):
        return np.full(len(waiting), math.inf)
    return np.maximum(np.floor(horizon - waiting + 1e-9) + 1.0, 0.0)


def new_contract(
    fitted: FittedContract, horizon: float, discount: float, level: float, seed: int
) -> Estimate:
    """Discounted payments of a new contract within a horizon, with the uncertainty of the model.

    The first is paid at once; the last falls due before the horizon ends.
    """
    renewals = math.inf if math.isinf(horizon) else max(math.ceil(horizon - 1e-9) - 1, 0)
    factor = 1.0 / (1.0 + discount)
    value = 1.0 + factor * float(
        residual_lifetime(fitted, [0.0], renewals=renewals, discount=discount)[0]
    )
    draws = 1.0 + factor * total_draws(
        fitted, [0.0], np.ones(1), renewals=renewals, discount=discount, seed=seed
    )
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, min(float(low), value), max(float(high), value), level)


def _times(estimate: Estimate, by: float) -> Estimate:
    low = None if estimate.low is None else estimate.low * by
    high = None if estimate.high is None else estimate.high * by
    return Estimate(estimate.value * by, low, high, estimate.level)


def _why(tried: dict[str, FittedContract], best: str, others: dict[str, float], model: str) -> str:
    chosen = tried[best].report
    if model != "auto":
        return f"{chosen.title} was asked for: {chosen.verdict}."
    if len(tried) < len(AUTO):
        return f"{chosen.title}: the other model could not be fitted."
    bdw = tried["bdw"].report
    if best == "bdw":
        return (
            f"BdW over sBG: BIC {others['bdw']:,.1f} against {others['sbg']:,.1f}, c = "
            f"{bdw.parameters['c']:.2f}, so the chance to leave "
            f"{'rises' if bdw.parameters['c'] > 1 else 'falls'} with time for each customer."
        )
    if bdw.verdict != "converged":
        return f"sBG: the data do not tell the further parameter of the BdW ({bdw.verdict})."
    return (
        f"sBG over BdW: BIC {others['sbg']:,.1f} against {others['bdw']:,.1f}, so that the chance "
        "to leave would change with time for a customer is not worth a further parameter."
    )
