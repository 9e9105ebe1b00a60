"""Why revenue moved: effects that sum to the change, whatever the numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.valuation.change import SpanSums, log_mean, moved, spans_of, together

counts = st.integers(1, 10_000)
amounts = st.floats(0.01, 1e7)
spans = st.builds(
    lambda c, more, v: SpanSums(c, c + more, v), counts, st.integers(0, 9999), amounts
)
any_span = st.builds(
    SpanSums,
    st.integers(0, 3),
    st.integers(0, 5),
    st.integers(-(10**6), 10**6).map(lambda cents: cents / 100),
)


def effects(found) -> list[float]:
    return [factor.effect for factor in found.factors]


def test_the_definition_by_hand():
    """Ang (2004): L(V1, V0) ln(x1 / x0); V from 100 x 1.2 x 50 to 121 x 1.2 x 60."""
    found = moved("", SpanSums(100, 120, 6000), SpanSums(121, 145.2, 8712))
    weight = (8712 - 6000) / math.log(8712 / 6000)
    assert effects(found) == pytest.approx(
        [weight * math.log(1.21), 0.0, weight * math.log(1.2), 0.0], abs=1e-9
    )


@given(spans, spans)
def test_effects_sum_to_the_change(before, now):
    found = moved("", before, now)
    assert math.fsum(effects(found)) == pytest.approx(found.change, abs=1e-6 + 1e-9 * now.revenue)


@given(spans, spans)
def test_time_turned_around_turns_the_effects_around(before, now):
    there, back = effects(moved("", before, now)), effects(moved("", now, before))
    scale = before.revenue + now.revenue
    assert there == pytest.approx([-effect for effect in back], abs=1e-6 * scale)


@settings(max_examples=50)
@given(st.lists(st.tuples(any_span, any_span), min_size=1, max_size=6))
def test_sources_that_begin_end_or_only_refund_still_sum(parts):
    total = together("All", parts)
    assert math.fsum(effects(total)) == pytest.approx(total.change, abs=1e-6)
    assert all(math.isfinite(effect) for effect in effects(total))


def test_what_begins_is_due_to_its_customers_and_refunds_alone_to_nothing_else():
    nothing, sold = SpanSums(0, 0, 0), SpanSums(5, 6, 90)
    assert effects(moved("", nothing, sold)) == [90, 0, 0, 0]
    assert effects(moved("", sold, nothing)) == [-90, 0, 0, 0]
    assert effects(moved("", sold, SpanSums(0, 0, -30))) == [0, 0, 0, -120]


@pytest.mark.parametrize("a", [1e-8, 1.0, 1e12])
def test_the_logarithmic_mean_near_equality(a):
    assert log_mean(a, a) == a
    near = a * (1 + 1e-12)
    assert a * (1 - 1e-12) <= log_mean(a, near) <= near * (1 + 1e-12)


def test_chance_is_told_as_often_as_it_should_be():
    """Weeks of one and the same shop: about 90 % of changes lie within 1.645 standard errors."""
    rng = np.random.default_rng(5)
    inside = {"total": 0, "customers": 0, "orders each": 0, "order value": 0}
    rounds = 400
    for _ in range(rounds):
        pair = []
        for _ in range(2):
            n = rng.poisson(300)
            orders = 1 + rng.poisson(0.4, n).astype(float)
            revenue = np.array([rng.gamma(2, 25, int(o)).sum() for o in orders])
            pair += spans_of(np.zeros(n, np.int64), 1, orders, revenue)
        found = moved("", *pair)
        assert found.error is not None
        inside["total"] += abs(found.change) <= 1.645 * found.error
        for factor in found.factors[:3]:
            assert factor.error is not None
            inside[factor.name] += abs(factor.effect) <= 1.645 * factor.error
    for name, hits in inside.items():  # binomial: 0.9 +- 3 sd of 0.015
        assert hits / rounds == pytest.approx(0.9, abs=0.05), name


def test_sums_of_customers():
    place = np.array([0, 0, 1, 1])
    found = spans_of(place, 2, np.array([1.0, 2, 0, 3]), np.array([10.0, 30, -5, 60]))
    assert found[0] == SpanSums(2, 3, 40, 5, 1000, 70)
    assert found[1] == SpanSums(1, 3, 55, 9, 3625, 180)
