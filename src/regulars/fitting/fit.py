"""Fit: where a model, a summary and a method of inference meet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.fingerprint import fingerprint
from regulars.fitting.fitted import Fitted
from regulars.fitting.registry import likelihood
from regulars.fitting.report import report
from regulars.fitting.target import LogLikelihood
from regulars.inference.maximum_likelihood import Maximum, maximise
from regulars.models.base import Likelihood
from regulars.terms.errors import DataError, FitError, InputError, ModelError
from regulars.terms.summary import Floats, Summary

METHODS = ("maximum-likelihood",)

_PILOT = 12_000  # rows of the pilot sample that finds the start for a large one
_LARGE = 8 * _PILOT
_ROUGHLY = 1e-2  # gain that a pilot may leave
_SHIFTS = (-1.0, 1.0)  # shifts of the start to try where the first climb does not settle


def fit(model: str | Likelihood, summary: Summary, method: str = "maximum-likelihood") -> Fitted:
    """Estimate a model's parameters from a summary.

    Args:
        model: a name (nbd, bg-nbd, mbg-nbd, pareto-nbd, gamma-gamma) or a model.
        summary: the customers; equal ones are grouped, weights count as repeated rows.
        method: how; `maximum-likelihood`.

    Returns:
        The fit, whose `report.verdict` is `converged`, `not identified` or `failed`.

    Raises:
        ModelError: for an unknown model or method.
        DataError: for a summary in which nothing counts for this model.
        FitError: where the likelihood is not finite for these data.
    """
    if not isinstance(summary, Summary):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"A model is fitted to a Summary, not to a {type(summary).__name__}.",
            "Make one: summarise(orders), or Summary.from_rfm(frequency, recency, T).",
        )
    chosen = likelihood(model) if isinstance(model, str) else model
    if method not in METHODS:
        raise ModelError(f"'{method}' is no method.", f"Methods: {', '.join(METHODS)}.")
    target = LogLikelihood(chosen, summary)
    own, start = _starts(chosen, summary)
    top = _climb(target, start)
    top = replace(top, moved=top.point - own)
    return Fitted(
        likelihood=chosen,
        params=tuple(to_params(chosen.parameters, top.point).tolist()),
        covariance=top.covariance(),
        report=report(chosen, target.data.customers, top),
        unit=summary.unit,
        until=summary.until,
        data_hash=fingerprint(summary),
    )


def _starts(model: Likelihood, summary: Summary) -> tuple[Floats, Floats]:
    """The model's own start, and where the climb begins.

    For a large summary that is the maximum of every k-th row; for a model whose likelihood may
    have several humps, the highest of the climbs from its start and its detours.
    """
    large = len(summary) >= (_LARGE if not model.detours else 2 * _PILOT)
    few = summary
    if large:
        few = summary.select(np.arange(0, len(summary), len(summary) // _PILOT))
    try:
        own = to_point(model.parameters, model.start(few))
        if not large and not model.detours:
            return own, own
        target = LogLikelihood(model, few)
        begins = [own, *(own + to_point(model.parameters, turn) for turn in model.detours)]
        tops = [maximise(target, begin, _ROUGHLY) for begin in begins]
    except (DataError, FitError):
        own = to_point(model.parameters, model.start(summary))
        return own, own
    best = max(tops, key=lambda top: top.evaluation.value)
    return own, own if large and (best.runaways() or not best.settled) else best.point


def _climb(target: LogLikelihood, start: Floats) -> Maximum:
    """The maximum from `start`; where that climb does not settle, the best of a few."""
    first = maximise(target, start)
    if first.settled:
        return first
    tops = [first, *(maximise(target, start + shift) for shift in _SHIFTS)]
    return max(tops, key=lambda top: (top.settled, top.evaluation.value))
