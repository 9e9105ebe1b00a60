"""Special functions and the dropout integral: limits, shapes, jets and known values."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

import exact_integrals
from regulars.inference.jets import variables
from regulars.models import maths
from regulars.models.maths import (
    expected_time_until_dropout,
    expected_until_dropout,
    log_beta,
    log_growth,
    saturation,
)


def test_log_beta_at_known_points():
    assert log_beta(1.0, 1.0) == pytest.approx(0.0, abs=1e-14)
    assert log_beta(0.5, 0.5) == pytest.approx(np.log(np.pi), rel=1e-14)
    assert log_beta(np.array([3.0, 1e-8]), 4.0) == pytest.approx([-np.log(60), 8 * np.log(10)])
    assert log_beta(1e12, 2.0) == pytest.approx(-2 * np.log(1e12), rel=1e-12)


def test_log_beta_takes_jets():
    a, b = variables([2.2, 700.0])
    jet = log_beta(a * np.array([1.0, 2.0]), b)
    for n, times in enumerate((1, 2)):
        both = mp.digamma(2.2 * times + 700)
        slope, bend = mp.digamma(2.2 * times) - both, mp.psi(1, 700) - mp.psi(1, 2.2 * times + 700)
        assert jet.gradient[0][n] == pytest.approx(float(slope) * times, rel=1e-12)
        assert jet.hessian[1, 1][n] == pytest.approx(float(bend), rel=1e-9)
        cross = -mp.psi(1, 2.2 * times + 700) * times
        assert jet.hessian[0, 1][n] == pytest.approx(float(cross), rel=1e-11)


def test_log_growth_does_not_cancel_and_takes_jets():
    assert log_growth(2.0, 1.0, 3e-20) == pytest.approx(1e-20, rel=1e-15)
    (a,) = variables([2.0])
    after, before = np.log(a + np.array([1.5, 4.0])), np.log(a + 1.0)
    plain, jet = after - before, log_growth(a, 1.0, np.array([0.5, 3.0]))
    assert jet.value == pytest.approx(plain.value)
    assert jet.gradient[0] == pytest.approx(plain.gradient[0])
    assert jet.hessian[0, 0] == pytest.approx(plain.hessian[0, 0])


def test_saturation_is_1_at_0_and_smooth_in_its_exponent():
    assert saturation(np.array([-0.5, 0.0, 3.0]), 0.0).tolist() == [1.0, 1.0, 1.0]
    assert saturation(0.0, 5.0) == pytest.approx(np.log(6) / 5)
    assert saturation(1e-13, 5.0) == pytest.approx(np.log(6) / 5, rel=1e-12)
    assert saturation(2.0, 1.0) == pytest.approx(0.375)


def test_dropout_integral_agrees_with_exact_arithmetic():
    for a, b, shape, horizon in [
        (0.8, 2.4, 1.2, 3.0),
        (3.0, 40.0, 30.0, 2.0),
        (1.0, 1.0, 0.3, 9e4),
    ]:
        ratio = horizon / 5.0
        exact = shape * ratio * exact_integrals.mean_saturation(shape, ratio, a, b)
        found = expected_until_dropout(shape, 5.0, a, b, horizon)
        assert found == pytest.approx(float(exact), rel=1e-10)


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
    assert at == pytest.approx(50 * float(exact_integrals.mean_saturation(0, 10, 0.8, 3)), rel=1e-9)


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


@pytest.mark.parametrize("horizon", [1e-3, 1.0, 1e6])
def test_an_all_but_known_chance_agrees_with_the_full_rule(horizon, monkeypatch):
    """Two points stand for Beta(a, b) above a = 1e6; just above it both rules must agree."""
    rng = np.random.default_rng(1)
    b, shape = 2e6 * 10 ** rng.uniform(-3, 3, 50), 10 ** rng.uniform(-2, 4, 50)
    short = expected_until_dropout(shape, 1.0, 2e6, b, horizon)
    monkeypatch.setattr(maths, "_SHARP", np.inf)
    assert short == pytest.approx(expected_until_dropout(shape, 1.0, 2e6, b, horizon), rel=1e-10)
