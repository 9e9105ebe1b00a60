"""BdW: at every renewal a customer may leave, and time itself changes how easily."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from regulars.models.base import Floats, Parameter, Params
from regulars.models.contract import Renewals, gather_renewals, overall_churn
from regulars.models.maths import log_beta_ratio
from regulars.terms.tenures import Tenures

_SHORTEST = 1e-300
_LARGEST = 230.0


class BdW:
    """Beta-discrete-Weibull: Fader, Hardie, Liu, Davin & Steenburgh 2018.

    "How to Project Customer Retention" Revisited: The Role of Duration Dependence. A customer
    lasts beyond renewal t with chance (1 - theta)^(t^c), theta ~ Beta(alpha, beta). With c = 1 it
    is the sBG; c > 1 says that customers leave more easily the longer they stay, c < 1 less.
    """

    name = "bdw"
    title = "BdW"
    discrete = True
    covariates = ()
    parameters = (
        Parameter(
            "alpha",
            "first shape of the chance to leave at the first renewal",
            "nobody ever leaves",
            "customers do not differ, or everybody leaves at once",
        ),
        Parameter(
            "beta",
            "second shape of the chance to leave at the first renewal",
            "some leave at the first renewal and the others hardly ever",
            "customers do not differ, or nobody leaves",
        ),
        Parameter(
            "c",
            "how the chance to leave changes with time: 1 not at all",
            "customers leave at the first renewal or never",
            "customers stay for some renewals and then leave all at once",
        ),
    )
    detours = ()

    def start(self, tenures: Tenures) -> tuple[float, ...]:
        """The overall churn as the mean chance, and no change with time."""
        churn = overall_churn(gather_renewals(tenures))
        return 2.0 * churn, 2.0 * (1.0 - churn), 1.0

    def prepare(self, tenures: Tenures) -> Renewals:
        """Count renewals."""
        return gather_renewals(tenures)

    def terms(self, params: Params, data: Renewals) -> Iterator[tuple[Any, Any]]:
        """Renewal j is survived with chance S(j) / S(j - 1)."""
        before = data.number - 1.0
        retained = self.log_survival(params, data.number) - self.log_survival(params, before)
        yield retained, data.due - data.lost
        yield np.log(-np.expm1(retained)), data.lost

    def log_survival(self, params: Params, time: Any, covariates: Floats | None = None) -> Any:
        """Log B(alpha, beta + t^c) / B(alpha, beta), with 0^c = 0."""
        alpha, beta, c = params
        time = np.asarray(time, dtype=np.float64)
        exponent = c * np.log(np.maximum(time, _SHORTEST))
        if not hasattr(exponent, "chain"):  # beyond it the ratio has long lost its digits
            exponent = np.minimum(exponent, _LARGEST)
        power = np.exp(exponent)
        return log_beta_ratio(alpha, beta, power * (time > 0))
