"""Over time: the model for covariates that change, where a summary has their courses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from regulars.models.base import Likelihood
from regulars.models.pareto_nbd import ParetoNBD
from regulars.models.pareto_nbd_over_time import ParetoNBDOverTime
from regulars.terms.courses import is_course
from regulars.terms.errors import ModelError


def has_courses(known: Mapping[str, NDArray[Any]], asked: Sequence[str]) -> bool:
    """Whether any of the attributes that were asked for changes over time."""
    return any(name in known and is_course(known[name]) for name in asked)


def over_time(
    model: Likelihood, acts: Mapping[str, Sequence[str]], fixed: Sequence[str] = ()
) -> ParetoNBDOverTime:
    """The model with covariates over time that a plain model becomes.

    Args:
        model: Pareto/NBD.
        acts: `purchase` and `dropout` -> names of covariates, some of them over time.
        fixed: those that are not.

    Raises:
        ModelError: for any other model or process.
    """
    if model.name != ParetoNBD.name:
        raise ModelError(
            f"Covariates over time cannot act on {model.title}.",
            "Fit pareto-nbd; for seasons alone, fit_seasonal takes any model.",
        )
    others = [process for process, names in acts.items() if names and process not in _PROCESSES]
    if others:
        raise ModelError(
            f"Covariates over time cannot act on {', '.join(others)}.",
            "They act on purchase and dropout.",
        )
    purchase, dropout = (tuple(acts.get(process, ())) for process in _PROCESSES)
    return ParetoNBDOverTime(ParetoNBD.parameters, purchase, dropout, fixed)


_PROCESSES = ("purchase", "dropout")
