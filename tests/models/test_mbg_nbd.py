"""MBG/NBD against 60-digit arithmetic and where it differs from BG/NBD."""

from __future__ import annotations

import numpy as np
import pytest

import exact
from regulars.models.base import History
from regulars.models.mbg_nbd import MBGNBD

MODEL = MBGNBD()


def random_cases(count, seed):
    rng = np.random.default_rng(seed)
    for _ in range(count):
        params = tuple(10 ** rng.uniform(-2.5, 2.5, 4))
        T = float(10 ** rng.uniform(-1, 4))
        x = int(rng.choice([0, 1, 2, 5, 30, 300, 10_000]))
        t_x = 0.0 if x == 0 else T * float(rng.choice([0.001, 0.3, 0.9, 0.999999, 1.0]))
        yield params, x, t_x, T


def test_log_likelihood_and_p_alive_on_a_random_grid():
    """1e-10 relative (absolute below 1): what rounding of sums over x to 10^4 leaves."""
    for params, x, t_x, T in random_cases(250, seed=5):
        args = np.array([float(x)]), np.array([t_x]), np.array([T])
        expected = float(exact.mbg_log_likelihood(params, x, t_x, T))
        found = MODEL.log_likelihood(params, History(*args))[0]
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10), (params, x, t_x, T)
        alive = float(exact.mbg_p_alive(params, x, t_x, T))
        assert MODEL.p_alive(params, History(*args))[0] == pytest.approx(
            alive, rel=1e-9, abs=1e-300
        )


def test_expected_orders_on_a_random_grid():
    """1e-8 relative, horizons from a thousandth of T to ten thousand times T."""
    rng = np.random.default_rng(6)
    for params, x, _, T in random_cases(150, seed=7):
        r, alpha, a, b = params
        horizon = T * float(10 ** rng.uniform(-3, 4))
        found = MODEL.expected_orders_alive(
            params, History(np.array([float(x)]), np.nan, np.array([T])), horizon
        )[0]
        expected = float(exact.until_dropout(r + x, alpha + T, a, b + x + 1, horizon))
        assert found == pytest.approx(expected, rel=1e-8), (params, x, T, horizon)


def test_a_new_customer_may_leave_at_once():
    r, alpha, a, b = params = (0.5, 6.0, 0.9, 1.6)
    found = MODEL.expected_orders_new(params, History.new(np.array([0.0, 39.0])))
    stays = b / (a + b)
    assert found[0] == 0.0
    assert found[1] == pytest.approx(
        stays * float(exact.until_dropout(r, alpha, a, b + 1, 39.0)), rel=1e-8
    )


def test_who_never_came_back_may_have_left():
    alive = MODEL.p_alive(
        (0.5, 6.0, 0.9, 1.6), History(np.zeros(2), np.zeros(2), np.array([0.0, 50.0]))
    )
    assert alive[0] == pytest.approx(1.6 / 2.5)
    assert alive[1] < alive[0]


def test_simulated_customers_leave_at_the_first_order_too():
    rng = np.random.default_rng(9)
    x = MODEL.simulate((50.0, 1.0, 2.0, 3.0), np.full(40_000, 10.0), rng).x
    assert (x == 0).mean() == pytest.approx(2.0 / 5.0, abs=4 * np.sqrt(0.24 / 40_000))
