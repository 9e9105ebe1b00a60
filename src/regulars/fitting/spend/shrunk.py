"""Shrunk spend: each customer's mean drawn towards the base's, where no model has a mean."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulars.terms.answer import FitSummary
from regulars.terms.summary import Floats, Ints, Summary

_WIDE = 1e-9  # variance that keeps a degenerate sample (all amounts equal) finite


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
    findings: tuple[str, ...] = ()

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

    def expected(self, x: Floats, mean_spend: Floats, first_spend: Floats | None = None) -> Floats:
        """Expected value of one future order; NaN where no repeat order ever had a value.

        Moments cannot tell what a first order promises, so it is not read.
        """
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

    def log_variance(
        self, x: Floats, mean_spend: Floats, orders: Floats, first_spend: Floats | None = None
    ) -> float:
        """That of the mean of as many log values as there are repeat buyers."""
        return (self.between + self.within) / self.buyers


def _variance_parts(deviation: Floats, inverse: Floats, weight: Floats) -> tuple[float, float]:
    """Least squares of squared deviations on (1, 1/x), both parts kept above 0."""
    design = np.column_stack([np.ones_like(inverse), inverse]) * np.sqrt(weight)[:, None]
    parts, *_ = np.linalg.lstsq(design, deviation * np.sqrt(weight), rcond=None)
    total = max(float(np.average(deviation, weights=weight)), _WIDE)
    return max(float(parts[0]), 0.05 * total, _WIDE), max(float(parts[1]), 0.05 * total, _WIDE)
