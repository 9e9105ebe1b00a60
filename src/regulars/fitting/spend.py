"""Spend: the value of a future order, from Gamma-Gamma or, where that has no mean, by shrinkage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from regulars.fitting.coordinates import to_params
from regulars.fitting.fit import fit
from regulars.fitting.fitted import Fitted
from regulars.models.gamma_gamma import GammaGamma
from regulars.terms.answer import FitSummary
from regulars.terms.errors import RegularsError
from regulars.terms.summary import Floats, Ints, Summary

_ENOUGH = 30  # repeat buyers below which no spend distribution is fitted
_WIDE = 1e-9  # variance that keeps a degenerate sample (all amounts equal) finite


class Spend(Protocol):
    """What an order will be worth, given how many were seen and their mean."""

    @property
    def report(self) -> FitSummary | None:
        """The fitted Gamma-Gamma, or None."""
        ...

    @property
    def note(self) -> str:
        """Why this kind was taken, in a sentence, or ''."""
        ...

    def expected(self, x: Floats, mean_spend: Floats) -> Floats:
        """Expected value of one future order (n,)."""
        ...

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """Draws of the total of `orders` future orders over the expected value of one."""
        ...

    def log_variance(self, x: Floats, mean_spend: Floats, orders: Floats) -> float:
        """Variance of the log of the base's expected value that comes from spend parameters."""
        ...


def fit_spend(summary: Summary) -> Spend | None:
    """Fit the spend of repeat buyers; None where the orders carry no amounts.

    Gamma-Gamma with q <= 1 has no mean, and with too few buyers no distribution can be told:
    then each customer's mean is shrunk towards the base's on the log scale.
    """
    if summary.mean_spend is None:
        return None
    usable = (summary.repeat_orders > 0) & (summary.mean_spend > 0)
    if int(usable.sum()) < _ENOUGH:
        return ShrunkSpend.of(summary, f"Fewer than {_ENOUGH} repeat buyers with a value.")
    try:
        fitted = fit("gamma-gamma", summary)
    except RegularsError as error:
        return ShrunkSpend.of(summary, f"Gamma-Gamma could not be fitted: {error.message}")
    if fitted.report.verdict != "converged":
        return ShrunkSpend.of(summary, f"Gamma-Gamma: {fitted.report.explanation}", fitted.report)
    q = fitted.params[1]
    if q <= 1:
        return ShrunkSpend.of(
            summary, f"Gamma-Gamma has no mean here (q = {q:.2f} <= 1).", fitted.report
        )
    return GammaGammaSpend(fitted)


@dataclass(frozen=True)
class GammaGammaSpend:
    """Gamma-Gamma with a mean: exact conditional expectation and predictive distribution."""

    fitted: Fitted
    note: str = ""

    @property
    def report(self) -> FitSummary:
        """The fitted parameters."""
        return self.fitted.report

    def expected(self, x: Floats, mean_spend: Floats) -> Floats:
        """E[value of an order | x, mean]: Fader & Hardie 2013, eq. 5."""
        return GammaGamma().expected_spend(self.fitted.params, x, mean_spend)

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """Total of the orders over the expected value of one, parameters uncertain too."""
        p, q, v = self.fitted.params
        mean = p * v / (q - 1)
        draws = self.fitted.draws(len(orders), int(rng.integers(2**31))).T
        usable = draws[0] * x + draws[1] > 1  # a draw without a mean would have no ratio
        drawn = np.where(usable, draws, np.array(self.fitted.params)[:, None])
        ratio = GammaGamma().sample_total_ratio(tuple(drawn), x, orders, rng)
        return ratio * (drawn[2] + x * mean) / (v + x * mean) * (p * x + q - 1) / p

    def log_variance(self, x: Floats, mean_spend: Floats, orders: Floats) -> float:
        """Delta method over the coordinates."""
        centre = self.fitted.point

        def log_total(point: Floats) -> float:
            params = tuple(to_params(self.fitted.likelihood.parameters, point).tolist())
            each = GammaGamma().expected_spend(params, x, mean_spend)
            return math.log(max(float(orders @ each), 1e-300))

        steps = np.eye(len(centre)) * 1e-4
        slope = np.array([log_total(centre + s) - log_total(centre - s) for s in steps]) / 2e-4
        return float(max(slope @ self.fitted.covariance @ slope, 0.0))


