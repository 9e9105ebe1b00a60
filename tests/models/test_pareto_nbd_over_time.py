"""Pareto/NBD over time against 16-digit integrals over the moment of leaving, and its limits."""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.fitting.predict import expected_orders, p_alive
from regulars.fitting.target import LogLikelihood
from regulars.models.base import History
from regulars.models.pareto_nbd import ParetoNBD
from regulars.models.pareto_nbd_over_time import ParetoNBDOverTime
from regulars.terms.courses import INTERVAL, STARTED, at_orders
from regulars.terms.errors import DataError, InputError, ModelError
from regulars.terms.summary import Summary

OWN = (0.9, 9.0, 0.7, 12.0)
MODEL = ParetoNBDOverTime(ParetoNBD.parameters, ["sale", "vip"], ["sale"], fixed=["vip"])
PARAMS = (*OWN, 0.8, -0.4, 1.1)
PLAIN = ParetoNBD()


def customers(n=60, seed=0, weeks=120):
    """Daily customers with a course of sales and a fixed attribute, orders on whole days."""
    rng = np.random.default_rng(seed)
    age = rng.integers(5, 60 * 7, n) / 7
    x = rng.integers(0, 6, n)
    last = np.where(x > 0, np.floor(rng.random(n) * age * 7) / 7, 0.0)
    x = np.where(last > 0, x, 0)
    sale = (rng.random((n, weeks)) < 0.3) * 1.0
    started = rng.integers(0, 140, n) / 7
    return Summary(
        x,
        last,
        age,
        step=1 / 7,
        covariates={
            "sale": sale,
            "vip": rng.integers(0, 2, n),
            at_orders("sale"): rng.integers(0, 3, n) * (x > 0),
            STARTED: started,
            INTERVAL: np.ones(n),
        },
    )


def exact(params, summary, i):
    """(log-likelihood, P(alive)): the integral over u from t_x to T, interval by interval."""
    r, alpha, s, beta, g_sale, g_vip, h_sale = map(mp.mpf, params)
    known = summary.covariates
    sale, vip, begun = known["sale"][i], mp.mpf(int(known["vip"][i])), mp.mpf(known[STARTED][i])
    x = int(summary.repeat_orders[i])
    t_x, T = mp.mpf(summary.last_order_age[i]), mp.mpf(summary.age[i])

    def rates(k):
        return mp.exp(g_sale * mp.mpf(sale[k]) + g_vip * vip), mp.exp(h_sale * mp.mpf(sale[k]))

    def clocks(u):
        a = b = mp.mpf(0)
        k, at, end = int(mp.floor(begun)), begun, begun + u
        while at < end:
            step = min(mp.mpf(k + 1), end) - at
            a, b = a + rates(k)[0] * step, b + rates(k)[1] * step
            at, k = at + step, k + 1
        return a, b

    a, b = clocks(T)
    there = (alpha + a) ** -(r + x) * (beta + b) ** -s

    def leaving(u):
        a, b = clocks(u)
        hazard = rates(int(mp.floor(begun + u)))[1]
        return s * hazard * (alpha + a) ** -(r + x) * (beta + b) ** -(s + 1)

    edges = [mp.mpf(k) - begun for k in range(len(sale))]
    marks = sorted({t_x, T, *(edge for edge in edges if t_x < edge < T)})
    gone = sum(
        mp.quad(leaving, [lo + mp.mpf("1e-13"), hi - mp.mpf("1e-13")]) for lo, hi in pairwise(marks)
    )
    front = alpha**r * beta**s * mp.rf(r, x)
    front *= mp.exp(g_sale * mp.mpf(float(known[at_orders("sale")][i])) + g_vip * vip * x)
    return mp.log(front * (there + gone)), there / (there + gone)


def history_of(summary):
    x = summary.repeat_orders.astype(float)
    return History(x, summary.last_order_age, summary.age, None, summary.covariates)


def test_likelihood_and_p_alive_are_the_integral_over_the_moment_of_leaving():
    summary = customers()
    found = MODEL.log_likelihood(PARAMS, history_of(summary))
    alive = MODEL.p_alive(PARAMS, history_of(summary))
    assert (summary.repeat_orders[[2, 5]] > 0).any()
    for i in (2, 5):
        with mp.workdps(16):
            expected, there = exact(PARAMS, summary, i)
        assert found[i] == pytest.approx(float(expected), rel=1e-11, abs=1e-11)
        assert alive[i] == pytest.approx(float(there), rel=1e-10)


