"""BG/NBD against 60-digit arithmetic and in its corners."""

from __future__ import annotations

import numpy as np
import pytest

import exact
from regulars.models.base import History
from regulars.models.bg_nbd import BGNBD

MODEL = BGNBD()


def random_cases(count, seed):
    """Parameters over five decades; x to 10^4, T to 10^4, last orders anywhere up to T."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        params = tuple(10 ** rng.uniform(-2.5, 2.5, 4))
        T = float(10 ** rng.uniform(-1, 4))
        x = int(rng.choice([0, 1, 2, 5, 30, 300, 10_000]))
        t_x = 0.0 if x == 0 else T * float(rng.choice([0.001, 0.3, 0.9, 0.999999, 1.0]))
        yield params, x, t_x, T


def test_log_likelihood_and_p_alive_on_a_random_grid():
    """1e-10 relative (absolute below 1): what rounding of sums over x to 10^4 leaves."""
    for params, x, t_x, T in random_cases(250, seed=1):
        args = np.array([float(x)]), np.array([t_x]), np.array([T])
        expected = float(exact.bg_log_likelihood(params, x, t_x, T))
        found = MODEL.log_likelihood(params, History(*args))[0]
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10), (params, x, t_x, T)
        alive = float(exact.bg_p_alive(params, x, t_x, T))
        assert MODEL.p_alive(params, History(*args))[0] == pytest.approx(
            alive, rel=1e-9, abs=1e-300
        )


def test_expected_orders_on_a_random_grid():
    """1e-8 relative, horizons from a thousandth of T to ten thousand times T."""
    rng = np.random.default_rng(2)
    for params, x, _, T in random_cases(150, seed=3):
        r, alpha, a, b = params
        horizon = T * float(10 ** rng.uniform(-3, 4))
        found = MODEL.expected_orders_alive(
            params, History(np.array([float(x)]), np.nan, np.array([T])), horizon
        )[0]
        expected = float(exact.until_dropout(r + x, alpha + T, a, b + x, horizon))
        assert found == pytest.approx(expected, rel=1e-8), (params, x, T, horizon)
        new = MODEL.expected_orders_new(params, History.new(np.array([horizon])))[0]
        assert new == pytest.approx(float(exact.until_dropout(r, alpha, a, b, horizon)), rel=1e-8)


@pytest.mark.parametrize("r", [0.3, 0.999999, 1.0, 1.0000001, 2.5])
def test_lifetime_is_smooth_where_the_shape_passes_1(r):
    params = (r, 4.0, 0.8, 2.5)
    found = MODEL.expected_lifetime_alive(
        params, History(np.array([0.0]), np.nan, np.array([10.0])), 300.0
    )[0]
    expected = float(exact.lifetime_until_dropout(r, 14.0, 0.8, 2.5, 300.0))
    assert found == pytest.approx(expected, rel=1e-8)


def test_endless_horizons_have_their_limits():
    x, T = np.array([0.0, 3.0]), np.array([20.0, 20.0])
    stays = (1.4, 4.0, 0.8, 2.5)
    assert np.isinf(MODEL.expected_orders_alive(stays, History(x, np.nan, T), np.inf)).all()
    leaves = (1.4, 4.0, 3.0, 2.5)
    np.testing.assert_allclose(
        MODEL.expected_orders_alive(leaves, History(x, np.nan, T), np.inf),
        (3.0 + 2.5 + x - 1) / 2.0,
    )
    np.testing.assert_allclose(
        MODEL.expected_lifetime_alive(leaves, History(x, np.nan, T), np.inf),
        24.0 / (1.4 + x - 1) * (3.0 + 2.5 + x - 1) / 2.0,
    )
    slow = (0.4, 4.0, 3.0, 2.5)
    assert np.isinf(
        MODEL.expected_lifetime_alive(slow, History(x[:1], np.nan, T[:1]), np.inf)
    ).all()
    far = MODEL.expected_orders_alive(leaves, History(x, np.nan, T), 1e14)
    np.testing.assert_allclose(
        MODEL.expected_orders_alive(leaves, History(x, np.nan, T), np.inf), far, rtol=1e-8
    )


def test_without_a_repeat_order_nobody_has_left():
    assert (
        MODEL.p_alive(
            (0.2, 4.0, 0.8, 0.3), History(np.array([0.0]), np.array([0.0]), np.array([1e4]))
        )
        == 1
    )


def test_arrays_broadcast_to_a_grid():
    x, t_x = np.arange(5.0)[:, None], np.linspace(0.0, 30.0, 4)
    grid = MODEL.p_alive(
        (0.2, 4.0, 0.8, 2.5), History(x, np.where(x > 0, t_x, 0.0), np.array(30.0))
    )
    assert grid.shape == (5, 4)
    one = MODEL.p_alive((0.2, 4.0, 0.8, 2.5), History(np.array([3.0]), t_x[2:3], np.array([30.0])))
    assert grid[3, 2] == one[0]


def test_an_endless_draw_counts_orders_until_the_last():
    rng = np.random.default_rng(4)
    drawn = MODEL.sample_orders_alive(
        (1.4, 4.0, 6.0, 2.5), History(2.0, np.nan, 20.0), np.inf, rng, 40_000
    )
    expected = (6.0 + 2.5 + 2 - 1) / 5.0
    assert drawn.min() == 1
    assert drawn.mean() == pytest.approx(expected, abs=4.5 * drawn.std() / 200)
