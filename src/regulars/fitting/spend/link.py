"""Link: whether customers who order more often also spend more an order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from regulars.terms.summary import Floats, Summary

SURE = 0.01  # p-value below which a link counts as present
_ROUNDS = 60
_ENOUGH = 1e-10  # step at which the estimate stands


@dataclass(frozen=True)
class FrequencyLink:
    """How spend moves with frequency among repeat buyers.

    Attributes:
        factor: by what the expected mean spend is multiplied when repeat orders + 1 double.
        low, high: its 95 % interval.
        p_value: of no link at all (two-sided).
    """

    factor: float
    low: float
    high: float
    p_value: float

    @property
    def present(self) -> bool:
        """Whether chance alone would hardly show it."""
        return self.p_value < SURE

    def sentence(self) -> str:
        """The finding in words, with its size and how sure it is."""
        p = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        if not self.present:
            return (
                "No link between how often customers order and what they spend an order is seen "
                f"({p})."
            )
        change = abs(self.factor - 1)
        more = "more" if self.factor > 1 else "less"
        return (
            f"Customers with twice as many orders spend {change:.0%} {more} an order"
            f" (95 % interval {self.low - 1:+.0%} to {self.high - 1:+.0%}, {p})."
        )


def frequency_link(summary: Summary) -> FrequencyLink | None:
    """Test the independence of spend and frequency that Gamma-Gamma assumes.

    Fits E[mean spend | x] = exp(a + b log2(1 + x)) by gamma quasi-likelihood, with the sandwich
    standard error of customers (White 1982). Nothing is assumed of the shape of spend, so a heavy
    tail widens the interval and does not make a link. None where x does not vary.
    """
    spend = summary.mean_spend
    if spend is None:
        return None
    rows = (summary.repeat_orders > 0) & (spend > 0)
    x = summary.repeat_orders[rows].astype(np.float64)
    if len(x) < 3 or x.min() == x.max():
        return None
    weight = np.ones(len(x)) if summary.weight is None else summary.weight[rows].astype(np.float64)
    design = np.column_stack([np.ones(len(x)), np.log2(1.0 + x)])
    mean = spend[rows] / float(np.average(spend[rows], weights=weight))
    trust = weight * x / (1.0 + x)  # a mean of few orders is noisier
    slope, bread = _quasi_fit(design, mean, trust)
    score = design * ((x / (1.0 + x)) * (mean * np.exp(-design @ slope) - 1))[:, None]
    error = math.sqrt(max((bread @ (score.T @ (weight[:, None] * score)) @ bread)[1, 1], 1e-300))
    b = float(slope[1])
    return FrequencyLink(
        factor=math.exp(b),
        low=math.exp(b - 1.96 * error),
        high=math.exp(b + 1.96 * error),
        p_value=math.erfc(abs(b) / error / math.sqrt(2)),
    )


def _quasi_fit(design: Floats, mean: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Minimise sum w (m exp(-eta) + eta), convex in the coefficients; and the inverse Hessian."""
    at = np.zeros(design.shape[1])

    def loss(point: Floats) -> float:
        eta = design @ point
        return float(weight @ (mean * np.exp(-eta) + eta))

    bread = np.eye(len(at))
    for _ in range(_ROUNDS):
        ratio = mean * np.exp(-design @ at)
        gradient = design.T @ (weight * (1 - ratio))
        curvature = (design * (weight * ratio)[:, None]).T @ design
        bread = np.asarray(np.linalg.pinv(curvature), dtype=np.float64)
        step, here = -bread @ gradient, loss(at)
        while loss(at + step) > here + 1e-12 * abs(here):
            step = step / 2
        at = at + step
        if np.abs(step).max() < _ENOUGH:
            break
    return at, bread
