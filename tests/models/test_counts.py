"""Chances of numbers of orders against 40 digits, in both tails and far out."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from regulars.models.counts import gamma_poisson, poisson_until_exit


@pytest.mark.parametrize("most", [0, 3, 25])
def test_orders_at_a_gamma_rate(most):
    rng = np.random.default_rng(most)
    shape, rate = 10 ** rng.uniform(-2, 3, 25), 10 ** rng.uniform(-2, 3, 25)
    horizon = 10 ** rng.uniform(-4, 6, 25)
    chance, beyond = gamma_poisson(most, shape, rate, horizon)
    with mp.workdps(40):
        for i in range(25):
            s, b, h = map(mp.mpf, (shape[i], rate[i], horizon[i]))
            q = h / (b + h)
            tail = mp.betainc(most + 1, s, 0, q, regularized=True)
            exactly = mp.gamma(s + most) / mp.gamma(s) / mp.factorial(most)
            exactly *= q**most * (b / (b + h)) ** s
            assert beyond[most, i] == pytest.approx(float(tail), rel=1e-11, abs=1e-250)
            assert chance[most, i] == pytest.approx(float(exactly), rel=1e-11, abs=1e-250)


def test_orders_at_known_rates():
    with mp.workdps(40):
        for rate, leaving, horizon in ((0.3, 0.01, 20.0), (4.0, 2.0, 100.0), (0.01, 1e-3, 0.05)):
            found = poisson_until_exit(8, rate, leaving, horizon)
            both = mp.mpf(rate) + leaving
            for j in (0, 1, 8):
                here = mp.exp(-both * horizon) * (mp.mpf(rate) * horizon) ** j / mp.factorial(j)
                gone = leaving / both * (rate / both) ** j
                gone *= mp.gammainc(j + 1, 0, both * horizon, regularized=True)
                assert found[j] == pytest.approx(float(here + gone), rel=1e-11)
