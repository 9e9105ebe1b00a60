"""Intervals follow the expectation and hold what came as often as they say."""

import numpy as np
import pytest

from regulars.fitting.stack.conformal import LOWER, UPPER, calibrate, groups, place
from regulars.fitting.stack.intervals import moved


def test_a_lower_expectation_is_a_lower_chance_of_being_there():
    found = moved(np.array([0.8]), np.array([2.0]), np.array([1.0]))
    assert found.alive[0] == pytest.approx(0.4)
    assert found.stretch[0] == pytest.approx(1.0)


def test_what_exceeds_certainty_stretches_the_orders():
    found = moved(np.array([0.8]), np.array([2.0]), np.array([5.0]))
    assert found.alive[0] == 1
    assert found.stretch[0] == pytest.approx(2.0)


def test_the_mean_is_kept_whatever_sets_the_chance():
    alive, expected, wanted = np.array([0.3, 0.9]), np.array([0.6, 4.0]), np.array([0.9, 3.0])
    near = (np.array([0.2, 1.0]), np.array([0.1, 1.05]))
    found = moved(alive, expected, wanted, near)
    np.testing.assert_allclose(found.alive * found.stretch * expected / alive, wanted)


def test_nobody_who_left_for_certain_comes_back():
    found = moved(np.zeros(1), np.zeros(1), np.zeros(1))
    assert found.alive[0] == 0
    assert np.isfinite(found.stretch).all()


def test_groups_are_by_orders_and_by_being_there():
    found = groups(np.array([0, 0, 1, 2, 3, 9]), np.array([0.1, 0.9, 0.1, 0.9, 0.1, 0.9]))
    assert found.tolist() == [0, 1, 2, 3, 4, 5]


@pytest.fixture
def shop():
    """Poisson counts whose foretold quantiles are those of half as many orders."""
    rng = np.random.default_rng(9)
    rate = rng.gamma(1.5, 2.0, 8_000)
    actual = rng.poisson(rate).astype(float)
    draws = np.sort(rng.poisson(rate / 2, (400, len(rate))), axis=0).astype(float)

    def read(low, high):
        ends = [draws[min(int(q * 400), 399)] for q in (low, high)]
        return (ends[0] if low > 0 else np.zeros(len(rate))), ends[1]

    return actual, np.zeros(len(rate), dtype=np.int64), read


def test_marks_move_until_intervals_hold(shop):
    actual, group, read = shop
    marks = calibrate([place(actual, group, read)], 0.9)
    low, high = marks.of(group)
    assert (low == low[0]).all()
    inside = (read(low[0], high[0])[0] <= actual) & (actual <= read(low[0], high[0])[1])
    plain = (read(0.05, 0.95)[0] <= actual) & (actual <= read(0.05, 0.95)[1])
    assert plain.mean() < inside.mean()
    assert inside[actual > 0].mean() > 0.85
    assert high[0] > 0.95


def test_more_coverage_asks_for_wider_marks(shop):
    actual, group, read = shop
    placed = [place(actual, group, read)]
    narrow, wide = calibrate(placed, 0.5), calibrate(placed, 0.9)
    assert (narrow.high <= wide.high).all()
    assert (narrow.low >= wide.low).all()


def test_intervals_that_hold_too_often_begin_above_nothing():
    n = 2_000
    actual = np.where(np.arange(n) < 100, 0.0, 3.0)
    group = np.full(n, 5)

    def read(low, high):
        return np.full(n, 1.0 if low >= 0.1 else 0.0), np.full(n, 5.0)

    marks = calibrate([place(actual, group, read)], 0.9)
    assert 0.08 <= marks.nothing <= 0.2


def test_marks_rise():
    assert (np.diff(LOWER) > 0).all()
    assert (np.diff(UPPER) > 0).all()
