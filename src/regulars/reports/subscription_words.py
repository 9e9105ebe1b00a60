"""What the page and the terminal say of subscriptions, and the objects of their JSON files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from regulars.fitting.contracts.answer import GroupValue, PeriodFit, SubscriptionAnswer
from regulars.reports.format import ahead, is_number, percent, short_day
from regulars.reports.objects import plain
from regulars.terms.answer import Estimate

PAYMENTS = "payments"


def unit(answer: SubscriptionAnswer) -> str:
    """What amounts are in: a currency, or payments where amounts were left out."""
    return answer.about.currency if answer.about.has_money else PAYMENTS


def as_of(answer: SubscriptionAnswer) -> str:
    """The data date, the horizon and the discount."""
    about = answer.about
    margin = "" if about.margin is None else f" · margin {percent(about.margin)}"
    return (
        f"Data up to {short_day(about.data_date)} · {ahead(about.horizon)} · "
        f"{percent(about.discount)} a year discount{margin}"
    )


def periods(number: float, billing: str) -> str:
    """45.5 months, 5.5 years; 12 periods of 2 months."""
    if billing[:1].isdigit():
        return f"{number:,.1f} periods of {billing}"
    return f"{number:,.1f} {billing}{'' if round(number, 1) == 1 else 's'}"


def summary(answer: SubscriptionAnswer) -> dict[str, Any]:
    """The object of `summary.json` and of `--json`."""
    about, totals, book = answer.about, answer.totals, answer.movements
    last = {
        column: values[-1].item()
        for column, values in book.columns().items()
        if column != "month" and len(values)
    }
    found: dict[str, Any] = {
        "version": about.version,
        "source": about.source,
        "data_hash": about.data_hash,
        "first_date": about.first_date.isoformat(),
        "data_date": about.data_date.isoformat(),
        "since": None if about.since is None else about.since.isoformat(),
        "horizon": about.horizon,
        "discount": about.discount,
        "margin": about.margin,
        "currency": about.currency,
        "grace_days": about.grace_days,
        "level": about.level,
        "seed": about.seed,
        "audit": dict(answer.audit),
        "totals": {
            name: asdict(value) if isinstance(value, Estimate) else value
            for name, value in (
                (name, getattr(totals, name)) for name in totals.__dataclass_fields__
            )
        },
        "contracts": [fit_object(fit) for fit in (*answer.fits, *answer.plan_fits)],
        "last_month": {"month": str(book.months[-1])[:7], **last},
        "trials": {name: [asdict(row) for row in rows] for name, rows in answer.trials.items()},
        "plans": [_group(group) for group in answer.plans],
        "cohorts": [_group(group) for group in answer.cohorts],
        "notes": list(answer.notes),
    }
    return plain(found)


def models(answer: SubscriptionAnswer) -> dict[str, Any]:
    """The object of `model.json`: the model of each billing period that has one."""
    every = (*answer.fits, *answer.plan_fits)
    return {name(fit): fit.fitted.as_object() for fit in every if fit.fitted is not None}


def name(fit: PeriodFit) -> str:
    """A billing period, or a plan of it: month, month / Team."""
    return f"{fit.billing} / {fit.plan}" if fit.plan else fit.billing


def retention_columns(answer: SubscriptionAnswer) -> dict[str, Any]:
    """The columns of `retention.csv`: a row per billing period and renewal."""
    return retention_of(answer.fits)


def retention_of(fits: Sequence[PeriodFit]) -> dict[str, Any]:
    """The same of any fits."""
    parts: dict[str, list[Any]] = {name: [] for name in _RETENTION}
    for fit in fits:
        seen = fit.observed
        count = len(seen.due) if fit.retention is None else len(fit.retention.time)
        parts["billing_period"] += [fit.billing] * count
        parts["renewal"] += list(range(1, count + 1))
        for name, values in (
            ("due", seen.due),
            ("lost", seen.lost),
            ("retention", seen.retention),
            ("survival", seen.survival[1:]),
        ):
            parts[name] += _padded(values, count)
        for name, curve in (("retention", fit.retention), ("survival", fit.survival)):
            skip = int(name == "survival")
            for suffix, part in (("fitted", "value"), ("low", "low"), ("high", "high")):
                values = [] if curve is None else getattr(curve, part)[skip:]
                parts[f"{name}_{suffix}"] += _padded(values, count)
    return {name: np.array(values, dtype=_RETENTION[name]) for name, values in parts.items()}


_RETENTION: dict[str, Any] = {
    "billing_period": object,
    "renewal": np.int64,
    **dict.fromkeys(
        (
            *("due", "lost", "retention", "retention_fitted", "retention_low", "retention_high"),
            *("survival", "survival_fitted", "survival_low", "survival_high"),
        ),
        np.float64,
    ),
}


def _padded(values: Any, count: int) -> list[float]:
    found = [float(value) for value in values][:count]
    return found + [float("nan")] * (count - len(found))


def fit_object(fit: PeriodFit) -> dict[str, Any]:
    """A billing period, or a plan of it, as an object: what was seen, the model, the values."""
    fitted = fit.fitted
    return {
        "billing_period": fit.billing,
        "plan": fit.plan or None,
        "contracts": fit.contracts,
        "lost": fit.lost,
        "running": fit.running,
        "amount": fit.amount,
        "churn": fit.churn if is_number(fit.churn) else None,
        "model": None if fitted is None else fitted.model.name,
        "verdict": None if fitted is None else fitted.report.verdict,
        "parameters": None if fitted is None else dict(fitted.report.parameters),
        "log_likelihood": None if fitted is None else fitted.report.log_likelihood,
        "reason": fit.reason,
        "bic": dict(fit.others),
        "lifetime": None if fit.lifetime is None else asdict(fit.lifetime),
        "value": None if fit.value is None else asdict(fit.value),
        "formula_lifetime": fit.formula_lifetime,
        "formula_value": fit.formula_value,
    }


def _group(group: GroupValue) -> dict[str, Any]:
    return asdict(group)
