"""Posterior of a prediction: mean and interval over draws, the same in blocks and alone."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.fitting.posterior import posterior_of
from regulars.fitting.predict import expected_orders, p_alive
from regulars.models.bg_nbd import BGNBD
from regulars.terms.errors import InputError
from regulars.terms.summary import Summary
from stories import summary_of

posterior_module = importlib.import_module("regulars.fitting.posterior")


def shop(n=600, seed=1):
    rng = np.random.default_rng(seed)
    return summary_of(BGNBD().simulate((0.5, 6.0, 0.8, 2.4), rng.uniform(20.0, 50.0, n), rng))


SHOP = shop()
FITTED = fit("bg-nbd", SHOP, method="laplace", draws=200)


def test_it_is_the_mean_and_quantiles_over_every_draw():
    found = posterior_of(FITTED, SHOP, "26w", draws=60, seed=3)
    x, t_x, T = SHOP.repeat_orders.astype(float), SHOP.last_order_age, SHOP.age
    history = posterior_module.History(x, t_x, T)
    each = np.array(
        [
            FITTED.model.p_alive(row, history)
            * FITTED.model.expected_orders_alive(row, history, 26.0)
            for row in FITTED.draws(60, seed=3)
        ]
    )
    np.testing.assert_allclose(found.mean, each.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.low, np.quantile(each, 0.05, axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.high, np.quantile(each, 0.95, axis=0), rtol=1e-12)


@pytest.mark.parametrize("what", ["orders", "p_alive", "lifetime"])
def test_intervals_are_in_order_and_hold_the_estimate(what):
    found = posterior_of(FITTED, SHOP, "1y", what, draws=100)
    assert (found.low <= found.mean).all()
    assert (found.mean <= found.high).all()
    if what == "orders":
        np.testing.assert_allclose(found.mean, expected_orders(FITTED, SHOP, "1y"), rtol=0.25)
    if what == "p_alive":
        assert ((found.low >= 0) & (found.high <= 1)).all()
        np.testing.assert_allclose(found.mean, p_alive(FITTED, SHOP), atol=0.1)


def test_blocks_change_nothing(monkeypatch):
    some = SHOP.select(np.arange(40))
    whole = posterior_of(FITTED, some, "1y", draws=20)
    monkeypatch.setattr(posterior_module, "_CELLS", 20 * 7)
    parts = posterior_of(FITTED, some, "1y", draws=20)
    for name in ("mean", "low", "high"):
        np.testing.assert_allclose(getattr(whole, name), getattr(parts, name), rtol=1e-13)


def test_a_customer_alone_is_believed_the_same():
    among = posterior_of(FITTED, SHOP, "1y", draws=50)
    for row in (0, 5, 77):
        alone = posterior_of(FITTED, SHOP.select(np.array([row])), "1y", draws=50)
        for name in ("mean", "low", "high"):
            assert getattr(alone, name)[0] == pytest.approx(getattr(among, name)[row], rel=1e-13)


def test_more_customers_leave_less_doubt():
    few, many = (fit("bg-nbd", shop(n)) for n in (300, 20_000))
    one = Summary(np.array([3]), np.array([20.0]), np.array([30.0]))
    wide, narrow = (posterior_of(each, one, "1y", draws=100) for each in (few, many))
    assert (wide.high - wide.low)[0] > 3 * (narrow.high - narrow.low)[0]


def test_a_function_of_ones_own_is_reduced_too():
    rate = posterior_of(FITTED, SHOP, "1y", lambda model, params, history, reach: history.x * 0 + 2)
    assert set(rate.mean) == {2.0}


def test_after_a_point_the_curvature_stands_in():
    found = posterior_of(fit("bg-nbd", SHOP), SHOP, "1y", draws=20)
    assert (found.high > found.low).any()


@pytest.mark.parametrize(
    ("given", "says"),
    [({"what": "love"}, "no prediction"), ({"level": 1.0}, "no interval"), ({"draws": 1}, "draws")],
)
def test_wrong_settings_are_told(given, says):
    with pytest.raises(InputError, match=says):
        posterior_of(FITTED, SHOP, "1y", **given)


def test_another_unit_is_refused():
    days = Summary(SHOP.repeat_orders, SHOP.last_order_age, SHOP.age, unit="day")
    with pytest.raises(InputError, match="counts in days"):
        posterior_of(FITTED, days, "1y")
