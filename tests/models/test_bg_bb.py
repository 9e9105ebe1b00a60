"""BG/BB against sums in 50 digits, and what it asks of a summary."""

import mpmath as mp
import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.models.base import History
from regulars.models.bg_bb import BGBB
from regulars.models.discrete import expected_chances, log_gamma_ratio, quantile_of_wait
from regulars.terms.errors import DataError
from regulars.terms.summary import Summary

MODEL = BGBB()


def one(x, t_x, n):
    return History(np.array([float(x)]), np.array([float(t_x)]), np.array([float(n)]))


def beta(a, b):
    return mp.beta(a, b)


def exact(params, x, t_x, n):
    """(likelihood, P(alive)): Fader, Hardie & Shang 2010, eq. 5, term by term."""
    a, b, c, d = map(mp.mpf, params)
    there = beta(a + x, b + n - x) / beta(a, b) * beta(c, d + n) / beta(c, d)
    gone = sum(
        beta(a + x, b + t_x - x + i) / beta(a, b) * beta(c + 1, d + t_x + i) / beta(c, d)
        for i in range(n - t_x)
    )
    return there + gone, there / (there + gone)


@pytest.mark.parametrize("params", [(1.2, 0.75, 0.66, 2.78), (0.02, 30.0, 0.05, 0.1)])
@pytest.mark.parametrize(
    "history", [(0, 0, 0), (0, 0, 6), (1, 1, 6), (4, 6, 6), (6, 6, 6), (3, 50, 200)]
)
def test_likelihood_and_p_alive_are_the_papers_sums(params, history):
    with mp.workdps(50):
        likelihood, alive = exact(params, *history)
    assert MODEL.log_likelihood(params, one(*history))[0] == pytest.approx(
        float(mp.log(likelihood)), rel=1e-12, abs=1e-12
    )
    assert MODEL.p_alive(params, one(*history))[0] == pytest.approx(float(alive), rel=1e-11)


@pytest.mark.parametrize("gamma", [0.02, 0.9, 1.0, 1.0 + 1e-7, 3.0])
@pytest.mark.parametrize("chances", [1, 5, 300])
def test_expected_chances_are_a_sum_without_a_pole(gamma, chances):
    with mp.workdps(40):
        c, d = mp.mpf(gamma), mp.mpf("2.8")
        each = [mp.rf(d, j) / mp.rf(c + d, j) for j in range(1, chances + 1)]
    found = expected_chances(gamma, 2.8, float(chances))
    assert found == pytest.approx(float(sum(each)), rel=1e-7 if gamma == 1.0 else 1e-9)


def test_endless_chances_have_a_mean_only_above_a_shape_of_1():
    assert expected_chances(3.0, 4.0, np.inf) == pytest.approx(2.0)
    assert np.isinf(expected_chances(0.9, 4.0, np.inf))


def test_log_gamma_ratio_keeps_its_digits():
    with mp.workdps(40):
        for y, c in ((0.01, 1e-8), (3.0, -0.7), (1e9, 2.5), (2.0, 1e6)):
            exact = float(mp.loggamma(mp.mpf(y) + mp.mpf(c)) - mp.loggamma(mp.mpf(y)))
            assert log_gamma_ratio(y, c) == pytest.approx(exact, rel=1e-12)


def test_the_wait_is_where_its_distribution_says():
    a, b = np.array([0.7, 4.0]), np.array([2.4, 0.5])
    for quantile in (0.05, 0.5, 0.9):
        wait = quantile_of_wait(a, b, quantile)
        with mp.workdps(30):
            for i in range(2):
                w = mp.mpf(float(wait[i]))
                longer = beta(mp.mpf(a[i]), mp.mpf(b[i]) + w) / beta(mp.mpf(a[i]), mp.mpf(b[i]))
                assert float(1 - longer) == pytest.approx(quantile, rel=1e-9)


def test_parts_of_periods_are_refused():
    with pytest.raises(DataError, match="whole periods"):
        fit("bg-bb", Summary.from_rfm([1], [1.5], [3.2]))


def test_two_orders_in_one_period_are_refused():
    with pytest.raises(DataError, match="more orders than periods"):
        fit("bg-bb", Summary.from_rfm([3], [2], [3]))
