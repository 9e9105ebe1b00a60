"""Given: a model at parameters from a paper or another tool, which predicts like a fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from regulars.fitting.fitted import Fitted
from regulars.fitting.groups import history_of
from regulars.fitting.registry import likelihood
from regulars.terms.answer import FitSummary
from regulars.terms.errors import InputError
from regulars.terms.period import DAYS
from regulars.terms.summary import Floats, Summary


def given(model: str, params: Mapping[str, float], unit: str = "week") -> Fitted:
    """A model with parameters that were not estimated here.

    Args:
        model: a model's name.
        params: a value for each of its letters, `{"r": 0.243, "alpha": 4.414, ...}`.
        unit: the unit of time that they are in.

    Returns:
        What `fit` returns, with the verdict `given` and no uncertainty.

    Raises:
        ModelError: for a name that is no model.
        InputError: for letters that are missing or unknown, or values that are not possible.
    """
    chosen = likelihood(model)
    letters = [parameter.letter for parameter in chosen.parameters]
    if set(params) != set(letters):
        raise InputError(
            f"{chosen.title} takes {', '.join(letters)}, not {', '.join(params) or 'nothing'}."
        )
    if unit not in DAYS:
        raise InputError(f"'{unit}' is no unit.", f"Use {', '.join(DAYS)}.")
    values = {letter: float(params[letter]) for letter in letters}
    for parameter in chosen.parameters:
        value = values[parameter.letter]
        if not np.isfinite(value) or (value <= 0 and not parameter.real):
            raise InputError(f"{parameter.letter} = {value:g} is not possible in {chosen.title}.")
    return Fitted(
        likelihood=chosen,
        params=tuple(values.values()),
        covariance=np.zeros((len(letters), len(letters))),
        report=FitSummary(
            model=chosen.name,
            title=chosen.title,
            parameters=values,
            standard_errors=dict.fromkeys(letters),
            log_likelihood=float("nan"),
            aic=float("nan"),
            bic=float("nan"),
            customers=0,
            iterations=0,
            verdict="given",
            explanation="The parameters were given, not estimated from data.",
        ),
        unit=unit,
        until=None,
        data_hash="",
    )


def log_likelihood(fitted: Fitted, summary: Summary) -> Floats:
    """Log-likelihood of each customer (n,) under a fit or given parameters; weights not applied.

    Raises:
        ModelError: for a fit of something else than orders.
        InputError: where the summary lacks what the model reads.
    """
    history = history_of(summary, fitted.model.reads)
    return np.asarray(fitted.model.log_likelihood(fitted.params, history), dtype=np.float64)
