"""Gain against cost: exact where it can be worked out by hand, and right in the extremes."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.terms.decision import DO, DO_NOT, UNCERTAIN, Effect, Range, read_measured
from regulars.terms.errors import InputError
from regulars.valuation.decision import (
    Price,
    Stake,
    points_lift,
    scaled_lift,
    size_of_test,
    triangle,
    weigh,
)

ALIVE, WORTH = np.array([0.9, 0.5, 0.2]), np.array([100.0, 50.0, 10.0])


def sure(value: float) -> Range:
    return Range(value, value, value)


def stake(**changed) -> Stake:
    plain = {
        "customers": 1000,
        "lift": scaled_lift(50_000.0),
        "most": 1.0,
        "variance": 0.0,
        "level": 0.9,
        "curve": np.linspace(0.1, 1, 10),
        "spread": 0.5,
    }
    return Stake(**{**plain, **changed})


def price(unit=3.0, fixed=500.0, reach=1.0) -> Price:
    as_range = [v if isinstance(v, Range) else sure(v) for v in (unit, fixed, reach)]
    return Price(*as_range)


def weighed(a_stake, a_price, effect, **changed):
    return weigh(a_stake, a_price, effect, **{"draws": 4000, "seed": 0, "risk": 0.1, **changed})


@pytest.mark.parametrize(
    ("effect", "gain"),
    [(0.0, 0.0), (0.05, 8.0), (0.3, 0.1 * 100 + 0.3 * 60), (1.0, 10 + 25 + 8), (-0.3, -47.0)],
)
def test_points_of_p_alive_stop_at_certainty(effect, gain):
    """By hand: sum of min(effect, 1 - p) x worth; downwards sum of min(effect, p) x worth."""
    assert points_lift(ALIVE, WORTH)(np.array([effect]))[0] == pytest.approx(gain)


def test_all_known_is_plain_arithmetic():
    found = weighed(stake(), price(), Effect("orders", sure(0.1)))
    assert found.gain.value == pytest.approx(5000)
    assert found.cost.value == pytest.approx(3500)
    assert found.net.value == pytest.approx(1500)
    assert found.p_loss == 0
    assert found.break_even_effect == pytest.approx(0.07)
    assert found.break_even_cost == pytest.approx(4.5)
    assert found.payback_month == 7  # 5,000 x 0.7 is the cost to the penny
    assert found.perfect == pytest.approx(0, abs=1e-9)
    assert found.swings == ()
    assert found.verdict == DO


def test_expectation_and_interval_of_a_triangle():
    """Mean (a + b + c) / 3; quantiles from the distribution's closed form."""
    found = weighed(stake(), price(0, 0), Effect("orders", Range(0.0, 0.06, 0.12)), draws=20_000)
    assert found.gain.value == pytest.approx(3000, rel=1e-6)
    assert found.gain.low == pytest.approx(50_000 * math.sqrt(0.05 * 0.12 * 0.06), rel=1e-3)
    assert triangle(Range(0, 0, 1), np.array([0.5]))[0] == pytest.approx(1 - math.sqrt(0.5))
    assert triangle(Range(0, 1, 1), np.array([0.25]))[0] == pytest.approx(0.5)


def test_a_measured_effect_is_normal_and_its_loss_is_the_tail():
    effect = Effect("orders", Range(0.05, 0.1, 0.15), 0.02)
    found = weighed(stake(), price(), effect, draws=20_000)
    assert found.p_loss == pytest.approx(NormalDist(0.1, 0.02).cdf(0.07), abs=2e-4)
    # unit normal loss integral (Raiffa & Schlaifer 1961): EVPI = s (pdf(d) - d (1 - cdf(d)))
    d = (0.1 - 0.07) / 0.02
    loss = NormalDist().pdf(d) - d * (1 - NormalDist().cdf(d))
    assert found.perfect == pytest.approx(50_000 * 0.02 * loss, rel=0.01)


def test_no_draw_of_a_measured_effect_takes_more_than_there_is():
    """Of 50,000 that -50 % +- 60 % would scale, a draw below -100 % still takes 50,000."""
    wide = Effect("orders", Range(-1.5, -0.5, 0.5), standard_error=0.6)
    found = weighed(stake(level=0.999), price(), wide)
    assert found.gain.low == pytest.approx(-50_000)


def test_doubt_about_the_margin_is_carried_and_keeps_its_mean():
    found = weighed(stake(variance=0.09), price(0, 0), Effect("orders", sure(0.1)), draws=20_000)
    assert found.gain.value == pytest.approx(5000, rel=2e-3)
    z = NormalDist().inv_cdf(0.95) * 0.3
    assert found.gain.low == pytest.approx(5000 * math.exp(-0.045 - z), rel=2e-3)
    assert [swing.name for swing in found.swings] == ["Margin of the customers"]


