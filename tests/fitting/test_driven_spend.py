"""What moves spend: drivers nested in the plain model, and the test of independence."""

import numpy as np
import pytest

from regulars.fitting.spend import frequency_link
from regulars.fitting.spend.driven import SPEND_MODELS, Driven, order_value, parts
from regulars.fitting.spend.drivers import Drivers, FirstOrder
from regulars.fitting.target import LogLikelihood
from regulars.models.nbd import NBD
from regulars.terms.errors import DataError, ModelError
from regulars.terms.summary import Summary

PARAMS = {"gamma-gamma": (6.25, 3.74, 15.44), "log-normal-spend": (26.0, 0.3, 0.25)}
both = pytest.mark.parametrize("name", sorted(PARAMS))


def sample(n=400, seed=0, weight=True):
    rng = np.random.default_rng(seed)
    x = np.minimum(rng.negative_binomial(0.4, 0.08, n), 60)
    spend = np.where(x > 0, rng.gamma(6.0, 5.0, n), 0.0)
    first = rng.gamma(2.0, 15.0, n)
    first[::11] = 0.0
    return Summary(
        x,
        np.where(x > 0, 3.0, 0.0),
        np.full(n, 9.0),
        spend,
        weight=rng.integers(1, 5, n) if weight else None,
        first_spend=first,
    )


def driven(name, summary):
    return Driven(SPEND_MODELS[name], Drivers(orders=True, first=FirstOrder.of(summary)))


@both
def test_with_factors_of_1_it_is_the_plain_model(name):
    summary = sample()
    model, plain = driven(name, summary), SPEND_MODELS[name]
    params = (*PARAMS[name], 1.0, 1.0)
    found = LogLikelihood(model, summary).value(np.log(params))
    alone = LogLikelihood(plain, summary).value(np.log(PARAMS[name]))
    assert found == pytest.approx(alone, rel=1e-12)
    x, mean = summary.repeat_orders.astype(float), summary.mean_spend
    np.testing.assert_array_equal(
        order_value(model, params, x, mean, summary.first_spend),
        plain.expected_spend(PARAMS[name], x, mean),
    )


@both
def test_gradient_and_hessian_agree_with_differences(name):
    summary = sample()
    target = LogLikelihood(driven(name, summary), summary)
    point = np.log((*PARAMS[name], 1.4, 0.8))
    here = target.evaluate(point)
    assert here.finite
    for i, step in enumerate(np.eye(len(point)) * 1e-5):
        above, below = target.evaluate(point + step), target.evaluate(point - step)
        slope = (above.value - below.value) / 2e-5
        assert here.gradient[i] == pytest.approx(slope, rel=1e-6, abs=1e-4)
        bend = (above.gradient - below.gradient) / 2e-5
        np.testing.assert_allclose(here.hessian[i], bend, rtol=1e-6, atol=1e-3)


@both
def test_a_first_order_twice_as_large_scales_what_is_expected_of_a_new_customer(name):
    summary = sample()
    model, first = driven(name, summary), FirstOrder.of(summary)
    values = np.array([first.typical, 2 * first.typical])
    params = (*PARAMS[name], 1.4, 0.8)
    found = order_value(model, params, np.zeros(2), np.zeros(2), values)
    assert found[1] / found[0] == pytest.approx(1.4)


@both
def test_no_order_is_worth_less_than_nothing_or_more_than_can_be_counted(name):
    model = driven(name, sample())
    x = np.array([0.0, 1.0, 3.0, 1e6])
    for mean in (-50.0, 0.0, 1e-9, 1e12):
        for first in (-5.0, 1e-9, 1e12):
            params = (*PARAMS[name], 1.4, 0.8)
            found = order_value(model, params, x, np.full(4, mean), np.full(4, first))
            assert np.isfinite(found).all()
            assert (found > 0).all() or mean <= 0
            assert (found >= 0).all()


def test_first_orders_are_held_within_what_was_seen():
    summary = sample(3_000, weight=False)
    first = FirstOrder.of(summary)
    found = first.doublings(np.array([1e-9, first.low, first.typical, first.high, 1e30, 0.0, -3.0]))
    assert found[0] == found[1] < 0 < found[3] == found[4]
    np.testing.assert_allclose(found[[2, 5, 6]], 0.0, atol=1e-12)


def test_without_first_orders_or_with_all_alike_there_is_no_driver():
    plain = sample()
    alike = Summary(
        plain.repeat_orders,
        plain.last_order_age,
        plain.age,
        plain.mean_spend,
        first_spend=np.full(len(plain), 7.0),
    )
    assert FirstOrder.of(alike) is None
    assert FirstOrder.of(Summary.from_rfm([1], [1], [2], [3.0])) is None
    assert FirstOrder.of(Summary.from_rfm([0], [0], [2], [0.0], first_spend=[3.0])) is None


def test_a_model_of_orders_says_nothing_of_spend():
    with pytest.raises(ModelError, match="nothing of spend"):
        parts(NBD())
    with pytest.raises(DataError):
        Driven(SPEND_MODELS["gamma-gamma"], Drivers()).prepare(Summary.from_rfm([1], [1], [2]))


def linked(n, slope, seed, tail=0.8):
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.3, n)
    level = slope * np.log2(1.0 + x) + 0.5 * rng.standard_normal(n)
    noise = np.exp(level + tail * rng.standard_normal(n) / np.sqrt(x))
    return Summary.from_rfm(x, np.ones(n), np.full(n, 9.0), noise * 30)


def test_the_link_is_found_with_its_size():
    """E[mean | x] is 30 exp(0.3 log2(1 + x)) times exp(0.02 / x), which hardly bends it."""
    link = frequency_link(linked(8_000, 0.3, 1, tail=0.2))
    assert link.present
    assert link.low < np.exp(0.3) < link.high
    assert link.factor == pytest.approx(np.exp(0.3), rel=0.04)
    assert "more an order" in link.sentence()
    assert frequency_link(linked(8_000, -0.3, 1, tail=0.2)).factor < 0.8


def test_without_a_link_it_is_seldom_claimed_even_under_a_heavy_tail():
    """Gamma values whose customer scales have no variance (tail index 1.5), 200 samples."""
    claims = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.geometric(0.3, 400)
        spend = rng.gamma(4.0 * x) / (4.0 * x) / rng.gamma(1.5, size=400)
        summary = Summary.from_rfm(x, np.ones(400), np.full(400, 9.0), spend)
        claims += frequency_link(summary).present
    assert claims <= 12


def test_the_link_weighs_rows_as_repeated_ones_and_needs_counts_that_vary():
    plain = linked(60, 0.2, 3)
    weight = np.random.default_rng(4).integers(1, 4, 60)
    many = frequency_link(plain.select(np.repeat(np.arange(60), weight)))
    once = frequency_link(
        Summary(
            plain.repeat_orders, plain.last_order_age, plain.age, plain.mean_spend, weight=weight
        )
    )
    assert once.factor == pytest.approx(many.factor, rel=1e-9)
    assert once.p_value == pytest.approx(many.p_value, rel=1e-6)
    same = Summary.from_rfm([2, 2, 2], [1, 1, 1], [2, 2, 2], [3.0, 4.0, 5.0])
    assert frequency_link(same) is None
    assert frequency_link(Summary.from_rfm([2], [1], [2])) is None
