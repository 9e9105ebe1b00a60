"""Pareto/GGG against its definition in 30 digits, and where it is Pareto/NBD."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import exact_ggg
from regulars.fitting.fit import fit
from regulars.inference.jets import variables
from regulars.models.base import History
from regulars.models.ggg_renewal import beta_share, draw_renewals, excess_renewals
from regulars.models.pareto_ggg import ParetoGGG
from regulars.models.pareto_nbd import ParetoNBD
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary

MODEL = ParetoGGG()
GROCERY = (1.695, 0.373, 0.948, 5.243, 0.432, 4.348)
REGULAR = (40.0, 5.0, 20.0, 5.0, 1.0, 5.0)
EVERYONE_ONE = (1e7, 1e7)
CASES = [
    (GROCERY, (5, 30.0, 39.0, 8.66)),
    (GROCERY, (0, 0.0, 40.0, 0.0)),
    (GROCERY, (1, 50.0, 52.0, 3.912023005428146)),
    (GROCERY, (19, 48.57, 52.0, 16.41)),
    ((2.0, 2.0, 0.55, 10.5, 0.6, 11.6), (2, 30.43, 38.86, 5.0)),
]


def history(x, t_x, T, log_gaps):
    return History(*(np.array([float(value)]) for value in (x, t_x, T, log_gaps)))


def story(params, n, seed, age=40.0):
    return MODEL.simulate(params, np.full(n, age), np.random.default_rng(seed))


@pytest.mark.slow
@pytest.mark.parametrize(("params", "case"), CASES)
def test_against_the_definition(params, case):
    """1e-8 in the log-likelihood, 2e-5 in P(alive), which takes coarser nodes."""
    log_likelihood, alive = exact_ggg.pareto_ggg(params, *case, panels=8)
    one = history(*case)
    assert MODEL.log_likelihood(params, one)[0] == pytest.approx(log_likelihood, abs=1e-8)
    assert MODEL.p_alive(params, one)[0] == pytest.approx(alive, abs=2e-5)


def test_with_k_equal_to_1_for_all_it_is_pareto_nbd():
    """Up to the spread of k that is left: t = gamma = 10^7, a standard deviation of 3e-4."""
    nbd = (0.55, 10.6, 0.6, 11.7)
    ggg = (*EVERYONE_ONE, *nbd)
    some = story(ggg, 200, seed=1)
    plain = ParetoNBD()
    np.testing.assert_allclose(
        MODEL.log_likelihood(ggg, some), plain.log_likelihood(nbd, some), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(MODEL.p_alive(ggg, some), plain.p_alive(nbd, some), atol=1e-4)
    for horizon in (1.0, 39.0, 500.0):
        np.testing.assert_allclose(
            MODEL.expected_orders_alive(ggg, some, horizon),
            plain.expected_orders_alive(nbd, some, horizon),
            rtol=2e-3,
        )
    np.testing.assert_allclose(
        MODEL.next_order_alive(ggg, some, 0.5), plain.next_order_alive(nbd, some, 0.5), rtol=5e-3
    )


@pytest.mark.parametrize("t", [0.5, 1.0, 3.0])
def test_a_customer_of_today_has_a_likelihood_of_one(t):
    """No order and no silence say nothing, however bursty: only k below exp(-30) is left out."""
    bursty = (t, 3.0, 0.9, 5.2, 0.4, 4.3)
    new = history(0, 0.0, 0.0, 0.0)
    assert MODEL.log_likelihood(bursty, new)[0] == pytest.approx(0.0, abs=1e-6)
    assert MODEL.log_likelihood(variables(bursty), new).value[0] == pytest.approx(0.0, abs=1e-6)
    assert MODEL.p_alive(bursty, new)[0] == 1.0


def test_no_silence_is_the_limit_of_a_short_one():
    bursty = (4.0, 4.0, 0.9, 5.2, 0.4, 4.3)
    none, short = (history(2, 9.0, 9.0 + gap, 2.0) for gap in (0.0, 1e-60))
    found = [MODEL.log_likelihood(bursty, one)[0] for one in (none, short)]
    assert found[0] == pytest.approx(found[1], abs=1e-8)


def test_jets_have_the_value_of_floats():
    some = story(GROCERY, 40, seed=0)
    jet = MODEL.log_likelihood(variables(GROCERY), some)
    np.testing.assert_allclose(jet.value, MODEL.log_likelihood(GROCERY, some), rtol=1e-12)


def test_a_regular_customer_who_is_late_has_probably_left():
    """Ten weekly orders, then five weeks of silence: damning with a rhythm, not without."""
    regular = history(10, 10.0, 15.0, -0.05)
    erratic = history(10, 10.0, 15.0, -8.0)
    alive = [MODEL.p_alive(GROCERY, one)[0] for one in (regular, erratic)]
    assert alive[0] < 0.2 < 0.5 < alive[1]


def test_a_regular_customer_orders_next_when_it_is_time():
    """Weekly orders, the last three days ago."""
    params = (400.0, 20.0, 0.9, 5.0, 0.4, 40.0)
    weekly = history(30, 30.0, 30.0 + 3 / 7, -0.7)
    assert MODEL.next_order_alive(params, weekly, 0.5)[0] == pytest.approx(4 / 7, abs=0.1)


@pytest.mark.parametrize("params", [GROCERY, REGULAR])
def test_expected_orders_are_the_mean_of_exact_draws(params):
    """Approximate renewals against draws that are exact but for cells of k and the first gap.

    Tolerance: 4 standard errors of 6,000 draws and half a percent.
    """
    one = history(6, 20.0, 22.0, 6.0)
    alone = History(*(float(v[0]) for v in (one.x, one.t_x, one.T, one.log_gaps)))
    rng = np.random.default_rng(3)
    for horizon in (2.0, 30.0):
        drawn = MODEL.sample_orders_alive(params, alone, horizon, rng, 6_000)
        expected = MODEL.expected_orders_alive(params, one, horizon)[0]
        slack = 4 * drawn.std() / np.sqrt(len(drawn)) + 0.005 * expected
        assert drawn.mean() == pytest.approx(expected, abs=slack)


@pytest.mark.parametrize("params", [GROCERY, REGULAR])
def test_draws_are_silent_as_often_as_they_should(params):
    """Tolerance: 4 standard errors of 200,000 draws and .003 for the cells they come from."""
    alone = History(3.0, 10.0, 52.0, 3.0)
    drawn = MODEL.sample_orders_alive(params, alone, 1.0, np.random.default_rng(1), 200_000)
    silent = MODEL.order_probabilities_alive(params, alone, 1.0, 1)[0]
    slack = 4 * np.sqrt(silent * (1 - silent) / 200_000) + 0.003
    assert (drawn == 0).mean() == pytest.approx(silent, abs=slack)


@pytest.mark.parametrize(("x", "t_x", "T"), [(0.0, 0.0, 5.0), (3.0, 10.0, 52.0), (3.0, 52.0, 52.0)])
def test_expected_orders_are_near_the_mean_of_the_chances_on_grocery(x, t_x, T):
    """Tolerance: the 1 % that the documentation names."""
    one = history(x, t_x, T, 0.8 * x)
    for horizon in (1.0, 10.0, 39.0):
        chance = MODEL.order_probabilities_alive(GROCERY, one, horizon, 120)[:, 0]
        expected = MODEL.expected_orders_alive(GROCERY, one, horizon)[0]
        assert expected == pytest.approx(np.arange(121) @ chance, rel=0.01)


def test_renewals_of_two_stages_have_a_closed_form():
    """k = 2: the renewal function is t - (1 - exp(-4 t)) / 4."""
    time = np.array([0.01, 0.3, 1.0, 7.0])
    found = excess_renewals(np.full(4, 2.0), time)
    np.testing.assert_allclose(found, np.expm1(-4 * time) / 4, atol=1e-3)


def test_the_incomplete_beta_function():
    """I_p(1, b) = 1 - (1 - p)^b, I_p(a, 1) = p^a, and the reflection."""
    odds = np.array([1e-6, 0.3, 4.0, 1e5])
    p = odds / (1 + odds)
    b = np.full(4, 3.7)
    one = np.ones(4)
    np.testing.assert_allclose(beta_share(one, b, odds), 1 - (1 - p) ** b, rtol=1e-9)
    np.testing.assert_allclose(beta_share(b, one, odds), p**b, rtol=1e-12)
    np.testing.assert_allclose(
        beta_share(b, b / 9, odds) + beta_share(b / 9, b, 1 / odds), 1.0, rtol=1e-12
    )


def test_drawn_renewals_have_the_renewal_function_as_mean():
    rng = np.random.default_rng(8)
    for k, time in ((0.5, 3.0), (1.0, 40.0), (9.0, 2.5)):
        n = 20_000
        drawn = draw_renewals(np.full(n, k), np.ones(n), np.full(n, time), rng)
        mean = time + float(excess_renewals(np.array([k]), np.array([time]))[0])
        assert drawn.mean() == pytest.approx(mean, abs=4 * drawn.std() / np.sqrt(n) + 2e-3)


def test_a_summary_without_the_rhythm_is_refused():
    with pytest.raises(InputError, match="log_gaps"):
        fit(MODEL, Summary.from_rfm([1, 2], [1, 2], [5, 5]))


def test_customers_of_one_history_are_one_row():
    some = story(GROCERY, 30, seed=2)
    twice = replace(some, **{n: np.repeat(getattr(some, n), 2) for n in ("x", "t_x", "T")})
    summary = Summary(
        twice.x.astype(np.int64), twice.t_x, twice.T, log_gaps=np.repeat(some.log_gaps, 2)
    )
    rows = MODEL.prepare(summary)
    assert rows.customers == 60
    assert rows.weight.sum() == 60
    assert len(rows.weight) <= 30