def test_without_effects_it_is_pareto_nbd():
    summary = customers()
    zero = (*OWN, 0.0, 0.0, 0.0)
    mine, plain = history_of(summary), history_of(summary)
    for name, args in (
        ("log_likelihood", ()),
        ("p_alive", ()),
        ("expected_orders_alive", (30.0,)),
        ("expected_lifetime_alive", (30.0,)),
        ("expected_lifetime_alive", (900.0,)),
        ("survival_alive", (20.0,)),
        ("next_order_alive", (0.5,)),
    ):
        found = getattr(MODEL, name)(zero, mine, *args)
        expected = getattr(PLAIN, name)(OWN, plain, *args)
        np.testing.assert_allclose(found, expected, rtol=1e-9, err_msg=name)


def test_a_covariate_that_never_changes_multiplies_the_rates():
    """alpha exp(-g) and beta exp(-h), the convention for covariates that stay."""
    summary = customers()
    ones = {**summary.covariates, "sale": np.ones((60, 120)), "vip": np.zeros(60)}
    ones[at_orders("sale")] = summary.repeat_orders.astype(float)
    history = History(*(getattr(history_of(summary), n) for n in ("x", "t_x", "T")), None, ones)
    r, alpha, s, beta = OWN
    shifted = (r, alpha * np.exp(-0.8), s, beta * np.exp(-1.1))
    np.testing.assert_allclose(
        MODEL.log_likelihood(PARAMS, history), PLAIN.log_likelihood(shifted, history), rtol=1e-11
    )
    np.testing.assert_allclose(
        MODEL.expected_orders_alive(PARAMS, history, 25.0),
        PLAIN.expected_orders_alive(shifted, history, 25.0),
        rtol=1e-9,
    )


def test_gradient_and_hessian_agree_with_differences():
    target = LogLikelihood(MODEL, customers(25))
    point = np.concatenate([np.log(OWN), PARAMS[4:]])
    here, h = target.evaluate(point), 1e-5
    for i in range(len(point)):
        step = np.eye(len(point))[i] * h
        above, below = target.evaluate(point + step), target.evaluate(point - step)
        assert here.gradient[i] == pytest.approx((above.value - below.value) / (2 * h), rel=1e-5)
        np.testing.assert_allclose(
            here.hessian[i], (above.gradient - below.gradient) / (2 * h), rtol=1e-4, atol=1e-4
        )


def test_orders_drawn_and_their_chances_have_the_expected_mean():
    summary = customers()
    history = history_of(summary).select(np.array([3]))
    expected = MODEL.expected_orders_alive(PARAMS, history, 30.0)[0]
    chances = MODEL.order_probabilities_alive(PARAMS, history, 30.0, 120)[:, 0]
    assert chances.sum() == pytest.approx(1.0, abs=1e-9)
    assert chances @ np.arange(121) == pytest.approx(expected, rel=1e-8)
    known = {name: values[3] for name, values in summary.covariates.items()}
    one = History(history.x[0], history.t_x[0], history.T[0], None, known)
    drawn = MODEL.sample_orders_alive(PARAMS, one, 30.0, np.random.default_rng(0), 40_000)
    assert drawn.mean() == pytest.approx(expected, abs=5 * drawn.std() / 200)


def test_fit_takes_it_wherever_a_covariate_has_a_course(tmp_path):
    from regulars.fitting.store import load, save

    summary = customers(200, seed=4)
    fitted = fit("pareto-nbd", summary, purchase=["sale", "vip"], method="map")
    assert fitted.report.title == "Pareto/NBD with covariates over time"
    assert list(fitted.report.parameters)[4:] == ["purchase.sale", "purchase.vip"]
    again = load(save(fitted, tmp_path / "model.json"))
    assert (p_alive(again, summary) == p_alive(fitted, summary)).all()
    alone = summary.select(np.array([5]))
    assert expected_orders(again, alone, "20w")[0] == expected_orders(fitted, summary, "20w")[5]


def test_what_it_cannot_do_is_said():
    summary = customers()
    with pytest.raises(ModelError, match="over time cannot act on BG/NBD"):
        fit("bg-nbd", summary, purchase=["sale"])
    fitted = fit("pareto-nbd", summary, purchase=["sale"], method="map")
    with pytest.raises(InputError, match=r"known for \d+ intervals, and \d+ are needed"):
        expected_orders(fitted, summary, "200w")
    with pytest.raises(DataError, match="courses"):
        MODEL.simulate(PARAMS, np.ones(3), np.random.default_rng(0))
