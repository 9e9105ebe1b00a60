"""Fitted: a model with its parameters, how sure they are, and what they were fitted on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.registry import ORDER_MODELS
from regulars.inference.laplace import normal_draws
from regulars.models.base import Likelihood, Model
from regulars.terms.answer import FitSummary
from regulars.terms.errors import ModelError
from regulars.terms.summary import Floats


@dataclass(frozen=True, repr=False)
class Fitted:
    """The outcome of a fit; it holds no customer data.

    Attributes:
        likelihood: what was fitted.
        params: the parameters at the maximum, in the likelihood's order.
        covariance: of the coordinates (k, k), flat directions held at a wide spread.
        report: parameters, standard errors, criteria and the verdict.
        unit: the unit of every time.
        until: the cut-off of the data, or None.
        data_hash: fingerprint of the data; the same for rows in another order.
    """

    likelihood: Likelihood
    params: tuple[float, ...]
    covariance: Floats
    report: FitSummary
    unit: str
    until: dt.date | None
    data_hash: str

    def __repr__(self) -> str:
        letters = ", ".join(f"{k}={v:.4g}" for k, v in self.report.parameters.items())
        return f"<Fitted {self.report.title}: {letters}; {self.report.verdict}>"

    @property
    def model(self) -> Model:
        """The orders model that was fitted.

        Raises:
            ModelError: if this is a fit of something else, such as spend.
        """
        try:
            return ORDER_MODELS[self.likelihood.name]
        except KeyError:
            raise ModelError(
                f"{self.likelihood.title} says nothing of orders.",
                f"Fit one of {', '.join(ORDER_MODELS)}.",
            ) from None

    @property
    def point(self) -> Floats:
        """The parameters' coordinates (k,): logarithms, but a real parameter as it is."""
        return to_point(self.likelihood.parameters, self.params)

    def draws(self, count: int, seed: int = 0) -> Floats:
        """Draws (count, k) of the parameters from their Laplace posterior; one is the estimate."""
        if count == 1:
            return np.array([self.params])
        points = normal_draws(self.point, self.covariance, count, seed)
        return to_params(self.likelihood.parameters, points)
