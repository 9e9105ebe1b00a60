"""BG/NBD: the numbers of Fader, Hardie & Lee 2005 and of independent 60-digit arithmetic."""

from __future__ import annotations

import numpy as np
import pytest

from regulars.fitting.fit import fit
from regulars.models.base import History
from regulars.models.bg_nbd import BGNBD
from shared_data import cdnow

PUBLISHED = (0.243, 4.414, 0.793, 2.426)


def fitted():
    return fit("bg-nbd", cdnow().summary)


def test_cdnow_parameters_and_log_likelihood():
    """Fader, Hardie & Lee 2005, table 2: r .243, alpha 4.414, a .793, b 2.426, LL -9582.4.

    Tolerance: half of the last printed digit. The optimum to 1e-8 is from 60-digit arithmetic.
    """
    report = fitted().report
    found = tuple(report.parameters.values())
    assert found == pytest.approx(PUBLISHED, abs=0.0005)
    assert report.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert report.log_likelihood == pytest.approx(-9582.42920667, abs=1e-7)
    assert report.verdict == "converged"
    assert report.customers == 2357


def test_cdnow_expected_orders_of_one_customer():
    """Fader, Hardie & Lee 2005, section 5: E[Y(39)] = 1.226 for (2, 30.43, 38.86).

    Tolerance: half of the last printed digit.
    """
    x, t_x, T = np.array([2.0]), np.array([30.43]), np.array([38.86])
    alive = BGNBD().p_alive(PUBLISHED, History(x, t_x, T))
    expected = alive * BGNBD().expected_orders_alive(PUBLISHED, History(x, np.nan, T), 39.0)
    assert expected[0] == pytest.approx(1.226, abs=0.0005)


def test_cdnow_holdout():
    """39 weeks after the calibration: total 1653.4 and MAE .7855 against 1882 orders.

    Source: independent 60-digit arithmetic; tolerance: half of the last digit given.
    """
    data, model = cdnow(), fitted()
    s = data.summary
    x = s.repeat_orders.astype(float)
    alive = model.model.p_alive(model.params, History(x, s.last_order_age, s.age))
    expected = alive * model.model.expected_orders_alive(
        model.params, History(x, np.nan, s.age), 39.0
    )
    assert data.holdout.sum() == 1882
    assert expected.sum() == pytest.approx(1653.4, abs=0.05)
    assert np.abs(expected - data.holdout).mean() == pytest.approx(0.7855, abs=0.00005)


def test_a_heavy_buyer_does_not_overflow():
    """(200, 38, 40) at (.25, 4, .8, 2.5): LL 100.795693, P(alive) .022168.

    Source: 60-digit arithmetic; tolerance: half of the last digit given.
    """
    params, args = (0.25, 4.0, 0.8, 2.5), (np.array([200.0]), np.array([38.0]), np.array([40.0]))
    assert BGNBD().log_likelihood(params, History(*args))[0] == pytest.approx(100.795693, abs=5e-7)
    assert BGNBD().p_alive(params, History(*args))[0] == pytest.approx(0.022168, abs=5e-7)
