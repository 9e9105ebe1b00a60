"""Special functions and the dropout integral: limits, shapes, jets and agreement of two methods."""

import numpy as np
import pytest

from regulars.inference.jets import variables
from regulars.models.maths import (
    expected_time_until_dropout,
    expected_until_dropout,
    gauss_jacobi,
    lgamma,
    lgamma_family,
)


def test_lgamma_family_at_known_points():
    lgamma_values, digamma, trigamma = lgamma_family([1.0, 2.0, 0.5, 11.0])
    euler = 0.5772156649015329
    assert lgamma_values == pytest.approx([0, 0, np.log(np.pi) / 2, np.log(3628800)], abs=1e-14)
    assert digamma[:3] == pytest.approx([-euler, 1 - euler, -euler - 2 * np.log(2)], abs=1e-14)
    assert trigamma[:3] == pytest.approx([np.pi**2 / 6, np.pi**2 / 6 - 1, np.pi**2 / 2], rel=1e-14)


def test_lgamma_family_obeys_the_recurrences():
    y = np.logspace(-6, 6, 2001)
    here, after = lgamma_family(y), lgamma_family(y + 1.0)
    scale = np.maximum(1.0, np.abs(after[0]))
    assert np.abs((after[0] - here[0] - np.log(y)) / scale).max() < 2e-14
    assert np.abs((after[1] - here[1] - 1 / y) / np.maximum(1.0, 1 / y)).max() < 2e-14
    assert np.abs((after[2] - here[2] + y**-2.0) / np.maximum(1.0, y**-2.0)).max() < 2e-14


def test_lgamma_keeps_the_shape_and_takes_jets():
    assert np.shape(lgamma(2.5)) == ()
    assert lgamma(np.full((2, 3), 2.5)).shape == (2, 3)
    p, q = variables([1.5, 0.7])
    jet = lgamma(p * np.array([1.0, 2.0]) + q)
    value, first, second = lgamma_family([2.2, 3.7])
    assert jet.value == pytest.approx(value)
    assert jet.gradient[0] == pytest.approx(first * [1.0, 2.0])
    assert jet.hessian[0, 1] == pytest.approx(second * [1.0, 2.0])


@pytest.mark.parametrize(("alpha", "beta"), [(0.0, 0.0), (1.4, -0.2), (-0.5, -0.5), (1e4, -0.99)])
def test_gauss_jacobi_gives_the_moments_of_a_beta(alpha, beta):
    nodes, weights = gauss_jacobi(8, alpha, beta)
    assert ((nodes > 0) & (nodes < 1)).all()
    moment = 1.0
    for power in range(1, 16):
        moment *= (beta + power) / (alpha + beta + power + 1.0)
        assert weights @ nodes**power == pytest.approx(moment, rel=1e-9)


def test_dropout_integral_agrees_with_gauss_jacobi():
    for a, b, shape, horizon in [
        (0.8, 2.4, 1.2, 3.0),
        (3.0, 40.0, 30.0, 2.0),
        (1.0, 1.0, 0.3, 0.5),
    ]:
        p, w = gauss_jacobi(64, b - 1.0, a - 1.0)
        slow = w @ (-np.expm1(-shape * np.log1p(p * horizon / 5.0)) / p)
        assert expected_until_dropout(shape, 5.0, a, b, horizon) == pytest.approx(slow, rel=1e-9)


def test_dropout_integral_limits():
    assert expected_until_dropout(2.0, 5.0, 1.0, 3.0, 0.0) == 0.0
    assert expected_until_dropout(0.0, 5.0, 1.0, 3.0, [7.0, np.inf]).tolist() == [0.0, 0.0]
    a = np.array([0.5, 1.0, 1.5, 3.0])
    limit = expected_until_dropout(2.0, 5.0, a, 3.0, np.inf)
    assert limit.tolist() == [np.inf, np.inf, 7.0, 2.5]
    near = expected_until_dropout(2.0, 5.0, a, 3.0, 1e30)
    assert near[3] == pytest.approx(2.5, rel=1e-9)
    assert near[2:] == pytest.approx(limit[2:], rel=1e-9)
    assert np.isfinite(near).all()


def test_dropout_integral_rises_smoothly_through_a_equal_to_one():
    a = 1.0 + np.array([-1e-6, -1e-9, 0.0, 1e-9, 1e-6])
    value = expected_until_dropout(3.0, 5.0, a, 4.0, 39.0)
    assert np.diff(value)[1:3] == pytest.approx(0.0, abs=1e-7)
    assert value[0] > value[2] > value[4]


def test_lifetime_is_smooth_where_the_shape_is_one():
    shape = np.array([1.0 - 1e-7, 1.0, 1.0 + 1e-7])
    below, at, above = expected_time_until_dropout(shape, 5.0, 0.8, 3.0, 50.0)
    assert at == pytest.approx((below + above) / 2, rel=1e-11)
    p, w = gauss_jacobi(64, 2.0, -0.2)
    assert at == pytest.approx(5.0 * (w @ (np.log1p(p * 10.0) / p)), rel=1e-9)


def test_lifetime_limits():
    shape, a = [0.5, 1.0, 3.0, 3.0], [2.0, 2.0, 1.0, 2.0]
    value = expected_time_until_dropout(shape, 5.0, a, 3.0, np.inf)
    assert value.tolist() == [np.inf, np.inf, np.inf, 10.0]
    assert expected_time_until_dropout(3.0, 5.0, 2.0, 3.0, 0.0) == 0.0
    assert expected_time_until_dropout(3.0, 5.0, 2.0, 3.0, 1e9) == pytest.approx(10.0, rel=1e-7)
    short = expected_time_until_dropout(shape, 5.0, a, 3.0, 1e-6)
    assert short == pytest.approx(1e-6, rel=1e-6)


def test_dropout_integral_broadcasts_and_stays_finite_at_extremes():
    rng = np.random.default_rng(3)
    a, b = 10 ** rng.uniform(-3, 6, 3000), 10 ** rng.uniform(-3, 8, 3000)
    shape, rate = 10 ** rng.uniform(-8, 6, 3000), 10 ** rng.uniform(-6, 6, 3000)
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        value = expected_until_dropout(shape, rate, a, b, 39.0)
        life = expected_time_until_dropout(shape, rate, a, b, 39.0)
    ceiling = shape * 39.0 / rate
    assert ((value > 0) & (value <= ceiling * (1 + 1e-12))).all()
    assert ((life > 0) & (life <= 39.0 * (1 + 1e-12))).all()
    table = expected_until_dropout([[1.0], [2.0]], 5.0, 0.8, [3.0, 4.0, 5.0], 39.0)
    assert table.shape == (2, 3)
    assert (np.diff(table, axis=0) > 0).all()