def test_a_tornado_turns_one_input_at_a_time_and_the_widest_comes_first():
    a_price = price(Range(2, 3, 4), Range(0, 500, 1000), Range(0.8, 0.9, 1.0))
    found = weighed(stake(variance=0.01), a_price, Effect("orders", Range(0.05, 0.1, 0.2)))
    widths = [swing.width for swing in found.swings]
    assert widths == sorted(widths, reverse=True)
    swings = {swing.name: swing for swing in found.swings}
    assert swings["Effect"].net_low == pytest.approx(0.05 * 0.9 * 50_000 - 3500)
    assert swings["Cost per customer"].net_high == pytest.approx(0.1 * 0.9 * 50_000 - 4500)
    assert swings["Cost per customer"].net_low > swings["Cost per customer"].net_high
    assert swings["Fixed cost"].width == pytest.approx(1000)
    assert found.middle == pytest.approx(0.1 * 0.9 * 50_000 - 3500)


@pytest.mark.parametrize(
    ("size", "verdict"),
    [((0.1, 0.12, 0.14), DO), ((0.0, 0.01, 0.02), DO_NOT), ((0.0, 0.07, 0.2), UNCERTAIN)],
)
def test_the_verdict(size, verdict):
    assert weighed(stake(), price(), Effect("orders", Range(*size))).verdict == verdict


def test_an_effect_that_cannot_pay_has_no_break_even():
    found = weighed(stake(), price(unit=100), Effect("churn", sure(0.5)))
    assert found.break_even_effect is None
    assert found.payback_month is None
    assert found.test_size is None
    assert found.verdict == DO_NOT
    endless = weighed(stake(most=math.inf), price(unit=100), Effect("orders", sure(0.5)))
    assert endless.break_even_effect == pytest.approx(100_500 / 50_000)


def test_size_of_a_test_by_the_textbook():
    """Two proportions near one half, ten points apart: 2 x 309.1 a side (one-sided 5 %, 80 %)."""
    z = NormalDist().inv_cdf(0.95) + NormalDist().inv_cdf(0.8)
    each = 2 * 0.25 * z**2 / 0.1**2
    assert each == pytest.approx(309.1, abs=0.1)
    assert size_of_test(0.5, 1.0, 0.2, 0.1) == 2 * math.ceil(each)
    assert size_of_test(0.5, 0.5, 0.2, 0.1) == pytest.approx(4 * 2 * each, rel=1e-2)
    assert size_of_test(0.5, 1.0, 0.1, 0.1) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e6)), min_size=1, max_size=20),
    st.floats(-1, 1),
    st.floats(-1, 1),
)
def test_a_lift_never_falls_with_the_effect(customers, a, b):
    lift = points_lift(*(np.array(column) for column in zip(*customers, strict=True)))
    low, high = lift(np.array(sorted((a, b))))
    assert low <= high + 1e-6 * abs(high)


@settings(max_examples=30, deadline=None)
@given(
    st.floats(0, 2), st.floats(-0.5, 0.5), st.floats(0, 1e5), st.floats(0, 1e6), st.integers(0, 9)
)
def test_nothing_is_ever_nan(variance, effect, unit, fixed, seed):
    found = weighed(
        stake(variance=variance),
        price(unit, fixed),
        Effect("orders", Range(effect - 0.1, effect, effect + 0.1)),
        draws=200,
        seed=seed,
    )
    numbers = [found.net.value, found.net.low, found.net.high, found.p_loss, found.perfect]
    assert np.isfinite(numbers).all()
    assert 0 <= found.p_loss <= 1
    assert found.perfect >= -1e-6 * (abs(found.net.value) + found.cost.value)


def test_the_seed_decides():
    effect = Effect("orders", Range(0.0, 0.07, 0.2))
    a, b = (weighed(stake(variance=0.1), price(), effect, seed=4) for _ in range(2))
    assert a.net == b.net


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5%..15%", (0.05, 0.1, 0.15)),
        ("5%..8%..15%", (0.05, 0.08, 0.15)),
        ("3", (3, 3, 3)),
        ("-1%..1%", (-0.01, 0, 0.01)),
    ],
)
def test_ranges_as_people_write_them(text, found):
    size = Range.of(text, "It")
    assert (size.low, size.mid, size.high) == pytest.approx(found)


@pytest.mark.parametrize("text", ["", "a lot", "15%..5%", "1..2..3..4", "nan", "1e5", "5%...6%"])
def test_what_is_no_range_is_said(text):
    with pytest.raises(InputError, match="Write"):
        Range.of(text, "It")


@pytest.mark.parametrize("text", ["10%±2%", "10% +- 2%", "0.1 ± 0.02", "10±2%", (0.1, 0.02)])
def test_estimates_with_their_error(text):
    assert read_measured(text) == pytest.approx((0.1, 0.02))


@pytest.mark.parametrize("text", ["10%", "10%±0%", "±", (0.1, float("nan"))])
def test_an_estimate_without_its_error_is_refused(text):
    with pytest.raises(InputError, match="±"):
        read_measured(text)
