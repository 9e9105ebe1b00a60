"""Estimates keep their interval through sums and shares."""

import numpy as np
import pytest

from regulars.terms.answer import Estimate
from regulars.valuation.estimate import scaled, shifted, total_estimate


def test_the_total_is_the_mean_of_its_distribution():
    found = total_estimate(1_000.0, 0.04, 0.9)
    assert found.value == 1_000
    assert found.low == pytest.approx(1_000 * np.exp(-0.02 - 1.6448536 * 0.2))
    assert found.high == pytest.approx(1_000 * np.exp(-0.02 + 1.6448536 * 0.2))


@pytest.mark.parametrize("total", [0.0, float("inf"), float("nan"), -5.0])
def test_a_total_that_has_no_logarithm_has_no_interval(total):
    assert total_estimate(total, 0.04, 0.9).low is None


def test_a_loss_turns_the_interval_around():
    found = scaled(Estimate(100.0, 80.0, 130.0), -0.5)
    assert (found.value, found.low, found.high) == (-50, -65, -40)


def test_what_is_known_shifts_both_ends():
    found = shifted(Estimate(100.0, 80.0, 130.0), 10)
    assert (found.value, found.low, found.high) == (110, 90, 140)


def test_a_total_of_which_nothing_is_known_has_no_interval():
    assert total_estimate(1_000.0, 1.5, 0.9) == Estimate(1_000.0, None, None, 0.9)
