"""Priors of a fit: ready defaults that say what they assume, and those that PyMC-Marketing uses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from regulars.fitting.target import letters_of
from regulars.inference.priors import (
    KINDS,
    HalfFlat,
    LogNormal,
    Normal,
    Pareto,
    Prior,
    Split,
    Uniform,
    Weibull,
    describe,
)
from regulars.models.base import Likelihood
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary

Priors = Mapping[str, Prior]

SETS = ("default", "pymc-marketing", "flat")

_WIDE = 1.5  # of a log-normal: nine in ten within a factor of 12 either way
_WIDE_REAL = 2.5  # of a coefficient, in units of its covariate's standard deviation
_SHARE = Split(Uniform(0.0, 1.0), Pareto(1.0, 1.0))
_ORDERS: Priors = {"r": Weibull(2.0, 1.0), "alpha": Weibull(2.0, 10.0)}
# Read off PyMC-Marketing 0.19's default_model_config; its alpha and beta are in the data's unit
_PYMC_MARKETING: Mapping[str, Priors] = {
    "bg-nbd": {**_ORDERS, "a, b": _SHARE},
    "mbg-nbd": {**_ORDERS, "a, b": _SHARE},
    "pareto-nbd": {**_ORDERS, "s": Weibull(2.0, 1.0), "beta": Weibull(2.0, 10.0)},
    "bg-bb": {"alpha, beta": _SHARE, "gamma, delta": _SHARE},
    "gamma-gamma": {"p": HalfFlat(), "q": HalfFlat(), "v": HalfFlat()},
}


def default_priors(model: Likelihood, summary: Summary) -> dict[str, Prior]:
    """A weakly informative belief about every parameter.

    A positive one is log-normal around the model's start, which takes its scale of time and of
    money from the data: nine in ten within a factor of 12 either way. A real one is normal around
    its start. A model that knows better has a method `priors(summary)`.
    """
    own = getattr(model, "priors", None)
    if callable(own):
        return dict(cast(Priors, own(summary)))
    found: dict[str, Prior] = {}
    for parameter, start in zip(model.parameters, model.start(summary), strict=True):
        found[parameter.letter] = (
            Normal(start, _WIDE_REAL) if parameter.real else LogNormal(math.log(start), _WIDE)
        )
    return found


def pymc_marketing_priors(model: Likelihood) -> dict[str, Prior]:
    """The defaults of PyMC-Marketing, whose times count in the summary's unit.

    Coefficients of attributes are Normal(0, 1).

    Raises:
        InputError: for a model that PyMC-Marketing does not have.
    """
    base = model.name.partition("+")[0]  # bg-nbd+covariates
    if base not in _PYMC_MARKETING:
        raise InputError(
            f"PyMC-Marketing has no {model.title}, so no priors for it.",
            f"It has {', '.join(_PYMC_MARKETING)}. Leave priors out for the defaults here.",
        )
    found = dict(_PYMC_MARKETING[base])
    known = {letter for key in found for letter in letters_of(key)}
    added = (p for p in model.parameters if p.letter not in known)
    return {**found, **{p.letter: Normal(0.0, 1.0) if p.real else HalfFlat() for p in added}}


def choose_priors(
    model: Likelihood, summary: Summary, asked: str | Mapping[str, Prior] | None
) -> dict[str, Prior]:
    """The priors that were asked for, by name or one by one; {} for `flat`.

    A mapping need not name every parameter: the others keep their defaults. A key is a letter,
    or several (`a, b`) for a prior about all of them.

    Raises:
        InputError: for a letter that the model does not have, or one with two priors.
    """
    if isinstance(asked, str):
        check_name(asked)
    if asked is None or asked == "default":
        return default_priors(model, summary)
    if asked == "flat":
        return {}
    if isinstance(asked, str):
        return pymc_marketing_priors(model)
    given = _letters_given(model, asked)
    defaults = default_priors(model, summary)
    rest = {key: p for key, p in defaults.items() if given.isdisjoint(letters_of(key))}
    return {**asked, **rest}


def check_name(asked: str) -> None:
    """Refuse a name that no set of priors has.

    Raises:
        InputError: the text lists those that are.
    """
    if asked not in SETS:
        raise InputError(f"'{asked}' names no priors.", f"Use {', '.join(SETS)}, or a mapping.")


def _letters_given(model: Likelihood, asked: Mapping[str, Prior]) -> set[str]:
    known = [parameter.letter for parameter in model.parameters]
    given: set[str] = set()
    for key in asked:
        for letter in letters_of(key):
            if letter not in known:
                raise InputError(
                    f"{model.title} has no parameter '{letter}' for a prior.",
                    f"Parameters: {', '.join(known)}.",
                )
            if letter in given:
                raise InputError(f"'{letter}' has two priors.", "Give each parameter one.")
            given.add(letter)
    return given


def describe_priors(priors: Priors) -> str:
    """What they assume, in one sentence; '' without any."""
    if not priors:
        return ""
    parts = [describe(prior, letters_of(key)) for key, prior in priors.items()]
    return f"Believed before the data: {'; '.join(parts)}."


def prior_object(prior: Prior) -> dict[str, Any]:
    """A prior as a model file holds it: its kind and numbers."""
    values = {field.name: getattr(prior, field.name) for field in fields(cast(Any, prior))}
    return {
        "kind": type(prior).__name__,
        **{n: v if isinstance(v, int | float) else prior_object(v) for n, v in values.items()},
    }


def prior_from(found: Mapping[str, Any]) -> Prior:
    """The prior that a model file holds.

    Raises:
        KeyError, TypeError: where it holds none.
    """
    values = {
        name: prior_from(cast(Mapping[str, Any], value)) if isinstance(value, Mapping) else value
        for name, value in found.items()
        if name != "kind"
    }
    return KINDS[str(found["kind"])](**values)
