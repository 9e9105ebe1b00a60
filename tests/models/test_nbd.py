"""NBD against 60-digit arithmetic; in it nobody leaves."""

from __future__ import annotations

import numpy as np
import pytest

import exact
from regulars.models.base import History
from regulars.models.nbd import NBD
from regulars.terms.errors import InputError

MODEL = NBD()
PARAMS = (0.4, 12.0)


def test_log_likelihood_on_a_random_grid():
    """1e-10 relative (absolute below 1): what rounding of sums over x to 10^4 leaves."""
    rng = np.random.default_rng(1)
    for _ in range(250):
        params = tuple(10 ** rng.uniform(-2.5, 2.5, 2))
        T = float(10 ** rng.uniform(-1, 4))
        x = int(rng.choice([0, 1, 2, 30, 10_000]))
        expected = float(exact.nbd_log_likelihood(params, x, 0.0, T))
        found = MODEL.log_likelihood(
            params, History(np.array([float(x)]), np.zeros(1), np.array([T]))
        )[0]
        assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_nobody_leaves():
    x, T = np.array([0.0, 4.0]), np.array([30.0, 30.0])
    assert (MODEL.p_alive(PARAMS, History(x, x, T)) == 1).all()
    assert (MODEL.expected_lifetime_alive(PARAMS, History(x, np.nan, T), 99.0) == 99.0).all()
    assert np.isinf(MODEL.expected_lifetime_alive(PARAMS, History(x, np.nan, T), np.inf)).all()
    assert np.isinf(MODEL.expected_orders_alive(PARAMS, History(x, np.nan, T), np.inf)).all()
    np.testing.assert_allclose(
        MODEL.expected_orders_alive(PARAMS, History(x, np.nan, T), 7.0), (0.4 + x) / 6.0
    )


def test_endless_orders_cannot_be_drawn():
    with pytest.raises(InputError, match="horizon"):
        MODEL.sample_orders_alive(
            PARAMS, History(1.0, np.nan, 3.0), np.inf, np.random.default_rng(1), 5
        )


def test_the_median_wait_halves_the_survivors():
    wait = MODEL.next_order_alive(PARAMS, History(np.array([2.0]), np.nan, np.array([30.0])), 0.5)
    assert (42.0 / (42.0 + wait[0])) ** 2.4 == pytest.approx(0.5)
