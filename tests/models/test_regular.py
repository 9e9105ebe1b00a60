"""BG/CNBD-k and MBG/CNBD-k: against 60 digits, against the story told by hand, in extremes."""

from __future__ import annotations

import numpy as np
import pytest

import exact_regular as exact
from regulars.models.base import History
from regulars.models.bg_cnbd_k import BGCNBDk
from regulars.models.bg_nbd import BGNBD
from regulars.models.mbg_cnbd_k import MBGCNBDk
from regulars.models.mbg_nbd import MBGNBD
from regulars.terms.errors import InputError

PARAMS = [(0.7, 3.0, 0.8, 1.9), (0.02, 300.0, 0.02, 0.03), (12.0, 0.5, 1.0, 6.0)]
KINDS = [(BGCNBDk, 2), (BGCNBDk, 3), (MBGCNBDk, 2), (MBGCNBDk, 4)]
kinds = pytest.mark.parametrize(("kind", "k"), KINDS, ids=lambda v: getattr(v, "stem", str(v)))

X, SHARE, T = (
    v.reshape(-1) for v in np.meshgrid([0.0, 1.0, 9.0], [0.0, 0.4, 1.0], [0.0, 6.0, 300.0])
)
HISTORY = History(X, np.where(X > 0, (1 - SHARE) * T, 0.0), T, np.where(X > 0, 0.3 * X, 0.0))


@kinds
@pytest.mark.parametrize("params", PARAMS, ids=["usual", "scattered", "sharp"])
def test_likelihood_and_p_alive_to_60_digits(kind, k, params):
    model = kind(k)
    found = model.log_likelihood(params, HISTORY), model.p_alive(params, HISTORY)
    for i in range(len(X)):
        row = (float(X[i]), float(HISTORY.t_x[i]), float(T[i]), float(HISTORY.log_gaps[i]))
        log_likelihood, alive = exact.regular(params, k, model.at_first, *row)
        assert found[0][i] == pytest.approx(float(log_likelihood), rel=1e-12, abs=1e-12)
        assert found[1][i] == pytest.approx(float(alive), rel=1e-11)


@kinds
def test_the_future_to_60_digits(kind, k):
    """Orders, staying, lifetime and chances, as sums over stages and orders one by one."""
    model, params = kind(k), (1.3, 2.8, 0.6, 1.4)
    history = History(np.array([0.0, 2.0, 5.0]), np.array([0.0, 3.0, 20.0]), np.array([4.0, 9, 21]))
    for horizon in (0.01, 9.0):
        orders = model.expected_orders_alive(params, history, horizon)
        stays = model.survival_alive(params, history, horizon)
        life = model.expected_lifetime_alive(params, history, horizon)
        chance = model.order_probabilities_alive(params, history, horizon, 3)
        for i in range(3):
            row = (float(history.x[i]), float(history.t_x[i]), float(history.T[i]))
            true = exact.future(params, k, model.at_first, *row, horizon)
            assert orders[i] == pytest.approx(float(true.orders), rel=1e-11)
            assert stays[i] == pytest.approx(float(true.stays), rel=1e-11)
            assert life[i] == pytest.approx(float(true.life), rel=1e-11)
            np.testing.assert_allclose(chance[:, i], [float(p) for p in true.chances], 1e-11, 1e-20)


@pytest.mark.parametrize("horizon", [0.0, 0.01, 3.0, 39.0, 5e3, 1e7, np.inf])
def test_one_stage_is_the_model_without_rhythm(horizon):
    """1e-10 relative, also where orders are so many that their sum is an integral."""
    x, T = np.meshgrid([0.0, 1.0, 40.0, 10_000.0], [0.1, 40.0, 10_000.0])
    history = History(x, np.where(x > 0, 0.6 * T, 0.0), T)
    for new, old in ((BGCNBDk(1), BGNBD()), (MBGCNBDk(1), MBGNBD())):
        for params in ((0.6, 7.0, 0.9, 2.6), (0.02, 300.0, 0.02, 0.03), (40.0, 0.05, 60.0, 90.0)):
            for ask in ("expected_orders_alive", "expected_lifetime_alive", "survival_alive"):
                a, b = (getattr(m, ask)(params, history, horizon) for m in (new, old))
                np.testing.assert_allclose(a, b, rtol=1e-9, err_msg=ask)
            a, b = (m.order_probabilities_alive(params, history, horizon, 4) for m in (new, old))
            np.testing.assert_allclose(a, b, rtol=1e-12)
            a, b = (m.log_likelihood(params, history) for m in (new, old))
            np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize(
    "model", [BGNBD(), MBGNBD(), BGCNBDk(3), MBGCNBDk(2)], ids=lambda m: m.name
)
def test_nobody_stays_with_a_chance_above_one(model):
    x, T = (part.reshape(-1) for part in np.meshgrid(np.arange(60.0), np.linspace(0.1, 90, 60)))
    history = History(x, np.where(x > 0, 0.6 * T, 0.0), T)
    for params in ((0.6, 7.0, 0.9, 2.6), (0.02, 300.0, 0.02, 0.03), (40.0, 0.05, 60.0, 90.0)):
        for ahead in (0.0, 1e-12, 1e-6):
            assert (model.survival_alive(params, history, ahead) <= 1.0).all()


