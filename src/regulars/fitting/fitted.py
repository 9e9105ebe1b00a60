"""Fitted: a model with its parameters, how sure they are, and what they were fitted on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.registry import ORDER_MODELS
from regulars.inference.laplace import normal_draws
from regulars.models.base import Likelihood, Model
from regulars.terms.answer import FitSummary
from regulars.terms.errors import ModelError
from regulars.terms.summary import Floats

if TYPE_CHECKING:
    from regulars.inference.priors import Prior


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
        kept: draws of the parameters (n, k), equally likely, or None for a point.
        chains: how many chains they came from, one after the other.
        priors: what was believed before the data, by letter.
    """

    likelihood: Likelihood
    params: tuple[float, ...]
    covariance: Floats
    report: FitSummary
    unit: str
    until: dt.date | None
    data_hash: str
    kept: Floats | None = None
    chains: int = 1
    priors: Mapping[str, Prior] = field(default_factory=dict[str, "Prior"])

    def __repr__(self) -> str:
        letters = ", ".join(f"{k}={v:.4g}" for k, v in self.report.parameters.items())
        return f"<Fitted {self.report.title}: {letters}; {self.report.verdict}>"

    @property
    def model(self) -> Model:
        """The orders model that was fitted.

        Raises:
            ModelError: if this is a fit of something else, such as spend.
        """
        if not hasattr(self.likelihood, "p_alive"):
            raise ModelError(
                f"{self.likelihood.title} says nothing of orders.",
                f"Fit one of {', '.join(ORDER_MODELS)}.",
            )
        return cast(Model, self.likelihood)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the attributes that it reads of customers."""
        return getattr(self.likelihood, "attributes", ())

    @property
    def point(self) -> Floats:
        """The parameters' coordinates (k,): logarithms, but a real parameter as it is."""
        return to_point(self.likelihood.parameters, self.params)

    def draws(self, count: int, seed: int = 0) -> Floats:
        """Draws (count, k) of the parameters; one is the estimate.

        Those that the method made, where it made some: each comes up as often as any other. After
        maximum likelihood or MAP they are normal in the coordinates, with the curvature there.
        """
        if count == 1:
            return np.array([self.params])
        if self.kept is not None:
            times, rest = divmod(count, len(self.kept))
            picked = np.random.default_rng(seed).permutation(len(self.kept))[:rest]
            return np.concatenate([*([self.kept] * times), self.kept[picked]])
        points = normal_draws(self.point, self.covariance, count, seed)
        return to_params(self.likelihood.parameters, points)

    def to_arviz(self) -> Any:
        """The draws as ArviZ has them: a DataTree (from ArviZ 1.0) or an InferenceData.

        The group `posterior` holds each parameter by its letter, (chain, draw). What has no draws
        gives 1,000 from the normal approximation.

        Raises:
            InputError: where ArviZ is not installed.
        """
        from regulars.fitting.arviz import to_arviz

        return to_arviz(self)