@dataclass(frozen=True)
class ShrunkSpend:
    """Log-scale credibility: each customer's mean drawn towards the base's.

    `centre` is the mean log value, `between` its variance over customers, `within` the variance
    of one order's log value, `scale` makes the expected total equal the total seen, `buyers` is
    how many customers that stands on.
    """

    centre: float
    between: float
    within: float
    scale: float
    buyers: int = 1
    note: str = ""
    report: FitSummary | None = None

    @classmethod
    def of(cls, summary: Summary, note: str, report: FitSummary | None = None) -> ShrunkSpend:
        """Estimate by moments: Var(log mean of x orders) = between + within / x."""
        spent = np.zeros(len(summary)) if summary.mean_spend is None else summary.mean_spend
        usable = (summary.repeat_orders > 0) & (spent > 0)
        x = summary.repeat_orders[usable].astype(np.float64)
        mean = spent[usable]
        many = np.ones(len(x)) if summary.weight is None else summary.weight[usable].astype(float)
        if not len(x):
            return cls(-math.inf, _WIDE, _WIDE, 1.0, 1, f"{note} No repeat order has one.", report)
        y = np.log(mean)
        centre, between, within = float(np.average(y, weights=many)), 1.0, 1.0
        for _ in range(3):
            deviation = (y - centre) ** 2
            between, within = _variance_parts(deviation, 1 / x, many)
            centre = float(np.average(y, weights=many / (between + within / x)))
        shrunk = cls(centre, between, within, 1.0, len(x), note, report)
        scale = float((many * x) @ mean) / float((many * x) @ shrunk.expected(x, mean))
        return cls(centre, between, within, scale, len(x), note, report)

    def expected(self, x: Floats, mean_spend: Floats) -> Floats:
        """Expected value of one future order; NaN where no repeat order ever had a value."""
        if math.isinf(self.centre):
            return np.full(len(x), np.nan)
        seen = (x > 0) & (mean_spend > 0)
        count = np.where(seen, x, 0.0)
        trust = self.between * count / (self.between * count + self.within)
        logs = np.log(np.where(seen, mean_spend, 1.0))
        shrunk = self.centre + trust * (logs - self.centre)
        return self.scale * np.exp(shrunk + self.between * (1 - trust) / 2)

    def total_ratio(self, x: float, orders: Ints, rng: np.random.Generator) -> Floats:
        """Total of the orders over the expected value of one."""
        left = self.between * self.within / (self.between * x + self.within)
        level = np.exp(rng.normal(-left / 2, math.sqrt(left), len(orders)))
        shape = 1 / max(math.expm1(self.within), _WIDE)
        noise = rng.gamma(np.maximum(orders * shape, 1e-300)) / shape
        return np.where(orders > 0, level * noise, 0.0)

    def log_variance(self, x: Floats, mean_spend: Floats, orders: Floats) -> float:
        """That of the mean of as many log values as there are repeat buyers."""
        return (self.between + self.within) / self.buyers


def _variance_parts(deviation: Floats, inverse: Floats, weight: Floats) -> tuple[float, float]:
    """Least squares of squared deviations on (1, 1/x), both parts kept above 0."""
    design = np.column_stack([np.ones_like(inverse), inverse]) * np.sqrt(weight)[:, None]
    parts, *_ = np.linalg.lstsq(design, deviation * np.sqrt(weight), rcond=None)
    total = max(float(np.average(deviation, weights=weight)), _WIDE)
    return max(float(parts[0]), 0.05 * total, _WIDE), max(float(parts[1]), 0.05 * total, _WIDE)
