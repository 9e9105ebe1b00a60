"""Groups stand for every customer exactly once."""

import numpy as np
import pytest

from regulars.fitting.groups import histories_of, pairs_of
from regulars.terms.summary import Summary


@pytest.mark.parametrize("scale", [1 / 7, 0.123])
@pytest.mark.parametrize("most", [3, 5_000])
def test_every_customer_finds_their_own_pair(scale, most):
    rng = np.random.default_rng(0)
    x = rng.integers(0, most, 500)
    age = rng.integers(1, 2_000, 500) * scale
    summary = Summary.from_rfm(x, np.where(x > 0, age / 2, 0), age)
    pairs = pairs_of(summary)
    assert (pairs.x[pairs.index] == x).all()
    assert pairs.age[pairs.index] == pytest.approx(age, rel=1e-12)


def test_equal_pairs_are_one_when_time_is_in_whole_days():
    summary = Summary.from_rfm([1, 1, 2], [1, 2, 1], [5, 5, 5])
    assert len(pairs_of(summary).x) == 2


@pytest.mark.parametrize("scale", [1 / 7, 0.123])
@pytest.mark.parametrize("most", [3, 5_000])
def test_every_customer_finds_their_own_history(scale, most):
    rng = np.random.default_rng(1)
    x = rng.integers(0, most, 500)
    age = rng.integers(2, 2_000, 500)
    last = np.where(x > 0, rng.integers(1, age), 0)
    summary = Summary.from_rfm(x, last * scale, age * scale)
    found = histories_of(summary)
    assert (found.x[found.index] == x).all()
    assert found.age[found.index] == pytest.approx(age * scale, rel=1e-12)
    assert found.last_order_age[found.index] == pytest.approx(last * scale, rel=1e-12)


def test_equal_histories_are_one_when_time_is_in_whole_days():
    summary = Summary.from_rfm([1, 1, 2, 1], [1, 2, 1, 1], [5, 5, 5, 5])
    assert len(histories_of(summary).last_order_age) == 3