@pytest.mark.parametrize("k", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_sums_pass_smoothly_into_integrals(k):
    """Where the way of summing changes nothing jumps: second differences stay small."""
    model, params = MBGCNBDk(k), (0.7, 3.0, 0.8, 1.9)
    history = History(np.array([4.0]), np.array([20.0]), np.array([30.0]))
    horizon = np.geomspace(1e2, 1e4, 120)
    for ask in (model.expected_orders_alive, model.survival_alive, model.expected_lifetime_alive):
        values = np.log([ask(params, history, float(h))[0] for h in horizon])
        third = np.diff(values, 3)
        assert np.abs(third).max() < 2e-4
        assert np.abs(np.diff(third)).max() < 2e-5


@pytest.mark.parametrize(("kind", "k"), [(BGCNBDk, 3), (MBGCNBDk, 2)], ids=["bg", "mbg"])
def test_the_story_told_by_hand(kind, k):
    """Customers simulated gap by gap: those with one history have the future that is stated."""
    model, params, n = kind(k), (2.5, 4.0, 0.9, 2.6), 400_000
    rng = np.random.default_rng(4)
    rate, leaves = rng.gamma(params[0], 1 / params[1], n), rng.beta(*params[2:], n)
    last = rng.geometric(leaves) - int(model.at_first)
    times = np.cumsum(rng.gamma(k, 1.0, (n, 40)) / rate[:, None], axis=1)
    times[np.arange(40) >= last[:, None]] = np.inf
    x = (times <= 20.0).sum(1)
    final = np.where(x > 0, np.take_along_axis(times, np.maximum(x - 1, 0)[:, None], 1)[:, 0], 0.0)
    like = (x == 2) & (np.abs(final - 14.0) < 1.5)
    there = last > x
    history = History(np.array([2.0]), np.array([14.0]), np.array([20.0]))
    count = int(like.sum())
    alive = model.p_alive(params, history)[0]
    assert there[like].mean() == pytest.approx(alive, abs=4 / np.sqrt(count))
    here = like & there
    count = int(here.sum())
    assert count > 1500
    later = ((times[here] > 20.0) & (times[here] <= 35.0)).sum(1)
    expected = model.expected_orders_alive(params, history, 15.0)[0]
    assert later.mean() == pytest.approx(expected, abs=4 * later.std() / np.sqrt(count) + 0.01)
    none = model.order_probabilities_alive(params, history, 15.0, 0)[0, 0]
    assert (later == 0).mean() == pytest.approx(none, abs=2.5 / np.sqrt(count) + 0.01)


def test_silence_moves_the_next_order_closer_until_it_says_that_the_customer_is_slow():
    """A clock-like customer is due: the wait falls with the first silence, then rises."""
    model, params = MBGCNBDk(6), (60.0, 10.0, 0.4, 3.0)
    silence = np.linspace(0.0, 12.0, 60)
    history = History(np.full(60, 10.0), np.full(60, 10.0), 10.0 + silence)
    wait = model.next_order_alive(params, history, 0.5)
    assert wait.argmin() > 5
    assert wait[-1] > wait.min() * 1.05 or wait[-1] < wait[0]
    soon = model.expected_orders_alive(params, history, 0.2)
    assert soon.argmax() > 5


@pytest.mark.parametrize("k", [1, 2, 6, 12])
def test_the_next_order_is_where_silence_has_that_chance(k):
    """P(no order until the quantile, for who does not leave) is 1 minus its level."""
    model, params = BGCNBDk(k), (0.7, 3.0, 0.8, 1.9)
    x, t_x, T = 3.0, 12.0, 19.0
    for quantile in (0.001, 0.05, 0.5, 0.95, 0.999):
        wait = float(model.next_order_alive(params, History(x, t_x, T), quantile))
        chance = exact.silence(params, k, x, t_x, T, wait)
        assert float(1 - chance) == pytest.approx(quantile, rel=1e-10)


def test_extremes_are_finite():
    x = np.array([0.0, 3.0, 3000.0, 10_000.0, 10_000.0])
    T = np.array([3650.0, 0.5, 365.0, 3650.0, 10_000.0])
    t_x = np.array([0.0, 0.5, 364.0, 3649.0, 10.0])
    for k in (2, 12):
        for params in ((0.5, 10.0, 0.6, 11.0), (0.02, 1e-3, 50.0, 0.02), (300.0, 1e4, 0.01, 900.0)):
            history = History(x, t_x, T, 0.1 * x)
            model = MBGCNBDk(k)
            assert np.isfinite(model.log_likelihood(params, history)).all()
            alive = model.p_alive(params, history)
            assert ((alive >= 0) & (alive <= 1)).all()
            for horizon in (1e-6, 1.0, 1e4):
                orders = model.expected_orders_alive(params, history, horizon)
                assert (np.isfinite(orders) & (orders >= 0)).all()


def test_the_number_of_stages_is_bounded():
    with pytest.raises(InputError, match="cannot have 0 stages"):
        MBGCNBDk(0)
    with pytest.raises(InputError, match="1 to 12"):
        BGCNBDk(13)


def test_names_say_the_stages():
    assert (MBGCNBDk(3).name, MBGCNBDk(3).title) == ("mbg-cnbd-3", "MBG/CNBD-3")
    assert (BGCNBDk(open=True).name, BGCNBDk(open=True).title) == ("bg-cnbd-k", "BG/CNBD-k")
