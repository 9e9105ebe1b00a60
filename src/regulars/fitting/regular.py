"""Regular buyers: how many stages the gaps between orders have, found by the likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from regulars.fitting.fitted import Fitted
from regulars.models.base import Likelihood
from regulars.models.regular import Regular
from regulars.terms.errors import FitError


def most_likely(model: Regular, attempt: Callable[[Likelihood], Fitted]) -> tuple[Regular, Fitted]:
    """The number of stages with the highest likelihood, and its fit.

    1, 2, ... stages are tried until the likelihood falls, at most 12 (as in the R package
    BTYDplus): it has one hump in the number of stages.
    """
    members = model.members()
    best = next(members)
    found = attempt(best)
    for member in members:
        try:
            fitted = attempt(member)
        except FitError:
            break
        if fitted.report.log_likelihood <= found.report.log_likelihood:
            break
        best, found = member, fitted
    return best, found


def counted(fitted: Fitted) -> Fitted:
    """The fit with its criteria counting the number of stages, which the data told too."""
    told = fitted.report
    counts = replace(told, aic=told.aic + 2.0, bic=told.bic + math.log(told.customers))
    return replace(fitted, report=counts)
