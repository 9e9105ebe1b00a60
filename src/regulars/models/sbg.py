"""sBG: at every renewal a customer leaves with a chance of their own, which never changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from regulars.models.base import Floats, Parameter, Params
from regulars.models.contract import Renewals, gather_renewals, overall_churn
from regulars.models.maths import log_beta_ratio
from regulars.terms.tenures import Tenures


class SBG:
    """Shifted beta-geometric: Fader & Hardie 2007, "How to Project Customer Retention".

    At each renewal a customer leaves with chance theta ~ Beta(alpha, beta). Retention rises with
    the renewals because those who leave easily have left, not because anybody changes.
    """

    name = "sbg"
    title = "sBG"
    discrete = True
    covariates = ()
    parameters = (
        Parameter(
            "alpha",
            "first shape of the chance to leave at a renewal",
            "nobody ever leaves",
            "the chance to leave is the same for all if beta grows with it, else everybody leaves "
            "at the first renewal",
        ),
        Parameter(
            "beta",
            "second shape of the chance to leave at a renewal",
            "some leave at the first renewal and the others hardly ever",
            "the chance to leave is the same for all if alpha grows with it, else nobody leaves",
        ),
    )
    detours = ()

    def start(self, tenures: Tenures) -> tuple[float, ...]:
        """The overall churn as the mean chance, with much difference between customers."""
        churn = overall_churn(gather_renewals(tenures))
        return 2.0 * churn, 2.0 * (1.0 - churn)

    def prepare(self, tenures: Tenures) -> Renewals:
        """Count renewals."""
        return gather_renewals(tenures)

    def terms(self, params: Params, data: Renewals) -> Iterator[tuple[Any, Any]]:
        """Renewal j is survived with chance (beta + j - 1) / (alpha + beta + j - 1) (eq. 7)."""
        alpha, beta = params
        passed = data.number - 1.0
        yield np.log(alpha), float(data.lost.sum())
        yield np.log(beta + passed), data.due - data.lost
        yield np.log(alpha + beta + passed), -data.due

    def log_survival(self, params: Params, time: Any, covariates: Floats | None = None) -> Any:
        """Log B(alpha, beta + t) / B(alpha, beta) (eq. 6)."""
        alpha, beta = params
        return log_beta_ratio(alpha, beta, time)
