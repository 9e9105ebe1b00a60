"""A model for each billing period, and for each of its plans where they differ enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from regulars.data.billing import Billing
from regulars.data.plan_pieces import Pieces, plan_pieces
from regulars.data.spells import Runs, Stretches
from regulars.data.subscriptions import Subscriptions
from regulars.fitting.contracts.answer import PeriodFit
from regulars.fitting.contracts.choose import choose_contract_model, fit_period
from regulars.fitting.contracts.value import ALL_PLANS, Fits, Setting
from regulars.terms.tenures import Tenures

Flags = NDArray[np.bool_]

ENOUGH_CONTRACTS, ENOUGH_LOST = 40, 10  # of a plan for a model of its own


def fit_all(
    table: Subscriptions,
    paid: Stretches,
    runs: Runs,
    setting: Setting,
    model: str,
    until: dt.date,
) -> Fits:
    """Fit every billing period, and its plans apart where AIC says that this foretells better.

    Customers of a dearer plan often stay longer; one model for all would then value them too low.
    A plan needs 40 contracts, 10 of which ended; the others share the model of all plans.
    """
    fits: Fits = {}
    pieces = plan_pieces(paid, runs, table.billings)
    for i, billing in enumerate(table.billings):
        rows = runs.billing == i
        if not rows.any():
            continue
        whole = _fit(billing, _of_runs(runs, rows, until), runs, paid, rows, i, setting, model, "")
        apart = _apart(table, pieces, i, until, model) if whole.fitted is not None else {}
        if apart:
            told = " Plans differ, so the customers of each are valued by a model of its own."
            whole = replace(whole, reason=whole.reason + told)
        fits[i, ALL_PLANS] = whole
        for plan, tenures in apart.items():
            own = rows & (runs.plan == plan)
            name = table.plans[plan] or "(none)"
            fits[i, plan] = _fit(billing, tenures, runs, paid, own, i, setting, model, name)
    return fits


def _fit(
    billing: Billing,
    tenures: Tenures,
    runs: Runs,
    paid: Stretches,
    rows: Flags,
    place: int,
    setting: Setting,
    model: str,
    plan: str,
) -> PeriodFit:
    return fit_period(
        billing,
        tenures,
        model=model,
        plan=plan,
        running=int(runs.running[rows].sum()),
        amount=_charge(runs, paid, rows, place),
        horizon_months=setting.horizon_months,
        annual_discount=setting.annual_discount,
        level=setting.level,
        seed=setting.seed,
    )


def _apart(
    table: Subscriptions, pieces: Pieces, billing: int, until: dt.date, model: str
) -> dict[int, Tenures]:
    """Plans that are worth a model of their own, with their contracts; {} where none are."""
    of_plan: dict[int, Tenures] = {}
    apart = 0.0
    for plan in range(len(table.plans)):
        tenures = _of_pieces(pieces, (pieces.billing == billing) & (pieces.plan == plan), until)
        if tenures.contracts < ENOUGH_CONTRACTS or tenures.lost < ENOUGH_LOST:
            continue
        own, _, _ = choose_contract_model(tenures, model)
        if own is not None and own.report.verdict != "failed":
            of_plan[plan] = tenures
            apart += own.report.aic
    if len(of_plan) < 2:
        return {}
    both = (pieces.billing == billing) & np.isin(pieces.plan, list(of_plan))
    together, _, _ = choose_contract_model(_of_pieces(pieces, both, until), model)
    return of_plan if together is not None and apart < together.report.aic else {}


def _of_runs(runs: Runs, rows: Flags, until: dt.date) -> Tenures:
    """Contracts of one billing period; those that could not be watched for a renewal are out."""
    duration, entry, ended = runs.renewals[rows], runs.entry[rows], runs.ended[rows]
    kept = ~(ended & (entry >= duration)) & (entry <= duration)
    return Tenures(
        duration=duration[kept],
        ended=ended[kept],
        entry=entry[kept] if entry.any() else None,
        until=until,
    )


def _of_pieces(pieces: Pieces, rows: Flags, until: dt.date) -> Tenures:
    return Tenures(
        duration=pieces.renewals[rows],
        ended=pieces.ended[rows],
        entry=pieces.entry[rows],
        until=until,
    )


def _charge(runs: Runs, paid: Stretches, rows: Flags, billing: int) -> float:
    """Mean charge per period of the contracts that run, or of all where none does."""
    running = runs.ticks[rows & runs.running]
    ticks = running if len(running) else paid.ticks[paid.billing == billing]
    return float(ticks.mean()) / 10_000
