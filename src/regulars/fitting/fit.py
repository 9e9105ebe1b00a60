"""Fit: where a model, a summary and a method of inference meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from regulars.fitting.climb import above_nested, climb
from regulars.fitting.coordinates import to_params
from regulars.fitting.fingerprint import fingerprint
from regulars.fitting.fitted import Fitted
from regulars.fitting.methods import METHODS as METHODS
from regulars.fitting.methods import Way, way_of
from regulars.fitting.registry import likelihood
from regulars.fitting.report import A_PRIOR, believed, report
from regulars.fitting.target import LogLikelihood, LogPosterior
from regulars.models.base import Likelihood
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary

if TYPE_CHECKING:
    from regulars.inference.priors import Prior
    from regulars.models.regular import Regular

POINT = "maximum-likelihood"
_MOST_DRAWS = 100_000


def fit(
    model: str | Likelihood,
    summary: Summary,
    method: str = "maximum-likelihood",
    priors: str | Mapping[str, Prior] | None = None,
    draws: int | None = None,
    seed: int = 0,
    *,
    purchase: Sequence[str] = (),
    dropout: Sequence[str] = (),
    dropout_a: Sequence[str] = (),
    dropout_b: Sequence[str] = (),
    spend: Sequence[str] = (),
    standardise: bool = False,
    groups: str | None = None,
) -> Fitted:
    """Estimate a model's parameters from a summary.

    Args:
        model: a name (nbd, bg-nbd, mbg-nbd, pareto-nbd, gamma-gamma ...) or a model. Of
            bg-cnbd-k and mbg-cnbd-k the most likely number of stages is kept.
        summary: the customers; equal ones are grouped, weights count as repeated rows.
        method: `maximum-likelihood`; `map`, the maximum with priors; `laplace`, draws from the
            posterior by importance sampling; `nuts`, draws by Hamiltonian chains (extra
            `regulars[nuts]`); `bootstrap`, the maximum for customers drawn anew.
        priors: for map, laplace and nuts: `default` (weakly informative, the same as None),
            `pymc-marketing`, `flat`, or priors by letter, the rest staying at their defaults.
        draws: how many draws are kept; None leaves it to the method (1,000; bootstrap 400).
        seed: the same data and seed give the same draws.
        purchase: attributes in `summary.covariates` that act on how often customers order.
        dropout: attributes that act on how soon they leave; in bg-nbd and its kin on both shapes
            of the chance to leave alike.
        dropout_a: attributes that act on the first of these shapes: more of it, sooner gone.
        dropout_b: attributes that act on the second.
        spend: attributes that act on the value of orders, for a model of spend.
        standardise: measure numeric attributes in standard deviations from their mean.
        groups: an attribute whose labels are partially pooled groups, such as `source` or
            `cohort`: each has an own level of ordering and leaving, the smaller it is the closer
            to the others'. For maximum likelihood.

    Returns:
        The fit, whose `report.verdict` is `converged`, `not identified` or `failed`.

    Raises:
        ModelError: for an unknown model or method.
        InputError: for priors or draws that the method cannot use, or for an attribute that is
            absent, incomplete or says nothing.
        DataError: for a summary in which nothing counts for this model.
        FitError: where the likelihood is not finite for these data.
    """
    if not isinstance(summary, Summary):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"A model is fitted to a Summary, not to a {type(summary).__name__}.",
            "Make one: summarise(orders), or Summary.from_rfm(frequency, recency, T).",
        )
    acts = {
        "purchase": purchase,
        "dropout": dropout,
        "dropout_a": dropout_a,
        "dropout_b": dropout_b,
        "spend": spend,
    }
    way = way_of(method)
    count = _count(way, draws)
    if groups is not None and way.name != POINT:
        raise InputError(f"Groups cannot be pooled by '{method}'.", "Leave the method out.")

    def attempt(one: Likelihood, way: Way = METHODS[POINT], count: int = 0) -> Fitted:
        if groups is not None:
            from regulars.fitting.pooled import fit_groups

            return fit_groups(one, summary, groups, acts, standardise=standardise)
        if any(len(names) for names in acts.values()):
            from regulars.fitting.covariates import with_attributes

            one = with_attributes(one, summary, acts, standardise=standardise)
        return _fitted(one, summary, way, count, priors, seed)

    plain = likelihood(model) if isinstance(model, str) else model
    if not getattr(plain, "open", False):
        return attempt(plain, way, count)
    from regulars.fitting.regular import counted, most_likely

    member, found = most_likely(cast("Regular", plain), attempt)
    return counted(found if way.name == POINT else attempt(member, way, count))


def _fitted(
    model: Likelihood,
    summary: Summary,
    way: Way,
    count: int,
    priors: str | Mapping[str, Prior] | None,
    seed: int,
) -> Fitted:
    """The maximum of the likelihood or of the posterior, and what draws the method takes."""
    believes = _priors(way, model, summary, priors)
    target = _target(way, model, summary, believes)
    top = climb(target, lambda one, few: _target(way, one, few, believes))
    if not way.takes_priors:
        top = above_nested(target, top)
    points = way.method.draw(target, top.point, count, seed) if count else None
    told = report(model, target.data.customers, top, advice=A_PRIOR)
    if way.takes_priors or points is not None:
        told = believed(told, target, top, way, points)
    params = to_params(model.parameters, top.point)
    if hasattr(model, "acts"):
        from regulars.fitting.covariates import settled

        model = settled(model, params.tolist(), summary)
    return Fitted(
        likelihood=model,
        params=tuple(params.tolist()),
        covariance=top.covariance() if points is None else np.atleast_2d(np.cov(points.points.T)),
        report=told,
        unit=summary.unit,
        until=summary.until,
        data_hash=fingerprint(summary),
        kept=None if points is None else to_params(model.parameters, points.points),
        chains=1 if points is None else points.chains,
        priors=believes,
    )


def _target(
    way: Way, model: Likelihood, summary: Summary, believes: Mapping[str, Prior]
) -> LogLikelihood:
    if not believes:
        return LogLikelihood(model, summary)
    return LogPosterior(model, summary, believes, way.in_coordinates)


def _priors(
    way: Way, model: Likelihood, summary: Summary, asked: str | Mapping[str, Prior] | None
) -> dict[str, Prior]:
    if way.takes_priors:
        from regulars.fitting.priors import choose_priors

        return choose_priors(model, summary, asked)
    if asked is not None:
        _takes_priors(way)
    return {}


def _takes_priors(way: Way) -> None:
    if not way.takes_priors:
        raise InputError(
            f"Method '{way.name}' takes no priors.", "Use method='map', 'laplace' or 'nuts'."
        )


def check_method(method: str, priors: str | None = None, draws: int | None = None) -> None:
    """Say what is wrong with the names of a method and its priors, before any data are read.

    Raises:
        ModelError: for an unknown method.
        InputError: for priors or draws that the method cannot use, or unknown priors.
    """
    way = way_of(method)
    _count(way, draws)
    if priors is not None:
        from regulars.fitting.priors import check_name

        check_name(priors)
        _takes_priors(way)


def _count(way: Way, draws: int | None) -> int:
    """How many draws to keep; 0 for a method that gives a point."""
    if draws is None:
        return way.draws
    if not way.draws:
        raise InputError(
            f"Method '{way.name}' gives one point, no draws.",
            "Use method='laplace', 'nuts' or 'bootstrap'.",
        )
    if not 10 <= draws <= _MOST_DRAWS:
        raise InputError(f"{draws} draws cannot be kept.", f"Ask for 10 to {_MOST_DRAWS:,}.")
    return draws
