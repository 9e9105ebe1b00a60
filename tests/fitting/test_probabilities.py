"""Chances of numbers of orders, of being there later, and orders of new customers."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.fitting.predict import expected_orders, p_alive
from regulars.fitting.probabilities import expected_orders_new, order_probabilities
from regulars.models.mbg_cnbd_k import MBGCNBDk
from regulars.models.mbg_nbd import MBGNBD
from regulars.models.nbd import NBD
from regulars.terms.errors import InputError
from regulars.terms.period import Period
from regulars.terms.summary import Summary
from stories import summary_of

LEAVING = MBGNBD(), (0.7, 6.0, 0.9, 1.8)
REGULAR = MBGCNBDk(3), (0.9, 2.5, 0.8, 2.4)


def shop(model, params, n=4000, seed=3):
    rng = np.random.default_rng(seed)
    return summary_of(model.simulate(params, np.floor(rng.uniform(10.0, 60.0, n)), rng))


@pytest.fixture(scope="module")
def fits():
    return {
        "mbg-nbd": fit("mbg-nbd", shop(*LEAVING)),
        "pareto-nbd": fit("pareto-nbd", shop(*LEAVING)),
        "mbg-cnbd-3": fit(MBGCNBDk(3), shop(*REGULAR)),
    }


@pytest.mark.parametrize("name", ["mbg-nbd", "pareto-nbd", "mbg-cnbd-3"])
def test_chances_are_those_of_everybody_the_departed_included(fits, name):
    fitted, summary = fits[name], shop(*REGULAR)
    chance = order_probabilities(fitted, summary, "26w", most=60)
    assert chance.shape == (len(summary), 61)
    assert ((chance >= 0) & (chance <= 1)).all()
    left = 1.0 - p_alive(fitted, summary)
    assert (chance[:, 0] >= left - 1e-12).all()
    rest = 1.0 - chance.sum(1)
    known = rest < 1e-9
    assert known.mean() > 0.9
    mean = chance @ np.arange(61)
    expected = expected_orders(fitted, summary, "26w")
    np.testing.assert_allclose(mean[known], expected[known], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ["mbg-nbd", "pareto-nbd", "mbg-cnbd-3"])
def test_staying_falls_with_time_from_p_alive(fits, name):
    fitted, summary = fits[name], shop(*REGULAR)
    now = p_alive(fitted, summary)
    soon = p_alive(fitted, summary, after=Period(1e-9, "day"))
    np.testing.assert_allclose(soon, now, rtol=1e-6)
    before = now
    for after in ("1w", "26w", "10y"):
        later = p_alive(fitted, summary, after=after)
        assert (later <= before * (1 + 1e-9)).all()
        before = later
    assert before.mean() < 0.6 * now.mean()


def test_half_of_a_shop_is_as_the_whole(fits):
    summary = shop(*REGULAR)
    some = np.arange(0, len(summary), 7)
    whole = order_probabilities(fits["mbg-cnbd-3"], summary, "12mo", most=4)
    part = order_probabilities(fits["mbg-cnbd-3"], summary.select(some), "12mo", most=4)
    np.testing.assert_array_equal(whole[some], part)


def test_shares_of_the_next_half_year_are_as_stated():
    """Of 40,000 simulated customers as many place j orders as their chances add up to."""
    params, n = (0.9, 2.5, 0.8, 2.4), 40_000
    rng = np.random.default_rng(8)
    model = MBGCNBDk(3)
    rate, chance = rng.gamma(0.9, 1 / 2.5, n), rng.beta(0.8, 2.4, n)
    last = rng.geometric(chance) - 1
    gaps = rng.gamma(3.0, 1.0, (n, 120)) / rate[:, None]
    times = np.where(np.arange(120) < last[:, None], np.cumsum(gaps, axis=1), np.inf)
    x = (times <= 40.0).sum(1)
    later = ((times > 40.0) & (times <= 66.0)).sum(1)
    t_x = np.where(x > 0, np.take_along_axis(times, np.maximum(x - 1, 0)[:, None], 1)[:, 0], 0.0)
    summary = Summary(x, t_x, np.full(n, 40.0), log_gaps=np.zeros(n))
    fitted = fit(MBGCNBDk(3), shop(model, params))
    fitted = type(fitted)(**{**vars(fitted), "params": params})
    stated = order_probabilities(fitted, summary, "26w", most=5).mean(0)
    seen = np.bincount(later, minlength=200)[:6] / n
    assert (np.abs(seen - stated) < 4.5 * np.sqrt(stated / n)).all()


def test_a_new_customer(fits):
    for fitted in fits.values():
        short, long = (expected_orders_new(fitted, h) for h in ("1w", "5y"))
        assert short.shape == (1,)
        assert 0 < short[0] < long[0]
    nbd = fit("nbd", shop(NBD(), (0.5, 8.0)))
    r, alpha = nbd.params
    assert expected_orders_new(nbd, "10w")[0] == pytest.approx(10 * r / alpha)


def test_what_cannot_be_answered_is_said(fits):
    with pytest.raises(InputError, match="A table of -1 orders"):
        order_probabilities(fits["mbg-nbd"], shop(*LEAVING), "4w", most=-1)
    with pytest.raises(InputError, match="horizon that ends"):
        expected_orders_new(fits["mbg-nbd"], "forever")
    with pytest.raises(InputError, match="entries"):
        expected_orders_new(fits["mbg-nbd"], "4w", {"a": [1.0, 2.0], "b": [1.0]})
    plain = shop(*REGULAR)
    with pytest.raises(InputError, match="log_gaps"):
        fit("mbg-cnbd-k", Summary(plain.repeat_orders, plain.last_order_age, plain.age))
