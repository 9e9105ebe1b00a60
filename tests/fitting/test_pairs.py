"""Pairs stand for every customer exactly once."""

import numpy as np
import pytest

from regulars.fitting.pairs import pairs_of
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
