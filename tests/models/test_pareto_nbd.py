"""Pareto/NBD: three ways to sum one likelihood agree, and the corners are right."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.target import LogLikelihood
from regulars.inference.jets import variables
from regulars.models.base import History
from regulars.models.pareto_integral import log_odds_left
from regulars.models.pareto_nbd import ParetoNBD
from regulars.terms.summary import Summary

MODEL = ParetoNBD()
CDNOW = (0.553, 10.58, 0.606, 11.67)


def customers(n, seed=0, daily=False, params=CDNOW):
    rng = np.random.default_rng(seed)
    age = rng.uniform(5.0, 60.0, n)
    story = MODEL.simulate(params, age, rng)
    x, t_x = story.x, story.t_x
    if not daily:
        return Summary(x, t_x, age)
    day = np.floor(age * 7)
    last = np.minimum(np.ceil(t_x * 7), day)
    x = np.minimum(x, last).astype(np.int64)
    return Summary(x, np.where(x > 0, last, 0.0) / 7, day / 7, step=1 / 7)


def one(x, t_x, T):
    return np.array([float(x)]), np.array([float(t_x)]), np.array([float(T)])


@pytest.mark.parametrize("params", [CDNOW, (2.0, 0.4, 0.3, 90.0), (0.2, 60.0, 4.0, 0.9)])
def test_the_lattice_of_days_agrees_with_the_quadrature(params):
    daily = customers(20_000, daily=True)
    point = np.log(params)
    target = LogLikelihood(MODEL, daily)
    assert target.data.lattice.serves(params)
    assert len(target.data.lattice.counts) > 3
    here = target.evaluate(point)
    continuous = Summary(daily.repeat_orders, daily.last_order_age, daily.age)
    plain = LogLikelihood(MODEL, continuous).evaluate(point)
    assert here.value == pytest.approx(plain.value, rel=1e-12)
    scale = np.abs(plain.gradient).max()
    np.testing.assert_allclose(here.gradient, plain.gradient, rtol=1e-9, atol=1e-11 * scale)
    scale = np.abs(plain.hessian).max()
    np.testing.assert_allclose(here.hessian, plain.hessian, rtol=1e-8, atol=1e-10 * scale)


@pytest.mark.parametrize("params", [(3000.0, 0.5, 0.6, 10.0), (0.5, 10.0, 900.0, 1e-3)])
def test_parameters_too_steep_for_the_lattice_go_to_the_quadrature(params):
    daily = customers(20_000, daily=True)
    target = LogLikelihood(MODEL, daily)
    assert not target.data.lattice.serves(params)
    x = daily.repeat_orders.astype(float)
    each = MODEL.log_likelihood(params, History(x, daily.last_order_age, daily.age))
    assert target.value(np.log(params)) == pytest.approx(each.sum(), rel=1e-12)
    assert target.evaluate(np.log(params)).finite


@pytest.mark.parametrize("params", [CDNOW, (8.0, 0.02, 0.05, 0.01), (0.05, 300.0, 30.0, 2.0)])
@pytest.mark.parametrize("weighted", [False, True])
def test_many_single_orders_are_replaced_by_few_points(params, weighted):
    rng = np.random.default_rng(2)
    age = np.concatenate([[0.0, 0.0, 1e-6], 10 ** rng.uniform(-2, 3, 6000)])
    nothing, weight = np.zeros(len(age)), rng.integers(1, 4, len(age)) if weighted else None
    summary = Summary(nothing.astype(np.int64), nothing, age, weight=weight)
    target = LogLikelihood(MODEL, summary)
    assert len(target.data.rows[0].x) < 1200
    each = MODEL.log_likelihood(params, History(nothing, nothing, age))
    total = (each * (1 if weight is None else weight)).sum()
    rounding = 3e-14 * len(age)  # each value is a difference of numbers of up to 200
    assert target.value(np.log(params)) == pytest.approx(total, rel=1e-12, abs=rounding)


def test_value_does_not_depend_on_the_company_a_customer_keeps():
    x, t_x, T = np.array([0.0, 2.0, 40.0, 900.0]), np.array([0.0, 9.0, 30.0, 2.0]), 300.0
    together = log_odds_left(CDNOW, x, t_x, np.full(4, T))
    alone = [log_odds_left(CDNOW, *one(*row, T))[0] for row in zip(x, t_x, strict=True)]
    assert together == pytest.approx(alone, rel=1e-12)


def test_log_odds_broadcast_and_take_many_rows():
    x = np.arange(60.0)[:, None, None]
    T = np.linspace(1.0, 90.0, 50)[:, None]
    t_x = np.where(x > 0, T * np.array([0.1, 0.8]), 0.0)
    odds = log_odds_left(CDNOW, x, t_x, T)
    assert odds.shape == (60, 50, 2)
    spot = log_odds_left(CDNOW, *one(7, t_x[7, 30, 1], T[30, 0]))[0]
    assert odds[7, 30, 1] == pytest.approx(spot, rel=1e-12)


def test_equal_scales_have_the_textbook_closed_form():
    """For alpha = beta the odds are s / (r + s + x) [((a + T) / (a + t_x))^(r + s + x) - 1]."""
    params = (0.7, 8.0, 0.9, 8.0)
    for x, t_x, T in [(0, 0.0, 30.0), (4, 21.0, 30.0), (50, 29.9, 30.0)]:
        whole = 0.7 + 0.9 + x
        odds = 0.9 / whole * np.expm1(whole * np.log((8 + T) / (8 + t_x)))
        assert MODEL.p_alive(params, History(*one(x, t_x, T)))[0] == pytest.approx(
            1 / (1 + odds), rel=1e-12
        )


def test_scales_that_almost_meet_are_smooth():
    near = [
        MODEL.log_likelihood((0.7, 8.0, 0.9, 8.0 * (1 + e)), History(*one(4, 21, 30)))[0]
        for e in (-1e-9, 0.0, 1e-9)
    ]
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, abs=1e-13)


def test_who_ordered_today_is_still_there():
    assert MODEL.p_alive(CDNOW, History(*one(3, 30, 30)))[0] == 1.0
    jet = MODEL.log_likelihood(variables(CDNOW), History(*one(3, 30, 30)))
    assert all(np.isfinite(part).all() for part in (*jet.gradient.values(), *jet.hessian.values()))


def test_a_new_customer_has_likelihood_1():
    assert MODEL.log_likelihood(CDNOW, History(*one(0, 0, 0)))[0] == pytest.approx(0.0, abs=1e-99)


def test_a_heavy_buyer_gone_silent_has_left_beyond_doubt():
    assert MODEL.p_alive(CDNOW, History(*one(10_000, 100, 10_000)))[0] == 0.0
    assert MODEL.p_alive(CDNOW, History(*one(3, 1e-3, 1e4)))[0] > 0.0


def test_expectations_pass_smoothly_through_s_equal_to_1():
    x, T = np.array([3.0]), np.array([30.0])
    values = [
        MODEL.expected_orders_alive((0.6, 9.0, s, 12.0), History(x, np.nan, T), 52.0)[0]
        for s in (1 - 1e-6, 1.0, 1 + 1e-6)
    ]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-11)
    assert values[1] == pytest.approx(3.6 / 39 * 42 * np.log1p(52 / 42), rel=1e-13)


def test_endless_horizons():
    x, T = np.array([3.0, 3.0]), np.array([30.0, 50.0])
    fast = (0.6, 9.0, 2.5, 12.0)
    assert MODEL.expected_lifetime_alive(fast, History(x, np.nan, T), np.inf) == pytest.approx(
        [28.0, 62 / 1.5]
    )
    assert MODEL.expected_orders_alive(fast, History(x, np.nan, T), np.inf)[0] == pytest.approx(
        3.6 / 39 * 28
    )
    for s in (0.4, 1.0):
        slow = (0.6, 9.0, s, 12.0)
        assert np.isinf(MODEL.expected_orders_alive(slow, History(x, np.nan, T), np.inf)).all()
        assert np.isinf(MODEL.expected_orders_new(slow, History.new(np.array([np.inf])))).all()


def test_next_order_is_the_quantile_of_a_lomax():
    wait = MODEL.next_order_alive(CDNOW, History(np.array([2.0]), np.nan, np.array([39.0])), 0.5)
    assert wait[0] == pytest.approx(49.58 * (0.5 ** (-1 / 2.553) - 1), rel=1e-12)


def test_endless_draws_do_not_overflow():
    rng = np.random.default_rng(4)
    drawn = MODEL.sample_orders_alive(
        (0.5, 1.0, 0.01, 1.0), History(2.0, np.nan, 3.0), np.inf, rng, 500
    )
    assert drawn.dtype == np.int64
    assert (drawn >= 0).all()


def test_simulated_orders_stop_with_the_lifetime():
    """Of customers watched for 1e9 weeks nobody orders in the second half."""
    rng = np.random.default_rng(6)
    t_x = MODEL.simulate((5.0, 5.0, 8.0, 80.0), np.full(2000, 1e9), rng).t_x
    assert t_x.max() < 1e4
