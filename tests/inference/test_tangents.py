"""Tangents: the same value and slope as a jet's, whatever the expression."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.inference.jets import total, variables
from regulars.inference.tangents import Tangent, add_slope, tangent_variables

X = np.linspace(0.1, 3.0, 7)
WEIGHTS = {"none": None, "one": 2.5, "each": np.arange(7.0)}
EXPRESSIONS = {
    "rational": lambda a, b: (a * X + b) / (1.0 + a * a * b),
    "logs": lambda a, b: np.log(a + X) - np.log1p(b * X) * a,
    "powers": lambda a, b: a**b + np.sqrt(a) * X**2 - np.exp(-b * X),
    "logaddexp": lambda a, b: np.logaddexp(0.0, a * X - b) + np.logaddexp(a, b * X),
    "sums": lambda a, b: (np.log(a + X) * b).sum(0),
    "scan": lambda a, b: (a * X).scan(np.exp(-b * X)),
    "gather": lambda a, b: (a * X)[np.array([0, 3, 3, 1, 2, 5, 6])] * b,
    "scalar": lambda a, b: np.expm1(a) * b,
    "flat": lambda a, b: b * 1.0 + X,
}


@pytest.mark.parametrize("weights", WEIGHTS.values(), ids=WEIGHTS.keys())
@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_value_and_slope_are_the_jets(expression, weights):
    jet = expression(*variables([0.7, 1.3]))
    tangent = expression(*tangent_variables([0.7, 1.3]))
    assert isinstance(tangent, Tangent)
    assert not tangent.hessian
    weights = None if np.ndim(weights) and jet.shape != X.shape else weights
    value, slope, _ = total(jet, weights, 2)
    gradient = [0.0, 0.0]
    assert add_slope(tangent, weights, gradient) == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(gradient, slope, rtol=1e-12, atol=1e-14)


def test_plain_numbers_have_no_slope():
    gradient = [0.0]
    assert add_slope(X, None, gradient) == pytest.approx(X.sum())
    assert add_slope(2.0, 3.0, gradient) == 6.0
    assert gradient == [0.0]
