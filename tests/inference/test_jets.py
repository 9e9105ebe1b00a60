"""Jets against central differences and against the same formula on floats."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.inference.jets import Jet, total, variables

X = np.array([0.3, 1.0, 2.5, 7.0])
POINT = (0.7, 1.9, 3.1)

FORMULAS = {
    "arithmetic": lambda p: (p[0] * X + p[1]) / (p[2] + X) - p[0] * p[0] * p[1] + 3.0 / p[2],
    "array first": lambda p: X - p[0] + X * p[1] - X / p[2],
    "log": lambda p: np.log(p[0] + X) * p[1] - np.log(p[2]),
    "log1p": lambda p: np.log1p(p[0] * X / p[1]),
    "exp": lambda p: np.exp(-p[0] * X) * p[2],
    "expm1": lambda p: np.expm1(p[0] * np.log1p(X * p[1])),
    "sqrt": lambda p: np.sqrt(p[0] * p[1] + X),
    "square": lambda p: np.square(p[0] - X * p[1]),
    "power": lambda p: (p[0] + X) ** 2.5 + np.power(p[1] + X, p[2]) + np.power(X, p[0]),
    "reciprocal": lambda p: np.reciprocal(p[0] + p[1] * X),
    "softplus": lambda p: np.logaddexp(0.0, p[0] * (X - 2.0) + p[1]),
    "logaddexp": lambda p: np.logaddexp(p[0] * X, p[1] - p[2] * X) + np.logaddexp(p[0], X),
    "negative": lambda p: -(p[0] * X) + (-p[1]),
    "scalar": lambda p: p[0] * p[1] - np.log(p[2]),
}


def total_at(formula, point):
    return float(np.sum(formula(point)))


def numeric_gradient(function, point, h=1e-5):
    out = []
    for i in range(len(point)):
        up, down = list(point), list(point)
        up[i] += h
        down[i] -= h
        out.append((function(up) - function(down)) / (2 * h))
    return np.array(out)


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS.keys())
def test_derivatives_agree_with_differences(formula):
    value, gradient, hessian = total(formula(variables(POINT)), None, 3)
    assert value == pytest.approx(total_at(formula, POINT), rel=1e-14)
    np.testing.assert_allclose(
        gradient, numeric_gradient(lambda p: total_at(formula, p), POINT), rtol=1e-7, atol=1e-8
    )
    rows = numeric_gradient(lambda p: total(formula(variables(p)), None, 3)[1], POINT)
    np.testing.assert_allclose(hessian, rows, rtol=1e-6, atol=1e-7)


def test_what_is_structurally_zero_has_no_entry():
    jet = np.log(variables(POINT)[1] + X)
    assert set(jet.gradient) == {1}
    assert set(jet.hessian) == {(1, 1)}
    assert isinstance((jet + variables(POINT)[0]).gradient[0], float)


def test_weights_count_repeated_values():
    jet = FORMULAS["log"](variables(POINT))
    weights = np.array([1.0, 2.0, 0.0, 3.0])
    rows = np.repeat(np.arange(4), [1, 2, 0, 3])
    for mine, repeated in zip(total(jet, weights, 3), total(jet[rows], None, 3), strict=True):
        np.testing.assert_allclose(mine, repeated, rtol=1e-14)
    scalar = variables(POINT)[0] * 2.0
    assert total(scalar, 5.0, 3)[0] == pytest.approx(7.0)
    assert total(X, None, 3)[0] == pytest.approx(X.sum())


def test_softplus_is_finite_and_silent_far_out():
    jet = np.logaddexp(0.0, variables((1.0,))[0] * np.array([-1e4, 0.0, 1e4]))
    np.testing.assert_allclose(jet.value, [0.0, np.log(2.0), 1e4])
    np.testing.assert_allclose(jet.gradient[0], [0.0, 0.0, 1e4])
    assert np.isfinite(jet.hessian[0, 0]).all()


def test_sum_take_and_slices_follow_arrays():
    p = variables(POINT)
    grid = np.log(p[0] + X[:, None]) * np.exp(p[1] * np.array([0.1, 0.2, 0.3])) + p[2]
    dense = np.log(POINT[0] + X[:, None]) * np.exp(POINT[1] * np.array([0.1, 0.2, 0.3])) + POINT[2]
    np.testing.assert_allclose(grid.sum(0).value, dense.sum(0))
    assert grid.sum(0).gradient[2] == 4.0
    np.testing.assert_allclose(grid[:, 1:].value, dense[:, 1:])
    np.testing.assert_allclose(grid.take(np.array([4, 0])).value, dense.ravel()[[4, 0]])
    row = np.log(p[0] + X).broadcast_to((2, 4)).ravel()
    assert row.shape == row.gradient[0].shape == (8,)
    a, b = total(grid, None, 3), total(grid.sum(1), None, 3)
    for mine, summed in zip(a, b, strict=True):
        np.testing.assert_allclose(mine, summed, rtol=1e-13)


def test_scan_is_the_recurrence_written_out():
    p = variables(POINT)
    lattice = X[:, None] + np.linspace(0.0, 1.0, 5)
    cell, ratio = np.exp(-p[0] * lattice) * p[1], np.exp(-p[2] * lattice) + p[0] * 0.01
    scanned = cell.scan(ratio)
    columns: list[Jet] = []
    after: Jet | float = 0.0
    for t in range(4, -1, -1):
        after = cell[:, t] + ratio[:, t] * after
        columns.insert(0, after)
    for t, column in enumerate(columns):
        mine = scanned[:, t]
        np.testing.assert_allclose(mine.value, column.value, rtol=1e-14)
        for i in range(3):
            np.testing.assert_allclose(mine.gradient[i], column.gradient[i], rtol=1e-12)
        for key, h in column.hessian.items():
            np.testing.assert_allclose(mine.hessian[key], h, rtol=1e-12, atol=1e-14)


def test_a_ufunc_without_a_rule_is_refused():
    with pytest.raises(TypeError):
        np.sin(variables(POINT)[0])
    with pytest.raises(TypeError):
        np.add.reduce(variables(POINT)[0])
