"""Abe's model against 30-digit integrals over the plane, and beside Pareto/NBD."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from regulars.inference.jets import variables
from regulars.models.abe import Abe
from regulars.models.base import History
from regulars.models.pareto_nbd import ParetoNBD

MODEL = Abe()
ORDINARY = (-3.5, -3.6, 1.15, 1.9, 0.13)


def history(x, t_x, T):
    return History(*(np.array([float(value)]) for value in (x, t_x, T)))


def exact(params, x, t_x, T, *, horizon=39.0, step=0.2, reach=9.0):
    """Log-likelihood, P(alive) and expected orders by a fine trapezoidal sum in (log l, log m)."""
    with mp.workdps(25):
        m_l, m_m, s_l, s_m, z = map(mp.mpf, params)
        rho = mp.tanh(z)
        rest = mp.sqrt(1 - rho * rho)
        count = int(reach / step)
        nodes = [mp.mpf(i) * step for i in range(-count, count + 1)]
        b_part = [(mp.exp(s_m * rest * b), mp.exp(-b * b / 2)) for b in nodes]
        alive = left = orders = mp.mpf(0)
        for a in nodes:
            rate, base = mp.exp(m_l + s_l * a), mp.exp(m_m + s_m * rho * a)
            outer = mp.exp(-a * a / 2 - rate * t_x) * rate**x
            later = mp.exp(-rate * (T - t_x))
            for grown, weight in b_part:
                drop = base * grown
                seen = outer * weight * mp.exp(-drop * t_x)
                here = seen * later * mp.exp(-drop * (T - t_x))
                alive += here
                left += drop * (seen - here) / (rate + drop)
                orders += here * rate * -mp.expm1(-drop * horizon) / drop
        whole = (alive + left) * mp.mpf(step) ** 2 / (2 * mp.pi)
        return float(mp.log(whole)), float(alive / (alive + left)), float(orders / alive)


CASES = [
    (ORDINARY, (2, 30.43, 38.86)),
    (ORDINARY, (0, 0, 38.86)),
    ((-2.0, -4.0, 0.6, 0.8, 1.1), (1, 1.0, 30.0)),
    ((-2.0, -4.0, 0.6, 0.8, -1.1), (12, 14.0, 39.0)),
]


@pytest.mark.parametrize(
    ("params", "case"), [CASES[0], *(pytest.param(*c, marks=pytest.mark.slow) for c in CASES[1:])]
)
def test_against_a_fine_sum(params, case):
    """1e-10 in the log-likelihood, 1e-7 in the predictions."""
    log_likelihood, alive, orders = exact(params, *case)
    one = history(*case)
    assert MODEL.log_likelihood(params, one)[0] == pytest.approx(log_likelihood, rel=1e-10)
    assert MODEL.p_alive(params, one)[0] == pytest.approx(alive, rel=1e-7)
    assert MODEL.expected_orders_alive(params, one, 39.0)[0] == pytest.approx(orders, rel=1e-7)


def test_jets_have_the_value_of_floats():
    story = MODEL.simulate(ORDINARY, np.full(50, 30.0), np.random.default_rng(0))
    jet = MODEL.log_likelihood(variables(ORDINARY), story)
    np.testing.assert_allclose(jet.value, MODEL.log_likelihood(ORDINARY, story), rtol=1e-13)


def test_without_spread_the_rates_are_everybodys():
    """s_l = s_m = 0: orders at lambda, leaving at mu, whatever the history."""
    params = (-1.0, -2.0, 1e-7, 1e-7, 0.0)
    rate, drop = np.exp(-1.0), np.exp(-2.0)
    expected = rate * -np.expm1(-drop * 10.0) / drop
    found = MODEL.expected_orders_alive(params, history(7, 3.0, 20.0), 10.0)
    assert found[0] == pytest.approx(expected, rel=1e-5)


def test_it_ranks_customers_as_pareto_nbd_does_without_correlation():
    """Log-normal rates with the moments of the logarithms of CDNOW's two Gamma distributions."""
    gamma = (0.553, 10.578, 0.606, 11.669)
    logs = [
        (float(mp.digamma(shape)) - np.log(scale), float(mp.sqrt(mp.polygamma(1, shape))))
        for shape, scale in (gamma[:2], gamma[2:])
    ]
    params = (logs[0][0], logs[1][0], logs[0][1], logs[1][1], 0.0)
    story = MODEL.simulate(params, np.full(300, 39.0), np.random.default_rng(4))
    story = story.select(story.x > 0)
    mine = MODEL.p_alive(params, story)
    theirs = ParetoNBD().p_alive(gamma, story)
    ranks = [np.argsort(np.argsort(values)) for values in (mine, theirs)]
    assert np.corrcoef(*ranks)[0, 1] > 0.95


def test_frequent_customers_stay_longer_where_the_rates_are_opposed():
    far = history(20, 38.0, 39.0)
    lives = [
        MODEL.expected_lifetime_alive((-3.0, -3.0, 1.0, 1.0, z), far, 1e4)[0] for z in (-1, 0, 1)
    ]
    assert lives[0] > lives[1] > lives[2]


def test_chances_of_orders_add_up():
    one = history(3, 20.0, 25.0)
    chance = MODEL.order_probabilities_alive(ORDINARY, one, 20.0, 120)[:, 0]
    assert chance.sum() == pytest.approx(1.0, abs=1e-9)
