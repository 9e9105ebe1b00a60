"""The tracking plot's expectation is the sum over customers of what a new one would do."""

import numpy as np
import pytest

from regulars.fitting import fit
from regulars.fitting.tracking import expected_by_week
from regulars.models.base import History
from regulars.terms.summary import Summary


@pytest.fixture(scope="module")
def fitted():
    return fit("nbd", Summary.from_rfm([0, 1, 2, 5, 0], [0, 3, 5, 30, 0], [10, 20, 30, 40, 5]))


def test_weeks_add_up_to_each_customers_expectation(fitted):
    joined = np.array([3, 0, 2] + [0] * 20 + [5])
    weekly = expected_by_week(fitted, joined, weeks=5)
    ages = 34 - np.array([0, 2, 23])
    each = fitted.model.expected_orders_new(fitted.params, History.new(ages / 7))
    assert weekly.sum() == pytest.approx(float(np.array([3, 2, 5]) @ each))


def test_nobody_orders_before_joining(fitted):
    weekly = expected_by_week(fitted, np.array([0] * 14 + [100]), weeks=4)
    assert (weekly[:2] == 0).all()
    assert (weekly[2:] > 0).all()
