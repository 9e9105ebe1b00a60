"""Fitted spend: the value of future orders from a spend model with a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from regulars.fitting.coordinates import to_params, to_point
from regulars.fitting.fitted import Fitted
from regulars.fitting.spend.driven import order_value
from regulars.models.gamma_gamma import GammaGamma
from regulars.models.log_normal_spend import LogNormalSpend
from regulars.terms.answer import FitSummary
from regulars.terms.summary import Floats, Ints

_STEP = 1e-4  # of the differences along each coordinate


@dataclass(frozen=True)
class _FittedSpend:
    """What the kinds share: expectations with drivers, and how unsure their parameters are."""

    fitted: Fitted
    findings: tuple[str, ...] = ()
    note: str = ""

    @property
    def report(self) -> FitSummary:
        """The fitted parameters, explained by what was found."""
        plain = self.fitted.report
        return replace(plain, explanation=" ".join((plain.explanation, *self.findings)))

    def expected(self, x: Floats, mean_spend: Floats, first_spend: Floats | None = None) -> Floats:
        """E[value of a future order | x, mean, and the first order where that is a driver]."""
        fitted = self.fitted
        return order_value(fitted.likelihood, fitted.params, x, mean_spend, first_spend)

    def log_variance(
        self, x: Floats, mean_spend: Floats, orders: Floats, first_spend: Floats | None = None
    ) -> float:
        """Delta method over the parameters' coordinates."""
        likelihood = self.fitted.likelihood
        parameters = likelihood.parameters
        centre = to_point(parameters, self.fitted.params)

        def log_total(point: Floats) -> float:
            params = tuple(to_params(parameters, point).tolist())
            each = order_value(likelihood, params, x, mean_spend, first_spend)
            return math.log(max(float(orders @ each), 1e-300))

        steps = np.eye(len(centre)) * _STEP
        slope = np.array([log_total(centre + s) - log_total(centre - s) for s in steps])
        slope /= 2 * _STEP
        return float(max(slope @ self.fitted.covariance @ slope, 0.0))


@dataclass(frozen=True)
class GammaGammaSpend(_FittedSpend):
    """Gamma-Gamma with a mean: exact conditional expectation and predictive distribution."""

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """Total of the orders over the expected value of one, parameters uncertain too."""
        p, q, v = self.fitted.params[:3]
        mean = p * v / (q - 1)
        draws = self.fitted.draws(len(orders), int(rng.integers(2**31))).T[:3]
        usable = draws[0] * x + draws[1] > 1  # a draw without a mean would have no ratio
        drawn = np.where(usable, draws, np.array([p, q, v])[:, None])
        ratio = GammaGamma().sample_total_ratio(tuple(drawn), x, orders, rng)
        return ratio * (drawn[2] + x * mean) / (v + x * mean) * (p * x + q - 1) / p


@dataclass(frozen=True)
class LogNormalSpending(_FittedSpend):
    """Log-normal spend: a customer's level shrunk in the log, and its predictive distribution."""

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """Total of the orders over the expected value of one, parameters uncertain too."""
        model, point = LogNormalSpend(), self.fitted.params[:3]
        drawn = tuple(self.fitted.draws(len(orders), int(rng.integers(2**31))).T[:3])
        many, mean = np.array(x), np.array(model.population_mean(point))
        shift = model.expected_spend(drawn, many, mean) / model.expected_spend(point, many, mean)
        return model.sample_total_ratio(drawn, x, orders, rng) * shift
