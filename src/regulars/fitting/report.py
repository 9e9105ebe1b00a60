"""Report of a fit: standard errors, criteria, and in words whether to trust it."""

from __future__ import annotations

import math

import numpy as np

from regulars.fitting.coordinates import slopes, to_params
from regulars.inference.maximum_likelihood import Maximum
from regulars.models.base import Likelihood
from regulars.terms.answer import FitSummary

_PART = 0.1  # share of a flat direction from which a parameter belongs to it
_FAR = 4.0  # distance in coordinates at which an open parameter counts as pushed


def report(model: Likelihood, customers: int, top: Maximum) -> FitSummary:
    """What a maximum says of a model's parameters and how far it can be trusted."""
    letters = [parameter.letter for parameter in model.parameters]
    params = to_params(model.parameters, top.point)
    open_ = _open_parameters(top)
    errors = slopes(model.parameters, params) * np.sqrt(np.diag(top.covariance()))
    value, count = float(top.evaluation.value), len(letters)
    verdict, explanation = _verdict(model, top, open_)
    return FitSummary(
        model=model.name,
        title=model.title,
        parameters=dict(zip(letters, params.tolist(), strict=True)),
        standard_errors={
            letter: None if i in open_ or verdict == "failed" else float(errors[i])
            for i, letter in enumerate(letters)
        },
        log_likelihood=value,
        aic=2.0 * count - 2.0 * value,
        bic=count * math.log(customers) - 2.0 * value,
        customers=customers,
        iterations=top.evaluations,
        verdict=verdict,
        explanation=explanation,
    )


def _open_parameters(top: Maximum) -> dict[int, int]:
    """Parameters that the data leave open: index -> -1 to zero, +1 to infinity, 0 neither."""
    found: dict[int, int] = {}
    for direction in top.flat_directions():
        found |= {int(i): _pushed(top.moved[i]) for i in np.flatnonzero(abs(direction) > _PART)}
    return found | top.runaways()


def _pushed(moved: float) -> int:
    return int(np.sign(moved)) if abs(moved) > _FAR else 0


def _verdict(model: Likelihood, top: Maximum, open_: dict[int, int]) -> tuple[str, str]:
    if open_:
        return "not identified", _what_is_open(model, open_)
    if not top.settled:
        return "failed", (
            f"The search stopped after {top.evaluations} evaluations without reaching a top. "
            "Check the summary for impossible entries, or fit a smaller model (nbd, bg-nbd)."
        )
    return "converged", (
        f"Every parameter is pinned by the data; reached in {top.evaluations} evaluations."
    )


def _what_is_open(model: Likelihood, open_: dict[int, int]) -> str:
    limits = {-1: ("zero", "at_zero"), 1: ("infinity", "at_infinity")}
    pushed: list[str] = []
    for i, sign in sorted(open_.items()):
        if sign:
            where, field = limits[sign]
            parameter = model.parameters[i]
            where = "minus infinity" if parameter.real and sign < 0 else where
            meaning = str(getattr(parameter, field))
            pushed.append(f"{parameter.letter} to {where}" + (f" ({meaning})" if meaning else ""))
    loose = [model.parameters[i].letter for i, sign in sorted(open_.items()) if not sign]
    sentences: list[str] = []
    if pushed:
        sentences.append(f"The data push {_listed(pushed)}.")
    if loose:
        sentences.append(f"They do not tell {_listed(loose)}.")
    sentences.append("Use a smaller model, or more customers over a longer time.")
    return " ".join(sentences)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
