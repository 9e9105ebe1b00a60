"""Report of a fit: standard errors, criteria, and in words whether to trust it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from regulars.fitting.coordinates import slopes, to_params
from regulars.fitting.methods import Way
from regulars.fitting.target import LogLikelihood, LogPosterior
from regulars.inference.base import Draws
from regulars.inference.maximum_likelihood import Maximum
from regulars.models.base import Likelihood
from regulars.terms.answer import FitSummary

SMALLER_OR_MORE = "Use a smaller model, or more customers over a longer time."
A_PRIOR = (
    'A prior settles it: fit(..., method="map"), on the command line --method map. Otherwise use a '
    "smaller model, or more customers over a longer time."
)

_PINNED = "Every parameter is pinned by the data;"
_PART = 0.1  # share of a flat direction from which a parameter belongs to it
_HALF = 0.5  # of what is known in a direction, less than which the data say little
_MEMBER = 0.3  # of the largest move in it, from which a parameter belongs to it
_FAR = 4.0  # distance in coordinates at which an open parameter counts as pushed


def report(
    model: Likelihood, customers: int, top: Maximum, advice: str = SMALLER_OR_MORE
) -> FitSummary:
    """What a maximum says of a model's parameters and how far it can be trusted.

    `advice` says what to do about parameters that the data leave open.
    """
    letters = [parameter.letter for parameter in model.parameters]
    params = to_params(model.parameters, top.point)
    open_ = _open_parameters(top)
    errors = slopes(model.parameters, params) * np.sqrt(np.diag(top.covariance()))
    value, count = float(top.evaluation.value), len(letters)
    verdict, explanation = _verdict(model, top, open_, advice)
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


def believed(
    told: FitSummary, target: LogLikelihood, top: Maximum, way: Way, draws: Draws | None
) -> FitSummary:
    """A report with what the prior and the draws add to it."""
    parameters = target.model.parameters
    told = replace(told, method=way.name)
    words = [told.explanation]
    if isinstance(target, LogPosterior):
        from regulars.fitting.priors import describe_priors

        told = _less_prior(told, target, top)
        decided = _decided_by_prior(target, top)
        settled = told.explanation.replace(_PINNED, "A top was") if decided else told.explanation
        words = [settled, decided, describe_priors(target.priors)]
    if draws is not None:
        points = to_params(parameters, draws.points)
        low, high = np.quantile(points, [0.05, 0.95], axis=0)
        means, spreads = points.mean(axis=0), points.std(axis=0, ddof=1)
        table = np.column_stack([means, spreads, low, high]).tolist()
        letters = list(told.parameters)
        told = replace(
            told,
            draws=len(points),
            posterior={
                letter: dict(zip(("mean", "sd", "low", "high"), row, strict=True))
                for letter, row in zip(letters, table, strict=True)
            },
            standard_errors=dict(zip(letters, spreads.tolist(), strict=True)),
            diagnostics={n: v for n, v in draws.diagnostics.items() if math.isfinite(v)},
            verdict=told.verdict if draws.trusted else "failed",
        )
        words.insert(1 if draws.trusted else 0, draws.words)
    return replace(told, explanation=" ".join(word for word in words if word))


def _less_prior(told: FitSummary, target: LogPosterior, top: Maximum) -> FitSummary:
    """The criteria of the likelihood alone, the prior's part taken out."""
    prior = target.log_prior(top.point)
    return replace(
        told,
        log_prior=prior,
        log_likelihood=told.log_likelihood - prior,
        aic=told.aic + 2.0 * prior,
        bic=told.bic + 2.0 * prior,
    )


def _decided_by_prior(target: LogPosterior, top: Maximum) -> str:
    """Which parameters the data alone would leave open, in words; '' if none."""
    alone = target.likelihood_at(top.point)
    if not alone.finite:
        return ""
    variance, directions = np.linalg.eigh(top.covariance())
    white = directions * np.sqrt(variance)
    share, turned = np.linalg.eigh(-(white.T @ alone.hessian @ white))  # of the data in all
    told = np.abs(white @ turned[:, share < _HALF])
    found = np.flatnonzero((told > _MEMBER * told.max(axis=0, initial=0.0)).any(axis=1))
    letters = [target.model.parameters[i].letter for i in found]
    return f"The data alone do not tell {_listed(letters)}: the prior decides." if letters else ""


def _open_parameters(top: Maximum) -> dict[int, int]:
    """Parameters that the data leave open: index -> -1 to zero, +1 to infinity, 0 neither."""
    found: dict[int, int] = {}
    for direction in top.flat_directions():
        found |= {int(i): _pushed(top.moved[i]) for i in np.flatnonzero(abs(direction) > _PART)}
    return found | top.runaways()


def _pushed(moved: float) -> int:
    return int(np.sign(moved)) if abs(moved) > _FAR else 0


def _verdict(
    model: Likelihood, top: Maximum, open_: dict[int, int], advice: str
) -> tuple[str, str]:
    if open_:
        return "not identified", f"{_what_is_open(model, open_)} {advice}"
    if not top.settled:
        return "failed", (
            f"The search stopped after {top.evaluations} evaluations without reaching a top. "
            "Check the summary for impossible entries, or fit a smaller model (nbd, bg-nbd)."
        )
    return "converged", (f"{_PINNED} reached in {top.evaluations} evaluations.")


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
        said = "They" if pushed else "The data"
        apart = " apart" if len(loose) > 1 else ""
        sentences.append(f"{said} do not tell {_listed(loose)}{apart}.")
    return " ".join(sentences)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
