"""The objects of `summary.json` and of `fit --json`, ready for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from regulars.terms.answer import Answer, Estimate, FitSummary


def summary_object(answer: Answer) -> dict[str, Any]:
    """The object of `summary.json`: the answer in totals and means, and what it stands on."""
    about, totals = answer.about, answer.totals
    fit = answer.orders_fit
    return plain(
        {
            "version": about.version,
            "source": about.source,
            "data_hash": about.data_hash,
            "first_date": about.first_date.isoformat(),
            "data_date": about.data_date.isoformat(),
            "horizon": about.horizon,
            "discount": about.discount,
            "unit": about.unit,
            "currency": about.currency,
            "margin": about.margin,
            "level": about.level,
            "seed": about.seed,
            "customers": totals.customers,
            "expected_customers_alive": totals.expected_customers_alive,
            "historic_value": _pair(totals.historic_value, totals.historic_value_mean),
            "expected_value": _pair(totals.expected_value, totals.expected_value_mean),
            "lifetime_value": _pair(totals.lifetime_value, totals.lifetime_value_mean),
            "expected_orders": _pair(totals.expected_orders, totals.expected_orders_mean),
            "expected_profit": _pair(totals.expected_profit, totals.expected_profit_mean),
            "lifetime_profit": _pair(totals.lifetime_profit, totals.lifetime_profit_mean),
            "formula": asdict(answer.formula),
            "model": None if fit is None else fit.model,
            "verdict": None if fit is None else fit.verdict,
            "fit": None if fit is None else fit_object(fit),
            "spend_fit": None if answer.spend_fit is None else fit_object(answer.spend_fit),
            "holdout": _holdout(answer),
            "notes": list(answer.notes),
        }
    )


def fit_object(fit: FitSummary, **more: Any) -> dict[str, Any]:
    """The object of `fit --json`; parameters under their paper's letters."""
    return plain(
        {
            "model": fit.model,
            "parameters": dict(fit.parameters),
            "standard_errors": dict(fit.standard_errors),
            "log_likelihood": fit.log_likelihood,
            "aic": fit.aic,
            "bic": fit.bic,
            "customers": fit.customers,
            "iterations": fit.iterations,
            "verdict": fit.verdict,
            "explanation": fit.explanation,
            "method": fit.method,
            "log_prior": fit.log_prior,
            "draws": fit.draws,
            "posterior": {letter: dict(row) for letter, row in fit.posterior.items()},
            "diagnostics": dict(fit.diagnostics),
            **more,
        }
    )


def plain(value: Any) -> Any:
    """The same value with nothing in it that JSON lacks: numbers that are none become null."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _pair(total: Estimate | None, mean: Estimate | None) -> dict[str, Any] | None:
    if total is None or mean is None:
        return None
    return {"total": _interval(total), "mean": _interval(mean)}


def _interval(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _holdout(answer: Answer) -> dict[str, Any] | None:
    found = answer.calibration
    if found is None:
        return None
    return {
        "split": found.split.isoformat(),
        "days": found.days,
        "chosen": found.chosen,
        "reason": found.reason,
        "metrics": {name: dict(values) for name, values in found.metrics.items()},
    }
