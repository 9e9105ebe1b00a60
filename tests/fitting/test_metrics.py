"""Metrics say how far expectations were off, and none of them alone."""

import numpy as np
import pytest

from regulars.fitting.metrics import order_metrics


def test_a_perfect_forecast_has_no_error():
    found = order_metrics(np.array([0.0, 1, 2]), np.array([0.0, 1, 2]))
    assert (found["bias"], found["mae"], found["rmse"]) == (0, 0, 0)
    assert found["deviance"] == pytest.approx(0, abs=1e-9)
    assert found["spearman"] == pytest.approx(1)


def test_the_deviance_is_the_poisson_one():
    found = order_metrics(np.array([0.0, 2.0]), np.array([0.5, 1.5]))
    assert found["deviance"] == pytest.approx((2 * 0.5 + 2 * (2 * np.log(2 / 1.5) - 0.5)) / 2)


def test_bias_is_that_of_the_total():
    assert order_metrics(np.array([1.0, 3]), np.array([3.0, 3]))["bias"] == pytest.approx(0.5)


def test_ranks_handle_ties_as_the_textbook_does():
    found = order_metrics(np.array([1.0, 1, 2, 3]), np.array([1.0, 2, 2, 4]))
    assert found["spearman"] == pytest.approx(0.8333333333)


def test_nobody_came_is_no_division_by_zero():
    found = order_metrics(np.zeros(3), np.full(3, 0.1))
    assert np.isnan(found["bias"])
    assert found["deviance"] == pytest.approx(0.2)
