"""GGom/NBD against 30-digit integrals, and next to Pareto/NBD, which it holds as a limit."""

import mpmath as mp
import numpy as np
import pytest

from regulars.models.base import History
from regulars.models.ggom_nbd import GGomNBD
from regulars.models.gompertz_integral import expected_time, log_odds_left, log_stay
from regulars.models.pareto_nbd import ParetoNBD

MODEL = GGomNBD()


def one(x, t_x, T):
    return History(np.array([float(x)]), np.array([float(t_x)]), np.array([float(T)]))


def exact_odds(params, x, t_x, T):
    """Bemmaor & Glady 2012: the density of leaving at u, with no order since t_x, integrated."""
    r, alpha, b, s, beta = map(mp.mpf, params)
    t_x, T = mp.mpf(t_x), mp.mpf(T)

    def level(u):
        return beta - 1 + mp.exp(b * u)

    def density(u):
        gone = s * b * mp.exp(b * u) * level(T) ** s / level(u) ** (s + 1)
        return gone * ((alpha + T) / (alpha + u)) ** (r + x)

    bend = mp.log(1 + beta) / b
    near = [t_x + (T - t_x) * mp.mpf(10) ** -k for k in range(1, 8)]
    steps = [bend + d / b for d in (-10, -3, 0, 3, 10)] + [bend + d / (b * s) for d in (1, 5, 20)]
    marks = sorted({t_x, T, *near, *(min(max(u, t_x), T) for u in steps)})
    return mp.log(mp.quad(density, marks))


@pytest.mark.parametrize("case", range(12))
def test_odds_of_having_left_are_right_for_any_customer(case):
    rng = np.random.default_rng(case)
    params = tuple(10 ** rng.uniform([-2, -1, -3, -1.5, -2], [1.5, 2, 1.3, 1.5, 3]))
    x, T = int(rng.choice([0, 1, 2, 5, 30, 300])), float(10 ** rng.uniform(-1, 3.5))
    t_x = T * float(rng.choice([0.01, 0.3, 0.9, 0.999])) if x else 0.0
    with mp.workdps(30):
        expected = float(exact_odds(params, x, t_x, T))
    found = log_odds_left(params, *(np.array([float(v)]) for v in (x, t_x, T)))[0]
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    "params", [(0.05, 0.5, 2.0), (0.3, 3.0, 0.02), (2.0, 0.1, 40.0), (1e-3, 0.6, 0.01)]
)
@pytest.mark.parametrize("cap", [0.5, 52.0, 1e5])
def test_expected_time_is_the_integral_of_survival(params, cap):
    b, s, ratio = map(mp.mpf, params)
    with mp.workdps(30):
        turn = mp.log1p(1 / ratio) / b
        steps = [turn + d / b for d in (-5, -1, 0, 1, 5)] + [turn + d / (b * s) for d in (1, 8, 40)]
        marks = sorted({mp.mpf(0), mp.mpf(cap), *(min(max(u, 0), cap) for u in steps)})
        exact = mp.quad(lambda y: (1 + ratio * mp.expm1(b * y)) ** -s, marks)
    assert expected_time(*params, cap) == pytest.approx(float(exact), rel=1e-9)


def test_survival_neither_overflows_nor_cancels():
    far = log_stay(5.0, 0.3, 1e-9, np.array([0.0, 1e-12, 1.0, 1e6]))
    assert far[0] == 0.0
    assert far[1] == pytest.approx(-0.3 * 1e-9 * 5e-12, rel=1e-6)
    assert far[3] == pytest.approx(-0.3 * (5e6 + np.log(1e-9)), rel=1e-12)


def test_a_hazard_that_does_not_grow_is_that_of_pareto_nbd():
    """b -> 0 with beta / b = 12 gives Pareto/NBD with beta = 12."""
    b = 1e-9
    params, plain = (0.6, 9.0, b, 0.7, 12.0 * b), (0.6, 9.0, 0.7, 12.0)
    pareto = ParetoNBD()
    for history in (one(0, 0, 30), one(3, 11, 40), one(25, 39, 40)):
        assert MODEL.log_likelihood(params, history) == pytest.approx(
            pareto.log_likelihood(plain, history), rel=1e-7
        )
        assert MODEL.p_alive(params, history) == pytest.approx(
            pareto.p_alive(plain, history), rel=1e-6
        )
        assert MODEL.expected_orders_alive(params, history, 39.0) == pytest.approx(
            pareto.expected_orders_alive(plain, history, 39.0), rel=1e-6
        )


def test_a_growing_hazard_ends_every_lifetime():
    endless = MODEL.expected_lifetime_alive((0.6, 9.0, 0.1, 0.05, 3.0), one(1, 2, 9), np.inf)
    assert np.isfinite(endless).all()
    capped = MODEL.expected_lifetime_alive((0.6, 9.0, 0.1, 0.05, 3.0), one(1, 2, 9), 1e5)
    assert endless == pytest.approx(capped, rel=1e-9)
