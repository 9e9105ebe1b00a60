"""Acquisition on arrays: cumulative value, payback, what may be paid, and nothing counted twice."""

import numpy as np
import pytest

from regulars.valuation.acquisition import (
    SPLITS,
    at_months,
    bearable,
    cost_of_winning,
    curve,
    danger,
    difference,
    interval,
    payback,
)


def flows(per_customer, customers=1_000, noise=0.0, seed=0):
    """Flows (1, k, a) of customers who each bring `per_customer` at each age."""
    rng = np.random.default_rng(seed)
    people = np.full((1, SPLITS, len(per_customer)), customers / SPLITS)
    each = np.asarray(per_customer)[None, None, :] * np.ones((1, SPLITS, 1))
    return people * each * (1 + noise * rng.normal(size=(1, SPLITS, 1))), people


def nothing(shape):
    return np.zeros(shape)


class TestCurve:
    def test_it_is_the_sum_so_far(self):
        seen, people = flows([10.0, 5.0, 2.5])
        found = curve(seen, nothing(seen.shape), people, 0.0, np.zeros(1))
        assert found.value[0] == pytest.approx([10, 15, 17.5])
        assert found.variance[0] == pytest.approx([0, 0, 0], abs=1e-20)

    def test_its_sampling_error_is_that_of_a_mean(self):
        """1,000 customers whose values have a standard deviation of 30: error 30 / sqrt(1000)."""
        rng = np.random.default_rng(3)
        errors = []
        for _ in range(200):
            values = rng.normal(100, 30, 1_000)
            split = rng.permutation(1_000) % SPLITS
            seen = np.bincount(split, values, SPLITS).reshape(1, SPLITS, 1)
            people = np.bincount(split, minlength=SPLITS).reshape(1, SPLITS, 1).astype(float)
            found = curve(seen, nothing(seen.shape), people, 0.0, np.zeros(1))
            errors.append(found.variance[0, 0])
        assert np.mean(errors) == pytest.approx(900 / 1_000, rel=0.05)

    def test_what_is_expected_adds_what_all_share(self):
        seen, people = flows([10.0, 0.0])
        ahead, _ = flows([0.0, 4.0])
        found = curve(seen, ahead, people, 0.04, np.zeros(1))
        assert found.value[0] == pytest.approx([10, 14])
        assert found.coming[0] == pytest.approx([0, 4])
        assert found.variance[0] == pytest.approx([0, 0.04 * 16])

    def test_each_customers_luck_counts_less_in_a_large_group(self):
        ahead, people = flows([4.0], customers=100)
        small = curve(nothing(ahead.shape), ahead, people, 0.0, np.array([50.0]))
        ahead, people = flows([4.0], customers=10_000)
        large = curve(nothing(ahead.shape), ahead, people, 0.0, np.array([50.0]))
        assert small.variance[0, 0] == pytest.approx(50 * 4 / 100)
        assert large.variance[0, 0] == pytest.approx(50 * 4 / 10_000)

    def test_an_age_that_nobody_reached_is_not_known(self):
        seen, people = flows([10.0, 5.0, 0.0])
        people[:, :, 2] = 0
        found = curve(seen, nothing(seen.shape), people, 0.0, np.zeros(1))
        assert found.value[0, :2] == pytest.approx([10, 15])
        assert np.isnan(found.value[0, 2])

    def test_means_of_increments_when_customers_are_younger(self):
        """Half of the customers are old enough for the second month: its mean is over them."""
        seen, people = flows([10.0, 4.0])
        people[:, :, 1] /= 2
        seen[:, :, 1] /= 2
        found = curve(seen, nothing(seen.shape), people, 0.0, np.zeros(1))
        assert found.value[0] == pytest.approx([10, 14])


def test_months_since_the_first_order_count_the_last_by_half():
    values = np.array([[10.0, 15.0, 17.0, 18.0]])
    assert at_months(values, 1)[0] == 12.5
    assert at_months(values, 3)[0] == 17.5
    assert at_months(values, 0)[0] == 0.0


def test_payback_is_the_first_month_that_reaches_the_cost():
    values = np.array([[10.0, 15.0, 17.0], [1.0, 2.0, 3.0], [5.0, np.nan, np.nan]])
    assert payback(values, np.array([15.0, 9.0, 4.0])).tolist() == [1.0, np.inf, 0.0]
    blind = payback(values, np.array([np.nan, 0.5, 9.0]))
    assert np.isnan(blind[0])
    assert blind[1] == 0.0
    assert np.isnan(blind[2])  # not reached while anything is known


def test_the_cost_of_winning():
    spend, won = np.array([100_000, 0, 50_000]), np.array([4, 7, 0])
    assert cost_of_winning(spend, won).tolist()[0] == 2.5
    assert np.isnan(cost_of_winning(spend, won)[1])  # not known, which is not nothing
    assert np.isinf(cost_of_winning(spend, won)[2])


def test_cost_is_taken_off_once():
    """At break-even the difference is 0, and each unit of cost above it is lost once."""
    ltv, won = np.array([25.0]), np.array([40])
    most = bearable(ltv)
    spend = (most * won * 10_000).astype(np.int64)
    assert difference(ltv, won, spend).tolist() == [0.0]
    assert difference(ltv, won, spend + 10_000).tolist() == [-1.0]
    assert bearable(ltv, 3.0)[0] == pytest.approx(25 / 3)
    assert bearable(np.array([-4.0])).tolist() == [0.0]


def test_danger_by_sign_and_interval():
    value = np.array([5.0, -1.0, -9.0, np.nan])
    low, high = np.array([1.0, -6.0, -12.0, np.nan]), np.array([9.0, 4.0, -6.0, np.nan])
    assert danger(value, low, high, 0.9).tolist() == ["", "may lose", "loses", ""]


def test_danger_allows_for_how_many_rows_are_looked_at():
    """60 campaigns that break even: one of them `loses` by chance in at most 5 % of businesses."""
    rng = np.random.default_rng(0)
    wide = 1.6449
    alarms = 0
    for _ in range(400):
        value = rng.normal(0, 1, 60)
        alarms += "loses" in danger(value, value - wide, value + wide, 0.9).tolist()
    assert alarms / 400 < 0.08
    one = np.concatenate([[-4.0, -2.0], np.zeros(58)])
    found = danger(one, one - wide, one + wide, 0.9)
    assert found[:3].tolist() == ["loses", "may lose", ""]
    assert danger(one[1:2], one[1:2] - wide, one[1:2] + wide, 0.9).tolist() == ["loses"]


def test_danger_without_doubt_and_without_end():
    value = np.array([-1.0, 0.0, -np.inf, -np.inf])
    high = np.array([-1.0, 0.0, -2.0, 3.0])
    low = np.array([-1.0, 0.0, -np.inf, -np.inf])
    assert danger(value, low, high, 0.9).tolist() == ["loses", "", "may lose", "may lose"]
    assert danger(value[2:3], low[2:3], high[2:3], 0.9).tolist() == ["loses"]


def test_the_interval_is_symmetric_and_widens_with_its_level():
    value, variance = np.array([10.0]), np.array([4.0])
    low, high = interval(value, variance, 0.9)
    assert (low + high)[0] == pytest.approx(20)
    assert (high - low)[0] == pytest.approx(2 * 1.6449 * 2, rel=1e-4)
