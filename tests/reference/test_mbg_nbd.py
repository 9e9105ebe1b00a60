"""MBG/NBD on CDNOW: the field's R package and independent 60-digit arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.models.base import History
from shared_data import cdnow


def fitted():
    return fit("mbg-nbd", cdnow().summary)


def test_cdnow_parameters_and_log_likelihood():
    """r .525, alpha 6.183, a .891, b 1.614, LL -9582.1 (half of the last digit).

    The optimum -9582.13571555 is from 60-digit arithmetic.
    """
    report = fitted().report
    found = tuple(report.parameters.values())
    assert found == pytest.approx((0.525, 6.183, 0.891, 1.614), abs=0.0005)
    assert report.log_likelihood == pytest.approx(-9582.13571555, abs=1e-7)


def test_cdnow_expected_orders_of_one_customer():
    """E[Y(39)] = 1.2627 for (2, 30.43, 38.86) at the optimum; 60-digit arithmetic.

    Not BG/NBD's 1.226, which some libraries' tests repeat here. Tolerance: half a digit.
    """
    model = fitted()
    x, t_x, T = np.array([2.0]), np.array([30.43]), np.array([38.86])
    alive = model.model.p_alive(model.params, History(x, t_x, T))
    expected = alive * model.model.expected_orders_alive(model.params, History(x, np.nan, T), 39.0)
    assert expected[0] == pytest.approx(1.2627, abs=0.00005)


def test_cdnow_holdout():
    """39 weeks after the calibration: total 1576.7 and MAE .7648; 60-digit arithmetic."""
    data, model = cdnow(), fitted()
    s = data.summary
    x = s.repeat_orders.astype(float)
    alive = model.model.p_alive(model.params, History(x, s.last_order_age, s.age))
    expected = alive * model.model.expected_orders_alive(
        model.params, History(x, np.nan, s.age), 39.0
    )
    assert expected.sum() == pytest.approx(1576.7, abs=0.05)
    assert np.abs(expected - data.holdout).mean() == pytest.approx(0.7648, abs=0.00005)
